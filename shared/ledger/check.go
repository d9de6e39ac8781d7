package ledger

import (
	"fmt"
	"maps"
	"slices"
)

// Check returns nil when the lines of the posting (its entries, and what a hold or release says of itself) explain the difference
// between Before and After exactly, lot by lot and debt by debt, After keeps the laws, and it all fits one commit (MaxWrites). Any other answer is a bug of ours,
// and nothing may be committed: the error reads as internal.
func Check(p Posting) error {
	if !p.Empty() && !p.At.After(p.Before.At) {
		return fmt.Errorf("ledger: a posting at %s on a wallet of %s", p.At, p.Before.At)
	}
	if p.Before.Customer != p.After.Customer || p.Before.Standing != p.After.Standing {
		return fmt.Errorf("ledger: a posting moves credits, not customers or standings")
	}
	lots, debts, expired, err := explain(p)
	if err != nil {
		return err
	}
	if !maps.Equal(lots, lotDifference(p)) {
		return fmt.Errorf("ledger: lots changed by %v, the lines say %v", lotDifference(p), lots)
	}
	if !maps.Equal(debts, debtDifference(p)) {
		return fmt.Errorf("ledger: debts changed by %v, the lines say %v", debtDifference(p), debts)
	}
	if !maps.Equal(expired, p.Expired) {
		return fmt.Errorf("ledger: expired credits changed by %v, the lines say %v", p.Expired, expired)
	}
	if err := checkDebtsPaid(p); err != nil {
		return err
	}
	if n := p.Writes(); n > MaxWrites {
		return fmt.Errorf("ledger: a posting of %d writes", n)
	}
	return checkAfter(p, lots)
}

// explain sums the lines by lot, by debt and by lot expired, and checks each entry by itself.
func explain(p Posting) (lots map[LotID]Credits, debts map[string]Credits, expired map[LotID]Credits, err error) {
	lots, debts, expired = map[LotID]Credits{}, map[string]Credits{}, map[LotID]Credits{}
	seen := map[string]bool{}
	for _, e := range p.Entries {
		if err := checkEntry(p, e); err != nil {
			return nil, nil, nil, err
		}
		if seen[e.ID] {
			return nil, nil, nil, fmt.Errorf("ledger: two entries %s", e.ID)
		}
		seen[e.ID] = true
		for account, n := range map[Account]Credits{e.From: -e.Credits, e.To: e.Credits} {
			switch account {
			case Available:
				lots[e.Lot] += n
			case Owed:
				debts[e.Cause.Payment] -= n
			case Expired:
				expired[e.Lot] += n
			default: // issued, held and spent are kept by nobody
			}
		}
	}
	for _, draw := range p.Held {
		lots[draw.Lot] -= draw.Credits
	}
	for _, draw := range p.Released {
		lots[draw.Lot] += draw.Credits
	}
	return nonZero(lots), nonZero(debts), nonZero(expired), nil
}

func checkEntry(p Posting, e Entry) error {
	accounts, known := rules[e.Movement]
	switch {
	case !known || e.From != accounts.from || e.To != accounts.to:
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

// checkAfter checks the laws on the wallet after the posting: what it holds, and that no lot it touched has expired.
func checkAfter(p Posting, touched map[LotID]Credits) error {
	ids := map[LotID]bool{}
	for _, lot := range p.After.Lots {
		switch {
		case lot.Remaining <= 0 || lot.Remaining > lot.Granted:
			return fmt.Errorf("ledger: lot %s has %d of %d credits", lot.ID, lot.Remaining, lot.Granted)
		case ids[lot.ID]:
			return fmt.Errorf("ledger: two lots %s", lot.ID)
		case !lot.Live(p.At) && touched[lot.ID] != 0:
			return fmt.Errorf("ledger: lot %s was touched and has expired", lot.ID)
		}
		ids[lot.ID] = true
	}
	for i, debt := range p.After.Debts {
		if debt.Credits <= 0 || i > 0 && p.After.Debts[i-1].Payment >= debt.Payment {
			return fmt.Errorf("ledger: debt of %d for %s", debt.Credits, debt.Payment)
		}
	}
	live := p.After.liveLots(p.At)
	switch {
	case live > MaxPaidLots && live > p.Before.liveLots(p.At): // clocks differ a little: what was there before is not this step's doing
		return fmt.Errorf("ledger: %d live lots", live)
	case len(p.After.Debts) > MaxDebts && len(p.After.Debts) > len(p.Before.Debts):
		return fmt.Errorf("ledger: %d debts", len(p.After.Debts))
	case p.After.Owed() > 0 && p.After.Available(p.At) > 0:
		return fmt.Errorf("ledger: %d owed while %d are available", p.After.Owed(), p.After.Available(p.At))
	case !slices.IsSortedFunc(p.After.Lots, drawOrder):
		return fmt.Errorf("ledger: lots are not in draw order")
	}
	return nil
}

// checkDebtsPaid checks that every debt payment handed to the caller is an entry too.
func checkDebtsPaid(p Posting) error {
	paid, told := map[string]Credits{}, map[string]Credits{}
	for _, e := range p.Entries {
		if e.Movement == MovementDebtPayment {
			paid[e.Cause.Payment] += e.Credits
		}
	}
	for _, debt := range p.DebtsPaid {
		told[debt.Payment] += debt.Draw.Credits
	}
	for payment, n := range told {
		if paid[payment] != n {
			return fmt.Errorf("ledger: %d paid for %s, the entries say %d", n, payment, paid[payment])
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

func nonZero[K comparable](sums map[K]Credits) map[K]Credits {
	sums = maps.Clone(sums)
	maps.DeleteFunc(sums, func(_ K, n Credits) bool { return n == 0 })
	return sums
}
