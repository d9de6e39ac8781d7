package payment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

func TestPaidPurchaseGrantsItsPackageWithOneReadAndOneWrite(t *testing.T) {
	d := newDesk(t)
	result := d.hears(paid())
	d.wants(t, 50, 0, 50, 0)
	assert.True(t, result.Changed)
	assert.Equal(t, noon, result.Payment.GrantedAt)
	assert.Equal(t, payment.StateGranted, result.Payment.State)
	assert.Equal(t, []int{1, 1}, []int{d.loads, d.commits}, "reads, writes")
	require.Len(t, result.Entries, 1)
	assert.Equal(t, ledger.Cause{Reason: "purchase", Payment: "pi_1", Event: "evt_1", Actor: "provider"}, result.Entries[0].Cause)
}

func TestTwelveCopiesOfOnePurchaseGrantOnce(t *testing.T) {
	d := newDesk(t)
	for range 12 {
		d.hears(paid())
	}
	d.wants(t, 50, 0, 50, 0)
	assert.Equal(t, 1, d.commits)
}

func TestAnotherEventOfTheSamePurchaseGrantsNothingMore(t *testing.T) {
	d := newDesk(t)
	again := paid(func(p *payment.Purchase) { p.PaidAt = noon })
	again.Event = "evt_2"
	d.hears(paid(), again)
	d.wants(t, 50, 0, 50, 0)
}

func TestUnpaidPurchaseGrantsOnceItIsPaid(t *testing.T) {
	unpaid := paid(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid })
	failure := paid(func(p *payment.Purchase) { p.Status = payment.StatusFailed })
	d := newDesk(t)
	first := d.hears(unpaid).Payment
	assert.Equal(t, []any{payment.StateParked, payment.ReasonUnpaid}, []any{first.State, first.Waits()})
	d.wants(t, 0, 0, 0, 0)
	assert.Empty(t, d.hears(paid()).Payment.Waits())
	d.wants(t, 50, 0, 50, 0)
	assert.False(t, d.hears(unpaid).Changed, "an older fact heard late")

	d = newDesk(t)
	last := d.hears(unpaid, failure, unpaid).Payment
	assert.Equal(t, []any{payment.StateFailed, payment.Reason("")}, []any{last.State, last.Waits()})
	d.wants(t, 0, 0, 0, 0)
}

func TestPurchaseThatIsNotUnderstoodIsParkedAndGrantsNothing(t *testing.T) {
	live := true
	cases := map[payment.Reason]func(*payment.Purchase){
		payment.ReasonUnknownPackage:        func(p *payment.Purchase) { p.Package = "gold" },
		payment.ReasonNoCustomer:            func(p *payment.Purchase) { p.Customer = "" },
		payment.ReasonWrongAmount:           func(p *payment.Purchase) { p.Subtotal.Minor = 1 },
		payment.ReasonWrongAmount + " paid": func(p *payment.Purchase) { p.Paid = -1 },
		payment.ReasonWrongCurrency:         func(p *payment.Purchase) { p.Subtotal.Currency = "CAD" },
		payment.ReasonWrongMode:             func(p *payment.Purchase) { p.Livemode = &live },
		payment.ReasonNoPaymentRequired:     func(p *payment.Purchase) { p.Status = payment.StatusNotRequired },
	}
	for reason, edit := range cases {
		t.Run(string(reason), func(t *testing.T) {
			d := newDesk(t)
			test := false
			d.Rules.Livemode = &test
			result := d.hears(paid(edit))
			assert.Equal(t, payment.StateParked, result.Payment.State)
			assert.Equal(t, strings.Fields(string(reason))[0], string(result.Payment.Parked))
			d.wants(t, 0, 0, 0, 0)
			assert.False(t, d.hears(paid(edit)).Changed, "a repeat")
			d.hears(refunded("re_1", 500, payment.RefundSucceeded))
			d.wants(t, 0, 0, 0, 0)
		})
	}
}

func TestCustomerWhoCanHaveNoWalletIsParkedAndNamedAsFarAsOneCanReadIt(t *testing.T) {
	for name, want := range map[string]string{
		"a customer\x00": "a customer\ufffd", "a/b": "a/b", "..": "..", "指\n六 <b>": "指\ufffd六 <b>", "\xff": "\ufffd", "": "", " \u200b": "",
		strings.Repeat("é ", 100): strings.Repeat("é ", 100), strings.Repeat("é", 201): strings.Repeat("é", 199) + "…",
	} {
		d := newDesk(t)
		result := d.hears(paid(func(p *payment.Purchase) { p.Customer = ledger.CustomerID(name) }))
		assert.Equal(t, payment.ReasonNoCustomer, result.Payment.Parked)
		assert.Equal(t, want, result.Payment.Purchase.Named)
		assert.Empty(t, result.Payment.Customer())
		assert.False(t, d.hears(paid(func(p *payment.Purchase) { p.Customer = ledger.CustomerID(name) })).Changed, "a repeat")
	}
	d := newDesk(t)
	assert.Empty(t, d.hears(paid()).Payment.Purchase.Named, "one who can have a wallet is its customer")
}

func TestAPaymentThatNoPathReachesIsRefusedWhereItIsNamed(t *testing.T) {
	for id, good := range map[payment.ID]bool{
		"pi_1": true, `pay|1+2=$3~"<>^[]{}\`: true, ".a": true, "a..": true,
		"a/b": false, "a?b": false, "a#b": false, "a%2Fb": false, ".": false, "..": false, "...": false, "": false, "a b": false,
	} {
		assert.Equal(t, good, id.Validate("payment") == nil, string(id))
	}
}

func TestTextThatIsNoIDIsNotKept(t *testing.T) {
	d := newDesk(t)
	long := strings.Repeat("x", 500_000)
	purchase := paid(func(p *payment.Purchase) { p.Subtotal.Currency = long })
	purchase.Event = long
	back := refunded("re_1", 1, payment.RefundPending)
	back.Refund.Case = long
	d.hears(purchase, back)
	assert.Equal(t, payment.ReasonWrongCurrency, d.payment("pi_1").Parked)
	assert.Less(t, len(d.payments["pi_1"]), 1000)

	second := paid()
	second.Payment, second.Event = "pi_2", long
	assert.Empty(t, d.hears(second).Entries[0].Cause.Event)
}

func TestLongPackageNameIsCutAndParked(t *testing.T) {
	d := newDesk(t)
	result := d.hears(paid(func(p *payment.Purchase) { p.Package = strings.Repeat("é", 5000) }))
	assert.Equal(t, payment.ReasonUnknownPackage, result.Payment.Parked)
	assert.Equal(t, strings.Repeat("é", 128), result.Payment.Purchase.Package)
}

func TestParkedPurchaseIsGrantedWhenAGoodOneIsHeard(t *testing.T) {
	wrong := paid(func(p *payment.Purchase) { p.Package = "gold" })
	for name, order := range map[string][]payment.Facts{"after": {wrong, paid()}, "before": {paid(), wrong}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.hears(order...)
			d.wants(t, 50, 0, 50, 0)
			assert.Empty(t, d.payment("pi_1").Parked)
		})
	}
}

func TestMoneyThatCameFurtherStandsBeforeABetterLookingPurchase(t *testing.T) {
	unpaid := paid(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid })
	wrong := paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 })
	for name, order := range map[string][]payment.Facts{"after": {unpaid, wrong}, "before": {wrong, unpaid}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			assert.Equal(t, payment.ReasonWrongAmount, d.hears(order...).Payment.Parked)
		})
	}
}

func TestFreeOrderIsGrantedWhereThePolicySaysSo(t *testing.T) {
	d := newDesk(t)
	d.Rules.Catalog = shop{givesUnpaid: true}
	d.hears(paid(func(p *payment.Purchase) { p.Status, p.Paid = payment.StatusNotRequired, 0 }))
	d.wants(t, 50, 0, 50, 0)
	d.hears(disputed("dp_1", 500, payment.DisputeOpen))
	d.wants(t, 50, 0, 50, 0) // nothing was paid: no share of it can go back
}

func TestPurchaseIsJudgedByTheRevisionInForceWhenItWasPaid(t *testing.T) {
	purchase := func(at time.Time) payment.Facts {
		return paid(func(p *payment.Purchase) { p.Package, p.Subtotal, p.Paid, p.PaidAt = "new", usd(70), 70, at })
	}
	d := newDesk(t)
	d.hears(purchase(noon.Add(-time.Second)))
	d.wants(t, 0, 0, 0, 0)
	d = newDesk(t)
	d.hears(purchase(noon))
	d.wants(t, 7, 0, 7, 0)
}

func TestPaymentOfAnotherCustomerStaysTheirs(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	result := d.hears(paid(func(p *payment.Purchase) { p.Customer = "mallory" }))
	assert.False(t, result.Changed)
	assert.Equal(t, ledger.CustomerID("alice"), result.Payment.Customer())
	assert.Zero(t, d.wallet("mallory").Available(noon))
}

func TestGrantedPurchaseIsNotReplacedByOneWhoseMoneyCameFurther(t *testing.T) {
	d := newDesk(t)
	d.Rules.Catalog = shop{givesUnpaid: true}
	d.hears(paid(func(p *payment.Purchase) { p.Status, p.Paid = payment.StatusNotRequired, 0 }))
	assert.False(t, d.hears(paid(func(p *payment.Purchase) { p.Customer = "mallory" })).Changed)
	assert.Equal(t, ledger.CustomerID("alice"), d.payment("pi_1").Customer())
}

func TestLotExpiresAfterItsTermCountedFromThePayment(t *testing.T) {
	monthly := func(at time.Time) payment.Facts {
		return paid(func(p *payment.Purchase) { p.Package, p.Subtotal, p.Paid, p.PaidAt = "monthly", usd(1000), 1000, at })
	}
	d := newDesk(t)
	d.hears(monthly(noon.Add(-24 * time.Hour)))
	assert.Equal(t, noon.Add(29*24*time.Hour), d.wallet("alice").Lots[0].ExpiresAt)
	d = newDesk(t)
	d.hears(monthly(noon.Add(-40 * 24 * time.Hour)))
	assert.Equal(t, noon.Add(30*24*time.Hour), d.wallet("alice").Lots[0].ExpiresAt, "news that late starts the term anew")
}

// full returns alice's wallet with as many credits as one holds.
func full(t *testing.T) ledger.Wallet {
	t.Helper()
	lot := ledger.Lot{ID: "lot_full", Source: ledger.SourceAllowance, Granted: ledger.MaxCredits}
	posting, _, err := ledger.Grant(ledger.Wallet{Customer: "alice"}, lot, ledger.Cause{}, noon)
	require.NoError(t, err)
	return posting.Stored()
}

func TestWalletWithoutRoomParksThePurchaseUntilThereIsRoom(t *testing.T) {
	d := newDesk(t)
	d.wallets["alice"] = full(t)
	assert.Equal(t, payment.ReasonWalletFull, d.hears(paid()).Payment.Parked)
	assert.Equal(t, []todo.Step{todo.StepRoom}, d.owes())
	d.wallets["alice"] = ledger.Wallet{Customer: "alice"}
	d.hears(paid())
	d.wants(t, 50, 0, 50, 0)
	assert.Empty(t, d.owes())
}

func TestWhatGoesBackInsteadWaitsForNoRoom(t *testing.T) {
	d := newDesk(t)
	d.wallets["alice"] = full(t)
	d.hears(paid(), refunded("re_1", 100, payment.RefundSucceeded))
	assert.NotContains(t, d.owes(), todo.StepRoom)

	d = newDesk(t)
	d.wallets["alice"] = full(t)
	d.hears(paid())
	_, err := d.resolves(payment.ActionRefund)
	require.NoError(t, err)
	assert.Equal(t, []todo.Step{todo.StepPay}, d.owes())
}

func TestRivalCommitIsReadAgain(t *testing.T) {
	d := newDesk(t)
	d.rivals = 3
	d.hears(paid())
	d.wants(t, 50, 0, 50, 0)
	d.meddle = func() { d.hears(refunded("re_1", 200, payment.RefundSucceeded)) }
	d.hears(disputed("dp_1", 100, payment.DisputeOpen))
	d.wants(t, 20, 0, 50, 30)
}

func TestStoreThatStaysContendedIsBusy(t *testing.T) {
	d := newDesk(t)
	d.rivals = 1000
	_, err := d.Receive(context.Background(), paid(), noon)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.Equal(t, 1000-fault.MaxAttempts, d.rivals)
}

func inCurrency(f payment.Facts, currency string) payment.Facts {
	f.Refund.Amount.Currency = currency
	return f
}

func TestFactsThatMeanNothingAreRefused(t *testing.T) {
	d := newDesk(t)
	bad := map[string]payment.Facts{
		"no payment":              {Provider: "stripe", Purchase: paid().Purchase},
		"unprintable payment":     {Payment: "pi 1\n", Purchase: paid().Purchase},
		"purchase without status": paid(func(p *payment.Purchase) { p.Status = "" }),
		"refund without status":   refunded("re_1", 1, ""),
		"dispute without status":  disputed("dp_1", 1, ""),
		"negative refund":         refunded("re_1", -1, payment.RefundPending),
		"refund without an id":    refunded("", 1, payment.RefundPending),
		"negative dispute":        disputed("dp_1", -1, payment.DisputeOpen),
		"dispute with a long id":  disputed(strings.Repeat("d", 256), 1, payment.DisputeOpen),
		"payment with a long id":  {Payment: payment.ID(strings.Repeat("p", 256)), Purchase: paid().Purchase},
		"dispute without an id":   disputed("", 1, payment.DisputeOpen),
		"refund in no currency":   inCurrency(refunded("re_1", 1, payment.RefundPending), "dollars"),
	}
	for name, facts := range bad {
		t.Run(name, func(t *testing.T) {
			_, err := d.Receive(context.Background(), facts, noon)
			require.Error(t, err)
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
			assert.Zero(t, d.commits)
		})
	}
}

func TestAPurchaseWhoseMoneyIsPromisedBackGrantsNothingLater(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor-- }))
	current := d.payment("pi_1")
	require.Equal(t, payment.StateParked, current.State)
	d.put(current.Promise("cas_1", payment.Promise{Minor: 500, Money: true}, noon))
	d.hears(paid())
	d.wants(t, 0, 0, 0, 0)
	require.Equal(t, payment.StateParked, d.payment("pi_1").State)
}

func TestTheLongestAndShortestIDsAndNoMoneyAtAllAreHeard(t *testing.T) {
	for _, id := range []payment.ID{"p", "~", payment.ID(strings.Repeat("p", 255))} {
		d := newDesk(t)
		f := paid()
		f.Payment = id
		back := refunded("re_1", 0, payment.RefundSucceeded)
		back.Payment = id
		d.hears(f, back)
		require.EqualValues(t, 50, d.payment(id).Granted()-d.payment(id).Clawback.Total())
	}
}

func TestWhetherAPurchaseCouldBeGrantedIsKnownWithoutGrantingIt(t *testing.T) {
	d := newDesk(t)
	require.False(t, d.Rules.Grantable(payment.Payment{}))
	require.True(t, d.Rules.Grantable(payment.Payment{Purchase: paid().Purchase}))
	require.False(t, d.Rules.Grantable(payment.Payment{Purchase: paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }).Purchase}))
}
