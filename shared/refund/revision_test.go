package refund_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
)

// changed is unruled until 2 March, and declines everything by X2 from then on.
func changed() (refund.Policy, error) {
	first, err := policyfile.Parse("first.yaml", minimal)
	if err != nil {
		return nil, err
	}
	text := bytes.Replace(minimal, []byte("rules: {}"), []byte(`rules:
  technical_failure: [{clause: X2, answer: declined}]
  bad_result: [{clause: X2, answer: declined}]
  change_of_mind: [{clause: X2, answer: declined}]`), 1)
	second, err := policyfile.Parse("second.yaml", bytes.Replace(text, []byte("revision: 2026-03-01"), []byte("revision: 2026-03-02"), 1))
	if err != nil {
		return nil, err
	}
	return policy.New(first, second)
}

func TestACaseIsJudgedByTheRevisionInForceWhenItsMatterWas(t *testing.T) {
	after := noon.Add(24 * time.Hour)
	finished := func(at time.Time) *shelf { return made(1, func(g *generation.Generation) { g.Result.FinishedAt = at }) }
	failedAt := func(at time.Time) *shelf {
		return failed(generation.CausePlatform, func(g *generation.Generation, _ *ledger.Wallet) { g.Result.FinishedAt = at })
	}
	overdue := func(startedAt time.Time) *shelf {
		return failed(generation.CausePlatform, func(g *generation.Generation, _ *ledger.Wallet) {
			g.State, g.Result, g.Hash, g.StartedAt, g.Deadline = generation.StateHeld, nil, "", startedAt, after
		})
	}
	paid := func(at time.Time) *shelf {
		return claimed(t, policy.KindChangeOfMind, granted("pi_1", func(p *payment.Payment) {
			p.Purchase.PaidAt, p.Purchase.Package = at, "ten"
		}))
	}
	for name, c := range map[string]struct {
		shelf *shelf
		state refund.State
	}{
		"a result that came before":              {finished(noon), refund.StateInReview},
		"a result that came after":               {finished(after), refund.StateDeclined},
		"a failure before":                       {failedAt(noon), refund.StateInReview},
		"a failure after":                        {failedAt(after), refund.StateDeclined},
		"overdue after, but started before":      {overdue(noon), refund.StateInReview},
		"overdue, and started after":             {overdue(after), refund.StateDeclined},
		"a purchase paid before":                 {paid(noon), refund.StateInReview},
		"a purchase paid after":                  {paid(after), refund.StateDeclined},
		"a purchase of an unknown, claimed late": {claimed(t, policy.KindOutage, nil), refund.StateInReview},
	} {
		if c.shelf.found.Generation != nil {
			request := message.NewTechnicalFailure(string(c.shelf.found.Generation.ID), message.ReasonOverdue)
			if c.shelf.found.Generation.State == generation.StateCaptured {
				_, err := c.shelf.file(t, c.shelf.reported(0, "k"), after)
				require.NoError(t, err, name)
				c.shelf.looked()
			} else {
				c.shelf.requests = append(c.shelf.requests, request)
			}
		}
		decider := refund.Decider{Store: c.shelf, Notices: c.shelf, Policy: must(changed())}
		require.NoError(t, decider.Decide(t.Context(), c.shelf.requests[0], after.Add(time.Hour)), name)
		require.Equal(t, c.state, c.shelf.found.Case.State, name)
	}
}
