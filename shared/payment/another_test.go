package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
)

// ofOther returns the facts as another provider's.
func ofOther(facts payment.Facts) payment.Facts {
	facts.Provider = "standard"
	return facts
}

func TestWhatAnotherProviderSaysIsKeptAndMovesNothing(t *testing.T) {
	other := ofOther(paid(func(p *payment.Purchase) { p.Customer, p.Subtotal.Minor, p.Paid = "bob", 1, 1 }))
	facts := []payment.Facts{
		paid(), ofOther(refunded("re_2", 500, payment.RefundSucceeded)), ofOther(disputed("dp_1", 500, payment.DisputeOpen)),
		ofOther(payment.Facts{Payment: "pi_1", RefundedInAll: 500}), ofOther(refunded("re_3", 500, "perhaps")),
	}
	orders := 0
	permute(facts, func(order []payment.Facts) {
		orders++
		d := newDesk(t)
		for i, one := range order {
			d.hears(at(i, one))
		}
		d.wants(t, 50, 0, 50, 0)
		p := *d.payment("pi_1")
		require.Equal(t, []any{"stripe", payment.ReasonOtherProvider}, []any{p.Provider, p.Waits()})
		require.Equal(t, []any{1, 1, int64(500), 1}, []any{
			len(p.Others["standard"].Refunds), len(p.Others["standard"].Disputes), p.Others["standard"].RefundedInAll, len(p.Others["standard"].Unclear),
		})
		require.Empty(t, p.Todo, "nobody is asked about it")
		d.hears(at(9, other))
		d.wants(t, 50, 0, 50, 0)
		require.Equal(t, int64(1), d.payment("pi_1").Others["standard"].Purchase.Paid)
	})
	require.Equal(t, 120, orders)
}

func TestAnotherProvidersPurchaseGrantsNothingOfAPaymentThatIsParked(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }), ofOther(paid()))
	d.wants(t, 0, 0, 0, 0)
	require.Equal(t, payment.ReasonUnpaid, d.payment("pi_1").Waits())
	d.hears(paid())
	d.wants(t, 50, 0, 50, 0)
	require.Equal(t, payment.ReasonOtherProvider, d.payment("pi_1").Waits())
}

func TestAnotherProvidersWordThatStaffSettledComesUpAgainOnlyWithAnotherWord(t *testing.T) {
	first := ofOther(refunded("re_1", 250, payment.RefundPending))
	unpaid := ofOther(paid(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }))
	for name, news := range map[string]payment.Facts{
		"the refund's next status": ofOther(refunded("re_1", 250, payment.RefundSucceeded)),
		"another refund":           ofOther(refunded("re_2", 250, payment.RefundPending)),
		"a dispute":                ofOther(disputed("dp_1", 500, payment.DisputeOpen)),
		"a purchase":               ofOther(paid()),
		"a count of refunds":       ofOther(payment.Facts{Payment: "pi_1", RefundedInAll: 500}),
		"an unknown status":        ofOther(refunded("re_1", 250, "perhaps")),
		"a third provider": func() payment.Facts {
			facts := refunded("re_1", 250, payment.RefundPending)
			facts.Provider = "paddle"
			return facts
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.hears(paid(), at(1, first), at(1, unpaid))
			d.ignores(t, payment.ReasonOtherProvider)
			d.hears(at(1, first), at(2, first), at(2, unpaid))
			require.Empty(t, d.payment("pi_1").Waits(), "the same word is the same, whatever its event")
			d.hears(at(3, news))
			d.ignores(t, payment.ReasonOtherProvider)
			d.wants(t, 50, 0, 50, 0)
		})
	}
	d := newDesk(t)
	d.hears(paid(), at(1, first))
	d.ignores(t, payment.ReasonOtherProvider)
	d.hears(at(2, unpaid))
	d.ignores(t, payment.ReasonOtherProvider)
}

func TestAPaymentIsOfTheProviderThatNamedItsPurchase(t *testing.T) {
	d := newDesk(t)
	d.hears(at(1, refunded("re_1", 100, payment.RefundPending)), at(2, ofOther(refunded("rf_1", 200, payment.RefundPending))))
	require.Equal(t, "stripe", d.payment("pi_1").Provider, "nobody named a purchase: the first that spoke")
	afterLook := *d.payment("pi_1")
	afterLook.LookedUp = 7
	d.put(afterLook)
	d.hears(at(3, ofOther(paid())))
	p := *d.payment("pi_1")
	require.Equal(t, []any{"standard", int64(0)}, []any{p.Provider, p.LookedUp}, "its own list is not read yet")
	require.Contains(t, p.Refunds, "rf_1")
	require.Contains(t, p.Others["stripe"].Refunds, "re_1")
	require.NotContains(t, p.Others, "standard")
	d.hears(at(4, paid()), at(5, paid(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid })))
	require.Equal(t, payment.StatusPaid, d.payment("pi_1").Others["stripe"].Purchase.Status, "the word of the highest rank stands, of another's too")
}
