package ledger

import "time"

// AdjustClawback brings what is taken back for a payment to target. It returns the clawback as it
// is then, to be stored whole. The same target again posts nothing.
//
// A rising target takes credits in this order:
//  1. from the payment's own lot, while it lives;
//  2. from what of that lot has expired;
//  3. from the customer's other lots, in draw order;
//  4. what is left becomes a debt.
//
// A falling target gives credits back in the reverse order: it reverses the newest payments of this
// payment's debt, forgives what is outstanding, returns what other lots gave (newest first), then
// what the own lot gave. Credits go back to the lots they came from. They were never spent, so
// where a lot has expired they come back with a new term. Whatever becomes available pays debts,
// the rest of this payment's own included.
//
// Confluence (law 5): the same target leaves the same sums, whatever targets came before it. A debt
// implies that nothing is available, so available − owed fixes both. Every movement here changes
// that difference, except one: taking from expired credits leaves it alone. So how much comes from
// expired credits must follow from the target alone. Picture the target as a height. Expired
// credits cover one stretch of it: the stretch that begins where the clawback was when they
// expired. Below it, credits had been taken that could still be spent. The stretch stays where it
// is when the target falls past it and rises again, so the way there leaves no trace in the sums,
// though other lots may pay. Clawback.Covered holds the stretches.
//
// expiredCredits is how many credits of the own lot are on the account expired: the sum of
// Posting.Expired for it, 0 for a payment whose grant joined another's lot.
//
// A target below 0 or above what was granted is KindInvalid target. A term below one day is
// KindInvalid extend_days. A clawback that does not agree with the wallet's debts is KindStale.
// One debt more than MaxDebts is KindConflict CodeTooManyDebts: nothing is taken then, and the same
// target can be reached once another debt is paid or forgiven.
func AdjustClawback(
	w Wallet, clawback Clawback, expiredCredits, target Credits, terms ExpiredLot, cause Cause, now time.Time,
) (Posting, Clawback, error) {
	if err := clawback.validate(w.Debt(clawback.Payment), expiredCredits, target); err != nil {
		return Posting{}, Clawback{}, err
	}
	if err := terms.validateTerm(); err != nil {
		return Posting{}, Clawback{}, err
	}
	// Every entry names the payment, so that a statement can say whose money took the credits away.
	cause.Payment = clawback.Payment
	a := adjustment{step: begin(w, cause, now), clawback: clawback.clone(), terms: terms}
	// An unchanged target must not even post the expiry of the own lot: a replay writes nothing.
	if target != clawback.Total() {
		a.moveTo(target, expiredCredits)
	}
	posting, err := a.finish(maxWhole)
	if err != nil {
		return Posting{}, Clawback{}, err
	}
	return posting, a.clawback, nil
}

// adjustment builds the posting of one AdjustClawback, and its clawback beside it.
type adjustment struct {
	*step
	clawback Clawback
	terms    ExpiredLot
}

// moveTo posts what lies between the clawback's total and target.
func (a *adjustment) moveTo(target, expiredCredits Credits) {
	c := &a.clawback

	// Stock is all that of the own lot ever expired: what the clawback took already, what is on the
	// account now, and what touch expires on the way.
	stock := c.Expired + expiredCredits + a.touch(c.Lot.ID)
	// Credits that expired since the last adjustment claim their stretch before the target moves.
	c.cover(stock)
	expiredPart := min(c.fromExpired(target), stock)

	// The expired part has its own target. The rest of the way is made with credits that can be
	// spent: more of them to take, or, below zero, to give back.
	if rest := (target - c.Total()) - (expiredPart - c.Expired); rest >= 0 {
		rest = a.takeOwn(rest)
		a.takeExpired(expiredPart)
		rest = a.takeOthers(rest)
		a.recordShortfall(rest)
	} else {
		a.giveBackCredits(-rest)
		a.takeExpired(expiredPart)
	}

	// What was given back may not stay available beside a debt (law 2).
	a.payOpenDebts()
}

// takeOwn takes from the own lot, as far as it goes and lives, and returns how much is still to be
// taken. The lot is live where the wallet holds it: moveTo has posted its expiry otherwise.
func (a *adjustment) takeOwn(n Credits) (rest Credits) {
	i := a.index(a.clawback.Lot.ID)
	if n == 0 || i < 0 {
		return n
	}
	draw := a.take(i, n)
	a.post(MovementClawback, draw.Lot, draw.Credits)
	a.clawback.OwnLot += draw.Credits
	return n - draw.Credits
}

// takeExpired takes from what of the own lot has expired, or gives back to it, until target is
// taken.
func (a *adjustment) takeExpired(target Credits) {
	c := &a.clawback
	if change := target - c.Expired; change > 0 {
		a.post(MovementClawExpired, c.Lot.ID, change)
	} else {
		a.post(MovementReexpiry, c.Lot.ID, -change)
	}
	c.Expired = target
}

// takeOthers takes from the other lots in draw order and returns what could not be taken.
func (a *adjustment) takeOthers(n Credits) (rest Credits) {
	for n > 0 {
		i := a.live()
		if i < 0 {
			break
		}
		draw := a.take(i, n)
		a.post(MovementClawback, draw.Lot, draw.Credits)
		// The draw keeps the lot's term: a falling target opens the lot again where it has gone.
		a.clawback.Others = push(a.clawback.Others, draw)
		n -= draw.Credits
	}
	return n
}

// recordShortfall makes what could not be taken a debt.
func (a *adjustment) recordShortfall(n Credits) {
	if n == 0 {
		return
	}
	a.changeDebt(a.clawback.Payment, n)
	a.post(MovementShortfall, "", n)
	a.clawback.Owed += n
}

// giveBackCredits gives n credits back: debt payments, newest first, then the outstanding debt,
// then what other lots gave, newest first, then what the own lot gave. validate has shown that the
// four together hold as much.
func (a *adjustment) giveBackCredits(n Credits) {
	c := &a.clawback
	var draw Draw

	// Credits that paid this debt return first: the customer gets back what was spendable last.
	reversals := Credits(0)
	for ; n > 0 && len(c.DebtPaid) > 0; n -= draw.Credits {
		c.DebtPaid, draw = pop(c.DebtPaid, n)
		a.giveBackAs(MovementDebtReversal, draw)
		reversals += draw.Credits
	}

	// The reversals opened the debt again, so forgiveness closes them together with what was open.
	openDebt := min(n, a.wallet.Debt(c.Payment))
	if openDebt > 0 {
		a.changeDebt(c.Payment, -openDebt)
	}
	a.post(MovementForgiveness, "", reversals+openDebt)
	c.Owed -= reversals + openDebt
	n -= openDebt

	// Only then do the lots get their credits back, in the reverse order of the taking.
	for ; n > 0 && len(c.Others) > 0; n -= draw.Credits {
		c.Others, draw = pop(c.Others, n)
		a.giveBackAs(MovementReinstatement, draw)
	}
	if n > 0 {
		c.OwnLot -= n
		a.giveBackAs(MovementReinstatement, c.Lot.draw(n))
	}
}

// giveBackAs gives the draw's credits back, under the movement that says why.
func (a *adjustment) giveBackAs(m Movement, draw Draw) {
	receiver, _ := a.giveBack(draw, a.terms)
	a.post(m, receiver.Lot, receiver.Credits)
}

// payOpenDebts pays debts from what became available. Draws that pay this payment's own debt go
// into its clawback; the caller adds the others to the clawbacks of their payments.
func (a *adjustment) payOpenDebts() {
	for _, payment := range a.payDebts() {
		if payment.Payment == a.clawback.Payment {
			a.clawback.DebtPaid = push(a.clawback.DebtPaid, payment.Draw)
			continue
		}
		a.posting.DebtsPaid = append(a.posting.DebtsPaid, payment)
	}
}
