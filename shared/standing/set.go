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

// Standing is where a customer stands, and the newest changes of it, newest first; none for a customer whom nobody judged.
type Standing struct {
	Customer ledger.CustomerID
	Standing ledger.Standing
	History  []Change
}

// Setter sets and shows standings.
type Setter struct {
	Store   Store
	Notices Notices
}

// Find returns where the customer stands: good, without a history, for one that nobody has written.
func (s Setter) Find(ctx context.Context, customer ledger.CustomerID) (Standing, error) {
	wallet, history, err := s.Store.LoadStanding(ctx, customer)
	if err != nil {
		return Standing{}, err
	}
	return Standing{Customer: customer, Standing: orGood(wallet.Standing), History: history}, nil
}

// Set puts the customer in the standing that the wanted change names, notes why and by whom, and returns where they stand then. A repeat of the
// newest change, by the same and with its note, writes nothing; a customer without credits may be judged too. The customer is told of another
// standing than the one that they had.
//
// Errors: KindInvalid (standing, note), KindBusy.
func (s Setter) Set(ctx context.Context, customer ledger.CustomerID, wanted Change, now time.Time) (Standing, error) {
	wanted.Note = strings.TrimSpace(wanted.Note)
	if err := validate(wanted.Standing, wanted.Note); err != nil {
		return Standing{}, err
	}
	var set Standing
	var tell bool
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		set, tell, err = s.set(ctx, customer, wanted, now)
		return err
	})
	if err != nil || !tell {
		return set, err
	}
	return set, s.Notices.TellStanding(ctx, message.NewStandingChanged(string(NewID(customer.Key(), set.History[0].At))))
}

// set returns where the customer stands then, and whether they are to be told.
func (s Setter) set(ctx context.Context, customer ledger.CustomerID, wanted Change, now time.Time) (Standing, bool, error) {
	wallet, history, err := s.Store.LoadStanding(ctx, customer)
	if err != nil {
		return Standing{}, false, err
	}
	if orGood(wallet.Standing) == wanted.Standing && len(history) > 0 && history[0].Note == wanted.Note && history[0].By == wanted.By {
		return Standing{Customer: customer, Standing: wanted.Standing, History: history}, false, nil
	}
	change := wanted
	change.At = after(history, now)
	steps := owed(wallet.Standing, change, now)
	if err := s.Store.CommitStanding(ctx, wallet, change, steps); err != nil {
		return Standing{}, false, err
	}
	history = append([]Change{change}, history...)
	return Standing{Customer: customer, Standing: wanted.Standing, History: history[:min(len(history), MaxShown)]}, len(steps) > 0, nil
}

// after returns now in whole milliseconds, or the one after the newest change where a clock lags behind it: the history's order is that
// of its instants, and no two changes share one.
func after(history []Change, now time.Time) time.Time {
	at := now.UTC().Truncate(time.Millisecond)
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
