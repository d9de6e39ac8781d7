// Package statement owns what a customer can read of the ledger: one row per movement, newest
// first, a generation's rows together. What a generation cost on the customer's own key is a row
// too, of no credits.
//
// It refuses to know how rows are stored, and it adds nothing up: a wallet is the sum of these
// rows, and whoever wants to may check.
//
// Invariants: every movement is one row, whether it was an entry of its own or a transition of a
// generation. Pages neither repeat nor leave out a row. Rows are what was recorded, never computed
// from today's rules.
//
// Words: row, page, cursor (where each of the two histories goes on).
package statement

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
)

// PageSize is how many entries and generations a page holds at most.
const PageSize = 50

// Row is one movement.
type Row struct {
	// ID is unique within the customer.
	ID string
	// At is when the credits moved.
	At time.Time
	// Cause is the movement, as the ledger names it; own_key in the row of a Cost.
	Cause ledger.Movement
	// Reason is the snake_case word for why.
	Reason string
	// From and To are the accounts that the credits moved between.
	From, To ledger.Account
	// Amount is in the wallet's smallest unit and positive; 0 in the row of a Cost.
	Amount ledger.Credits
	// Cost is what a generation cost on the customer's own key; nil where credits moved.
	Cost *generation.Cost
	// Generation is the generation's id, "" where the row is about none.
	Generation string
	// Payment is the payment's id, "" where the row is about none.
	Payment string
	// Case is the id of the case that decided, "" where none did.
	Case string
	// Note is why credits were given, in the giver's words; not the customer's to read.
	Note string
	// By is the name of who of staff gave them, "" where none of them did; for staff alone.
	By string
}

// Position is where an item stands in a history: its instant in milliseconds, and its id.
type Position struct {
	// ID is the item's.
	ID string `json:"id"`
	// At is its instant, in milliseconds of Unix time.
	At int64 `json:"at"`
}

// Cursor is where a page goes on: after an entry and after a generation. The zero Cursor begins
// with the newest.
type Cursor struct {
	// Entry is the id of the last entry read, "" for the newest.
	Entry string `json:"entry,omitempty"`
	// Generation is the last generation read, nil for the newest.
	Generation *Position `json:"generation,omitempty"`
}

// Validate returns a KindInvalid error naming cursor when it cannot have come from a statement of
// this customer.
func (c Cursor) Validate(customer ledger.CustomerID) error {
	if len(c.Entry) > maxEntryID {
		return badCursor()
	}
	if c.Generation == nil {
		return nil
	}
	id, err := generation.ParseID(c.Generation.ID)
	// A cursor of another customer would list that customer's rows.
	if err != nil || id.CustomerKey() != customer.Key() {
		return badCursor()
	}
	return c.Generation.Validate()
}

// Validate returns a KindInvalid error naming cursor when no item can stand there.
func (p Position) Validate() error {
	if p.ID == "" || p.At <= 0 || p.At > maxInstant {
		return badCursor()
	}
	return nil
}

// The bounds of a position: entry ids are far shorter, and no instant of ours has more than
// thirteen digits.
const (
	maxEntryID = 100
	maxInstant = 1e13
)

func badCursor() error { return fault.Invalid("cursor", "is none of ours") }

// Store lists the two histories of a customer.
type Store interface {
	// ListEntries returns at most limit entries after the one of that id ("": the newest), newest
	// first, and whether there are more.
	ListEntries(ctx context.Context, customer ledger.CustomerID, after string, limit int) ([]ledger.Entry, bool, error)
	// ListGenerations returns at most limit generations after that position (nil: the newest),
	// newest first, and whether there are more. The index that finds them may lag by one write, and
	// so may what is read of each.
	ListGenerations(ctx context.Context, customer ledger.CustomerID, after *Position, limit int) ([]generation.Generation, bool, error)
}

// Read hands the rows of the page at cursor to take, an entry's row or a generation's rows at a
// time, newest first, until take has no room for more. It returns the cursor of the next page, nil
// when this is the last. A customer nobody knows has no rows.
func Read(ctx context.Context, store Store, customer ledger.CustomerID, cursor Cursor, take func(rows []Row) bool) (*Cursor, error) {
	entries, moreEntries, err := store.ListEntries(ctx, customer, cursor.Entry, PageSize)
	if err != nil {
		return nil, fault.At("statement.Read: list entries", customer.Key(), err)
	}
	generations, moreGenerations, err := store.ListGenerations(ctx, customer, cursor.Generation, PageSize)
	if err != nil {
		return nil, fault.At("statement.Read: list generations", customer.Key(), err)
	}

	// The two histories are merged by their instants, a full page of items at most. With a page of
	// each read, the newest of either is the newest that there is.
	for count := 0; count < PageSize && len(entries)+len(generations) > 0; count++ {
		if len(generations) == 0 || len(entries) > 0 && entries[0].At.After(generations[0].StartedAt) {
			if !take([]Row{entryRow(entries[0])}) {
				return &cursor, nil
			}
			cursor.Entry, entries = entries[0].ID, entries[1:]
			continue
		}
		// The cursor moves past an item only once its rows are taken: a row without room comes
		// again.
		next := generations[0]
		if rows := generationRows(next); len(rows) > 0 && !take(rows) {
			return &cursor, nil
		}
		cursor.Generation, generations = &Position{ID: string(next.ID), At: next.StartedAt.UnixMilli()}, generations[1:]
	}
	if len(entries)+len(generations) == 0 && !moreEntries && !moreGenerations {
		return nil, nil
	}
	return &cursor, nil
}

func entryRow(entry ledger.Entry) Row {
	return Row{
		ID: entry.ID, At: entry.At, Cause: entry.Movement, Reason: entry.Cause.Reason, From: entry.From, To: entry.To, Amount: entry.Credits,
		Generation: entry.Cause.Generation, Payment: entry.Cause.Payment, Case: entry.Cause.Case,
		Note: entry.Cause.Note, By: entry.Cause.By,
	}
}

// generationRows returns the movements of a generation, newest first.
func generationRows(g generation.Generation) []Row {
	var rows []Row
	// add leaves out what was free: it moved nothing.
	add := func(movement ledger.Movement, at time.Time, amount ledger.Credits, reason string) {
		if amount == 0 {
			return
		}
		from, to := ledger.Accounts(movement)
		row := Row{
			ID: string(g.ID) + "/" + string(movement), At: at, Cause: movement, Reason: reason, From: from, To: to, Amount: amount,
			Generation: string(g.ID),
		}
		if g.Failure() != nil && movement != ledger.MovementHold {
			row.Case = string(refund.FailureCaseID(g.ID))
		}
		rows = append(rows, row)
	}
	add(ledger.MovementRelease, g.ReleasedAt, g.Released, releaseReason(g))
	add(ledger.MovementCapture, g.CapturedAt, g.Captured, captureReason(g))
	add(ledger.MovementHold, g.StartedAt, g.Price, "generation_started")
	// What the customer's own key paid moved no credits, but belongs to the same story.
	if g.Result != nil && g.Result.Cost != nil {
		rows = append(rows, Row{
			ID: string(g.ID) + "/" + ownKey, At: g.RecordedAt, Cause: ownKey, Reason: costReason(g), From: ownKey, To: provider,
			Cost: g.Result.Cost, Generation: string(g.ID),
		})
	}
	return rows
}

// The words of a row about a cost: no credits move, the customer's own key pays its provider.
const (
	ownKey   = "own_key"
	provider = "provider"
)

func costReason(g generation.Generation) string {
	if g.Failure() != nil {
		return "generation_failed"
	}
	return captureReason(g)
}

func releaseReason(g generation.Generation) string {
	if g.Failure() == nil {
		return "outputs_missing"
	}
	if g.Failure().Code == generation.CodeOverdue {
		return "generation_overdue"
	}
	return "generation_failed"
}

func captureReason(g generation.Generation) string {
	switch {
	case g.Failure() != nil:
		return "failure_declined"
	case g.Came() < g.Outputs:
		return "generation_partial"
	}
	return "generation_succeeded"
}
