package audit

import (
	"context"

	"makegood/shared/evidence"
)

// Looks is what second looks need of a store.
type Looks interface {
	// FindLook returns the look of the case by a consistent read, nil where it has none.
	FindLook(ctx context.Context, caseID string) (*Look, error)
	// ListLooks returns at most limit of the looks that nobody has answered, behind a case ("":
	// from the first), in an order of no meaning, and where to go on, "" at the end. Consistent.
	ListLooks(ctx context.Context, after string, limit int) ([]Look, string, error)
	// FindAnswers returns the looks of these cases that are answered, in their order, by a
	// consistent read.
	FindAnswers(ctx context.Context, cases ...string) ([]Look, error)
	// ListSignals returns every signal that looks have counted, by a consistent read. There are as
	// few as signals that may decide.
	ListSignals(ctx context.Context) ([]Signal, error)
	// CommitAnswer writes the look with its answer, adds its Counts to those of its week, and
	// writes the signals, in one transaction.
	//
	// KindStale when the look is answered by now, or a signal has changed since it was read.
	CommitAnswer(ctx context.Context, look Look, signals []Change) error
	// CommitLift writes the signal. KindStale when it has changed since it was read.
	CommitLift(ctx context.Context, signal Change) error
	// ListCounts returns at most limit counts of that week and later ones, the newest week first,
	// behind a place ("": from the first), and where to go on, "" at the end. Consistent.
	ListCounts(ctx context.Context, since, after string, limit int) ([]Count, string, error)
}

// Change is a signal before and after a commit.
type Change struct {
	// Before is as it was read; its Version is 0 where no row was there.
	Before Signal
	// After is as the commit writes it.
	After Signal
}

// Stops is what weighing signals needs of a store.
type Stops interface {
	// ListStopped returns the signals that decide nothing, by a consistent read.
	ListStopped(ctx context.Context) ([]evidence.Name, error)
}
