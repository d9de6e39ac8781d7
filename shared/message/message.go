// Package message owns the messages that travel between functions on the queues: their words, their
// shapes, their version.
//
// It refuses to know states and rules, and how a queue is reached. A message is what one room sends
// another; its reader checks it again. The structs carry plain strings, so that any noun may read
// them.
//
// Invariants: every message names its type and version; fields are only ever added within a
// version; a reader ignores what it does not know; a repeated message means what the first one
// meant. Nothing personal travels on a queue.
//
// Routes is the one table of the queues: what travels on each, who takes it off, and which overdue
// step sends it again.
//
// Words: generation.finished (a worker's result), generation.partial (please notify),
// result.reported (please look at the pictures), refund.requested (please decide), refund.decided
// (please notify), payment.unsettled (please ask the provider, and pay what is due), outage.started
// (please make it good), outage.changed (please look at the claims again), outage.offered (please
// notify), standing.changed (please notify), attachment.expired (please discard).
package message

import (
	"encoding/json"
	"time"

	"makegood/shared/text"
)

// Version is the version that every message of ours carries today, and the newest one that we read.
const Version = 1

// The types, as the wire has them.
const (
	TypeGenerationFinished = "generation.finished"
	TypeGenerationPartial  = "generation.partial"
	TypeResultReported     = "result.reported"
	TypeRefundRequested    = "refund.requested"
	TypeRefundDecided      = "refund.decided"
	TypePaymentUnsettled   = "payment.unsettled"
	TypeOutageStarted      = "outage.started"
	TypeOutageChanged      = "outage.changed"
	TypeOutageOffered      = "outage.offered"
	TypeStandingChanged    = "standing.changed"
	TypeAttachmentExpired  = "attachment.expired"
)

// The statuses of a finished generation.
const (
	StatusSucceeded = "succeeded"
	StatusFailed    = "failed"
)

// KindOutage is the kind of a refund request that a declared outage makes for each purchase.
const KindOutage = "outage"

// KindTechnicalFailure is the kind of a refund request that nobody made by hand: a generation
// failed or never ended.
const KindTechnicalFailure = "technical_failure"

// The reasons of a technical failure: the worker said so, or no result came in time.
const (
	ReasonFailed  = "failed"
	ReasonOverdue = "overdue"
)

// Header says what a message is. A message without one is not ours.
type Header struct {
	// Type is one of the types above.
	Type string `json:"type"`
	// Version is the version of the type, from 1.
	Version int `json:"version"`
}

// newHeader returns the header of a message of the type, as this build writes it.
func newHeader(messageType string) Header { return Header{Type: messageType, Version: Version} }

// GenerationFinished is the result of a generation, on generation-results. The worker may write it
// there itself.
type GenerationFinished struct {
	// Header names the type; a worker that writes to the queue sets it itself.
	Header
	// Generation is the id of the generation.
	Generation string `json:"generation"`
	// Status is StatusSucceeded or StatusFailed.
	Status string `json:"status"`
	// FinishedAt is when the worker ended, by the app's clock, RFC 3339.
	FinishedAt time.Time `json:"finished_at"`
	// Failure says why it failed, nil where it succeeded.
	Failure *Failure `json:"failure,omitempty"`
	// Outputs are the pictures that came. Absent (nil) means that all came which the request named;
	// an empty list means that none came.
	Outputs []Output `json:"outputs,omitzero"`
	// Input is the picture that it started from, nil for none.
	Input *Input `json:"input,omitempty"`
	// FailedAttempts counts the worker's own attempts that failed, nil when it did not say.
	FailedAttempts *int `json:"failed_attempts,omitempty"`
	// Cost is what it cost on the customer's own key, nil when the worker did not say. It is
	// ignored for a generation of another mode.
	Cost *Cost `json:"cost,omitempty"`
}

// Cost is what a generation on the customer's own key cost at the provider of that key.
type Cost struct {
	// Provider is the name of the model's provider.
	Provider string `json:"provider"`
	// Currency is the provider's, by ISO 4217.
	Currency string `json:"currency"`
	// Micros is the sum, in millionths of the currency.
	Micros int64 `json:"micros"`
}

// UnmarshalJSON reads the message, whose finished_at is an instant by RFC 3339 (text.ParseInstant);
// encoding/json takes others too.
func (g *GenerationFinished) UnmarshalJSON(body []byte) error {
	// The type without methods: encoding/json would call this method again for the message itself.
	type plain GenerationFinished

	// The outer finished_at hides the one of the struct, so the instant arrives here as it was
	// written and is read by the rule of our API, which names the field where it refuses.
	wire := struct {
		*plain
		FinishedAt *string `json:"finished_at"`
	}{plain: (*plain)(g)}
	err := json.Unmarshal(body, &wire)
	if err == nil && wire.FinishedAt != nil {
		g.FinishedAt, err = text.ParseInstant("finished_at", *wire.FinishedAt)
	}
	return err
}

// Failure says why a generation failed.
type Failure struct {
	// Cause is platform, input, safety or cancelled.
	Cause string `json:"cause"`
	// Code is the worker's own.
	Code string `json:"code"`
	// Message is the worker's own.
	Message string `json:"message"`
}

// Output is one picture that came.
type Output struct {
	// URL is where the app keeps the picture.
	URL string `json:"url"`
	// SHA256 is the hash of its bytes in hexadecimal, "" where the worker did not say.
	SHA256 string `json:"sha256,omitempty"`
	// MediaType is its type, "" where the worker did not say.
	MediaType string `json:"media_type,omitempty"`
}

// Input is the picture that the generation started from, where there was one.
type Input struct {
	// URL is where the app keeps the picture, "" where it does not.
	URL string `json:"url,omitempty"`
}

// ResultReported asks that the pictures of a bad result be looked at, on assessments. It is a hint,
// as RefundRequested is: the reader loads the case, and passes it on where no look is due.
type ResultReported struct {
	// Header names TypeResultReported.
	Header
	// Case is the open case of the report.
	Case string `json:"case"`
	// Generation is what the report is about, absent where the sender does not know: a hint of what
	// else to read at once.
	Generation string `json:"generation,omitempty"`
}

// NewResultReported returns the request to look at the pictures of a case.
func NewResultReported(caseID, generation string) ResultReported {
	return ResultReported{Header: newHeader(TypeResultReported), Case: caseID, Generation: generation}
}

// AttachmentExpired asks that an attachment which no case took within its day be discarded, on
// assessments, where the bucket is kept. The reader asks the row whether that is so.
type AttachmentExpired struct {
	// Header names TypeAttachmentExpired.
	Header
	// Attachment is its id.
	Attachment string `json:"attachment"`
}

// NewAttachmentExpired returns the request to discard the attachment.
func NewAttachmentExpired(attachment string) AttachmentExpired {
	return AttachmentExpired{Header: newHeader(TypeAttachmentExpired), Attachment: attachment}
}

// PaymentUnsettled asks that a payment be settled with its provider, on payment-refunds. It is a
// hint, not an order: the reader loads the payment and pays only what is due on it.
type PaymentUnsettled struct {
	// Header names TypePaymentUnsettled.
	Header
	// Payment is the provider's id of the payment.
	Payment string `json:"payment"`
}

// OutageStarted asks that a page of an outage be made good, on outage-runs.
type OutageStarted struct {
	// Header names TypeOutageStarted.
	Header
	// Outage is the id of the outage.
	Outage string `json:"outage"`
	// Page counts from 1; absent (0) means the next page of the run, whichever that is.
	Page int `json:"page,omitempty"`
}

// OutageChanged asks that the claims which wait for downtime be looked at again, on outage-runs.
// Each message is one page of the cases that wait for staff.
type OutageChanged struct {
	// Header names TypeOutageChanged.
	Header
	// Outage is the id of the outage that changed.
	Outage string `json:"outage"`
	// Began is when the first page was looked at, absent in the message for that page.
	Began time.Time `json:"began,omitzero"`
	// After is the last case of the page before, nil for the first page.
	After *Waiting `json:"after,omitempty"`
}

// Waiting is the place of a case among those that wait for staff.
type Waiting struct {
	// At is when its answer is due, in milliseconds.
	At int64 `json:"at"`
	// Case orders cases that are due in the same millisecond.
	Case string `json:"case"`
}

// RefundDecided asks that the customer be notified of a verdict, on notices.
type RefundDecided struct {
	// Header names TypeRefundDecided.
	Header
	// Case is the case that holds the verdict.
	Case string `json:"case"`
}

// GenerationPartial asks that the customer be notified of a generation of which not all outputs
// came, on notices.
type GenerationPartial struct {
	// Header names TypeGenerationPartial.
	Header
	// Generation is the id of the generation.
	Generation string `json:"generation"`
}

// NewGenerationPartial returns the request to notify the customer that not all outputs of the
// generation came.
func NewGenerationPartial(generation string) GenerationPartial {
	return GenerationPartial{Header: newHeader(TypeGenerationPartial), Generation: generation}
}

// NewGenerationFinished returns the result with its header set, whatever header it came with.
func NewGenerationFinished(result GenerationFinished) GenerationFinished {
	// The result comes from a worker's HTTP request or its own message. Neither may choose another
	// type or version: the reader would refuse what we have accepted.
	result.Header = newHeader(TypeGenerationFinished)
	return result
}

// NewRefundDecided returns the request to notify the customer of the verdict on the case.
func NewRefundDecided(caseID string) RefundDecided {
	// The words of the notice do not travel: the reader composes them from the case as it is then.
	return RefundDecided{Header: newHeader(TypeRefundDecided), Case: caseID}
}

// OutageOffered asks that the customer be notified of what they may claim for an outage, on
// notices.
type OutageOffered struct {
	// Header names TypeOutageOffered.
	Header
	// Offer is the id of the offer that says it.
	Offer string `json:"offer"`
}

// NewOutageOffered returns the request to notify the customer of the offer.
func NewOutageOffered(offer string) OutageOffered {
	return OutageOffered{Header: newHeader(TypeOutageOffered), Offer: offer}
}

// StandingChanged asks that the customer be notified of a change of their standing, on notices.
type StandingChanged struct {
	// Header names TypeStandingChanged.
	Header
	// Change is the id of the line of its history that says it.
	Change string `json:"change"`
}

// NewStandingChanged returns the request to notify the customer of the change.
func NewStandingChanged(change string) StandingChanged {
	return StandingChanged{Header: newHeader(TypeStandingChanged), Change: change}
}

// NewPaymentUnsettled returns the request to settle the payment with its provider.
func NewPaymentUnsettled(payment string) PaymentUnsettled {
	return PaymentUnsettled{Header: newHeader(TypePaymentUnsettled), Payment: payment}
}

// NewOutageStarted returns the request to make a page of the outage good, 0 for the next one.
func NewOutageStarted(outage string, page int) OutageStarted {
	// A number makes a replay harmless: a page that is done already is not done again. The sweep
	// sends 0, since it knows that a page is overdue, but not which.
	return OutageStarted{Header: newHeader(TypeOutageStarted), Outage: outage, Page: page}
}

// NewOutageChanged returns the request to look at the claims that wait for downtime, from the
// first.
func NewOutageChanged(outage string) OutageChanged {
	// Neither Began nor After: the reader sets both in the message for the next page.
	return OutageChanged{Header: newHeader(TypeOutageChanged), Outage: outage}
}
