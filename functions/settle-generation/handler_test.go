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
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/storetest"
)

// alice started this generation of two pictures, at 4 credits each; the fixtures name it.
var picture = generation.NewID("alice", "app", "picture-1")

// open returns a world in which alice has started her pictures, and the handler over it.
func open(t *testing.T) (*storetest.World, handler) {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 10)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	return w, handler{results: w.ResultRecorder(), now: func() time.Time { return w.Now.Add(100 * time.Microsecond) }}
}

func invoke(t *testing.T, h handler, fixture string) (failed []string) {
	t.Helper()
	text, err := os.ReadFile("../../events/settle-generation/" + fixture + ".json")
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

func TestASuccessIsCaptured(t *testing.T) {
	w, h := open(t)
	require.Empty(t, invoke(t, h, "succeeded"))
	settled := w.Generation(picture)
	require.Equal(t, generation.StateCaptured, settled.State)
	require.Len(t, settled.Result.Outputs, 2)
	require.Equal(t, "https://uploads.example/cat.jpg", settled.Result.InputURL)
	require.Equal(t, settled.StartedAt.Add(time.Millisecond), settled.RecordedAt, "after its hold, whatever the clock says")
	w.WantAvailable("alice", 2)
}

func TestAPictureThatDidNotComeIsGivenBack(t *testing.T) {
	w, h := open(t)
	require.Empty(t, invoke(t, h, "one-of-two-came"))
	w.WantAvailable("alice", 6)
	w.WantLaws("alice")
}

func TestAFailureIsHeldAndARefundIsAskedFor(t *testing.T) {
	w, h := open(t)
	require.Empty(t, invoke(t, h, "failed"))
	failed := w.Generation(picture)
	require.Equal(t, generation.StateFailed, failed.State)
	require.Equal(t, &generation.Failure{Cause: generation.CausePlatform, Code: "gpu_lost", Message: "the machine went away"}, failed.Failure())
	require.Equal(t, 2, failed.Result.FailedAttempts)
	require.Equal(t, ledger.Credits(8), w.Held("alice"))
	require.Equal(t, 1, w.Deliver())
	w.WantAvailable("alice", 10)
}

func TestPoisonHurtsNoNeighbour(t *testing.T) {
	w, h := open(t)
	// 2: no JSON, 3: a version we do not read, 4: another queue's, 5: no such id, 6: nobody started
	// it, 7: a failure without a cause, 8: too far ahead
	require.Equal(t, []string{"2", "3", "4", "5", "6", "7", "8"}, invoke(t, h, "poison"))
	w.WantState(picture, generation.StateCaptured)
}

func TestAResentMessageChangesNothing(t *testing.T) {
	w, h := open(t)
	require.Empty(t, invoke(t, h, "failed"))
	w.Deliver()
	before := w.Generation(picture)
	require.Empty(t, invoke(t, h, "failed"))
	require.Zero(t, w.Deliver())
	require.Equal(t, before, w.Generation(picture))
}
