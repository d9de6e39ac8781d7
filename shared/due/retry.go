package due

import (
	"cmp"
	"context"
	"log/slog"

	"makegood/shared/fault"
)

// Retries is what letting a stuck item be due again needs of a store.
type Retries interface {
	// LoadItem is that of Store.
	LoadItem(ctx context.Context, key Key) (*Item, error)
	// LoadStuck reads a stuck item consistently, At being since when it is stuck, nil when it is
	// not.
	LoadStuck(ctx context.Context, key Key) (*Item, error)
	// Unstick lets the item be due at the soonest of its steps, with no attempts so far, if it is
	// stuck since item.At and owes what it did: else KindStale. It is no wallet: one that is stuck
	// stays due.
	Unstick(ctx context.Context, item Item) error
}

// Retry lets a stuck item be due again, with all its attempts anew, and returns what it then owes.
// The next sweep claims it like any other, so nothing is sent here, and nothing twice. An item that
// is due already is returned as it is: whoever asks twice gets one answer. KindNotFound where
// nothing is owed.
//
// By is who asked. The row is the sweep's, which moves it on: so that stands in the log.
// Why: infra/decisions/0052.
func Retry(ctx context.Context, store Retries, key Key, by string) (Item, error) {
	item, err := fault.RetryFor(ctx, func(ctx context.Context) (Item, error) {
		item, err := store.LoadStuck(ctx, key)
		if err != nil {
			return Item{}, fault.At("due.Retry: load stuck item", key.Partition+" "+key.Sort, err)
		}
		if item == nil {
			return pending(ctx, store, key)
		}
		// Whatever has moved the item since our read has made progress with it: then look again.
		if err := store.Unstick(ctx, *item); err != nil {
			return Item{}, fault.At("due.Retry: unstick", key.Partition+" "+key.Sort, err)
		}
		item.Attempts, item.At = 0, item.Todo.Due()
		return *item, nil
	})
	if err == nil {
		slog.InfoContext(ctx, "stuck item retried", "item", cmp.Or(key.Sort, key.Partition), "by", by)
	}
	return item, err
}

// pending returns an item that is due though nobody had to put it back.
func pending(ctx context.Context, store Retries, key Key) (Item, error) {
	item, err := store.LoadItem(ctx, key)
	if err != nil {
		return Item{}, fault.At("due.Retry: load item", key.Partition+" "+key.Sort, err)
	}
	if item == nil {
		return Item{}, fault.NotFound("stuck item")
	}
	return *item, nil
}
