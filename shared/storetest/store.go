// Package storetest owns the promises that every store keeps: one suite, run on the store in memory
// and on DynamoDB Local, with and without faults.
//
// It refuses to know how a store keeps anything: it speaks through the ports of the nouns, and
// through their use cases.
//
// Invariants: a test tells a story at a fixed hour. It demands only what the ports promise, so an
// index may lag by a write (see World.Nudge).
//
// Words: world (a store, the use cases around it, a clock that stands still, and queues that hold
// what was sent), provider (of payments, played: it keeps its own books, and has faults on demand),
// story (one test of a group), law (what holds after every step of a drawn story). README.md maps
// the files.
package storetest

import (
	"context"
	"testing"
	"time"

	"makegood/shared/adjudication"
	"makegood/shared/assessment"
	"makegood/shared/attachment"
	"makegood/shared/audit"
	"makegood/shared/due"
	"makegood/shared/erasure"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/insight"
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
	refund.AddressBook
	refund.Reviews
	refund.Frequents
	refund.Appeals
	refund.SavedViews
	assessment.Store
	erasure.Store
	notice.Cases
	notice.Generations
	notice.Offers
	notice.Standings
	notice.Inbox
	notice.Topics
	attachment.Openings
	attachment.Finds
	attachment.Discards
	payment.Store
	payment.PollStates
	outage.Store
	grant.Store
	standing.Store
	due.Store
	statement.Store
	adjudication.Budget
	audit.Looks
	insight.Store
	// CountRequest is access.Counter's.
	CountRequest(ctx context.Context, customer ledger.CustomerID, minute time.Time, most int) (bool, error)
	// FindRecords returns what was seen of the cases with these ids, in their order, by a
	// consistent read; those that nobody has looked at are left out.
	FindRecords(ctx context.Context, ids ...refund.CaseID) ([]evidence.Record, error)
	// FindGenerations returns the generations with these ids, each once and in their order; unknown
	// ones are left out.
	FindGenerations(ctx context.Context, ids ...generation.ID) ([]generation.Generation, error)
	// ListReview returns at most limit of the cases that wait for staff behind a position (nil:
	// from the first), soonest due first, and whether there are more. The list is an index's and
	// may lag. The cases are read consistently, and one that waits no more is left out.
	ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error)
	// ListAppeals returns what became of appeals, clause by clause, in the order of policy and
	// clause; consistent.
	ListAppeals(ctx context.Context) ([]refund.AppealTally, error)
	// ListWaiting returns at most limit of the payments in one of staff's lists behind a position
	// (nil: from the first), the longest wait first, and where to go on (nil: nowhere). The list
	// may lag, as that of ListReview.
	ListWaiting(ctx context.Context, list payment.ReviewQueue, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error)
	// ListDecided returns a page of all decided cases, in a stable but arbitrary order: at most
	// limit of them from cursor on ("" is the first), and the next cursor, "" after the last page.
	// It is consistent. A page may be empty before the last.
	ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error)
	// ListCosts returns what the customer's own key cost, the newest months first, at most
	// generation.MaxMonthCosts of them.
	ListCosts(ctx context.Context, customer ledger.CustomerID) ([]generation.MonthCost, error)
	// HeldBy returns what the customer's open generations hold; it may lag.
	HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error)
	// ListCases returns at most limit of the customer's cases behind a position, newest first, and
	// whether there are more; the list and its cases may lag.
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
}

// Run runs the whole suite, its tests in parallel. open returns a store that is empty, or at least
// holds none of the customers of the test it is opened for: each test names its own.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *World){
		startStories, resultStories, fallingShort, ownKeys, using, decisionStories, reportStories, assessmentStories, erasureStories, limitStories, locales, claimStories, addressStories, searchStories, choiceStories, overtakeStories, reviewStories, previewStories, takeBackStories, secondStories, handlingStories, savedViewStories, attachmentStories, takenStories, discardStories, appealStories, commitStories, standings, standingNoticeStories, noticeStories, inboxStories, offerStories, sweepStories, retryStories, paymentStories, payingBack, resolveStories, waitingForDowntime, endingClaims, grantingOnce, changeStories, listing, statementStories, basisStories, budgetStories, requestStories, opinionStories, lookStories, insightStories,
	} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				// Most of a story under faults is waiting for the next attempt, so they may all
				// wait together.
				t.Parallel()
				test(t, NewWorld(t, open(t)))
			})
		}
	}
}
