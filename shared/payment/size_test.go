package payment_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

// bytesOf returns the size of pi_1 as a store keeps it.
func (d *desk) bytesOf() int {
	raw, err := json.Marshal(d.payment("pi_1"))
	require.NoError(d.t, err)
	return len(raw)
}

func TestAnotherProvidersWordsFillNobodysPayment(t *testing.T) {
	kinds := []func(id string) payment.Facts{
		func(id string) payment.Facts { return refunded(id, 500, payment.RefundSucceeded) },
		func(id string) payment.Facts { return refunded(id, 500, "perhaps") },
		func(id string) payment.Facts { return disputed(id, 500, payment.DisputeOpen) },
	}
	hears := func(d *desk, order func(n int) int) {
		for n := range 300 {
			for _, kind := range kinds {
				facts := ofOther(at(order(n), kind(fmt.Sprintf("id_%0252d", order(n)))))
				if facts.Refund != nil {
					facts.Refund.Case = strings.Repeat("c", 255)
				}
				d.hears(facts)
			}
		}
	}
	forth, back := newDesk(t), newDesk(t)
	for _, d := range []*desk{forth, back} {
		d.light = true
		d.hears(paid())
	}
	hears(forth, func(n int) int { return n })
	hears(back, func(n int) int { return 299 - n })
	require.Less(t, forth.bytesOf(), 70_000)
	require.Equal(t, forth.payment("pi_1").Others, back.payment("pi_1").Others, "whichever is heard first")
	others := forth.payment("pi_1").Others["standard"]
	require.Equal(t, []any{20, 20, true}, []any{len(others.Refunds), len(others.Disputes), others.More})
	require.Equal(t, payment.ReasonOtherProvider, forth.payment("pi_1").Waits(), "staff see that there is more")
	forth.ignores(t, payment.ReasonOtherProvider)
	require.False(t, forth.hears(ofOther(at(400, refunded("later", 500, payment.RefundSucceeded)))).Changed)
}

func TestWhatWasSaidBeforeAnybodyNamedAPurchaseIsBoundedAndLookedUpOnceOneIsNamed(t *testing.T) {
	for _, provider := range []string{"standard", "stripe"} {
		d := newDesk(t)
		for n := range 30 {
			facts := at(n, refunded(fmt.Sprintf("re_%02d", n), 1, payment.RefundSucceeded))
			facts.Provider = provider
			d.hears(facts)
		}
		require.Len(t, d.payment("pi_1").Refunds, 20)
		require.Empty(t, d.payment("pi_1").Todo, "there is nothing to be paid of yet")
		d.hears(paid())
		require.Equal(t, provider == "stripe", d.payment("pi_1").Todo.Has(todo.StepPay), provider)
		require.Equal(t, provider == "standard", d.payment("pi_1").Others["standard"].More)
	}
	till := newTill(newDesk(t))
	require.NoError(t, till.settles(1))
	p := till.desk1()
	p.More, p.Todo = true, todo.List{todo.StepPay: noon}
	till.put(p)
	till.refunds["re_9"] = payment.Refund{Amount: usd(100), Status: payment.RefundSucceeded}
	require.NoError(t, till.settles(1))
	require.Contains(t, till.desk1().Refunds, "re_9")
	require.Equal(t, []any{false, false}, []any{till.desk1().More, till.desk1().Todo.Has(todo.StepPay)})
}

func TestTheAnswersOfResolutionsAreBoundedInBytesToo(t *testing.T) {
	d := newDesk(t)
	d.light = true
	d.hears(paid())
	for n := range 300 {
		d.hears(at(n, refunded(fmt.Sprintf("re_3MmlLrLkdIwHu7ix%08d", n), 1, payment.RefundSucceeded)))
	}
	var err error
	for n := 0; err == nil && n < payment.MaxResolutions; n++ {
		d.hears(ofOther(at(1000+n, refunded(fmt.Sprint("x", n), 1, payment.RefundSucceeded))))
		_, err = d.resolves(payment.ActionIgnore, under(fmt.Sprint(n), payment.ReasonOtherProvider), func(o *payment.Order) { o.Note = strings.Repeat("\u6307", 500) })
	}
	require.Equal(t, payment.CodeTooManyResolutions, fault.CodeOf(err))
	require.Less(t, d.bytesOf(), 300_000)
	_, err = d.orders(payment.ActionIgnore, under("0", payment.ReasonOtherProvider), func(o *payment.Order) { o.Note = strings.Repeat("\u6307", 500) })
	require.NoError(t, err, "a replay has its answer")
}
