package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// alice started this generation of two pictures, at 4 credits each; the fixtures name it.
var picture = generation.NewID("alice", "app", "picture-1")

// waiting returns a world in which alice has started her pictures, and the handler over it.
func waiting(t *testing.T) (*storetest.World, handler) {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 10)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	return w, handler{decider: w.Decider(), now: func() time.Time { return w.Now.Add(100 * time.Microsecond) }}
}

func invoke(t *testing.T, h handler, fixture string) (failed []string) {
	t.Helper()
	text, err := os.ReadFile("../../events/decide-refund/" + fixture + ".json")
	require.NoError(t, err)
	var batch events.SQSEvent
	require.NoError(t, json.Unmarshal(text, &batch))
	response, err := h.handle(context.Background(), batch)
	require.NoError(t, err)
	for _, failure := range response.BatchItemFailures {
		failed = append(failed, strings.TrimLeft(failure.ItemIdentifier[len(failure.ItemIdentifier)-2:], "0"))
	}
	return failed
}

func TestAFailureGivesTheCreditsBackAndNamesTheClause(t *testing.T) {
	w, h := waiting(t)
	w.Settles(picture, w.Failure(generation.CausePlatform))
	require.Empty(t, invoke(t, h, "failed"))
	w.WantAvailable("alice", 10)
	decided := w.Case(picture)
	require.Equal(t, refund.StateApproved, decided.State)
	require.Equal(t, "R1", decided.Decision.Clause)
	require.Equal(t, w.Now, decided.OpenedAt)
	w.WantLaws("alice")
}

func TestAFailureOfTheInputIsDeclinedByTheSameClause(t *testing.T) {
	w, h := waiting(t)
	w.Settles(picture, w.Failure(generation.CauseInput))
	require.Empty(t, invoke(t, h, "failed"))
	w.WantAvailable("alice", 2)
	require.Equal(t, "R1", w.Case(picture).Decision.Clause)
}

func TestAHoldIsOnlyOverdueAfterItsDeadline(t *testing.T) {
	w, h := waiting(t)
	require.Empty(t, invoke(t, h, "overdue"))
	w.WantState(picture, generation.StateHeld)
	w.Now = w.Generation(picture).Deadline
	require.Empty(t, invoke(t, h, "overdue"))
	w.WantState(picture, generation.StateReleased)
	w.WantAvailable("alice", 10)
}

func TestPoisonHurtsNoNeighbour(t *testing.T) {
	w, h := waiting(t)
	w.Settles(picture, w.Failure(generation.CausePlatform))
	// 2: no JSON, 3: a version we do not read, 4: a kind nobody decides, 5: nobody started it, 6:
	// another queue's, 7: no case's id, 8: a case that nobody opened, 9: a report without its case,
	// 10: nobody's payment, 11: an outage without its payment
	require.Equal(t, []string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, invoke(t, h, "poison"))
	w.WantState(picture, generation.StateReleased)
}

func TestMessagesFromBeforeAboutAreDecidedAlike(t *testing.T) {
	w, h := waiting(t)
	w.Settles(picture, w.Failure(generation.CausePlatform))
	// 2: nobody opened that case here, 3: no such outage, 4: nobody's payment
	require.Equal(t, []string{"2", "3", "4"}, invoke(t, h, "before-about"))
	w.WantState(picture, generation.StateReleased)
	w, h, id := reported(t)
	require.Equal(t, []string{"3", "4"}, invoke(t, h, "before-about"))
	require.Equal(t, refund.StateInReview, caseOf(t, w, id).State)
	w.WantLaws("alice")
}

// reported returns a world in which alice's pictures came and she reported the second one.
func reported(t *testing.T) (*storetest.World, handler, refund.CaseID) {
	t.Helper()
	w, h := waiting(t)
	w.Settles(picture, w.Success(-1))
	opened, err := refund.Reporter{Store: w.Store, Assessments: w}.File(t.Context(), refund.Report{
		Generation: picture, Output: 1, Statement: refund.Statement{Description: "Three sleeves."},
		Principal: "app", Key: "report-1", Actor: ledger.ActorApp,
	}, w.Now)
	require.NoError(t, err)
	w.Assesses()
	return w, h, opened.Case
}

func caseOf(t *testing.T, w *storetest.World, id refund.CaseID) refund.Case {
	t.Helper()
	found, err := w.Store.FindCase(t.Context(), id)
	require.NoError(t, err)
	require.NotNil(t, found)
	return *found
}

func TestAReportThatNobodyLookedAtYetWaitsForStaff(t *testing.T) {
	w, h, id := reported(t)
	require.Empty(t, invoke(t, h, "reported"))
	decided := caseOf(t, w, id)
	require.Equal(t, refund.StateInReview, decided.State)
	require.Equal(t, "R8", decided.Decision.Clause)
	require.Empty(t, invoke(t, h, "reported"))
	require.Equal(t, decided, caseOf(t, w, id), "a repeat decides nothing anew")
	w.WantAvailable("alice", 2)
}

func TestWhatStaffRuledIsCarriedOutOnce(t *testing.T) {
	w, h, id := reported(t)
	require.Empty(t, invoke(t, h, "ruled"), "nothing is ruled yet: the policy decides")
	require.Equal(t, refund.StateInReview, caseOf(t, w, id).State)
	reviewer := refund.Reviewer{Store: w.Store, Requests: w, Policy: w.Policy}
	_, err := reviewer.Rule(t.Context(), id, refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: policy.OutcomeApproved}, Note: "three sleeves indeed", Principal: "staff", Key: "verdict-1",
	}, w.Now)
	require.NoError(t, err)
	for range 2 {
		require.Empty(t, invoke(t, h, "ruled"))
		require.Equal(t, refund.StateApproved, caseOf(t, w, id).State)
		w.WantAvailable("alice", 6)
	}
	w.WantLaws("alice")
}

func TestAClaimAboutAPaymentThatNobodyHeardOfWaitsForStaff(t *testing.T) {
	w, h := waiting(t)
	opened, err := refund.Claimer{Store: w.Store, Requests: w}.File(t.Context(), refund.Request{
		Kind: policy.KindNotCredited, Customer: "alice", Payment: "pi_3NqNotCredited", Principal: "app", Key: "claim-1", Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: "alice@example.com", PaidAt: w.Now.Add(-time.Hour), Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: "No credits came.",
		},
	}, w.Now)
	require.NoError(t, err)
	require.Empty(t, invoke(t, h, "claimed"))
	decided := caseOf(t, w, opened.Case)
	require.Equal(t, refund.StateInReview, decided.State)
	require.Equal(t, policy.ClauseNoRule, decided.Decision.Clause)
}
