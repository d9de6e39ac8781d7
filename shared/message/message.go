// Package message owns the messages that travel between functions on the queues: their words, their
// shapes, their version.
//
// It refuses to know states and rules, and how a queue is reached: a message is what one room sends
// another, checked again where it arrives.
// The structs carry plain strings, so that any noun may read them.
//
// Invariants: every message names its type and version; fields are only ever added within a
// version; a reader ignores what it does not know; a repeated message means what the first one
// meant. Nothing personal travels on a queue.
//
// Routes is the one table of the queues: what travels on each, who takes it off, and which overdue
// step sends it again.
//
// Words: generation.finished (a worker's result), generation.partial (please tell),
// refund.requested (please decide), refund.decided (please tell), payment.unsettled (please ask the
// provider, and pay what is due), outage.started (please make it good), outage.changed (please look
// at the claims again), outage.offered (please tell), standing.changed (please tell).
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
	TypeRefundRequested    = "refund.requested"
	TypeRefundDecided      = "refund.decided"
	TypePaymentUnsettled   = "payment.unsettled"
	TypeOutageStarted      = "outage.started"
	TypeOutageChanged      = "outage.changed"
	TypeOutageOffered      = "outage.offered"
	TypeStandingChanged    = "standing.changed"
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
	Type    string `json:"type"`
	Version int    `json:"version"`
}

// GenerationFinished is the result of a generation, on generation-results; the worker may write it
// there itself. Absent Outputs (nil) mean that all asked for came; an empty list means that none
// came. FinishedAt is the app's word, RFC 3339. FailedAttempts counts the worker's own attempts
// that failed, nil when it did not say.
type GenerationFinished struct {
	Header
	Generation     string    `json:"generation"`
	Status         string    `json:"status"`
	FinishedAt     time.Time `json:"finished_at"`
	Failure        *Failure  `json:"failure,omitempty"`
	Outputs        []Output  `json:"outputs,omitzero"`
	Input          *Input    `json:"input,omitempty"`
	FailedAttempts *int      `json:"failed_attempts,omitempty"`
	Cost           *Cost     `json:"cost,omitempty"`
}

// Cost is what a generation on the customer's own key cost at the provider of that key, in
// millionths of the currency.
type Cost struct {
	Provider string `json:"provider"`
	Currency string `json:"currency"`
	Micros   int64  `json:"micros"`
}

// UnmarshalJSON reads the message, whose finished_at is an instant by RFC 3339 (text.ParseInstant);
// encoding/json takes others too.
func (g *GenerationFinished) UnmarshalJSON(body []byte) error {
	type plain GenerationFinished
	read := struct {
		*plain
		FinishedAt *string `json:"finished_at"`
	}{plain: (*plain)(g)}
	err := json.Unmarshal(body, &read)
	if err == nil && read.FinishedAt != nil {
		g.FinishedAt, err = text.ParseInstant("finished_at", *read.FinishedAt)
	}
	return err
}

// Failure says why a generation failed: Cause is platform, input, safety or cancelled; Code and
// Message are the worker's.
type Failure struct {
	Cause   string `json:"cause"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Output is one picture that came. SHA256 (hexadecimal) and MediaType may be empty.
type Output struct {
	URL       string `json:"url"`
	SHA256    string `json:"sha256,omitempty"`
	MediaType string `json:"media_type,omitempty"`
}

// Input is the picture that the generation started from, where there was one.
type Input struct {
	URL string `json:"url,omitempty"`
}

// About says what a request for a decision is about.
type About string

// The subjects of a request for a decision. The zero value is how messages were written before
// About existed: RefundRequested.Subject tells those apart by the fields they fill.
const (
	AboutCase             About = "case"              // an open case
	AboutFailedGeneration About = "failed_generation" // a generation that failed, or whose result is overdue
	AboutOutagePayment    About = "outage_payment"    // a payment that a declared outage hit
	AboutPaymentCases     About = "payment_cases"     // the cases of a payment, which follow its money
)

// RefundRequested asks for a decision, on refund-requests. It is a question, not a fact: the reader
// looks for itself whether anything is to be decided. One of the four constructors makes each.
type RefundRequested struct {
	Header
	// About is the subject. Absent in messages written before it existed; read it by Subject.
	About About `json:"about,omitempty"`
	// Kind is KindTechnicalFailure or KindOutage where the verdict makes the case, absent
	// otherwise.
	Kind string `json:"kind,omitempty"`
	// Case is the open case to decide, absent for the other subjects.
	Case string `json:"case,omitempty"`
	// Generation is the failed one; beside a case a hint of what else to read at once.
	Generation string `json:"generation,omitempty"`
	// Payment is the provider's id of the payment; beside a case a hint of what else to read at
	// once.
	Payment string `json:"payment,omitempty"`
	// Outage is the declared outage that hit the payment, absent for the other subjects.
	Outage string `json:"outage,omitempty"`
	// Reason is ReasonFailed or ReasonOverdue of a failed generation, absent for the other
	// subjects.
	Reason string `json:"reason,omitempty"`
}

// Subject returns what the message is about, "" where it says nothing that we know. A message
// without About is of the older shape, which tells its subject by its fields alone.
func (r RefundRequested) Subject() About {
	switch r.About {
	case AboutCase, AboutFailedGeneration, AboutOutagePayment, AboutPaymentCases:
		return r.About
	case "":
		return r.subjectByFields()
	}
	return ""
}

// subjectByFields tells the subject of a message of the older shape.
func (r RefundRequested) subjectByFields() About {
	switch {
	case r.Case != "":
		return AboutCase
	case r.Kind == KindTechnicalFailure:
		return AboutFailedGeneration
	case r.Kind == KindOutage:
		return AboutOutagePayment
	case r.Kind == "" && r.Payment != "":
		return AboutPaymentCases
	}
	return ""
}

// PaymentUnsettled asks that a payment be settled with its provider, on payment-refunds. A
// question, not an order: the reader looks for itself.
type PaymentUnsettled struct {
	Header
	Payment string `json:"payment"`
}

// OutageStarted asks that a page of an outage be made good, on outage-runs. Page counts from 1;
// absent (0) means whichever stands.
type OutageStarted struct {
	Header
	Outage string `json:"outage"`
	Page   int    `json:"page,omitempty"`
}

// OutageChanged asks that the claims which wait for downtime be looked at again, a page of those
// that wait for staff, on outage-runs. After is the last case of the page before, nil for the first
// page; Began is when that was looked at.
type OutageChanged struct {
	Header
	Outage string    `json:"outage"`
	Began  time.Time `json:"began,omitzero"`
	After  *Waiting  `json:"after,omitempty"`
}

// Waiting is the place of a case among those that wait for staff: when its answer is due, in
// milliseconds, then which.
type Waiting struct {
	At   int64  `json:"at"`
	Case string `json:"case"`
}

// RefundDecided asks that the customer be told of a verdict, on notices. Case is the case that
// holds it.
type RefundDecided struct {
	Header
	Case string `json:"case"`
}

// GenerationPartial asks that the customer be told of a generation of which not all outputs came,
// on notices.
type GenerationPartial struct {
	Header
	Generation string `json:"generation"`
}

// NewGenerationPartial returns the request to tell the customer that not all outputs of the
// generation came.
func NewGenerationPartial(generation string) GenerationPartial {
	return GenerationPartial{Header: Header{Type: TypeGenerationPartial, Version: Version}, Generation: generation}
}

// NewGenerationFinished returns the result with its header set, whatever header it came with.
func NewGenerationFinished(result GenerationFinished) GenerationFinished {
	result.Header = Header{Type: TypeGenerationFinished, Version: Version}
	return result
}

// NewCaseRequested returns the request to decide the open case, or to carry out the ruling that
// staff recorded on it. What is known of its generation or payment saves a read; "" does no harm.
func NewCaseRequested(caseID, generation, payment string) RefundRequested {
	return RefundRequested{Header: refundHeader(), About: AboutCase, Case: caseID, Generation: generation, Payment: payment}
}

// NewTechnicalFailure returns the request to decide on a generation that failed (ReasonFailed) or
// is overdue (ReasonOverdue).
func NewTechnicalFailure(generation, reason string) RefundRequested {
	return RefundRequested{
		Header: refundHeader(), About: AboutFailedGeneration, Kind: KindTechnicalFailure, Generation: generation, Reason: reason,
	}
}

// NewOutageRequested returns the request to decide what an outage gives back of a payment.
func NewOutageRequested(outage, payment string) RefundRequested {
	return RefundRequested{Header: refundHeader(), About: AboutOutagePayment, Kind: KindOutage, Outage: outage, Payment: payment}
}

// NewPaymentRequested returns the request to let the cases of a payment follow what became of its
// money.
func NewPaymentRequested(payment string) RefundRequested {
	return RefundRequested{Header: refundHeader(), About: AboutPaymentCases, Payment: payment}
}

func refundHeader() Header { return Header{Type: TypeRefundRequested, Version: Version} }

// NewRefundDecided returns the request to tell the customer of the verdict on the case.
func NewRefundDecided(caseID string) RefundDecided {
	return RefundDecided{Header: Header{Type: TypeRefundDecided, Version: Version}, Case: caseID}
}

// OutageOffered asks that the customer be told what they may claim for an outage, on notices. Offer
// is the offer that says it.
type OutageOffered struct {
	Header
	Offer string `json:"offer"`
}

// NewOutageOffered returns the request to tell the customer of the offer.
func NewOutageOffered(offer string) OutageOffered {
	return OutageOffered{Header: Header{Type: TypeOutageOffered, Version: Version}, Offer: offer}
}

// StandingChanged asks that the customer be told of a change of their standing, on notices. Change
// is the line of its history that says it.
type StandingChanged struct {
	Header
	Change string `json:"change"`
}

// NewStandingChanged returns the request to tell the customer of the change.
func NewStandingChanged(change string) StandingChanged {
	return StandingChanged{Header: Header{Type: TypeStandingChanged, Version: Version}, Change: change}
}

// NewPaymentUnsettled returns the request to settle the payment with its provider.
func NewPaymentUnsettled(payment string) PaymentUnsettled {
	return PaymentUnsettled{Header: Header{Type: TypePaymentUnsettled, Version: Version}, Payment: payment}
}

// NewOutageStarted returns the request to make a page of the outage good, 0 for whichever stands.
func NewOutageStarted(outage string, page int) OutageStarted {
	return OutageStarted{Header: Header{Type: TypeOutageStarted, Version: Version}, Outage: outage, Page: page}
}

// NewOutageChanged returns the request to look at the claims that wait for downtime, from the
// first.
func NewOutageChanged(outage string) OutageChanged {
	return OutageChanged{Header: Header{Type: TypeOutageChanged, Version: Version}, Outage: outage}
}
