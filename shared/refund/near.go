package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Frequent is a customer whose reports of 30 days may be near a limit. Whether they are depends on
// how many generations they started.
type Frequent struct {
	// Customer is who reported.
	Customer ledger.CustomerID
	// Standing is theirs, as staff have set it.
	Standing ledger.Standing
	// Recent are their latest reports of bad results.
	Recent Recent
}

// Frequents is what ListNear needs of a store.
type Frequents interface {
	// ListFrequent returns a page of at most limit customers whose Effect.NearUntil is later than
	// now, in a stable but arbitrary order. It begins at the cursor, "" for the first page, and
	// returns the next one, "" after the last page. The list is an index and may lag. What it shows
	// of a customer is read consistently.
	ListFrequent(ctx context.Context, now time.Time, cursor string, limit int) ([]Frequent, string, error)
	// CountGenerations returns how many generations the customer has started since, at most limit.
	// It counts by an index, which may lag by an instant.
	CountGenerations(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) (int, error)
}

// NearLimit is a customer who is near limits, or past them.
type NearLimit struct {
	// Customer is who it is.
	Customer ledger.CustomerID
	// Standing is theirs, as staff have set it.
	Standing ledger.Standing
	// Limits are those that they are near or past.
	Limits []policy.Limit
}

// ListNear returns a page of the customers who are near or past one of the limits at now, and the
// next cursor. It looks at limit customers at most, so a page may have fewer, or none, before the
// last.
func ListNear(ctx context.Context, store Frequents, limits policy.Abuse, cursor string, limit int, now time.Time) ([]NearLimit, string, error) {
	customers, next, err := store.ListFrequent(ctx, now, cursor, limit)
	if err != nil {
		return nil, "", fault.At("refund.ListNear: list frequent", "", err)
	}
	var near []NearLimit
	for _, one := range customers {
		requests, refunds := one.Recent.count("", now)
		facts := policy.CustomerFacts{Requests30d: requests, Refunds30d: refunds}
		// Only the share of refunds depends on generations. Where there are too few refunds for it,
		// the count is not read.
		if limits.MayBeNear(policy.CustomerFacts{Refunds30d: refunds}) {
			if facts.Generations30d, err = store.CountGenerations(ctx, one.Customer, now.Add(-recentWindow), maxCounted); err != nil {
				return nil, "", fault.At("refund.ListNear: count generations", string(one.Customer), err)
			}
		}
		if all := limits.Near(facts); len(all) > 0 {
			near = append(near, NearLimit{Customer: one.Customer, Standing: one.Standing, Limits: all})
		}
	}
	return near, next, nil
}

// nearUntil returns until when the reports may be near a limit, zero where they are not.
func (r Recent) nearUntil(limits policy.Abuse) time.Time {
	if len(r) == 0 {
		return time.Time{}
	}
	newest := r[len(r)-1].At
	requests, refunds := r.count("", newest)
	if !limits.MayBeNear(policy.CustomerFacts{Requests30d: requests, Refunds30d: refunds}) {
		return time.Time{}
	}
	// Rounded up to the next multiple of 30 days: so it changes once in 30 days at most, and each
	// change costs the index two writes.
	return newest.Add(recentWindow).Truncate(recentWindow).Add(recentWindow)
}
