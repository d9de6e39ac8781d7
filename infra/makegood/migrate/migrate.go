// Package migrate owns the backfill of an upgrade: it walks the tables page by page, has each row
// that lacks a shard given one, at a pace, and remembers how far it came.
//
// It refuses to know what a shard is for and how a row is stored: the store lists and writes.
//
// Invariants: a row is written at most once, and only if it has no shard. What was done before an
// interruption is kept: the position is written after each page, so a page is done again at the
// most. A dry run writes nothing. Every loop has a bound.
//
// Words: position (where the walk goes on), left (rows without a shard that a walk found and did
// not give one).
package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/fault"
)

// The bounds of a walk.
const (
	PageRows = 500        // rows of a page: the most that are walked twice after an interruption
	maxPages = 20_000_000 // of one table: ten thousand million rows
)

// Store lists rows without a shard and gives them one. Its errors are KindBusy where the same call
// may succeed later.
type Store interface {
	ListUnsharded(ctx context.Context, table string, after *dynamo.RowKey, limit int) (dynamo.BackfillPage, error)
	GiveShard(ctx context.Context, row dynamo.RowKey) (given bool, units float64, err error)
}

// Position is how far a walk came. Its zero value is the beginning.
type Position struct {
	Done  int            `json:"done"`            // tables that are done, of dynamo.ShardedTables
	After *dynamo.RowKey `json:"after,omitempty"` // the last row that was done of the next table
	Count Count          `json:"count"`           // what the walk came to so far
}

// Count is what a walk came to.
type Count struct {
	Read  int     `json:"read"`  // rows that were looked at
	Given int     `json:"given"` // rows that got a shard
	Left  int     `json:"left"`  // rows that have none
	Units float64 `json:"units"` // write units that were used
}

// Walk is one walk over the tables.
type Walk struct {
	Store    Store                           // where the rows are
	DryRun   bool                            // nothing is written, and what has no shard is left
	Rate     float64                         // write units a second at the most; 0: as fast as it goes
	Keep     func(Position) error            // called after each page; nil: nothing is kept
	Progress func(table string, at Position) // called after each page; nil: nobody is told
}

// Run walks from a position to the end, and returns where it came. With an error that is where the
// next walk goes on.
func (w Walk) Run(ctx context.Context, at Position) (Position, error) {
	tables, speed := dynamo.ShardedTables(), &pace{rate: w.Rate}
	for at.Done < len(tables) {
		next, err := w.table(ctx, tables[at.Done], at, speed)
		// What was given of a page that was not done is counted; the page itself is read again.
		if err != nil {
			return next, errors.Join(fmt.Errorf("table %s: %w", tables[at.Done], err), w.keep(next))
		}
		at = Position{Done: at.Done + 1, Count: next.Count}
		if err := w.keep(at); err != nil {
			return at, err
		}
	}
	return at, nil
}

// table walks what is left of one table.
func (w Walk) table(ctx context.Context, table string, at Position, speed *pace) (Position, error) {
	for range maxPages {
		// A table that is busy is asked again: a walk of hours must not end for one answer.
		page, err := fault.RetryFor(ctx, func(ctx context.Context) (dynamo.BackfillPage, error) {
			return w.Store.ListUnsharded(ctx, table, at.After, PageRows)
		})
		if err != nil {
			return at, err
		}
		// The page counts when it is done as a whole: an interruption repeats it, and what has its
		// shard by then is listed no more.
		count, err := w.page(ctx, page, at.Count, speed)
		if err != nil {
			at.Count.Given, at.Count.Units = count.Given, count.Units
			return at, err
		}
		at.Count, at.After = count, page.Next
		if w.Progress != nil {
			w.Progress(table, at)
		}
		if page.Next == nil {
			return at, nil
		}
		if err := errors.Join(w.keep(at), ctx.Err()); err != nil {
			return at, err
		}
	}
	return at, errors.New("the table has no end")
}

// page gives the rows of a page their shards.
func (w Walk) page(ctx context.Context, page dynamo.BackfillPage, count Count, speed *pace) (Count, error) {
	count.Read += page.Read
	if w.DryRun {
		count.Left += len(page.Rows)
		return count, ctx.Err()
	}
	for _, row := range page.Rows {
		var units float64
		given := false
		// A customer's own writes may be in the way for a moment.
		err := fault.Retry(ctx, func(ctx context.Context) (err error) {
			given, units, err = w.Store.GiveShard(ctx, row)
			return err
		})
		if err != nil {
			return count, err
		}
		if given {
			count.Given++
		}
		count.Units += units
		if err := speed.spend(ctx, units); err != nil {
			return count, err
		}
	}
	return count, ctx.Err()
}

// pace spreads write units over time.
type pace struct {
	rate float64   // units a second; 0: as many as come
	free time.Time // when what was used is paid off
}

// spend notes used units, and waits until they are paid off at the rate.
func (p *pace) spend(ctx context.Context, units float64) error {
	if p.rate <= 0 {
		return ctx.Err()
	}
	// What was not used before is lost: a slow stretch must not be made up for by a rush.
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(units / p.rate * float64(time.Second)))
	timer := time.NewTimer(p.free.Sub(now))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (w Walk) keep(at Position) error {
	if w.Keep == nil {
		return nil
	}
	return w.Keep(at)
}
