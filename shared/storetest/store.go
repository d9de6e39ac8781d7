// Package storetest owns the promises that every store keeps: one suite, run on the store in memory and on DynamoDB Local, with and
// without faults.
//
// It refuses to know how a store keeps anything: it speaks through the ports of the nouns, and through their use cases.
//
// Invariants: a test tells a story at a fixed hour; it asks only what the ports promise, so an index may lag by a write (see
// World.Nudge).
//
// Words: world (a store, the use cases around it, a clock that stands still, and queues that hold what was sent), provider (of payments, played:
// it keeps its own books, and has faults on demand).
package storetest

import (
	"context"
	"testing"

	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/statement"
)

// Store is every port of every noun, and the reads that the edges make.
type Store interface {
	generation.Starts
	generation.Results
	generation.Uses
	refund.Decisions
	refund.Openings
	refund.Claims
	refund.Reviews
	refund.Frequents
	refund.Appeals
	notice.Cases
	notice.Generations
	notice.Offers
	notice.Standings
	payment.Store
	payment.Marks
	outage.Store
	grant.Store
	standing.Store
	due.Store
	statement.Store
	FindGenerations(ctx context.Context, ids ...generation.ID) ([]generation.Generation, error)
	FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error)
	// ListReview returns at most limit of the cases that wait for staff after a position (nil: from the first), soonest due first, and
	// whether there are more. The list is an index's and may lag; the cases are read consistently, and one that waits no more is left out.
	ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error)
	// ListAppeals returns what became of appeals, clause by clause, in the order of policy and clause; consistent.
	ListAppeals(ctx context.Context) ([]refund.AppealTally, error)
	// ListWaiting is to payments what ListReview is to cases, desk by desk: who waits longest first, and where to go on (nil: nowhere).
	ListWaiting(ctx context.Context, desk payment.Desk, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error)
	// ListDecided returns a page of all decided cases, in no order that means anything but one that stays, at most limit of them from cursor on
	// ("" is the first), and the next cursor, "" after the last page; consistent. A page may be empty before the last.
	ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error)
	// ListCosts returns what the customer's own key cost, the newest months first, at most generation.MaxMonthCosts of them.
	ListCosts(ctx context.Context, customer ledger.CustomerID) ([]generation.MonthCost, error)
	HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error)
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
}

// Run runs the whole suite, its tests beside one another. open returns a store that is empty, or at least holds none of the customers of
// the test it is opened for: each test names its own.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *World){
		starting, settling, fallingShort, ownKeys, using, deciding, reporting, limiting, locales, claiming, finding, choosing, overtaking, reviewing, appealing, committing, standings, standingsTold, telling, offering, sweeping, paying, payingBack, resolving, waitingForDowntime, endingClaims, grantingOnce, changing, listing, reading, replaying,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel() // most of a story under faults is waiting for the next attempt
				test(t, NewWorld(t, open(t)))
			})
		}
	}
}
