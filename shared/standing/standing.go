// Package standing owns what a customer may still do, and how staff changed it: good, restricted, terminated.
//
// It refuses to know what a standing stops (a hold asks the wallet, the policy asks the facts).
//
// Invariants: the standing and the line of its history are one transaction; lines are never changed; a change to another standing owes that the
// customer is told, in the same transaction; a standing may be set before the customer has any credits.
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

// MaxShown is how many changes of one customer are read, the newest.
const MaxShown = 50

// Change is one line of the history. Note says why; it is staff's word and may be personal, so it stands here and nowhere else.
type Change struct {
	At       time.Time
	Standing ledger.Standing
	Note     string
	By       string // the name of the operator key
	Locale   string // the language that the customer reads, "" where nobody said it
}

// Notices is the queue of what customers are told.
type Notices interface {
	// TellStanding asks that the customer be told of a change.
	TellStanding(ctx context.Context, changed message.StandingChanged) error
}

// Store is what setting a standing needs of a store.
type Store interface {
	// LoadStanding returns the customer's wallet (the zero one in good standing where nobody has written it) and the newest changes, newest
	// first, at most MaxShown.
	LoadStanding(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, []Change, error)
	// CommitStanding writes the standing, the line of its history and what is owed of it, or none of it: KindStale when the standing is not that of
	// read any more, or the wallet was written first meanwhile.
	CommitStanding(ctx context.Context, read ledger.Wallet, change Change, owed todo.List) error
}
