package policy

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
)

// IssueNone and EvidenceNone are the words by which a condition matches an issue that was not named
// and evidence that is not there.
const (
	IssueNone    Issue   = "none"
	EvidenceNone Verdict = "none"
)

// evidenceConditions are those about what the picture shows.
var evidenceConditions = []string{"evidence", "defects", "input", "within_examples"}

// Use is a word of the condition `used`.
type Use string

// The uses; the zero value is invalid.
const (
	UseBulkDownloaded Use = "bulk_downloaded"
	UseCommercial     Use = "commercial_use"
)

// when holds the conditions of a rule as the file writes them: all that are set must hold. A list
// holds when one of its words matches; true or false wants the fact or its opposite. Each field has
// its line in conditions.
type when struct {
	// Of any request.
	Standing        []ledger.Standing `yaml:"standing"`
	AlreadyRefunded *bool             `yaml:"already_refunded"`
	RequestedLate   *bool             `yaml:"asked_late"`
	// Of requests about a generation.
	Mode              []Mode `yaml:"mode"`
	FeatureListed     *bool  `yaml:"feature_listed"`
	FeatureReportable *bool  `yaml:"feature_reportable"`
	SurfaceReportable *bool  `yaml:"surface_reportable"`
	NothingCharged    *bool  `yaml:"nothing_charged"`
	// Of technical failures.
	FailureCause       []generation.Cause `yaml:"failure_cause"`
	FailedAttemptsFrom *int               `yaml:"failed_attempts_from"`
	// Of bad results.
	Issue           []Issue   `yaml:"issue"`
	Evidence        []Verdict `yaml:"evidence"`
	Defects         []string  `yaml:"defects"`
	Input           []Input   `yaml:"input"`
	WithinExamples  *bool     `yaml:"within_examples"`
	Used            []Use     `yaml:"used"`
	RequestedBefore *bool     `yaml:"requested_before"`
	OverAbuseLimits *bool     `yaml:"over_abuse_limits"`
	// Of requests about a purchase.
	OriginalKnown *bool `yaml:"original_known"`
	Credited      *bool `yaml:"credited"`
	CreditsSpent  *bool `yaml:"credits_spent"`
	CreditsLeft   *bool `yaml:"credits_left"`
	// Of outages.
	DownOver            *time.Duration `yaml:"down_over"`
	PreventedUse        *bool          `yaml:"prevented_use"`
	EndedBeforePurchase *bool          `yaml:"ended_before_purchase"`
	GoesOn              *bool          `yaml:"goes_on"`
}

// condition is one word of the vocabulary.
type condition struct {
	name string
	// kinds are those whose facts it can read; nil: every kind. The test is only run on such facts.
	kinds []Kind
	// holds is the test, for a rule that sets the condition.
	holds func(w when, rev Revision, f Facts) bool
	isSet func(w when) bool
	// values are what the file wants, as it writes them.
	values func(w when) []string
}

var (
	generationKinds = []Kind{KindTechnicalFailure, KindBadResult}
	purchaseKinds   = []Kind{KindDuplicateCharge, KindNotCredited, KindOutage, KindAbnormalCharge, KindChangeOfMind}
	failureKinds    = []Kind{KindTechnicalFailure}
	resultKinds     = []Kind{KindBadResult}
	outageKinds     = []Kind{KindOutage}
)

// conditions is the whole vocabulary, in the order of when.
var conditions = []condition{
	anyOf("standing", nil, func(w when) []ledger.Standing { return w.Standing },
		func(f Facts) []ledger.Standing { return []ledger.Standing{f.Customer.Standing} }),
	is("already_refunded", nil, func(w when) *bool { return w.AlreadyRefunded },
		func(_ Revision, f Facts) bool { return f.alreadyRefunded() }),
	is("asked_late", nil, func(w when) *bool { return w.RequestedLate }, requestedLate),

	anyOf("mode", generationKinds, func(w when) []Mode { return w.Mode },
		func(f Facts) []Mode { return []Mode{f.Generation.Mode} }),
	is("feature_listed", generationKinds, func(w when) *bool { return w.FeatureListed },
		func(rev Revision, f Facts) bool { _, ok := rev.Feature(f.Generation.Feature); return ok }),
	is("feature_reportable", generationKinds, func(w when) *bool { return w.FeatureReportable }, featureReportable),
	is("surface_reportable", generationKinds, func(w when) *bool { return w.SurfaceReportable },
		func(rev Revision, f Facts) bool { return rev.Surfaces.On(f.Generation.Surface) }),
	is("nothing_charged", generationKinds, func(w when) *bool { return w.NothingCharged },
		func(_ Revision, f Facts) bool { return f.Generation.Price == 0 }),

	anyOf("failure_cause", failureKinds, func(w when) []generation.Cause { return w.FailureCause },
		func(f Facts) []generation.Cause { return []generation.Cause{f.Generation.Failure.Cause} }),
	over("failed_attempts_from", failureKinds, func(w when) *int { return w.FailedAttemptsFrom },
		func(from int, f Facts) bool { return f.Generation.FailedAttempts >= from }),

	anyOf("issue", resultKinds, func(w when) []Issue { return w.Issue },
		func(f Facts) []Issue { return []Issue{f.issue()} }),
	anyOf("evidence", resultKinds, func(w when) []Verdict { return w.Evidence },
		func(f Facts) []Verdict { return []Verdict{f.evidence().Verdict} }),
	anyOf("defects", resultKinds, func(w when) []string { return w.Defects },
		func(f Facts) []string { return f.evidence().Defects }),
	anyOf("input", resultKinds, func(w when) []Input { return w.Input },
		func(f Facts) []Input { return []Input{f.evidence().Input} }),
	is("within_examples", resultKinds, func(w when) *bool { return w.WithinExamples },
		func(_ Revision, f Facts) bool { return f.evidence().WithinExamples }),
	anyOf("used", resultKinds, func(w when) []Use { return w.Used }, Facts.uses),
	is("requested_before", resultKinds, func(w when) *bool { return w.RequestedBefore },
		func(_ Revision, f Facts) bool { return f.EarlierRequests > 0 }),
	is("over_abuse_limits", resultKinds, func(w when) *bool { return w.OverAbuseLimits },
		func(rev Revision, f Facts) bool { return rev.Abuse.exceededBy(f.Customer) }),

	is("original_known", purchaseKinds, func(w when) *bool { return w.OriginalKnown },
		func(_ Revision, f Facts) bool { return f.Purchase.DuplicateOf != "" }),
	is("credited", purchaseKinds, func(w when) *bool { return w.Credited },
		func(_ Revision, f Facts) bool { return f.Purchase.Credited }),
	is("credits_spent", purchaseKinds, func(w when) *bool { return w.CreditsSpent },
		func(_ Revision, f Facts) bool { return f.Purchase.CreditsSpent > 0 }),
	is("credits_left", purchaseKinds, func(w when) *bool { return w.CreditsLeft },
		func(_ Revision, f Facts) bool { return f.Purchase.unspent() > 0 }),

	over("down_over", outageKinds, func(w when) *time.Duration { return w.DownOver },
		func(limit time.Duration, f Facts) bool { return f.downtime() > limit }),
	is("prevented_use", outageKinds, func(w when) *bool { return w.PreventedUse },
		func(_ Revision, f Facts) bool { return f.Outage.PreventedUse }),
	is("ended_before_purchase", outageKinds, func(w when) *bool { return w.EndedBeforePurchase },
		func(_ Revision, f Facts) bool {
			return f.Outage.EndedAt != nil && f.Outage.EndedAt.Before(f.Purchase.PaidAt)
		}),
	is("goes_on", outageKinds, func(w when) *bool { return w.GoesOn },
		func(_ Revision, f Facts) bool { return f.Outage.EndedAt == nil }),
}

// anyOf is a condition that holds when one of the words the file lists is among those of the facts.
func anyOf[T ~string](name string, kinds []Kind, vocabulary func(when) []T, actual func(Facts) []T) condition {
	return condition{
		name: name, kinds: kinds,
		isSet: func(w when) bool { return vocabulary(w) != nil },
		holds: func(w when, _ Revision, f Facts) bool {
			return slices.ContainsFunc(actual(f), func(word T) bool { return slices.Contains(vocabulary(w), word) })
		},
		values: func(w when) []string { return texts(vocabulary(w)) },
	}
}

// is is a condition that holds when the fact is as the file wants it, true or false.
func is(name string, kinds []Kind, wish func(when) *bool, actual func(Revision, Facts) bool) condition {
	return condition{
		name: name, kinds: kinds,
		isSet:  func(w when) bool { return wish(w) != nil },
		holds:  func(w when, rev Revision, f Facts) bool { return actual(rev, f) == *wish(w) },
		values: func(w when) []string { return []string{strconv.FormatBool(*wish(w))} },
	}
}

// over is a condition with a limit.
func over[T any](name string, kinds []Kind, limit func(when) *T, past func(T, Facts) bool) condition {
	return condition{
		name: name, kinds: kinds,
		isSet:  func(w when) bool { return limit(w) != nil },
		holds:  func(w when, _ Revision, f Facts) bool { return past(*limit(w), f) },
		values: func(w when) []string { return []string{shortly(fmt.Sprint(*limit(w)))} },
	}
}

// Span returns a duration as a file writes it: 10m, 24h, 1h30m.
func Span(d time.Duration) string { return shortly(d.String()) }

// shortly writes a duration without its empty parts, 48h0m0s as 48h.
func shortly(text string) string {
	// Go writes 48h as 48h0m0s; a file has it as people write it.
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// reads reports whether the facts of a kind hold what the condition tests.
func (c condition) reads(kind Kind) bool { return c.kinds == nil || slices.Contains(c.kinds, kind) }

// requestedLate reports whether the request came after the window of its kind; equal is in time. A
// file that checked has the window.
func requestedLate(rev Revision, f Facts) bool {
	// The window counts from what the request is about, by the app's or the provider's word for
	// when.
	window, since := rev.PurchaseWindow, f.JudgedAt()
	if f.Kind.aboutGeneration() {
		window = rev.ReportWindow
	}
	return f.RequestedAt.Sub(since) > window
}

func featureReportable(rev Revision, f Facts) bool {
	feature, ok := rev.Feature(f.Generation.Feature)
	return ok && feature.Reportable.On(f.Generation.Platform)
}

// exceededBy reports whether the customer's last 30 days are past a limit.
func (a Abuse) exceededBy(c CustomerFacts) bool {
	// Few generations make a large part of few refunds: below the bound only the count decides.
	if c.Requests30d > a.RequestsOver {
		return true
	}
	return c.Generations30d >= a.FromGenerations &&
		exceeds(uint64(c.Refunds30d), 100, uint64(c.Generations30d), uint64(a.RefundsOverPercent))
}

// exceeds reports whether a × b > c × d, through 128 bits: a count of any size is a fact.
func exceeds(a, b, c, d uint64) bool {
	// A product of two counts may exceed 64 bits; their 128 bits are compared as they are.
	high1, low1 := bits.Mul64(a, b)
	high2, low2 := bits.Mul64(c, d)
	return high1 > high2 || high1 == high2 && low1 > low2
}

// alreadyRefunded reports whether something of the output or purchase in question went back before
// (X1).
func (f Facts) alreadyRefunded() bool {
	if f.Kind.aboutGeneration() {
		return f.Generation.Refunded > 0
	}
	return f.Purchase.Refunded != nil && f.Purchase.Refunded.Minor > 0
}

func (f Facts) issue() Issue {
	if f.Report.Issue == "" {
		return IssueNone
	}
	return f.Report.Issue
}

func (f Facts) evidence() EvidenceFacts {
	// No evidence is a word of its own: a rule may say what follows without a look at the picture.
	if f.Evidence == nil {
		return EvidenceFacts{Verdict: EvidenceNone, Input: InputGood}
	}
	return *f.Evidence
}

func (f Facts) uses() []Use {
	var uses []Use
	if f.Usage.BulkDownloaded {
		uses = append(uses, UseBulkDownloaded)
	}
	if f.Usage.CommercialUse {
		uses = append(uses, UseCommercial)
	}
	return uses
}

func (p PurchaseFacts) unspent() ledger.Credits { return max(0, p.Credits-p.CreditsSpent) }

// downtime is how long the outage lasted after the purchase: nobody is kept from credits before
// buying them. An outage without an end counts until the facts are decided. It is negative for an
// outage that was over before.
func (f Facts) downtime() time.Duration {
	// An outage that lasts ends, for this decision, when it is decided.
	end := f.asOf()
	if f.Outage.EndedAt != nil {
		end = *f.Outage.EndedAt
	}
	return end.Sub(f.downSince())
}

// downSince returns the later of the outage's start and the purchase.
func (f Facts) downSince() time.Time {
	if f.Purchase.PaidAt.After(f.Outage.StartedAt) {
		return f.Purchase.PaidAt
	}
	return f.Outage.StartedAt
}

// asOf returns the instant at which the facts are decided.
func (f Facts) asOf() time.Time {
	if f.Kind == KindOutage && f.Outage != nil && f.Outage.AsOf != nil {
		return *f.Outage.AsOf
	}
	return f.RequestedAt
}

// LongEnough returns when the answer may change because the outage of the facts goes on: the first
// instant at which it is long enough for a rule that it is too short for now. Zero where there is
// no such rule.
func (r Revision) LongEnough(f Facts) (soonest time.Time) {
	for _, rule := range r.rules[KindOutage] {
		// A rule whose limit is passed already has had its say, and gives no further change.
		limit := rule.when.DownOver
		if limit == nil || f.downtime() > *limit {
			continue
		}
		// The rule wants more than its limit, and facts are in whole milliseconds.
		if at := f.downSince().Add(*limit + time.Millisecond); soonest.IsZero() || at.Before(soonest) {
			soonest = at
		}
	}
	return soonest
}
