package payment

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"makegood/shared/correlation"
	"makegood/shared/fault"
)

// The bounds of polling.
const (
	// EventRetention is how long a provider keeps its events (Stripe: 30 days).
	EventRetention = 30 * 24 * time.Hour
	// overlap is how far a round goes back into the one before: an event may be listed late.
	overlap = 10 * time.Minute
	// maxPages is how many pages of one provider are read in one go; the rest is for the next call.
	maxPages = 10
	// webhookGrace is how long a webhook may take before its event counts as missed.
	webhookGrace = 5 * time.Minute
)

// PollState is how far a provider's events were listed. The zero PollState has listed nothing.
type PollState struct {
	// CompleteThrough is the start of the last whole round in which every event was applied.
	CompleteThrough time.Time
	// Since is the instant from which the current round lists.
	Since time.Time
	// StartedAt is when the current round began, or the last one between rounds.
	StartedAt time.Time
	// Cursor is where the current round goes on; "" between rounds.
	Cursor string
	// Incomplete reports that something of the current round could not be applied: CompleteThrough
	// will not advance, and the next round lists it again.
	Incomplete bool
	// Version is the store's, as a payment's is.
	Version int64
}

// PollStates keeps a PollState for each provider.
type PollStates interface {
	// LoadPollState returns the provider's state, zero where there is none yet.
	LoadPollState(ctx context.Context, provider string) (PollState, error)
	// SavePollState replaces the state if the stored one is of the version that was read: KindStale
	// when not.
	SavePollState(ctx context.Context, provider string, state PollState) error
}

// EventPoller applies the events that no webhook brought: the provider lists them, and a replay
// changes nothing.
// Why: infra/decisions/0017.
type EventPoller struct {
	// Receiver applies the facts.
	Receiver Receiver
	// PollStates keeps how far each provider was read.
	PollStates PollStates
	// Gateways are the providers' APIs, by the provider's name.
	Gateways map[string]Gateway
	// Outbox sends the steps that are due after an event.
	Outbox Outbox
	// Every is how long after the start of a whole round the next one begins.
	Every time.Duration
}

// Poll reads the providers' lists, and returns how many events were news that a webhook should have
// brought by now. One provider's failure does not stop the others. What was applied before it
// stays, and the next call goes on from there.
func (e EventPoller) Poll(ctx context.Context, now time.Time) (total int, err error) {
	// In a fixed order, so that two runs over the same state do the same.
	for _, name := range slices.Sorted(maps.Keys(e.Gateways)) {
		count, failure := e.pollProvider(ctx, name, now)
		total += count
		err = errors.Join(err, failure)
	}
	return total, err
}

// pollProvider reads up to maxPages of one provider's list.
func (e EventPoller) pollProvider(ctx context.Context, name string, now time.Time) (total int, err error) {
	state, err := e.PollStates.LoadPollState(ctx, name)
	if err != nil {
		return 0, fault.At("payment.EventPoller: load poll state", name, err)
	}
	// Between two rounds nothing is due. A round under way goes on at once.
	if state.Cursor == "" && now.Sub(state.StartedAt) < e.Every {
		return 0, nil
	}
	state = state.round(now)
	for page := range maxPages {
		count, more, err := e.pollPage(ctx, name, &state, now)
		// Out of time after a page or more is no failure: the cursor is saved, the next call goes
		// on.
		if total += count; err != nil && page > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return total, nil
		}
		if err != nil || !more {
			return total, err
		}
	}
	return total, nil
}

// pollPage applies one page, saves the state, and reports whether there is another page to read
// now.
func (e EventPoller) pollPage(ctx context.Context, name string, state *PollState, now time.Time) (count int, more bool, err error) {
	listing, err := e.Gateways[name].List(ctx, state.Since, state.Cursor)
	if err != nil {
		err = fault.At("payment.EventPoller: list events", name, err)
		return 0, false, errors.Join(err, e.restart(ctx, name, *state, err))
	}
	count, failure := e.applyPage(ctx, listing.Facts, now)
	if failure != nil && fault.KindOf(failure) == fault.KindBusy {
		// The page is read again next time: the cursor must not pass events that are not applied.
		return count, false, failure
	}
	// Without a list CompleteThrough stays: once there is one, it is read from where the last
	// ended.
	state.Incomplete = state.Incomplete || failure != nil || listing.NoList
	if state.Cursor = listing.Next; state.Cursor == "" && !state.Incomplete {
		state.CompleteThrough = state.StartedAt
	}
	if err := e.PollStates.SavePollState(ctx, name, *state); err != nil {
		// Another sweep has saved first. It goes on from here, and what both applied changes
		// nothing.
		if fault.KindOf(err) == fault.KindStale {
			err = nil
		}
		return count, false, errors.Join(failure, fault.At("payment.EventPoller: save poll state", name, err))
	}
	state.Version++
	return count, state.Cursor != "", failure
}

// round returns the state of the round that is under way, or of a new one. A new one lists from a
// little before the last complete round, at most as far back as the provider keeps events.
func (s PollState) round(now time.Time) PollState {
	if s.Cursor != "" {
		return s
	}
	s.StartedAt, s.Since, s.Incomplete = now, now.Add(-EventRetention), false
	if since := s.CompleteThrough.Add(-overlap); since.After(s.Since) {
		s.Since = since
	}
	return s
}

// restart begins the round anew where the provider refuses to go on at its cursor: the event that
// the cursor names may be gone by now.
func (e EventPoller) restart(ctx context.Context, name string, state PollState, cause error) error {
	if state.Cursor == "" || fault.KindOf(cause) == fault.KindBusy {
		return nil
	}
	state.Cursor, state.StartedAt = "", time.Time{}
	return fault.At("payment.EventPoller: restart the round", name, e.PollStates.SavePollState(ctx, name, state))
}

// applyPage applies each of the facts. One that cannot be applied does not stop the others. It
// returns the error of one that may be applied later, KindBusy where that is soon.
func (e EventPoller) applyPage(ctx context.Context, page []Facts, now time.Time) (count int, failure error) {
	for _, facts := range page {
		// Busy, so that the page is read again: what follows has not been applied.
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return count, fault.Busy(ctx.Err())
		}
		// Each event is as one webhook: what comes of it is found by an id of its own.
		ctx := correlation.Note(correlation.Branch(ctx), slog.String("step", "apply listed event"),
			slog.String("provider", facts.Provider), slog.String("event", facts.Event), slog.String("payment", string(facts.Payment)))
		result, err := e.Receiver.Receive(ctx, facts, now)
		switch {
		// Invalid facts stay invalid: to wait for them would hold the list up for ever.
		case err != nil && fault.KindOf(err) == fault.KindInvalid:
			slog.WarnContext(ctx, "a listed event is invalid: it is left out", "error", err.Error())
		case err != nil:
			slog.ErrorContext(ctx, "a listed event could not be applied: the next poll tries again", "error", err.Error())
			// A busy error outweighs the others: it alone keeps the cursor on this page.
			if failure == nil || fault.KindOf(err) == fault.KindBusy {
				failure = err
			}
		case result.Changed:
			// A younger event may still be on its way by webhook. The alarm counts only those that
			// are not.
			missed := now.Sub(facts.At) >= webhookGrace
			if missed {
				count++
			}
			slog.InfoContext(ctx, "a listed event was news and is applied", "missed_by_webhook", missed)
			// The steps are in the payment's todo already, so a lost message only delays them.
			if err := e.Outbox.Send(ctx, result.Written()...); err != nil {
				slog.WarnContext(ctx, "a message could not be sent: the sweep sends it once it is overdue", "error", err.Error())
			}
		}
	}
	return count, failure
}
