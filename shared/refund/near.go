package refund

import (
	"context"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// Frequent is a customer whose requests of some 30 days came near a limit, for some number of
// generations.
type Frequent struct {
	Customer ledger.CustomerID
	Standing ledger.Standing
	Recent   Recent
}

// Frequents is what telling who is near a limit needs of a store.
type Frequents interface {
	// ListFrequent returns a page of those whom a verdict noted until later than now
	// (Effect.NearUntil), in no order that means anything but one that stays, at most limit of them
	// from cursor on ("" is the first), and the next cursor, "" after the last page. The list is an
	// index's and may lag; what it shows is read consistently.
	ListFrequent(ctx context.Context, now time.Time, cursor string, limit int) ([]Frequent, string, error)
	// CountGenerations is that of Record.
	CountGenerations(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) (int, error)
}

// NearLimit is a customer who is near limits, or past them.
type NearLimit struct {
	Customer ledger.CustomerID
	Standing ledger.Standing
	Limits   []policy.Limit
}

// ListNear returns a page of who is near or past one of the limits at now, of at most limit
// customers looked at, and the next cursor: a page may have fewer, or none, before the last.
func ListNear(ctx context.Context, store Frequents, limits policy.Abuse, cursor string, limit int, now time.Time) ([]NearLimit, string, error) {
	customers, next, err := store.ListFrequent(ctx, now, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	var near []NearLimit
	for _, one := range customers {
		requests, refunds := one.Recent.count("", now)
		facts := policy.CustomerFacts{Requests30d: requests, Refunds30d: refunds}
		if limits.MayBeNear(policy.CustomerFacts{Refunds30d: refunds}) {
			if facts.Generations30d, err = store.CountGenerations(ctx, one.Customer, now.Add(-recentWindow), maxCounted); err != nil {
				return nil, "", err
			}
		}
		if all := limits.Near(facts); len(all) > 0 {
			near = append(near, NearLimit{Customer: one.Customer, Standing: one.Standing, Limits: all})
		}
	}
	return near, next, nil
}

// nearUntil returns until when the requests may be near a limit, zero where they are not. It moves
// at most once in 30 days, since each move would cost the index two writes.
func (r Recent) nearUntil(limits policy.Abuse) time.Time {
	if len(r) == 0 {
		return time.Time{}
	}
	newest := r[len(r)-1].At
	requests, refunds := r.count("", newest)
	if !limits.MayBeNear(policy.CustomerFacts{Requests30d: requests, Refunds30d: refunds}) {
		return time.Time{}
	}
	return newest.Add(recentWindow).Truncate(recentWindow).Add(recentWindow)
}
