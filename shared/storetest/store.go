// Package storetest owns the promises that every store keeps: one suite, run on the store in memory and on DynamoDB Local, with and
// without faults.
//
// It refuses to know how a store keeps anything: it speaks through the ports of the nouns, and through their use cases.
//
// Invariants: a test tells a story at a fixed hour; it asks only what the ports promise, so an index may lag by a write (see
// World.Nudge).
//
// Words: world (a store, the use cases around it, a clock that stands still, and queues that hold what was sent).
package storetest

import (
	"context"
	"testing"
	"time"

	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// Store is every port of every noun, and the reads that the edges make.
type Store interface {
	generation.Starts
	generation.Results
	refund.Cases
	payment.Store
	grant.Store
	due.Store
	statement.Store
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error)
	MarkTold(ctx context.Context, id refund.CaseID, at time.Time) error
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
}

// Run runs the whole suite. open returns a store that is empty, or at least holds none of the customers of the test it is opened for:
// each test names its own.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *World){starting, settling, deciding, sweeping, paying, reading} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) { test(t, NewWorld(t, open(t))) })
		}
	}
}
