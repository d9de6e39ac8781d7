package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"makegood/shared/api"
	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// handler serves the webhooks of all providers.
type handler struct {
	webhooks map[string]provider.Webhook // by route
	payments payment.Receiver
	outbox   payment.Outbox
	now      func() time.Time
}

// routes returns the webhooks' routes. Each provider has its own, since only its own header can
// prove its events.
func (h handler) routes() http.Handler {
	mux := api.NewMux(nil) // an event proves itself by its signature
	for path, webhook := range h.webhooks {
		api.HandleRaw(mux, "POST "+path, h.receive(webhook))
	}
	return mux
}

// receive answers 200 only when the event's facts are durable and what is due for them is on its
// way, or when the event does not concern us. The sender's own faults are 400. Everything else is
// 503, so that the event is sent again.
func (h handler) receive(from provider.Webhook) func(ctx context.Context, header http.Header, raw []byte) (api.Answer, error) {
	return func(ctx context.Context, header http.Header, raw []byte) (api.Answer, error) {
		now := api.Instant(h.now())
		facts, err := from.Verify(ctx, raw, header, now)
		if err == nil {
			err = h.merge(ctx, facts, now)
		}
		// A genuine event that is not ours is acknowledged: providers switch off an endpoint that
		// refuses too often.
		if errors.Is(err, provider.ErrIrrelevant) {
			slog.InfoContext(ctx, "event ignored", "error", err.Error(), "request", api.RequestID(ctx))
			err = nil
		}
		// Anything else is no fault of the sender's: 503 keeps the event alive until it can be
		// applied.
		if err != nil && fault.KindOf(err) != fault.KindInvalid {
			err = fault.Busy(err)
		}
		return api.Answer{Status: http.StatusOK, Body: api.Acknowledged{Received: true}}, err
	}
}

// merge applies the facts of an event to their payment and sends what became due.
func (h handler) merge(ctx context.Context, facts payment.Facts, now time.Time) error {
	ctx = within(ctx, facts)
	result, err := h.payments.Receive(ctx, facts, now)
	if err != nil {
		return fault.At("receive-purchase: receive", string(facts.Payment), err)
	}
	slog.InfoContext(ctx, "event applied", "changed", result.Changed, "state", result.Payment.State,
		"parked", result.Payment.Parked, "entries", len(result.Entries), "request", api.RequestID(ctx))
	if err := h.outbox.Send(ctx, result.Written()...); err != nil {
		// The facts are stored. The sender's next attempt finds them there and sends again.
		return fault.At("receive-purchase: send", string(facts.Payment), fault.Busy(err))
	}
	return nil
}

// within returns ctx whose lines name the event and what it is about. A refund that we ordered
// names its case: by it the lines of the order, which have another id, are found.
func within(ctx context.Context, facts payment.Facts) context.Context {
	ctx = correlation.Note(ctx, slog.String("step", "apply event"),
		slog.String("provider", facts.Provider), slog.String("event", facts.Event), slog.String("payment", string(facts.Payment)))
	// Whoever refunds at the provider by hand may write anything in that place.
	if facts.Refund != nil && strings.HasPrefix(facts.Refund.Case, "cas_") && correlation.Fits(facts.Refund.Case) {
		ctx = correlation.Note(ctx, slog.String("case", facts.Refund.Case))
	}
	return ctx
}
