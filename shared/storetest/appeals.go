package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// failed makes a generation of the customer's fail by its input, which photoroom declines, and
// returns it with its case.
func failed(w *World, customer ledger.CustomerID) (generation.ID, refund.CaseID) {
	w.t.Helper()
	// The failure is the customer's own, so R1 declines it and the credits are spent.
	w.Grants(customer, 4)
	id := w.Starts(customer, 1)
	w.Settles(id, w.Failure(generation.CauseInput))
	w.Deliver()
	w.WantVerdict(refund.FailureCaseID(id), refund.StateDeclined, "R1")
	w.WantState(id, generation.StateCaptured)
	return id, refund.FailureCaseID(id)
}

// turnedDown puts a report before staff and has ann decline it. It returns the order too, for
// replays.
func turnedDown(w *World, customer ledger.CustomerID) (refund.CaseID, refund.RulingOrder) {
	w.t.Helper()
	id := inReview(w, customer)
	order := w.ruling(policy.OutcomeDeclined)
	order.By = "ann"
	// Ann's name stays on the ruling: the appeal must be answered by somebody else.
	_, err := w.rule(id, order)
	require.NoError(w.t, err)
	w.Deliver()
	w.WantVerdict(id, refund.StateDeclined, "R8")
	return id, order
}

// rulesAs rules on a case under a staff member's name.
func (w *World) rulesAs(name string, id refund.CaseID, outcome policy.Outcome) error {
	w.t.Helper()
	order := w.ruling(outcome)
	order.By = name
	_, err := w.rule(id, order)
	return err
}

// refusesAppeal demands that an appeal is refused with that code and changes nothing.
func (w *World) refusesAppeal(id refund.CaseID, code string) {
	w.t.Helper()
	// Read the case first: a refusal must leave every field as it was.
	current := w.CaseOf(id)
	_, err := w.appeal(id, w.objection())
	require.Error(w.t, err)
	require.Equal(w.t, code, fault.CodeOf(err), "%v", err)
	require.Equal(w.t, current, w.CaseOf(id))
}

var appealStories = map[string]func(*testing.T, *World){
	"a failure that was declined and captured is refunded on appeal, once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		genID, id := failed(w, alice)
		// The tally is the policy's and not this world's, so only its difference counts.
		before := w.tally("R1")
		w.Pass(time.Hour)
		w.Appeals(id)
		// An appeal alone moves nothing: until staff answer it, the first verdict holds.
		w.WantState(genID, generation.StateCaptured)
		w.WantAvailable(alice, 0)
		require.NoError(t, w.rulesAs("ann", id, policy.OutcomeApproved), "the policy gave the first answer: anybody gives the second")
		w.Deliver()
		// The capture becomes a refund in full, and the customer gets a second notice.
		w.WantVerdict(id, refund.StateApproved, "R1")
		w.WantState(genID, generation.StateRefunded)
		w.WantAvailable(alice, 4)
		answer := w.CaseOf(id)
		require.Equal(t, &refund.Returned{Restored: 4}, answer.Returned)
		require.Equal(t, "refunded.2", answer.Notice)
		require.Equal(t, refund.FindingOverturned, answer.Appeal.Finding)
		require.Equal(t, policy.OutcomeDeclined, answer.First().Outcome)
		// A second appeal is refused, and each of the three verdicts can still be made again from
		// its facts.
		w.refusesAppeal(id, refund.CodeAlreadyAppealed)
		require.Equal(t, 3, w.WantSameVerdicts(*answer))
		require.Equal(t, before.Overturned+1, w.tally("R1").Overturned)
		require.Equal(t, before.Upheld, w.tally("R1").Upheld)
		// Nothing that is still due may give the credits once more.
		w.Drain()
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"a failure whose appeal is declined stays spent": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		genID, id := failed(w, alice)
		first := w.CaseOf(id).Decision
		// The second decline gives the customer the first one's reason again, and moves nothing.
		w.Appeals(id)
		w.Rules(id, policy.OutcomeDeclined)
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, "R1")
		require.Equal(t, first.Reason, w.CaseOf(id).Decision.Reason)
		require.Nil(t, w.CaseOf(id).Returned)
		w.WantState(genID, generation.StateCaptured)
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
	},
	"an appealed case waits for staff, and nothing of its first answer stands where it is looked at": func(t *testing.T, w *World) {
		// Ann declined. Alice appeals, and the list must show the case without ann's answer in it.
		alice := w.Customer("alice")
		id, _ := turnedDown(w, alice)
		before := w.tally("R8")
		w.Pass(time.Hour)
		order := w.objection()
		order.Words = "it has three hands"
		_, err := w.appeal(id, order)
		require.NoError(t, err)
		current := w.CaseOf(id)
		// It is on the staff's list again, with the customer's old and new words and a new date to
		// answer by.
		require.Equal(t, []refund.CaseID{id}, idsOf(w.Waiting(10, alice)))
		require.Equal(t, "it has three hands", current.Statement.Appeal)
		require.Equal(t, "three hands", current.Statement.Description)
		require.Equal(t, w.Now.Add(30*day), current.ReviewBy, "photoroom promises nothing")
		// Ann's outcome, clause and ruling are gone from the case; who looks at it is not led by
		// them.
		require.Equal(t, []any{policy.OutcomeInReview, policy.ClauseNoRule, "appeal_received"}, []any{current.Decision.Outcome, current.Decision.Clause, current.Decision.Notice})
		require.Nil(t, current.Ruling)
		require.True(t, current.Appealing())
		require.Equal(t, todo.List{todo.StepNotice: w.Now.Add(todo.Resend)}, current.Todo)
		require.Equal(t, refund.Event{At: w.Now, State: refund.StateInReview, Actor: ledger.ActorCustomer, Note: "appealed"}, current.History[len(current.History)-1])
		w.NotifiesOf(id, refund.Message{Type: refund.MessageReceived, Notice: current.Notice})
		require.Nil(t, w.CaseOf(id).Todo)

		// Somebody else upholds the decline: ann's answer counts as confirmed in the tally of the
		// clause.
		require.NoError(t, w.rulesAs("bob", id, policy.OutcomeDeclined))
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, "R8")
		upheld := w.CaseOf(id)
		require.Equal(t, refund.FindingUpheld, upheld.Appeal.Finding)
		require.Equal(t, "ann", upheld.Appeal.Reviewer)
		require.Equal(t, 4, w.WantSameVerdicts(*upheld))
		require.Zero(t, refund.AppealUntil(*upheld, w))
		require.Equal(t, "thanks_for_feedback.2", upheld.Notice)
		require.Equal(t, before.Upheld+1, w.tally("R8").Upheld)
		w.refusesAppeal(id, refund.CodeAlreadyAppealed)
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
	},
	"who gave the first answer does not answer the appeal": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, _ := turnedDown(w, alice)
		order := w.objection()
		// Even an appeal that ann opens herself must be answered by another.
		order.Actor, order.By = ledger.ActorStaff, "ann" // staff may correct themselves so
		_, err := w.appeal(id, order)
		require.NoError(t, err)
		require.Equal(t, "ann", w.CaseOf(id).History[3].By)
		// The refusal leaves the case with staff, so that bob can rule on it.
		require.Equal(t, refund.CodeSameReviewer, fault.CodeOf(w.rulesAs("ann", id, policy.OutcomeApproved)))
		require.True(t, w.CaseOf(id).Waiting())
		require.NoError(t, w.rulesAs("bob", id, policy.OutcomeApproved))
		w.Deliver()
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"an appeal and the ruling before it get their first answers, whatever came since, and move nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, firstRuling := turnedDown(w, alice)
		order := w.objection()
		_, err := w.appeal(id, order)
		require.NoError(t, err)
		// The second round runs once bob has approved: old keys must get the old answers even then.
		for range 2 {
			replay, err := w.appeal(id, order)
			require.NoError(t, err)
			require.Equal(t, refund.Opened{Case: id, State: refund.StateInReview, Replayed: true}, replay)
			// The same key with other words is another request, which must not get the first one's
			// answer.
			again := order
			again.Words = "other words"
			_, err = w.appeal(id, again)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
			replay, err = w.rule(id, firstRuling)
			require.NoError(t, err)
			require.Equal(t, refund.Opened{Case: id, State: refund.StateDeclined, Replayed: true}, replay)
			reused := firstRuling
			reused.Note = "another"
			_, err = w.rule(id, reused)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
			if w.CaseOf(id).Waiting() {
				require.NoError(t, w.rulesAs("bob", id, policy.OutcomeApproved))
			}
			w.Deliver()
		}
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"only a declined case is appealed, and until the window of its policy has passed": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		open := inReview(w, alice)
		// Neither a case that waits for staff nor an approved one has a decline to appeal.
		w.refusesAppeal(open, refund.CodeNotDeclined)
		w.Rules(open, policy.OutcomeApproved)
		w.Deliver()
		w.refusesAppeal(open, refund.CodeNotDeclined)
		_, err := w.appeal(refund.ReportCaseID("gen_"+"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0), w.objection())
		require.Equal(t, fault.KindNotFound, fault.KindOf(err))
		id, _ := turnedDown(w, alice)
		// The window ends after 14 days. One millisecond later is late, the last instant is in
		// time.
		at := w.Now
		require.Equal(t, at.Add(14*day), refund.AppealUntil(*w.CaseOf(id), w))
		w.Now = at.Add(14*day + time.Millisecond)
		w.refusesAppeal(id, refund.CodeAppealLate)
		w.Now = at.Add(14 * day)
		w.Appeals(id)
		require.Zero(t, refund.AppealUntil(*w.CaseOf(id), w))
	},
	"words are needed": func(t *testing.T, w *World) {
		id, _ := turnedDown(w, w.Customer("alice"))
		// A space of zero width is no word either.
		for _, words := range []string{"", " \u200b"} {
			order := w.objection()
			order.Words = words
			_, err := w.appeal(id, order)
			require.Equal(t, fault.KindInvalid, fault.KindOf(err))
		}
		w.WantVerdict(id, refund.StateDeclined, "R8")
	},
	"an appeal of a case that has changed, or whose words were erased, since it was read is stale, and so is a verdict": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, _ := turnedDown(w, alice)
		before := *w.CaseOf(id)
		w.Appeals(id)
		// The stored case has an appeal, the one that was read has none. To write a second would
		// erase the first.
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RecordAppeal(w.ctx(), before, *w.CaseOf(id), 0) })))
		w.wantStale(declining(refund.Snapshot{Case: &before}), "it was appealed")

		// Erasure removes the words. An appeal that read them before must not write them back.
		other, _ := turnedDown(w, alice)
		before = *w.CaseOf(other)
		blank := before
		blank.Statement = nil
		after := *w.CaseOf(id)
		after.ID = other
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RecordAppeal(w.ctx(), blank, after, 0) })))
		w.WantVerdict(other, refund.StateDeclined, "R8")
	},
	"a ruling, and a verdict, by who saw the case before its appeal is stale": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, _ := turnedDown(w, alice)
		w.Appeals(id)
		// A ruling by somebody who read the case before its appeal would answer the appeal unread.
		before := *w.CaseOf(id)
		before.Appeal = nil
		ruling := refund.Ruling{Ruling: policy.Ruling{Outcome: policy.OutcomeApproved}, Note: "late", By: "ann", At: w.Now}
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RecordRuling(w.ctx(), before, ruling, w.Now) })))
		w.wantStale(declining(refund.Snapshot{Case: &before}), "it was appealed")
		require.True(t, w.CaseOf(id).Waiting())
	},
	"a customer appeals so often in a day, and the app for them as often as it likes": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		var ids []refund.CaseID
		for range 3 {
			id, _ := turnedDown(w, alice)
			ids = append(ids, id)
		}
		record := func(id refund.CaseID, most int) error {
			before := *w.CaseOf(id)
			after := before
			after.State, after.Appeal = refund.StateInReview, &refund.Appeal{At: w.Now}
			after.Statement = &refund.Statement{Appeal: "again"}
			return settled(func() error { return w.Store.RecordAppeal(w.ctx(), before, after, most) })
		}
		// The limit is one a day here, counted in the same commit that records the appeal. Zero
		// means no limit.
		require.NoError(t, record(ids[0], 1))
		err := record(ids[1], 1)
		require.Error(t, err)
		require.Equal(t, fault.KindThrottled, fault.KindOf(err))
		w.WantVerdict(ids[1], refund.StateDeclined, "R8")
		require.NoError(t, record(ids[1], 0))
		w.Pass(day)
		require.NoError(t, record(ids[2], 1))
	},
	"an appeal whose ruling cannot be carried out any more is open still": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		paymentID := w.Payment("a")
		w.Receives(w.Paid(paymentID, alice))
		id := w.Claims(policy.KindChangeOfMind, alice, paymentID)
		w.Deliver()
		w.Appeals(id)
		order := w.ruling(policy.OutcomeApproved)
		// Bob approves 500 cents, but 400 of them went back at the provider first.
		order.By, order.Ruling.Remedy = "bob", policy.InMoney(money.Amount{Currency: "USD", Minor: 500})
		_, err := w.rule(id, order)
		require.NoError(t, err)
		w.Receives(w.Refunded(paymentID, "re_1", 400, "succeeded"))
		w.Pass(time.Minute)
		before := w.tally("G1")
		// The ruling cannot be paid any more, so the appeal stays open and no clause gets a point
		// for it.
		w.Deliver()
		back := w.CaseOf(id)
		require.Equal(t, []any{true, true}, []any{back.Waiting(), back.Appealing()})
		require.Equal(t, before, w.tally("G1"))
		require.NoError(t, w.rulesAs("bob", id, policy.OutcomeDeclined))
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, "G1")
		require.Equal(t, before.Upheld+1, w.tally("G1").Upheld)
	}),
	"money for a purchase goes back on appeal as by any ruling": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		paymentID := w.Payment("a")
		w.Receives(w.Paid(paymentID, alice))
		id := w.Claims(policy.KindChangeOfMind, alice, paymentID)
		w.Deliver()
		w.WantVerdict(id, refund.StateDeclined, "G1")
		// An appeal comes with a date to respond by, as the claim did.
		w.Appeals(id)
		require.NotNil(t, w.CaseOf(id).Decision.RespondBy)
		require.Equal(t, *w.CaseOf(id).Decision.RespondBy, w.CaseOf(id).ReviewBy)
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 250})
		_, err := w.rule(id, order)
		require.NoError(t, err)
		// The payer, the provider and the case go the whole way, as for a ruling without an appeal.
		w.Drain()
		require.Equal(t, refund.StateClosed, w.CaseOf(id).State)
		w.wantPaidBack(paymentID, id, 250)
		w.WantLaws(alice)
	}),
}
