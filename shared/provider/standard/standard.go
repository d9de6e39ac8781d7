// Package standard owns the exchange about a payment with any provider but Stripe: events that come
// as Standard Webhooks, verified from the raw bytes, and the calls to the app's own adapter of that
// provider (provider/README.md has its contract). By either way the facts come out in our words.
//
// It refuses to know prices, packages, wallets and what a fact leads to.
//
// Invariants: nothing is read from a body before its signature holds. Secrets shorter than the
// specification's 24 bytes sign nothing. Signatures are compared in constant time. No request is
// sent unsigned, nor a refund's without an idempotency key.
//
// Words: message (the envelope: id, timestamp, signatures, body), secret ("whsec_" and base64),
// adapter (the app's server between us and its provider).
package standard

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Name is what facts call this provider.
const Name = "standard"

// The headers of a message, as the specification names them.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// The specification's lengths of a secret, in bytes: an empty key would let anyone sign.
const (
	minSecret = 24
	maxSecret = 64
)

// scheme names symmetric signatures; "v1a" (ed25519) is not ours.
const scheme = "v1,"

// signing signs both ways: what the adapter posts, and what we ask it.
var signing = provider.Secret{Variable: "STANDARD_WEBHOOK_SECRETS", Parameters: []string{"StandardWebhookSecrets"}, Fit: FitSecret}

// Registration is the app's own adapter as one value. It knows no accounts.
var Registration = provider.Registration{
	Name:          Name,
	Path:          "/webhooks/standard",
	WebhookSecret: signing,
	GatewaySecret: signing,
	Address:       provider.Setting{Variable: "STANDARD_API_URL", Parameter: "StandardApiUrl"},
	Switch:        "STANDARD_API_URL",
	OpenWebhook: func(secrets provider.Secrets, _ string) provider.Webhook {
		return New(secrets)
	},
	OpenGateway: func(secrets provider.Secrets, address, _ string) payment.Gateway {
		return OpenGateway(secrets, address)
	},
}

// Webhook verifies messages against the live secrets.
type Webhook struct {
	secrets provider.Secrets
}

// New returns the webhook of an endpoint whose secrets ("whsec_" and base64) secrets returns.
func New(secrets provider.Secrets) Webhook { return Webhook{secrets: secrets} }

// Verify returns what the message in raw says about a payment. It returns provider.ErrIrrelevant
// for a genuine message that changes nothing. A bad signature, timestamp (± 300 s of now) or body
// is KindInvalid. It is KindBusy when no secret can be had.
func (w Webhook) Verify(ctx context.Context, raw []byte, header http.Header, now time.Time) (payment.Facts, error) {
	id, timestamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	signedAt, ok := provider.Timestamp(timestamp)
	// The clock comes first: a replayed body is refused before a secret is fetched.
	if !ok || id == "" || !provider.Fresh(signedAt, now) {
		return payment.Facts{}, provider.Refused(HeaderSignature)
	}
	secrets, err := provider.Live(ctx, w.secrets)
	if err != nil {
		return payment.Facts{}, fault.At("standard.Verify: secrets", "", err)
	}
	// The raw bytes are signed. Nothing is parsed before the signature holds, so a forger never
	// reaches a parser.
	match, err := signed(raw, id, timestamp, header.Get(HeaderSignature), secrets)
	if err != nil {
		return payment.Facts{}, err
	}
	if !match {
		return payment.Facts{}, provider.Refused(HeaderSignature)
	}
	return read(raw, id, signedAt)
}

// Sign returns the webhook-signature of a body sent under id at the instant at. A malformed secret
// is an error that does not show it.
func Sign(secret, id string, at time.Time, raw []byte) (string, error) {
	key, err := parseSecret(secret)
	if err != nil {
		return "", err
	}
	return signature(key, id, strconv.FormatInt(at.Unix(), 10), raw), nil
}

// signed reports whether one signature of the list was made with one of the secrets. A malformed
// secret is an error only when no other matches. A slip while a secret is rolled must not refuse
// what the old one signed, nor read as the sender's fault.
func signed(raw []byte, id, timestamp, list string, secrets []string) (bool, error) {
	var secretErr error
	for _, secret := range secrets {
		key, err := parseSecret(secret)
		if err != nil {
			secretErr = fault.Busy(err)
			continue
		}
		want := []byte(signature(key, id, timestamp, raw))
		// The header lists a signature for each secret of the sender's. Comparing in constant time
		// tells a forger nothing about how many bytes were right.
		for one := range strings.SplitSeq(list, " ") {
			if hmac.Equal([]byte(one), want) {
				return true, nil
			}
		}
	}
	return false, secretErr
}

// FitSecret returns what is wrong with a secret of Standard Webhooks; nil for a secret that is
// whsec_ and the base64 of 24 to 64 bytes.
func FitSecret(secret string) error {
	_, err := parseSecret(secret)
	return err
}

// parseSecret returns the key that a secret encodes. Its error must not show the secret: it is
// logged.
func parseSecret(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < minSecret || len(key) > maxSecret {
		return nil, errors.New("standard: a secret is not whsec_ and the base64 of 24 to 64 bytes")
	}
	return key, nil
}

// signature returns a signature of the specification: its scheme, then the code of id, timestamp
// and body in base64.
func signature(key []byte, id, timestamp string, raw []byte) string {
	return scheme + base64.StdEncoding.EncodeToString(code(key, []byte(id+"."+timestamp+"."), raw))
}

// code returns the HMAC-SHA256 of the parts, one after another.
func code(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}
