package payment

import (
	"context"
	"time"
)

// Preview returns what Resolve would answer now, by its own steps, and writes nothing. Its errors
// are those of Resolve.
func (r Receiver) Preview(ctx context.Context, id ID, order Order, now time.Time) (Resolved, error) {
	r.Store = unwritten{r.Store}
	return r.Resolve(ctx, id, order, now)
}

// unwritten is a store to which nothing is written.
type unwritten struct{ Store }

// CommitPayment implements Store.
func (unwritten) CommitPayment(context.Context, Snapshot, Change) error { return nil }
