package policy

import (
	"slices"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
)

// Redecide decides by another revision what a recorded decision of the rules rests on. It tells
// what a draft would have answered. What a person ruled is not for it.
//
// Errors: ErrNoBasis; ErrNoRevision when none of the policy's revisions decided it; KindInvalid as
// Decide's. So is a fact that the draft goes by and that was not gathered for the revision that
// decided: Field names it.
func (p *Policy) Redecide(decision Decision, by Revision) (Decision, error) {
	basis := decision.Basis
	if basis == nil || len(basis.Facts) == 0 {
		return Decision{}, ErrNoBasis
	}
	former, ok := p.withDigest(basis.Digest)
	if !ok {
		return Decision{}, ErrNoRevision
	}
	f, err := ParseFacts(basis.Facts)
	if err != nil {
		return Decision{}, err
	}
	// Facts that were not on record are on record for no revision.
	if basis.Undecided {
		return Undecided(by, f.Kind, f.RequestedAt), nil
	}
	again, err := Decide(by, f)
	if err != nil {
		return Decision{}, err
	}
	// A fact that nobody gathered has its default, and a decision by it would be a guess.
	if field := by.ungathered(former, f.withDefaults()); field != "" {
		return Decision{}, fault.Invalid(field, "was not gathered for revision %s", former.Revision)
	}
	return again, nil
}

// ungathered returns the field of a fact that the revision goes by and that is not known from what
// was gathered for the former one; "" where all is. The facts are valid and have their defaults.
//
// Most facts are gathered whatever a revision says. The others depend on it: whether a picture was
// looked at and what that came to, how far requests and generations are counted, and within which
// span a purchase is a duplicate.
func (r Revision) ungathered(former Revision, f Facts) string {
	switch {
	case r.NeedsEvidence(f) && !r.seesAs(former, f):
		return "evidence"
	case r.restsOn(f, "over_abuse_limits"):
		return r.Abuse.uncounted(former.Abuse, f.Customer)
	case r.restsOn(f, "original_known") && !r.Duplicates.findAs(former.Duplicates, *f.Purchase):
		return "purchase.duplicate_of"
	}
	return ""
}

// restsOn reports whether the decision of the facts may rest on a condition.
func (r Revision) restsOn(f Facts, condition string) bool {
	return len(r.candidates(f, condition)) > 1
}

// seesAs reports whether the evidence of the facts is what it would be by this revision.
func (r Revision) seesAs(former Revision, f Facts) bool {
	// A former revision that asked for no evidence had nobody look.
	if f.Evidence == nil && !former.NeedsEvidence(f) {
		return false
	}
	feature, price := f.Generation.Feature, f.Generation.Price
	for _, name := range evidence.Deciding() {
		if r.lets(name, feature) != former.lets(name, feature) {
			return false
		}
	}
	return r.Adjudicates(price, nil) == former.Adjudicates(price, nil) && sameSet(r.Evidence.FailureCards, former.Evidence.FailureCards)
}

func sameSet(a, b []string) bool {
	within := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(one string) bool { return !slices.Contains(b, one) })
	}
	return within(a, b) && within(b, a)
}

// uncounted returns the field of a count that ended at a former limit and that this limit asks
// for; "" where the counts are enough.
func (a Abuse) uncounted(former Abuse, c CustomerFacts) string {
	needed, counted := a.GenerationsNeeded(c), former.GenerationsNeeded(c)
	switch {
	case c.Requests30d > a.RequestsOver: // past it, however many there were
		return ""
	case c.Requests30d > former.RequestsOver:
		return "customer.requests_30d"
	// A count that stopped short of its end is whole, one that reached it may not be.
	case needed > counted && c.Generations30d >= counted:
		return "customer.generations_30d"
	}
	return ""
}

// findAs reports whether the original of a double charge is known within this span as it is within
// the former: one within the shorter span lies within the longer, and one beyond the longer beyond
// the shorter.
func (d Duplicates) findAs(former Duplicates, p PurchaseFacts) bool {
	if p.DuplicateOf != "" {
		return d.Same >= former.Same
	}
	return d.Same <= former.Same
}

// At returns the instant that a decision goes by: when a person ruled; else when it was asked for,
// or as of when the downtime of an outage was told. KindInvalid for facts that this build cannot
// read.
func (b Basis) At() (time.Time, error) {
	if b.Ruling != nil {
		return b.RuledAt, nil
	}
	f, err := ParseFacts(b.Facts)
	return f.asOf(), err
}
