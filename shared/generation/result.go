package generation

import (
	"encoding/json"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// Status is how a generation ended.
type Status string

// The statuses; the zero value is invalid.
const (
	StatusSucceeded Status = "succeeded"
	StatusFailed    Status = "failed"
)

// Cause says whose doing a failure is.
type Cause string

// The causes; the zero value is invalid.
const (
	CausePlatform  Cause = "platform"
	CauseInput     Cause = "input"
	CauseSafety    Cause = "safety"
	CauseCancelled Cause = "cancelled"
)

// CodeOverdue is the failure code of a generation whose result never came.
const CodeOverdue = "result_overdue"

// earliest is before any app's word on when a picture was finished: what lies before it is a broken
// clock or a broken client.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// The limits of a result's texts, in characters, and the clock skew that its finished_at may have.
// A worker's words are cut to them, because refusing the result would lose it. A link is never cut.
const (
	MaxCode      = 64
	MaxMessage   = 500
	MaxURL       = 2048
	maxSHA256    = 64
	maxMediaType = 100
	MaxSkew      = 300 * time.Second
)

// Failure is why a generation failed, in the worker's words.
type Failure struct {
	// Cause says whose doing it is: the policy decides by it.
	Cause Cause `json:"cause"`
	// Code is the worker's own word, at most MaxCode characters.
	Code string `json:"code"`
	// Message is for staff, at most MaxMessage characters; "" for none.
	Message string `json:"message,omitempty"`
}

// Output is one picture that came.
type Output struct {
	// URL is its link, "" where staff cannot open it.
	URL string `json:"url"`
	// SHA256 is the picture's hash in hexadecimal digits, "" where the worker gave none.
	SHA256 string `json:"sha256,omitempty"`
	// MediaType is "image/png" or the like, "" where the worker gave none.
	MediaType string `json:"media_type,omitempty"`
}

// Result is what a worker reports.
type Result struct {
	// Status is how the generation ended.
	Status Status `json:"status"`
	// FinishedAt is when, by the app's word.
	FinishedAt time.Time `json:"finished_at"`
	// Failure is why it failed; nil for one that succeeded.
	Failure *Failure `json:"failure,omitempty"`
	// Outputs holds the pictures that came. Nil: all that were ordered came; empty: none did.
	Outputs []Output `json:"outputs,omitzero"`
	// InputURL is the link of the customer's upload, "" for none.
	InputURL string `json:"input_url,omitempty"`
	// FailedAttempts is how often the worker tried in vain, 0 where it does not count.
	FailedAttempts int `json:"failed_attempts,omitempty"`
	// Cost is only of a generation on the customer's own key.
	Cost *Cost `json:"cost,omitempty"`
}

// Validate returns a KindInvalid error that names the field at fault, as the caller wrote it.
func (r Result) Validate(now time.Time) error {
	// A failure says why, and brings no pictures; a success says neither.
	switch r.Status {
	case StatusSucceeded:
		if r.Failure != nil {
			return fault.Invalid("failure", "only a failed generation has one")
		}
	case StatusFailed:
		if r.Failure == nil {
			return fault.Missing("failure")
		}
		if r.Outputs != nil {
			return fault.Invalid("outputs", "a failed generation has none")
		}
		if err := r.Failure.validate(); err != nil {
			return err
		}
	default:
		return fault.Invalid("status", "must be succeeded or failed")
	}
	// The revision of the policy is chosen by this instant, so a wrong clock must not get past
	// here.
	if r.FinishedAt.IsZero() {
		return fault.Missing("finished_at")
	}
	if r.FinishedAt.Before(earliest) {
		return fault.Invalid("finished_at", "lies before %d", earliest.Year())
	}
	if r.FinishedAt.After(now.Add(MaxSkew)) {
		return fault.Invalid("finished_at", "lies more than %d s ahead", int(MaxSkew.Seconds()))
	}
	if r.FailedAttempts < 0 {
		return fault.Invalid("failed_attempts", "must not be negative")
	}
	if len(r.Outputs) > MaxOutputs {
		return fault.Invalid("outputs", "at most %d", MaxOutputs)
	}
	if r.Cost != nil {
		return r.Cost.Validate()
	}
	return nil
}

func (f Failure) validate() error {
	switch f.Cause {
	case CausePlatform, CauseInput, CauseSafety, CauseCancelled:
	default:
		return fault.Invalid("failure.cause", "must be platform, input, safety or cancelled")
	}
	if f.Code == "" {
		return fault.Invalid("failure.code", "must have at least 1 character")
	}
	return nil
}

// Accepts returns nil when the result can be this generation's, else a KindInvalid error that names
// the field: more outputs than were ordered, or a cost of what is not on the customer's own key.
func (g Generation) Accepts(result Result) error {
	if len(result.Outputs) > g.Outputs {
		return fault.Invalid("outputs", "%d were asked for", g.Outputs)
	}
	if result.Cost != nil && g.Mode != ModeOwnKey {
		return fault.Invalid("cost", "only a generation in mode own_key has one")
	}
	return nil
}

// Overtaken reports whether the result comes after another one, or after the deadline has ended the
// hold: it is noted as late, and nothing is charged for its pictures.
func (g Generation) Overtaken(result Result) bool {
	return g.State != StateHeld && g.Hash != result.Hash()
}

// Cut returns the result with the worker's words cut to what is kept of them, in whole milliseconds
// UTC. It shares nothing that it changes with r.
func (r Result) Cut() Result {
	r.FinishedAt = text.Millisecond(r.FinishedAt)
	if r.Failure != nil {
		failure := *r.Failure
		failure.Code, failure.Message = text.Cut(failure.Code, MaxCode), text.Cut(failure.Message, MaxMessage)
		r.Failure = &failure
	}
	if r.Cost != nil {
		cost := *r.Cost
		cost.Provider = text.Cut(cost.Provider, MaxProvider)
		r.Cost = &cost
	}
	r.Outputs = slices.Clone(r.Outputs)
	for i, output := range r.Outputs {
		r.Outputs[i].SHA256, r.Outputs[i].MediaType = text.Cut(output.SHA256, maxSHA256), text.Cut(output.MediaType, maxMediaType)
	}
	return r
}

// Came returns how many of the ordered outputs came: more than were ordered count as all.
func (r Result) Came(order int) int {
	if r.Outputs == nil || len(r.Outputs) > order {
		return order
	}
	return len(r.Outputs)
}

// Hash tells one result from another: a replay has the same. It is made of the result's JSON and
// stored, so the tags of Result, Failure, Output and Cost stay as they are.
func (r Result) Hash() string {
	r.FinishedAt = text.Millisecond(r.FinishedAt)
	body, err := json.Marshal(r)
	if err != nil {
		panic("generation: a result is always encodable: " + err.Error())
	}
	return ledger.HashID("", 20, string(body))
}
