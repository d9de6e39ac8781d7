package ledger

import "slices"

// changeDebt changes the debt of a payment by n, which may be negative. A debt of nothing leaves
// the wallet.
func (s *step) changeDebt(payment string, n Credits) {
	i := slices.IndexFunc(s.wallet.Debts, func(d Debt) bool { return d.Payment == payment })
	if i < 0 {
		s.wallet.Debts = append(s.wallet.Debts, Debt{Payment: payment})
		i = len(s.wallet.Debts) - 1
	}
	s.wallet.Debts[i].Credits += n
	if s.wallet.Debts[i].Credits == 0 {
		s.wallet.Debts = slices.Delete(s.wallet.Debts, i, i+1)
	}
	s.wallet.Sort()
}

// payDebts pays debts from whatever is available: debts by payment id, lots in draw order. It ends
// with nothing owed or nothing available, which is law 2. Each round empties a lot or ends a debt,
// so there are at most as many rounds as lots and debts together.
func (s *step) payDebts() (payments []DebtPayment) {
	for len(s.wallet.Debts) > 0 {
		i := s.live()
		if i < 0 {
			break
		}
		debt := s.wallet.Debts[0]
		draw := s.take(i, debt.Credits)
		s.changeDebt(debt.Payment, -draw.Credits)
		// The entry names the payment whose debt it pays, not the payment that this step is about.
		cause := s.cause
		cause.Payment = debt.Payment
		s.postAs(cause, MovementDebtPayment, draw.Lot, draw.Credits)
		payments = append(payments, DebtPayment{Payment: debt.Payment, Draw: draw})
	}
	return payments
}

// Debt returns what is still owed for the payment, 0 when nothing is.
func (w Wallet) Debt(payment string) Credits {
	for _, debt := range w.Debts {
		if debt.Payment == payment {
			return debt.Credits
		}
	}
	return 0
}
