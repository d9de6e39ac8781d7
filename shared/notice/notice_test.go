package notice_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func TestTheAppHearsTheVerdictInThePolicysWords(t *testing.T) {
	for _, name := range policy.Names() {
		w := approved(t, name)
		require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
		require.Len(t, w.posted, 1)
		id, body, _ := strings.Cut(w.posted[0], " ")
		assert.Equal(t, string(w.matter.ID)+".refund.decided."+w.matter.Notice, id)
		var told map[string]any
		require.NoError(t, json.Unmarshal([]byte(body), &told))
		data := told["data"].(map[string]any)
		assert.NotEmpty(t, data["words"], name)
		delete(data, "words")
		assert.Equal(t, map[string]any{"type": "refund.decided", "timestamp": "2026-03-01T11:59:00.000Z", "data": map[string]any{
			"case": string(w.matter.ID), "kind": "technical_failure", "customer": "alice", "generation": "gen_1", "outcome": "approved", "clause": "R1",
			"reason": "The generation failed.", "notice": w.matter.Notice, "remedy": map[string]any{"credits": 4.0, "to": "balance"},
			"balance": map[string]any{"available": 7.0, "owed": 0.0},
		}}, told)
		assert.Equal(t, noon, w.matter.NotifiedAt)
		assert.Empty(t, w.matter.Todo)
	}
}

func TestASecondVerdictOfTheSameNameIsPostedUnderItsOwnID(t *testing.T) {
	w := approved(t, "goopter")
	name := w.matter.Decision.Notice
	w.matter.Notice = name + ".2"
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	id, body, _ := strings.Cut(w.posted[0], " ")
	assert.Equal(t, string(w.matter.ID)+".refund.decided."+name+".2", id)
	assert.Contains(t, body, `"notice":"`+name+`"`)
	assert.Empty(t, w.matter.Todo)
}

func TestARevisionNoLongerPublishedFallsBackToTheReason(t *testing.T) {
	w := approved(t, "photoroom")
	w.matter.Decision.Policy.Digest = "another"
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	assert.Contains(t, w.posted[0], `"words":"The generation failed."`)
	w = approved(t, "photoroom")
	w.matter.Decision.Policy.Name = "gone"
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	assert.Contains(t, w.posted[0], `"words":"The generation failed."`)
}

func TestASecondCopyTellsNothing(t *testing.T) {
	w := approved(t, "photoroom")
	for range 3 {
		require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	}
	assert.Len(t, w.posted, 1)
	assert.Equal(t, 1, w.marked)
}

func TestANoticeThatWasNotTakenIsStillOwed(t *testing.T) {
	w := approved(t, "photoroom")
	w.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, w.teller().Notify(ctx, w.request(), noon), w.answer)
	assert.True(t, w.matter.Todo.Has(todo.StepNotice))
	w.answer = nil
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	assert.Equal(t, w.posted[0], w.posted[1], "a repeat has the same id and body")
	assert.Equal(t, 1, w.marked)
}

func TestANoticeThatItsReceiverWantsNoMoreIsNotTriedAgain(t *testing.T) {
	w := approved(t, "photoroom")
	w.answer = fmt.Errorf("%w: the receiver answered 410", notice.ErrGone)
	for range 2 {
		require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	}
	assert.Len(t, w.posted, 1)
	assert.Equal(t, 1, w.marked)
}

func TestWithoutAServerTheCaseIsMarkedOnly(t *testing.T) {
	w := approved(t, "photoroom")
	teller := notice.Notifier{Store: w, Policies: policy.Published}
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Empty(t, w.posted)
	assert.Equal(t, noon, w.matter.NotifiedAt)
}

func TestPassingFaultsOfTheStoreAreTriedAgainWithoutTellingTwice(t *testing.T) {
	w := approved(t, "photoroom")
	w.faults = []error{fault.Busy(nil), nil, fault.Busy(nil), nil, fault.Stale(nil), fault.Busy(nil)}
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	assert.Len(t, w.posted, 1)
	assert.Equal(t, 1, w.marked)
}

func TestAVerdictThatCameMeanwhileIsNotMarkedByTheOlderTelling(t *testing.T) {
	w := approved(t, "goopter")
	w.review()
	w.posting = func() {
		w.posting = nil
		w.rule()
	}
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	assert.True(t, w.matter.Todo.Has(todo.StepNotice), "the approval is still to be told")
	assert.Zero(t, w.matter.NotifiedAt)
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon.Add(time.Second)))
	require.Len(t, w.posted, 2)
	assert.Contains(t, w.posted[0], string(w.matter.ID)+".refund.received.in_review ")
	assert.Contains(t, w.posted[1], string(w.matter.ID)+".refund.decided.refunded ")
	assert.Equal(t, noon.Add(time.Second), w.matter.NotifiedAt)
}

func TestACaseNobodyKnowsIsNotFound(t *testing.T) {
	w := approved(t, "photoroom")
	for _, id := range []string{"", "cas_1", "alice", string(refund.NewCaseID(ledger.CustomerID("bob").Key(), policy.KindTechnicalFailure, "gen_1"))} {
		err := w.teller().Notify(ctx, message.NewRefundDecided(id), noon)
		require.Error(t, err, id)
		assert.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
	assert.Empty(t, w.posted)
}

func TestANoticeOfNoVerdictIsABug(t *testing.T) {
	w := approved(t, "photoroom")
	w.matter.Decision = nil
	err := w.teller().Notify(ctx, w.request(), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	assert.Empty(t, w.posted)
}

func TestADeclinedCaseHasNoRemedy(t *testing.T) {
	w := approved(t, "photoroom")
	w.matter.Decision.Outcome, w.matter.Decision.Remedy = policy.OutcomeDeclined, nil
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	assert.NotContains(t, w.posted[0], "remedy")
	assert.Contains(t, w.posted[0], `"outcome":"declined"`)
}

// latestWords returns what a reader of the case is shown.
func latestWords(t *testing.T, c refund.Case) string {
	t.Helper()
	latest, told := c.Latest()
	require.True(t, told)
	return notice.Words(c, latest, policy.Published).Text
}

func TestWhatBecameOfMoneyIsToldAfterItsVerdictUnderItsOwnType(t *testing.T) {
	for step, want := range map[todo.Step]struct {
		kind  string
		state refund.State
		words string
	}{
		todo.StepPaid:   {"refund.paid", refund.StateClosed, "Your refund of 20.00 USD was paid to your original payment method on March 1, 2026."},
		todo.StepFailed: {"refund.failed", refund.StateInReview, "We couldn't pay your refund of 20.00 USD to your original payment method. Our team is looking into it."},
	} {
		w := approved(t, "goopter")
		w.matter.Payment = "pi_1"
		w.matter.Decision.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 2000})
		w.matter.State = want.state
		w.matter.History = append(w.matter.History, refund.Event{At: noon, State: want.state, Actor: ledger.ActorSystem})
		w.matter.Todo[step] = noon.Add(time.Minute)
		teller := w.teller()
		w.matter.Customer = "alice@example.com"
		teller.Mailer = w
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
		require.Len(t, w.posted, 2)
		assert.Contains(t, w.posted[0], ".refund.decided."+w.matter.Notice+" ")
		id, body, _ := strings.Cut(w.posted[1], " ")
		assert.Equal(t, string(w.matter.ID)+"."+want.kind+"."+w.matter.Notice, id)
		var posted notice.Posted
		require.NoError(t, json.Unmarshal([]byte(body), &posted))
		assert.Equal(t, []any{refund.MessageType(want.kind), "2026-03-01T12:00:00.000Z"}, []any{posted.Type, posted.Timestamp})
		assert.Equal(t, []any{"pi_1", want.words, w.matter.Decision.Notice}, []any{posted.Data.Payment, posted.Data.Words, posted.Data.Notice})
		assert.Empty(t, w.matter.Todo)
		require.Len(t, w.mails, 2)
		assert.Equal(t, want.words+"\n\nCase: "+string(w.matter.ID)+"\n", w.mails[1].Text)
		assert.Equal(t, want.words, latestWords(t, *w.matter), "the case says it too")
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
		assert.Len(t, w.posted, 2, "each once")
	}
}

func TestMoneyThatCameWhileItsDeclineIsAppealedIsToldAsWhatWasApproved(t *testing.T) {
	w := approved(t, "goopter")
	verdict := *w.matter.Decision
	verdict.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 2000})
	declined, receipt := verdict, verdict
	declined.Outcome, declined.Remedy = policy.OutcomeDeclined, nil
	receipt.Outcome, receipt.Remedy = policy.OutcomeInReview, nil
	w.matter.Earlier, w.matter.Decision, w.matter.State = []policy.Decision{verdict, declined}, &receipt, refund.StateClosed
	w.matter.History = append(w.matter.History, refund.Event{At: noon, State: refund.StateClosed, Actor: ledger.ActorSystem})
	w.matter.Todo = todo.List{todo.StepPaid: noon.Add(time.Minute)}
	require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
	require.Len(t, w.posted, 1)
	assert.Contains(t, w.posted[0], "Your refund of 20.00 USD was paid to your original payment method on March 1, 2026.")
}

func TestAMessageThatWasNotTakenKeepsThoseAfterItWaiting(t *testing.T) {
	w := approved(t, "goopter")
	w.matter.Todo[todo.StepPaid] = noon.Add(time.Minute)
	w.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, w.teller().Notify(ctx, w.request(), noon), w.answer)
	assert.Len(t, w.posted, 1)
	assert.Len(t, w.matter.Todo, 2)
}

func TestANoticeNamesNoClauseOfSuspicion(t *testing.T) {
	for name, clauses := range map[string][2]string{"photoroom": {"R10", "R8"}, "popcustoms": {"P6.1", "P5.3"}} {
		w := approved(t, name)
		w.matter.Kind, w.matter.Decision.Clause, w.matter.Decision.Reason = policy.KindBadResult, clauses[0], "We need to review this request."
		w.review()
		require.NoError(t, w.teller().Notify(ctx, w.request(), noon))
		require.Len(t, w.posted, 1)
		assert.Contains(t, w.posted[0], `"clause":"`+clauses[1]+`"`)
		assert.NotContains(t, w.posted[0], `"`+clauses[0]+`"`)
	}
}
