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

// handler takes payments off the queue.
type handler struct {
	settler settler
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
		err = h.settler.Settle(ctx, payment.ID(request.Payment), text.Millisecond(h.now()))
		return fault.At("pay-refund: settle", request.Payment, err)
	}), nil
}
