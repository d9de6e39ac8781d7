package payment_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// pick returns a number from 0 to n-1: from a seed, or as rapid draws it.
type pick func(n int) int

func (p pick) chance(oneIn int) bool { return p(oneIn) == 0 }

func (p pick) amount(most int64) int64 { return 1 + int64(p(int(most))) }

func oneOf[T any](p pick, of ...T) T { return of[p(len(of))] }

// step is something that happens to a payment: its provider says so (facts), a case is promised
// money or credits of it, or its provider is given up on for the case. The last two wait until the
// payment is granted, and promised.
type step struct {
	id      payment.ID
	facts   *payment.Facts
	caseID  string
	promise *payment.Promise
}

// history is all that will ever happen to the payments of some customers, in the order it happened,
// and what follows from it: told by the formula of law 4 and the statuses that count in the end,
// not by the code under test.
type history struct {
	steps    []step
	payments map[payment.ID]*truth
	spent    map[ledger.CustomerID]ledger.Credits // right after the first purchase
}

// truth is what is true of one payment in the end.
type truth struct {
	customer ledger.CustomerID
	first    payment.Facts // the purchase that is heard of before anything else, where credits of it are spent
	paid     int64         // 0: it never was
	external int64         // went back beside our promises, or is held by a bank
	back     int64         // of it what the customer has for good
	promises map[string]*promiseTruth
	unclear  bool // the last word of something is none that we know
}

type promiseTruth struct {
	payment.Promise
	live, succeeded, failed, givenUp bool
	unclear                          bool  // its provider's last word of one of its refunds is none that we know
	minor                            int64 // of the refunds that count
}

func drawHistory(p pick) history {
	h := history{payments: map[payment.ID]*truth{}, spent: map[ledger.CustomerID]ledger.Credits{}}
	for _, customer := range oneOf(p, []ledger.CustomerID{"alice"}, []ledger.CustomerID{"alice"}, []ledger.CustomerID{"alice", "bob"}) {
		for n := range 1 + p(2) {
			h.drawPayment(p, customer, payment.ID(fmt.Sprintf("pi_%s_%d", customer, n+1)))
		}
		if first := h.payments[payment.ID(fmt.Sprintf("pi_%s_1", customer))]; first.paid > 0 && p.chance(2) {
			h.spent[customer] = ledger.Credits(1 + p(50))
		}
	}
	return h
}

// hear lets the provider say it, a second after what it said before.
func (h *history) hear(id payment.ID, facts payment.Facts) {
	facts.Payment, facts.At = id, noon.Add(time.Duration(len(h.steps))*time.Second-time.Hour)
	h.steps = append(h.steps, step{id: id, facts: &facts})
}

// mumble now and then has the provider say a word that nobody knows, once more or for the first
// time, and reports whether it did.
func (h *history) mumble(p pick, id payment.ID, say func(word string) payment.Facts) bool {
	if !p.chance(6) {
		return false
	}
	h.hear(id, say(oneOf(p, "perhaps", "maybe")))
	return true
}

func (h *history) drawPayment(p pick, customer ledger.CustomerID, id payment.ID) {
	t := &truth{customer: customer, promises: map[string]*promiseTruth{}}
	h.payments[id] = t
	amount := oneOf[int64](p, 500, 500, 499, 333, 7, 1)
	purchase := func(status payment.Status) payment.Facts {
		f := paid(func(b *payment.Purchase) { b.Customer, b.Status, b.Paid = customer, status, amount })
		f.Payment = id
		return f
	}
	for _, status := range oneOf(p,
		[]payment.Status{payment.StatusPaid}, []payment.Status{payment.StatusUnpaid, payment.StatusPaid},
		[]payment.Status{payment.StatusUnpaid, payment.StatusPaid, payment.StatusFailed}, []payment.Status{payment.StatusPaid},
		[]payment.Status{payment.StatusUnpaid, payment.StatusFailed},
	) {
		h.mumble(p, id, func(word string) payment.Facts { return purchase(payment.Status(word)) })
		h.hear(id, purchase(status))
		if status == payment.StatusPaid {
			t.paid, t.first = amount, *h.steps[len(h.steps)-1].facts
		}
	}
	t.unclear = h.mumble(p, id, func(word string) payment.Facts { return purchase(payment.Status(word)) })
	for n := range p(3) {
		h.drawRefund(p, id, fmt.Sprintf("re_%d", n), "")
	}
	for n := range p(3) {
		h.drawDispute(p, id, fmt.Sprintf("dp_%d", n))
	}
	for n := range p(3) {
		h.drawPromise(p, id, fmt.Sprintf("cas_%d", n))
	}
	if p.chance(3) {
		h.hear(id, payment.Facts{Provider: "stripe", RefundedInAll: p.amount(600)})
	}
}

// drawRefund returns whether the refund counts in the end, whether it succeeded, its amount, and
// whether the last word of it is none that we know.
func (h *history) drawRefund(p pick, id payment.ID, refund, caseID string) (counts, success bool, amount int64, unclear bool) {
	t := h.payments[id]
	amount = p.amount(600)
	way := oneOf(p,
		[]payment.RefundStatus{payment.RefundPending},
		[]payment.RefundStatus{payment.RefundSucceeded},
		[]payment.RefundStatus{payment.RefundPending, payment.RefundRequiresAction, payment.RefundSucceeded},
		[]payment.RefundStatus{payment.RefundSucceeded, payment.RefundFailed},
		[]payment.RefundStatus{payment.RefundPending, payment.RefundCanceled},
	)
	mumbled := func(word string) payment.Facts {
		f := refunded(refund, amount, payment.RefundStatus(word))
		f.Refund.Case = caseID
		return f
	}
	for n, status := range way {
		h.mumble(p, id, mumbled)
		f := refunded(refund, amount, status)
		if n == 0 || p.chance(2) { // once named is enough
			f.Refund.Case = caseID
		}
		h.hear(id, f)
	}
	unclear = h.mumble(p, id, mumbled)
	t.unclear = t.unclear || unclear
	last := way[len(way)-1]
	success = last == payment.RefundSucceeded
	counts = last != payment.RefundFailed && last != payment.RefundCanceled
	if caseID == "" && counts {
		t.external += min(amount, t.paid)
		if success {
			t.back += min(amount, t.paid)
		}
	}
	return counts, success, amount, unclear
}

func (h *history) drawDispute(p pick, id payment.ID, dispute string) {
	t, amount := h.payments[id], p.amount(600)
	way := oneOf(p,
		[]payment.DisputeStatus{payment.DisputeInquiryOpen, payment.DisputeInquiryReview, payment.DisputeInquiryClosed},
		[]payment.DisputeStatus{payment.DisputePrevented},
		[]payment.DisputeStatus{payment.DisputeInquiryOpen, payment.DisputeOpen},
		[]payment.DisputeStatus{payment.DisputeOpen, payment.DisputeReview, payment.DisputeWon},
		[]payment.DisputeStatus{payment.DisputeOpen, payment.DisputeReview, payment.DisputeLost},
		[]payment.DisputeStatus{payment.DisputeOpen, payment.DisputeLost, payment.DisputeWon},
	)
	mumbled := func(word string) payment.Facts { return disputed(dispute, amount, payment.DisputeStatus(word)) }
	for _, status := range way {
		h.mumble(p, id, mumbled)
		h.hear(id, disputed(dispute, amount, status))
	}
	t.unclear = h.mumble(p, id, mumbled) || t.unclear
	switch way[len(way)-1] {
	case payment.DisputeLost:
		t.back += min(amount, t.paid)
		fallthrough
	case payment.DisputeOpen:
		t.external += min(amount, t.paid)
	}
}

// drawPromise promises money or credits for a case; the provider's refunds of it may come before
// the promise is heard of, more than one, and of another amount.
func (h *history) drawPromise(p pick, id payment.ID, caseID string) {
	t := h.payments[id]
	if t.paid == 0 {
		return
	}
	promise := promiseTruth{Promise: payment.Promise{Minor: p.amount(t.paid), Money: !p.chance(4)}}
	if promise.Money {
		promise.Credits = ledger.Credits(p(60))
	}
	h.steps = append(h.steps, step{id: id, caseID: caseID, promise: &promise.Promise})
	for n := range p(3) {
		counts, success, amount, unclear := h.drawRefund(p, id, fmt.Sprintf("re_%s_%d", caseID, n), caseID)
		promise.unclear = promise.unclear || unclear
		promise.live, promise.succeeded, promise.failed = promise.live || counts, promise.succeeded || success, promise.failed || !counts
		if counts {
			promise.minor += min(amount, t.paid)
		}
		if counts && !promise.Money { // nobody promised that
			t.external += min(amount, t.paid)
		}
		if success && !promise.Money {
			t.back += min(amount, t.paid)
		}
	}
	if promise.Money && p.chance(4) {
		promise.givenUp = true
		h.steps = append(h.steps, step{id: id, caseID: caseID})
	}
	t.promises[caseID] = &promise
}

// counts reports whether the promise's money is gone or on its way, in the end.
func (p promiseTruth) counts() bool {
	return p.Money && (p.live || p.unclear || !p.failed && !p.givenUp)
}

// want returns {granted, taken} of the payment: law 4.
func (t truth) want() (grant, clawback ledger.Credits) {
	if t.paid == 0 {
		return 0, 0
	}
	external := t.external
	for _, promise := range t.promises {
		if promise.counts() {
			clawback += min(promise.Credits, 50)
		}
		if promise.Money {
			external += max(0, promise.minor-promise.Minor)
		}
	}
	external = min(external, t.paid)
	return 50, min(50, clawback+ledger.Credits((50*external+t.paid-1)/t.paid))
}

// progress returns how far the promise's money has come, in the end.
func (t truth) progress(caseID string) payment.Progress {
	switch p := t.promises[caseID]; {
	case !p.Money:
		return ""
	case p.succeeded:
		return payment.ProgressPaid
	case p.live || p.unclear:
		return payment.ProgressPending
	case p.counts():
		return payment.ProgressDue
	case t.back >= t.paid || p.givenUp && t.back >= p.Minor: // it was given up before anything went back
		return payment.ProgressExternal
	}
	return payment.ProgressFailed
}

// order returns the steps in another order, some of them several times.
func (h history) order(p pick) []step {
	steps := slices.Clone(h.steps)
	for range p(1 + len(h.steps)/2) {
		steps = append(steps, oneOf(p, h.steps...))
	}
	for i := len(steps) - 1; i > 0; i-- {
		j := p(i + 1)
		steps[i], steps[j] = steps[j], steps[i]
	}
	return steps
}

// ids returns the payments, in order.
func (h history) ids() []payment.ID { return slices.Sorted(maps.Keys(h.payments)) }
