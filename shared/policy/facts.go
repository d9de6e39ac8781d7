package policy

import (
	"slices"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Kind says what a refund is asked for.
type Kind string

// The kinds; the zero value is invalid.
const (
	KindTechnicalFailure Kind = "technical_failure"
	KindBadResult        Kind = "bad_result"
	KindDuplicateCharge  Kind = "duplicate_charge"
	KindNotCredited      Kind = "not_credited"
	KindOutage           Kind = "outage"
	KindAbnormalCharge   Kind = "abnormal_charge"
	KindChangeOfMind     Kind = "change_of_mind"
)

// Platform is where the customer made the picture.
type Platform string

// The platforms; the zero value is invalid.
const (
	PlatformIOS     Platform = "ios"
	PlatformAndroid Platform = "android"
	PlatformWeb     Platform = "web"
)

// Surface is the part of the app in which the picture was made.
type Surface string

// The surfaces; the zero value reads as editor.
const (
	SurfaceEditor  Surface = generation.SurfaceEditor
	SurfaceBatch   Surface = generation.SurfaceBatch
	SurfaceCatalog Surface = generation.SurfaceCatalog
)

// Mode says whether the picture was charged.
type Mode string

// The modes; the zero value reads as paid.
const (
	ModePaid Mode = generation.ModePaid
	ModeFree Mode = generation.ModeFree
	// ModeOwnKey is on the customer's own key at the provider.
	ModeOwnKey Mode = generation.ModeOwnKey
)

// Issue is what the customer says is wrong with a result.
type Issue string

// The issues; the zero value means that the customer named none.
const (
	IssueDeviates     Issue = "deviates"
	IssueOffTemplate  Issue = "off_template"
	IssueWrongSubject Issue = "wrong_subject"
	IssueDistortion   Issue = "distortion"
	IssueTaste        Issue = "taste"
	IssueOther        Issue = "other"
)

// Verdict is what was seen when the picture was looked at.
type Verdict string

// The verdicts; the zero value is invalid: absent evidence is a nil *EvidenceFacts.
const (
	VerdictUnusable Verdict = "unusable"
	VerdictUsable   Verdict = "usable"
	VerdictUnsure   Verdict = "unsure"
)

// Input is how suitable the customer's own upload was.
type Input string

// The inputs; the zero value reads as good.
const (
	InputGood Input = "good"
	InputPoor Input = "poor"
)

// Facts is all that a decision may rest on. A field whose tag says omitempty or omitzero may be absent and then has its zero value,
// which reads as its default; see ParseFacts for the strict reading of JSON and Decide for which section a kind needs.
type Facts struct {
	Policy          string           `json:"policy"`
	Kind            Kind             `json:"kind"`
	RequestedAt     time.Time        `json:"requested_at"`
	Customer        CustomerFacts    `json:"customer,omitzero"`
	Generation      *GenerationFacts `json:"generation,omitempty"`
	Report          *ReportFacts     `json:"report,omitempty"`
	Usage           UsageFacts       `json:"usage,omitzero"`
	Evidence        *EvidenceFacts   `json:"evidence,omitempty"`
	EarlierRequests int              `json:"earlier_requests,omitzero"` // other requests for this same output
	Purchase        *PurchaseFacts   `json:"purchase,omitempty"`
	Outage          *OutageFacts     `json:"outage,omitempty"`
}

// CustomerFacts is who asks. The counts are of bad_result requests in the 30 days before, this one excluded.
type CustomerFacts struct {
	Standing       ledger.Standing `json:"standing,omitempty"` // "" reads as good
	Requests30d    int             `json:"requests_30d,omitzero"`
	Refunds30d     int             `json:"refunds_30d,omitzero"`
	Generations30d int             `json:"generations_30d,omitzero"`
}

// GenerationFacts is the one output in question: Price is what this output was charged, Refunded what of it went back already.
type GenerationFacts struct {
	ID             string              `json:"id"`
	Feature        string              `json:"feature"` // one that the policy does not list is no error here
	Platform       Platform            `json:"platform"`
	Surface        Surface             `json:"surface,omitempty"` // "" reads as editor
	Mode           Mode                `json:"mode,omitempty"`    // "" reads as paid
	Status         generation.Status   `json:"status"`
	FinishedAt     time.Time           `json:"finished_at"`
	Price          ledger.Credits      `json:"price"`
	Refunded       ledger.Credits      `json:"refunded,omitzero"`
	FailedAttempts int                 `json:"failed_attempts,omitzero"` // the worker's number; 0 reads as 1: every failure is an attempt
	Failure        *generation.Failure `json:"failure,omitempty"`
}

// ReportFacts is what the customer says about a bad result.
type ReportFacts struct {
	Description string `json:"description"`
	Issue       Issue  `json:"issue,omitempty"`
}

// UsageFacts is what the customer did with the picture.
type UsageFacts struct {
	BulkDownloaded bool `json:"bulk_downloaded,omitzero"`
	CommercialUse  bool `json:"commercial_use,omitzero"`
}

// EvidenceFacts is what was seen in the picture. Defects are words of the assessor ("blank", "truncated"…).
type EvidenceFacts struct {
	Verdict        Verdict  `json:"verdict"`
	Defects        []string `json:"defects,omitempty"`
	Input          Input    `json:"input,omitempty"` // "" reads as good
	WithinExamples bool     `json:"within_examples,omitzero"`
}

// PurchaseFacts is the payment in question. DuplicateOf names the original of a double charge, "" when none is known. Parked is why nothing
// was granted for it, where it waits for a person ("wrong_amount"…): then no rule approves or declines, but X1; see Decide.
type PurchaseFacts struct {
	ID           string         `json:"id"`
	Package      string         `json:"package"` // one that the policy does not list is no error here
	PaidAt       time.Time      `json:"paid_at"`
	Amount       money.Amount   `json:"amount"`
	Credits      ledger.Credits `json:"credits"`
	CreditsSpent ledger.Credits `json:"credits_spent,omitzero"`
	Credited     bool           `json:"credited"`
	Parked       string         `json:"parked,omitempty"`
	DuplicateOf  string         `json:"duplicate_of,omitempty"`
	Refunded     *money.Amount  `json:"refunded,omitempty"`
}

// OutageFacts is the downtime in question; a nil EndedAt means that it lasts until AsOf. AsOf is when the request is decided, where that is later
// than the request: a payment is promised from then on. nil: the request.
type OutageFacts struct {
	StartedAt    time.Time  `json:"started_at"`
	EndedAt      *time.Time `json:"ended_at,omitempty"`
	AsOf         *time.Time `json:"as_of,omitempty"`
	PreventedUse bool       `json:"prevented_use"`
	InCredits    bool       `json:"in_credits,omitzero"` // staff give credits in place of money
}

// JudgedAt returns the instant whose revision judges the facts: when the generation finished or the purchase was paid,
// the zero time (so the first revision) when the section is missing. Of an overdue hold the caller knows better: it started.
func (f Facts) JudgedAt() time.Time {
	switch {
	case f.Kind.aboutGeneration() && f.Generation != nil:
		return f.Generation.FinishedAt
	case !f.Kind.aboutGeneration() && f.Purchase != nil:
		return f.Purchase.PaidAt
	}
	return time.Time{}
}

func (k Kind) aboutGeneration() bool { return k == KindTechnicalFailure || k == KindBadResult }

// AboutPurchase reports whether the kind is about a purchase: false for those about a generation, and for an unknown one.
func (k Kind) AboutPurchase() bool { return !k.aboutGeneration() && slices.Contains(kinds, k) }

// Validate returns a KindInvalid error naming the field for an unknown issue; "" is none.
func (i Issue) Validate(field string) error {
	if i == "" {
		return nil
	}
	return oneOf(field, i, issues)
}
