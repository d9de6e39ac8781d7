package notice

import (
	"context"
	"time"

	"makegood/shared/ledger"
)

// Inbox keeps how far a customer has read what they were notified of. The notices themselves are
// not kept: they follow from the customer's cases (refund.Case.News).
type Inbox interface {
	// FindRead returns the instant up to which the customer has read, zero where they have read
	// nothing; consistent.
	FindRead(ctx context.Context, customer ledger.CustomerID) (time.Time, error)
	// MarkRead records that the customer has read up to the instant, and returns the one that
	// stands: it never goes back.
	MarkRead(ctx context.Context, customer ledger.CustomerID, upTo time.Time) (time.Time, error)
}
