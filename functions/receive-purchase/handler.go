package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// webhook proves a provider's event by its signature and says what it tells of a payment;
// provider.ErrIrrelevant when nothing.
type webhook interface {
	Verify(ctx context.Context, raw []byte, header http.Header, now time.Time) (payment.Facts, error)
}

type handler struct {
	stripe   webhook
	standard webhook
	payments func() (payment.Receiver, error)
	outbox   payment.Outbox
	now      func() time.Time
}

func (h handler) routes() http.Handler {
	mux := api.NewMux(nil) // an event proves itself by its signature
	api.HandleRaw(mux, "POST /webhooks/stripe", h.receive(h.stripe))
	api.HandleRaw(mux, "POST /webhooks/standard", h.receive(h.standard))
	return mux
}

// receive answers 200 only when what was heard is durable, and what is owed for it on its way, or
// when it does not concern us. The sender's own faults are 400; everything else is 503, so that the
// event is sent again.
func (h handler) receive(from webhook) func(ctx context.Context, header http.Header, raw []byte) (api.Answer, error) {
	return func(ctx context.Context, header http.Header, raw []byte) (api.Answer, error) {
		now := api.Instant(h.now())
		facts, err := from.Verify(ctx, raw, header, now)
		if err == nil {
			err = h.merge(ctx, facts, now)
		}
		if errors.Is(err, provider.ErrIrrelevant) {
			slog.InfoContext(ctx, "event ignored", "why", err.Error(), "request", api.RequestID(ctx))
			err = nil
		}
		if err != nil && fault.KindOf(err) != fault.KindInvalid {
			err = fault.Busy(err)
		}
		return api.Answer{Status: http.StatusOK, Body: api.Acknowledged{Received: true}}, err
	}
}

func (h handler) merge(ctx context.Context, facts payment.Facts, now time.Time) error {
	payments, err := h.payments()
	if err != nil {
		return fault.Busy(err) // a policy that cannot be read is our fault, not the sender's
	}
	result, err := payments.Receive(ctx, facts, now)
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "event applied", "provider", facts.Provider, "event", facts.Event, "payment", facts.Payment, "changed", result.Changed,
		"state", result.Payment.State, "parked", result.Payment.Parked, "entries", len(result.Entries), "request", api.RequestID(ctx))
	if err := h.outbox.Send(ctx, result.Written()...); err != nil {
		return fault.Busy(err) // a repeat sends again
	}
	return nil
}
