package payment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// history is everything a provider will ever say of some payments of one customer, in the order it happened.
type history struct {
	facts []payment.Facts
	paid  map[payment.ID]int64
	back  map[payment.ID]int64 // what the last statuses leave gone, uncapped
}

func drawHistory(t *rapid.T) history {
	h := history{paid: map[payment.ID]int64{}, back: map[payment.ID]int64{}}
	for n := range rapid.IntRange(1, 3).Draw(t, "payments") {
		id := payment.ID(fmt.Sprintf("pi_%d", n+1))
		h.drawPurchase(t, id)
		for r := range rapid.IntRange(0, 3).Draw(t, "refunds") {
			h.drawRefund(t, id, fmt.Sprintf("re_%d", r))
		}
		for r := range rapid.IntRange(0, 2).Draw(t, "disputes") {
			h.drawDispute(t, id, fmt.Sprintf("dp_%d", r))
		}
	}
	return h
}

func (h *history) drawPurchase(t *rapid.T, id payment.ID) {
	amount := rapid.SampledFrom([]int64{500, 500, 499, 333, 1}).Draw(t, "paid")
	edit := func(status payment.Status) payment.Facts {
		f := paid(func(p *payment.Purchase) { p.Status, p.Paid = status, amount })
		f.Payment = id
		return f
	}
	if rapid.Bool().Draw(t, "delayed") {
		h.facts = append(h.facts, edit(payment.StatusUnpaid))
	}
	if rapid.IntRange(0, 9).Draw(t, "fails") == 0 {
		h.facts = append(h.facts, edit(payment.StatusFailed))
		return
	}
	h.paid[id] = amount
	h.facts = append(h.facts, edit(payment.StatusPaid))
}

func (h *history) drawRefund(t *rapid.T, id payment.ID, refund string) {
	amount := rapid.Int64Range(1, 600).Draw(t, "refunded")
	ways := [][]payment.RefundStatus{
		{payment.RefundPending},
		{payment.RefundSucceeded},
		{payment.RefundPending, payment.RefundRequiresAction, payment.RefundSucceeded},
		{payment.RefundSucceeded, payment.RefundFailed},
		{payment.RefundPending, payment.RefundCanceled},
	}
	for _, status := range rapid.SampledFrom(ways).Draw(t, "refund") {
		f := refunded(refund, amount, status)
		f.Payment = id
		h.facts = append(h.facts, f)
	}
	last := h.facts[len(h.facts)-1].Refund
	if last.Status != payment.RefundFailed && last.Status != payment.RefundCanceled {
		h.back[id] += amount
	}
}

func (h *history) drawDispute(t *rapid.T, id payment.ID, dispute string) {
	amount := rapid.Int64Range(1, 600).Draw(t, "disputed")
	ways := [][]payment.DisputeStatus{
		{payment.DisputeInquiryOpen, payment.DisputeInquiryReview, payment.DisputeInquiryClosed},
		{payment.DisputePrevented},
		{payment.DisputeInquiryOpen, payment.DisputeOpen},
		{payment.DisputeOpen, payment.DisputeReview, payment.DisputeWon},
		{payment.DisputeOpen, payment.DisputeReview, payment.DisputeLost},
		{payment.DisputeOpen, payment.DisputeLost, payment.DisputeWon},
	}
	way := rapid.SampledFrom(ways).Draw(t, "dispute")
	for _, status := range way {
		f := disputed(dispute, amount, status)
		f.Payment = id
		h.facts = append(h.facts, f)
	}
	if slices.Contains([]payment.DisputeStatus{payment.DisputeOpen, payment.DisputeReview, payment.DisputeLost}, way[len(way)-1]) {
		h.back[id] += amount
	}
}

// want works out a payment's {granted, taken} from the history alone: starter's 50 credits, and the share gone back.
func (h history) want(id payment.ID) (granted, taken ledger.Credits) {
	paid, ok := h.paid[id]
	if !ok {
		return 0, 0
	}
	back := min(h.back[id], paid)
	return 50, ledger.Credits((50*back + paid - 1) / paid)
}

func TestAnyOrderAndMultiplicityOfFactsEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		heard := slices.Clone(h.facts)
		for range rapid.IntRange(0, 6).Draw(t, "repeats") {
			heard = append(heard, rapid.SampledFrom(h.facts).Draw(t, "repeated"))
		}
		heard = rapid.Permutation(heard).Draw(t, "order")
		d := newDesk(t)
		opening := openingWallet(t, rapid.IntRange(0, 80).Draw(t, "gift"), rapid.IntRange(0, 80).Draw(t, "spent"))
		d.wallets["alice"] = opening
		for _, facts := range heard {
			d.rivals = rapid.IntRange(0, 20).Draw(t, "rivals") / 20 // each costs a pause
			_, err := d.Receive(context.Background(), facts, noon)
			require.NoError(t, err)
		}
		d.requireEndOf(t, h, opening)
	})
}

// openingWallet holds a gift of which some is spent.
func openingWallet(t *rapid.T, gift, spent int) ledger.Wallet {
	w := ledger.Wallet{Customer: "alice"}
	if gift == 0 {
		return w
	}
	posting, _, err := ledger.Grant(w, ledger.Lot{ID: "lot_gift000000", Source: ledger.SourceGoodwill, Granted: ledger.Credits(gift)}, ledger.Cause{}, noon)
	require.NoError(t, err)
	_, hold, err := ledger.Hold(posting.After, ledger.Credits(min(gift, spent)), noon)
	require.NoError(t, err)
	return hold.After
}

// requireEndOf checks {granted, taken} of every payment and {available, owed} of the wallet. A wallet owes only when nothing is
// available (law 2), so the difference of the two says both.
func (d *desk) requireEndOf(t *rapid.T, h history, opening ledger.Wallet) {
	balance := opening.Available(noon)
	for _, facts := range h.facts {
		p := d.payment(facts.Payment)
		require.NotNil(t, p)
		granted, taken := h.want(facts.Payment)
		require.Equal(t, []ledger.Credits{granted, taken}, []ledger.Credits{p.Granted(), p.Taking.Taken()}, "granted and taken of %s", p.ID)
	}
	for id := range d.payments {
		granted, taken := h.want(id)
		balance += granted - taken
	}
	w := d.wallet("alice")
	require.Equal(t, []ledger.Credits{max(balance, 0), max(-balance, 0)}, []ledger.Credits{w.Available(noon), w.Owed()}, "available and owed")
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
		require.LessOrEqual(t, p.Taking.Taken(), p.Granted())
		w := d.wallet("alice")
		require.Equal(t, p.Granted()-p.Taking.Taken(), w.Available(noon)-w.Owed())
	})
}
