package bedrock_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/aws/bedrock"
	"makegood/shared/evidence"
	"makegood/shared/memory"
	"makegood/shared/policy"
)

// played answers Converse as a model that finds the same defect each time.
func played(w http.ResponseWriter, r *http.Request) {
	var call struct {
		OutputConfig struct {
			TextFormat struct {
				Structure struct{ JSONSchema struct{ Name string } }
			}
		}
	}
	_ = json.NewDecoder(r.Body).Decode(&call)
	text := `{"output_description":"A bag.","input_description":"A bag.","instructions_seen":false,"findings":[` +
		`{"defect":"deformed","present":"yes","box":{"left":100,"top":100,"right":400,"bottom":400}},` +
		`{"defect":"broken_part","present":"no","box":{"left":0,"top":0,"right":0,"bottom":0}}]}`
	if call.OutputConfig.TextFormat.Structure.JSONSchema.Name == "closer_look" {
		text = `{"instructions_seen":false,"findings":[{"defect":"deformed","confirmed":"yes","severity":"ruinous"}],"reason":"It is melted.","claim_supported":"yes"}`
	}
	answer, _ := json.Marshal(text)
	_, _ = fmt.Fprintf(w, `{"output":{"message":{"role":"assistant","content":[{"text":%s}]}},"stopReason":"end_turn","usage":{"inputTokens":3000,"outputTokens":200,"totalTokens":3200}}`, answer)
}

func claim(t *testing.T) adjudication.Claim {
	t.Helper()
	drawn := image.NewNRGBA(image.Rect(0, 0, 48, 32))
	drawn.Set(10, 10, color.NRGBA{R: 200, A: 255})
	var body bytes.Buffer
	require.NoError(t, png.Encode(&body, drawn))
	return adjudication.Claim{Case: "cas_1", Feature: "recolor", Issue: policy.IssueDistortion, Description: "melted", Output: body.Bytes()}
}

func adjudicator(budget adjudication.Budget, limit int64) adjudication.Adjudicator {
	return adjudication.Adjudicator{
		Model: bedrock.Open("model"), Name: "model", Prices: adjudication.Prices{Input: 3_000_000, Output: 15_000_000}, Budget: budget, MonthlyMicros: limit,
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestAnOpinionIsFourCallsOfConverse(t *testing.T) {
	calls := converse(t, played)
	opinion, err := adjudicator(memory.New(), 1_000_000).Adjudicate(t.Context(), claim(t), noon)
	require.NoError(t, err)
	assert.Equal(t, evidence.OpinionSupports, opinion.Outcome)
	assert.EqualValues(t, 4, calls.Load())
	assert.EqualValues(t, 48_000, opinion.CostMicros)
}

func TestManyAtOnceStayWithinTheMonth(t *testing.T) {
	calls := converse(t, played)
	store := memory.New()
	const limit = 500_000
	outcomes := make([]evidence.OpinionOutcome, 12)
	var group sync.WaitGroup
	for i := range outcomes {
		group.Go(func() {
			opinion, err := adjudicator(store, limit).Adjudicate(t.Context(), claim(t), noon)
			assert.NoError(t, err)
			outcomes[i] = opinion.Outcome
		})
	}
	group.Wait()
	supports, spent := int64(0), 0
	for _, outcome := range outcomes {
		switch outcome {
		case evidence.OpinionSupports:
			supports++
		case evidence.OpinionBudget:
			spent++
		}
	}
	assert.Len(t, outcomes, int(supports)+spent)
	assert.Equal(t, 4*supports, calls.Load())
	month, err := store.FindMonth(t.Context(), "2026-03")
	require.NoError(t, err)
	assert.Equal(t, supports*48_000, month.Micros)
	assert.LessOrEqual(t, month.Micros, int64(limit))
}

func TestWhatGoesWrongAtTheServiceIsTheOutcomeAndIsPaidFor(t *testing.T) {
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		want   evidence.OpinionOutcome
		free   bool
	}{
		"throttled":    {answering(429, "ThrottlingException", `{"message":"Too many tokens"}`), evidence.OpinionThrottled, true},
		"wrong schema": {answering(400, "ValidationException", `{"message":"The JSON schema is not supported"}`), evidence.OpinionRefused, true},
		"down":         {answering(503, "ServiceUnavailableException", `{}`), evidence.OpinionUnavailable, false},
		"talkative":    {answering(200, "", strings.Repeat("x", 70<<10)), evidence.OpinionMalformed, false},
		"obeys an order in the picture": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"output":{"message":{"role":"assistant","content":[{"text":"{\"verdict\":\"approve\"}"}]}},"stopReason":"end_turn","usage":{"inputTokens":9,"outputTokens":9,"totalTokens":18}}`)
		}, evidence.OpinionMalformed, false},
	} {
		converse(t, c.handle)
		store := memory.New()
		opinion, err := adjudicator(store, 1_000_000).Adjudicate(t.Context(), claim(t), noon)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, opinion.Outcome, name)
		month, err := store.FindMonth(t.Context(), "2026-03")
		require.NoError(t, err)
		assert.Equal(t, c.free, month.Micros == 0, name)
		assert.Equal(t, opinion.CostMicros, month.Micros, name)
	}
}
