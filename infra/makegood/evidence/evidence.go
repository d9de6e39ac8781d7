// Package evidence owns what the ledger can say for a payment in a dispute: the facts, laid out for the provider's form and to be printed.
//
// It refuses to know how the ledger is asked, and it says nothing that is not on record: how the policy was shown, or who held the card.
//
// Invariants: no personal text is copied (no e-mail address, no words of a customer or of staff); every text of a form's field keeps within
// the field's bound and says how much was left out; the printed page needs nothing but itself; the clauses quoted are those of the revision
// by which the purchase is judged, and it is said to have been in force only where it was.
//
// Words: form (fields named as Stripe's dispute evidence has them), detail (the records behind it), use (a generation that drew from the lot
// of the purchase).
package evidence

import (
	"time"

	"makegood/shared/api"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// Evidence is a form and the records behind it.
type Evidence struct {
	Form
	Detail Detail `json:"detail"`
}

// Form holds what fits the text fields of Stripe's dispute evidence, under its names. A field with nothing to say is absent.
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

// Detail is the records. About is what was asked for. Customer is "" where the app's id of the customer is an e-mail address.
type Detail struct {
	About     string                `json:"about"`
	MadeAt    time.Time             `json:"made_at"`
	Payment   string                `json:"payment"`
	Provider  string                `json:"provider"`
	State     string                `json:"state"`
	Customer  string                `json:"customer,omitempty"`
	Unit      policy.Unit           `json:"unit"`
	Purchase  Purchase              `json:"purchase"`
	Use       []Use                 `json:"use"` // oldest first
	Unread    int                   `json:"unread_generations,omitempty"`
	Statement []api.StatementEntry  `json:"statement"` // oldest first
	Refunds   []api.ProviderRefund  `json:"refunds"`
	Disputes  []api.ProviderDispute `json:"disputes"`
	GoneBack  *money.Amount         `json:"gone_back,omitempty"`
	Repeats   []Repeated            `json:"repeats"`
	Cases     []Case                `json:"cases"` // oldest first
	Policy    Policy                `json:"policy"`
	JoinedLot bool                  `json:"joined_lot,omitempty"` // the credits joined a lot that another purchase had made
	Credits   Credits               `json:"credits"`
}

// Purchase is what was bought.
type Purchase struct {
	Package   string       `json:"package"`
	Price     money.Amount `json:"price"`
	Paid      money.Amount `json:"paid"`
	Status    string       `json:"status"`
	PaidAt    time.Time    `json:"paid_at"`
	GrantedAt *time.Time   `json:"granted_at,omitempty"`
	Livemode  *bool        `json:"livemode,omitempty"`
}

// Credits are what the purchase gave, what at least of it was used and not given back, and what was taken back, in the smallest unit.
type Credits struct {
	Granted int64 `json:"granted"`
	Used    int64 `json:"used"`
	Taken   int64 `json:"taken"`
	Owed    int64 `json:"owed"`
}

// Use is a generation that drew from the lot of the purchase. Drawn is from that lot; price and refunded are of the whole generation.
type Use struct {
	Generation string     `json:"generation"`
	Feature    string     `json:"feature"`
	Platform   string     `json:"platform"`
	Outputs    int        `json:"outputs"`
	StartedAt  time.Time  `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	State      string     `json:"state"`
	Price      int64      `json:"price"`
	Drawn      int64      `json:"drawn"`
	Refunded   int64      `json:"refunded"`
	Failure    string     `json:"failure,omitempty"` // cause and code
}

// Repeated is an earlier payment that this one may repeat.
type Repeated struct {
	Payment  string       `json:"payment"`
	Package  string       `json:"package"`
	Paid     money.Amount `json:"paid"`
	PaidAt   time.Time    `json:"paid_at"`
	Granted  int64        `json:"granted"`
	GoneBack bool         `json:"gone_back"` // all or some of its money
}

// Case is a refund matter about the payment, or about one of its uses. Decision is nil before one.
type Case struct {
	ID         string        `json:"id"`
	Kind       string        `json:"kind"`
	State      string        `json:"state"`
	OpenedAt   time.Time     `json:"opened_at"`
	Generation string        `json:"generation,omitempty"`
	Decision   *CaseDecision `json:"decision,omitempty"`
	// Verdicts are all that stood, oldest first, each with the rules tried and the facts that it rests on: ids and counts, no words of anybody.
	Verdicts []api.KeptVerdict `json:"verdicts,omitempty"`
}

// CaseDecision is a verdict with the words of its clause, "" where this build does not have the revision that decided.
type CaseDecision struct {
	Outcome   string        `json:"outcome"`
	DecidedAt time.Time     `json:"decided_at,omitzero"`
	Clause    string        `json:"clause"`
	Says      string        `json:"says,omitempty"`
	Reason    string        `json:"reason"`
	Remedy    *api.Remedy   `json:"remedy,omitempty"`
	Policy    api.PolicyRef `json:"policy"`
}

// Policy is the revision by which the purchase is judged: the one in force when it was paid, or the first one where none was. InForce says
// which.
type Policy struct {
	policy.Ref
	InForce bool     `json:"in_force"`
	Title   string   `json:"title,omitempty"`
	Clauses []Clause `json:"clauses"`
}

// Clause is a clause with its words; ours where the published text leaves it open.
type Clause struct {
	ID   string `json:"id"`
	Says string `json:"says"`
	Ours bool   `json:"ours,omitempty"`
}
