package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// Wallet returns the customer's wallet.
func (w *World) Wallet(customer ledger.CustomerID) ledger.Wallet {
	w.t.Helper()
	// This read is consistent: what the last commit wrote is in it.
	return read(w, func() (ledger.Wallet, error) { return w.Store.FindWallet(w.ctx(), customer) })
}

// WantAvailable demands the customer's balance.
func (w *World) WantAvailable(customer ledger.CustomerID, want ledger.Credits) {
	w.t.Helper()
	require.Equal(w.t, want, w.Wallet(customer).Available(w.Now), "available")
}

// Held returns what the customer's open generations hold.
func (w *World) Held(customer ledger.CustomerID) ledger.Credits {
	w.t.Helper()
	// Open generations come from an index, so callers write once more before they ask.
	return read(w, func() (ledger.Credits, error) { return w.Store.HeldBy(w.ctx(), customer) })
}

// Generation returns a generation, which must exist.
func (w *World) Generation(id generation.ID) generation.Generation {
	w.t.Helper()
	row := read(w, func() (*generation.Generation, error) { return w.Store.FindGeneration(w.ctx(), id) })
	// A missing row would make every later comparison one with an empty generation.
	require.NotNil(w.t, row, "generation")
	return *row
}

// WantState demands a generation's state.
func (w *World) WantState(id generation.ID, want generation.State) {
	w.t.Helper()
	require.Equal(w.t, want, w.Generation(id).State)
}

// Case returns the technical-failure case of a generation, nil when there is none.
func (w *World) Case(id generation.ID) *refund.Case {
	w.t.Helper()
	return w.CaseOf(refund.FailureCaseID(id))
}

// CaseOf returns a case, nil when there is none.
func (w *World) CaseOf(id refund.CaseID) *refund.Case {
	w.t.Helper()
	// No case is an answer too: many stories demand that none was opened.
	return read(w, func() (*refund.Case, error) { return w.Store.FindCase(w.ctx(), id) })
}

// WantVerdict demands a case's state, and the clause that decided it.
func (w *World) WantVerdict(id refund.CaseID, state refund.State, clause string) {
	w.t.Helper()
	c := w.CaseOf(id)
	require.NotNil(w.t, c, "case")
	require.Equal(w.t, state, c.State)
	// State and clause are compared apart, so that a failure names which of them is wrong.
	require.NotNil(w.t, c.Decision, "decision")
	require.Equal(w.t, clause, c.Decision.Clause)
}

// Generations returns a page of the customer's generations.
func (w *World) Generations(customer ledger.CustomerID, after *statement.Position, limit int) (page []generation.Generation, more bool) {
	w.t.Helper()
	require.NoError(w.t, again(func() (err error) {
		page, more, err = w.Store.ListGenerations(w.ctx(), customer, after, limit)
		return err
	}))
	return page, more
}

// Rows returns the customer's whole statement, page by page.
func (w *World) Rows(customer ledger.CustomerID) []statement.Row {
	w.t.Helper()
	// Lines lie in an index that may lag by one write.
	w.Nudge()
	var rows []statement.Row
	var cursor statement.Cursor
	// A hundred pages are more than any story fills.
	for range 100 {
		var page []statement.Row
		var next *statement.Cursor
		require.NoError(w.t, again(func() (err error) {
			// A repeated read starts its page again, so drop what the failed one gave.
			page = nil
			next, err = statement.Read(w.ctx(), w.Store, customer, cursor, func(more []statement.Row) bool {
				page = append(page, more...)
				return true
			})
			return err
		}))
		if rows = append(rows, page...); next == nil {
			return rows
		}
		cursor = *next
	}
	require.Fail(w.t, "a statement that never ends")
	return nil
}

// wantOrder demands that lines are in the order of the wallet's commits. Read from the oldest, as
// they are listed or by their instants, no balance is ever negative, and no line lies before one
// that it builds on.
func (w *World) wantOrder(rows []statement.Row) {
	w.t.Helper()
	given := slices.Clone(rows)
	slices.Reverse(given)
	w.wantCovered(given, "as listed")
	// A capture or release stands with its hold in the list, so it is compared with the hold's
	// instant alone.
	var last time.Time
	for _, row := range given {
		require.Equal(w.t, row.At.UTC().Truncate(time.Millisecond), row.At)
		if row.Cause == ledger.MovementCapture || row.Cause == ledger.MovementRelease {
			require.True(w.t, row.At.After(last), "%s is of %s, its hold of %s", row.ID, row.At, last)
			continue // it stands with its hold
		}
		require.False(w.t, row.At.Before(last), "%s is of %s, after a line of %s", row.ID, row.At, last)
		last = row.At
	}
	// And in the order of their instants too: a statement may be sorted by either.
	slices.SortStableFunc(given, func(a, b statement.Row) int { return a.At.Compare(b.At) })
	w.wantCovered(given, "by instant")
}

// wantCovered demands that each line takes only what the lines before it brought.
func (w *World) wantCovered(rows []statement.Row, order string) {
	w.t.Helper()
	// Issued and owed may be negative: they are the other side of what was granted and lent.
	sums := map[ledger.Account]ledger.Credits{}
	for _, row := range rows {
		sums[row.From] -= row.Amount
		sums[row.To] += row.Amount
		for _, account := range []ledger.Account{ledger.Available, ledger.Held, ledger.Spent, ledger.Expired} {
			require.GreaterOrEqual(w.t, sums[account], ledger.Credits(0), "%s, %s after %s of %s", order, account, row.ID, row.At)
		}
	}
}

// WantLaws demands laws 1 and 2 of the customer: the wallet is the sum of its statement, and
// nothing is, or ever was, negative.
func (w *World) WantLaws(customer ledger.CustomerID) {
	w.t.Helper()
	// Three counts of one thing: the wallet, its lines, and the open generations.
	sums := map[ledger.Account]ledger.Credits{}
	ids := map[string]bool{}
	// Sum every line once: each moves a positive amount from one account to another.
	rows := w.Rows(customer)
	w.wantOrder(rows)
	for _, row := range rows {
		require.Equal(w.t, row.Cost == nil, row.Amount > 0, "row %s", row.ID)
		require.False(w.t, ids[row.ID], "row %s stands twice", row.ID)
		ids[row.ID] = true
		sums[row.From] -= row.Amount
		sums[row.To] += row.Amount
	}
	// Then hold the wallet, which other code computes, against the sums.
	wallet := w.Wallet(customer)
	var lots ledger.Credits // expired lots too: they are available in the book until their expiry is posted
	for _, lot := range wallet.Lots {
		require.Positive(w.t, lot.Remaining)
		lots += lot.Remaining
	}
	require.Equal(w.t, lots, sums[ledger.Available], "available")
	require.Equal(w.t, w.Held(customer), sums[ledger.Held], "held")
	require.Equal(w.t, wallet.Owed(), -sums[ledger.Owed], "owed")
	require.GreaterOrEqual(w.t, sums[ledger.Spent], ledger.Credits(0), "spent")
	require.GreaterOrEqual(w.t, sums[ledger.Expired], ledger.Credits(0), "expired")
	// Whatever becomes available pays the debt first, so both cannot be above zero.
	if wallet.Owed() > 0 {
		require.Zero(w.t, wallet.Available(w.Now), "owed and available")
	}
}
