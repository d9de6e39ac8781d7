package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
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
	httptest.Client
	sent *sent
}

func open(t *testing.T) counter {
	t.Helper()
	c := openUnder(t, "photoroom")
	c.Grants("alice", 20)
	return c
}

// openUnder is open under a policy, and with an empty wallet.
func openUnder(t *testing.T, policy string) counter {
	t.Helper()
	w := storetest.NewWorldOf(t, memory.New(), policy)
	results := &sent{}
	h := handler{starter: w.Starter(), store: w.Store, recorder: w.Recorder(), results: results, now: func() time.Time { return w.Now.Add(100 * time.Microsecond) }}
	return counter{World: w, Client: httptest.New(t, "start-generation", h.now, h.routes), sent: results}
}

func TestAStartHoldsThePriceAndItsReplayGetsTheFirstAnswer(t *testing.T) {
	c := open(t)
	want := map[string]any{"id": string(picture), "state": "held", "price": 8.0, "model": "sdxl-1", "balance": map[string]any{"available": 12.0}}
	first := c.Want(201, "start")
	require.Equal(t, want, first.Fields)
	require.False(t, first.Replayed)
	require.Equal(t, "sdxl-1", c.Generation(picture).Model)
	require.Equal(t, "job-17", c.Generation(picture).Reference)
	again := c.Want(201, "start")
	require.Equal(t, want, again.Fields)
	require.True(t, again.Replayed)
	c.WantAvailable("alice", 12)
}

func TestAStartIsPricedByItsOptionsAndItsAnswerNamesThem(t *testing.T) {
	c := open(t)
	first := c.Want(201, "start-by-length").Fields
	require.Equal(t, []any{18.0, "pro", 9.0, nil}, []any{first["price"], first["model"], first["seconds"], first["size"]})
	require.Equal(t, first, c.Want(201, "start-by-length").Fields)
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, c.Ask("start-by-other-length").Refusal())
	c.WantAvailable("alice", 2)
	c.Grants("alice", 10)
	sized := c.Want(201, "start-by-size").Fields
	require.Equal(t, []any{12.0, "pro", nil, "hd"}, []any{sized["price"], sized["model"], sized["seconds"], sized["size"]})
	c.WantAvailable("alice", 0)
}

func TestWhatAStartSaysOfItsPictureIsKeptAndBelongsToItsKey(t *testing.T) {
	c := open(t)
	first := c.Want(201, "start-described").Fields
	id := generation.NewID("alice", "app", "picture-described")
	require.Equal(t, generation.Words{Prompt: "a red shirt on a beach", Template: "summer"}, c.Generation(id).Words)
	require.Equal(t, generation.Dimensions{Width: 1024, Height: 768}, c.Generation(id).Dimensions)
	require.Equal(t, first, c.Want(201, "start-described").Fields)
	require.Equal(t, httptest.Refusal{409, "idempotency_key_reused", nil}, c.Ask("start-described-otherwise").Refusal())
}

func TestFreeModeCostsNothing(t *testing.T) {
	c := open(t)
	require.Equal(t, 0.0, c.Want(201, "start-free").Fields["price"])
	c.WantAvailable("alice", 20)
}

func TestOnTheCustomersOwnKeyNothingIsHeldAndTheResultSaysWhatItCost(t *testing.T) {
	c := openUnder(t, "popcustoms")
	started := c.Want(201, "start-own-key").Fields
	require.Equal(t, []any{0.0, map[string]any{"available": 0.0}}, []any{started["price"], started["balance"]})
	id := started["id"].(string)
	own := func(event map[string]any) {
		event["rawPath"] = "/v1/generations/" + id + "/result"
		event["pathParameters"] = map[string]any{"id": id}
	}
	for fixture, want := range map[string]httptest.Refusal{
		"result-with-negative-cost":    {400, "invalid_request", "cost.micros"},
		"result-with-strange-currency": {400, "invalid_request", "cost.currency"},
		"result-with-cost-of-nobody":   {400, "missing_fields", "cost.provider"},
	} {
		require.Equal(t, want, c.Ask(fixture, own).Refusal(), fixture)
	}
	require.Empty(t, c.sent.messages)
	oneCame := func(event map[string]any) {
		own(event)
		event["body"] = strings.Replace(event["body"].(string), `,{"url":"https://images.example/2.png","media_type":"image/png"}`, "", 1)
	}
	c.Want(202, "result-with-cost", oneCame)
	require.Equal(t, &message.Cost{Provider: "openrouter", Currency: "USD", Micros: 39500}, c.sent.messages[0].Cost)
}

func TestAGenerationThatIsChargedHasNoCost(t *testing.T) {
	c := open(t)
	ofPhotoroom := func(event map[string]any) {
		event["body"] = strings.Replace(event["body"].(string), "pet", "recolor", 1)
	}
	require.Equal(t, httptest.Refusal{400, "invalid_request", "mode"}, c.Ask("start-own-key", ofPhotoroom).Refusal(), "photoroom does not list it")
	c.Ask("start")
	require.Equal(t, httptest.Refusal{400, "invalid_request", "cost"}, c.Ask("result-with-cost").Refusal())
	require.Empty(t, c.sent.messages)
}

func TestARefusedStartNamesItsCodeAndItsField(t *testing.T) {
	c := open(t)
	c.Ask("start")
	for fixture, want := range map[string]httptest.Refusal{
		"start-same-key-other-order": {409, "idempotency_key_reused", nil},
		"start-too-dear":             {402, "insufficient_credits", nil},
		"start-unknown-feature":      {400, "unknown_feature", "feature"},
		"start-no-fields":            {400, "missing_fields", "customer"},
		"start-no-key":               {400, "invalid_request", "Idempotency-Key"},
		"start-no-token":             {401, "unauthenticated", nil},
		"start-by-staff":             {403, "forbidden", nil},
		"start-nine-outputs":         {400, "invalid_request", "outputs"},
		"start-unknown-field":        {400, "invalid_request", "price"},
		"start-long-reference":       {400, "invalid_request", "reference"},
		"start-unknown-model":        {400, "invalid_request", "model"},
		"start-unpriced-size":        {400, "invalid_request", "size"},
		"start-long-size":            {400, "invalid_request", "size"},
		"start-hours-long":           {400, "invalid_request", "seconds"},
		"start-too-long":             {400, "invalid_request", "seconds"},
		"start-no-seconds":           {400, "invalid_request", "seconds"},
		"start-long-prompt":          {400, "invalid_request", "prompt"},
		"start-long-template":        {400, "invalid_request", "template"},
		"start-no-size":              {400, "invalid_request", "asked.width"},
		"start-half-a-size":          {400, "missing_fields", "asked.height"},
		"start-too-high":             {400, "invalid_request", "asked.height"},
	} {
		require.Equal(t, want, c.Ask(fixture).Refusal(), fixture)
	}
	c.WantAvailable("alice", 12)
}

func TestAResultGoesOnTheQueueAsTheWorkerWouldSendIt(t *testing.T) {
	c := open(t)
	c.Ask("start")
	require.Equal(t, map[string]any{"disposition": "queued"}, c.Want(202, "result-failed").Fields)
	attempts := 2
	require.Equal(t, []message.GenerationFinished{message.NewGenerationFinished(message.GenerationFinished{
		Generation: string(picture), Status: "failed", FinishedAt: c.Now, FailedAttempts: &attempts,
		Failure: &message.Failure{Cause: "platform", Code: "gpu_lost", Message: "the machine went away"},
	})}, c.sent.messages)
}

func TestALateResultIsNotedAndItsPicturesAreToBeDiscarded(t *testing.T) {
	c := open(t)
	c.Ask("start")
	c.Ask("result-failed")
	c.Settles(picture, generation.ResultOf(c.sent.messages[0]))
	require.Equal(t, "queued", c.Ask("result-failed").Fields["disposition"], "the same result is no late one")
	require.Equal(t, "discard", c.Ask("result-succeeded").Fields["disposition"])
	require.Len(t, c.sent.messages, 3)
}

func TestARepeatOfLongWordsIsTheSameResult(t *testing.T) {
	c := open(t)
	c.Ask("start")
	long := func(event map[string]any) {
		event["body"] = strings.Replace(event["body"].(string), "the machine went away", strings.Repeat("機", 600), 1)
	}
	c.Want(202, "result-failed", long)
	require.Equal(t, strings.Repeat("機", 499)+"…", c.sent.messages[0].Failure.Message)
	c.Settles(picture, generation.ResultOf(c.sent.messages[0]))
	require.Equal(t, "queued", c.Want(202, "result-failed", long).Fields["disposition"])
}

func TestAPictureMayLieInABucket(t *testing.T) {
	c := open(t)
	c.Ask("start")
	c.Want(202, "result-succeeded", func(event map[string]any) {
		event["body"] = strings.Replace(event["body"].(string), "https://images.example/1.png", "s3://results/1.png", 1)
	})
	require.Equal(t, "s3://results/1.png", c.sent.messages[0].Outputs[0].URL)
}

func TestABadResultNamesItsField(t *testing.T) {
	c := open(t)
	c.Ask("start")
	for fixture, want := range map[string]httptest.Refusal{
		"result-failed-without-failure": {400, "missing_fields", "failure"},
		"result-too-many-outputs":       {400, "invalid_request", "outputs"},
		"result-far-ahead":              {400, "invalid_request", "finished_at"},
		"result-of-nobody":              {404, "not_found", nil},
	} {
		require.Equal(t, want, c.Ask(fixture).Refusal(), fixture)
	}
	require.Empty(t, c.sent.messages)
}
