package payment_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

func TestWhatIsDueIsPaidOnceAndItsCaseAsked(t *testing.T) {
	till := newTill(newDesk(t))
	till.wants(t, 30, 0, 50, 20)
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressPaid, till.progress())
	require.Equal(t, []string{key(1)}, till.used, "the key is of case and payment")
	require.Equal(t, map[string]payment.Refund{"re_1": {Amount: usd(200), Status: payment.RefundSucceeded, Case: "cas_1"}}, till.refunds)
	require.Equal(t, []message.RefundRequested{message.NewPaymentRequested("pi_1")}, till.requests)
	till.wants(t, 30, 0, 50, 20)
	require.NoError(t, till.settles(1))
	require.Len(t, till.used, 1)
	require.Len(t, till.requests, 2, "the case is asked again while it has not followed")
	till.judges(till.desk1().RecordSync("cas_1", noon))
	require.NoError(t, till.settles(1))
	require.Len(t, till.requests, 2)
	require.Equal(t, 1, till.looks, "nothing is due: nobody is asked")
}

func TestARefundThatTheProviderHasIsHeardAndNotAskedForAgain(t *testing.T) {
	for _, status := range []payment.RefundStatus{payment.RefundPending, payment.RefundRequiresAction, payment.RefundSucceeded, payment.RefundFailed} {
		till := newTill(newDesk(t))
		till.refunds["re_1"] = payment.Refund{Amount: usd(200), Status: status, Case: "cas_1"}
		require.NoError(t, till.settles(1))
		require.Empty(t, till.used, status)
		require.NotEqual(t, payment.ProgressDue, till.progress())
	}
}

func TestEachMishapOfACallEndsPaidOnceOrGivenUp(t *testing.T) {
	for _, c := range []struct {
		mishaps  []mishap
		settles  int
		progress payment.Progress
		keys     []string
		note     string
	}{
		{[]mishap{mishapDropped}, 2, payment.ProgressPaid, []string{key(1)}, ""},
		{[]mishap{mishapBusy, mishapBusy}, 3, payment.ProgressPaid, []string{key(1), key(1), key(1)}, ""},
		{[]mishap{mishapSaved}, 3, payment.ProgressPaid, []string{key(1), key(1), key(2)}, ""},
		{[]mishap{mishapTaken}, 2, payment.ProgressPaid, []string{key(1)}, ""},
		{[]mishap{mishapSaved, mishapSaved}, 5, payment.ProgressPaid, []string{key(1), key(1), key(2), key(2), key(3)}, ""},
		{[]mishap{mishapOther}, 2, payment.ProgressPaid, []string{key(1)}, ""},
		{[]mishap{mishapMute}, 2, payment.ProgressPaid, []string{key(1)}, ""},
		{[]mishap{mishapStrange}, 2, payment.ProgressPaid, []string{key(1)}, ""},
		{[]mishap{mishapBare}, 1, payment.ProgressPaid, []string{key(1)}, ""},
		{[]mishap{mishapSlow}, 1, payment.ProgressPending, []string{key(1)}, ""},
		{[]mishap{mishapFails}, 1, payment.ProgressFailed, []string{key(1)}, ""},
		{[]mishap{mishapRefused}, 1, payment.ProgressFailed, []string{key(1)}, "the provider refused the refund"},
	} {
		till := newTill(newDesk(t))
		till.settler.Receiver.Rules.Livemode = new(bool)
		till.mishaps = c.mishaps
		for n := range c.settles - 1 {
			require.Equal(t, fault.KindBusy, fault.KindOf(till.settles(1)), "%v, %d", c.mishaps, n)
			require.True(t, till.desk1().Todo.Has(todo.StepPay), "it comes round again")
		}
		require.NoError(t, till.settles(1), c.mishaps)
		assert.Equal(t, c.progress, till.progress(), c.mishaps)
		assert.Equal(t, c.keys, till.used, c.mishaps)
		assert.Equal(t, c.note, till.desk1().Promised["cas_1"].Note)
		assert.LessOrEqual(t, till.gone(), int64(200), c.mishaps)
		if c.progress == payment.ProgressFailed {
			till.wants(t, 50, 0, 50, 0)
		} else {
			till.wants(t, 30, 0, 50, 20)
		}
		require.NoError(t, till.settles(1))
		assert.Equal(t, c.keys, till.used, "a repeat asks for nothing")
		require.Nil(t, till.payment("pi_other"), "another payment is not our business")
	}
}

func TestOfTwoWhoSettleAtOnceOneNotesWhatBothWereTold(t *testing.T) {
	for _, c := range []struct {
		mishaps []mishap
		want    payment.Promise
	}{
		{[]mishap{mishapSaved}, payment.Promise{Keys: 1}},
		{[]mishap{mishapRefused, mishapRefused}, payment.Promise{GivenUp: 1, Note: "the provider refused the refund"}},
	} {
		till := newTill(newDesk(t))
		till.mishaps = c.mishaps
		if c.want.Keys > 0 {
			require.Error(t, till.settles(1), "saved under the key")
		}
		till.during = func() { _ = till.settles(1) }
		_ = till.settles(1)
		c.want.Minor, c.want.Credits, c.want.Money, c.want.Attempts = 200, 20, true, 1
		require.Equal(t, c.want, till.desk1().Promised["cas_1"])
	}
}

func TestWhatWasGivenUpAndApprovedAgainIsNotGivenUpByOneWhoComesLate(t *testing.T) {
	till := newTill(newDesk(t))
	till.mishaps = []mishap{mishapRefused, mishapRefused}
	till.during = func() {
		require.NoError(t, till.settles(1))
		till.judges(till.desk1().Promise("cas_1", payment.Promise{Minor: 200, Credits: 20, Money: true}, noon))
	}
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressDue, till.progress(), "the second approval stands")
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressPaid, till.progress())
}

func TestAKeyThatTheProviderForgotIsNoSecondRefund(t *testing.T) {
	till := newTill(newDesk(t))
	till.mishaps = []mishap{mishapDropped}
	require.Error(t, till.settles(1))
	clear(till.keys)
	require.NoError(t, till.settles(1))
	require.Len(t, till.refunds, 1)
	require.Equal(t, payment.ProgressPaid, till.progress())
}

func TestARefundThatIsNotListedYetIsHeldTogetherByItsKey(t *testing.T) {
	till := newTill(newDesk(t))
	till.mishaps, till.blind = []mishap{mishapDropped}, 3
	require.Error(t, till.settles(1))
	require.NoError(t, till.settles(1))
	require.Len(t, till.refunds, 1)
	require.Equal(t, payment.ProgressPaid, till.progress())
}

func TestWhatFailsLaterComesBackOnceAndIsPaidByAnotherKeyWhenApprovedAgain(t *testing.T) {
	till := newTill(newDesk(t))
	till.mishaps = []mishap{mishapSlow}
	require.NoError(t, till.settles(1))
	till.becomes("re_1", payment.RefundFailed)
	for range 3 {
		till.hears(till.factsOf("re_1"))
		till.wants(t, 50, 0, 50, 0)
	}
	require.Equal(t, payment.ProgressFailed, till.progress())
	require.Equal(t, []todo.Step{todo.StepRefund}, till.owes())
	till.judges(till.desk1().RecordSync("cas_1", noon))
	till.judges(till.desk1().Promise("cas_1", payment.Promise{Minor: 200, Credits: 20, Money: true}, noon))
	till.wants(t, 30, 0, 50, 20)
	require.NoError(t, till.settles(1))
	require.Equal(t, []string{key(1), key(2)}, till.used)
	require.Equal(t, payment.ProgressPaid, till.progress())
	require.Equal(t, int64(200), till.gone())
}

func TestNothingIsPaidThatABankHolds(t *testing.T) {
	open := &payment.Dispute{Amount: usd(500), Status: payment.DisputeOpen}
	for name, spoil := range map[string]func(*till){
		"known before":      func(t *till) { t.hears(disputed("dp_1", 500, payment.DisputeOpen)) },
		"seen by the look":  func(t *till) { t.dispute = open },
		"opened in between": func(t *till) { t.between = func() { t.dispute = open } },
	} {
		till := newTill(newDesk(t))
		spoil(till)
		require.NoError(t, till.settles(1), name)
		require.Empty(t, till.refunds, name)
		require.Equal(t, payment.ProgressFailed, till.progress(), name)
		require.Contains(t, till.desk1().Promised["cas_1"].Note, "disputed")
		till.hears(disputed("dp_1", 500, payment.DisputeWon))
		till.wants(t, 50, 0, 50, 0)
		require.Equal(t, payment.ProgressFailed, till.progress(), "staff decide again")
	}
	till := newTill(newDesk(t))
	till.dispute = &payment.Dispute{Amount: usd(500), Status: payment.DisputeInquiryOpen}
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressPaid, till.progress(), "an inquiry holds nothing")
}

func TestWhatAnotherHandGaveBackIsNotGivenTwice(t *testing.T) {
	byHand := func(minor int64, status payment.RefundStatus) payment.Refund {
		return payment.Refund{Amount: usd(minor), Status: status}
	}
	for _, c := range []struct {
		name     string
		minor    int64
		status   payment.RefundStatus
		progress payment.Progress
		gone     int64
		taken    int
	}{
		{"all of it", 500, payment.RefundSucceeded, payment.ProgressExternal, 500, 50},
		{"all of it, not for good yet", 500, payment.RefundPending, payment.ProgressFailed, 500, 50},
		{"too much for ours", 301, payment.RefundSucceeded, payment.ProgressFailed, 301, 31},
		{"as much as leaves ours", 300, payment.RefundSucceeded, payment.ProgressPaid, 500, 50},
		{"all of it, and it failed", 500, payment.RefundFailed, payment.ProgressPaid, 200, 20},
	} {
		till := newTill(newDesk(t))
		till.refunds["re_9"] = byHand(c.minor, c.status)
		require.NoError(t, till.settles(1), c.name)
		require.Equal(t, c.progress, till.progress(), c.name)
		require.Equal(t, c.gone, till.gone(), c.name)
		require.EqualValues(t, c.taken, till.desk1().Clawback.Total(), c.name)
	}
	till := newTill(newDesk(t))
	till.blind = 1
	till.refunds["re_9"] = byHand(500, payment.RefundSucceeded)
	require.NoError(t, till.settles(1))
	require.Equal(t, []any{1, 2, payment.ProgressExternal}, []any{len(till.used), till.looks, till.progress()}, "refused, and looked again")
	till = newTill(newDesk(t))
	till.blind = 2
	till.refunds["re_9"] = byHand(500, payment.RefundSucceeded)
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressFailed, till.progress(), "whatever the look shows, the provider's word stands")
	till.hears(till.factsOf("re_9"))
	require.Equal(t, payment.ProgressExternal, till.progress())
	require.Equal(t, []string{"cas_1"}, till.desk1().Unsynced())
}

func TestOfTwoPromisesTheOneThatIsTooMuchIsGivenUp(t *testing.T) {
	till := newTill(newDesk(t))
	till.judges(till.desk1().Promise("cas_2", payment.Promise{Minor: 100, Money: true}, noon))
	till.refunds["re_9"] = payment.Refund{Amount: usd(350), Status: payment.RefundSucceeded}
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressFailed, till.progress())
	require.Equal(t, "more would go back than was paid", till.desk1().Promised["cas_1"].Note)
	require.Equal(t, payment.ProgressPaid, till.desk1().Progress("cas_2"))
	require.Equal(t, int64(450), till.gone())
}

func TestAForgedCaseMovesOnlyTheShareOfItsOwnPayment(t *testing.T) {
	till := newTill(newDesk(t))
	other := paid()
	other.Payment = "pi_2"
	till.hears(other)
	forgery := refunded("re_f", 100, payment.RefundSucceeded)
	forgery.Payment, forgery.Refund.Case = "pi_2", "cas_1"
	till.hears(forgery)
	require.Equal(t, payment.ProgressDue, till.progress(), "pi_1's promise is as it was")
	require.EqualValues(t, 10, till.payment("pi_2").Clawback.Total())
	require.NoError(t, till.settles(1))
	require.Equal(t, int64(200), till.gone())
}

func TestAPaymentOfAnUnknownProviderIsGivenUp(t *testing.T) {
	till := newTill(newDesk(t))
	till.settler.Gateways = nil
	till.hears(counted(300))
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressFailed, till.progress())
	require.Equal(t, []todo.Step{todo.StepRefund}, till.owes(), "what is counted cannot be looked up either")
	till.wants(t, 50, 0, 50, 0)
}

func TestWhatIsOnlyCountedIsLookedUpAndNotAskedForAgain(t *testing.T) {
	till := newTill(newDesk(t))
	require.NoError(t, till.settles(1))
	till.judges(till.desk1().RecordSync("cas_1", noon))
	till.refunds["re_9"] = payment.Refund{Amount: usd(100), Status: payment.RefundSucceeded}
	till.hears(counted(350))
	till.between = func() { till.hears(counted(360)) }
	require.NoError(t, till.settles(1))
	till.wants(t, 20, 0, 50, 30)
	require.EqualValues(t, 350, till.desk1().LookedUp)
	require.Equal(t, []todo.Step{todo.StepPay}, till.owes(), "what was counted while we looked may not be listed yet")
	require.NoError(t, till.settles(1))
	require.Empty(t, till.owes())
}

func TestAProviderThatCannotBeAskedIsAskedAgain(t *testing.T) {
	till := newTill(newDesk(t))
	till.lookErr = errCut
	require.ErrorIs(t, till.settles(1), errCut)
	require.Empty(t, till.used, "never without a look")
	till.lookErr = nil
	till.between = func() { till.fails = map[payment.ID]error{"pi_1": errCut} }
	require.ErrorIs(t, till.settles(1), errCut, "what it says cannot be kept")
	require.Empty(t, till.used)
	till.fails = nil
	till.mishaps = []mishap{mishapUnknown}
	require.Error(t, till.settles(1))
	require.Equal(t, payment.ProgressDue, till.progress(), "keys can be mended")
	require.NoError(t, till.settles(1))
	require.Equal(t, payment.ProgressPaid, till.progress())
}

func TestAnUnknownPaymentIsNotFoundToSettle(t *testing.T) {
	till := newTill(newDesk(t))
	for _, id := range []payment.ID{"pi_9", "", "p 9"} {
		require.Equal(t, fault.KindNotFound, fault.KindOf(till.settler.Settle(context.Background(), id, noon)))
	}
}

type deafQueue struct{}

func (deafQueue) Request(context.Context, message.RefundRequested) error { return errors.New("deaf") }

func (deafQueue) Settle(context.Context, message.PaymentUnsettled) error { return errors.New("deaf") }

func TestTheOutboxSendsWhatIsOwedToThoseWhoCanHear(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	d.hears(paid())
	require.NoError(t, payment.Outbox{Requests: deafQueue{}, Settlements: deafQueue{}}.Send(ctx, d.desk1()), "nothing is owed")
	d.hears(counted(300))
	require.NoError(t, payment.Outbox{Requests: deafQueue{}}.Send(ctx, d.desk1()))
	require.Error(t, payment.Outbox{Settlements: deafQueue{}}.Send(ctx, d.desk1()))
	till := newTill(newDesk(t))
	require.NoError(t, till.settles(1))
	require.Error(t, payment.Outbox{Requests: deafQueue{}}.Send(ctx, till.desk1()))
	require.NoError(t, payment.Outbox{Settlements: deafQueue{}}.Send(ctx, till.desk1()))
}
