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

// The bounds of listening. A provider keeps its events for 30 days (Stripe); what it shows late is seen in the next round's overlap.
const (
	EventRetention = 30 * 24 * time.Hour
	overlap        = 10 * time.Minute
	maxPages       = 10              // of one provider in one go; the rest is for the next
	inTime         = 5 * time.Minute // that a webhook may take before its event counts as missed
)

// PollState is how far a provider's events were listed. Through is the start of the last whole round in which all could be heard; a round that is
// under way lists since Since, began at StartedAt, goes on at Cursor ("" between rounds), and is Behind once something could not be heard.
// The zero Mark has listed nothing.
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
	SavePollState(ctx context.Context, provider string, mark PollState) error
}

// EventPoller hears the events that a webhook did not bring: the provider lists them, and a repeat changes nothing. Gateways are by the
// provider's name; Every is how long after a whole round the next one begins.
// Why: infra/decisions/0017.
type EventPoller struct {
	Receiver   Receiver
	PollStates PollStates
	Gateways   map[string]Gateway
	Outbox     Outbox
	Every      time.Duration
}

// Poll goes through what the providers list, and returns how many events brought something new that a webhook should have brought by now.
// One provider's failure does not stop the others; what was heard before it stays heard, and the next call goes on there.
func (l EventPoller) Poll(ctx context.Context, now time.Time) (total int, err error) {
	for _, name := range slices.Sorted(maps.Keys(l.Gateways)) {
		count, failure := l.listen(ctx, name, now)
		total += count
		err = errors.Join(err, failure)
	}
	return total, err
}

func (l EventPoller) listen(ctx context.Context, name string, now time.Time) (total int, err error) {
	mark, err := l.PollStates.LoadPollState(ctx, name)
	if err != nil {
		return 0, err
	}
	if mark.Cursor == "" && now.Sub(mark.StartedAt) < l.Every {
		return 0, nil
	}
	mark = mark.begun(now)
	for page := range maxPages {
		count, more, err := l.turn(ctx, name, &mark, now)
		if total += count; err != nil && page > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return total, nil // out of time, after some pages: the rest is for the next call
		}
		if err != nil || !more {
			return total, err
		}
	}
	return total, nil
}

// turn hears one page, and says whether there is another to be heard now.
func (l EventPoller) turn(ctx context.Context, name string, mark *PollState, now time.Time) (count int, more bool, err error) {
	listing, err := l.Gateways[name].List(ctx, mark.Since, mark.Cursor)
	if err != nil {
		return 0, false, errors.Join(err, l.lost(ctx, name, *mark, err))
	}
	count, failure := l.hear(ctx, listing.Facts, now)
	if failure != nil && fault.KindOf(failure) == fault.KindBusy {
		return count, false, failure // this page again, next time
	}
	mark.Incomplete = mark.Incomplete || failure != nil || listing.NoList // once there is a list, it is read from where the last one ended
	if mark.Cursor = listing.Next; mark.Cursor == "" && !mark.Incomplete {
		mark.CompleteThrough = mark.StartedAt
	}
	if err := l.PollStates.SavePollState(ctx, name, *mark); err != nil {
		if fault.KindOf(err) == fault.KindStale { // another sweep is at it
			err = nil
		}
		return count, false, errors.Join(failure, err)
	}
	mark.Version++
	return count, mark.Cursor != "", failure
}

// begun returns the mark of the round that is under way, or of a new one.
func (m PollState) begun(now time.Time) PollState {
	if m.Cursor != "" {
		return m
	}
	m.StartedAt, m.Since, m.Incomplete = now, now.Add(-EventRetention), false
	if since := m.CompleteThrough.Add(-overlap); since.After(m.Since) {
		m.Since = since
	}
	return m
}

// lost begins the round anew where the provider refuses to go on at its cursor: the event that it names may be gone by now.
func (l EventPoller) lost(ctx context.Context, name string, mark PollState, why error) error {
	if mark.Cursor == "" || fault.KindOf(why) == fault.KindBusy {
		return nil
	}
	mark.Cursor, mark.StartedAt = "", time.Time{}
	return l.PollStates.SavePollState(ctx, name, mark)
}

// hear hears each of the facts. One that cannot be heard does not stop the others: the error is of one that may be heard later, KindBusy where
// that is soon.
func (l EventPoller) hear(ctx context.Context, page []Facts, now time.Time) (count int, failure error) {
	for _, facts := range page {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return count, fault.Busy(ctx.Err())
		}
		result, err := l.Receiver.Receive(ctx, facts, now)
		switch {
		case err != nil && fault.KindOf(err) == fault.KindInvalid:
			slog.WarnContext(ctx, "listed event is invalid", "event", facts.Event, "error", err)
		case err != nil:
			slog.ErrorContext(ctx, "apply listed event failed", "event", facts.Event, "error", err)
			if failure == nil || fault.KindOf(err) == fault.KindBusy {
				failure = err
			}
		case result.Changed:
			if now.Sub(facts.At) >= inTime {
				count++
				slog.InfoContext(ctx, "webhook missed an event, poll applied it", "provider", facts.Provider, "event", facts.Event, "payment", facts.Payment)
			}
			if err := l.Outbox.Send(ctx, result.Written()...); err != nil {
				slog.WarnContext(ctx, "outbox send failed, sweep will retry", "payment", facts.Payment, "error", err)
			}
		}
	}
	return count, failure
}
