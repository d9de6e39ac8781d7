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

	"makegood/shared/attachment"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// alice started this generation of two pictures, and reported the second; the fixtures name both.
var picture = generation.NewID("alice", "app", "picture-1")

// reported returns a world in which alice has reported her second picture, whose bytes those are,
// and the handler over it.
func reported(t *testing.T, body []byte) (*storetest.World, handler, refund.CaseID) {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 10)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	w.Settles(picture, w.Success(2))
	w.Pictures["https://images.example/1.png"] = body
	opened, err := refund.Reporter{Store: w.Store, Assessments: w}.File(t.Context(), refund.Report{
		Generation: picture, Output: 1, Statement: refund.Statement{Description: "Three sleeves."},
		Principal: "app", Key: "report-1", Actor: ledger.ActorApp,
	}, w.Now)
	require.NoError(t, err)
	w.Lose()
	return w, handler{assessor: w.Assessor(), discarder: w.Discarder(), now: func() time.Time { return w.Now.Add(100 * time.Microsecond) }}, opened.Case
}

func invoke(t *testing.T, h handler, fixture string) (failed []string) {
	t.Helper()
	text, err := os.ReadFile("../../events/assess-result/" + fixture + ".json")
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

// seen returns what is on record of the case.
func seen(t *testing.T, w *storetest.World, id refund.CaseID) *evidence.Record {
	t.Helper()
	snapshot, err := w.Store.LoadDecision(t.Context(), refund.Subject{Case: id, Generation: picture})
	require.NoError(t, err)
	return snapshot.Evidence
}

func TestAReportIsLookedAtAndItsDecisionIsRequested(t *testing.T) {
	for _, fixture := range []string{"reported", "swept"} {
		w, h, id := reported(t, []byte{})
		require.Empty(t, invoke(t, h, fixture))
		record := seen(t, w, id)
		require.Equal(t, []any{w.Now, []evidence.Name{evidence.Empty}}, []any{record.At, record.Defects}, fixture)
		require.Equal(t, 1, w.Deliver())
		w.WantVerdict(id, refund.StateApproved, "R2")
		require.Empty(t, invoke(t, h, fixture))
		require.Equal(t, record, seen(t, w, id), "a repeat looks at nothing")
		require.Zero(t, w.Deliver(), "nor asks for anything once it is decided")
	}
}

func TestAnAttachmentThatNoCaseTookIsDiscarded(t *testing.T) {
	w, h, _ := reported(t, []byte{})
	request := attachment.Request{
		Customer: "alice", File: attachment.File{MediaType: attachment.PNG, Bytes: 8, SHA256: strings.Repeat("0f", 32)},
		Principal: "app", Key: "proof-1", Actor: ledger.ActorApp,
	}
	opened, err := w.Opener().Open(t.Context(), request, w.Now)
	require.NoError(t, err)
	require.NoError(t, w.Shelf.Put(t.Context(), opened.ID.Object(), "", []byte{1}))
	require.Empty(t, invoke(t, h, "expired"))
	require.NotNil(t, w.AttachmentOf(opened.ID), "not before its day is over")
	w.Pass(attachment.Stay)
	for range 2 {
		require.Empty(t, invoke(t, h, "expired"))
		require.Nil(t, w.AttachmentOf(opened.ID))
		require.Empty(t, w.Shelf.Keys(opened.ID.Object()))
	}
}

func TestAThirdDeliveryFetchesNothing(t *testing.T) {
	w, h, id := reported(t, []byte{})
	require.Empty(t, invoke(t, h, "third"))
	require.Equal(t, evidence.ProblemCrashed, seen(t, w, id).Output.Problem)
	w.Deliver()
	w.WantVerdict(id, refund.StateInReview, "R8")
}

func TestPoisonHurtsNoNeighbour(t *testing.T) {
	w, h, id := reported(t, []byte{})
	// 2: no JSON, 3: a version we do not read, 4: another queue's, 5: no case's id, 6: a case that
	// nobody opened
	require.Equal(t, []string{"2", "3", "4", "5", "6"}, invoke(t, h, "poison"))
	require.NotNil(t, seen(t, w, id))
}
