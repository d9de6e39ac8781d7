package bedrock

import (
	"encoding/json"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
)

// call is the body of Converse, in Bedrock's names.
type call struct {
	System    []content  `json:"system"`
	Messages  []message  `json:"messages"`
	Inference inference  `json:"inferenceConfig"`
	Output    outputRule `json:"outputConfig"`
}

type message struct {
	Role    string    `json:"role"`
	Content []content `json:"content"`
}

// content is a part: exactly one of its fields.
type content struct {
	Text  *string `json:"text,omitempty"`
	Image *image  `json:"image,omitempty"`
}

type image struct {
	Format string `json:"format"`
	Source struct {
		Bytes []byte `json:"bytes"` // base64, as the API has blobs
	} `json:"source"`
}

type inference struct {
	MaxTokens   int  `json:"maxTokens"`
	Temperature *int `json:"temperature,omitempty"`
}

type outputRule struct {
	TextFormat textFormat `json:"textFormat"`
}

type textFormat struct {
	Type      string `json:"type"`
	Structure struct {
		JSONSchema jsonSchema `json:"jsonSchema"`
	} `json:"structure"`
}

type jsonSchema struct {
	Name   string `json:"name"`
	Schema string `json:"schema"` // JSON as text
}

func newCall(question adjudication.Question, untempered bool) call {
	made := call{System: []content{{Text: &question.System}}, Inference: inference{MaxTokens: question.MaxTokens}}
	if !untempered {
		made.Inference.Temperature = new(int)
	}
	made.Output.TextFormat.Type = "json_schema"
	made.Output.TextFormat.Structure.JSONSchema = jsonSchema{Name: question.Name, Schema: question.Schema}
	parts := make([]content, len(question.Parts))
	for i, part := range question.Parts {
		if part.JPEG == nil {
			parts[i].Text = &part.Text
			continue
		}
		parts[i].Image = &image{Format: "jpeg"}
		parts[i].Image.Source.Bytes = part.JPEG
	}
	made.Messages = []message{{Role: "user", Content: parts}}
	return made
}

// output is what is read of an answer; Bedrock may add to it.
type output struct {
	Output struct {
		Message struct {
			Role    string    `json:"role"`
			Content []content `json:"content"`
		} `json:"message"`
	} `json:"output"`
	StopReason string `json:"stopReason"`
	Usage      *usage `json:"usage"`
}

type usage struct {
	InputTokens  int64 `json:"inputTokens"`
	OutputTokens int64 `json:"outputTokens"`
	TotalTokens  int64 `json:"totalTokens"`
}

// stops says what the reasons mean for which a model ends but the one that is no problem, end_turn.
// Those that are new to us read as stopped.
var stops = map[string]evidence.OpinionOutcome{
	"malformed_model_output": evidence.OpinionMalformed,
	"malformed_tool_use":     evidence.OpinionMalformed,
	"":                       evidence.OpinionMalformed,
}

// parse reads an answer. Its tokens are counted whatever it holds.
func parse(body []byte) adjudication.Answer {
	var got output
	if json.Unmarshal(body, &got) != nil {
		return adjudication.Answer{Problem: evidence.OpinionMalformed, Uncounted: true}
	}
	answer := counted(got.Usage)
	if got.StopReason != "end_turn" {
		answer.Problem = evidence.OpinionStopped
		if problem, listed := stops[got.StopReason]; listed {
			answer.Problem = problem
		}
		return answer
	}
	// A model that reasons puts that in parts of another kind, which are not ours to read.
	var texts []string
	for _, part := range got.Output.Message.Content {
		if part.Text != nil {
			texts = append(texts, *part.Text)
		}
	}
	if len(texts) != 1 || texts[0] == "" {
		answer.Problem = evidence.OpinionMalformed
		return answer
	}
	answer.Text = texts[0]
	return answer
}

// counted returns an answer with its tokens; the total may hold some that stand in no other count.
func counted(used *usage) adjudication.Answer {
	if used == nil || used.InputTokens <= 0 || used.OutputTokens < 0 || max(used.InputTokens, used.OutputTokens, used.TotalTokens) > maxCount {
		return adjudication.Answer{Uncounted: true}
	}
	return adjudication.Answer{InputTokens: max(used.InputTokens, used.TotalTokens-used.OutputTokens), OutputTokens: used.OutputTokens}
}
