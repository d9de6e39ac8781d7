package payment

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"makegood/shared/fault"
)

// The bounds of listening. A provider keeps its events for 30 days (Stripe); what it shows late is
// seen in the next round's overlap.
const (
	EventRetention = 30 * 24 * time.Hour
	overlap        = 10 * time.Minute
	maxPages       = 10              // of one provider in one go; the rest is for the next
	webhookGrace   = 5 * time.Minute // that a webhook may take before its event counts as missed
)

// PollState is how far a provider's events were listed. Through is the start of the last whole
// round in which all could be heard; a round that is under way lists since Since, began at
// StartedAt, goes on at Cursor ("" between rounds), and is Behind once something could not be
// heard. The zero Mark has listed nothing.
type PollState struct {
	CompleteThrough time.Time
	Since           time.Time
	StartedAt       time.Time
	Cursor          string
	Incomplete      bool
	Version         int64 // the store's, as a payment's
}

// PollStates keeps a Mark for each provider.
type PollStates interface {
	LoadPollState(ctx context.Context, provider string) (PollState, error)
	// SavePollState replaces the mark if it is of the version that was read: KindStale when not.
	SavePollState(ctx context.Context, provider string, state PollState) error
}

// EventPoller hears the events that a webhook did not bring: the provider lists them, and a repeat
// changes nothing. Gateways are by the provider's name; Every is how long after a whole round the
// next one begins. Why: infra/decisions/0017.
type EventPoller struct {
	Receiver   Receiver
	PollStates PollStates
	Gateways   map[string]Gateway
	Outbox     Outbox
	Every      time.Duration
}

// Poll goes through what the providers list, and returns how many events brought something new that
// a webhook should have brought by now. One provider's failure does not stop the others; what was
// heard before it stays heard, and the next call goes on there.
func (e EventPoller) Poll(ctx context.Context, now time.Time) (total int, err error) {
	for _, name := range slices.Sorted(maps.Keys(e.Gateways)) {
		count, failure := e.pollProvider(ctx, name, now)
		total += count
		err = errors.Join(err, failure)
	}
	return total, err
}

func (e EventPoller) pollProvider(ctx context.Context, name string, now time.Time) (total int, err error) {
	state, err := e.PollStates.LoadPollState(ctx, name)
	if err != nil {
		return 0, err
	}
	if state.Cursor == "" && now.Sub(state.StartedAt) < e.Every {
		return 0, nil
	}
	state = state.round(now)
	for page := range maxPages {
		count, more, err := e.pollPage(ctx, name, &state, now)
		if total += count; err != nil && page > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return total, nil // out of time, after some pages: the rest is for the next call
		}
		if err != nil || !more {
			return total, err
		}
	}
	return total, nil
}

// pollPage hears one page, and says whether there is another to be heard now.
func (e EventPoller) pollPage(ctx context.Context, name string, state *PollState, now time.Time) (count int, more bool, err error) {
	listing, err := e.Gateways[name].List(ctx, state.Since, state.Cursor)
	if err != nil {
		return 0, false, errors.Join(err, e.restart(ctx, name, *state, err))
	}
	count, failure := e.applyPage(ctx, listing.Facts, now)
	if failure != nil && fault.KindOf(failure) == fault.KindBusy {
		return count, false, failure // this page again, next time
	}
	state.Incomplete = state.Incomplete || failure != nil || listing.NoList // once there is a list, it is read from where the last one ended
	if state.Cursor = listing.Next; state.Cursor == "" && !state.Incomplete {
		state.CompleteThrough = state.StartedAt
	}
	if err := e.PollStates.SavePollState(ctx, name, *state); err != nil {
		if fault.KindOf(err) == fault.KindStale { // another sweep is at it
			err = nil
		}
		return count, false, errors.Join(failure, err)
	}
	state.Version++
	return count, state.Cursor != "", failure
}

// round returns the mark of the round that is under way, or of a new one.
func (m PollState) round(now time.Time) PollState {
	if m.Cursor != "" {
		return m
	}
	m.StartedAt, m.Since, m.Incomplete = now, now.Add(-EventRetention), false
	if since := m.CompleteThrough.Add(-overlap); since.After(m.Since) {
		m.Since = since
	}
	return m
}

// restart begins the round anew where the provider refuses to go on at its cursor: the event that
// it names may be gone by now.
func (e EventPoller) restart(ctx context.Context, name string, state PollState, cause error) error {
	if state.Cursor == "" || fault.KindOf(cause) == fault.KindBusy {
		return nil
	}
	state.Cursor, state.StartedAt = "", time.Time{}
	return e.PollStates.SavePollState(ctx, name, state)
}

// applyPage hears each of the facts. One that cannot be heard does not stop the others: the error
// is of one that may be heard later, KindBusy where that is soon.
func (e EventPoller) applyPage(ctx context.Context, page []Facts, now time.Time) (count int, failure error) {
	for _, facts := range page {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return count, fault.Busy(ctx.Err())
		}
		result, err := e.Receiver.Receive(ctx, facts, now)
		switch {
		case err != nil && fault.KindOf(err) == fault.KindInvalid:
			slog.WarnContext(ctx, "listed event is invalid", "event", facts.Event, "error", err)
		case err != nil:
			slog.ErrorContext(ctx, "apply listed event failed", "event", facts.Event, "error", err)
			if failure == nil || fault.KindOf(err) == fault.KindBusy {
				failure = err
			}
		case result.Changed:
			if now.Sub(facts.At) >= webhookGrace {
				count++
				slog.InfoContext(ctx, "webhook missed an event, poll applied it", "provider", facts.Provider, "event", facts.Event, "payment", facts.Payment)
			}
			if err := e.Outbox.Send(ctx, result.Written()...); err != nil {
				slog.WarnContext(ctx, "outbox send failed, sweep will retry", "payment", facts.Payment, "error", err)
			}
		}
	}
	return count, failure
}
