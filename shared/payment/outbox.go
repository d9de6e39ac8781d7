package payment

import (
	"context"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// Requests is the queue on which cases are requested to sync with their payment.
type Requests interface {
	// Request queues the request; KindBusy where the queue cannot be reached.
	Request(ctx context.Context, request message.RefundRequested) error
}

// Settlements is the queue of payments that are to be settled with their provider.
type Settlements interface {
	// Settle queues the payment; KindBusy where the queue cannot be reached.
	Settle(ctx context.Context, request message.PaymentUnsettled) error
}

// Outbox sends the steps that are due for a payment to their queues.
type Outbox struct {
	// Requests receives the refund steps; nil in a function without the right to send them.
	Requests Requests
	// Settlements receives the pay steps; nil likewise.
	Settlements Settlements
}

// Send queues the steps that are due for the payments. A message that is lost does no harm: the
// step stays in the payment's todo, and a sweep sends it again.
func (o Outbox) Send(ctx context.Context, payments ...Payment) error {
	for _, p := range payments {
		// A step whose queue is not ours to send to stays due: a sweep reaches every queue.
		if o.Requests != nil && p.Todo.Has(todo.StepRefund) {
			if err := o.Requests.Request(ctx, message.NewPaymentRequested(string(p.ID))); err != nil {
				return fault.At("payment.Outbox: request sync", string(p.ID), err)
			}
		}
		if o.Settlements != nil && p.Todo.Has(todo.StepPay) {
			if err := o.Settlements.Settle(ctx, message.NewPaymentUnsettled(string(p.ID))); err != nil {
				return fault.At("payment.Outbox: request settlement", string(p.ID), err)
			}
		}
	}
	return nil
}
