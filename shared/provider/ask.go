package provider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
)

// Patience is how long one call of a gateway takes at most, with all its requests: a function and
// its message wait for it.
const Patience = 8 * time.Second

// maxWord bounds a provider's own word for a refusal, in bytes; theirs are far shorter.
const maxWord = 64

// NewClient returns the client of a gateway. It follows no redirect: its requests are signed, or
// carry a key, for one address.
func NewClient() *http.Client {
	return &http.Client{
		Timeout:       Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("a redirect is not followed") },
	}
}

// Address returns the base address of a provider's API, without a slash at its end. It is
// KindInternal when it is no absolute https address. Plain http is allowed to this machine itself,
// and in the local stack (MAKEGOOD_LOCAL=1). setting names it in the error.
func Address(setting, base string) (string, error) {
	address, err := url.Parse(base)
	// A user, query or fragment in a base address is a slip, and may hold a secret: the error shows
	// the setting's name only.
	if err == nil && address.Host != "" && address.User == nil && address.RawQuery == "" && address.Fragment == "" {
		near := os.Getenv("MAKEGOOD_LOCAL") == "1" || loopback(address.Hostname())
		if address.Scheme == "https" || address.Scheme == "http" && near {
			return strings.TrimRight(base, "/"), nil
		}
	}
	return "", fmt.Errorf("%s is no plain https address", setting)
}

// loopback reports whether a host is this machine itself.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Unanswered returns the KindBusy error of a request without a usable answer: nothing is known of
// its outcome. The address is left out.
func Unanswered(err error) error {
	// A url.Error begins with the method and the whole address, whose path names the payment.
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	return fault.Busy(fmt.Errorf("the provider did not answer: %w", err))
}

// NoRefund returns the KindConflict error of a refund that the provider will not make. code is one
// of payment's. word is the provider's own, shown to staff where it is a plain word.
func NoRefund(code, word string) error {
	// A sentence of the provider's may quote the card or the customer, and staff's page and our
	// logs keep this text.
	if !plain(word) {
		word = "no reason given"
	}
	return fault.Errorf(fault.KindConflict, code, "the provider makes no such refund: %s", word)
}

// plain reports whether a word is a code: lower case letters, digits and underscores.
func plain(word string) bool {
	for _, c := range []byte(word) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return 1 <= len(word) && len(word) <= maxWord
}

// AppendFacts returns all with what one event of a listing says. An event that says nothing of a
// payment is left out. An event that cannot be understood, or kept, is logged and left out: it must
// not end the listing, and to ask again shows the same.
func AppendFacts(ctx context.Context, all []payment.Facts, name, event string, facts payment.Facts, err error) []payment.Facts {
	// The webhook's facts are validated where they are applied; a listing's are here, so that one
	// bad event is skipped alone.
	if err == nil {
		err = facts.Validate()
	}
	if err == nil {
		return append(all, facts)
	}
	if !errors.Is(err, ErrIrrelevant) {
		slog.WarnContext(ctx, "provider event skipped", "provider", name, "event", event, "payment", facts.Payment, "error", err.Error())
	}
	return all
}
