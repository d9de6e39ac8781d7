package dynamo

import (
	"time"

	"makegood/shared/generation"
)

// resultRow is the first result of a generation.
type resultRow struct {
	Status         generation.Status `json:"status"`
	FinishedAt     time.Time         `json:"finished_at"`
	Failure        *failureRow       `json:"failure,omitempty"`
	Outputs        []outputRow       `json:"outputs,omitzero"` // absent: all came; an empty list: none did
	InputURL       string            `json:"input_url,omitempty"`
	FailedAttempts int               `json:"failed_attempts,omitempty"`
	Cost           *costRow          `json:"cost,omitempty"`
}

type failureRow struct {
	Cause   generation.Cause `json:"cause"`
	Code    string           `json:"code"`
	Message string           `json:"message,omitempty"`
}

type outputRow struct {
	URL       string `json:"url"`
	SHA256    string `json:"sha256,omitempty"`
	MediaType string `json:"media_type,omitempty"`
}

type costRow struct {
	Provider string `json:"provider"`
	Currency string `json:"currency"`
	Micros   int64  `json:"micros"`
}

func newResultRow(result generation.Result) resultRow {
	return resultRow{
		Status: result.Status, FinishedAt: result.FinishedAt,
		Failure: pointerTo(result.Failure, func(f generation.Failure) failureRow { return failureRow(f) }),
		Outputs: eachOf(result.Outputs, func(o generation.Output) outputRow { return outputRow(o) }),

		InputURL: result.InputURL, FailedAttempts: result.FailedAttempts,
		Cost: pointerTo(result.Cost, func(c generation.Cost) costRow { return costRow(c) }),
	}
}

func (r resultRow) result() generation.Result {
	return generation.Result{
		Status: r.Status, FinishedAt: r.FinishedAt,
		Failure: pointerTo(r.Failure, func(f failureRow) generation.Failure { return generation.Failure(f) }),
		Outputs: eachOf(r.Outputs, func(o outputRow) generation.Output { return generation.Output(o) }),

		InputURL: r.InputURL, FailedAttempts: r.FailedAttempts,
		Cost: pointerTo(r.Cost, func(c costRow) generation.Cost { return generation.Cost(c) }),
	}
}

// wordsRow is what an order says of its picture.
type wordsRow struct {
	Prompt   string `json:"prompt,omitempty"`
	Template string `json:"template,omitempty"`
}

type dimensionsRow struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// putWords leaves out what an order does not say.
func (i item) putWords(words generation.Words, dimensions generation.Dimensions) {
	if words != (generation.Words{}) {
		i[attrWords] = document(wordsRow(words))
	}
	if dimensions != (generation.Dimensions{}) {
		i[attrDimensions] = document(dimensionsRow(dimensions))
	}
}

// words and dimensions return what an order said, and take no memory for one that said nothing:
// most rows do not.
func (i item) words() (generation.Words, error) {
	if i.text(attrWords) == "" {
		return generation.Words{}, nil
	}
	var row wordsRow
	err := i.document(attrWords, &row)
	return generation.Words(row), err
}

func (i item) dimensions() (generation.Dimensions, error) {
	if i.text(attrDimensions) == "" {
		return generation.Dimensions{}, nil
	}
	var row dimensionsRow
	err := i.document(attrDimensions, &row)
	return generation.Dimensions(row), err
}

// lateRow is a different later result: it charged nothing and moved nothing.
type lateRow struct {
	Status generation.Status `json:"status"`
	At     time.Time         `json:"at"`
}

func newLateRow(late generation.Late) lateRow { return lateRow(late) }

func (r lateRow) late() generation.Late { return generation.Late(r) }
