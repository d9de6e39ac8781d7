package outage

import (
	"context"

	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// Store is what outages need of a store.
type Store interface {
	// DeclareOutage creates the outage and returns nil; where one of its id exists, it writes
	// nothing and returns that.
	DeclareOutage(ctx context.Context, o Outage) (*Outage, error)
	// FindOutage returns the outage by a consistent read, nil when there is none.
	FindOutage(ctx context.Context, id ID) (*Outage, error)
	// Outages returns the declared outages, the latest Max of them, newest first; consistent.
	Outages(ctx context.Context) ([]Outage, error)
	// ListOutages returns at most limit of all outages after a position (nil: from the latest), the
	// latest declared first, and whether there are more; consistent.
	ListOutages(ctx context.Context, after *Position, limit int) ([]Outage, bool, error)
	// CommitOutage writes the outage if the stored one is of the version that was read: KindStale
	// when not.
	CommitOutage(ctx context.Context, after Outage) error
	// ListPayments returns a page of all payments, in a stable but arbitrary order: at most limit
	// of them from cursor on ("" is the first), and the next cursor, "" after the last page. It is
	// consistent.
	ListPayments(ctx context.Context, cursor string, limit int) ([]payment.Payment, string, error)
	// FindWallets returns the wallets of the customers, who are each named once, in their order. A
	// wallet that nobody has written has Recorded false.
	FindWallets(ctx context.Context, customers ...ledger.CustomerID) ([]ledger.Wallet, error)
}

// Requests is the queue of requests for a decision.
type Requests interface {
	// Request sends the request.
	Request(ctx context.Context, request message.RefundRequested) error
}

// Runs is the queue of pages of outages that are to be made good.
type Runs interface {
	// Run requests a page of a run.
	Run(ctx context.Context, message message.OutageStarted) error
}

// Looks is the queue of outages whose change the waiting claims are looked at by.
type Looks interface {
	// LookAgain requests a look at the claims.
	LookAgain(ctx context.Context, change message.OutageChanged) error
}
