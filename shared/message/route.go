package message

import (
	"strings"

	"makegood/shared/todo"
)

// Message is what travels on a queue: a struct that embeds Header.
type Message interface {
	// Head returns what the message says it is.
	Head() Header
}

// Head returns the header itself, so that every struct that embeds one is a Message.
func (h Header) Head() Header { return h }

// Route says how the messages of one type travel. Its schema is
// shared/api/messages/<Type>.v<Version>.schema.json.
type Route struct {
	// Type is the type of the messages.
	Type string
	// Queue is the queue's name, without the prefix of a stack.
	Queue string
	// Function takes them off the queue: a folder of functions/.
	Function string
	// Step is what Function does with them, in the words of an operator's log.
	Step string
	// Resends are the steps that sweep-due takes again by such a message, once they are overdue.
	Resends []Resend
}

// Resend is a step of one kind of item and the message that asks for it again.
type Resend struct {
	// Step is overdue.
	Step todo.Step
	// Kind is the noun whose step it is.
	Kind todo.Kind
	// Ask returns the message; partition and sort are the item's key.
	Ask func(partition, sort string) Message
}

// Routes is every type of message that travels on a queue of ours. Senders, the sweep and the tests
// of the template read it.
var Routes = []Route{
	{Type: TypeGenerationFinished, Queue: "generation-results", Function: "settle-generation", Step: "record result"},
	{Type: TypeResultReported, Queue: "assessments", Function: "assess-result", Step: "look at result", Resends: []Resend{
		{todo.StepAssess, todo.KindCase, func(_, id string) Message { return NewResultReported(id, "") }},
	}},
	{Type: TypeAttachmentExpired, Queue: "assessments", Function: "assess-result", Step: "discard attachment", Resends: []Resend{
		{todo.StepDiscard, todo.KindAttachment, func(_, id string) Message { return NewAttachmentExpired(id) }},
	}},
	{Type: TypeRefundRequested, Queue: "refund-requests", Function: "decide-refund", Step: "decide refund", Resends: []Resend{
		{todo.StepSettle, todo.KindGeneration, func(_, id string) Message { return NewTechnicalFailure(id, ReasonOverdue) }},
		{todo.StepRefund, todo.KindGeneration, func(_, id string) Message { return NewTechnicalFailure(id, ReasonFailed) }},
		{todo.StepRefund, todo.KindCase, caseRequested},
		{todo.StepDowntime, todo.KindCase, caseRequested},
		{todo.StepRefund, todo.KindPayment, func(id, _ string) Message { return NewPaymentRequested(id) }},
	}},
	{Type: TypePaymentUnsettled, Queue: "payment-refunds", Function: "pay-refund", Step: "settle payment", Resends: []Resend{
		{todo.StepPay, todo.KindPayment, paymentUnsettled},
		{todo.StepLook, todo.KindPayment, paymentUnsettled},
		{todo.StepRoom, todo.KindPayment, paymentUnsettled},
	}},
	{Type: TypeOutageStarted, Queue: "outage-runs", Function: "run-outage", Step: "run outage", Resends: []Resend{
		{todo.StepRun, todo.KindOutage, func(id, _ string) Message { return NewOutageStarted(id, 0) }},
	}},
	{Type: TypeOutageChanged, Queue: "outage-runs", Function: "run-outage", Step: "decide waiting claims again", Resends: []Resend{
		{todo.StepClaims, todo.KindOutage, func(id, _ string) Message { return NewOutageChanged(id) }},
	}},
	{Type: TypeRefundDecided, Queue: "notices", Function: "notify-customer", Step: "notify of verdict", Resends: []Resend{
		{todo.StepNotice, todo.KindCase, refundDecided},
		{todo.StepPaid, todo.KindCase, refundDecided},
		{todo.StepFailed, todo.KindCase, refundDecided},
	}},
	{Type: TypeGenerationPartial, Queue: "notices", Function: "notify-customer", Step: "notify of missing outputs", Resends: []Resend{
		{todo.StepNotice, todo.KindGeneration, func(_, id string) Message { return NewGenerationPartial(id) }},
	}},
	{Type: TypeOutageOffered, Queue: "notices", Function: "notify-customer", Step: "notify of offer", Resends: []Resend{
		{todo.StepOffer, todo.KindOffer, func(_, id string) Message { return NewOutageOffered(id) }},
	}},
	{Type: TypeStandingChanged, Queue: "notices", Function: "notify-customer", Step: "notify of standing", Resends: []Resend{
		{todo.StepStand, todo.KindStanding, func(_, id string) Message { return NewStandingChanged(id) }},
	}},
}

// caseRequested asks about an overdue case. The sweep knows no hints to give.
func caseRequested(_, id string) Message { return NewCaseRequested(id, "", "") }

// paymentUnsettled asks about any overdue step of a payment: the reader does all that are due.
func paymentUnsettled(id, _ string) Message { return NewPaymentUnsettled(id) }

// refundDecided asks for any overdue notice of a case: the reader sends each that is due.
func refundDecided(_, id string) Message { return NewRefundDecided(id) }

// RouteOf returns how messages of the type travel, and whether they do.
func RouteOf(messageType string) (Route, bool) {
	// Eleven rows: a search costs less than a map that must be kept in step with the table.
	for _, route := range Routes {
		if route.Type == messageType {
			return route, true
		}
	}
	return Route{}, false
}

// QueueEnv returns the environment variable that holds the URL of the queue:
// REFUND_REQUESTS_QUEUE_URL.
func QueueEnv(queue string) string {
	// Derived, not listed: a new queue needs no second table, and the template's test reads the
	// same name.
	return strings.ToUpper(strings.ReplaceAll(queue, "-", "_")) + "_QUEUE_URL"
}

// Ask returns the message that asks for a step of an item again, nil where no message does.
func Ask(step todo.Step, kind todo.Kind, partition, sort string) Message {
	// Step and kind together name the row: a case, a payment and a generation each have a refund
	// step of their own.
	for _, route := range Routes {
		for _, resend := range route.Resends {
			if resend.Step == step && resend.Kind == kind {
				return resend.Ask(partition, sort)
			}
		}
	}
	// A review waits for staff, and the sweep expires lots by itself: neither has a message.
	return nil
}
