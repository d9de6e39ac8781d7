package payment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
	"makegood/shared/todo"
)

// buys is a purchase of alice's, so long before noon.
func buys(id payment.ID, before time.Duration, edits ...func(*payment.Purchase)) payment.Facts {
	f := paid(append(edits, func(p *payment.Purchase) { p.PaidAt = noon.Add(-before) })...)
	f.Payment = id
	return f
}

func repeatDesk(t *testing.T, repays bool) *desk {
	d := newDesk(t)
	d.Rules.Catalog = shop{window: time.Hour, repays: repays}
	return d
}

func TestWhoRepeatsWhomDoesNotDependOnWhoIsHeardFirst(t *testing.T) {
	purchases := []payment.Facts{
		buys("pi_a", 3*time.Hour),
		buys("pi_b", 2*time.Hour), // at the edge of pi_a's hour
		buys("pi_c", 90*time.Minute),
		buys("pi_d", 29*time.Minute),
		buys("pi_e", 29*time.Minute), // in one second
		buys("pi_f", -31*time.Minute),
		buys("pi_g", -32*time.Minute-time.Second),
		buys("pi_h", 2*time.Hour, func(p *payment.Purchase) { p.Customer = "bob" }),
		buys("pi_i", 2*time.Hour, func(p *payment.Purchase) { p.Paid = 499 }),
		buys("pi_j", 2*time.Hour, func(p *payment.Purchase) { p.Package, p.Subtotal = "monthly", usd(1000) }),
		buys("pi_k", 2*time.Hour, func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }),
	}
	want := map[payment.ID][]payment.ID{
		"pi_b": {"pi_a"}, "pi_c": {"pi_b"}, "pi_d": {"pi_e"}, "pi_e": {"pi_d"}, // pi_c is a second too long ago
		"pi_f": {"pi_d", "pi_e"}, // the policy of noon has a longer window: it judges what was paid from then on
		"pi_g": {"pi_f"},         // and there a second too long since the other two
	}
	purchases[2] = buys("pi_c", 89*time.Minute+time.Second)
	for order := range 50 {
		d := repeatDesk(t, false)
		random := rand.New(rand.NewPCG(7, uint64(order)))
		for _, i := range random.Perm(len(purchases)) {
			d.hears(purchases[i])
		}
		for _, f := range purchases {
			p := d.payment(f.Payment)
			require.Equal(t, want[f.Payment], p.DuplicateOf, "%s in order %d", f.Payment, order)
			require.False(t, p.Repay)
			require.Equal(t, len(p.DuplicateOf) > 0, p.Waits() == payment.ReasonDuplicate)
		}
	}
}

func TestOfTwoChargesTheLaterIsPaidBackUnasked(t *testing.T) {
	one, two := buys("pi_1", time.Minute), buys("pi_2", 0)
	for name, order := range map[string][]payment.Facts{"in order": {one, two}, "late": {two, one}} {
		d := repeatDesk(t, true)
		d.hears(order...)
		require.False(t, d.payment("pi_1").Repay, name)
		later := d.payment("pi_2")
		require.True(t, later.Repay, name)
		require.True(t, later.Todo.Has(todo.StepRefund), name)
		require.Empty(t, later.Waits(), name)
		after := later.ClearRepay(noon)
		require.False(t, after.Repay)
		require.Empty(t, after.Todo)
	}
	d := repeatDesk(t, true)
	d.hears(buys("pi_0", time.Minute), buys("pi_1", 0), refunded("re_1", 1, payment.RefundSucceeded))
	require.False(t, d.payment("pi_1").Repaying(), "some of it went back by another hand")
	require.Empty(t, d.owes())
	d.hears(refunded("re_1", 1, payment.RefundFailed))
	require.True(t, d.payment("pi_1").Repaying(), "it did not, after all")
	require.True(t, d.payment("pi_1").Todo.Has(todo.StepRefund))
	d = repeatDesk(t, true)
	d.hears(buys("pi_1", 0), buys("pi_2", 0))
	require.Equal(t, []bool{false, true}, []bool{d.payment("pi_1").Repay, d.payment("pi_2").Repay}, "of two in one second, one")
	require.Equal(t, payment.ReasonDuplicate, d.payment("pi_1").Waits())
}

func TestTheTenPurchasesThatWereGrantedLastAreRemembered(t *testing.T) {
	for order := range 10 {
		d := repeatDesk(t, false)
		arrivals := rand.New(rand.NewPCG(8, uint64(order))).Perm(13)
		for _, n := range arrivals {
			d.hears(buys(payment.ID(fmt.Sprintf("pi_%02d", n)), -time.Duration(n)*time.Hour))
		}
		recent := d.recent["alice"]
		require.Len(t, recent, 10)
		for i, purchase := range recent {
			require.Equal(t, payment.ID(fmt.Sprintf("pi_%02d", arrivals[i+3])), purchase.ID)
		}
		d.hears(buys(recent[4].ID, -time.Duration(arrivals[7])*time.Hour))
		require.Equal(t, recent, d.recent["alice"], "a repeat of the news is no purchase")
	}
}

func TestTwoSlowDebitsAreADoubleChargeHoweverManyPurchasesWereOrderedSince(t *testing.T) {
	for _, newer := range []int{9, 10, 20} {
		d := repeatDesk(t, false)
		for n := range newer {
			d.hears(buys(payment.ID(fmt.Sprint("pi_n", n)), time.Duration(2*n+1)*2*time.Hour))
		}
		d.hears(ordered(buys("pi_a", 0), 200*time.Hour), ordered(buys("pi_b", 0), 200*time.Hour-time.Minute))
		require.True(t, d.payment("pi_b").Duplicate, "%d newer", newer)
		require.Equal(t, []payment.ID{"pi_a"}, d.payment("pi_b").DuplicateOf)
	}
}

func TestAPurchaseIsOneReadAndOneWriteWhateverElseWasBought(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_1", time.Minute))
	d.loads, d.commits = 0, 0
	d.hears(buys("pi_2", 0))
	require.Equal(t, []int{1, 1}, []int{d.loads, d.commits})
}

func TestAChargeThatGrantedNothingIsStillKnownForARepeat(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_1", time.Minute), buys("pi_2", 0, func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }))
	for id, want := range map[payment.ID][]payment.ID{"pi_1": nil, "pi_2": {"pi_1"}, "pi_9": nil} {
		snapshot, err := d.LoadPayment(context.Background(), id, "")
		require.NoError(t, err)
		require.Equal(t, want, d.Rules.DuplicatesOf(snapshot).Earlier, id)
	}
	d.hears(buys("pi_2", 0))
	snapshot, err := d.LoadPayment(context.Background(), "pi_2", "")
	require.NoError(t, err)
	require.Equal(t, []payment.ID{"pi_1"}, d.Rules.DuplicatesOf(snapshot).Earlier)
}

func TestADebtThatARepeatPaysOfItsTwinIsPaid(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_1", 0))
	d.spends("alice", 50)
	back := refunded("re_1", 500, payment.RefundSucceeded)
	d.hears(back, buys("pi_2", 0))
	d.wants(t, 0, 0, 50, 50)
	require.Equal(t, []payment.ID{"pi_2"}, d.payment("pi_1").DuplicateOf)
	back.Refund.Status = payment.RefundFailed
	d.hears(back)
	d.wants(t, 50, 0, 50, 0)
}

// ordered returns the facts of a purchase as of one that was ordered so long before noon.
func ordered(f payment.Facts, before time.Duration) payment.Facts {
	f.Purchase.OrderedAt = noon.Add(-before)
	return f
}

func TestWhatRepeatsWhatGoesByWhenItWasOrderedWhateverOrderTheEventsComeIn(t *testing.T) {
	unpaid := func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }
	events := []payment.Facts{
		ordered(buys("pi_debit", 72*time.Hour, unpaid), 72*time.Hour),
		buys("pi_debit", 0), // settled; its event does not say when it was ordered
		ordered(buys("pi_card", 0), 72*time.Hour-5*time.Minute), // five minutes after the debit was ordered
		ordered(buys("pi_later", time.Second), 24*time.Hour),    // another debit, that settles with the first
	}
	permute(events, func(order []payment.Facts) {
		d := repeatDesk(t, false)
		d.hears(order...)
		require.Equal(t, noon.Add(-72*time.Hour), d.payment("pi_debit").Purchase.OrderedAt)
		require.Equal(t, noon, d.payment("pi_debit").Purchase.PaidAt, "claims and terms go by that")
		require.Empty(t, d.payment("pi_debit").DuplicateOf)
		require.Equal(t, []payment.ID{"pi_card"}, d.payment("pi_debit").DuplicatedBy)
		require.Equal(t, []payment.ID{"pi_debit"}, d.payment("pi_card").DuplicateOf)
		require.Equal(t, payment.ReasonDuplicate, d.payment("pi_card").Waits())
		require.Empty(t, d.payment("pi_later").DuplicateOf)
		require.Empty(t, d.payment("pi_later").DuplicatedBy)
	})
}

func TestBetweenTheSpansTwoChargesKnowOfEachOtherAndWaitForNobody(t *testing.T) {
	first, second := buys("pi_1", 2*time.Hour), buys("pi_2", time.Minute)
	for _, order := range [][]payment.Facts{{first, second}, {second, first}} {
		d := newDesk(t)
		d.Rules.Catalog = shop{window: time.Hour, looks: time.Hour, repays: true}
		d.hears(order...)
		require.Equal(t, []payment.ID{"pi_1"}, d.payment("pi_2").DuplicateOf)
		require.Equal(t, []payment.ID{"pi_2"}, d.payment("pi_1").DuplicatedBy)
		require.Empty(t, d.payment("pi_2").Waits())
		require.False(t, d.payment("pi_2").Repay)
		alike, double := d.Rules.IsDuplicate(*d.payment("pi_2"), *d.payment("pi_1"))
		require.Equal(t, []bool{true, false}, []bool{alike, double})
	}
	d := newDesk(t)
	d.Rules.Catalog = shop{window: time.Hour, looks: time.Hour}
	d.hears(buys("pi_1", 3*time.Hour), second)
	require.Empty(t, d.payment("pi_2").DuplicateOf, "beyond both they are two purchases")
	require.Empty(t, d.payment("pi_1").DuplicatedBy)
}

func TestThePriceInForceWhenItWasOrderedCounts(t *testing.T) {
	cheap := ordered(paid(func(p *payment.Purchase) { p.Subtotal.Minor, p.Paid = 400, 400 }), 24*time.Hour)
	d := newDesk(t)
	d.Rules.Catalog = dearer{}
	d.hears(cheap)
	d.wants(t, 50, 0, 50, 0)
	d = newDesk(t)
	d.Rules.Catalog = dearer{}
	d.hears(ordered(paid(func(p *payment.Purchase) { p.Subtotal.Minor, p.Paid = 400, 400 }), -time.Hour))
	d.wants(t, 0, 0, 0, 0)
}

// dearer sells for less until an hour before noon.
type dearer struct{ shop }

func (s dearer) Package(name string, at time.Time) (payment.Package, bool) {
	product, ok := s.shop.Package(name, at)
	if at.Before(noon.Add(-time.Hour)) {
		product.Price.Minor = 400
	}
	return product, ok
}

func TestAnOrderIsNeverAfterItsMoneyNorBeforeTheEpoch(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), noon.Add(time.Hour)} {
		f := buys("pi_1", 0)
		f.Purchase.OrderedAt = at
		d := newDesk(t)
		d.hears(f)
		require.Equal(t, noon, d.payment("pi_1").Purchase.OrderedAt, at)
	}
}
