package payment

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Package is what the catalog sells: Credits for Price.
type Package struct {
	// Name is the policy's name of the package.
	Name string
	// Title is what the page calls it, "" where the policy has no title.
	Title string
	// Credits is how many one purchase grants.
	Credits ledger.Credits
	// Price is what it costs before discounts and taxes.
	Price money.Amount
	// ExpiresAfter is the term of the credits, from when they were paid, or from when they were
	// granted where the event came later than that. Zero: they never expire.
	ExpiresAfter time.Duration
}

// expiry returns when a lot paid at paidAt and granted at now expires, zero for never. An event may
// come so late that the credits would be expired at once: they get their whole term from now.
func (p Package) expiry(paidAt, now time.Time) time.Time {
	if p.ExpiresAfter == 0 {
		return time.Time{}
	}
	if expiry := paidAt.Add(p.ExpiresAfter); expiry.After(now) {
		return expiry
	}
	return now.Add(p.ExpiresAfter)
}
