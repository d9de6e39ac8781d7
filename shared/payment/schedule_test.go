package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

func counted(inAll int64) payment.Facts {
	return payment.Facts{Payment: "pi_1", Provider: "stripe", Event: "evt_c", RefundedInAll: inAll}
}

// owes returns the steps that pi_1 owes.
func (d *desk) owes() []todo.Step {
	var steps []todo.Step
	for _, step := range []todo.Step{todo.StepPay, todo.StepRefund, todo.StepRoom} {
		if d.payment("pi_1").Todo.Has(step) {
			steps = append(steps, step)
		}
	}
	return steps
}

func TestARefundThatIsOnlyCountedIsAskedAboutUntilItIsHeardOfOrLookedUp(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	require.Empty(t, d.owes())
	d.hears(counted(200))
	require.Equal(t, []todo.Step{todo.StepPay}, d.owes())
	require.WithinDuration(t, noon.Add(todo.Resend), d.payment("pi_1").Todo.Due(), time.Second)
	d.hears(refunded("re_1", 150, payment.RefundSucceeded))
	require.Equal(t, []todo.Step{todo.StepPay}, d.owes(), "another of 50 is counted")
	d.hears(refunded("re_2", 50, payment.RefundPending))
	require.Empty(t, d.owes())
	d.hears(counted(201))
	afterLook := *d.payment("pi_1")
	afterLook.LookedUp = 201
	d.judges(afterLook)
	require.Empty(t, d.owes())
	d.hears(counted(202))
	require.Equal(t, []todo.Step{todo.StepPay}, d.owes())
}

func TestWhatIsOwedKeepsItsInstantAndItsAttempts(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), counted(200))
	swept := *d.payment("pi_1")
	later := noon.Add(time.Hour)
	swept.Todo, swept.Attempts = todo.List{todo.StepPay: later}, 7
	d.put(swept)
	d.hears(disputed("dp_1", 1, payment.DisputeOpen))
	current := d.payment("pi_1")
	require.Equal(t, []any{todo.List{todo.StepPay: later}, 7}, []any{current.Todo, current.Attempts})
	d.judges(current.Promise("cas_1", payment.Promise{Minor: 1, Money: true}, noon))
	next := d.payment("pi_1")
	require.Equal(t, []any{todo.List{todo.StepPay: noon.Add(todo.Resend)}, 0}, []any{next.Todo, next.Attempts}, "a new promise is new work")
	d.hears(refunded("re_1", 200, payment.RefundFailed))
	back := refunded("re_2", 1, payment.RefundSucceeded)
	back.Refund.Case = "cas_1"
	d.hears(back)
	require.Equal(t, []todo.Step{todo.StepRefund}, d.owes())
	after := d.payment("pi_1").RecordSync("cas_1", noon)
	after.Attempts = 7
	d.judges(after)
	require.Nil(t, d.payment("pi_1").Todo)
	require.Zero(t, d.payment("pi_1").Attempts)
}

func TestACaseLagsUntilItIsToldWhatBecameOfItsMoney(t *testing.T) {
	d := newDesk(t)
	own := func(status payment.RefundStatus) payment.Facts {
		f := refunded("re_1", 200, status)
		f.Refund.Case = "cas_1"
		return f
	}
	d.hears(paid())
	d.judges(d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 200, Credits: 20, Money: true}, noon))
	d.wants(t, 30, 0, 50, 20)
	require.Equal(t, []todo.Step{todo.StepPay}, d.owes())
	d.hears(own(payment.RefundPending))
	require.Empty(t, d.owes(), "nothing to tell yet")
	d.wants(t, 30, 0, 50, 20)
	for n, status := range []payment.RefundStatus{payment.RefundSucceeded, payment.RefundFailed} {
		outcome := []payment.Progress{payment.ProgressPaid, payment.ProgressFailed}[n]
		d.hears(own(status))
		require.Equal(t, []todo.Step{todo.StepRefund}, d.owes())
		require.Equal(t, []string{"cas_1"}, d.payment("pi_1").Unsynced())
		d.judges(d.payment("pi_1").RecordSync("cas_1", noon))
		require.Equal(t, outcome, d.payment("pi_1").Promised["cas_1"].Synced)
		require.Empty(t, d.owes())
	}
	d.wants(t, 50, 0, 50, 0)
}

func TestAPaymentWaitsForStaffWhileThereIsSomethingToDecide(t *testing.T) {
	wrong := func(p *payment.Payment) { p.State, p.Parked = payment.StateParked, payment.ReasonWrongAmount }
	repeat := func(p *payment.Payment) { p.DuplicateOf, p.Duplicate = []payment.ID{"pi_0"}, true }
	for name, c := range map[string]struct {
		p     payment.Payment
		waits payment.Reason
	}{
		"a good one":                     {sold(), ""},
		"a parked one":                   {sold(wrong), payment.ReasonWrongAmount},
		"a parked one, half of it back":  {sold(wrong, makes("re_1", "", 250, payment.RefundSucceeded)), payment.ReasonWrongAmount},
		"a parked one, all of it back":   {sold(wrong, makes("re_1", "", 500, payment.RefundSucceeded)), ""},
		"a parked one that cost nothing": {sold(wrong, func(p *payment.Payment) { p.Purchase.Paid = 0 }), payment.ReasonWrongAmount},
		"one that is not level, all of it back": {
			sold(makes("re_1", "", 500, payment.RefundSucceeded), func(p *payment.Payment) { p.Parked = payment.ReasonNotClawedBack }), payment.ReasonNotClawedBack,
		},
		"more back than was paid":          {sold(makes("re_1", "", 300, payment.RefundSucceeded), disputes(201, payment.DisputeOpen)), payment.ReasonOverRefunded},
		"all back, and no more":            {sold(makes("re_1", "", 300, payment.RefundSucceeded), disputes(200, payment.DisputeOpen)), ""},
		"a repeat":                         {sold(repeat), payment.ReasonDuplicate},
		"a repeat, some of it back":        {sold(repeat, makes("re_1", "", 1, payment.RefundPending)), ""},
		"a repeat that is to be paid back": {sold(repeat, func(p *payment.Payment) { p.Repay = true }), ""},
		"a repeat that is ignored": {
			sold(repeat, resolved(payment.ActionIgnore, payment.ReasonDuplicate)), "",
		},
		"a repeat that was granted after it was parked": {
			sold(repeat, resolved(payment.ActionGrant, payment.ReasonWrongAmount)), payment.ReasonDuplicate,
		},
	} {
		require.Equal(t, c.waits, c.p.Waits(), name)
	}
}

func resolved(action payment.Action, reason payment.Reason) func(*payment.Payment) {
	return func(p *payment.Payment) {
		p.Resolutions = append(p.Resolutions, payment.Resolution{Action: action, Reason: reason})
	}
}

func TestItIsKnownSinceWhenAPaymentWaits(t *testing.T) {
	d := newDesk(t)
	wrong := paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 })
	d.hears(wrong)
	require.Equal(t, noon, d.payment("pi_1").WaitsSince)
	at, in := d.payment("pi_1").PositionIn(payment.ReviewQueueParked)
	require.True(t, in)
	require.Equal(t, payment.WaitPosition{At: noon.UnixMilli(), Payment: "pi_1"}, at)
	_, err := d.Receive(context.Background(), refunded("re_1", 1, payment.RefundPending), noon.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, noon, d.payment("pi_1").WaitsSince)
	d.hears(paid())
	require.Zero(t, d.payment("pi_1").WaitsSince)
	require.Equal(t, ledger.Credits(49), d.wallet("alice").Available(noon))
}
