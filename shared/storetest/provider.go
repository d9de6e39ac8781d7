package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
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

// Provider plays a payment provider. It knows what was paid and disputed, refunds within that, and
// lists events that wait until the world delivers them.
type Provider struct {
	Forgets bool // idempotency keys are not remembered

	mu       sync.Mutex
	accounts map[payment.ID]*account
	keys     map[string]attempt // the first order under each key
	faults   []Fault
	listed   []event // every event, in the order in which they happened
	waiting  []payment.Facts
	over     []payment.RefundOrder // orders for more than was left, or for what a bank holds
	reused   []payment.RefundOrder // orders under the key of another order
}

// attempt is the first order under a key, and its refund: "" where the key is spent.
type attempt struct {
	order  payment.RefundOrder
	refund string
}

type event struct {
	at    time.Time
	facts payment.Facts
}

// account is what the provider knows of one payment.
type account struct {
	purchase *payment.Facts
	refunds  map[string]payment.Refund
	disputes map[string]payment.Dispute
}

func newProvider() *Provider {
	return &Provider{accounts: map[payment.ID]*account{}, keys: map[string]attempt{}}
}

// Has makes the next refunds go as the faults say, in turn.
func (p *Provider) Has(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// happens records facts at the provider, and lists them as an event.
func (p *Provider) happens(facts payment.Facts, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.record(facts, now)
}

func (p *Provider) record(facts payment.Facts, now time.Time) {
	// The first fact of a payment opens its account, whatever it is about.
	a := p.accounts[facts.Payment]
	if a == nil {
		a = &account{refunds: map[string]payment.Refund{}, disputes: map[string]payment.Dispute{}}
		p.accounts[facts.Payment] = a
	}
	if facts.Purchase != nil {
		a.purchase = &facts
	}
	// A refund that failed stays failed, as a real provider has it.
	if was, prior := a.refunds[facts.RefundID]; facts.Refund != nil && (!prior || was.Counts()) {
		a.refunds[facts.RefundID] = *facts.Refund
	}
	// A dispute that was won is over.
	if was, known := a.disputes[facts.DisputeID]; facts.Dispute != nil && (!known || was.Status != payment.DisputeWon) {
		a.disputes[facts.DisputeID] = *facts.Dispute
	}
	p.listed = append(p.listed, event{at: now, facts: facts})
}

// left is how much of what was paid is neither refunded nor disputed, in minor units.
func (a *account) left() int64 {
	if a == nil || a.purchase == nil {
		return 0
	}
	// Failed refunds and won disputes hold nothing, so their money can go back again.
	rest := a.purchase.Purchase.Paid
	for _, refund := range a.refunds {
		if refund.Counts() {
			rest -= refund.Amount.Minor
		}
	}
	for _, dispute := range a.disputes {
		if dispute.Counts() {
			rest -= dispute.Amount.Minor
		}
	}
	return rest
}

func (a *account) disputed() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(a.disputes)), payment.Dispute.Counts)
}

// Look implements payment.Gateway: the purchase, then the refunds by id, then the disputes.
func (p *Provider) Look(_ context.Context, id payment.ID) ([]payment.Facts, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.accounts[id]
	if a == nil {
		return nil, nil
	}
	// The order is a provider's: purchase first. Nothing may depend on it, which replay shows.
	var events []payment.Facts
	if a.purchase != nil {
		events = append(events, *a.purchase)
	}
	for _, refundID := range slices.Sorted(maps.Keys(a.refunds)) {
		events = append(events, a.refundFacts(id, refundID))
	}
	for disputeID, dispute := range a.disputes {
		events = append(events, payment.Facts{Payment: id, Provider: providerName, DisputeID: disputeID, Dispute: &dispute})
	}
	return events, nil
}

const providerName = "stripe"

func (a *account) refundFacts(id payment.ID, refundID string) payment.Facts {
	refund := a.refunds[refundID]
	return payment.Facts{Payment: id, Provider: providerName, Event: "evt_" + refundID + string(refund.Status), RefundID: refundID, Refund: &refund}
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
	a := p.accounts[order.Payment]
	// A provider that forgets its keys would pay twice: only a look-up tells the caller what was
	// done.
	first, used := p.keys[order.Key]
	if p.Forgets {
		used = false
	}
	// The order of the cases is a real provider's: the key first, then the payment, then the sum.
	switch rest := a.left(); {
	case now == FaultBusy:
		return payment.Facts{}, fault.Busy(errors.New("storetest: the provider does not answer"))
	case used && first.order != order:
		p.reused = append(p.reused, order)
		return payment.Facts{}, refused(payment.CodeRefused)
	case used && first.refund != "":
		return a.refundFacts(order.Payment, first.refund), nil
	case used || now == FaultSpent:
		p.keys[order.Key] = attempt{order: order}
		return payment.Facts{}, refused(payment.CodeKeySpent)
	case now == FaultRefusal || a == nil:
		return payment.Facts{}, refused(payment.CodeRefused)
	case a.disputed():
		p.over = append(p.over, order)
		return payment.Facts{}, refused(payment.CodeDisputed)
	case rest <= 0:
		return payment.Facts{}, refused(payment.CodeAlreadyRefunded)
	case order.Amount.Minor > rest:
		p.over = append(p.over, order)
		return payment.Facts{}, refused(payment.CodeRefused)
	}
	return p.refund(a, order, now)
}

func refused(code string) error {
	return fault.Errorf(fault.KindConflict, code, "the provider says no")
}

func (p *Provider) refund(a *account, order payment.RefundOrder, now Fault) (payment.Facts, error) {
	// The number makes the id unique for the payment, also after a refund that failed.
	refundID := fmt.Sprintf("re_%s_%d", order.Payment, len(a.refunds))
	status := payment.RefundSucceeded
	if now == FaultPending {
		status = payment.RefundPending
	}
	// Record before the answer is lost: a dropped answer is a refund that was made.
	p.keys[order.Key] = attempt{order, refundID}
	a.refunds[refundID] = payment.Refund{Amount: order.Amount, Status: status, Case: order.Case}
	facts := a.refundFacts(order.Payment, refundID)
	p.emit(facts)
	if now == FaultDrop {
		return payment.Facts{}, fault.Busy(errors.New("storetest: the provider's answer was lost"))
	}
	return facts, nil
}

// emit lists an event, and lets it wait to be brought.
func (p *Provider) emit(facts payment.Facts) {
	p.listed, p.waiting = append(p.listed, event{facts: facts}), append(p.waiting, facts)
}

// Ends gives every refund of the case that counts, or is pending, its final status.
func (p *Provider) Ends(id payment.ID, caseID string, status payment.RefundStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Its events wait for Webhooks, so that a story can lose them first.
	a := p.accounts[id]
	for refundID, refund := range a.refunds {
		if refund.Case == caseID && refund.Counts() {
			refund.Status = status
			a.refunds[refundID] = refund
			p.emit(a.refundFacts(id, refundID))
		}
	}
}

// List implements payment.Gateway, three events a page. Events that the provider made by itself
// have no instant, and are in every listing.
func (p *Provider) List(_ context.Context, since time.Time, cursor string) (payment.Listing, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// The cursor is an index into the list, so a page goes on where the last one ended.
	at, _ := strconv.Atoi(cursor)
	var page payment.Listing
	for ; at < len(p.listed); at++ {
		if len(page.Facts) == 3 {
			page.Next = strconv.Itoa(at)
			break
		}
		if event := p.listed[at]; event.at.IsZero() || !event.at.Before(since) {
			page.Facts = append(page.Facts, event.facts)
		}
	}
	return page, nil
}

// brought returns the events that wait, and forgets them.
func (p *Provider) brought() []payment.Facts {
	p.mu.Lock()
	defer p.mu.Unlock()
	events := p.waiting
	// They stay in the listing, as at a real provider, where a poll finds them again.
	p.waiting = nil
	return events
}

// calm ends all faults.
func (p *Provider) calm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.Forgets = nil, false
}

// left returns what can still go back of a payment, in minor units.
func (p *Provider) left(id payment.ID) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accounts[id].left()
}

// refunded returns the provider's own count of what went back of a payment, in minor units.
func (p *Provider) refunded(id payment.ID) (sum int64) {
	for _, minor := range p.paidBack(id) {
		sum += minor
	}
	return sum
}

// paidBack returns, for each case, the money of a payment's refunds that count; "" is the case of
// refunds that are not ours.
func (p *Provider) paidBack(id payment.ID) map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Refunds by another hand carry no case and are summed under the empty name.
	sums := map[string]int64{}
	if a := p.accounts[id]; a != nil {
		for _, refund := range a.refunds {
			if refund.Counts() {
				sums[refund.Case] += refund.Amount.Minor
			}
		}
	}
	return sums
}
