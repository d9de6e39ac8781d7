package refund_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// tooMany has a customer report so often that the last report is suspicious, and returns its case.
func tooMany(w *storetest.World) refund.CaseID {
	w.Grants("alice", 100_000)
	var last refund.CaseID
	for range 3 {
		id := w.Generated("alice", generation.MaxOutputs)
		for output := range generation.MaxOutputs {
			w.Pass(time.Second)
			last = w.Reports(id, output)
			w.Deliver()
		}
	}
	return last
}

func TestNothingOfACaseTellsItsCustomerThatTheyWereSuspected(t *testing.T) {
	for name, clauses := range map[string]struct{ suspicion, review string }{"photoroom": {"R10", "R8"}, "popcustoms": {"P6.1", "P5.3"}} {
		w := storetest.NewWorldOf(t, memory.New(), name)
		id := tooMany(w)
		told := func() string {
			c := w.CaseOf(id)
			before, err := json.Marshal(c)
			require.NoError(t, err)
			discreet := c.Discreet()
			for _, d := range append(discreet.Verdicts(), discreet.First()) {
				require.NotEqual(t, clauses.suspicion, d.Clause)
				for _, step := range d.Trace {
					require.False(t, step.Matched && step.Clause == clauses.suspicion, "%s: %+v", name, d.Trace)
				}
			}
			for _, event := range discreet.History {
				require.NotEqual(t, clauses.suspicion, event.Note)
			}
			require.True(t, discreet.Ruling == nil || discreet.Ruling.Clause != clauses.suspicion)
			if appeal := discreet.Appeal; appeal != nil {
				require.NotEqual(t, clauses.suspicion, appeal.Ruling.Clause)
			}
			after, err := json.Marshal(c)
			require.NoError(t, err)
			require.JSONEq(t, string(before), string(after))
			return discreet.Decision.Clause
		}
		w.WantVerdict(id, refund.StateInReview, clauses.suspicion)
		require.Equal(t, clauses.review, told())
		order := refund.RulingOrder{
			Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined, Clause: clauses.suspicion}, Note: "seen", By: "ann", Principal: "staff:ann", Key: w.Key(),
		}
		_, err := w.Reviewer().Rule(t.Context(), id, order, w.Now)
		require.NoError(t, err)
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, clauses.suspicion)
		require.Equal(t, clauses.review, told())
		if name == "photoroom" {
			w.Appeals(id)
			told()
		}
	}
}
