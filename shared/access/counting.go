package access

import (
	"context"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// Counter counts the requests that come with customers' tokens.
type Counter interface {
	// CountRequest counts one more request of the customer in the minute that begins then, and
	// returns true. False, and nothing is counted, where most are counted already.
	CountRequest(ctx context.Context, customer ledger.CustomerID, minute time.Time, most int) (bool, error)
}

// countWithin bounds how long a request waits to be counted.
const countWithin = 500 * time.Millisecond

// Count counts a request with a customer's token. KindThrottled, until the minute is over, where
// the customer has made PerMinute in it. Other callers are not counted.
//
// A request that cannot be counted goes on: a table that is slow must not keep customers from their
// refunds. What DynamoDB refuses is counted as trouble.
// Why: infra/decisions/0077.
func (g Gate) Count(ctx context.Context, caller Caller) error {
	if caller.Role != RoleCustomer || g.Counter == nil || g.PerMinute == 0 {
		return nil
	}
	now := g.Now()
	minute := now.UTC().Truncate(time.Minute)
	limited, cancel := context.WithTimeout(ctx, countWithin)
	defer cancel()
	counted, err := g.Counter.CountRequest(limited, caller.Customer, minute, g.PerMinute)
	if err != nil {
		slog.WarnContext(ctx, "a customer's request could not be counted, and goes on", "wallet", caller.ID, "error", err.Error())
		return nil
	}
	if counted {
		return nil
	}
	refusal := fault.Errorf(fault.KindThrottled, fault.CodeThrottled, "at most %d requests a minute", g.PerMinute)
	refusal.RetryAfter = minute.Add(time.Minute).Sub(now)
	return refusal
}
