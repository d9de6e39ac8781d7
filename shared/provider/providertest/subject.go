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
// (what happened there, told by the webhook and kept in its list).
package providertest

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Private is a text that subjects put where a provider writes to us alone, such as the message of
// an error. It must not be seen again.
const Private = "said-in-private"

// Subject is a provider under test, and how it speaks.
type Subject struct {
	// Open returns the provider that trusts these secrets of a webhook and asks the service at
	// baseURL.
	Open func(secrets provider.Secrets, baseURL string) provider.Provider
	// Nobody returns the provider where there is nobody to ask, for no key or no address is
	// configured.
	Nobody func() provider.Provider
	// Secret and Other are two secrets of a webhook; Hidden are more texts that must stand in no
	// error and no log line, as an API's key.
	Secret, Other string
	Hidden        []string
	// Sign returns the header of a webhook's body, signed with secret at an instant.
	Sign func(t testing.TB, secret string, at time.Time, body []byte) http.Header
	// Body returns the body by which the webhook tells an event.
	Body func(event Event) []byte
	// Irrelevant are bodies of genuine events that change nothing, Broken of events that cannot be
	// understood or kept.
	Irrelevant, Broken []string
	// Service returns the provider's API over an account. It filters and pages as the provider
	// does; the account helps.
	Service func(account *Account) http.Handler
	// Refusals are the service's answers to a refund that it refuses, by payment's code for it;
	// Busy are those that leave it open, to whatever was asked; Strangers those to a caller that it
	// does not know, or who may not ask.
	Refusals        map[string][]Answer
	Busy, Strangers []Answer
}

// Answer is one answer of a service.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
}

func (a Answer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	_, _ = w.Write([]byte(a.Body))
}

// Run runs the whole suite on a provider.
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

// bench is a subject with its account, served on this machine. front answers: the service, until a
// test sets another.
type bench struct {
	Subject
	provider.Provider
	t        *testing.T
	ctx      context.Context
	account  *Account
	service  http.Handler
	front    http.Handler
	requests int
	logged   bytes.Buffer
}

func newBench(t *testing.T, s Subject) *bench {
	t.Helper()
	b := &bench{Subject: s, t: t, ctx: t.Context(), account: &Account{keys: map[string]string{}}}
	b.service = s.Service(b.account)
	b.front = b.service
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
	errors, err := os.Create(filepath.Join(b.t.TempDir(), "stderr"))
	require.NoError(b.t, err)
	stderr, log := os.Stderr, slog.Default()
	os.Stderr = errors
	slog.SetDefault(slog.New(slog.NewTextHandler(&b.logged, nil)))
	b.t.Cleanup(func() {
		os.Stderr = stderr
		slog.SetDefault(log)
		require.NoError(b.t, errors.Close())
		text, err := os.ReadFile(errors.Name())
		require.NoError(b.t, err)
		require.Empty(b.t, string(text), "a library writes past the log")
		b.wantDiscreet(b.logged.String())
	})
}

func (b *bench) serve(w http.ResponseWriter, r *http.Request) {
	b.account.mu.Lock()
	b.requests++
	handler := b.front
	b.account.mu.Unlock()
	handler.ServeHTTP(w, r)
}

// answers lets a handler stand before the service from now on, and counts what is asked of it from
// zero.
func (b *bench) answers(handler http.Handler) {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	b.front, b.requests = handler, 0
}

// calls returns how many requests came since the handler stands there.
func (b *bench) calls() int {
	b.account.mu.Lock()
	defer b.account.mu.Unlock()
	return b.requests
}

func secrets(all ...string) provider.Secrets {
	return func(context.Context) ([]string, error) { return all, nil }
}

func (b *bench) wantDiscreet(text string) {
	b.t.Helper()
	for _, hidden := range append([]string{b.Secret, b.Other, Private}, b.Hidden...) {
		require.NotContains(b.t, text, hidden)
	}
}

// wantError demands an error of the kind, whose text says nothing that it should not.
func (b *bench) wantError(err error, kind fault.Kind, about ...any) {
	b.t.Helper()
	require.Error(b.t, err, about...)
	b.wantDiscreet(err.Error())
	require.Equal(b.t, kind, fault.KindOf(err), append([]any{err}, about...)...)
}

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

func paid(id payment.ID) payment.Facts {
	return payment.Facts{Payment: id, Purchase: &payment.Purchase{
		Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 500, Status: payment.StatusPaid, PaidAt: noon,
	}}
}

func refunded(id payment.ID, refund string, minor int64, status payment.RefundStatus, ofCase string) payment.Facts {
	return payment.Facts{Payment: id, RefundID: refund, Refund: &payment.Refund{Amount: usd(minor), Status: status, Case: ofCase}}
}

func disputed(id payment.ID, dispute string, status payment.DisputeStatus) payment.Facts {
	return payment.Facts{Payment: id, DisputeID: dispute, Dispute: &payment.Dispute{Amount: usd(500), Status: status}}
}
