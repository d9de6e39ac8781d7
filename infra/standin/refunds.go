package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"makegood/shared/provider/fake"
)

// Calls counts what was asked about one payment.
type Calls struct {
	Refunds    int `json:"refunds"`    // calls for a refund, whatever came of them
	Replayed   int `json:"replayed"`   // of these, answered by what the key's first one got
	Overlapped int `json:"overlapped"` // of these, come while another of the same key was under way
	Reads      int `json:"reads"`      // reads that named the payment
}

// order is one call for a refund, at whichever door.
type order struct {
	provider string
	payment  string
	key      string
	print    string // tells the request from others under the key
	minor    int64  // 0: all that is left
	currency string // "": the payment's own
	metadata map[string]string
	reason   string
	deny     func(denial) answer
	view     func(*Refund) map[string]any // the body of a refund that was made
	spent    *answer                      // what a key gets whose first call failed by our fault; nil: the failure again
}

// callsOf gives the counts of a payment; the caller holds the lock.
func (p *Provider) callsOf(payment string) *Calls {
	if p.calls[payment] == nil {
		p.calls[payment] = &Calls{}
	}
	return p.calls[payment]
}

// refund runs a call for a refund past its faults and its key, and writes the answer.
func (p *Provider) refund(w http.ResponseWriter, o order) {
	// The stack may ask for a refund of a payment whose event it has not answered yet.
	p.await(o.payment)
	p.mu.Lock()
	calls, keys := p.callsOf(o.payment), p.keys[o.provider]
	// Counted whatever comes of it: a test asks how often the provider was called.
	calls.Refunds++
	if keys.enter(o.key) {
		calls.Overlapped++
	}
	_, hasAnswer := keys.answers[o.key]
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		keys.leave(o.key)
		p.mu.Unlock()
	}()

	// Faults are drawn before the key is taken, so a refusal leaves the key free.
	m := p.meet(o.payment, hasAnswer)
	switch m.call.Kind {
	case FaultInUse:
		write(w, o.deny(inUse))
		return
	case FaultThrottled:
		write(w, o.deny(tooMany))
		return
	default:
	}
	a, replay := p.answerOnce(o, m)
	// The refund is made and its event is posted; only the answer is lost.
	if m.call.Kind == FaultAcceptThenDrop {
		Cut(w)
	}
	if replay {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	write(w, a)
}

// answerOnce gives the key's first answer, or makes the refund. A slow one holds the key until it
// is answered.
func (p *Provider) answerOnce(o order, m met) (a answer, replay bool) {
	keys := p.keys[o.provider]
	p.mu.Lock()
	// Keys are pruned after a day at Stripe: a caller who relies on one alone pays twice.
	if m.call.Kind == FaultKeyForgotten {
		delete(keys.answers, o.key)
	}
	first, refusal := keys.begin(o.key, o.print)
	if first != nil {
		p.callsOf(o.payment).Replayed++
	}
	if first != nil || refusal != nil {
		p.mu.Unlock()
		if refusal != nil {
			return o.deny(*refusal), false
		}
		if m.call.Kind == FaultSlow {
			p.pause(m.call.Delay)
		}
		return *first, true
	}
	// Under the lock: what is left is read and taken in one step, so two calls cannot share it.
	a, refund, events := p.make(o, m.outcome.Kind)
	p.mu.Unlock()
	// The event goes out before the answer, as it may at Stripe.
	if refund != nil {
		p.post(refund.Payment, events...)
		if m.outcome.Kind == FaultFailsLater {
			p.failLater(refund.ID, m.outcome.Delay)
		}
	}
	if m.call.Kind == FaultSlow {
		p.pause(m.call.Delay)
	}
	// At the standard door a key whose first call broke is spent; Stripe gives the 500 again.
	first = &a
	if a.status == http.StatusInternalServerError && o.spent != nil {
		first = o.spent
	}
	p.mu.Lock()
	keys.finish(o.key, o.print, *first)
	p.mu.Unlock()
	return a, false
}

// make enters a refund into the books, or says why there is none; the caller holds the lock.
func (p *Provider) make(o order, outcome FaultKind) (answer, *Refund, []*event) {
	page := p.books.Payments[o.payment]
	if page == nil || page.Provider != o.provider || page.Paid <= 0 {
		return o.deny(denial{
			status: http.StatusNotFound, kind: kindInvalid, code: "resource_missing", param: "payment_intent",
			message: fmt.Sprintf("No such payment_intent: '%s'", o.payment),
		}), nil, nil
	}
	// What is on its way counts as gone: Stripe never lets more out than came in.
	minor, rest := o.minor, p.books.Left(page.ID)
	if minor == 0 {
		minor = rest
	}
	deny := func(code, param, message string) (answer, *Refund, []*event) {
		return o.deny(denial{status: http.StatusBadRequest, kind: kindInvalid, code: code, param: param, message: message, keep: true}), nil, nil
	}
	charge, refusal := chargeOf(page.ID), p.books.Refusal(page.ID, minor)
	switch {
	// The faults come first: they are asked for, whatever the books would say.
	case outcome == FaultServerErrorSaved:
		return o.deny(broken), nil, nil
	case outcome == FaultRefused:
		return deny("charge_not_refundable", "", fmt.Sprintf("Charge %s cannot be refunded.", charge))
	case refusal == fake.RefusalDisputed:
		return deny("charge_disputed", "", fmt.Sprintf("Charge %s has been charged back; cannot issue a refund.", charge))
	case refusal == fake.RefusalRefunded:
		return deny("charge_already_refunded", "", fmt.Sprintf("Charge %s has already been refunded.", charge))
	case o.currency != "" && !strings.EqualFold(o.currency, page.Currency):
		return deny("", "amount", fmt.Sprintf("The charge is in %s.", page.Currency))
	case o.provider == providerStripe && !chargeable(minor, page.Currency):
		return deny("invalid_charge_amount_no_decimal_compatible", "amount", "Invalid amount. The last digits of such a currency must be 0.")
	case refusal == fake.RefusalTooMuch:
		return deny("", "amount", fmt.Sprintf("Refund amount (%d) is greater than unrefunded amount on charge (%d)", minor, rest))
	}
	// Succeeded is the usual end of a card's refund, and it is so at once.
	status := fake.StatusSucceeded
	if slices.Contains([]FaultKind{FaultPending, FaultRequiresAction}, outcome) {
		status = string(outcome) // the faults are named after what they lead to
	}
	refund := p.enter(page, Refund{Minor: minor, Status: status, Key: o.key, Metadata: o.metadata, Reason: o.reason})
	return answer{status: http.StatusOK, body: marshal(o.view(refund)), keep: true}, refund, p.refundEvents(refund, "created")
}

// chargeable reports whether the digits of an amount that Stripe wants to be 0 are: ISK and UGX
// have no fraction, the last of three decimals is none.
func chargeable(minor int64, currency string) bool {
	switch strings.ToUpper(currency) {
	case "ISK", "UGX":
		return minor%100 == 0
	case "BHD", "JOD", "KWD", "OMR", "TND":
		return minor%10 == 0
	}
	return true
}

// enter puts a new refund of the payment on the books; the caller holds the lock.
func (p *Provider) enter(page *Payment, r Refund) *Refund {
	r.ID, r.Payment, r.Currency, r.Provider = newID("re_"), page.ID, page.Currency, page.Provider
	r.Case, r.Created = r.Metadata["case"], p.now()
	p.books.Refunds = append(p.books.Refunds, &r)
	return &r
}

// refundEvents makes the events of a refund that was "created", "updated" or "failed". With a new
// one Stripe also tells of its charge, with the sum of all. The caller holds the lock.
func (p *Provider) refundEvents(r *Refund, what string) []*event {
	if r.Provider != providerStripe {
		return []*event{p.newMessage(r.Provider, "payment.refunded", p.standardRefunded(r))}
	}
	events := []*event{p.newEvent("refund."+what, p.refundObject(r))}
	if what == "created" {
		events = append(events, p.newEvent("charge.refunded", p.chargeObject(p.books.Payments[r.Payment])))
	}
	return events
}

// failLater has a refund that succeeded fail after a delay.
func (p *Provider) failLater(id string, delay time.Duration) {
	p.posting.Go(func() {
		if p.pause(delay) {
			_, _ = p.MoveRefund(id, fake.StatusFailed) // moved by hand meanwhile: then that holds
		}
	})
}

// write sends an answer.
func write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}
