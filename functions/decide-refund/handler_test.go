package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/memory"
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
		failed = append(failed, failure.ItemIdentifier[len(failure.ItemIdentifier)-1:])
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
	// 2: no JSON, 3: a version we do not read, 4: a kind nobody decides, 5: nobody started it, 6: another queue's
	require.Equal(t, []string{"2", "3", "4", "5", "6"}, invoke(t, h, "poison"))
	w.WantState(picture, generation.StateReleased)
}
