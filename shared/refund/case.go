// Package refund owns the case: one refund matter from request to close, and the only room that
// decides to give credits back.
//
// It refuses to know the rules (policy decides, from facts) and how money or words travel
// (payment-refunds, notices).
//
// Invariants:
//   - A case's id derives from its kind and subject. So one matter has one case, whatever asked for
//     it and however often.
//   - Verdict and effect are one transaction.
//   - A replay gets the recorded verdict. Only a ruling of staff on a case in review changes it.
//   - A case returns to review when its money did not go back, and when it is appealed.
//   - What the customer said lies apart from what our records say, in one place that can be erased.
//
// Words: case, request (a question: "is this to be given back?"), report (a bad result), claim
// (about a purchase), facts (what is on record), ruling (what staff decided on a case in review),
// verdict (a policy.Decision that is recorded), appeal (an objection to a decline, once for a
// case), notice.
package refund

import (
	"slices"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/origin"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// State is where a case stands.
type State string

// The states; the zero value is invalid.
const (
	StateReceived State = "received" // requested, and not decided yet
	StateInReview State = "in_review"
	StateApproved State = "approved"
	StateDeclined State = "declined"
	StatePaying   State = "paying" // approved, and the money is on its way
	StateClosed   State = "closed" // the customer has the money
)

// Event is one line of a case's history: what happened, and by whom.
type Event struct {
	// At is when it happened.
	At time.Time `json:"at"`
	// State is the case's from then on. A line that only notes something repeats the state before.
	State State `json:"state"`
	// Actor is what acted: one of the ledger's actors.
	Actor string `json:"actor"`
	// By is the name of the operator key. Only staff's lines have one.
	By string `json:"by,omitempty"`
	// Note says why: a policy's clause, staff's own words, or a sentence of ours; "" for none.
	Note string `json:"note,omitempty"`
}

// Case is one refund matter. Decision and Notice appear in one commit.
type Case struct {
	// ID derives from kind and subject.
	ID CaseID
	// Kind is what the case is about: a failure, a bad result, or one of the kinds of a purchase.
	Kind policy.Kind
	// Customer is whose case it is.
	Customer ledger.CustomerID
	// Generation is the generation of a failure or a bad result, "" for the other kinds.
	Generation string
	// Output is the output of a bad result, counted from 0.
	Output int
	// Payment is the payment that a claim names, or the one that money goes back of. It may be none
	// of ours, since a customer may name anything. "" where a claim names none.
	Payment string
	// Outage is the declared outage that made the case, or that a claim names; "" for none.
	Outage string
	// Locale is the language that the customer reads, "" where it is not known.
	Locale string
	// State is where the case stands.
	State State
	// Origin is the request that opened the case, zero where nobody asked for it.
	Origin origin.Origin
	// Statement is what the customer said. nil when nobody asked (a failure), or when it was
	// erased.
	Statement *Statement
	// AddressMark finds the case by its claim's e-mail address, "" where none was given or it was
	// erased.
	AddressMark AddressMark
	// Candidates are the payments that staff may rule on. A double charge may be among several, the
	// case's own first. A claim has them where no payment of the claimant's decides it by itself.
	Candidates []Candidate
	// Known is what was known of the customer at the verdict: standing, and the counts of the last
	// 30 days. nil before the verdict.
	Known *policy.CustomerFacts
	// Decision is the verdict in force, nil before there is one.
	Decision *policy.Decision
	// Earlier are the verdicts before Decision, oldest first. Each keeps what it rests on.
	Earlier []policy.Decision
	// Appeal is the objection to a decline, nil while nobody appealed.
	Appeal *Appeal
	// Overruled are the rulings that were taken back, that a second person sent back, that could
	// not be carried out, or whose money did not go back, oldest first. Each keeps its answer, so
	// that a replay still gets it.
	Overruled []Ruling
	// Proposed is a ruling that waits for a second person, nil without one. It moves nothing, and
	// the case waits for staff as before.
	Proposed *Ruling
	// Ruling is staff's latest, nil without one. It is recorded first, and carried out by the
	// decider: until then State is in_review still.
	Ruling *Ruling
	// Assignment is who took the case last, nil where nobody did: see AssignedAt.
	Assignment *Assignment
	// Skips are the latest MaxSkips times that somebody left the case to others, oldest first.
	Skips []Skip
	// Returned is what became of the credits that were given back, nil where none were.
	Returned *Returned
	// ReviewBy is when staff's answer is due: as the policy promised, or after reviewAfter. Zero
	// unless the case is in review.
	ReviewBy time.Time
	// Notice is the name of what the customer is told. A second verdict of one name has a number
	// behind it, since the notifier sends each name once.
	Notice string
	// History is what happened to the case, oldest first.
	History []Event
	// OpenedAt is when the case was opened. The windows of a policy are measured from here.
	OpenedAt time.Time
	// NotifiedAt is when the customer was notified of the verdict in force, zero until then.
	NotifiedAt time.Time
	// Todo is which steps are due, and when the sweep sends each again.
	Todo todo.List
	// Attempts is how often the sweep has sent the steps of Todo.
	Attempts int

	// give is what the outage's run gives. Only a case that a run makes has it, until its verdict.
	give outage.Give
}

// Candidate is a payment that a case may be about, as it was at the verdict.
type Candidate struct {
	// Payment is its id.
	Payment payment.ID `json:"payment"`
	// Customer is whose payment it is, "" where it names nobody.
	Customer ledger.CustomerID `json:"customer,omitempty"`
	// Package is the package that was bought.
	Package string `json:"package"`
	// Amount is its price, in the currency's minor unit.
	Amount money.Amount `json:"amount"`
	// OrderedAt is when the checkout was opened.
	OrderedAt time.Time `json:"ordered_at"`
	// PaidAt is when the provider had the money.
	PaidAt time.Time `json:"paid_at"`
}

// CandidateOf returns the payment, which must have a purchase, as a case may be about it.
func CandidateOf(p payment.Payment) Candidate {
	b := p.Purchase
	return Candidate{Payment: p.ID, Customer: b.Customer, Package: b.Package, Amount: b.Money(), OrderedAt: b.OrderedAt, PaidAt: b.PaidAt}
}

// Statement is what the person who asked said: their own word, none of it checked against a record.
// It may hold personal text. So it lies here and nowhere else, and can be erased in one place.
type Statement struct {
	// Description is what a report says is wrong.
	Description string `json:"description,omitempty"`
	// Issue is the sort of fault that a report chose.
	Issue policy.Issue `json:"issue,omitempty"`
	// Region is where a report says that the output is wrong, nil where it points nowhere.
	Region *Region `json:"region,omitempty"`
	// Usage is how the reporter says they used the output.
	Usage policy.UsageFacts `json:"usage,omitzero"`
	// Claim is what is said of a purchase, nil for a report.
	Claim *Claim `json:"claim,omitempty"`
	// Attachments are the proofs that the case took when it was opened.
	Attachments []attachment.Taken `json:"attachments,omitempty"`
	// Appeal is the words of the appeal, "" while there is none.
	Appeal string `json:"appeal,omitempty"`
}

// Returned is what became of the credits that an approved case gave back.
type Returned struct {
	// Restored went back to lots that still live.
	Restored ledger.Credits `json:"restored,omitempty"`
	// Extended came back with a new term, since their lot had expired.
	Extended ledger.Credits `json:"extended,omitempty"`
	// Expired had expired with their lot, and stay expired.
	Expired ledger.Credits `json:"expired,omitempty"`
}

// Waiting reports whether the case waits for staff. Only then it is in their list.
func (c Case) Waiting() bool { return c.State == StateInReview && c.Ruling == nil }

// Taken returns the attachments that the case took, in the order in which they were named; none
// where they are erased.
func (c Case) Taken() []attachment.Taken {
	if c.Statement == nil {
		return nil
	}
	return c.Statement.Attachments
}

// Position returns the case's place in the list of those that wait for staff.
func (c Case) Position() ReviewPosition {
	return ReviewPosition{At: c.ReviewBy.UnixMilli(), Case: c.ID}
}

// Verdicts returns every verdict of the case, oldest first: none where it is not decided.
func (c Case) Verdicts() []policy.Decision {
	if c.Decision == nil {
		return nil
	}
	return append(slices.Clip(c.Earlier), *c.Decision)
}
