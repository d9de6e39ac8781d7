// Package standing owns what a customer may still do, and how staff changed it: good, restricted,
// terminated.
//
// It refuses to know what a standing stops (a hold asks the wallet, the policy asks the facts).
//
// Invariants: the standing and the line of its history are one transaction. Lines are never
// changed. A change to another standing makes the customer's notice due, in the same transaction. A
// standing may be set before the customer has any credits.
//
// Words: standing, change (one line of its history: from when, what, and why).
package standing

import (
	"context"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// MaxNote bounds the note of a change, in characters.
const MaxNote = 500

// MaxChanges is how many changes of one customer are read, the newest.
const MaxChanges = 50

// Change is one line of the history.
type Change struct {
	// At is when: UTC, whole milliseconds. No two changes of a customer share one.
	At time.Time
	// Standing is the new one.
	Standing ledger.Standing
	// Note says why. It is staff's word and may be personal, so no other row has it.
	Note string
	// By is the name of the operator key.
	By string
	// Locale is the language that the customer reads, "" where nobody knows it.
	Locale string
}

// Notices is the queue of what customers are notified of.
type Notices interface {
	// NotifyStanding puts on the queue that a customer's standing has changed.
	NotifyStanding(ctx context.Context, change message.StandingChanged) error
}

// Store is what setting a standing needs of a store.
type Store interface {
	// LoadStanding returns the customer's wallet (the zero one in good standing where nobody has
	// written it) and the newest changes, newest first, at most MaxChanges.
	LoadStanding(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, []Change, error)
	// CommitStanding writes the standing, the line of its history and what is due of it, or none of
	// it: KindStale when the standing is not the wallet's any more, or when another step has
	// created the wallet meanwhile.
	CommitStanding(ctx context.Context, wallet ledger.Wallet, change Change, steps todo.List) error
}
