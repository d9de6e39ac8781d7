package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// WantSameVerdicts demands that every verdict of the case can be made again, byte for byte, from
// what is kept with it. It returns how many there are.
func (w *World) WantSameVerdicts(c refund.Case) int {
	w.t.Helper()
	verdicts := c.Verdicts()
	// A ruling rests on the verdicts before it, so each is made again with those prior to it.
	for n, verdict := range verdicts {
		again, err := w.Replay(verdict, c.Prior(n))
		require.NoError(w.t, err, "verdict %d of %s", n, c.ID)
		require.True(w.t, policy.SameDecision(verdict, again), "verdict %d of %s: %+v, now %+v", n, c.ID, verdict, again)
	}
	return len(verdicts)
}

// decidedCases reads every decided case page by page, and returns them by id.
func decidedCases(w *World, limit int) map[refund.CaseID]refund.Case {
	w.t.Helper()
	cases := map[refund.CaseID]refund.Case{}
	// A page may be empty before the last, so only an empty cursor ends the list.
	for cursor, first := "", true; first || cursor != ""; first = false {
		var page []refund.Case
		var next string
		require.NoError(w.t, again(func() (err error) {
			page, next, err = w.Store.ListDecided(w.ctx(), cursor, limit)
			return err
		}))
		require.LessOrEqual(w.t, len(page), limit)
		for _, c := range page {
			require.NotNil(w.t, c.Decision, "only what is decided")
			require.NotContains(w.t, cases, c.ID, "listed twice")
			cases[c.ID] = c
		}
		cursor = next
	}
	return cases
}

var basisStories = map[string]func(*testing.T, *World){
	"the verdict on a failure keeps what it rests on": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		for _, cause := range []generation.Cause{generation.CausePlatform, generation.CauseInput} {
			id := w.Starts(alice, 1)
			w.Pass(time.Minute)
			w.Settles(id, w.Failure(cause))
			// Both causes are decided by one rule, yet the facts kept must tell them apart.
			w.Deliver()
			require.Equal(t, 1, w.WantSameVerdicts(*w.Case(id)))
			facts, err := policy.ParseFacts(w.Case(id).Decision.Basis.Facts)
			require.NoError(t, err)
			require.Equal(t, cause, facts.Generation.Failure.Cause)
			require.Empty(t, facts.Generation.Failure.Message, "which a worker wrote")
		}
	},
	"a ruling keeps what it rests on beside the verdict before it, and nothing that people wrote": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		for _, outcome := range []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined} {
			id := inReview(w, alice)
			require.Equal(t, 1, w.WantSameVerdicts(*w.CaseOf(id)))
			w.Rules(id, outcome)
			w.Deliver()
			c := w.CaseOf(id)
			require.Equal(t, 2, w.WantSameVerdicts(*c))
			require.Equal(t, []policy.Outcome{policy.OutcomeInReview, outcome}, []policy.Outcome{c.Earlier[0].Outcome, c.Decision.Outcome})
			require.NotEmpty(t, c.Statement.Description)
			for _, verdict := range c.Verdicts() {
				require.NotContains(t, string(verdict.Basis.Facts), c.Statement.Description)
			}
		}
	},
	"a case that is ruled on again, since its money did not go back, keeps each verdict": inGoopter(func(t *testing.T, w *World) {
		alice, id := w.Customer("alice"), w.Payment("a")
		w.Receives(w.Paid(id, alice))
		caseID := w.Claims(policy.KindAbnormalCharge, alice, id)
		w.Deliver()
		// The provider refuses twice; each time the case returns to review and is ruled on with
		// another sum.
		for _, minor := range []int64{100, 200} {
			order := w.ruling(policy.OutcomeApproved)
			order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: minor})
			_, err := w.rule(caseID, order)
			require.NoError(t, err)
			w.Provider.Has(FaultRefusal)
			w.Deliver()
			w.SweepUntil(func() bool { w.Drain(); return w.PaymentOf(id).Progress(string(caseID)) != payment.ProgressDue })
		}
		require.True(t, w.CaseOf(caseID).Waiting())
		w.Rules(caseID, policy.OutcomeDeclined)
		// Two refused payouts, then a decline: the first verdict and three rulings, all replayable.
		w.Deliver()
		c := w.CaseOf(caseID)
		require.Equal(t, 4, w.WantSameVerdicts(*c))
		require.Equal(t, []int64{100, 200}, []int64{c.Earlier[1].Remedy.Money().Minor, c.Earlier[2].Remedy.Money().Minor})
	}),
	"a ruling on a candidate rests on that payment": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := w.Payment("first"), w.Payment("second")
		w.Receives(w.Paid(first, alice))
		w.Pass(time.Minute)
		w.Receives(w.Paid(second, alice))
		caseID := w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Deliver()
		// Staff name the second charge. The facts of the ruling must be the second's, or a replay
		// would judge the wrong payment.
		order := w.ruling(policy.OutcomeApproved)
		order.Payment = second
		_, err := w.rule(caseID, order)
		require.NoError(t, err)
		w.Deliver()
		c := w.CaseOf(caseID)
		require.Equal(t, 2, w.WantSameVerdicts(*c))
		require.Contains(t, string(c.Earlier[0].Basis.Facts), first)
		require.Contains(t, string(c.Decision.Basis.Facts), second)
	}),
	"a claim about what is not on record keeps that it rests on nothing": func(t *testing.T, w *World) {
		caseID := w.Claims(policy.KindAbnormalCharge, w.Customer("alice"), w.Payment("nowhere"))
		w.Deliver()
		// No facts were read, so the record says that the policy decided nothing, and a replay
		// agrees.
		require.Equal(t, 1, w.WantSameVerdicts(*w.CaseOf(caseID)))
		require.True(t, w.CaseOf(caseID).Decision.Basis.Undecided)
	},
	"decided cases are listed, each once, and nothing else that lies among them": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		open := w.Claims(policy.KindAbnormalCharge, alice, w.Payment("nowhere"))
		var want []refund.CaseID
		for range 5 {
			want = append(want, inReview(w, alice))
		}
		w.Grants(alice, 4)
		// A fresh report has no verdict yet and lies in the same rows, so the list must leave it
		// out.
		fresh := w.Reports(w.Generated(alice, 1), 0)
		want = append(want, open) // decided with the others
		for _, limit := range []int{1, 2, 6, 1000} {
			cases := decidedCases(w, limit)
			for _, id := range want {
				require.Equal(t, w.CaseOf(id), ptr(cases[id]), "%d a page", limit)
			}
			require.NotContains(t, cases, fresh)
		}
	},
}

func ptr[T any](v T) *T { return &v }
