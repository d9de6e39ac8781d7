// Package webhook owns how a notice reaches the app's server: one signed POST, as the Standard
// Webhooks specification has it.
//
// It refuses to know what the body says, and never sends one unsigned.
//
// Invariants: 2xx alone is a yes. No redirect is followed, for the signature and the body are meant
// for one address. Every live secret signs, so that the app may change its own without losing a
// notice. The answer's body is not believed, nor kept.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/notice"
)

// timeout is what a post has in all: its first attempt and, after a passing fault that came
// quickly, two more. A post that still fails goes back to its queue.
const (
	timeout    = 10 * time.Second
	attempts   = 3
	firstPause = 250 * time.Millisecond
	maxAnswer  = 16 << 10 // read off so that the connection can be used again

	maxRetryAfter = 24 * 60 * 60 // seconds; a longer wait than a post's own time is left to the queue
)

// Endpoint is the app's server. It is safe for use by many goroutines.
type Endpoint struct {
	url     string
	secrets func(ctx context.Context) ([]string, error)
	client  *http.Client
}

// Open returns the endpoint at address. Its secrets are "whsec_" and base64, as the specification
// writes them, read at each post. KindInvalid when the address is no absolute https URL; plain http
// is taken in the local stack only (MAKEGOOD_LOCAL=1).
func Open(address string, secrets func(ctx context.Context) ([]string, error)) (*Endpoint, error) {
	target, err := url.Parse(address)
	local := os.Getenv("MAKEGOOD_LOCAL") == "1"
	if err != nil || target.Host == "" || target.Scheme != "https" && (target.Scheme != "http" || !local) {
		return nil, fault.Invalid("NOTICE_URL", "must be an https address")
	}
	return &Endpoint{url: address, secrets: secrets, client: &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Post delivers the body under the id.
//
// Errors: KindBusy when the server did not answer, or answered 429 or 5xx. Its Retry-After is
// heeded: the post is not tried again before, nor by this call where that is longer than its time.
// notice.ErrGone at 410. KindInternal when the server refused otherwise, or when there is no usable
// secret to sign with. The server may have taken the notice even then.
func (e *Endpoint) Post(ctx context.Context, id string, body []byte, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	secrets, err := e.secrets(ctx)
	if err != nil {
		return fault.At("webhook.Post: load secrets", id, err)
	}
	// The receiver refuses timestamps older than five minutes, so each attempt signs its own.
	start := time.Now()
	return fault.Repeat(ctx, attempts, firstPause, func(ctx context.Context) error {
		return e.attempt(ctx, secrets, id, body, now.Add(time.Since(start)))
	})
}

func (e *Endpoint) attempt(ctx context.Context, secrets []string, id string, body []byte, now time.Time) error {
	// Sign before anything is sent: an unsigned notice could be anyone's.
	signatures, err := sign(secrets, id, body, now)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "makegood/1")
	request.Header.Set("webhook-id", id)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	request.Header.Set("webhook-signature", signatures)
	// For people who look for its log lines; it is not signed, and says nothing of the notice.
	if id := correlation.ID(ctx); id != "" {
		request.Header.Set(correlation.Header, id)
	}
	answer, err := e.client.Do(request)
	if err != nil {
		var urlErr *url.Error // its text holds the address, which may carry a token
		if errors.As(err, &urlErr) {
			err = urlErr.Err
		}
		return fault.Busy(fmt.Errorf("the notice's receiver did not answer: %w", err))
	}
	defer func() { _ = answer.Body.Close() }()
	// Read the body off, so that the connection can be used again; nothing in it is believed.
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	// The status decides: taken, never again, later, or refused for good.
	switch status := answer.StatusCode; {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusGone:
		return fmt.Errorf("%w: the receiver answered 410", notice.ErrGone)
	case status >= 500 || status == http.StatusTooManyRequests:
		busy := fault.Busy(fmt.Errorf("the notice's receiver answered %d", status))
		busy.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), now)
		return busy
	default:
		return fmt.Errorf("the notice's receiver answered %d", status)
	}
}

// retryAfter reads the header Retry-After, seconds or a date: how long the receiver wants to be
// left alone, 0 where it names no time.
// Bound the figure before it is multiplied: a receiver's huge number would overflow a duration.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil {
		return time.Duration(min(max(seconds, 0), maxRetryAfter)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// sign returns the signatures of "id.timestamp.body" by every secret, separated by spaces. Without
// a secret, or with one that is no base64, it fails; the error names its place only.
func sign(secrets []string, id string, body []byte, now time.Time) (string, error) {
	// An empty list must fail here: an empty signature header would look like a notice that anyone
	// may send.
	if len(secrets) == 0 {
		return "", fault.Errorf(fault.KindInternal, fault.CodeInternal, "NOTICE_SECRETS names no secret: a notice is not sent unsigned")
	}
	signatures := make([]string, len(secrets))
	for n, secret := range secrets {
		key, err := parseSecret(secret)
		if err != nil {
			return "", fault.Errorf(fault.KindInternal, fault.CodeInternal, "secret %d of NOTICE_SECRETS: %v", n+1, err)
		}
		sum := hmac.New(sha256.New, key)
		fmt.Fprintf(sum, "%s.%d.%s", id, now.Unix(), body)
		signatures[n] = "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	}
	return strings.Join(signatures, " "), nil
}
