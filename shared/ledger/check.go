package ledger

import (
	"fmt"
	"maps"
	"slices"
)

// Check returns nil when the posting may be committed: its lines (its entries, and what a hold or a
// release says of itself) explain the difference between Before and After exactly, lot by lot and
// debt by debt; After keeps the laws; and all of it fits one commit (MaxWrites).
// Any other answer is a bug of ours, and nothing may be committed: the error reads as internal.
func Check(p Posting) error {
	// The wallet's last instant is its version: a posting that does not move it on would let a
	// second one pass the store's condition.
	if !p.Empty() && !p.At.After(p.Before.At) {
		return fmt.Errorf("ledger: a posting at %s on a wallet of %s", p.At, p.Before.At)
	}
	if p.Before.Customer != p.After.Customer || p.Before.Standing != p.After.Standing {
		return fmt.Errorf("ledger: a posting moves credits, not customers or standings")
	}

	// What the lines add up to must be what changed. Credits that appear without a line, or the
	// other way round, are the fault that this package exists to prevent.
	lots, debts, expiries, err := explain(p)
	if err != nil {
		return err
	}
	if !maps.Equal(lots, lotDifference(p)) {
		return fmt.Errorf("ledger: lots changed by %v, the lines say %v", lotDifference(p), lots)
	}
	if !maps.Equal(debts, debtDifference(p)) {
		return fmt.Errorf("ledger: debts changed by %v, the lines say %v", debtDifference(p), debts)
	}
	if !maps.Equal(expiries, p.Expired) {
		return fmt.Errorf("ledger: expired credits changed by %v, the lines say %v", p.Expired, expiries)
	}
	if err := checkDebtPayments(p); err != nil {
		return err
	}

	// A store's transaction has an end; a posting past it could never be committed.
	if n := p.Writes(); n > MaxWrites {
		return fmt.Errorf("ledger: a posting of %d writes", n)
	}
	return checkAfter(p, lots)
}

// explain adds up the lines by lot, by debt and by lot expired, and checks each entry by itself.
func explain(p Posting) (lots map[LotID]Credits, debts map[string]Credits, expiries map[LotID]Credits, err error) {
	lots, debts, expiries = map[LotID]Credits{}, map[string]Credits{}, map[LotID]Credits{}
	ids := map[string]bool{}
	for _, e := range p.Entries {
		if err := checkEntry(p, e); err != nil {
			return nil, nil, nil, err
		}
		// Two entries of one id would overwrite each other in the store.
		if ids[e.ID] {
			return nil, nil, nil, fmt.Errorf("ledger: two entries %s", e.ID)
		}
		ids[e.ID] = true
		for account, n := range map[Account]Credits{e.From: -e.Credits, e.To: e.Credits} {
			switch account {
			case Available:
				lots[e.Lot] += n
			case Owed:
				// A debt is what flowed out of the account owed, so its sign is the other one.
				debts[e.Cause.Payment] -= n
			case Expired:
				expiries[e.Lot] += n
			default: // no row holds the balances of issued, held and spent
			}
		}
	}
	// A generation is the line of its own hold and release: these moved lots without an entry.
	for _, draw := range p.Held {
		lots[draw.Lot] -= draw.Credits
	}
	for _, draw := range p.Released {
		lots[draw.Lot] += draw.Credits
	}
	return nonZero(lots), nonZero(debts), nonZero(expiries), nil
}

func checkEntry(p Posting, e Entry) error {
	accounts, ok := rules[e.Movement]
	switch {
	case !ok || e.From != accounts.from || e.To != accounts.to:
		return fmt.Errorf("ledger: %s does not move credits from %s to %s", e.Movement, e.From, e.To)
	case e.Movement == MovementHold || e.Movement == MovementCapture || e.Movement == MovementRelease:
		return fmt.Errorf("ledger: a generation is itself the line of its %s", e.Movement)
	case e.Credits <= 0:
		return fmt.Errorf("ledger: %s of %d credits", e.Movement, e.Credits)
	case e.Customer != p.After.Customer || !e.At.Equal(p.At) || e.At.IsZero():
		return fmt.Errorf("ledger: entry of %s at %s in a posting of %s at %s", e.Customer, e.At, p.After.Customer, p.At)
	case e.Lot == "" && e.From != Owed && e.To != Owed:
		return fmt.Errorf("ledger: %s without a lot", e.Movement)
	}
	return nil
}

// checkAfter checks the laws on the wallet after the posting. changes holds the lots whose credits
// the posting moved.
func checkAfter(p Posting, changes map[LotID]Credits) error {
	if err := checkLots(p, changes); err != nil {
		return err
	}
	for i, debt := range p.After.Debts {
		if debt.Credits <= 0 || i > 0 && p.After.Debts[i-1].Payment >= debt.Payment {
			return fmt.Errorf("ledger: debt of %d for %s", debt.Credits, debt.Payment)
		}
	}
	// Limits count only where this step made things worse. Clocks differ a little, and a lot that
	// one of them counts as live is not this step's doing.
	live := p.After.liveLots(p.At)
	switch {
	case live > MaxPaidLots && live > p.Before.liveLots(p.At):
		return fmt.Errorf("ledger: %d live lots", live)
	case len(p.After.Debts) > MaxDebts && len(p.After.Debts) > len(p.Before.Debts):
		return fmt.Errorf("ledger: %d debts", len(p.After.Debts))
	case p.After.Owed() > 0 && p.After.Available(p.At) > 0:
		return fmt.Errorf("ledger: %d owed while %d are available", p.After.Owed(), p.After.Available(p.At))
	}
	return nil
}

// checkLots checks that each lot holds what it can hold, that no lot stands twice or out of order,
// and that no lot which the posting moved has expired: its expiry had to be posted first (law 3).
func checkLots(p Posting, changes map[LotID]Credits) error {
	ids := map[LotID]bool{}
	for _, lot := range p.After.Lots {
		switch {
		case lot.Remaining <= 0 || lot.Remaining > lot.Granted:
			return fmt.Errorf("ledger: lot %s has %d of %d credits", lot.ID, lot.Remaining, lot.Granted)
		case ids[lot.ID]:
			return fmt.Errorf("ledger: two lots %s", lot.ID)
		case !lot.Live(p.At) && changes[lot.ID] != 0:
			return fmt.Errorf("ledger: lot %s was touched and has expired", lot.ID)
		}
		ids[lot.ID] = true
	}
	if !slices.IsSortedFunc(p.After.Lots, drawOrder) {
		return fmt.Errorf("ledger: lots are not in draw order")
	}
	return nil
}

// checkDebtPayments checks that the debt payments handed to the caller are entries too: the caller
// writes them to the payments whose debts they paid.
func checkDebtPayments(p Posting) error {
	entries, payments := map[string]Credits{}, map[string]Credits{}
	for _, e := range p.Entries {
		if e.Movement == MovementDebtPayment {
			entries[e.Cause.Payment] += e.Credits
		}
	}
	for _, debt := range p.DebtsPaid {
		payments[debt.Payment] += debt.Draw.Credits
	}
	// Entries may name more: those of the adjusted payment's own debt go into its clawback.
	for payment, n := range payments {
		if entries[payment] != n {
			return fmt.Errorf("ledger: %d paid for %s, the entries say %d", n, payment, entries[payment])
		}
	}
	return nil
}

func lotDifference(p Posting) map[LotID]Credits {
	difference := map[LotID]Credits{}
	for _, lot := range p.After.Lots {
		difference[lot.ID] += lot.Remaining
	}
	for _, lot := range p.Before.Lots {
		difference[lot.ID] -= lot.Remaining
	}
	return nonZero(difference)
}

func debtDifference(p Posting) map[string]Credits {
	difference := map[string]Credits{}
	for _, debt := range p.After.Debts {
		difference[debt.Payment] += debt.Credits
	}
	for _, debt := range p.Before.Debts {
		difference[debt.Payment] -= debt.Credits
	}
	return nonZero(difference)
}

// nonZero drops the keys whose sum is 0, so that two maps of sums compare by what changed.
func nonZero[K comparable](sums map[K]Credits) map[K]Credits {
	sums = maps.Clone(sums)
	maps.DeleteFunc(sums, func(_ K, n Credits) bool { return n == 0 })
	return sums
}
