package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// slow is a provider that answers with the facts. While it is asked, something else happens, once.
type slow struct {
	payment.Gateway
	facts []payment.Facts
	while func()
}

func (s *slow) Look(context.Context, payment.ID) ([]payment.Facts, error) {
	// Take the step out first: it may ask this provider itself.
	if step := s.while; step != nil {
		s.while = nil
		step()
	}
	return s.facts, nil
}

// overtaken is a store in which something happens after a decision was read, once.
type overtaken struct {
	Store
	then func()
}

func (o *overtaken) LoadDecision(ctx context.Context, subject refund.Subject) (refund.Snapshot, error) {
	snapshot, err := o.Store.LoadDecision(ctx, subject)
	// The step runs once, on the first read. The repeat that it forces must meet a quiet store.
	if step := o.then; step != nil && err == nil {
		o.then = nil
		step()
	}
	return snapshot, err
}

// fieldOf returns the field that a refusal names, "" for none.
func fieldOf(err error) string {
	var refusal *fault.Error
	// A refusal without a field refuses the whole request.
	if !errors.As(err, &refusal) {
		return ""
	}
	return refusal.Field
}

var overtakeStories = map[string]func(*testing.T, *World){
	"of two who ask the provider about one claim, the first one's verdict stands": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		facts := w.Paid(w.Payment("a"), alice)
		checkout := payment.ID("cs_" + w.suffix)
		id := w.Claims(policy.KindNotCredited, alice, checkout)
		// Each decider has a provider of its own, so that the outer one can be overtaken in the
		// midst of its look-up.
		decide := func(gateway *slow) {
			d := w.Decider()
			d.Gateways = []payment.Gateway{gateway}
			require.NoError(t, again(func() error { return d.Decide(w.ctx(), requested(id), w.Now) }))
		}
		// While the first asks the provider, the second asks and commits. The first is then stale
		// and finds the verdict.
		decide(&slow{facts: []payment.Facts{facts}, while: func() { decide(&slow{facts: []payment.Facts{facts}}) }})
		w.WantVerdict(id, refund.StateApproved, "G2.1")
		w.WantAvailable(alice, 50)
		w.WantLaws(alice)
	}),
	"a plain yes to a claim that the webhook overtook gives no credits on top": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("a")
		id := w.Claims(policy.KindNotCredited, alice, paymentID)
		w.Deliver()
		// The webhook credits the purchase between the claim and the ruling.
		w.Receives(w.Paid(paymentID, alice))
		_, err := w.rule(id, w.ruling(policy.OutcomeApproved))
		require.Equal(t, []any{fault.KindInvalid, "remedy"}, []any{fault.KindOf(err), fieldOf(err)})
		w.Rules(id, policy.OutcomeDeclined)
		w.Deliver()
		w.WantAvailable(alice, 50)
	}),
	"a claim that comes too late is credited by what its provider knows, and by a plain yes not once more": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		facts := w.Paid(w.Payment("a"), alice)
		w.Misses(facts)
		// 31 days later the window for such claims has passed, so a person decides, but the credits
		// are due all the same.
		w.Pass(31 * 24 * time.Hour)
		id := w.Claims(policy.KindNotCredited, alice, facts.Payment)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "G2.1")
		w.WantAvailable(alice, 50)
		_, err := w.rule(id, w.ruling(policy.OutcomeApproved))
		require.Equal(t, "remedy", fieldOf(err))
	}),
	"what was told while the case followed its money stays told": inGoopter(func(t *testing.T, w *World) {
		_, second, id := twice(w, w.Customer("alice"))
		w.Pays()
		w.Lose()
		d := w.Decider()
		// The notice goes out between the decider's read and its commit. The commit must not bring
		// it back.
		d.Store = &overtaken{Store: w.Store, then: func() { w.Notifies(id, w.CaseOf(id).Notice) }}
		require.NoError(t, again(func() error { return d.Decide(w.ctx(), message.NewPaymentRequested(string(second)), w.Now) }))
		c := w.CaseOf(id)
		require.Equal(t, refund.StateClosed, c.State)
		require.False(t, c.Todo.Has(todo.StepNotice))
		require.Equal(t, w.Now, c.NotifiedAt)
	}),
}
