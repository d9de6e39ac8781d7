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
	// CommitOutage writes the outage as it stands now, if it is of the version that was read:
	// KindStale when not.
	CommitOutage(ctx context.Context, after Outage) error
	// ListPayments returns a page of all payments, in no order that means anything but one that
	// stays, at most limit of them from cursor on ("" is the first), and the next cursor, "" after
	// the last page; consistent.
	ListPayments(ctx context.Context, cursor string, limit int) ([]payment.Payment, string, error)
	// FindWallets returns the wallets of the customers, each once, in the order asked; one that
	// nobody has written has Recorded false.
	FindWallets(ctx context.Context, customers ...ledger.CustomerID) ([]ledger.Wallet, error)
}

// Requests is where decisions are asked for.
type Requests interface {
	Request(ctx context.Context, request message.RefundRequested) error
}

// Runs is where outages wait to be made good.
type Runs interface {
	Run(ctx context.Context, message message.OutageStarted) error
}

// Looks is where outages that changed wait for the claims to be looked at again.
type Looks interface {
	LookAgain(ctx context.Context, change message.OutageChanged) error
}
