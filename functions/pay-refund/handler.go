package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/text"
)

// settler settles one payment with its provider; see payment.Settler.
type settler interface {
	Settle(ctx context.Context, id payment.ID, now time.Time) error
}

// handler takes payments off the queue. settler is a function, since a policy that cannot be read
// must fail each message and not the start.
type handler struct {
	settler func() (settler, error)
	now     func() time.Time
}

// handle settles each payment in the batch with its provider; one that cannot be settled now goes
// back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		request, err := queue.Decode[message.PaymentUnsettled](body, message.TypePaymentUnsettled)
		if err != nil {
			return err
		}
		// Without a policy the message goes back to the queue: its promise must not be lost.
		payments, err := h.settler()
		if err != nil {
			return err
		}
		err = payments.Settle(ctx, payment.ID(request.Payment), text.Millisecond(h.now()))
		return fault.At("pay-refund: settle", request.Payment, err)
	}), nil
}
