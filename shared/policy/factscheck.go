package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
)

// The words of each enum, in the order in which a message lists them.
var (
	kinds     = []Kind{KindTechnicalFailure, KindBadResult, KindDuplicateCharge, KindNotCredited, KindOutage, KindAbnormalCharge, KindChangeOfMind}
	platforms = []Platform{PlatformIOS, PlatformAndroid, PlatformWeb}
	surfaces  = []Surface{SurfaceEditor, SurfaceBatch, SurfaceCatalog}
	modes     = []Mode{ModePaid, ModeFree, ModeOwnKey}
	issues    = []Issue{IssueDeviates, IssueOffTemplate, IssueWrongSubject, IssueDistortion, IssueTaste, IssueOther}
	verdicts  = []Verdict{VerdictUnusable, VerdictUsable, VerdictUnsure}
	inputs    = []Input{InputGood, InputPoor}
	standings = []ledger.Standing{ledger.StandingGood, ledger.StandingRestricted, ledger.StandingTerminated}
	statuses  = []generation.Status{generation.StatusSucceeded, generation.StatusFailed}
	causes    = []generation.Cause{generation.CausePlatform, generation.CauseInput, generation.CauseSafety, generation.CauseCancelled}
)

// lastYear bounds instants: a date promised from one must still be writable in RFC 3339.
const lastYear = 9990

// withDefaults returns the facts with every default filled in; the sections of f itself stay as
// they are.
func (f Facts) withDefaults() Facts {
	defaultTo(&f.Customer.Standing, ledger.StandingGood)
	// Sections are copied before a default goes in: a caller's facts are not ours to change.
	if f.Generation != nil {
		g := *f.Generation
		defaultTo(&g.Surface, SurfaceEditor)
		defaultTo(&g.Mode, ModePaid)
		f.Generation = &g
	}
	if f.Evidence != nil {
		e := *f.Evidence
		defaultTo(&e.Input, InputGood)
		f.Evidence = &e
	}
	return f
}

func defaultTo[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate returns a KindInvalid error naming the first field at fault. Sections that the kind does
// not need are checked too: what is wrong there may be wrong everywhere.
func (f Facts) validate() error {
	return firstOf(
		oneOf("kind", f.Kind, kinds),
		instant("requested_at", f.RequestedAt),
		oneOf("customer.standing", f.Customer.Standing, standings),
		notNegative("customer.requests_30d", f.Customer.Requests30d),
		notNegative("customer.refunds_30d", f.Customer.Refunds30d),
		notNegative("customer.generations_30d", f.Customer.Generations30d),
		notNegative("earlier_requests", f.EarlierRequests),
		f.Generation.validate(),
		f.Report.validate(),
		f.Evidence.validate(),
		f.Purchase.validate(),
		f.Outage.validate(),
		f.validateSections(),
	)
}

// validateSections checks that what the kind needs is there, and that the generation ended as the
// kind supposes.
func (f Facts) validateSections() error {
	switch {
	case f.Kind.aboutGeneration() && f.Generation == nil:
		return fault.Missing("generation")
	case !f.Kind.aboutGeneration() && f.Purchase == nil:
		return fault.Missing("purchase")
	case f.Kind == KindOutage && f.Outage == nil:
		return fault.Missing("outage")
	case f.Kind == KindTechnicalFailure && f.Generation.Status != generation.StatusFailed:
		return fault.Invalid("generation.status", "a technical_failure needs a failed generation")
	case f.Kind == KindTechnicalFailure && f.Generation.Failure == nil:
		return fault.Missing("generation.failure")
	case f.Kind == KindBadResult && f.Generation.Status != generation.StatusSucceeded:
		return fault.Invalid("generation.status", "a bad_result needs a generation that succeeded")
	case f.Kind == KindBadResult && f.Report == nil:
		return fault.Missing("report")
	}
	return nil
}

func (g *GenerationFacts) validate() error {
	if g == nil {
		return nil
	}
	// A failure beside a success would let a rule about failures read a good result.
	if g.Failure != nil && g.Status == generation.StatusSucceeded {
		return fault.Invalid("generation.failure", "a generation that succeeded has none")
	}
	return firstOf(
		oneOf("generation.platform", g.Platform, platforms),
		oneOf("generation.surface", g.Surface, surfaces),
		oneOf("generation.mode", g.Mode, modes),
		oneOf("generation.status", g.Status, statuses),
		instant("generation.finished_at", g.FinishedAt),
		notNegative("generation.price", g.Price),
		notNegative("generation.refunded", g.Refunded),
		notNegative("generation.failed_attempts", g.FailedAttempts),
		validateFailure(g.Failure),
	)
}

func validateFailure(f *generation.Failure) error {
	if f == nil {
		return nil
	}
	return oneOf("generation.failure.cause", f.Cause, causes)
}

func (r *ReportFacts) validate() error {
	if r == nil || r.Issue == "" {
		return nil
	}
	return oneOf("report.issue", r.Issue, issues)
}

func (e *EvidenceFacts) validate() error {
	if e == nil {
		return nil
	}
	return firstOf(
		oneOf("evidence.verdict", e.Verdict, verdicts),
		oneOf("evidence.input", e.Input, inputs),
	)
}

func (p *PurchaseFacts) validate() error {
	if p == nil {
		return nil
	}
	return firstOf(
		instant("purchase.paid_at", p.PaidAt),
		p.Amount.Validate("purchase.amount"),
		notNegative("purchase.credits", p.Credits),
		notNegative("purchase.credits_spent", p.CreditsSpent),
		atMost("purchase.credits_spent", p.CreditsSpent, p.Credits),
		p.validateParked(),
		p.validateRefunded(),
	)
}

func (p *PurchaseFacts) validateParked() error {
	if p.Parked != "" && p.Credited {
		return fault.Invalid("purchase.parked", "a purchase that was credited does not wait for a person")
	}
	return nil
}

func (p *PurchaseFacts) validateRefunded() error {
	if p.Refunded == nil {
		return nil
	}
	if err := p.Refunded.Validate("purchase.refunded"); err != nil {
		return err
	}
	// Amounts of two currencies cannot be compared, and no rate is ours to choose.
	if p.Refunded.Currency != p.Amount.Currency {
		return fault.Invalid("purchase.refunded.currency", "must be the purchase's, %s", p.Amount.Currency)
	}
	return nil
}

func (o *OutageFacts) validate() error {
	if o == nil {
		return nil
	}
	if err := instant("outage.started_at", o.StartedAt); err != nil {
		return err
	}
	if o.AsOf != nil {
		if err := instant("outage.as_of", *o.AsOf); err != nil {
			return err
		}
	}
	if o.EndedAt == nil {
		return nil
	}
	if err := instant("outage.ended_at", *o.EndedAt); err != nil {
		return err
	}
	if o.EndedAt.Before(o.StartedAt) {
		return fault.Invalid("outage.ended_at", "lies before started_at")
	}
	return nil
}

// belongTo returns a KindInvalid error when the facts name another policy than the revision's;
// facts that name none fit any.
func (f Facts) belongTo(rev Revision) error {
	if f.Policy != "" && f.Policy != rev.Name {
		return fault.Invalid("policy", "the facts are of policy %q, the revision is of %q", f.Policy, rev.Name)
	}
	return nil
}

func oneOf[T ~string](field string, value T, words []T) error {
	if slices.Contains(words, value) {
		return nil
	}
	if value == "" {
		return fault.Missing(field)
	}
	return fault.Invalid(field, "unknown value %q: must be %s", value, list(words))
}

func list[T ~string](words []T) string { return strings.Join(texts(words), ", ") }

func texts[T ~string](words []T) []string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return texts
}

func instant(field string, t time.Time) error {
	if t.IsZero() {
		return fault.Missing(field)
	}
	if year := t.UTC().Year(); year < 1 || year > lastYear {
		return fault.Invalid(field, "must lie between the years 1 and %d", lastYear)
	}
	return nil
}

func notNegative[T ~int | ~int64](field string, n T) error {
	if n < 0 {
		return fault.Invalid(field, "must not be negative")
	}
	return nil
}

func atMost[T ~int | ~int64](field string, n, limit T) error {
	if n > limit {
		return fault.Invalid(field, "must be at most %s", fmt.Sprint(limit))
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
