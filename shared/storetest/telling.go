package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// decidedAs is the message of a verdict with that notice.
func decidedAs(notice string) refund.Message {
	return refund.Message{Type: refund.MessageDecided, Notice: notice}
}

func claimMail(w *World, id refund.CaseID, told, by string) (mine bool, err error) {
	err = again(func() error {
		mine, err = w.Store.ClaimMail(w.ctx(), id, decidedAs(told), by, w.Now)
		return err
	})
	return mine, err
}

func returnMail(w *World, id refund.CaseID, told, by string) {
	w.t.Helper()
	require.NoError(w.t, again(func() error { return w.Store.ReturnMail(w.ctx(), id, decidedAs(told), by) }))
}

func wantMail(w *World, id refund.CaseID, told, by string, want bool) {
	w.t.Helper()
	mine, err := claimMail(w, id, told, by)
	require.NoError(w.t, err)
	require.Equal(w.t, want, mine)
}

var telling = map[string]func(*testing.T, *World){
	"a notice is told once, and each verdict has its own": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		owed := w.CaseOf(id)
		w.Tells(id, "another")
		require.Equal(t, owed, w.CaseOf(id), "it owes another notice")
		w.Tells(id, owed.Notice)
		told := w.CaseOf(id)
		require.Empty(t, told.Todo)
		require.Equal(t, w.Now, told.ToldAt)
		w.Pass(time.Minute)
		w.Tells(id, owed.Notice)
		require.Equal(t, told, w.CaseOf(id), "it was told before")
		wantMail(w, id, owed.Notice, "a", false)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		decided := w.CaseOf(id)
		require.NotEqual(t, owed.Notice, decided.Notice)
		require.Zero(t, decided.ToldAt, "of this verdict nobody was told")
		w.Tells(id, owed.Notice)
		require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice), "the verdict is not told yet")
		w.Tells(id, decided.Notice)
		require.Empty(t, w.CaseOf(id).Todo)
		require.NoError(t, again(func() error {
			return w.Store.MarkTold(w.ctx(), refund.NewCaseID(alice.Key(), policy.KindOutage, "none"), decidedAs("refunded"), w.Now)
		}))
	},
	"a second verdict of the same name, after money that did not go back, is told and mailed anew": inGoopter(func(t *testing.T, w *World) {
		_, _, id := twice(w, w.Customer("alice"))
		first := w.CaseOf(id)
		wantMail(w, id, first.Notice, "a", true)
		w.Provider.Has(FaultRefused)
		w.settlesBack(id)
		w.Tells(id, first.Notice)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		second := w.CaseOf(id)
		require.Equal(t, []string{first.Notice, second.Decision.Notice}, []string{first.Decision.Notice, first.Notice})
		require.NotEqual(t, first.Notice, second.Notice)
		w.Tells(id, first.Notice)
		require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice), "the teller of the first was late")
		w.Pass(notice.MailClaim)
		wantMail(w, id, first.Notice, "b", false)
		wantMail(w, id, second.Notice, "b", true)
		w.Tells(id, second.Notice)
		require.False(t, w.CaseOf(id).Todo.Has(todo.StepNotice))
	}),
	"a notice that a ruling overtakes is not told any more, its verdict's is": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		overtaken := w.CaseOf(id).Notice
		w.Rules(id, policy.OutcomeDeclined)
		ruled := w.CaseOf(id)
		w.Tells(id, overtaken)
		require.Equal(t, ruled, w.CaseOf(id))
		w.Deliver()
		require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice))
	},
	"one claimant mails a notice, whose repeated claim is its own": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		owed := w.CaseOf(id).Notice
		wantMail(w, id, "another", "a", false)
		wantMail(w, id, owed, "a", true)
		wantMail(w, id, owed, "a", true)
		w.Pass(notice.MailClaim - time.Millisecond)
		_, err := claimMail(w, id, owed, "b")
		require.Equal(t, fault.KindBusy, fault.KindOf(err), "the first may be at it")
		w.Pass(time.Millisecond)
		wantMail(w, id, owed, "b", false)
		returnMail(w, id, owed, "b")
		wantMail(w, id, owed, "b", false)
		returnMail(w, id, "another", "a")
		wantMail(w, id, owed, "b", false)
		returnMail(w, id, owed, "a")
		wantMail(w, id, owed, "b", true)
		w.Tells(id, owed)
		wantMail(w, id, owed, "b", false)
	},
	"a claim on one notice is none on the next": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		wantMail(w, id, w.CaseOf(id).Notice, "a", true)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		wantMail(w, id, w.CaseOf(id).Notice, "b", true)
		wantMail(w, refund.NewCaseID(alice.Key(), policy.KindOutage, "none"), "refunded", "a", false)
		require.Nil(t, w.CaseOf(refund.NewCaseID(alice.Key(), policy.KindOutage, "none")))
		returnMail(w, refund.NewCaseID(alice.Key(), policy.KindOutage, "none"), "refunded", "a")
		require.Nil(t, w.CaseOf(refund.NewCaseID(alice.Key(), policy.KindOutage, "none")))
	},
}
