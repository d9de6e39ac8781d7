package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/storetest"
)

// picture is what events/start-generation/start.json starts.
var picture = generation.NewID("alice", "app", "picture-1")

// sent remembers what was put on generation-results.
type sent struct{ messages []message.GenerationFinished }

func (s *sent) Finish(_ context.Context, finished message.GenerationFinished) error {
	s.messages = append(s.messages, finished)
	return nil
}

// counter is the API over a world in which alice has 20 credits; a picture costs 4.
type counter struct {
	*storetest.World
	t       *testing.T
	handler awshttp.Handler
	sent    *sent
}

func open(t *testing.T) counter {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 20)
	results := &sent{}
	h := handler{starter: w.Starter(), store: w.Store, results: results, now: func() time.Time { return w.Now.Add(100 * time.Microsecond) }}
	known := func(keys ...string) access.Secrets {
		return func(context.Context) ([]string, error) { return keys, nil }
	}
	gate := access.Gate{
		AppKeys: known("mk_local_app"), OperatorKeys: known("mk_local_operator"),
		Sessions: access.Sessions{Secrets: known("a secret of thirty-two bytes, or so")}, Now: h.now,
	}
	return counter{World: w, t: t, handler: awshttp.New(h.routes(gate)), sent: results}
}

// gets sends a fixture and returns the answer's status, body and headers.
func (c counter) gets(fixture string) (int, map[string]any, map[string]string) {
	c.t.Helper()
	event, err := os.ReadFile("../../events/start-generation/" + fixture + ".json")
	require.NoError(c.t, err)
	out, err := c.handler.Invoke(context.Background(), event)
	require.NoError(c.t, err)
	var answer awshttp.Response
	require.NoError(c.t, json.Unmarshal(out, &answer))
	body := map[string]any{}
	require.NoError(c.t, json.Unmarshal([]byte(answer.Body), &body))
	return answer.StatusCode, body, answer.Headers
}

func TestAStartHoldsThePriceAndItsReplayGetsTheFirstAnswer(t *testing.T) {
	c := open(t)
	want := map[string]any{"id": string(picture), "state": "held", "price": 8.0, "balance": map[string]any{"available": 12.0}}
	status, body, headers := c.gets("start")
	require.Equal(t, 201, status)
	require.Equal(t, want, body)
	require.NotContains(t, headers, "idempotent-replayed")
	require.Equal(t, "sdxl-1", c.Generation(picture).Model)
	status, body, headers = c.gets("start")
	require.Equal(t, 201, status)
	require.Equal(t, want, body)
	replayed := headers["idempotent-replayed"] + headers["Idempotent-Replayed"]
	require.Equal(t, "true", replayed)
	c.WantAvailable("alice", 12)
}

func TestFreeModeCostsNothing(t *testing.T) {
	c := open(t)
	status, body, _ := c.gets("start-free")
	require.Equal(t, 201, status)
	require.Equal(t, 0.0, body["price"])
	c.WantAvailable("alice", 20)
}

func TestARefusedStartNamesItsCodeAndItsField(t *testing.T) {
	c := open(t)
	c.gets("start")
	for fixture, want := range map[string]struct {
		status int
		code   string
		field  any
	}{
		"start-same-key-other-order": {409, "idempotency_key_reused", nil},
		"start-too-dear":             {402, "insufficient_credits", nil},
		"start-unknown-feature":      {400, "unknown_feature", "feature"},
		"start-no-fields":            {400, "missing_fields", "customer"},
		"start-no-key":               {400, "invalid_request", "Idempotency-Key"},
		"start-no-token":             {401, "unauthenticated", nil},
		"start-by-staff":             {403, "forbidden", nil},
		"start-nine-outputs":         {400, "invalid_request", "outputs"},
		"start-unknown-field":        {400, "invalid_request", "price"},
	} {
		status, body, _ := c.gets(fixture)
		require.Equal(t, want.status, status, fixture)
		require.Equal(t, want.code, body["code"], fixture)
		require.Equal(t, want.field, body["field"], fixture)
	}
	c.WantAvailable("alice", 12)
}

func TestAResultGoesOnTheQueueAsTheWorkerWouldSendIt(t *testing.T) {
	c := open(t)
	c.gets("start")
	status, body, _ := c.gets("result-failed")
	require.Equal(t, 202, status)
	require.Equal(t, map[string]any{"disposition": "queued"}, body)
	attempts := 2
	require.Equal(t, []message.GenerationFinished{message.NewGenerationFinished(message.GenerationFinished{
		Generation: string(picture), Status: "failed", FinishedAt: c.Now, FailedAttempts: &attempts,
		Failure: &message.Failure{Cause: "platform", Code: "gpu_lost", Message: "the machine went away"},
	})}, c.sent.messages)
}

func TestALateResultIsNotedAndItsPicturesAreToBeDiscarded(t *testing.T) {
	c := open(t)
	c.gets("start")
	c.gets("result-failed")
	c.Settles(picture, generation.ResultOf(c.sent.messages[0]))
	_, again, _ := c.gets("result-failed")
	require.Equal(t, "queued", again["disposition"], "the same result is no late one")
	_, late, _ := c.gets("result-succeeded")
	require.Equal(t, "discard", late["disposition"])
	require.Len(t, c.sent.messages, 3)
}

func TestABadResultNamesItsField(t *testing.T) {
	c := open(t)
	c.gets("start")
	for fixture, want := range map[string][3]any{
		"result-failed-without-failure": {400, "missing_fields", "failure"},
		"result-too-many-outputs":       {400, "invalid_request", "outputs"},
		"result-far-ahead":              {400, "invalid_request", "finished_at"},
		"result-of-nobody":              {404, "not_found", nil},
	} {
		status, body, _ := c.gets(fixture)
		require.Equal(t, want, [3]any{status, body["code"], body["field"]}, fixture)
	}
	require.Empty(t, c.sent.messages)
}
