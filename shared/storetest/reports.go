package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// caseIn returns the case that an error names, "" when it names none.
func caseIn(err error) string {
	var e *fault.Error
	// A refused request tells its caller which case answers it already.
	if errors.As(err, &e) {
		return e.Case
	}
	return ""
}

var reportStories = map[string]func(*testing.T, *World){
	"a report opens one case, and a replay gets the first answer though it is decided meanwhile": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		report := w.report(w.Generated(alice, 1), 0)
		first, err := w.file(report)
		require.NoError(t, err)
		require.Equal(t, refund.StateReceived, first.State)
		c := w.CaseOf(first.Case)
		require.Equal(t, refund.ReportCaseID(report.Generation, 0), c.ID)
		require.Equal(t, &report.Statement, c.Statement)
		require.Equal(t, string(report.Generation), c.Generation)
		require.Equal(t, []refund.Event{{At: w.Now, State: refund.StateReceived, Actor: ledger.ActorCustomer}}, c.History)
		require.True(t, c.Todo.Has(todo.StepAssess))
		w.Deliver()
		w.WantVerdict(first.Case, refund.StateInReview, "R8")
		// Forty days later and decided, the replay still gets the first answer: received.
		w.Pass(40 * day)
		replay, err := w.file(report)
		require.NoError(t, err)
		require.Equal(t, refund.Opened{Case: first.Case, State: refund.StateReceived, Replayed: true}, replay)
		require.Zero(t, w.Deliver(), "a decided case is asked about no more")
		w.WantLaws(alice)
	},
	"a replay of a report that is not decided asks again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		report := w.report(w.Generated(alice, 1), 0)
		_, err := w.file(report)
		require.NoError(t, err)
		// The message is lost. A replay sends it again, for the case is not decided yet.
		w.Lose()
		_, err = w.file(report)
		require.NoError(t, err)
		require.Equal(t, 1, w.Deliver())
		w.WantVerdict(refund.ReportCaseID(report.Generation, 0), refund.StateInReview, "R8")
	},
	"a second report of one output is refused with its case, another input under the same key too": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		report := w.report(w.Generated(alice, 2), 0)
		first, err := w.file(report)
		require.NoError(t, err)
		// One output has one case, whatever the key; the refusal names it.
		second := report
		second.Key = w.Key()
		_, err = w.file(second)
		require.Equal(t, fault.CodeAlreadyReported, fault.CodeOf(err))
		require.Equal(t, string(first.Case), caseIn(err))
		other := report
		other.Statement.Description = "four hands"
		_, err = w.file(other)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
		require.Equal(t, "three hands", w.CaseOf(first.Case).Statement.Description)
		require.NotEqual(t, first.Case, w.Reports(report.Generation, 1), "the other output is a matter of its own")
	},
	"a case that exists is returned as it stands and not written": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Reports(w.Generated(alice, 1), 0)
		w.Deliver()
		current := w.CaseOf(id)
		// OpenCase must return what is there and not write over it.
		rival := *current
		rival.State, rival.Decision, rival.Statement = refund.StateReceived, nil, &refund.Statement{Description: "another"}
		var c *refund.Case
		require.NoError(t, again(func() (err error) {
			c, err = w.Store.OpenCase(w.ctx(), rival)
			return err
		}))
		require.Equal(t, current, c)
		require.Equal(t, current, w.CaseOf(id))
	},
	"an approved report gives one output's credits back to their lot, once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		lot := w.Grants(alice, 20)
		id := w.Generated(alice, 3)
		w.WantAvailable(alice, 8)
		// The lot lives on, so its credits go back to it.
		caseID := w.Refunds(id, 1)
		w.WantVerdict(caseID, refund.StateApproved, "R2")
		w.WantAvailable(alice, 12)
		g := w.Generation(id)
		require.Equal(t, generation.StateCaptured, g.State)
		require.Equal(t, ledger.Credits(4), g.Refunded)
		c := w.CaseOf(caseID)
		require.Equal(t, &refund.Returned{Restored: 4}, c.Returned)
		require.Equal(t, ledger.Credits(4), c.Decision.Remedy.Credits())
		require.Equal(t, c.Decision.Notice, c.Notice)
		back, _ := w.Wallet(alice).Lot(lot.ID)
		require.Equal(t, ledger.Credits(12), back.Remaining)
		w.Pass(time.Second)
		// Two more requests for a decided case do nothing.
		for _, request := range []refund.CaseID{caseID, caseID} {
			require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(request), w.Now) }))
		}
		w.WantAvailable(alice, 12)
		require.Equal(t, c, w.CaseOf(caseID))
		w.WantLaws(alice)
	},
	"every output given back makes the generation refunded, and no output gives back twice": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 12)
		id := w.Generated(alice, 3)
		for output := range 3 {
			w.Refunds(id, output)
			w.Pass(time.Second)
		}
		w.WantState(id, generation.StateRefunded)
		require.Equal(t, ledger.Credits(12), w.Generation(id).Refunded)
		w.WantAvailable(alice, 12)
		w.WantLaws(alice)
	},
	"two outputs' verdicts at once give back both": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		id := w.Generated(alice, 2)
		cases := []refund.CaseID{w.Reports(id, 0), w.Reports(id, 1)}
		w.Deliver()
		for _, c := range cases {
			w.Rules(c, policy.OutcomeApproved)
		}
		// Both verdicts write the generation and the wallet. One of them meets the other and is
		// repeated.
		require.Equal(t, 2, atOnce(t, 2, fault.KindBusy, func(i int) error {
			return w.Decider().Decide(w.ctx(), requested(cases[i]), w.Now)
		}))
		w.WantState(id, generation.StateRefunded)
		w.WantAvailable(alice, 8)
		require.Len(t, w.snapshot(refund.Subject{Case: cases[0]}).Recent, 2)
		w.WantLaws(alice)
	},
	"a report whose message was lost is asked about again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Reports(w.Generated(alice, 1), 0)
		w.Lose()
		w.SweepUntil(func() bool { return w.CaseOf(id).State != refund.StateReceived })
		w.WantVerdict(id, refund.StateInReview, "R8")
		require.Zero(t, stuckOf(w, alice))
	},
	"a verdict on a case that got stuck makes it due again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Reports(w.Generated(alice, 1), 0)
		// Nobody delivers, so the case uses up its attempts and gets stuck.
		for sweeps := 0; stuckOf(w, alice) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Lose()
			w.Pass(2 * time.Hour)
			w.Sweep()
		}
		// Any later request has it looked at and decided, and its notice is due like any other.
		require.NoError(t, w.Assess(w.ctx(), message.NewResultReported(string(id), "")), "a person asks")
		w.Deliver()
		require.Zero(t, stuckOf(w, alice))
		w.Lose()
		w.SweepUntil(func() bool { return len(w.notices) > 0 })
	},
	"each policy answers a report by its own clause": func(t *testing.T, w *World) {
		for name, want := range map[string]struct {
			state  refund.State
			clause string
		}{"popcustoms": {refund.StateInReview, "P5.3"}, "goopter": {refund.StateDeclined, "G3.2"}, "photoroom": {refund.StateInReview, "R8"}} {
			other := NewWorldOf(t, w.Store, name)
			bob := other.Customer("bob")
			other.Grants(bob, 1000)
			id := other.Reports(other.Generated(bob, 2), 1)
			other.Deliver()
			other.WantVerdict(id, want.state, want.clause)
			other.WantLaws(bob)
		}
	},
}
