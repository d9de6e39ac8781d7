// Package refund owns the case: one refund matter from request to close, and the only room that decides to give credits back.
//
// It refuses to know the rules (policy decides, from facts) and how money or words travel (payment-refunds, notices).
//
// Invariants: a case's id derives from its kind and subject, so one matter has one case whatever asked for it and however often;
// verdict and effect are one transaction; a recorded verdict never changes and is what a replay gets.
//
// Words: case, request (a question: "is this to be given back?"), verdict (a policy.Decision that is recorded), notice.
package refund

import (
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// CaseID names a case: "cas_", the customer's key, and a hash of kind and subject.
type CaseID string

const caseIDPrefix = "cas_"

// NewCaseID returns the id of the case of that kind about the subject (a generation, an output of one, a payment).
func NewCaseID(customerKey string, kind policy.Kind, subject string) CaseID {
	return CaseID(ledger.NewOwnedID(caseIDPrefix, customerKey, string(kind), subject))
}

// ParseCaseID returns the id, or KindNotFound for what can be no case's id.
func ParseCaseID(s string) (CaseID, error) {
	if !ledger.IsOwnedID(caseIDPrefix, s) {
		return "", fault.NotFound("case")
	}
	return CaseID(s), nil
}

// CustomerKey returns the key of the customer whose case it is. The id must be one of ours.
func (id CaseID) CustomerKey() string { return ledger.OwnerKey(string(id)) }

// State is where a case stands.
type State string

// The states of this cases; the zero value is invalid. Credits end approved.
const (
	StateReceived State = "received"
	StateInReview State = "in_review"
	StateApproved State = "approved"
	StateDeclined State = "declined"
)

// Event is one line of a case's history: what happened, by whom ("system", "staff", …).
type Event struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
	Actor string    `json:"actor"`
	Note  string    `json:"note,omitempty"`
}

// Case is one refund matter. Decision and Notice appear in one commit; ToldAt is when the customer was told.
type Case struct {
	ID         CaseID
	Kind       policy.Kind
	Customer   ledger.CustomerID
	Generation string
	State      State
	Decision   *policy.Decision
	Notice     string
	History    []Event
	OpenedAt   time.Time
	ToldAt     time.Time
	Todo       todo.List
	Attempts   int
}

// stateOf returns the state that a verdict on credits puts a case in.
func stateOf(outcome policy.Outcome) State {
	switch outcome {
	case policy.OutcomeApproved:
		return StateApproved
	case policy.OutcomeDeclined:
		return StateDeclined
	default:
		return StateInReview
	}
}

// decide returns the case with the verdict, its line of history, and the notice it owes.
func (c Case) decide(verdict policy.Decision, now time.Time) Case {
	c.State, c.Decision, c.Notice = stateOf(verdict.Outcome), &verdict, verdict.Notice
	c.History = append(c.History, Event{At: now, State: c.State, Actor: "system", Note: verdict.Clause})
	c.Todo = todo.List{todo.StepNotice: now.Add(todo.Resend)}
	return c
}
