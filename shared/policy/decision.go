package policy

import (
	"time"
)

// Outcome is the verdict of a decision.
type Outcome string

// The outcomes; the zero value is invalid.
const (
	OutcomeApproved Outcome = "approved"
	OutcomeDeclined Outcome = "declined"
	OutcomeInReview Outcome = "in_review" // a person decides
)

// The clauses that every policy has, since deciding itself may answer with them.
const (
	ClauseAlreadyRefunded = "X1"
	ClauseNothingCharged  = "X2"
	ClauseNoRule          = "X3"
)

// Decision is the answer to facts, with the clause that gave it. Its JSON is the wire contract's.
type Decision struct {
	// Outcome is what was decided.
	Outcome Outcome `json:"outcome"`
	// Clause is the id of the clause that decided.
	Clause string `json:"clause"`
	// Rule is the place of the deciding rule among those of its kind, from 1. 0: no rule decided,
	// but X1 to X3 or a person.
	Rule int `json:"rule,omitempty"`
	// Reason is one English sentence for the customer; Revision.Reason has it in other languages.
	Reason string `json:"reason"`
	// Remedy is what is given back; set exactly when approved.
	Remedy *Remedy `json:"remedy,omitempty"`
	// RespondBy is set only in review, where the policy promises an answer.
	RespondBy *time.Time `json:"respond_by,omitempty"`
	// PayBy is set only where money is given back and the policy promises a time.
	PayBy *time.Time `json:"pay_by,omitempty"`
	// Policy names the revision that decided.
	Policy Ref `json:"policy"`
	// Trace holds every rule tried, in order; the last step is the clause that decided.
	Trace []Step `json:"trace"`
	// Notice is the notice's name: "refunded", "thanks_for_feedback"…; Revision.NoticeOf has its
	// words.
	Notice string `json:"-"`
	// Basis is what the decision rests on; nil where that is not recorded.
	Basis *Basis `json:"-"`
}

// Ref names the revision that decided.
type Ref struct {
	// Name is the policy's.
	Name string `json:"name"`
	// Revision is the day from which it is in force: "2026-01-01".
	Revision string `json:"revision"`
	// Digest tells two files of one day apart.
	Digest string `json:"digest"`
}

// Step is one rule that was tried.
type Step struct {
	// Clause is the id of the clause that the rule applies.
	Clause string `json:"clause"`
	// Rule is its place among those of its kind, from 1. 0: no rule of the file, but X1 to X3.
	Rule int `json:"rule,omitempty"`
	// Matched says whether its conditions held, and it decided.
	Matched bool `json:"matched"`
}
