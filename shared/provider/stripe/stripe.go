// Package stripe owns the exchange with Stripe about a payment: its webhook, verified from the raw
// bytes, and the calls of its API that look a payment up, give money back and list events. By
// either way the facts come out in our words.
//
// It refuses to know prices, packages, wallets and what a fact leads to.
//
// Invariants: nothing is read from a body before its signature holds. A header that Stripe's own
// libraries read differently is refused. An event of another account than ours is irrelevant,
// whatever it is about. Every API version is accepted, since only fields that all versions have are
// read. No refund is ordered without an idempotency key. No key, secret or body of an answer
// appears in an error or a log line.
//
// Words: event (Stripe's envelope), session (a checkout), intent (Stripe's name of a payment: our
// payment id), key (Stripe's for our calls; an idempotency key is always called so).
package stripe

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Name is what facts call this provider.
const Name = "stripe"

// Header is the header that carries Stripe's timestamp and signatures.
const Header = "Stripe-Signature"

// Registration is Stripe as one value. Its key has two parameters: that of pay-refund may pay back,
// the other only reads.
var Registration = provider.Registration{
	Name:          Name,
	Path:          "/webhooks/stripe",
	WebhookSecret: provider.Secret{Variable: "STRIPE_WEBHOOK_SECRETS", Parameters: []string{"StripeWebhookSecrets"}, Fit: FitSecret},
	GatewaySecret: provider.Secret{Variable: "STRIPE_KEY", Parameters: []string{"StripeRefundKey", "StripeReadKey"}, Fit: FitKey},
	Address:       provider.Setting{Variable: "STRIPE_API_URL", Parameter: "StripeApiUrl"},
	Account:       provider.Setting{Variable: "STRIPE_ACCOUNT", Parameter: "StripeAccount"},
	Switch:        "STRIPE_KEY",
	OpenWebhook: func(secrets provider.Secrets, account string) provider.Webhook {
		return New(secrets, account)
	},
	OpenGateway: func(keys provider.Secrets, address, account string) payment.Gateway {
		return OpenGateway(keys, address, account)
	},
}

// Webhook verifies Stripe's events against the live secrets.
type Webhook struct {
	secrets provider.Secrets
	account account
}

// New returns the webhook of an endpoint. secrets returns its signing secrets ("whsec_…", used as
// they are). accountID names the one connected account of Stripe Connect whose sales are ours
// ("acct_…"), or is "" where they are those of the endpoint's own account.
func New(secrets provider.Secrets, accountID string) Webhook {
	return Webhook{secrets: secrets, account: account(accountID)}
}

// Verify returns what the event in raw says about a payment. It returns provider.ErrIrrelevant for
// a genuine event that changes nothing. A bad signature, timestamp (± 300 s of now) or body is
// KindInvalid. It is KindBusy when no secret can be had.
func (w Webhook) Verify(ctx context.Context, raw []byte, header http.Header, now time.Time) (payment.Facts, error) {
	// Several headers of one name are one list to HTTP: a second one must not escape the checks.
	signatures := strings.Join(header.Values(Header), ",")
	signedAt, ok := signedAt(signatures)
	// The clock comes first: a replayed body is refused before a secret is fetched.
	if !ok || !provider.Fresh(signedAt, now) {
		return payment.Facts{}, provider.Refused(Header)
	}
	secrets, err := provider.Live(ctx, w.secrets)
	if err != nil {
		return payment.Facts{}, fault.At("stripe.Verify: secrets", "", err)
	}
	// The raw bytes are signed. Nothing is parsed before this line, so a forger never reaches a
	// parser.
	if !signed(raw, signatures, secrets) {
		return payment.Facts{}, provider.Refused(Header)
	}
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || e.Type == "" {
		return payment.Facts{}, fault.Invalid("body", "not a Stripe event")
	}
	// After the signature, since the account is a field of the body.
	if err := w.account.checkWebhook(e); err != nil {
		return payment.Facts{}, err
	}
	return e.facts(signedAt)
}

// Sign returns the header value of a body sent at the instant at, as Stripe signs it: for tests and
// for our own tools.
func Sign(secret string, at time.Time, raw []byte) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(webhook.ComputeSignature(at, raw, secret)))
}

// signed reports whether one of the secrets made one of the signatures. Stripe's library compares
// them; the timestamp was checked before, since its clock is not ours.
func signed(raw []byte, signatures string, secrets []string) bool {
	for _, secret := range secrets {
		// An empty secret would sign for everybody.
		if secret != "" && webhook.ValidatePayloadIgnoringTolerance(raw, signatures, secret) == nil {
			return true
		}
	}
	return false
}

// signedAt returns the one timestamp of the header. Stripe's own libraries read two timestamps,
// signs, and signatures in upper case in different ways, so all of these are refused.
func signedAt(signatures string) (time.Time, bool) {
	var at time.Time
	exists := false
	for part := range strings.SplitSeq(signatures, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			t, ok := provider.Timestamp(value)
			// One library would take the first timestamp, another the last.
			if !ok || exists {
				return time.Time{}, false
			}
			at, exists = t, true
		case "v1":
			// Some libraries compare hex without regard to case; what we accept, all must accept.
			if value != strings.ToLower(value) {
				return time.Time{}, false
			}
		}
	}
	return at, exists
}
