package payment

import (
	"context"
	"time"

	"makegood/shared/money"
)

// Gateway is the provider's side that we ask; the other one, its webhook, tells us unasked. What it
// answers is facts, merged like any other: whoever is heard first, the payment ends the same.
type Gateway interface {
	// Look returns all that the provider says of the payment today: its purchase, every refund,
	// every dispute. Empty for a payment that the provider does not know, or that is not ours.
	// KindBusy when it cannot be asked now.
	Look(ctx context.Context, id ID) ([]Facts, error)
	// Refund asks for money back and returns what became of it, which need not be final. The same
	// key is the same refund for as long as the provider remembers keys: look first. KindBusy where
	// nothing is known of the outcome, KindConflict with a code below for a refusal that asking
	// again will not change, KindInternal where the provider does not know us.
	Refund(ctx context.Context, order RefundOrder) (Facts, error)
	// List returns a page of what the provider's events since an instant say, in any order;
	// KindBusy when it cannot be asked now. See Listing for a provider that keeps no list.
	List(ctx context.Context, since time.Time, cursor string) (Listing, error)
}

// RefundOrder is one refund of money that we ask for. Key is the idempotency key; Case goes into
// the refund's metadata, so that it is known again.
type RefundOrder struct {
	Payment ID
	Amount  money.Amount
	Case    string
	Key     string
}

// Listing is a page of events. Next continues it, "" on the last page. None says that there is no
// list to read: the provider is not set up, or keeps none.
type Listing struct {
	Facts  []Facts
	Next   string
	NoList bool
}

// The codes of a gateway's refusals.
const (
	CodeAlreadyRefunded = "already_refunded" // all of the money went back already, by whoever's hand
	CodeDisputed        = "disputed"         // the bank holds the money
	CodeKeySpent        = "key_spent"        // the provider repeats a failure of its own that it saved under the key
	CodeRefused         = "refused"          // anything else that will not change
)
