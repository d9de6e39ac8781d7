package policy

import (
	"slices"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Kind says what a refund is requested for.
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
	// ModeOwnKey is on the customer's own key at the AI provider.
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
type Verdict = evidence.Verdict

// The verdicts; the zero value is invalid: absent evidence is a nil *EvidenceFacts.
const (
	VerdictUnusable = evidence.VerdictUnusable
	VerdictUsable   = evidence.VerdictUsable
	VerdictUnsure   = evidence.VerdictUnsure
)

// Input is how suitable the customer's own upload was.
type Input string

// The inputs; the zero value reads as good.
const (
	InputGood Input = "good"
	InputPoor Input = "poor"
)

// Facts is all that a decision may rest on. A field whose tag says omitempty or omitzero may be
// absent and then has its zero value, which reads as its default. ParseFacts reads facts strictly
// from JSON; Decide says which section a kind needs.
type Facts struct {
	// Policy is the name of the policy, "" where the caller leaves it open.
	Policy string `json:"policy"`
	// Kind is what the refund is requested for.
	Kind Kind `json:"kind"`
	// RequestedAt is when.
	RequestedAt time.Time `json:"requested_at"`
	// Customer is who requests it.
	Customer CustomerFacts `json:"customer,omitzero"`
	// Generation is the output in question; nil for a request about a purchase.
	Generation *GenerationFacts `json:"generation,omitempty"`
	// Report is what the customer says of a bad result.
	Report *ReportFacts `json:"report,omitempty"`
	// Usage is what the customer did with the picture.
	Usage UsageFacts `json:"usage,omitzero"`
	// Evidence is what the picture shows; nil where nobody has looked.
	Evidence *EvidenceFacts `json:"evidence,omitempty"`
	// EarlierRequests is how many other requests there are for this same output.
	EarlierRequests int `json:"earlier_requests,omitzero"`
	// Purchase is the payment in question; nil for a request about a generation.
	Purchase *PurchaseFacts `json:"purchase,omitempty"`
	// Outage is the downtime in question; nil unless the kind is outage.
	Outage *OutageFacts `json:"outage,omitempty"`
}

// CustomerFacts is who requests. The counts are of bad_result requests in the 30 days before, this
// one excluded.
type CustomerFacts struct {
	// Standing is the customer's; "" reads as good.
	Standing ledger.Standing `json:"standing,omitempty"`
	// Requests30d is how many requests there were.
	Requests30d int `json:"requests_30d,omitzero"`
	// Refunds30d is how many of them were approved.
	Refunds30d int `json:"refunds_30d,omitzero"`
	// Generations30d is how many generations there were, as far as a limit needs them counted.
	Generations30d int `json:"generations_30d,omitzero"`
}

// GenerationFacts is the one output in question.
type GenerationFacts struct {
	// ID is the generation's.
	ID string `json:"id"`
	// Feature is its name; a feature that the policy does not list is no error here.
	Feature string `json:"feature"`
	// Platform is where it was made.
	Platform Platform `json:"platform"`
	// Surface is the part of the app; "" reads as editor.
	Surface Surface `json:"surface,omitempty"`
	// Mode says whether it was charged; "" reads as paid.
	Mode Mode `json:"mode,omitempty"`
	// Status is how it ended.
	Status generation.Status `json:"status"`
	// FinishedAt is when it ended, by the app's word.
	FinishedAt time.Time `json:"finished_at"`
	// Price is what this output was charged.
	Price ledger.Credits `json:"price"`
	// Refunded is what of it went back already.
	Refunded ledger.Credits `json:"refunded,omitzero"`
	// FailedAttempts is the worker's number; 0 reads as 1, since every failure is an attempt.
	FailedAttempts int `json:"failed_attempts,omitzero"`
	// Failure is why it failed; nil for one that succeeded.
	Failure *generation.Failure `json:"failure,omitempty"`
}

// ReportFacts is what the customer says about a bad result.
type ReportFacts struct {
	// Description is in the customer's words; no rule reads it.
	Description string `json:"description"`
	// Issue is what is wrong; "" where the customer named nothing.
	Issue Issue `json:"issue,omitempty"`
}

// UsageFacts is what the customer did with the picture.
type UsageFacts struct {
	// BulkDownloaded: it was downloaded among many at once.
	BulkDownloaded bool `json:"bulk_downloaded,omitzero"`
	// CommercialUse: it was used commercially.
	CommercialUse bool `json:"commercial_use,omitzero"`
}

// EvidenceFacts is what the picture shows.
type EvidenceFacts struct {
	// Verdict sums it up.
	Verdict Verdict `json:"verdict"`
	// Defects are the names of what decided: "blank", "truncated"…
	Defects []string `json:"defects,omitempty"`
	// Input is how suitable the upload was; "" reads as good.
	Input Input `json:"input,omitempty"`
	// WithinExamples: it is like the examples that the app shows for the feature.
	WithinExamples bool `json:"within_examples,omitzero"`
}

// PurchaseFacts is the payment in question.
type PurchaseFacts struct {
	// ID is the payment's.
	ID string `json:"id"`
	// Package is its name; a package that the policy does not list is no error here.
	Package string `json:"package"`
	// PaidAt is when it was paid.
	PaidAt time.Time `json:"paid_at"`
	// Amount is what was paid.
	Amount money.Amount `json:"amount"`
	// Credits is how many it bought.
	Credits ledger.Credits `json:"credits"`
	// CreditsSpent is how many of them are gone: spent, expired or taken back.
	CreditsSpent ledger.Credits `json:"credits_spent,omitzero"`
	// Credited says whether they reached the wallet.
	Credited bool `json:"credited"`
	// Parked is why nothing was granted, where the payment waits for a person ("wrong_amount"…):
	// then no rule approves or declines, but X1; see Decide.
	Parked string `json:"parked,omitempty"`
	// DuplicateOf names the payment that this one duplicates, "" where none is known.
	DuplicateOf string `json:"duplicate_of,omitempty"`
	// Refunded is what of the amount went back already; nil for nothing.
	Refunded *money.Amount `json:"refunded,omitempty"`
}

// OutageFacts is the downtime in question.
type OutageFacts struct {
	// StartedAt is when it began.
	StartedAt time.Time `json:"started_at"`
	// EndedAt is when it ended; nil while it lasts, which counts until AsOf.
	EndedAt *time.Time `json:"ended_at,omitempty"`
	// AsOf is when the request is decided, where that is later than the request: a payment is
	// promised from then on. Nil: at the request.
	AsOf *time.Time `json:"as_of,omitempty"`
	// PreventedUse says whether the app could not be used at all.
	PreventedUse bool `json:"prevented_use"`
	// InCredits: staff give credits in place of money.
	InCredits bool `json:"in_credits,omitzero"`
}

// JudgedAt returns the instant whose revision judges the facts: when the generation finished or the
// purchase was paid. The zero time, and with it the first revision, when the section is missing. An
// overdue hold has no finish: its caller takes the start.
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

// AboutPurchase reports whether the kind is about a purchase: false for those about a generation,
// and for an unknown one.
func (k Kind) AboutPurchase() bool { return !k.aboutGeneration() && slices.Contains(kinds, k) }

// Validate returns a KindInvalid error naming the field for an unknown issue; "" is none.
func (i Issue) Validate(field string) error {
	if i == "" {
		return nil
	}
	return oneOf(field, i, issues)
}
