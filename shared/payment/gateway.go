package payment

import (
	"context"
	"time"

	"makegood/shared/money"
)

// Gateway is the provider's API, which we call; its webhook calls us. Both answer with facts that
// merge alike: whichever comes first, the payment ends the same.
type Gateway interface {
	// Look returns all that the provider reports of the payment today: its purchase, every refund,
	// every dispute. Empty for a payment that the provider does not know, or that is not ours.
	// KindBusy when the provider cannot be reached now.
	Look(ctx context.Context, id ID) ([]Facts, error)
	// Refund orders money back and returns what became of it, which need not be final. The same key
	// is the same refund for as long as the provider remembers keys: look first. KindBusy where the
	// outcome is unknown, KindConflict with a code below for a refusal that another call will not
	// change, KindInternal where the provider does not accept our credentials.
	Refund(ctx context.Context, order RefundOrder) (Facts, error)
	// List returns a page of what the provider's events since an instant report, in any order.
	// KindBusy when the provider cannot be reached now. See Listing for a provider that keeps no
	// list.
	List(ctx context.Context, since time.Time, cursor string) (Listing, error)
}

// RefundOrder is one refund of money that we order from a provider.
type RefundOrder struct {
	// Payment is the payment that the money goes back of.
	Payment ID
	// Amount is how much, in the currency of the payment.
	Amount money.Amount
	// Case is written into the refund's metadata, so that its events can be matched with the case.
	Case string
	// Key is the idempotency key.
	Key string
}

// Listing is a page of events.
type Listing struct {
	// Facts are what the events report.
	Facts []Facts
	// Next is the cursor of the following page, "" on the last page.
	Next string
	// NoList reports that there is nothing to read: the provider is not set up, or keeps no list.
	NoList bool
}

// The codes of a gateway's refusals.
const (
	CodeAlreadyRefunded = "already_refunded" // all of the money went back before
	CodeDisputed        = "disputed"         // the bank holds the money
	CodeKeySpent        = "key_spent"        // the provider saved a failure under the key
	CodeRefused         = "refused"          // anything else that will not change
)
