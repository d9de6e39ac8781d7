package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

const fixtures = "../../events/notify-customer"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// told is a teller that remembers, and knows only cases whose id is one of ours.
type told struct {
	mutex sync.Mutex
	cases []string // and generations, and offers
}

func (t *told) NotifyPartial(ctx context.Context, request message.GenerationPartial, now time.Time) error {
	id, err := generation.ParseID(request.Generation)
	if err != nil {
		return err
	}
	return t.note(string(id), now)
}

func (t *told) NotifyOffer(_ context.Context, request message.OutageOffered, now time.Time) error {
	id, err := outage.ParseOfferID(request.Offer)
	if err != nil {
		return err
	}
	return t.note(string(id), now)
}

func (t *told) NotifyStanding(_ context.Context, request message.StandingChanged, now time.Time) error {
	id, err := standing.ParseID(request.Change)
	if err != nil {
		return err
	}
	return t.note(string(id), now)
}

func (t *told) Notify(_ context.Context, request message.RefundDecided, now time.Time) error {
	if _, err := refund.ParseCaseID(request.Case); err != nil {
		return err
	}
	return t.note(request.Case, now)
}

func (t *told) note(id string, now time.Time) error {
	if !now.Equal(noon) {
		return fault.Invalid("now", "not noon")
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.cases = append(t.cases, id)
	return nil
}

func invoke(t *testing.T, file string) (*told, []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixtures, file))
	require.NoError(t, err)
	var batch events.SQSEvent
	require.NoError(t, json.Unmarshal(text, &batch))
	teller := &told{}
	response, err := handler{notifier: teller, now: func() time.Time { return noon.Add(300 * time.Microsecond) }}.handle(context.Background(), batch)
	require.NoError(t, err)
	failed := []string{}
	for _, failure := range response.BatchItemFailures {
		failed = append(failed, failure.ItemIdentifier)
	}
	sort.Strings(teller.cases)
	return teller, failed
}

func TestADecidedRefundIsTold(t *testing.T) {
	teller, failed := invoke(t, "decided.json")
	assert.Equal(t, []string{"cas_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb"}, teller.cases)
	assert.Empty(t, failed)
}

func TestAGenerationOfWhichNotAllCameIsTold(t *testing.T) {
	teller, failed := invoke(t, "partial.json")
	assert.Equal(t, []string{"gen_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb"}, teller.cases)
	assert.Empty(t, failed)
}

func TestAnOfferIsTold(t *testing.T) {
	teller, failed := invoke(t, "offered.json")
	assert.Equal(t, []string{"off_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb"}, teller.cases)
	assert.Empty(t, failed)
}

func TestAChangeOfStandingIsTold(t *testing.T) {
	teller, failed := invoke(t, "standing.json")
	assert.Equal(t, []string{"std_aaaaaaaaaaaaaaaaaaaa_1772366400000"}, teller.cases)
	assert.Empty(t, failed)
}

func TestPoisonHurtsNoNeighbour(t *testing.T) {
	teller, failed := invoke(t, "poison.json")
	assert.Equal(t, []string{"cas_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb", "cas_ccccccccccccccccccccdddddddddddddddddddd"}, teller.cases)
	assert.Equal(t, []string{
		"00000000-0000-4000-8000-000000000002", // not JSON
		"00000000-0000-4000-8000-000000000003", // a version that we do not read
		"00000000-0000-4000-8000-000000000004", // another queue's message
		"00000000-0000-4000-8000-000000000005", // no such case
		"00000000-0000-4000-8000-000000000007", // a version of another type
	}, failed)
}

func TestEveryFixtureIsAnSQSEventOfNotices(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var batch events.SQSEvent
		require.NoError(t, json.Unmarshal(text, &batch))
		for _, record := range batch.Records {
			assert.Equal(t, "aws:sqs", record.EventSource, file)
			assert.Equal(t, "arn:aws:sqs:us-east-1:123456789012:notices", record.EventSourceARN, file)
		}
	}
}
