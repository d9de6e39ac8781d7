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

// The clauses that stand in every policy, since deciding itself may answer with them.
const (
	ClauseAlreadyRefunded = "X1"
	ClauseNothingCharged  = "X2"
	ClauseNoRule          = "X3"
)

// Decision is the answer to facts, with the clause that gave it. Its JSON is the wire contract's.
type Decision struct {
	Outcome   Outcome    `json:"outcome"`
	Clause    string     `json:"clause"`
	Rule      int        `json:"rule,omitempty"`       // the place of the deciding rule among those of its kind, from 1; 0: no rule decided, but X1 to X3 or a person
	Reason    string     `json:"reason"`               // one English sentence for the customer; in other languages: Revision.Reason
	Remedy    *Remedy    `json:"remedy,omitempty"`     // set exactly when approved
	RespondBy *time.Time `json:"respond_by,omitempty"` // only in review, where the policy promises an answer
	PayBy     *time.Time `json:"pay_by,omitempty"`     // only on money remedies, where the policy promises a time
	Policy    Ref        `json:"policy"`
	Trace     []Step     `json:"trace"` // every rule tried, in order; the last one is the clause that decided
	Notice    string     `json:"-"`     // the notice's name: "refunded", "thanks_for_feedback"…; its words: Revision.NoticeOf
	Basis     *Basis     `json:"-"`     // what it rests on; nil where that is not recorded
}

// Ref names the revision that decided.
type Ref struct {
	Name     string `json:"name"`
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
}

// Step is one rule tried: its clause, its place among those of its kind from 1 (0: it stands in no file, but X1 to X3 do in every one), and
// whether its conditions held.
type Step struct {
	Clause  string `json:"clause"`
	Rule    int    `json:"rule,omitempty"`
	Matched bool   `json:"matched"`
}
