package policy

import (
	"slices"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// Package implements payment.Catalog: the package that was sold under that name at the instant,
// false when none was.
func (p *Policy) Package(name string, at time.Time) (payment.Package, bool) {
	return p.At(at).Package(name)
}

// Feature implements generation.Catalog: the feature of that name on sale at the instant, false
// when there was none.
func (p *Policy) Feature(name string, at time.Time) (generation.Feature, bool) {
	feature, ok := p.At(at).Feature(name)
	return feature.Feature, ok
}

// GrantsUnpaid implements payment.Catalog: whether a checkout that required no payment granted its
// credits at the instant.
func (p *Policy) GrantsUnpaid(at time.Time) bool { return p.At(at).GrantsUnpaid }

// DuplicateRule implements payment.Catalog: the spans of a duplicate at the instant, and whether
// one is paid back without a claim.
func (p *Policy) DuplicateRule(at time.Time) payment.DuplicateRule {
	duplicates := p.At(at).Duplicates
	return payment.DuplicateRule{Same: duplicates.Same, Look: duplicates.Look, Repay: duplicates.Auto}
}

// ExpiredLot implements payment.Catalog: what becomes of credits that come back to an expired lot,
// by the revision of the instant.
func (p *Policy) ExpiredLot(at time.Time) ledger.ExpiredLot { return p.At(at).ExpiredLot }

// Takes reports whether any revision takes generations in the mode.
func (p *Policy) Takes(mode Mode) bool {
	return slices.ContainsFunc(p.revisions, func(rev Revision) bool { return slices.Contains(rev.Modes, mode) })
}

// MaxRequestsOver bounds the limit of requests: each request up to it is kept in one small row of
// its customer.
const MaxRequestsOver = 100

// GenerationsNeeded returns how many of the customer's generations a limit can depend on, 0 when
// the refunds are too few for any number of generations to matter: a count needs to go no further.
// With 3 refunds and a limit of 20 percent, 15 generations are within it, and so is every greater
// number.
func (a Abuse) GenerationsNeeded(c CustomerFacts) int {
	if c.Requests30d > a.RequestsOver || 100*c.Refunds30d <= a.RefundsOverPercent*a.FromGenerations {
		return 0
	}
	return max(a.FromGenerations, 100*c.Refunds30d/max(a.RefundsOverPercent, 1)+1)
}
