package payment

import (
	"context"

	"makegood/shared/message"
	"makegood/shared/todo"
)

// Requests is where cases are asked to follow.
type Requests interface {
	Request(ctx context.Context, request message.RefundRequested) error
}

// Settlements is where payments wait to be settled with their provider.
type Settlements interface {
	Settle(ctx context.Context, request message.PaymentUnsettled) error
}

// Outbox sends what a payment owes; a nil part is left to those who can.
type Outbox struct {
	Requests    Requests
	Settlements Settlements
}

// Send asks for the steps that the payments owe: their todo has them, should a message be lost.
func (o Outbox) Send(ctx context.Context, payments ...Payment) error {
	for _, p := range payments {
		if o.Requests != nil && p.Todo.Has(todo.StepRefund) {
			if err := o.Requests.Request(ctx, message.NewPaymentRequested(string(p.ID))); err != nil {
				return err
			}
		}
		if o.Settlements != nil && p.Todo.Has(todo.StepPay) {
			if err := o.Settlements.Settle(ctx, message.NewPaymentUnsettled(string(p.ID))); err != nil {
				return err
			}
		}
	}
	return nil
}
