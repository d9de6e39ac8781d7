// Package dispute owns what the ledger can say for a payment in a dispute: the facts, laid out for
// the provider's form and to be printed.
//
// It refuses to know how the ledger is read, and it says nothing that is not on record: how the
// policy was shown, or who held the card.
//
// Invariants: no personal text is copied (no e-mail address, no words of a customer or of staff).
// Every text of a form's field keeps within the field's bound and says how much was left out. The
// printed page needs nothing but itself. The quoted clauses are those of the revision by which the
// purchase is judged, and the page says that it was in force only where it was.
//
// Words: form (fields named as Stripe's dispute evidence has them), detail (the records behind it),
// use (a generation that drew from the lot of the purchase).
package dispute

import (
	"time"

	"makegood/shared/api"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// Evidence is a form and the records behind it.
type Evidence struct {
	Form
	Detail Detail `json:"detail"` // the records behind the form
}

// Form holds what fits the text fields of Stripe's dispute evidence, under its names. A field with
// nothing to say is absent.
type Form struct {
	ProductDescription         string `json:"product_description,omitempty"`
	ServiceDate                string `json:"service_date,omitempty"`
	AccessActivityLog          string `json:"access_activity_log,omitempty"`
	RefundPolicyDisclosure     string `json:"refund_policy_disclosure,omitempty"`
	RefundRefusalExplanation   string `json:"refund_refusal_explanation,omitempty"`
	DuplicateChargeID          string `json:"duplicate_charge_id,omitempty"`
	DuplicateChargeExplanation string `json:"duplicate_charge_explanation,omitempty"`
	UncategorizedText          string `json:"uncategorized_text,omitempty"`
}

// Detail is the records behind a form.
type Detail struct {
	About     string                `json:"about"`                        // the case or payment that was named
	MadeAt    time.Time             `json:"made_at"`                      // when the evidence was made
	Payment   string                `json:"payment"`                      // the payment's id
	Provider  string                `json:"provider"`                     // whose payment it is
	State     string                `json:"state"`                        // the payment's state
	Customer  string                `json:"customer,omitempty"`           // "" where the app's id of the customer is an e-mail address
	Unit      policy.Unit           `json:"unit"`                         // the wallet's unit
	Purchase  Purchase              `json:"purchase"`                     // what was bought
	Use       []Use                 `json:"use"`                          // oldest first
	Unread    int                   `json:"unread_generations,omitempty"` // generations beyond the bound, which were not read
	Statement []api.StatementEntry  `json:"statement"`                    // oldest first
	Refunds   []api.ProviderRefund  `json:"refunds"`                      // the provider's refunds
	Disputes  []api.ProviderDispute `json:"disputes"`                     // the bank's disputes
	GoneBack  *money.Amount         `json:"gone_back,omitempty"`          // money that went back or is on its way; absent for none
	Repeats   []Repeated            `json:"repeats"`                      // earlier payments that this one may repeat
	Cases     []Case                `json:"cases"`                        // oldest first
	Policy    Policy                `json:"policy"`                       // the revision by which it is judged
	JoinedLot bool                  `json:"joined_lot,omitempty"`         // the credits joined a lot that another purchase had made
	Credits   Credits               `json:"credits"`                      // what became of the credits
}

// Purchase is what was bought.
type Purchase struct {
	Package   string       `json:"package"`              // the package's name
	Price     money.Amount `json:"price"`                // the package's price
	Paid      money.Amount `json:"paid"`                 // what was paid, discounts taken off
	Status    string       `json:"status"`               // the provider's status
	PaidAt    time.Time    `json:"paid_at"`              // when it was paid
	GrantedAt *time.Time   `json:"granted_at,omitempty"` // when its credits were granted; absent if never
	Livemode  *bool        `json:"livemode,omitempty"`   // absent where the provider does not say
}

// Credits are what became of the purchase's credits, in the smallest unit.
type Credits struct {
	Granted int64 `json:"granted"` // what the purchase gave
	Used    int64 `json:"used"`    // what at least was used and not given back
	Taken   int64 `json:"taken"`   // what was taken back
	Owed    int64 `json:"owed"`    // what could not be taken back yet
}

// Use is a generation that drew from the lot of the purchase.
type Use struct {
	Generation string     `json:"generation"`            // its id
	Feature    string     `json:"feature"`               // the feature
	Platform   string     `json:"platform"`              // the platform
	Outputs    int        `json:"outputs"`               // how many were ordered
	StartedAt  time.Time  `json:"started_at"`            // when it started
	FinishedAt *time.Time `json:"finished_at,omitempty"` // absent before its end
	State      string     `json:"state"`                 // its state
	Price      int64      `json:"price"`                 // of the whole generation, in credits
	Drawn      int64      `json:"drawn"`                 // drawn from the purchase's lot, in credits
	Refunded   int64      `json:"refunded"`              // given back of the whole generation, in credits
	Failure    string     `json:"failure,omitempty"`     // cause and code
}

// Repeated is an earlier payment that this one may repeat.
type Repeated struct {
	Payment  string       `json:"payment"`   // its id
	Package  string       `json:"package"`   // its package's name
	Paid     money.Amount `json:"paid"`      // what was paid
	PaidAt   time.Time    `json:"paid_at"`   // when
	Granted  int64        `json:"granted"`   // the credits that it gave
	GoneBack bool         `json:"gone_back"` // all or some of its money
}

// Case is a case about the payment, or about one of its uses.
type Case struct {
	ID         string        `json:"id"`                   // its id
	Kind       string        `json:"kind"`                 // what it is about
	State      string        `json:"state"`                // its state
	OpenedAt   time.Time     `json:"opened_at"`            // when it was opened
	Generation string        `json:"generation,omitempty"` // "" for a case about the payment
	Decision   *CaseDecision `json:"decision,omitempty"`   // nil before one
	// Verdicts are all that were recorded, oldest first, each with the rules tried and the facts
	// that it rests on: ids and counts, no words of anybody.
	Verdicts []api.KeptVerdict `json:"verdicts,omitempty"`
}

// CaseDecision is a verdict with the words of its clause.
type CaseDecision struct {
	Outcome   string        `json:"outcome"`             // approved or declined
	DecidedAt time.Time     `json:"decided_at,omitzero"` // when it was recorded
	Clause    string        `json:"clause"`              // the clause's id
	Text      string        `json:"says,omitempty"`      // the clause's words; "" where this build does not have the revision
	Reason    string        `json:"reason"`              // the policy's sentence
	Remedy    *api.Remedy   `json:"remedy,omitempty"`    // what it gave; nil for nothing
	Policy    api.PolicyRef `json:"policy"`              // the revision that decided
}

// Policy is the revision by which the purchase is judged: the one in force when it was paid, or the
// first one where none was.
type Policy struct {
	policy.Ref
	InForce bool     `json:"in_force"`        // it was in force when the purchase was paid
	Title   string   `json:"title,omitempty"` // the published text's title
	Clauses []Clause `json:"clauses"`         // its clauses, in their order
}

// Clause is a clause with its words.
type Clause struct {
	ID   string `json:"id"`             // as in "G2.1"
	Text string `json:"says"`           // its text
	Ours bool   `json:"ours,omitempty"` // the published text leaves it open, and the words are ours
}
