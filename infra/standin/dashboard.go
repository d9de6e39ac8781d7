package standin

import (
	"fmt"
	"slices"

	"makegood/shared/provider/fake"
)

// DashboardRefund gives money back by hand, as staff do at the provider's dashboard, and tells the
// stack. minor 0 is all that is left; more than that, or a payment that the books do not know as
// paid, is an error.
func (p *Provider) DashboardRefund(payment string, minor int64) (Refund, error) {
	p.mu.Lock()
	page := p.books.Payments[payment]
	if page == nil || page.Paid <= 0 {
		p.mu.Unlock()
		return Refund{}, fmt.Errorf("standin: payment %q is not known as paid", payment)
	}
	// As by the API: no more than is left.
	rest := p.books.Left(payment)
	if minor == 0 {
		minor = rest
	}
	if minor <= 0 || minor > rest {
		p.mu.Unlock()
		return Refund{}, fmt.Errorf("standin: of payment %s there is %d left to refund, not %d", payment, rest, minor)
	}
	refund := p.enter(page, Refund{Minor: minor, Status: fake.StatusSucceeded})
	events := p.refundEvents(refund, "created")
	// Copied under the lock: the refund may move on while it is read.
	snapshot := *refund
	p.mu.Unlock()
	p.post(payment, events...)
	return snapshot, nil
}

// refundMoves are the statuses that a refund may come to from each.
var refundMoves = map[string][]string{
	fake.StatusPending:        {fake.StatusSucceeded, fake.StatusRequiresAction, fake.StatusFailed, fake.StatusCanceled},
	fake.StatusRequiresAction: {fake.StatusPending, fake.StatusSucceeded, fake.StatusFailed, fake.StatusCanceled},
	fake.StatusSucceeded:      {fake.StatusFailed},
}

// MoveRefund gives a refund another status and tells the stack: refund.updated, and refund.failed
// of one that failed. A refund that is not there, and a move that no provider makes, are errors.
func (p *Provider) MoveRefund(id, status string) (Refund, error) {
	p.mu.Lock()
	r := p.books.Refund(id)
	if r == nil {
		p.mu.Unlock()
		return Refund{}, fmt.Errorf("standin: no refund %q", id)
	}
	// Final statuses stay, but for a success that the customer's bank sends back.
	if !slices.Contains(refundMoves[r.Status], status) {
		p.mu.Unlock()
		return Refund{}, fmt.Errorf("standin: refund %s is %s and cannot become %q", id, r.Status, status)
	}
	r.Status = status
	events := p.refundEvents(r, "updated")
	// Stripe sends both events, and only the second is about failing alone.
	if status == fake.StatusFailed && r.Provider == providerStripe {
		events = append(events, p.refundEvents(r, "failed")...)
	}
	refund := *r
	p.mu.Unlock()
	p.post(refund.Payment, events...)
	return refund, nil
}

// Dispute opens a dispute of a payment, or moves its newest one, and tells the stack all that
// Stripe would on the way: opened, money withdrawn, reviewed, closed, money given back. minor 0 is
// the whole payment. A final dispute is followed by a new one when it is asked to open again; lost
// may still become won. An unknown payment, status or move is an error.
func (p *Provider) Dispute(payment string, minor int64, status string) (Dispute, error) {
	p.mu.Lock()
	page := p.books.Payments[payment]
	var d *Dispute // the newest
	if all := p.books.DisputesOf(payment); len(all) > 0 {
		d = all[len(all)-1]
	}
	// An inquiry opens a dispute too, one without money.
	opens := status == fake.StatusNeedsResponse || status == fake.DisputeStatuses[0]
	var err error
	switch rank := slices.Index(fake.DisputeStatuses, status); {
	case page == nil || page.Paid <= 0:
		err = fmt.Errorf("standin: payment %q is not known as paid", payment)
	case rank < 0:
		err = fmt.Errorf("standin: no status %q; there are %q", status, fake.DisputeStatuses)
	case d != nil && (!opens || !final(d)) && rank <= slices.Index(fake.DisputeStatuses, d.Status):
		err = fmt.Errorf("standin: dispute %s is %s and cannot become %s", d.ID, d.Status, status)
	}
	if err != nil {
		p.mu.Unlock()
		return Dispute{}, err
	}
	var events []*event
	// A new dispute begins with its first status; further events bring it to the one wanted.
	if d == nil || opens && final(d) {
		if minor == 0 {
			minor = page.Paid
		}
		d = &Dispute{
			ID: newID("dp_"), Payment: payment, Minor: minor, Currency: page.Currency, Status: firstStatus(status), Created: p.now(),
			Provider: page.Provider,
		}
		p.books.Disputes = append(p.books.Disputes, d)
		events = append(events, p.disputeEvent(d, "created"))
	}
	events = append(events, p.advance(d, status)...)
	dispute := *d
	p.mu.Unlock()
	p.post(payment, slices.DeleteFunc(events, func(e *event) bool { return e == nil })...)
	return dispute, nil
}

// firstStatus is what a dispute opens as that is to come to status.
func firstStatus(status string) string {
	if slices.Index(fake.DisputeStatuses, status) < slices.Index(fake.DisputeStatuses, fake.StatusNeedsResponse) {
		return fake.DisputeStatuses[0]
	}
	return fake.StatusNeedsResponse
}

func final(d *Dispute) bool {
	return slices.Contains([]string{"warning_closed", "prevented", fake.StatusWon, fake.StatusLost}, d.Status)
}

// advance brings a dispute to a status; the caller holds the lock.
func (p *Provider) advance(d *Dispute, status string) []*event {
	var events []*event
	inquiry := firstStatus(status) != fake.StatusNeedsResponse
	// The money is withdrawn once, when the inquiry becomes a dispute or a dispute opens.
	if !inquiry && !d.Withdrawn && d.Status != fake.StatusWon {
		d.Withdrawn = true
		if d.Status != fake.StatusNeedsResponse { // an inquiry that became a dispute
			d.Status = fake.StatusNeedsResponse
			events = append(events, p.disputeEvent(d, "updated"))
		}
		events = append(events, p.disputeEvent(d, "funds_withdrawn"))
	}
	if d.Status == status {
		return events
	}
	d.Status = status
	switch {
	// The win is told before the money is back: two events, in that order.
	case status == fake.StatusWon:
		return append(events, p.disputeEvent(d, "closed"), p.disputeEvent(d, "funds_reinstated"))
	case final(d):
		return append(events, p.disputeEvent(d, "closed"))
	}
	return append(events, p.disputeEvent(d, "updated"))
}

// disputeEvent makes one event of a dispute; an adapter has no word for money moved, so nil there.
// The caller holds the lock.
func (p *Provider) disputeEvent(d *Dispute, what string) *event {
	if d.Provider != providerStripe {
		if what == "funds_withdrawn" || what == "funds_reinstated" {
			return nil
		}
		return p.newMessage(d.Provider, "payment.disputed", p.standardDisputed(d))
	}
	return p.newEvent("charge.dispute."+what, p.disputeObject(d))
}

// Payment returns what the books say of a payment; false when nothing was heard of it.
func (p *Provider) Payment(id string) (Payment, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	view := p.books.View(id)
	if view == nil {
		return Payment{}, false
	}
	return *view, true
}

// Refunds returns the refunds of a payment, oldest first; none for an unknown one.
func (p *Provider) Refunds(payment string) []Refund {
	p.mu.Lock()
	defer p.mu.Unlock()
	return copies(p.books.RefundsOf(payment))
}

// Disputes returns the disputes of a payment, oldest first; none for an unknown one.
func (p *Provider) Disputes(payment string) []Dispute {
	p.mu.Lock()
	defer p.mu.Unlock()
	return copies(p.books.DisputesOf(payment))
}

// copies are made under the lock: what stands in the books moves on.
func copies[T any](all []*T) (snapshot []T) {
	for _, one := range all {
		snapshot = append(snapshot, *one)
	}
	return snapshot
}

// RefundedMinor returns what went back of a payment or is on its way: refunds that did not fail and
// were not cancelled.
func (p *Provider) RefundedMinor(payment string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.books.Refunded(payment)
}

// Calls returns what was asked about a payment so far.
func (p *Provider) Calls(payment string) Calls {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.callsOf(payment)
}
