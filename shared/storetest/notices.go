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

// decidedAs returns the message of a verdict with that notice.
func decidedAs(notice string) refund.Message {
	return refund.Message{Type: refund.MessageDecided, Notice: notice}
}

// claimMail claims the mail of a verdict's notice and reports whether it is the claimant's.
func claimMail(w *World, id refund.CaseID, name, by string) (mine bool, err error) {
	err = again(func() error {
		// Another claimant's answer is KindBusy too: it is repeated a hundred times, and then
		// returned.
		mine, err = w.Store.ClaimMail(w.ctx(), id, decidedAs(name), by, w.Now)
		return err
	})
	return mine, err
}

// returnMail gives a claim back.
func returnMail(w *World, id refund.CaseID, name, by string) {
	w.t.Helper()
	require.NoError(w.t, again(func() error { return w.Store.ReturnMail(w.ctx(), id, decidedAs(name), by) }))
}

// wantMail demands whether the claimant gets the mail.
func wantMail(w *World, id refund.CaseID, name, by string, want bool) {
	w.t.Helper()
	mine, err := claimMail(w, id, name, by)
	require.NoError(w.t, err)
	require.Equal(w.t, want, mine)
}

var noticeStories = map[string]func(*testing.T, *World){
	"a notice is told once, and each verdict has its own": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		due := w.CaseOf(id)
		// A message of another notice is not due here, so marking it changes nothing.
		w.Notifies(id, "another")
		require.Equal(t, due, w.CaseOf(id), "it owes another notice")
		w.Notifies(id, due.Notice)
		after := w.CaseOf(id)
		require.Empty(t, after.Todo)
		require.Equal(t, w.Now, after.NotifiedAt)
		w.Pass(time.Minute)
		w.Notifies(id, due.Notice)
		require.Equal(t, after, w.CaseOf(id), "it was told before")
		wantMail(w, id, due.Notice, "a", false)
		// The second verdict has a notice of its own, and the first one's mark must not cover it.
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		before := w.CaseOf(id)
		require.NotEqual(t, due.Notice, before.Notice)
		require.Zero(t, before.NotifiedAt, "of this verdict nobody was told")
		w.Notifies(id, due.Notice)
		require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice), "the verdict is not told yet")
		w.Notifies(id, before.Notice)
		require.Empty(t, w.CaseOf(id).Todo)
		// A case that does not exist has nothing due, and is no error.
		require.NoError(t, again(func() error {
			return w.Store.MarkNotified(w.ctx(), refund.NewCaseID(alice.Key(), policy.KindOutage, "none"), decidedAs("refunded"), w.Now)
		}))
	},
	"a second verdict of the same name, after money that did not go back, is told and mailed anew": inGoopter(func(t *testing.T, w *World) {
		_, _, id := twice(w, w.Customer("alice"))
		first := w.CaseOf(id)
		wantMail(w, id, first.Notice, "a", true)
		w.Provider.Has(FaultRefusal)
		// The money fails, staff approve again: the policy gives both verdicts the same notice.
		w.settlesBack(id)
		w.Notifies(id, first.Notice)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		second := w.CaseOf(id)
		require.Equal(t, []string{first.Notice, second.Decision.Notice}, []string{first.Decision.Notice, first.Notice})
		require.NotEqual(t, first.Notice, second.Notice)
		// Marking the first message late must leave the second one due.
		w.Notifies(id, first.Notice)
		require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice), "the teller of the first was late")
		w.Pass(notice.MailClaim)
		wantMail(w, id, first.Notice, "b", false)
		wantMail(w, id, second.Notice, "b", true)
		w.Notifies(id, second.Notice)
		require.False(t, w.CaseOf(id).Todo.Has(todo.StepNotice))
	}),
	"a notice that a ruling overtakes is not told any more, its verdict's is": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		overtaken := w.CaseOf(id).Notice
		w.Rules(id, policy.OutcomeDeclined)
		// The ruling takes the first notice off; only the verdict that follows is announced.
		c := w.CaseOf(id)
		w.Notifies(id, overtaken)
		require.Equal(t, c, w.CaseOf(id))
		w.Deliver()
		require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice))
	},
	"one claimant mails a notice, whose repeated claim is its own": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		name := w.CaseOf(id).Notice
		wantMail(w, id, "another", "a", false)
		wantMail(w, id, name, "a", true)
		wantMail(w, id, name, "a", true)
		// One millisecond short of a minute another claimant has to wait, a minute later the mail
		// is lost to all.
		w.Pass(notice.MailClaim - time.Millisecond)
		_, err := claimMail(w, id, name, "b")
		require.Equal(t, fault.KindBusy, fault.KindOf(err), "the first may be at it")
		w.Pass(time.Millisecond)
		wantMail(w, id, name, "b", false)
		// b never had the claim, so its return changes nothing. a's own return frees the mail.
		returnMail(w, id, name, "b")
		wantMail(w, id, name, "b", false)
		returnMail(w, id, "another", "a")
		wantMail(w, id, name, "b", false)
		returnMail(w, id, name, "a")
		wantMail(w, id, name, "b", true)
		w.Notifies(id, name)
		wantMail(w, id, name, "b", false)
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
