package payment

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Package is what the catalog sells: Credits for Price. A zero ExpiresAfter sells credits that
// never expire; otherwise the lot expires that long after it was paid, or after it was granted when
// the news came later than that.
type Package struct {
	Name         string
	Title        string // of the page, "" when the policy does not say
	Credits      ledger.Credits
	Price        money.Amount
	ExpiresAfter time.Duration
}

// expiry returns when a lot paid at paidAt and granted at now expires, or the zero time. Credits
// that would be born expired, because the provider's event came too late, get their whole term from
// now.
func (p Package) expiry(paidAt, now time.Time) time.Time {
	if p.ExpiresAfter == 0 {
		return time.Time{}
	}
	if expiry := paidAt.Add(p.ExpiresAfter); expiry.After(now) {
		return expiry
	}
	return now.Add(p.ExpiresAfter)
}
