// Package todo owns what a recorded item still owes the world: steps, each with the instant from which it is overdue.
//
// It refuses to know what a step does; the sweeper asks the step's own room.
//
// Invariants: an item with steps has a due instant, the soonest of them; one without has none and leaves the index.
//
// Words: step, due.
package todo

import "time"

// Step names what is still to be done.
type Step string

// The steps; the zero value is invalid.
const (
	StepSettle   Step = "settle"   // a worker's result has not come
	StepRefund   Step = "refund"   // a failure or a request waits for its verdict, a case for what became of its money
	StepPay      Step = "pay"      // money is due at the provider, or the provider is to be asked
	StepLook     Step = "look"     // money is on its way for long: the provider is to be asked
	StepRoom     Step = "room"     // credits that were bought wait for room in their wallet, or a debt does
	StepRun      Step = "run"      // an outage is being made good
	StepClaims   Step = "claims"   // what is declared of outages has changed: the claims that wait for one are to be looked at
	StepNotice   Step = "notice"   // a verdict, or that outputs did not come, waits to be told
	StepOffer    Step = "offer"    // an offer waits to be told
	StepStand    Step = "stand"    // a change of standing waits to be told
	StepPaid     Step = "paid"     // money that went back waits to be told
	StepFailed   Step = "failed"   // money that did not go back waits to be told
	StepReview   Step = "review"   // a person has to decide
	StepDowntime Step = "downtime" // a claim waits for an outage to be long enough, or over
	StepExpiry   Step = "expiry"   // a lot runs out
)

// Resend is how long a sent message has to take effect before it is sent again.
const Resend = time.Minute

// List is the open steps of one item and the instant from which each is overdue. A nil List owes nothing.
type List map[Step]time.Time

// Due returns the soonest instant, or the zero time when nothing is owed.
func (l List) Due() time.Time {
	var soonest time.Time
	for _, at := range l {
		if soonest.IsZero() || at.Before(soonest) {
			soonest = at
		}
	}
	return soonest
}

// Has reports whether the step is still owed.
func (l List) Has(step Step) bool {
	_, owed := l[step]
	return owed
}
