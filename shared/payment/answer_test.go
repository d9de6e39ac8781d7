package payment_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

func wrongAmount(p *payment.Purchase) { p.Subtotal.Minor = 1 }

func under(key string, reason payment.Reason) func(*payment.Order) {
	return func(o *payment.Order) { o.Key, o.Reason = key, reason }
}

func TestAnOrderForAnotherReasonThanStaffSawIsRefusedWithTheOneThatWaits(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_0", time.Minute), buys("pi_1", 0, wrongAmount))
	_, err := d.resolves(payment.ActionGrant, under("a", payment.ReasonWrongAmount))
	require.NoError(t, err)
	d.put(func() payment.Payment {
		p := *d.payment("pi_1")
		p.DuplicateOf, p.Duplicate = []payment.ID{"pi_0"}, true
		return p
	}())
	_, err = d.resolves(payment.ActionRefund, under("b", payment.ReasonWrongAmount)) // 30 ms later, on a screen that still shows the first
	var refusal *fault.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, []any{fault.KindConflict, payment.CodeReasonChanged, "repeated"}, []any{refusal.Kind, refusal.Code, refusal.Waits})
	require.False(t, d.payment("pi_1").Repay)
	require.Len(t, d.payment("pi_1").Resolutions, 1)
}

func TestEveryOrderGetsItsFirstAnswerForEverAndMovesNothing(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(wrongAmount))
	refundAnswer, err := d.orders(payment.ActionRefund, under("a", payment.ReasonWrongAmount))
	require.NoError(t, err)
	back := refunded("re_1", 500, payment.RefundFailed)
	back.Refund.Case = refundAnswer.Payment.Due()[0]
	d.hears(back)
	grantAnswer, err := d.orders(payment.ActionGrant, under("b", payment.ReasonNotRefunded))
	require.NoError(t, err)
	d.wants(t, 50, 0, 50, 0)
	d.hears(refunded("re_2", 100, payment.RefundSucceeded))
	current, commits := *d.payment("pi_1"), d.commits
	for range 3 {
		again, err := d.orders(payment.ActionRefund, under("a", payment.ReasonWrongAmount))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.True(t, sameAnswer(refundAnswer.Answer, again.Answer))
		again, err = d.orders(payment.ActionGrant, under("b", payment.ReasonNotRefunded))
		require.NoError(t, err)
		require.True(t, sameAnswer(grantAnswer.Answer, again.Answer))
		require.Len(t, again.Answer.Resolutions, 2, "as it was then")
		require.True(t, again.Payment.Equal(current), "what it owes goes out again")
		_, err = d.resolves(payment.ActionIgnore, under("a", payment.ReasonWrongAmount))
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	}
	require.Equal(t, commits, d.commits)
	require.True(t, current.Equal(*d.payment("pi_1")))
	_, err = d.orders(payment.ActionRefund, under("a", payment.ReasonWrongAmount), func(o *payment.Order) { o.Principal = "staff:another" })
	require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err), "another's key is another key")
}

func TestAnAnswerStaysAsItWasThoughTheCaseThatItAskedForWasDeclined(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_0", time.Minute), buys("pi_1", 0))
	first, err := d.resolves(payment.ActionRefund, under("a", payment.ReasonDuplicate))
	require.NoError(t, err)
	d.put(d.payment("pi_1").Undo().ClearRepay(noon))
	require.Equal(t, payment.ReasonDuplicate, d.payment("pi_1").Waits(), "staff look again")
	again, err := d.resolves(payment.ActionRefund, under("a", payment.ReasonDuplicate))
	require.NoError(t, err)
	require.True(t, sameAnswer(first, again))
	_, err = d.resolves(payment.ActionIgnore, under("b", payment.ReasonDuplicate))
	require.NoError(t, err)
	require.Empty(t, d.payment("pi_1").Waits())
}

func TestStaffDecideSoOftenAboutOnePaymentAndNoMore(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(wrongAmount))
	for n := range payment.MaxResolutions {
		p, err := d.resolves(payment.ActionRefund, func(o *payment.Order) { o.Key = fmt.Sprint(n) })
		require.NoError(t, err)
		back := refunded(fmt.Sprint("re_", n), 500, payment.RefundFailed)
		back.Refund.Case = p.Due()[0]
		d.hears(back)
	}
	_, err := d.resolves(payment.ActionIgnore)
	require.Equal(t, payment.CodeTooManyResolutions, fault.CodeOf(err))
	again, err := d.orders(payment.ActionRefund, under("0", payment.ReasonWrongAmount))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	d.hears(refunded("re", 500, payment.RefundSucceeded))
	require.Empty(t, d.payment("pi_1").Waits(), "what the provider says still ends it")
}

func TestTheLastWordOnAnOrderIsItsCheckAndNoReplaysIs(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(wrongAmount))
	checked := func(o *payment.Order) {
		o.Check = func(_ context.Context, p payment.Payment) error {
			require.Equal(t, payment.ReasonWrongAmount, p.Waits())
			return fault.NotFound("reason")
		}
	}
	_, err := d.resolves(payment.ActionIgnore, under("a", payment.ReasonWrongAmount), checked)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	_, err = d.resolves(payment.ActionIgnore, under("a", payment.ReasonWrongAmount))
	require.NoError(t, err)
	_, err = d.resolves(payment.ActionIgnore, under("a", payment.ReasonWrongAmount), checked)
	require.NoError(t, err)
}

func TestARepeatThatStaffIgnoredStaysIgnoredWhateverComesAfter(t *testing.T) {
	d := repeatDesk(t, true)
	d.hears(buys("pi_1", 0))
	p := *d.payment("pi_1")
	p.DuplicateOf, p.Duplicate = []payment.ID{"pi_x"}, true
	d.put(p)
	_, err := d.resolves(payment.ActionIgnore)
	require.NoError(t, err)
	d.hears(buys("pi_0", time.Second), refunded("re_1", 100, payment.RefundPending), refunded("re_1", 100, payment.RefundFailed),
		disputed("dp_1", 500, payment.DisputeOpen), disputed("dp_1", 500, payment.DisputeWon), refunded("re_2", 600, payment.RefundPending))
	require.Contains(t, d.payment("pi_1").DuplicateOf, payment.ID("pi_0"), "one more that it repeats")
	require.False(t, d.payment("pi_1").Repay, "and no policy pays it back")
	p = *d.payment("pi_1")
	p.Parked = payment.ReasonNotClawedBack
	d.put(p)
	_, err = d.resolves(payment.ActionIgnore)
	require.NoError(t, err)
	p = *d.payment("pi_1")
	p.Parked = ""
	require.Empty(t, p.Waits(), "another decision later, it is still ignored")
}

func TestCreditsWhoseMoneyNeverCameAreTakenBackAndComeBackShouldItCome(t *testing.T) {
	status := func(status payment.Status) payment.Facts {
		return paid(func(p *payment.Purchase) { p.Status = status })
	}
	d := newDesk(t)
	d.hears(status(payment.StatusUnpaid))
	_, err := d.resolves(payment.ActionTakeBack)
	require.Equal(t, []any{fault.KindInvalid, "action"}, kindAndField(t, err), "nothing was given")
	_, err = d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	d.hears(status(payment.StatusFailed))
	w := d.wallet("alice")
	_, hold, err := ledger.Hold(w, 20, noon)
	require.NoError(t, err)
	d.wallets["alice"] = hold.After
	takeBack, err := d.orders(payment.ActionTakeBack)
	require.NoError(t, err)
	d.wants(t, 0, 20, 50, 50)
	require.Empty(t, d.payment("pi_1").Waits())
	for _, entry := range takeBack.Entries {
		require.Equal(t, payment.ReasonTakeBack, entry.Cause.Reason)
	}
	again, err := d.orders(payment.ActionTakeBack)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	d.hears(status(payment.StatusFailed))
	d.wants(t, 0, 20, 50, 50)
	arrival := d.hears(status(payment.StatusPaid))
	d.wants(t, 30, 0, 50, 0)
	require.NotEmpty(t, arrival.Entries)
	require.Equal(t, payment.ReasonTakeBack, arrival.Entries[0].Cause.Reason)
	d.hears(refunded("re_1", 250, payment.RefundSucceeded))
	d.wants(t, 5, 0, 50, 25)
}

func TestCreditsInPlaceOfMoneyAreGivenOnceForACaseAndNoMoreThanIsLeft(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	compensation, err := d.payment("pi_1").Compensate("cas_1", 300, noon)
	require.NoError(t, err)
	require.Equal(t, int64(200), compensation.Refundable().Minor)
	_, err = compensation.Compensate("cas_1", 100, noon)
	require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err))
	_, err = compensation.Compensate("cas_2", 201, noon)
	require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err))
	_, err = compensation.Compensate("cas_2", 200, noon)
	require.NoError(t, err)
	for status, want := range map[payment.Status]string{
		payment.StatusUnpaid: fault.CodeNotPossible, payment.StatusFailed: fault.CodeNotPossible, payment.StatusPaid: "",
	} {
		p, purchase := *d.payment("pi_1"), *d.payment("pi_1").Purchase
		purchase.Status, p.Purchase = status, &purchase
		if _, err = p.Compensate("cas_1", 1, noon); want == "" {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, want, fault.CodeOf(err), "no credits in place of money that never came")
	}
	promise := d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 100, Money: true}, noon)
	_, err = promise.Compensate("cas_1", 100, noon)
	require.NoError(t, err, "money that did not go is no credits")
}

func TestAReplayShowsWhatWasUndoneByThenAndNotWhatWasSince(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_0", time.Minute), buys("pi_1", 0))
	undone := func(p payment.Payment) (all []bool) {
		for _, r := range p.Resolutions {
			all = append(all, r.Undone)
		}
		return all
	}
	var replies [][]bool
	resolves := func(action payment.Action, key string, waits payment.Reason) {
		p, err := d.resolves(action, under(key, waits))
		require.NoError(t, err)
		replies = append(replies, undone(p))
	}
	declined := func() { d.put(d.payment("pi_1").Undo().ClearRepay(noon)) }
	resolves(payment.ActionRefund, "a", payment.ReasonDuplicate)
	declined()
	d.hears(at(1, refunded("re_1", 500, "perhaps")))
	resolves(payment.ActionIgnore, "b", payment.ReasonUnknownStatus)
	resolves(payment.ActionRefund, "c", payment.ReasonDuplicate)
	declined()
	resolves(payment.ActionIgnore, "d", payment.ReasonDuplicate)
	require.Equal(t, [][]bool{{false}, {true, false}, {true, false, false}, {true, false, true, false}}, replies)
	for i, of := range []struct {
		action payment.Action
		key    string
		waits  payment.Reason
	}{
		{payment.ActionRefund, "a", payment.ReasonDuplicate},
		{payment.ActionIgnore, "b", payment.ReasonUnknownStatus},
		{payment.ActionRefund, "c", payment.ReasonDuplicate},
		{payment.ActionIgnore, "d", payment.ReasonDuplicate},
	} {
		p, err := d.resolves(of.action, under(of.key, of.waits))
		require.NoError(t, err)
		require.Equal(t, replies[i], undone(p), "the first answer of %s", of.key)
	}
}
