package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/aws/queue"
	"makegood/shared/message"
	"makegood/shared/text"
)

// notifier notifies of one message each; see notice.Notifier for their errors.
type notifier interface {
	Notify(ctx context.Context, request message.RefundDecided, now time.Time) error
	NotifyPartial(ctx context.Context, request message.GenerationPartial, now time.Time) error
	NotifyOffer(ctx context.Context, request message.OutageOffered, now time.Time) error
	NotifyStanding(ctx context.Context, request message.StandingChanged, now time.Time) error
}

type handler struct {
	notifier notifier
	now      func() time.Time
}

// handle notifies of each verdict, generation, offer and standing in the batch. A message that
// cannot be delivered goes back alone.
func (h handler) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	return queue.Each(ctx, batch, func(ctx context.Context, body []byte) error {
		now := text.Millisecond(h.now())
		var header message.Header
		// One queue carries four kinds of messages. One without a readable header is refused as
		// none of them.
		_ = json.Unmarshal(body, &header)
		switch header.Type {
		case message.TypeGenerationPartial:
			return notify(ctx, body, header.Type, now, h.notifier.NotifyPartial)
		case message.TypeOutageOffered:
			return notify(ctx, body, header.Type, now, h.notifier.NotifyOffer)
		case message.TypeStandingChanged:
			return notify(ctx, body, header.Type, now, h.notifier.NotifyStanding)
		}
		return notify(ctx, body, message.TypeRefundDecided, now, h.notifier.Notify)
	}), nil
}

func notify[M any](ctx context.Context, body []byte, kind string, now time.Time, notify func(context.Context, M, time.Time) error) error {
	request, err := queue.Decode[M](body, kind)
	if err != nil {
		return err
	}
	return notify(ctx, request, now)
}
