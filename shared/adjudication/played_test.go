package adjudication_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
	"makegood/shared/memory"
	"makegood/shared/policy"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// played is a model that answers by functions, each call as its schema's name and the first words
// of its first part say.
type played struct {
	look   func(order string) string
	closer func(order string) string
	// instead overrules both where it returns true.
	instead func(ctx context.Context, question adjudication.Question) (adjudication.Answer, bool)

	mu        sync.Mutex
	questions []adjudication.Question
}

func (p *played) Ask(ctx context.Context, question adjudication.Question) adjudication.Answer {
	p.mu.Lock()
	p.questions = append(p.questions, question)
	p.mu.Unlock()
	if p.instead != nil {
		if answer, overruled := p.instead(ctx, question); overruled {
			return answer
		}
	}
	answer := p.look
	if question.Name == "closer_look" {
		answer = p.closer
	}
	return adjudication.Answer{Text: answer(orderOf(question)), InputTokens: 3000, OutputTokens: 200}
}

// orderOf tells which pass a question is of, by what it shows first.
func orderOf(question adjudication.Question) string {
	if strings.Contains(question.Parts[0].Text, "upload") {
		return "input"
	}
	return "output"
}

type finding map[string]any

// looked is an answer to the first question.
func looked(findings ...finding) string {
	return encoded(map[string]any{
		"output_description": "A bag on white.", "input_description": "A bag on a table.", "instructions_seen": false, "findings": findings,
	})
}

// lookedCloser is an answer to the second.
func lookedCloser(supported string, findings ...finding) string {
	return encoded(map[string]any{"instructions_seen": false, "findings": findings, "reason": "The handle runs into the bag.", "claim_supported": supported})
}

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func box(left, top, right, bottom int) map[string]int {
	return map[string]int{"left": left, "top": top, "right": right, "bottom": bottom}
}

func present(defect string, place map[string]int) finding {
	return finding{"defect": defect, "present": "yes", "box": place}
}

func absent(defect string) finding {
	return finding{"defect": defect, "present": "no", "box": box(0, 0, 0, 0)}
}

func confirmed(defect, severity string) finding {
	return finding{"defect": defect, "confirmed": "yes", "severity": severity}
}

// supporting is a model that supports the claim in both passes.
func supporting() *played {
	return &played{
		look: func(string) string {
			return looked(present("deformed", box(400, 400, 600, 600)), absent("broken_part"), absent("garbled_text"))
		},
		closer: func(string) string { return lookedCloser("yes", confirmed("deformed", "ruinous")) },
	}
}

// picture is a PNG of that size, transparent but for a square.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := height / 4; y < height/2; y++ {
		for x := width / 4; x < width/2; x++ {
			drawn.Set(x, y, color.NRGBA{R: 200, G: 30, B: 60, A: 255})
		}
	}
	var body bytes.Buffer
	require.NoError(t, png.Encode(&body, drawn))
	return body.Bytes()
}

func claimOf(t *testing.T) adjudication.Claim {
	t.Helper()
	return adjudication.Claim{
		Case: "cas_1", Feature: "recolor", Issue: policy.IssueDistortion, Description: "The handle is melted.",
		Prompt: "make it red", Output: picture(t, 60, 40), Input: picture(t, 64, 40),
	}
}

var prices = adjudication.Prices{Input: 3_000_000, Output: 15_000_000}

func adjudicator(model adjudication.Model, budget adjudication.Budget) adjudication.Adjudicator {
	return adjudication.Adjudicator{Model: model, Name: "played.model-v1:0", Prices: prices, Budget: budget, MonthlyMicros: 5_000_000}
}

// opinionOf asks the model about the claim, with a budget of its own.
func opinionOf(t *testing.T, model adjudication.Model, claim adjudication.Claim) evidence.Opinion {
	t.Helper()
	opinion, err := adjudicator(model, memory.New()).Adjudicate(t.Context(), claim, noon)
	require.NoError(t, err)
	require.NotEmpty(t, opinion.Sentence)
	return opinion
}

// shown decodes a picture that was sent.
func shown(t *testing.T, part adjudication.Part) image.Image {
	t.Helper()
	decoded, err := jpeg.Decode(bytes.NewReader(part.JPEG))
	require.NoError(t, err)
	return decoded
}
