package payment_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

// sold is a granted payment of 500 cents and 50 credits.
func sold(edits ...func(*payment.Payment)) payment.Payment {
	purchase := *paid().Purchase
	p := payment.Payment{
		ID: "pi_1", Provider: "stripe", State: payment.StateGranted, Purchase: &purchase, GrantedAt: noon,
		Clawback: ledger.Clawback{Payment: "pi_1", Granted: 50, Lot: ledger.Lot{ID: payment.ID("pi_1").Lot()}},
	}
	for _, edit := range edits {
		edit(&p)
	}
	return p
}

// promised is money promised for cas_1: 200 cents, for which 15 credits left.
func promised(p *payment.Payment) {
	*p = p.Promise("cas_1", payment.Promise{Minor: 200, Credits: 15, Money: true}, noon)
}

// makes is a refund that the provider made, for a case or ("") by another hand.
func makes(id, caseID string, minor int64, status payment.RefundStatus) func(*payment.Payment) {
	return func(p *payment.Payment) {
		refunds := map[string]payment.Refund{id: {Amount: usd(minor), Status: status, Case: caseID}}
		for other, refund := range p.Refunds {
			refunds[other] = refund
		}
		p.Refunds = refunds
	}
}

func disputes(minor int64, status payment.DisputeStatus) func(*payment.Payment) {
	return func(p *payment.Payment) {
		p.Disputes = map[string]payment.Dispute{"dp_1": {Amount: usd(minor), Status: status}}
	}
}

func givenUp(p *payment.Payment) {
	promise := p.Promised["cas_1"]
	promise.GivenUp++
	p.Promised = map[string]payment.Promise{"cas_1": promise}
}

func TestTheMoneyOfAPromiseComesAsFarAsItsRefunds(t *testing.T) {
	own := func(status payment.RefundStatus) func(*payment.Payment) { return makes("re_1", "cas_1", 200, status) }
	inCredits := func(p *payment.Payment) { *p = p.Promise("cas_1", payment.Promise{Minor: 200}, noon) }
	for name, c := range map[string]struct {
		edits    []func(*payment.Payment)
		progress payment.Progress
		back     int64
		taken    ledger.Credits
	}{
		"nothing is promised":         {nil, "", 0, 0},
		"credits are promised":        {with(inCredits), "", 200, 0},
		"nobody was asked yet":        {with(promised), payment.ProgressDue, 200, 15},
		"it is pending":               {with(promised, own(payment.RefundPending)), payment.ProgressPending, 200, 15},
		"it requires action":          {with(promised, own(payment.RefundRequiresAction)), payment.ProgressPending, 200, 15},
		"it succeeded":                {with(promised, own(payment.RefundSucceeded)), payment.ProgressPaid, 200, 15},
		"it failed":                   {with(promised, own(payment.RefundFailed)), payment.ProgressFailed, 0, 0},
		"it was cancelled":            {with(promised, own(payment.RefundCanceled)), payment.ProgressFailed, 0, 0},
		"it was given up":             {with(promised, givenUp), payment.ProgressFailed, 0, 0},
		"given up, and it came after": {with(promised, givenUp, own(payment.RefundSucceeded)), payment.ProgressPaid, 200, 15},
		"failed and approved again":   {with(promised, own(payment.RefundFailed), promised), payment.ProgressDue, 200, 15},
		"given up and approved again": {with(promised, givenUp, promised), payment.ProgressDue, 200, 15},
		"two failed, approved again": {
			with(promised, own(payment.RefundFailed), makes("re_2", "cas_1", 200, payment.RefundFailed), promised), payment.ProgressDue, 200, 15,
		},
		"failed again": {
			with(promised, own(payment.RefundFailed), promised, makes("re_2", "cas_1", 200, payment.RefundFailed)), payment.ProgressFailed, 0, 0,
		},
		"the second is pending": {
			with(promised, own(payment.RefundFailed), promised, makes("re_2", "cas_1", 200, payment.RefundPending)), payment.ProgressPending, 200, 15,
		},
		"failed, then credits instead": {with(promised, own(payment.RefundFailed), inCredits), "", 200, 0},
		"all went back by another hand, while it is due": {
			with(promised, makes("re_9", "", 500, payment.RefundSucceeded)), payment.ProgressDue, 500, 50,
		},
		"given up, and all went back by another hand": {
			with(promised, givenUp, makes("re_9", "", 500, payment.RefundSucceeded)), payment.ProgressExternal, 500, 50,
		},
		"given up, and as much went back by another hand since": {
			with(promised, givenUp, makes("re_9", "", 200, payment.RefundSucceeded)), payment.ProgressExternal, 200, 20,
		},
		"given up, and not quite as much went back": {
			with(promised, givenUp, makes("re_9", "", 199, payment.RefundSucceeded)), payment.ProgressFailed, 199, 20,
		},
		"failed, and as much went back by another hand": {
			with(promised, own(payment.RefundFailed), makes("re_9", "", 200, payment.RefundSucceeded)), payment.ProgressFailed, 200, 20,
		},
		"given up, and all is on its way by another hand": {
			with(promised, givenUp, makes("re_9", "", 500, payment.RefundPending)), payment.ProgressFailed, 500, 50,
		},
		"given up, and a bank holds it": {with(promised, givenUp, disputes(500, payment.DisputeOpen)), payment.ProgressFailed, 500, 50},
		"given up, and a bank kept it":  {with(promised, givenUp, disputes(500, payment.DisputeLost)), payment.ProgressExternal, 500, 50},
		"given up, and the bank gave it back": {
			with(promised, givenUp, disputes(500, payment.DisputeWon)), payment.ProgressFailed, 0, 0,
		},
		"less was refunded than promised": {
			with(promised, makes("re_1", "cas_1", 120, payment.RefundSucceeded)), payment.ProgressPaid, 120, 15,
		},
		"more was refunded than promised": { // 60 of 500 cents are six credits' worth
			with(promised, makes("re_1", "cas_1", 260, payment.RefundSucceeded)), payment.ProgressPaid, 260, 21,
		},
		"two refunds for one promise": {
			with(promised, own(payment.RefundPending), makes("re_2", "cas_1", 200, payment.RefundPending)), payment.ProgressPending, 400, 35,
		},
		"a refund names a case that nothing was promised": {
			with(promised, makes("re_9", "cas_9", 200, payment.RefundSucceeded)), payment.ProgressDue, 400, 35,
		},
		"a refund names a case that was promised credits": {
			with(inCredits, own(payment.RefundSucceeded)), "", 400, 20,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := sold(c.edits...)
			assert.Equal(t, c.progress, p.Progress("cas_1"))
			assert.Equal(t, c.back, p.RefundTotal(), "gone back")
			assert.Equal(t, usd(500-c.back), p.Refundable())
			assert.Equal(t, c.taken, payment.Target(p), "credits taken back")
			assert.Equal(t, c.progress == payment.ProgressDue, len(p.Due()) == 1)
		})
	}
}

func with[T any](edits ...T) []T { return edits }

func TestAPromiseLeavesThePaymentBeforeItAsItWas(t *testing.T) {
	p := sold()
	once := p.Promise("cas_1", payment.Promise{Minor: 1, Money: true}, noon)
	twice := once.Promise("cas_2", payment.Promise{Minor: 2, Money: true}, noon.Add(time.Hour))
	require.Empty(t, p.Promised)
	require.Empty(t, p.Todo)
	require.Len(t, once.Promised, 1)
	require.Equal(t, noon.Add(todo.Resend), once.Todo[todo.StepPay])
	require.Equal(t, []string{"cas_1", "cas_2"}, twice.Due())
	require.Equal(t, noon.Add(time.Hour+todo.Resend), twice.Todo[todo.StepPay], "new work, however long other work waits")
}

func TestASecondApprovalHasAnotherKeyAndForgetsWhatItsCaseWasTold(t *testing.T) {
	p := sold(promised, makes("re_1", "cas_1", 200, payment.RefundFailed))
	require.Equal(t, []string{"cas_1"}, p.Unsynced())
	p = p.RecordSync("cas_1", noon)
	require.Equal(t, payment.ProgressFailed, p.Promised["cas_1"].Synced)
	require.Empty(t, p.Unsynced())
	promised(&p)
	require.Equal(t, 1, p.Promised["cas_1"].Keys)
	require.Empty(t, p.Promised["cas_1"].Synced)
	require.Empty(t, p.Unsynced())
}

func TestTargetIsTheShareOfMoneyGoneBackRoundedUp(t *testing.T) {
	cases := []struct {
		granted    ledger.Credits
		paid, back int64
		own, want  ledger.Credits
	}{
		{granted: 50, paid: 500, back: 0, want: 0},
		{granted: 50, paid: 500, back: 1, want: 1},
		{granted: 50, paid: 500, back: 10, want: 1},
		{granted: 50, paid: 500, back: 11, want: 2},
		{granted: 50, paid: 500, back: 500, want: 50},
		{granted: 50, paid: 400, back: 200, want: 25},
		{granted: 50, paid: 0, back: 200, want: 0},
		{granted: 50, paid: -1, back: 200, want: 0},
		{granted: 0, paid: 500, back: 500, own: 7, want: 0},
		{granted: 50, paid: 500, back: 200, own: 7, want: 27},
		{granted: 50, paid: 500, back: 400, own: 20, want: 50},
		{granted: 50, paid: 500, back: 0, own: 60, want: 50},
		{granted: 1e15, paid: 1 << 62, back: 1 << 61, want: 5e14},
	}
	for _, c := range cases {
		p := payment.Payment{
			Purchase: &payment.Purchase{Subtotal: usd(1), Paid: c.paid}, Clawback: ledger.Clawback{Granted: c.granted},
			Refunds:  map[string]payment.Refund{"re_1": {Amount: money.Amount{Currency: "USD", Minor: c.back}, Status: payment.RefundPending}},
			Promised: map[string]payment.Promise{"cas_1": {Money: true, Attempts: 1, Credits: c.own}},
		}
		assert.Equal(t, c.want, payment.Target(p), "%+v", c)
	}
}

func TestPartialAmountsInCentsNeverAddUpToMoreThanWasPaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sold(func(p *payment.Payment) { p.Purchase.Paid = rapid.Int64Range(1, 1000).Draw(t, "paid") })
		for n := range rapid.IntRange(1, 8).Draw(t, "promises") {
			rest := p.Refundable()
			require.Equal(t, p.Purchase.Paid, rest.Minor+p.RefundTotal())
			minor := rapid.Int64Range(0, rest.Minor).Draw(t, "minor")
			caseID := fmt.Sprintf("cas_%d", n)
			p = p.Promise(caseID, payment.Promise{Minor: minor, Money: rapid.Bool().Draw(t, "money"), Credits: 1}, noon)
			if rapid.Bool().Draw(t, "made") {
				makes("re_"+caseID, caseID, minor, rapid.SampledFrom([]payment.RefundStatus{
					payment.RefundPending, payment.RefundSucceeded, payment.RefundFailed,
				}).Draw(t, "status"))(&p)
			}
		}
		var sum int64
		for caseID, promise := range p.Promised {
			if progress := p.Progress(caseID); progress != payment.ProgressFailed && promise.Money {
				sum += promise.Minor
			}
		}
		require.LessOrEqual(t, sum, p.Purchase.Paid)
		require.LessOrEqual(t, p.RefundTotal(), p.Purchase.Paid)
		require.GreaterOrEqual(t, p.Refundable().Minor, int64(0))
		require.LessOrEqual(t, payment.Target(p), p.Granted())
	})
}

func TestAPaymentWithAllThatCanBeOnItSurvivesItsRoundTrip(t *testing.T) {
	p := sold(promised, givenUp, makes("re_1", "cas_1", 200, payment.RefundFailed), disputes(1, payment.DisputeWon), func(p *payment.Payment) {
		p.DuplicateOf, p.Repay, p.RefundedInAll, p.LookedUp, p.WaitsSince = []payment.ID{"pi_0"}, true, 5, 4, noon
		p.Resolutions = []payment.Resolution{{Action: payment.ActionIgnore, Reason: payment.ReasonDuplicate, Note: "n", By: "ann", Key: "k", Input: "i", At: noon, After: &payment.Payment{ID: "pi_1", State: payment.StateGranted}}}
	})
	text, err := json.Marshal(p)
	require.NoError(t, err)
	var again payment.Payment
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, p, again)
	require.True(t, p.Equal(again))
	again.Promised["cas_1"] = payment.Promise{}
	require.False(t, p.Equal(again))
}
