package ledger

import "time"

// AdjustClawback brings what is taken back for a payment to target. It returns the taking as it stands then, to be stored whole.
//
// A rising target takes from the own lot, then from what of that lot stands expired, then from the other lots in draw order; the
// rest becomes owed. A falling one reverses the newest payments of this payment's debt first, then forgives what is outstanding,
// then gives back the rest in the reverse order of the taking. Credits go back to the lots they came from; those never were spent,
// so where a lot has expired they come back with a new term. Whatever becomes available pays what is owed, this payment's rest too.
//
// Confluence (law 5). Since owed > 0 implies available = 0, available − owed fixes both, and of all movements here only taking from
// expired credits leaves it as it is. So how much comes from expired credits must follow from the target alone, not from the way
// there. Think of the target as a height: expired credits cover the stretch just above what was taken when they appeared (below it,
// credits had been taken that could be spent), and that stretch stays theirs. Going down and up again, past it or across it, is
// then the same as never having gone, though the lots that pay may be others.
//
// expired is what stands expired of the own lot: the sum of Posting.Expired for it, 0 for a payment whose grant joined the lot of
// another. The same target again posts nothing.
//
// A target below 0 or above what was granted is KindInvalid target, a term below one day extend_days; a taking that does not fit
// the wallet's debts is KindStale. A debt more than MaxDebts is KindConflict CodeTooManyDebts: nothing is taken then, and the same
// target can be reached once another debt is paid or forgiven.
func AdjustClawback(w Wallet, t Clawback, expired, target Credits, terms ExpiredLot, cause Cause, now time.Time) (Posting, Clawback, error) {
	if err := t.validate(w.Debt(t.Payment), expired, target); err != nil {
		return Posting{}, Clawback{}, err
	}
	if err := terms.validateTerm(); err != nil {
		return Posting{}, Clawback{}, err
	}
	cause.Payment = t.Payment
	l := leveling{step: begin(w, cause, now), taking: t.clone(), terms: terms}
	if target != t.Total() {
		l.reach(target, expired)
	}
	posting, err := l.finish(maxWhole)
	if err != nil {
		return Posting{}, Clawback{}, err
	}
	return posting, l.taking, nil
}

type leveling struct {
	*step
	taking Clawback
	terms  ExpiredLot
}

func (l *leveling) reach(target, expired Credits) {
	t := &l.taking
	stock := t.Expired + expired + l.touch(t.Lot.ID)
	t.cover(stock)
	fromExpired := min(t.fromExpired(target), stock)
	if more := (target - t.Total()) - (fromExpired - t.Expired); more >= 0 {
		more = l.takeOwn(more)
		l.takeExpired(fromExpired)
		more = l.takeOthers(more)
		l.takeRest(more)
	} else {
		l.giveBackSome(-more)
		l.takeExpired(fromExpired)
	}
	l.settleDebts()
}

// takeOwn takes from the own lot, as far as it goes and lives, and returns what is still to be taken.
func (l *leveling) takeOwn(n Credits) (rest Credits) {
	i := l.index(l.taking.Lot.ID)
	if n == 0 || i < 0 {
		return n
	}
	draw := l.take(i, n)
	l.post(MovementClawback, draw.Lot, draw.Credits)
	l.taking.OwnLot += draw.Credits
	return n - draw.Credits
}

// takeExpired takes from, or gives back to, what of the own lot stands expired, until target of it is taken.
func (l *leveling) takeExpired(target Credits) {
	t := &l.taking
	if change := target - t.Expired; change > 0 {
		l.post(MovementClawExpired, t.Lot.ID, change)
	} else {
		l.post(MovementReexpiry, t.Lot.ID, -change)
	}
	t.Expired = target
}

// takeOthers takes from the other lots in draw order and returns what could not be taken.
func (l *leveling) takeOthers(n Credits) (rest Credits) {
	for n > 0 {
		i := l.live()
		if i < 0 {
			break
		}
		draw := l.take(i, n)
		l.post(MovementClawback, draw.Lot, draw.Credits)
		l.taking.Others = push(l.taking.Others, draw)
		n -= draw.Credits
	}
	return n
}

// takeRest makes what could not be taken a debt.
func (l *leveling) takeRest(n Credits) {
	if n == 0 {
		return
	}
	l.owe(l.taking.Payment, n)
	l.post(MovementShortfall, "", n)
	l.taking.Owed += n
}

// giveBackSome gives n credits back: debt payments, newest first, then the outstanding debt, then what other lots gave, newest
// first, then what the own lot gave. AdjustClawback's sums see to it that there is as much.
func (l *leveling) giveBackSome(n Credits) {
	t := &l.taking
	var draw Draw
	reversed := Credits(0)
	for ; n > 0 && len(t.DebtPaid) > 0; n -= draw.Credits {
		t.DebtPaid, draw = pop(t.DebtPaid, n)
		l.returned(MovementDebtReversal, draw)
		reversed += draw.Credits
	}
	outstanding := min(n, l.wallet.Debt(t.Payment))
	if outstanding > 0 {
		l.owe(t.Payment, -outstanding)
	}
	l.post(MovementForgiveness, "", reversed+outstanding)
	t.Owed -= reversed + outstanding
	n -= outstanding
	for ; n > 0 && len(t.Others) > 0; n -= draw.Credits {
		t.Others, draw = pop(t.Others, n)
		l.returned(MovementReinstatement, draw)
	}
	if n > 0 {
		t.OwnLot -= n
		l.returned(MovementReinstatement, t.Lot.draw(n))
	}
}

func (l *leveling) returned(m Movement, draw Draw) {
	taker, _ := l.giveBack(draw, l.terms)
	l.post(m, taker.Lot, taker.Credits)
}

// settleDebts pays debts from what became available. What pays this payment's own goes into its taking.
func (l *leveling) settleDebts() {
	for _, paid := range l.payDebts() {
		if paid.Payment == l.taking.Payment {
			l.taking.DebtPaid = push(l.taking.DebtPaid, paid.Draw)
			continue
		}
		l.posting.DebtsPaid = append(l.posting.DebtsPaid, paid)
	}
}
