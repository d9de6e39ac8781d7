// Package todo owns what must still be done for a recorded item: steps, each with the instant from
// which it is overdue.
//
// It refuses to know what a step does; the sweeper sends the step's message to its own room.
//
// Invariants: an item with steps has a due instant, the soonest of them. An item without steps has
// none and leaves the index.
//
// Words: step, due.
package todo

import (
	"slices"
	"time"
)

// Step names what is still to be done.
type Step string

// The steps; the zero value is invalid.
const (
	StepSettle   Step = "settle"   // a worker's result has not come
	StepAssess   Step = "assess"   // a bad result is reported: its pictures are to be looked at
	StepRefund   Step = "refund"   // a failure or a request waits for its verdict, a case for what became of its money
	StepPay      Step = "pay"      // money is due at the provider, or the provider is to be asked
	StepLook     Step = "look"     // money is on its way for long: the provider is to be asked
	StepRoom     Step = "room"     // credits of a purchase wait for room in their wallet, or a debt does
	StepRun      Step = "run"      // an outage is being made good
	StepClaims   Step = "claims"   // the declared outages have changed: the claims that wait for one are decided anew
	StepNotice   Step = "notice"   // the customer is to be notified of a verdict, or that outputs did not come
	StepOffer    Step = "offer"    // the customer is to be notified of an offer
	StepStand    Step = "stand"    // the customer is to be notified of a change of standing
	StepPaid     Step = "paid"     // the customer is to be notified that money went back
	StepFailed   Step = "failed"   // the customer is to be notified that money could not go back
	StepReview   Step = "review"   // a person has to decide
	StepDowntime Step = "downtime" // a claim waits for an outage to be long enough, or over
	StepExpiry   Step = "expiry"   // a lot runs out
	StepDiscard  Step = "discard"  // an attachment that no case took is past its day
)

// Steps is every step.
var Steps = []Step{
	StepSettle, StepAssess, StepRefund, StepPay, StepLook, StepRoom, StepRun, StepClaims, StepNotice, StepOffer, StepStand, StepPaid,
	StepFailed, StepReview, StepDowntime, StepExpiry, StepDiscard,
}

// Kind says which noun an item is.
type Kind string

// The kinds; the zero value is invalid.
const (
	KindWallet     Kind = "wallet"
	KindGeneration Kind = "generation"
	KindCase       Kind = "case"
	KindOffer      Kind = "offer"    // of an outage; it lies among its customer's cases
	KindStanding   Kind = "standing" // a change of one; it lies beside its customer's wallet
	KindPayment    Kind = "payment"
	KindOutage     Kind = "outage"
	KindAttachment Kind = "attachment" // that no case took; it lies beside its customer's cases
)

// Resend is how long a sent message has to take effect before it is sent again.
const Resend = time.Minute

// List is the open steps of one item and the instant from which each is overdue. A nil List has
// none.
type List map[Step]time.Time

// Due returns the soonest instant, or the zero time without steps.
func (l List) Due() time.Time {
	// The index holds one instant per item, so the soonest step decides when the sweep comes.
	var soonest time.Time
	for _, at := range l {
		if soonest.IsZero() || at.Before(soonest) {
			soonest = at
		}
	}
	return soonest
}

// Names returns the open steps, sorted: a map has no order.
func (l List) Names() []string {
	var names []string
	for step := range l {
		names = append(names, string(step))
	}
	slices.Sort(names)
	return names
}

// Has reports whether the step is still open.
func (l List) Has(step Step) bool {
	_, ok := l[step]
	return ok
}
