package payment_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// The size of the confluence test: so many sets of events, each heard in so many orders.
const (
	eventSets      = 1000
	ordersOfEach   = 20
	confluenceSeed = 5
)

func TestAThousandSetsOfEventsEndTheSameInTwentyOrdersEach(t *testing.T) {
	var receipts, owing, promises, unpaid, unclears int
	for set := range eventSets {
		random := rand.New(rand.NewPCG(confluenceSeed, uint64(set)))
		h := drawHistory(random.IntN)
		for order := range ordersOfEach {
			d := newDesk(t)
			d.light = true
			receipts += d.live(h, random.IntN)
			require.NoError(t, d.endOf(h), "seed %d, set %d, order %d", confluenceSeed, set, order)
		}
		w := h.balances()
		for _, balance := range w {
			owing += int(min(1, max(0, -balance)))
		}
		for _, course := range h.payments {
			promises += len(course.promises)
			if course.unclear {
				unclears++
			}
			unpaid += int(max(0, 1-course.paid))
		}
	}
	t.Logf("seed %d: %d sets in %d orders each, %d events heard; %d wallets ended owing, %d promises, %d payments never paid, %d unclear",
		confluenceSeed, eventSets, ordersOfEach, receipts, owing, promises, unpaid, unclears)
	require.Greater(t, min(owing, promises, unpaid, unclears), 50, "the sets are worth hearing")
}

func TestAnyOrderAndMultiplicityOfFactsEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pick(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") })
		h := drawHistory(p)
		d := newDesk(t)
		d.wallets["alice"] = openingWallet(t, rapid.IntRange(0, 80).Draw(t, "gift"), rapid.IntRange(0, 80).Draw(t, "spent"))
		d.gifts = d.wallets["alice"].Available(noon)
		d.rivalry = p
		d.live(h, p)
		require.NoError(t, d.endOf(h))
	})
}

// openingWallet holds a gift of which some is spent.
func openingWallet(t *rapid.T, gift, spend int) ledger.Wallet {
	w := ledger.Wallet{Customer: "alice"}
	if gift == 0 {
		return w
	}
	posting, _, err := ledger.Grant(w, ledger.Lot{ID: "lot_gift000000", Source: ledger.SourceGoodwill, Granted: ledger.Credits(gift)}, ledger.Cause{}, noon)
	require.NoError(t, err)
	_, hold, err := ledger.Hold(posting.After, ledger.Credits(min(gift, spend)), noon)
	require.NoError(t, err)
	return hold.After
}

// live lets the history happen in another order, some of it several times, and returns how many
// events that were.
func (d *desk) live(h history, p pick) int {
	for _, id := range h.ids() {
		if course := h.payments[id]; h.spent[course.customer] > 0 && id == payment.ID(fmt.Sprintf("pi_%s_1", course.customer)) {
			d.hears(course.first)
			d.spends(course.customer, h.spent[course.customer])
		}
	}
	steps := h.order(p)
	queue := map[payment.ID][]step{}
	for _, next := range steps {
		if d.rivalry != nil {
			d.rivals = d.rivalry(20) / 19 // each costs a pause
		}
		if next.facts == nil {
			queue[next.id] = append(queue[next.id], next)
		} else {
			d.hears(*next.facts)
		}
		d.rivals = 0
		queue[next.id] = d.commands(queue[next.id])
	}
	return len(steps)
}

// commands carries out what can be carried out by now, and returns the rest.
func (d *desk) commands(queue []step) (rest []step) {
	for _, next := range queue {
		p := d.payment(next.id)
		if p == nil || p.State != payment.StateGranted {
			return queue
		}
		switch promise, exists := p.Promised[next.caseID]; {
		case next.promise != nil && exists: // a verdict is given once
		case next.promise != nil:
			d.judges(p.Promise(next.caseID, *next.promise, noon))
		case !exists:
			rest = append(rest, next)
		case p.Progress(next.caseID) == payment.ProgressDue:
			promise.GivenUp++
			p.Promised = maps.Clone(p.Promised)
			p.Promised[next.caseID] = promise
			d.judges(*p)
		}
	}
	if len(rest) > 0 && len(rest) < len(queue) {
		return d.commands(rest)
	}
	return rest
}

// judges commits the payment as it was edited, as a verdict does.
func (d *desk) judges(after payment.Payment) {
	snapshot, err := d.LoadPayment(context.Background(), after.ID, "")
	require.NoError(d.t, err)
	judged := snapshot
	judged.Payment = &after
	change, err := d.Rules.Reassess(judged, ledger.Cause{}, noon)
	require.NoError(d.t, err)
	require.NoError(d.t, d.CommitPayment(context.Background(), snapshot, change))
}

func (d *desk) spends(customer ledger.CustomerID, credits ledger.Credits) {
	_, hold, err := ledger.Hold(d.wallet(customer), credits, noon)
	require.NoError(d.t, err)
	d.wallets[customer] = hold.After
}

// balances returns what each customer has in the end, below zero what they owe: law 2 leaves
// nothing between.
func (h history) balances() map[ledger.CustomerID]ledger.Credits {
	balances := map[ledger.CustomerID]ledger.Credits{}
	for _, course := range h.payments {
		grant, clawback := course.want()
		balances[course.customer] += grant - clawback
	}
	for customer, spend := range h.spent {
		balances[customer] -= spend
	}
	return balances
}

// repeats returns the payments that this one may be a double charge of: all are of one package and
// one instant.
func (h history) repeats(id payment.ID) (repeats []payment.ID) {
	course := h.payments[id]
	for _, other := range h.ids() {
		if o := h.payments[other]; other != id && course.paid > 0 && o.customer == course.customer && o.paid == course.paid {
			repeats = append(repeats, other)
		}
	}
	return repeats
}

// unclear reports whether the last word of anything about the payment is none that we know.
func unclear(p payment.Payment) bool {
	refunds, disputes, purchase := p.Latest()
	for _, refund := range refunds {
		if !refund.Status.Valid() {
			return true
		}
	}
	for _, dispute := range disputes {
		if !dispute.Status.Valid() {
			return true
		}
	}
	return purchase == "perhaps" || purchase == "maybe"
}

// endOf checks {granted, taken} and the promises of every payment, and {available, owed} of every
// wallet.
func (d *desk) endOf(h history) error {
	for id, course := range h.payments {
		p := d.payment(id)
		grant, clawback := course.want()
		if p.Granted() != grant || p.Clawback.Total() != clawback {
			return fmt.Errorf("%s granted %d and took %d back, not %d and %d", id, p.Granted(), p.Clawback.Total(), grant, clawback)
		}
		if course.unclear != unclear(*p) {
			return fmt.Errorf("%s waits for a known word: not %v: %v, known at %v", id, course.unclear, p.Unclear, p.KnownAt)
		}
		if repeats := h.repeats(id); !slices.Equal(p.DuplicateOf, repeats) {
			return fmt.Errorf("%s repeats %v, not %v", id, p.DuplicateOf, repeats)
		}
		for caseID := range course.promises {
			progress, is := course.progress(caseID), p.Progress(caseID)
			// Giving up is a command: it only follows where the refund has not failed before.
			if course.promises[caseID].givenUp && progress == payment.ProgressExternal && is == payment.ProgressFailed {
				continue
			}
			if is != progress {
				return fmt.Errorf("%s of %s is %q, not %q", caseID, id, p.Progress(caseID), progress)
			}
		}
	}
	for customer, balance := range h.balances() {
		if customer == "alice" {
			balance += d.gifts
		}
		w := d.wallet(customer)
		if w.Available(noon) != max(balance, 0) || w.Owed() != max(-balance, 0) {
			return fmt.Errorf("%s has %d and owes %d, not %d", customer, w.Available(noon), w.Owed(), balance)
		}
	}
	return nil
}

func TestAmountsAtTheEdgesNeverPanicNorTakeMoreThanWasGranted(t *testing.T) {
	edge := rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(1<<53-2, 1<<53+2), rapid.Int64Range(1<<63-1-3, 1<<63-1), rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t)
		facts := []payment.Facts{
			paid(func(p *payment.Purchase) { p.Paid = edge.Draw(t, "paid") }),
			refunded("re_1", edge.Draw(t, "one"), payment.RefundSucceeded),
			refunded("re_2", edge.Draw(t, "two"), payment.RefundPending),
			disputed("dp_1", edge.Draw(t, "three"), payment.DisputeLost),
		}
		facts[1].Refund.Amount = money.Amount{Currency: rapid.SampledFrom([]string{"", "USD", "EUR"}).Draw(t, "currency"), Minor: facts[1].Refund.Amount.Minor}
		for _, one := range rapid.Permutation(facts).Draw(t, "order") {
			if _, err := d.Receive(context.Background(), one, noon); err != nil {
				require.Equal(t, fault.KindInvalid, fault.KindOf(err))
			}
		}
		p := d.payment("pi_1")
		if p == nil {
			return
		}
		require.LessOrEqual(t, p.Clawback.Total(), p.Granted())
		w := d.wallet("alice")
		require.Equal(t, p.Granted()-p.Clawback.Total(), w.Available(noon)-w.Owed())
	})
}
