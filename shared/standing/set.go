package standing

import (
	"context"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/text"
)

// Standing is a customer's standing with its history.
type Standing struct {
	// Customer is whose it is.
	Customer ledger.CustomerID
	// Standing is the current one.
	Standing ledger.Standing
	// History holds the newest changes, newest first; none for a customer whom nobody judged.
	History []Change
}

// Setter sets and finds standings.
type Setter struct {
	// Store keeps wallets and histories.
	Store Store
	// Notices takes what the customer is notified of.
	Notices Notices
}

// Find returns the customer's standing: good, without a history, for one that nobody has written.
func (s Setter) Find(ctx context.Context, customer ledger.CustomerID) (Standing, error) {
	wallet, history, err := s.Store.LoadStanding(ctx, customer)
	if err != nil {
		return Standing{}, fault.At("standing.Find: load", customer.Key(), err)
	}
	return Standing{Customer: customer, Standing: orGood(wallet.Standing), History: history}, nil
}

// Set gives the customer the standing that change names, notes why and by whom, and returns the
// standing as it is then. A replay of the newest change, by the same person and with its note,
// writes nothing. A customer without credits may be judged too. The customer is notified where the
// standing is another one than before.
//
// Errors: KindInvalid (standing, note), KindBusy.
func (s Setter) Set(ctx context.Context, customer ledger.CustomerID, change Change, now time.Time) (Standing, error) {
	change.Note = strings.TrimSpace(change.Note)
	if err := validate(change.Standing, change.Note); err != nil {
		return Standing{}, err
	}
	var result Standing
	var notify bool
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		result, notify, err = s.attempt(ctx, customer, change, now)
		return err
	})
	if err != nil || !notify {
		return result, err
	}
	// Sent after the commit, which made it due: where this is lost, the sweep sends it again.
	id := string(NewID(customer.Key(), result.History[0].At))
	return result, fault.At("standing.Set: notify", id, s.Notices.NotifyStanding(ctx, message.NewStandingChanged(id)))
}

// attempt returns the standing as it is then, and whether the customer is to be notified.
func (s Setter) attempt(ctx context.Context, customer ledger.CustomerID, change Change, now time.Time) (Standing, bool, error) {
	wallet, history, err := s.Store.LoadStanding(ctx, customer)
	if err != nil {
		return Standing{}, false, fault.At("standing.Set: load", customer.Key(), err)
	}
	// A replay is known by its content, since staff's route has no idempotency key.
	if orGood(wallet.Standing) == change.Standing && len(history) > 0 && history[0].Note == change.Note && history[0].By == change.By {
		return Standing{Customer: customer, Standing: change.Standing, History: history}, false, nil
	}
	change.At = after(history, now)
	dueSteps := steps(wallet.Standing, change, now)
	if err := s.Store.CommitStanding(ctx, wallet, change, dueSteps); err != nil {
		return Standing{}, false, fault.At("standing.Set: commit", customer.Key(), err)
	}
	// The answer is the history as it is now: the new line first, no longer than a read would be.
	history = append([]Change{change}, history...)
	return Standing{Customer: customer, Standing: change.Standing, History: history[:min(len(history), MaxChanges)]}, len(dueSteps) > 0, nil
}

// after returns now in whole milliseconds, or the millisecond after the newest change where a clock
// lags behind it. The history is ordered by its instants, and no two changes share one.
func after(history []Change, now time.Time) time.Time {
	at := text.Millisecond(now)
	if len(history) > 0 && !at.After(history[0].At) {
		return history[0].At.Add(time.Millisecond)
	}
	return at
}

func orGood(standing ledger.Standing) ledger.Standing {
	if standing == "" {
		return ledger.StandingGood
	}
	return standing
}

func validate(standing ledger.Standing, note string) error {
	switch standing {
	case ledger.StandingGood, ledger.StandingRestricted, ledger.StandingTerminated:
	default:
		return fault.Invalid("standing", "must be good, restricted or terminated")
	}
	return text.Check("note", note, MaxNote)
}
