// Package providertest owns the promises that every payment provider keeps: one suite, run on
// Stripe and on the adapter of Standard Webhooks, each against a stand-in of its service on this
// machine.
//
// It refuses to know any provider's wire: a Subject translates.
//
// Invariants: no test leaves this machine; every error and log line of the suite is searched for
// what must not be in them.
//
// Words: subject (a provider under test, with its wire), account (what its service knows), event
// (what happened there, sent by the webhook and kept in its list).
package providertest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Private is a text that subjects put where a provider writes to us alone, such as the message of
// an error. It must appear in none of our errors and log lines.
const Private = "said-in-private"

// Subject is a provider under test, with its wire.
type Subject struct {
	// Open returns the provider that trusts these secrets of a webhook and asks the service at
	// baseURL.
	Open func(secrets provider.Secrets, baseURL string) provider.Provider
	// Nobody returns the provider where there is nobody to ask, for no key or no address is
	// configured.
	Nobody func() provider.Provider
	// Secret is the webhook's secret; what is signed with it is genuine.
	Secret string
	// Other is a second secret of the webhook, for a rolled one and for a forger's.
	Other string
	// Hidden are more texts that must appear in no error and no log line, such as an API's key.
	Hidden []string
	// Sign returns the header of a webhook's body, signed with secret at an instant.
	Sign func(t testing.TB, secret string, at time.Time, body []byte) http.Header
	// Body returns the body that the webhook sends for an event.
	Body func(event Event) []byte
	// Irrelevant are bodies of genuine events that change nothing.
	Irrelevant []string
	// Broken are bodies of events that cannot be understood or kept.
	Broken []string
	// Service returns the provider's API over an account. It filters and pages as the provider
	// does; the account helps.
	Service func(account *Account) http.Handler
	// Refusals are the service's answers to a refund that it refuses, by payment's code for it.
	Refusals map[string][]Answer
	// Busy are answers that leave the outcome open, to any call.
	Busy []Answer
	// Strangers are answers to a caller that the service does not know, or that may not ask.
	Strangers []Answer
}

// Answer is one answer of a service.
type Answer struct {
	Status int               // of HTTP
	Header map[string]string // beside the content's type; nil for none
	Body   string            // sent as it is, JSON or not
}

// ServeHTTP writes the answer, whatever was requested.
func (a Answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	_, _ = w.Write([]byte(a.Body))
}

// Run runs the whole suite on a provider, each test with an account and a service of its own. See
// ExampleAccount for how a subject's service answers from the account.
func Run(t *testing.T, s Subject) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *bench){verifyTests, lookTests, listing, refundTests, failureTests, mergeTests} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) { test(t, newBench(t, s)) })
		}
	}
}

// noon is when every story begins: some days ago, for services that keep events for a time, in
// whole seconds.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bench is a subject with its account, served on this machine.
type bench struct {
	Subject
	provider.Provider
	t        *testing.T
	ctx      context.Context
	account  *Account
	service  http.Handler
	mu       sync.Mutex   // of the next two
	front    http.Handler // answers the requests: the service, until a test sets another
	requests int          // how many came since front was set
	logged   bytes.Buffer // all log lines of the test
}

// newBench serves a subject's account and opens the provider on it.
func newBench(t *testing.T, s Subject) *bench {
	t.Helper()
	b := &bench{Subject: s, t: t, ctx: t.Context(), account: &Account{}}
	b.service = s.Service(b.account)
	b.front = b.service
	// Through a real connection: broken lines and redirects are part of what is promised.
	server := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(server.Close)
	b.Provider = s.Open(secrets(s.Secret), server.URL)
	b.captureLogs()
	return b
}

// captureLogs gathers what is logged, and whatever a library writes past the log, until the test
// ends.
func (b *bench) captureLogs() {
	b.t.Helper()
	// A file, since a pipe that nobody reads would block the writer.
	errors, err := os.Create(filepath.Join(b.t.TempDir(), "stderr"))
	require.NoError(b.t, err)
	stderr, log := os.Stderr, slog.Default()
	os.Stderr = errors
	slog.SetDefault(slog.New(slog.NewTextHandler(&b.logged, nil)))
	b.t.Cleanup(func() {
		os.Stderr = stderr
		slog.SetDefault(log)
		require.NoError(b.t, errors.Close())
		// Providers' libraries like to log bodies and keys when a call fails. None may, and our own
		// lines are searched for secrets.
		text, err := os.ReadFile(errors.Name())
		require.NoError(b.t, err)
		require.Empty(b.t, string(text), "a library writes past the log")
		b.wantDiscreet(b.logged.String())
	})
}

// serve counts a request and hands it to whoever answers now.
func (b *bench) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.requests++
	handler := b.front
	b.mu.Unlock()
	handler.ServeHTTP(w, r)
}

// answers lets a handler answer in the service's place from now on, and counts requests from zero.
func (b *bench) answers(handler http.Handler) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.front, b.requests = handler, 0
}

// calls returns how many requests came since the last answers.
func (b *bench) calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests
}

// secrets returns a source of these secrets that never fails.
func secrets(all ...string) provider.Secrets {
	return func(context.Context) ([]string, error) { return all, nil }
}

// wantDiscreet demands that a text holds no secret and nothing private.
func (b *bench) wantDiscreet(text string) {
	b.t.Helper()
	for _, hidden := range append([]string{b.Secret, b.Other, Private}, b.Hidden...) {
		require.NotContains(b.t, text, hidden)
	}
}

// wantError demands an error of the kind, whose text holds nothing that it should not.
func (b *bench) wantError(err error, kind fault.Kind, about ...any) {
	b.t.Helper()
	require.Error(b.t, err, about...)
	// Every error of the suite passes here, so that every refusal's text is searched.
	b.wantDiscreet(err.Error())
	require.Equal(b.t, kind, fault.KindOf(err), append([]any{err}, about...)...)
}

// usd returns an amount in US cents.
func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

// paid returns the facts of a purchase of five dollars.
func paid(id payment.ID) payment.Facts {
	return payment.Facts{Payment: id, Purchase: &payment.Purchase{
		Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 500, Status: payment.StatusPaid, PaidAt: noon,
	}}
}

// refunded returns the facts of a refund; ofCase is "" for one made by hand.
func refunded(id payment.ID, refund string, minor int64, status payment.RefundStatus, ofCase string) payment.Facts {
	return payment.Facts{Payment: id, RefundID: refund, Refund: &payment.Refund{Amount: usd(minor), Status: status, Case: ofCase}}
}

// disputed returns the facts of a dispute about the whole price.
func disputed(id payment.ID, dispute string, status payment.DisputeStatus) payment.Facts {
	return payment.Facts{Payment: id, DisputeID: dispute, Dispute: &payment.Dispute{Amount: usd(500), Status: status}}
}
