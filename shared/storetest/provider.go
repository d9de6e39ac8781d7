package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider/fake"
)

// Fault is what goes wrong, or otherwise than usual, with one refund that the provider is asked
// for.
type Fault string

// The faults; the zero value is none: the refund succeeds at once.
const (
	FaultDrop    Fault = "dropped" // done, but the answer is lost
	FaultBusy    Fault = "busy"    // not done, and nobody knows
	FaultRefusal Fault = "refused"
	FaultSpent   Fault = "spent"   // a failure of its own, which it repeats for this key
	FaultPending Fault = "pending" // taken, and not decided yet
)

// Provider plays a payment provider over its books, with faults on demand. What it does by itself
// are events without an instant, which wait until the world delivers them.
type Provider struct {
	fake.Account
	Forgets bool // idempotency keys are not remembered

	mu      sync.Mutex
	brought int // how many of its events no longer wait
	faults  []Fault
	over    []payment.RefundOrder // orders for more than was left, or for what a bank holds
	reused  []payment.RefundOrder // orders under the key of another order
}

const providerName = "stripe"

// Has makes the next refunds go as the faults say, in turn.
func (p *Provider) Has(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Look implements payment.Gateway. Nothing may depend on the order, which replay shows.
func (p *Provider) Look(_ context.Context, id payment.ID) ([]payment.Facts, error) {
	return p.Of(id), nil
}

// Refund implements payment.Gateway. It gives the answers of a real provider, faults included.
func (p *Provider) Refund(_ context.Context, order payment.RefundOrder) (payment.Facts, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Each order uses up one fault.
	var now Fault
	if len(p.faults) > 0 {
		now, p.faults = p.faults[0], p.faults[1:]
	}
	if now == FaultBusy {
		return payment.Facts{}, fault.Busy(errors.New("storetest: the provider does not answer"))
	}
	// A provider that forgets its keys would pay twice: only a look-up tells the caller what was
	// done.
	if p.Forgets {
		p.Forget(order.Key)
	}
	status := payment.RefundSucceeded
	if now == FaultPending {
		status = payment.RefundPending
	}
	refusals := map[Fault]fake.Refusal{FaultSpent: fake.RefusalSpentKey, FaultRefusal: fake.RefusalForbidden}
	facts, refusal := p.Account.Refund(order, status, refusals[now], time.Time{})
	if refusal != "" {
		return payment.Facts{}, p.refuse(order, refusal)
	}
	// A dropped answer is a refund that was made.
	if now == FaultDrop {
		return payment.Facts{}, fault.Busy(errors.New("storetest: the provider's answer was lost"))
	}
	return facts, nil
}

// refuse returns the error of a refusal, and notes what nobody should have ordered.
func (p *Provider) refuse(order payment.RefundOrder, refusal fake.Refusal) error {
	code := payment.CodeRefused
	switch refusal {
	case fake.RefusalOtherKey:
		p.reused = append(p.reused, order)
	case fake.RefusalTooMuch:
		p.over = append(p.over, order)
	case fake.RefusalDisputed:
		p.over, code = append(p.over, order), payment.CodeDisputed
	case fake.RefusalRefunded:
		code = payment.CodeAlreadyRefunded
	case fake.RefusalSpentKey:
		code = payment.CodeKeySpent
	case fake.RefusalUnknown, fake.RefusalForbidden:
	}
	return fault.Errorf(fault.KindConflict, code, "the provider says no")
}

// Ends gives every refund of the case that counts, or is pending, its final status. Its events wait
// for Webhooks, so that a story can lose them first.
func (p *Provider) Ends(id payment.ID, caseID string, status payment.RefundStatus) {
	for _, facts := range p.Of(id) {
		if facts.Refund != nil && facts.Refund.Case == caseID && facts.Refund.Counts() {
			facts.Refund.Status = status
			p.Happens(facts, time.Time{})
		}
	}
}

// List implements payment.Gateway, three events a page. Events that the provider made by itself
// have no instant, and are in every listing.
func (p *Provider) List(_ context.Context, since time.Time, cursor string) (payment.Listing, error) {
	events, more := p.Page(since, cursor, 3)
	var page payment.Listing
	for _, event := range events {
		page.Facts = append(page.Facts, event.Facts)
	}
	if more {
		page.Next = events[len(events)-1].ID
	}
	return page, nil
}

// bring returns the events that wait, and lets them wait no longer. They stay in the listing, as at
// a real provider, where a poll finds them again.
func (p *Provider) bring() (events []payment.Facts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.Events()
	for _, event := range all[p.brought:] {
		if event.At.IsZero() {
			events = append(events, event.Facts)
		}
	}
	p.brought = len(all)
	return events
}

// calm ends all faults.
func (p *Provider) calm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.Forgets = nil, false
}

// refunded returns the provider's own count of what went back of a payment, in minor units.
func (p *Provider) refunded(id payment.ID) (sum int64) {
	for _, minor := range p.paidBack(id) {
		sum += minor
	}
	return sum
}

// paidBack returns, for each case, the money of a payment's refunds that count; "" is the case of
// refunds by another hand, which carry none.
func (p *Provider) paidBack(id payment.ID) map[string]int64 {
	sums := map[string]int64{}
	for _, facts := range p.Of(id) {
		if facts.Refund != nil && facts.Refund.Counts() {
			sums[facts.Refund.Case] += facts.Refund.Amount.Minor
		}
	}
	return sums
}
