package standin

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"

	"makegood/shared/provider/fake"
)

// providerStripe is the one provider that the stand-in plays by a wire of its own. Every other
// speaks the adapter's contract.
const providerStripe = "stripe"

// What the books hold, in the words of their provider.
type (
	// Payment is what the provider knows of one payment.
	Payment = fake.Payment[sale]
	// Refund is one refund. Case is what the caller noted in its metadata.
	Refund = fake.Refund
	// Dispute is one dispute.
	Dispute = fake.Dispute
)

// sale is a purchase as it was heard of.
type sale struct {
	session map[string]any  // Stripe's checkout session, nil while not heard of
	message json.RawMessage // the standard door's payment.paid, nil while not heard of
}

// books are guarded by the Provider's lock.
type books struct{ fake.Books[sale] }

// newID makes an id that looks like one of Stripe's.
func newID(prefix string) string {
	random := make([]byte, 12)
	_, _ = rand.Read(random) // never fails
	return prefix + hex.EncodeToString(random)
}

// chargeOf names the charge of a payment.
func chargeOf(payment string) string { return "ch_of_" + payment }
