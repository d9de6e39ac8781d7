package standin

import (
	"fmt"
	"slices"
)

// DashboardRefund gives money back by hand, as staff do at the provider's dashboard, and tells the
// stack. minor 0 is all that is left; more than that, or a payment that the books do not know as
// paid, is an error.
func (p *Provider) DashboardRefund(payment string, minor int64) (Refund, error) {
	p.mu.Lock()
	page := p.books.payments[payment]
	if page == nil || page.Paid <= 0 {
		p.mu.Unlock()
		return Refund{}, fmt.Errorf("standin: payment %q is not known as paid", payment)
	}
	// As by the API: no more than is left.
	rest := page.Paid - p.books.refunded(payment)
	if minor == 0 {
		minor = rest
	}
	if minor <= 0 || minor > rest {
		p.mu.Unlock()
		return Refund{}, fmt.Errorf("standin: of payment %s there is %d left to refund, not %d", payment, rest, minor)
	}
	refund := p.enter(page, Refund{Minor: minor, Status: statusSucceeded})
	events := p.refundEvents(refund, "created")
	// Copied under the lock: the refund may move on while it is read.
	snapshot := *refund
	p.mu.Unlock()
	p.post(payment, events...)
	return snapshot, nil
}

// refundMoves are the statuses that a refund may come to from each.
var refundMoves = map[string][]string{
	statusPending:        {statusSucceeded, statusRequiresAction, statusFailed, statusCanceled},
	statusRequiresAction: {statusPending, statusSucceeded, statusFailed, statusCanceled},
	statusSucceeded:      {statusFailed},
}

// MoveRefund gives a refund another status and tells the stack: refund.updated, and refund.failed
// of one that failed. A refund that is not there, and a move that no provider makes, are errors.
func (p *Provider) MoveRefund(id, status string) (Refund, error) {
	p.mu.Lock()
	r := p.books.refund(id)
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
	if status == statusFailed && r.provider == providerStripe {
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
	page := p.books.payments[payment]
	d := p.books.lastDispute(payment)
	// An inquiry opens a dispute too, one without money.
	opens := status == statusNeedsResponse || status == disputeRanks[0]
	var err error
	switch rank := slices.Index(disputeRanks, status); {
	case page == nil || page.Paid <= 0:
		err = fmt.Errorf("standin: payment %q is not known as paid", payment)
	case rank < 0:
		err = fmt.Errorf("standin: no status %q; there are %q", status, disputeRanks)
	case d != nil && (!opens || !d.final()) && rank <= slices.Index(disputeRanks, d.Status):
		err = fmt.Errorf("standin: dispute %s is %s and cannot become %s", d.ID, d.Status, status)
	}
	if err != nil {
		p.mu.Unlock()
		return Dispute{}, err
	}
	var events []*event
	// A new dispute begins with its first status; further events bring it to the one wanted.
	if d == nil || opens && d.final() {
		if minor == 0 {
			minor = page.Paid
		}
		d = &Dispute{
			ID: newID("dp_"), Payment: payment, Minor: minor, Currency: page.Currency, Status: firstStatus(status), Created: p.now(),
			provider: page.Provider,
		}
		p.books.disputes = append(p.books.disputes, d)
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
	if slices.Index(disputeRanks, status) < slices.Index(disputeRanks, statusNeedsResponse) {
		return disputeRanks[0]
	}
	return statusNeedsResponse
}

func (d *Dispute) final() bool {
	return slices.Contains([]string{"warning_closed", "prevented", statusWon, statusLost}, d.Status)
}

// advance brings a dispute to a status; the caller holds the lock.
func (p *Provider) advance(d *Dispute, status string) []*event {
	var events []*event
	inquiry := firstStatus(status) != statusNeedsResponse
	// The money is withdrawn once, when the inquiry becomes a dispute or a dispute opens.
	if !inquiry && !d.withdrawn && d.Status != statusWon {
		d.withdrawn = true
		if d.Status != statusNeedsResponse { // an inquiry that became a dispute
			d.Status = statusNeedsResponse
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
	case status == statusWon:
		return append(events, p.disputeEvent(d, "closed"), p.disputeEvent(d, "funds_reinstated"))
	case d.final():
		return append(events, p.disputeEvent(d, "closed"))
	}
	return append(events, p.disputeEvent(d, "updated"))
}

// disputeEvent makes one event of a dispute; the standard door has no word for money moved, so nil
// there. The caller holds the lock.
func (p *Provider) disputeEvent(d *Dispute, what string) *event {
	if d.provider == providerStandard {
		if what == "funds_withdrawn" || what == "funds_reinstated" {
			return nil
		}
		return p.newMessage("payment.disputed", p.standardDisputed(d))
	}
	return p.newEvent("charge.dispute."+what, p.disputeObject(d))
}

// Payment returns what the books say of a payment; false when nothing was heard of it.
func (p *Provider) Payment(id string) (Payment, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	page := p.books.payments[id]
	if page == nil {
		return Payment{}, false
	}
	view := *page
	view.Refunded = p.books.refunded(id)
	return view, true
}

// Refunds returns the refunds of a payment, oldest first; none for an unknown one.
func (p *Provider) Refunds(payment string) []Refund {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Refund
	for _, r := range p.books.refundsOf(payment) {
		all = append(all, *r)
	}
	return all
}

// Disputes returns the disputes of a payment, oldest first; none for an unknown one.
func (p *Provider) Disputes(payment string) []Dispute {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []Dispute
	for _, d := range p.books.disputes {
		if d.Payment == payment {
			all = append(all, *d)
		}
	}
	return all
}

// RefundedMinor returns what went back of a payment or is on its way: refunds that did not fail and
// were not cancelled.
func (p *Provider) RefundedMinor(payment string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.books.refunded(payment)
}

// Calls returns what was asked about a payment so far.
func (p *Provider) Calls(payment string) Calls {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.callsOf(payment)
}
