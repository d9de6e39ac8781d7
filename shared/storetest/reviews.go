package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func idsOf(cases []refund.Case) []refund.CaseID {
	ids := make([]refund.CaseID, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	return ids
}

// overdueReviews counts the cases whose promised answer is overdue, up to the limit.
func overdueReviews(w *World, limit int) int {
	w.t.Helper()
	// The count is an index's, so it may lag by one write.
	w.Nudge()
	return read(w, func() (int, error) { return w.Store.OverdueReviews(w.ctx(), w.Now, limit) })
}

// inReview reports an output of a new picture, which photoroom sends to staff.
func inReview(w *World, customer ledger.CustomerID) refund.CaseID {
	w.t.Helper()
	// Exactly the price of the picture, so that whatever comes back later is all that is there.
	w.Grants(customer, 4)
	id := w.Reports(w.Generated(customer, 1), 0)
	w.Deliver()
	return id
}

var reviewStories = map[string]func(*testing.T, *World){
	"staff's list is in the order in which answers are due, page by page, and shows only what waits": func(t *testing.T, w *World) {
		// popcustoms promises three business days, photoroom nothing: its case is due in a month.
		shops := NewWorldOf(t, w.Store, "popcustoms") // three business days from Sunday noon
		alice, bob := shops.Customer("alice"), shops.Customer("bob")
		shops.Grants(alice, 4000)
		late := inReview(w, bob) // promised nothing: due in a month
		id := shops.Generated(alice, 8)
		var want []refund.CaseID
		shops.Pass(10 * time.Minute)
		// Each report is a minute earlier than the last, so the list must reverse them.
		for output := range 8 { // the later due first
			shops.Pass(-time.Minute)
			want = append([]refund.CaseID{shops.Reports(id, output)}, want...)
			shops.Deliver()
		}
		want = append(want, late)
		page := shops.Waiting(3, alice, bob)
		require.Equal(t, want, idsOf(page))
		require.True(t, slices.IsSortedFunc(page, func(a, b refund.Case) int { return a.ReviewBy.Compare(b.ReviewBy) }))
		for _, c := range page[:8] {
			require.Equal(t, *c.Decision.RespondBy, c.ReviewBy)
		}
		// A case that is ruled on leaves the list at once, before the ruling is carried out.
		shops.Rules(want[1], policy.OutcomeApproved)
		shops.Rules(want[4], policy.OutcomeDeclined)
		require.Equal(t, slices.Concat(want[:1], want[2:4], want[5:]), idsOf(shops.Waiting(50, alice, bob)), "ruled, and not carried out yet")
		shops.Deliver()
		require.Equal(t, slices.Concat(want[:1], want[2:4], want[5:]), idsOf(shops.Waiting(2, alice, bob)))
		require.Zero(t, shops.CaseOf(want[1]).ReviewBy)
	},
	"cases due at one instant are listed by their ids": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		want := []refund.CaseID{inReview(w, alice), inReview(w, alice), inReview(w, alice), inReview(w, alice)}
		slices.Sort(want)
		require.Equal(t, want, idsOf(w.Waiting(1, alice)))
	},
	"answers that are overdue are counted, to a limit": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first, second := inReview(w, alice), inReview(w, alice)
		before := overdueReviews(w, 1000)
		// Due exactly now is in time, a millisecond later is not.
		w.Now = w.CaseOf(first).ReviewBy
		require.Equal(t, before, overdueReviews(w, 1000), "due now is in time")
		w.Pass(time.Millisecond)
		require.Equal(t, before+2, overdueReviews(w, 1000))
		require.Equal(t, 1, overdueReviews(w, 1))
		w.Rules(second, policy.OutcomeDeclined)
		require.Equal(t, before+1, overdueReviews(w, 1000))
	},
	"a ruling is carried out with its effect, and says who gave it": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InCredits(3)
		result, err := w.rule(id, order)
		// Recorded, not yet carried out: state and credits are as before, and a step is due.
		require.NoError(t, err)
		require.Equal(t, refund.StateApproved, result.State)
		c := w.CaseOf(id)
		require.Equal(t, refund.StateInReview, c.State)
		require.Equal(t, "looked at it", c.Ruling.Note)
		require.Equal(t, todo.List{todo.StepRefund: w.Now.Add(todo.Resend)}, c.Todo)
		require.Zero(t, c.ReviewBy)
		w.WantAvailable(alice, 0)
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
		after := w.CaseOf(id)
		require.Equal(t, ledger.Credits(3), after.Decision.Remedy.Credits())
		require.Equal(t, ledger.ActorStaff, after.History[len(after.History)-1].Actor)
		require.Len(t, after.History, 3)
		w.WantAvailable(alice, 3)
		w.WantLaws(alice)
	},
	"a replayed ruling gets its answer, another's is too late, and another input is a conflict": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		order := w.ruling(policy.OutcomeApproved)
		_, err := w.rule(id, order)
		require.NoError(t, err)
		// Before and after the delivery the same three answers.
		for range 2 {
			replay, err := w.rule(id, order)
			require.NoError(t, err)
			require.Equal(t, refund.Opened{Case: id, State: refund.StateApproved, Replayed: true}, replay)
			_, err = w.rule(id, w.ruling(policy.OutcomeDeclined))
			require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
			other := order
			other.Note = "changed my mind"
			_, err = w.rule(id, other)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
			w.Deliver()
			w.Pass(time.Hour)
		}
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"a ruling, and a verdict, on a case that had another ruling since it was read is stale": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, _, id := twice(w, alice)
		w.Provider.Has(FaultRefusal)
		w.settlesBack(id)
		w.Notifies(id, w.CaseOf(id).Notice)
		// Read, then let staff rule and the money fail again: the case looks as it did, but is
		// another.
		snapshot := w.snapshot(refund.Subject{Case: id})
		require.True(t, snapshot.Case.Waiting())
		w.Provider.Has(FaultRefusal)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		w.settlesBack(id)
		w.Notifies(id, w.CaseOf(id).Notice)
		current := w.CaseOf(id)
		require.Equal(t, []any{true, snapshot.Case.Todo}, []any{current.Waiting(), current.Todo}, "as it was, but for what lies between")
		ruling := refund.Ruling{Ruling: policy.Ruling{Outcome: policy.OutcomeApproved}, Note: "again", At: w.Now}
		err := again(func() error { return w.Store.RecordRuling(w.ctx(), *snapshot.Case, ruling, w.Now) })
		require.Error(t, err)
		require.Equal(t, fault.KindStale, fault.KindOf(err), "%v", err)
		w.wantStale(declining(snapshot), "it was ruled meanwhile")
		require.Equal(t, current, w.CaseOf(id))
		// With a fresh read the same ruling is recorded.
		require.NoError(t, settled(func() error { return w.Store.RecordRuling(w.ctx(), *current, ruling, w.Now) }))
		require.Equal(t, "again", w.CaseOf(id).Ruling.Note)
	}),
	"that money failed is still told while a ruling waits, and a ruling read before it was told is stale": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, _, id := twice(w, alice)
		w.Provider.Has(FaultRefusal)
		w.settlesBack(id)
		c := w.CaseOf(id)
		due := c.Owed()
		failure := due[len(due)-1]
		require.Equal(t, refund.MessageFailed, failure.Type)
		ruling := refund.Ruling{Ruling: policy.Ruling{Outcome: policy.OutcomeApproved}, Note: "again", At: w.Now}
		record := func(c refund.Case) func() error {
			return func() error { return w.Store.RecordRuling(w.ctx(), c, ruling, w.Now) }
		}
		// One message goes out between the read and the ruling, so the ruling rests on a case that
		// has changed.
		w.NotifiesOf(id, due[0])
		require.Equal(t, fault.KindStale, fault.KindOf(again(record(*c))))
		require.NoError(t, settled(record(*w.CaseOf(id))))
		require.Equal(t, todo.List{todo.StepRefund: w.Now, todo.StepFailed: c.Todo[todo.StepFailed]}, w.CaseOf(id).Todo)
		w.NotifiesOf(id, failure)
		require.Equal(t, todo.List{todo.StepRefund: w.Now}, w.CaseOf(id).Todo)
	}),
	"every ruling of a case gets its first answer, whatever came since, and moves nothing": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		_, second, id := twice(w, alice)
		w.Provider.Has(FaultRefusal)
		w.settlesBack(id)
		var orders []refund.RulingOrder
		// Three rulings, each undone by the provider. The case keeps all of them for their replays.
		for range 3 {
			order := w.ruling(policy.OutcomeApproved)
			order.By = "ann"
			orders = append(orders, order)
			_, err := w.rule(id, order)
			require.NoError(t, err)
			w.Provider.Has(FaultRefusal)
			w.Deliver()
			w.settlesBack(id)
			require.True(t, w.CaseOf(id).Waiting())
		}
		current := w.CaseOf(id)
		require.Len(t, current.Overruled, 3)
		require.Equal(t, "ann", current.Overruled[1].By)
		for _, order := range orders {
			replay, err := w.rule(id, order)
			require.NoError(t, err)
			require.Equal(t, refund.Opened{Case: id, State: refund.StatePaying, Replayed: true}, replay)
			order.Note = "another"
			_, err = w.rule(id, order)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
		}
		w.Drain()
		require.Equal(t, current, w.CaseOf(id))
		w.wantPaidBack(second, id, 0)
		w.WantLaws(alice)
	}),
	"a ruling on a case that is not in review, or has one, is stale": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		open := w.Reports(w.Generated(alice, 1), 0)
		ruling := refund.Ruling{Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined}, Note: "n", At: w.Now}
		record := func(id refund.CaseID, note string) fault.Kind {
			ruling.Note = note
			// The store itself refuses a ruling on a case in any other state than a review without
			// one.
			err := again(func() error { return w.Store.RecordRuling(w.ctx(), refund.Case{ID: id}, ruling, w.Now) })
			require.Error(t, err)
			return fault.KindOf(err)
		}
		require.Equal(t, fault.KindStale, record(open, "early"))
		require.Equal(t, fault.KindStale, record(refund.ReportCaseID("gen_"+"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0), "nobody's"))
		_, err := w.Reviewer().Rule(w.ctx(), open, w.ruling(policy.OutcomeDeclined), w.Now)
		require.Equal(t, fault.KindBusy, fault.KindOf(err), "the policy has not looked at it yet")
		w.Deliver()
		w.Rules(open, policy.OutcomeApproved)
		require.Equal(t, fault.KindStale, record(open, "second"))
		require.Equal(t, "looked at it", w.CaseOf(open).Ruling.Note)
		w.Deliver()
		require.Equal(t, fault.KindStale, record(open, "late"))
		w.WantVerdict(open, refund.StateApproved, "R2")
	},
	"a ruling whose message was lost is carried out all the same": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		w.Notifies(id, w.CaseOf(id).Notice)
		w.Rules(id, policy.OutcomeApproved)
		w.Lose()
		w.SweepUntil(func() bool { return w.CaseOf(id).State != refund.StateInReview })
		w.WantVerdict(id, refund.StateApproved, "R2")
		w.WantAvailable(alice, 4)
		require.Zero(t, stuckOf(w, alice))
	},
	"a ruling on a case whose notice got stuck is carried out like any other": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		// The notice uses up its attempts, so the whole case is stuck.
		for sweeps := 0; stuckOf(w, alice) == 0; sweeps++ {
			require.Less(t, sweeps, 3*due.MaxAttempts)
			w.Lose()
			w.Pass(2 * time.Hour)
			w.Sweep()
		}
		// The ruling makes it due again.
		w.Rules(id, policy.OutcomeApproved)
		require.Zero(t, stuckOf(w, alice))
		w.Lose()
		w.SweepUntil(func() bool { return w.CaseOf(id).State != refund.StateInReview })
		w.WantVerdict(id, refund.StateApproved, "R2")
		require.Zero(t, stuckOf(w, alice))
	},
	"a ruling that cannot be carried out any more goes back to staff, who may rule again": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Payment("a")
		w.Receives(w.Paid(first, alice))
		id := w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "G2.2")
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 500})
		_, err := w.rule(id, order)
		require.NoError(t, err)
		// 400 of 500 went back meanwhile, so the ruling of 500 cannot be carried out.
		w.Receives(w.Refunded(first, "re_1", 400, "succeeded"))
		w.Pass(time.Minute)
		w.Deliver()
		back := w.CaseOf(id)
		require.Equal(t, refund.StateInReview, back.State)
		require.Nil(t, back.Ruling)
		require.Equal(t, *back.Decision.RespondBy, back.ReviewBy)
		require.Equal(t, []refund.CaseID{id}, idsOf(w.Waiting(10, alice)))
		w.Rules(id, policy.OutcomeDeclined)
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, "G2.2")
	}),
}
