package redrive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The times of a run.
const (
	pause  = time.Second     // between two looks at a queue
	beyond = 2 * time.Second // past Hold, for letters in another's hand: a run that died leaves some
)

// Run is one redrive.
type Run struct {
	// Queue is the queue, with its dead-letter queue.
	Queue Queue
	// Name marks what the run moves; another run has another.
	Name string
	// Quiet is how long the queue must be empty to count as drained; SQS's counts lag behind.
	Quiet time.Duration
	// Progress is told how far the run is, now and then; nil: nobody is.
	Progress func(moved int, counts Counts)
	// Sleep waits; nil: for as long as it is told.
	Sleep func(ctx context.Context, length time.Duration) error
}

// moving is how far a run has come.
type moving struct {
	moved  map[string]bool   // ids of letters whose queue has taken them
	again  map[string]Letter // by id, that failed again, kept in hand so that they are not received over and over
	waited time.Duration     // in a row, for letters in another's hand
}

// Move moves up to most letters to their queue, and returns how many it moved. On an error, and
// when ctx ends, what was moved is moved: the next run goes on with the rest.
func (r Run) Move(ctx context.Context, most int) (int, error) {
	state := moving{moved: map[string]bool{}, again: map[string]Letter{}}
	defer func() { r.Queue.release(ctx, slices.Collect(maps.Values(state.again))) }()
	for len(state.moved) < most && state.waited < r.Queue.Hold+beyond {
		if err := ctx.Err(); err != nil {
			return len(state.moved), err
		}
		letters, err := r.Queue.take(ctx, min(receiveMost, most-len(state.moved)))
		if err != nil {
			return len(state.moved), err
		}
		known := state.known()
		if len(letters) > 0 {
			if err := r.batch(ctx, letters, &state); err != nil {
				return len(state.moved), err
			}
		}
		// Nothing new came: either nothing is left, or the rest is in another's hand. What this run
		// has in hand itself comes again after Hold, and is nothing new.
		end, err := r.pauseOrEnd(ctx, len(letters), state.known() > known, &state)
		if err != nil || end {
			return len(state.moved), err
		}
	}
	return len(state.moved), nil
}

// known is how many letters the run has come upon.
func (m *moving) known() int { return len(m.moved) + len(m.again) }

// batch sends letters and then deletes those that their queue took.
func (r Run) batch(ctx context.Context, letters []Letter, state *moving) error {
	var fresh, done []Letter
	for _, letter := range letters {
		switch {
		case state.moved[letter.ID]: // SQS may hand out what was deleted
			done = append(done, letter)
		case letter.movedBy(r.Name):
			state.again[letter.ID] = letter // the last receipt gives it back
		default:
			fresh = append(fresh, letter)
		}
	}
	// An interrupt must not come between the send and the delete: it would leave repeats for
	// nothing.
	whole := context.WithoutCancel(ctx)
	taken, err := r.Queue.send(whole, fresh, r.Name)
	for _, letter := range taken {
		state.moved[letter.ID] = true
	}
	// Where nothing may be deleted, to go on would put a repeat of every letter on the queue.
	err = errors.Join(err, r.Queue.remove(whole, append(done, taken...)))
	if err != nil {
		r.Queue.release(ctx, without(fresh, state.moved))
	}
	return err
}

// without returns the letters that were not moved.
func without(letters []Letter, moved map[string]bool) []Letter {
	var rest []Letter
	for _, letter := range letters {
		if !moved[letter.ID] {
			rest = append(rest, letter)
		}
	}
	return rest
}

// pauseOrEnd tells how far the run is, and whether it is over when nothing new was received.
func (r Run) pauseOrEnd(ctx context.Context, received int, news bool, state *moving) (end bool, err error) {
	if news && received == receiveMost {
		state.waited = 0
		return false, nil
	}
	counts, err := r.Queue.Count(ctx)
	if err != nil {
		return false, err
	}
	r.report(len(state.moved), counts)
	switch {
	case news:
		state.waited = 0
		return false, nil
	case counts.Dead+counts.DeadInHand <= len(state.again):
		return true, nil
	}
	state.waited += pause
	return false, r.sleep(ctx, pause)
}

// Watch waits until the queue has been empty for Quiet, and returns the last counts; drained is
// false where it was not within that time.
func (r Run) Watch(ctx context.Context, moved int, within time.Duration) (counts Counts, drained bool, err error) {
	step := min(pause, max(r.Quiet/2, 50*time.Millisecond))
	empty := time.Duration(0)
	for spent := time.Duration(0); ; spent += step {
		if counts, err = r.Queue.Count(ctx); err != nil {
			return counts, false, err
		}
		r.report(moved, counts)
		if counts.Waiting+counts.InFlight > 0 {
			empty = 0
		} else if empty += step; empty > r.Quiet {
			return counts, true, nil
		}
		if spent >= within {
			return counts, false, nil
		}
		if err := r.sleep(ctx, step); err != nil {
			return counts, false, err
		}
	}
}

// Returned returns up to most of the letters that the run moved and that failed again.
func (r Run) Returned(ctx context.Context, most int) ([]Letter, error) {
	letters, err := r.Queue.Look(ctx, most)
	var again []Letter
	for _, letter := range letters {
		if letter.movedBy(r.Name) {
			again = append(again, letter)
		}
	}
	return again, err
}

func (r Run) report(moved int, counts Counts) {
	if r.Progress != nil {
		r.Progress(moved, counts)
	}
}

func (r Run) sleep(ctx context.Context, length time.Duration) error {
	if r.Sleep != nil {
		return r.Sleep(ctx, length)
	}
	select {
	case <-time.After(length):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("interrupted: %w", ctx.Err())
	}
}
