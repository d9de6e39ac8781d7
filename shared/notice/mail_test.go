package notice_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

const alice = "alice@example.com"

// mailed returns a world whose customer has an address, and a teller that mails.
func mailed(t *testing.T, name string) (*world, notice.Notifier) {
	t.Helper()
	w := approved(t, name)
	w.matter.Customer = alice
	teller := w.teller()
	teller.Mailer = w
	return w, teller
}

func TestTheCustomerIsMailedTheWordsTheReasonAndTheCase(t *testing.T) {
	w, teller := mailed(t, "goopter")
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	require.Len(t, w.mails, 1)
	revision, _ := policy.Published(w.matter.Decision.Policy)
	words := revision.NoticeOf(policy.KindTechnicalFailure, *w.matter.Decision).Words
	assert.Equal(t, notice.Mail{
		ID: string(w.matter.ID) + ".refund.decided.refunded", To: alice, Subject: strings.TrimSuffix(words, "."),
		Text: words + "\n\nThe generation failed.\n\nCase: " + string(w.matter.ID) + "\n",
	}, w.mails[0])
	assert.Len(t, w.posted, 1, "the app hears it as well")
	assert.Equal(t, noon, w.matter.NotifiedAt)
}

func TestPhotoroomsThankYouKeepsTheReasonInTheCase(t *testing.T) {
	w, teller := mailed(t, "photoroom")
	w.matter.Kind = policy.KindBadResult
	w.verdict(policy.OutcomeDeclined, refund.StateDeclined, nil)
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	require.Equal(t, "thanks_for_feedback", w.matter.Notice)
	require.Len(t, w.mails, 1)
	assert.True(t, strings.HasPrefix(w.mails[0].Subject, "Thank you for your feedback"), w.mails[0].Subject)
	assert.NotContains(t, w.mails[0].Text, w.matter.Decision.Reason)
	assert.Contains(t, w.mails[0].Text, string(w.matter.ID))
	assert.Contains(t, w.posted[0], w.matter.Decision.Reason, "the app is told it, and decides what it shows")
}

func TestMailGoesToTheClaimsAddressElseToTheCustomers(t *testing.T) {
	claim := func(email string) *refund.Statement { return &refund.Statement{Claim: &refund.Claim{Email: email}} }
	for _, c := range []struct {
		name     string
		asked    *refund.Statement
		customer ledger.CustomerID
		want     string
	}{
		{"a claim's", claim("bob@example.com"), alice, "bob@example.com"},
		{"a claim's, of a customer without", claim("bob@example.com"), "bob", "bob@example.com"},
		{"a report has none", &refund.Statement{Description: "three hands"}, alice, alice},
		{"nobody asked", nil, alice, alice},
		{"a claim's that is none", claim("bob at example.com"), alice, alice},
		{"nowhere", nil, "alice", ""},
		{"nowhere, either", claim("bob"), "alice", ""},
		{"an id that only looks like one", nil, "alice@shop", ""},
		{"an id with a colon", nil, "shop:alice@example.com", ""},
	} {
		w, teller := mailed(t, "goopter")
		w.matter.Statement, w.matter.Customer = c.asked, c.customer
		require.NoError(t, teller.Notify(ctx, w.request(), noon), c.name)
		assert.Equal(t, noon, w.matter.NotifiedAt, c.name)
		if c.want == "" {
			assert.Empty(t, w.mails, c.name)
			assert.Zero(t, w.claims, c.name)
			continue
		}
		require.Len(t, w.mails, 1, c.name)
		assert.Equal(t, c.want, w.mails[0].To, c.name)
	}
}

func TestOnlyABareAddressIsOne(t *testing.T) {
	for _, s := range []string{alice, "a.b+c@mail.example.com", "x@xn--mnchen-3ya.de", "o'hara@example.com"} {
		assert.True(t, notice.IsAddress(s), s)
	}
	for _, s := range []string{
		"", "alice", "@example.com", "alice@", "alice@example", "al.ice@example", "alice@example.com ", " " + alice, "<" + alice + ">", "Alice <" + alice + ">",
		"alice@example.com\r\nBcc: eve@example.com", "alice@example.com\nBcc: eve@example.com", alice + ",eve@example.com", alice + ";eve@example.com",
		alice + " (Alice)", `"alice b"@example.com`, `"a\r\n"@example.com`, "älice@example.com", "alice@exämple.com", "alice@example.com\x00", "a b@example.com",
	} {
		assert.False(t, notice.IsAddress(s), "%q", s)
	}
}

func TestCopiesOfOneMessageMailOnce(t *testing.T) {
	w, teller := mailed(t, "goopter")
	for range 3 {
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
	}
	assert.Len(t, w.mails, 1)

	w, teller = mailed(t, "goopter")
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _ = teller.Notify(ctx, w.request(), noon) }) // some come while another sends, and are tried again later
	}
	all.Wait()
	require.NoError(t, teller.Notify(ctx, w.request(), noon.Add(3*time.Minute)))
	assert.Len(t, w.mails, 1)
	assert.Equal(t, 1, w.marked)
}

func TestACrashBetweenClaimAndSendLosesThatMailAndNothingElse(t *testing.T) {
	w, teller := mailed(t, "goopter")
	ours, err := w.ClaimMail(ctx, w.matter.ID, w.matter.Owed()[0], "somebody who died", noon)
	require.NoError(t, err)
	require.True(t, ours)
	err = teller.Notify(ctx, w.request(), noon.Add(30*time.Second))
	require.Error(t, err, "it may be sending yet")
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.True(t, w.matter.Todo.Has(todo.StepNotice))
	require.NoError(t, teller.Notify(ctx, w.request(), noon.Add(notice.MailClaim)))
	assert.Empty(t, w.mails)
	assert.Len(t, w.posted, 2)
	assert.Equal(t, w.posted[0], w.posted[1])
	assert.Equal(t, noon.Add(notice.MailClaim), w.matter.NotifiedAt)
}

func TestALostAnswerToTheClaimDoesNotLoseTheMail(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.lostClaims = 1
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Len(t, w.mails, 1)
	assert.Equal(t, 2, w.claims)
}

func TestAMailThatCannotGoNowIsSentLater(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.sending = func(context.Context) error { return fault.Busy(errors.New("429 TooManyRequestsException")) }
	err := teller.Notify(ctx, w.request(), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.True(t, w.matter.Todo.Has(todo.StepNotice))
	assert.Empty(t, w.mailed, "the claim is given back")
	assert.Len(t, w.mails, 3, "it is tried again at once")
	w.sending = nil
	require.NoError(t, teller.Notify(ctx, w.request(), noon.Add(time.Second)))
	assert.Len(t, w.mails, 4)
	assert.Equal(t, 1, w.marked)
}

func TestAThrottledMailGoesWithTheNextAttempt(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.sending = func(context.Context) error {
		if len(w.mails) < 3 {
			return fault.Busy(nil)
		}
		return nil
	}
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Len(t, w.mails, 3)
	assert.Len(t, w.posted, 1, "the app hears it once")
	assert.Equal(t, 1, w.claims)
	assert.Equal(t, noon, w.matter.NotifiedAt)
}

func TestACopyThatComesWhileAnotherSendsWaitsForItsEnd(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.sending = func(context.Context) error {
		w.sending = func(context.Context) error { return fault.Busy(nil) }
		err := teller.Notify(ctx, w.request(), noon)
		assert.Error(t, err)
		assert.True(t, w.matter.Todo.Has(todo.StepNotice), "not marked while the mail may yet come back")
		return fault.Busy(nil)
	}
	require.Error(t, teller.Notify(ctx, w.request(), noon))
	w.sending = nil
	require.NoError(t, teller.Notify(ctx, w.request(), noon.Add(3*time.Minute)))
	assert.Len(t, w.mails, 4, "the first three did not go")
}

func TestARefusedMailDoesNotKeepTheCaseFromBeingTold(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.sending = func(context.Context) error { return fault.Invalid("", "400 MessageRejected") }
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Len(t, w.mails, 1)
	assert.Equal(t, noon, w.matter.NotifiedAt)
	assert.Empty(t, w.mailed, "nothing was mailed")
}

func TestAMailOfUnknownFateIsNotSentAgain(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.sending = func(context.Context) error { return errors.New("no answer") }
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Equal(t, noon, w.matter.NotifiedAt)
	assert.Equal(t, "refunded", w.mailed.Notice)
	w.matter.Todo = todo.List{todo.StepNotice: noon} // as if the mark had been lost
	require.NoError(t, teller.Notify(ctx, w.request(), noon.Add(3*time.Minute)))
	assert.Len(t, w.mails, 1)
}

func TestAClaimIsGivenBackEvenWhenTheTimeIsOver(t *testing.T) {
	w, teller := mailed(t, "goopter")
	short, cancel := context.WithCancel(ctx)
	w.sending = func(context.Context) error {
		cancel()
		return fault.Busy(context.Canceled)
	}
	require.Error(t, teller.Notify(short, w.request(), noon))
	assert.Empty(t, w.mailed)
}

func TestTheMailWaitsForTheAppsServer(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.answer = errors.New("the notice's receiver answered 500")
	require.ErrorIs(t, teller.Notify(ctx, w.request(), noon), w.answer)
	assert.Empty(t, w.mails)
	assert.Zero(t, w.claims)
}

func TestAVerdictThatCameMeanwhileIsMailedInsteadOfTheOlder(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.review()
	w.posting = func() {
		w.posting = nil
		w.rule()
	}
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Empty(t, w.mails, "nobody is mailed that a person will look at what a person has decided")
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	require.Len(t, w.mails, 1)
	assert.Equal(t, string(w.matter.ID)+".refund.decided.refunded", w.mails[0].ID)
}

func TestAReceiptIsMailedWithTheDayOfTheAnswer(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.review()
	by := noon.Add(5 * 24 * time.Hour)
	w.matter.Decision.RespondBy = &by
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	require.Len(t, w.mails, 1)
	assert.Equal(t, notice.Mail{
		ID: string(w.matter.ID) + ".refund.received.in_review", To: alice,
		Subject: "We've received your request and aim to answer by March 6, 2026",
		Text:    "We've received your request and aim to answer by March 6, 2026.\n\nCase: " + string(w.matter.ID) + "\n",
	}, w.mails[0])
	w.rule()
	require.NoError(t, teller.Notify(ctx, w.request(), noon.Add(time.Hour)))
	require.Len(t, w.mails, 2)
	assert.Equal(t, string(w.matter.ID)+".refund.decided.refunded", w.mails[1].ID)
}

func TestAReceiptGoesToNoAddressThatACustomerNamed(t *testing.T) {
	for _, c := range []struct {
		actor    string
		customer ledger.CustomerID
		want     string
	}{
		{ledger.ActorCustomer, alice, alice},
		{ledger.ActorCustomer, "alice", ""},
		{ledger.ActorApp, "alice", "bob@example.com"},
		{ledger.ActorStaff, alice, "bob@example.com"},
	} {
		w, teller := mailed(t, "goopter")
		w.review()
		w.matter.Customer, w.matter.Statement = c.customer, &refund.Statement{Claim: &refund.Claim{Email: "bob@example.com"}}
		w.matter.History = append([]refund.Event{{At: noon, State: refund.StateReceived, Actor: c.actor}}, w.matter.History...)
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
		if c.want == "" {
			assert.Empty(t, w.mails, "it may be a stranger's")
		} else {
			require.Len(t, w.mails, 1)
			assert.Equal(t, c.want, w.mails[0].To)
		}
		w.rule()
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
		require.NotEmpty(t, w.mails)
		assert.Equal(t, "bob@example.com", w.mails[len(w.mails)-1].To, "the verdict goes where the claim says")
	}
}

func TestADeclineOfWhatCouldNotBePaidIsMailedOnceAndTruly(t *testing.T) {
	w, teller := mailed(t, "goopter")
	approved := *w.matter.Decision
	approved.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 2000})
	w.matter.Earlier = []policy.Decision{approved}
	w.verdict(policy.OutcomeDeclined, refund.StateDeclined, nil)
	w.matter.Decision.Reason = "We approved your refund of 20.00 USD, but couldn't pay it to your original payment method."
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	require.Len(t, w.mails, 1)
	assert.Equal(t, w.matter.Decision.Reason+"\n\nCase: "+string(w.matter.ID)+"\n", w.mails[0].Text)
	assert.NotContains(t, w.posted[0], "couldn't approve")
}

func TestNoWordsCanForgeAHeaderOrFillTheScreen(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.matter.Decision.Policy.Digest = "another" // so that the words are the reason
	rapid.Check(t, func(t *rapid.T) {
		w.matter.Decision.Reason = rapid.String().Draw(t, "reason") + rapid.SampledFrom([]string{
			"", "\r\nBcc: eve@example.com", "\n\n<html>", "\u2028Bcc: eve", "\x00", "\u202e", strings.Repeat("long ", 400), strings.Repeat("ß", 300),
		}).Draw(t, "tail")
		w.matter.Todo, w.mailed, w.mails = todo.List{todo.StepNotice: noon}, refund.Message{}, nil
		require.NoError(t, teller.Notify(ctx, w.request(), noon))
		require.Len(t, w.mails, 1)
		subject := w.mails[0].Subject
		assert.LessOrEqual(t, utf8.RuneCountInString(subject), 78)
		assert.False(t, strings.ContainsFunc(subject, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", subject)
		assert.Equal(t, 3, strings.Count(w.mails[0].Text, "\n"), "%q", w.mails[0].Text)
	})
}

func TestLongWordsStandWholeInTheText(t *testing.T) {
	w, teller := mailed(t, "goopter")
	w.matter.Decision.Reason = strings.Repeat("very ", 1000) + "long."
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	assert.Contains(t, w.mails[0].Text, w.matter.Decision.Reason)
}
