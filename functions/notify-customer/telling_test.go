package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/mail"
	"makegood/shared/aws/metric"
	"makegood/shared/memory"
	"makegood/shared/notice"
	"makegood/shared/notice/webhook"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

const (
	caseID  = refund.CaseID("cas_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb") // of the fixtures
	signing = "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="
)

// town is the function with all that it talks to: the store in memory, the app's server and SES on
// loopback.
type town struct {
	handler handler
	store   *memory.Store
	metrics bytes.Buffer

	mutex   sync.Mutex
	notices []string // their ids
	mails   []string // their recipients
	ses     func(w http.ResponseWriter)
	now     time.Time
}

func newTown(t *testing.T) *town {
	t.Helper()
	town := &town{store: memory.New(), now: time.Now().UTC().Truncate(time.Millisecond)}
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		oracle, err := standard.NewWebhook(signing)
		assert.NoError(t, err)
		assert.NoError(t, oracle.VerifyIgnoringTimestamp(body, r.Header))
		town.mutex.Lock()
		defer town.mutex.Unlock()
		town.notices = append(town.notices, r.Header.Get("webhook-id"))
	}))
	t.Cleanup(app.Close)
	ses := httptest.NewServer(http.HandlerFunc(town.serveSES))
	t.Cleanup(ses.Close)
	t.Setenv("MAKEGOOD_LOCAL", "1")
	t.Setenv("AWS_ENDPOINT_URL_SESV2", ses.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")

	server, err := webhook.Open(app.URL, func(context.Context) ([]string, error) { return []string{signing}, nil })
	require.NoError(t, err)
	sender, err := mail.Open("refunds@app.example")
	require.NoError(t, err)
	clock := func() time.Time { return town.now }
	town.handler = handler{now: clock, notifier: notice.Notifier{
		Store: town.store, Policies: policy.Published, Webhook: server,
		Mailer: watched{mailer: sender, metrics: metric.Open(&town.metrics, "notify-customer"), now: clock},
	}}
	town.decide(t)
	return town
}

func (w *town) serveSES(answer http.ResponseWriter, r *http.Request) {
	var asked struct {
		Destination struct{ ToAddresses []string }
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	w.mutex.Lock()
	w.mails = append(w.mails, asked.Destination.ToAddresses...)
	ses := w.ses
	w.mutex.Unlock()
	if ses != nil {
		ses(answer)
	}
}

// mailed returns the recipients so far, and posted the ids of the notices: the servers may still be
// writing.
func (w *town) mailed() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.mails)
}

func (w *town) posted() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.notices)
}

// decide puts the fixtures' case into the store, approved and untold.
func (w *town) decide(t *testing.T) {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	revision := published.Revisions()[0]
	refunded := revision.Notice(policy.KindDuplicateCharge, policy.OutcomeApproved).Name
	_, err = w.store.OpenCase(context.Background(), refund.Case{
		ID: caseID, Kind: policy.KindDuplicateCharge, Customer: "alice", State: refund.StateApproved, OpenedAt: w.now,
		Statement: &refund.Statement{Claim: &refund.Claim{Email: "alice@example.com"}},
		Decision:  &policy.Decision{Outcome: policy.OutcomeApproved, Clause: "G2.2", Reason: "Charged twice.", Policy: revision.Ref(), Notice: refunded},
		Notice:    refunded,
		Todo:      todo.List{todo.StepNotice: w.now.Add(time.Minute)},
	})
	require.NoError(t, err)
}

// deliver gives the function the fixture's batch and returns how many of its messages go back to
// the queue.
func (w *town) deliver(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(fixtures, file))
	require.NoError(t, err)
	var batch events.SQSEvent
	require.NoError(t, json.Unmarshal(text, &batch))
	response, err := w.handler.handle(context.Background(), batch)
	require.NoError(t, err)
	return len(response.BatchItemFailures)
}

func (w *town) told(t *testing.T) bool {
	t.Helper()
	found, err := w.store.FindCase(context.Background(), caseID)
	require.NoError(t, err)
	return !found.NotifiedAt.IsZero() && !found.Todo.Has(todo.StepNotice)
}

func TestAVerdictIsPostedMailedAndMarkedOnce(t *testing.T) {
	w := newTown(t)
	for range 3 {
		assert.Zero(t, w.deliver(t, "decided.json"))
	}
	assert.Equal(t, []string{string(caseID) + ".refund.decided.refunded"}, w.posted())
	assert.Equal(t, []string{"alice@example.com"}, w.mailed())
	assert.True(t, w.told(t))
	assert.Empty(t, w.metrics.String())
}

func TestARepeatInOneBatchIsMailedOnce(t *testing.T) {
	w := newTown(t)
	w.deliver(t, "repeated.json") // a copy that meets the other at work goes back
	w.now = w.now.Add(3 * time.Minute)
	assert.Zero(t, w.deliver(t, "repeated.json"))
	assert.Equal(t, []string{"alice@example.com"}, w.mailed())
	assert.True(t, w.told(t))
	for _, id := range w.posted() {
		assert.Equal(t, string(caseID)+".refund.decided.refunded", id)
	}
}

func TestAMailThatSESRefusesForGoodIsCountedAndTheCaseIsTold(t *testing.T) {
	w := newTown(t)
	w.ses = func(answer http.ResponseWriter) {
		answer.Header().Set("x-amzn-ErrorType", "MessageRejected")
		answer.WriteHeader(http.StatusBadRequest)
	}
	assert.Zero(t, w.deliver(t, "decided.json"))
	assert.Zero(t, w.deliver(t, "decided.json"))
	assert.True(t, w.told(t))
	assert.Len(t, w.mailed(), 1)
	assert.Contains(t, w.metrics.String(), `"NoticeMailsRefused":1`)
	assert.NotContains(t, w.metrics.String(), "alice")
}

func TestAMailThatSESDroppedAfterTakingItIsNotSentAgain(t *testing.T) {
	w := newTown(t)
	w.ses = func(answer http.ResponseWriter) {
		connection, _, err := http.NewResponseController(answer).Hijack()
		if assert.NoError(t, err) {
			_ = connection.Close()
		}
	}
	assert.Zero(t, w.deliver(t, "decided.json"))
	assert.Zero(t, w.deliver(t, "decided.json"))
	assert.True(t, w.told(t))
	assert.Len(t, w.mailed(), 1)
	assert.Contains(t, w.metrics.String(), `"NoticeMailsUnknown":1`)
}

func TestAThrottledMailGoesOutWithTheMessagesNextComing(t *testing.T) {
	w := newTown(t)
	w.ses = func(answer http.ResponseWriter) { answer.WriteHeader(http.StatusTooManyRequests) }
	assert.Equal(t, 1, w.deliver(t, "decided.json"))
	assert.False(t, w.told(t))
	w.ses, w.now = nil, w.now.Add(3*time.Minute)
	assert.Zero(t, w.deliver(t, "decided.json"))
	assert.True(t, w.told(t))
	assert.Len(t, w.mailed(), 4)
	assert.Equal(t, w.posted()[0], w.posted()[1], "the post is repeated under its id")
	assert.Empty(t, w.metrics.String())
}
