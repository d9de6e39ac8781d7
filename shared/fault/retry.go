package fault

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// MaxAttempts bounds Retry, MaxContended Contend: past it the input goes back where it came from
// (503, or its queue).
const (
	MaxAttempts  = 8
	MaxContended = 16
)

// The pauses between attempts grow from firstPause, doubling, to lastPause (lastContended), each
// drawn evenly from (0, pause] so that rivals for one wallet do not meet again ("full jitter").
// Those of Contend add up to 6.4 s at the most, 3.2 s on average.
const (
	firstPause    = 10 * time.Millisecond
	lastPause     = 320 * time.Millisecond
	lastContended = 640 * time.Millisecond
)

// Repeat runs attempt until it succeeds, fails for good, or times attempts have run within ctx,
// with a pause between them that doubles. Only KindBusy is tried again; the last attempt's error is
// returned as it is. One that says RetryAfter is not tried sooner, and not at all where ctx ends
// before. It is for calls that nobody rivals, so it needs no jitter.
func Repeat(ctx context.Context, times int, pause time.Duration, attempt func(ctx context.Context) error) error {
	for n := 1; ; n++ {
		err := attempt(ctx)
		if err == nil || n == times || KindOf(err) != KindBusy || !waitFor(ctx, err, pause) {
			return err
		}
		pause *= 2
	}
}

// waitFor reports whether the pause passed, or the longer one that the error asks for. It does not
// wait for what ctx will not see.
func waitFor(ctx context.Context, err error, pause time.Duration) bool {
	var busy *Error
	// Whoever is busy may know for how long.
	if errors.As(err, &busy) {
		pause = max(pause, busy.RetryAfter)
	}
	// A pause that ends after the deadline is not begun: the caller gets the error while it can
	// still answer.
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
		return false
	}
	return wait(ctx, pause)
}

// wait reports whether the pause passed before ctx ended.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Retry runs attempt until it succeeds, fails for good, or MaxAttempts have run within ctx.
// Only KindStale and KindBusy are tried again. Exhausted attempts return a KindBusy error.
func Retry(ctx context.Context, attempt func(ctx context.Context) error) error {
	return retry(ctx, MaxAttempts, lastPause, attempt)
}

// RetryFor is Retry for an attempt that returns a value. It returns that of the last attempt,
// beside an error too.
func RetryFor[T any](ctx context.Context, attempt func(ctx context.Context) (T, error)) (T, error) {
	return valueOf(ctx, Retry, attempt)
}

// Contend is Retry for a step of which a customer may have many at once, each of which makes the
// others stale, and whose caller waits: sixty of them, all at the same instant, each have their
// turn within MaxContended attempts.
func Contend(ctx context.Context, attempt func(ctx context.Context) error) error {
	return retry(ctx, MaxContended, lastContended, attempt)
}

// ContendFor is Contend for an attempt that returns a value, as RetryFor is Retry.
func ContendFor[T any](ctx context.Context, attempt func(ctx context.Context) (T, error)) (T, error) {
	return valueOf(ctx, Contend, attempt)
}

// valueOf hands the value of each attempt past a retry that knows only errors; the last one stays.
func valueOf[T any](
	ctx context.Context, try func(context.Context, func(context.Context) error) error, attempt func(ctx context.Context) (T, error),
) (value T, err error) {
	err = try(ctx, func(ctx context.Context) (err error) {
		value, err = attempt(ctx)
		return err
	})
	return value, err
}

func retry(ctx context.Context, limit int, last time.Duration, attempt func(ctx context.Context) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		// Only these two can pass by themselves: any other error would come back the same.
		if kind := KindOf(err); kind != KindStale && kind != KindBusy {
			return err
		}
		// Exhausted or out of time, the input goes back where it came from, to be tried later. The
		// pause is drawn anew each time, so that rivals for one wallet do not meet again.
		if n == limit || ctx.Err() != nil || !wait(ctx, time.Duration(rand.Int64N(int64(pause)))+1) {
			return Busy(err)
		}
		pause = min(2*pause, last)
	}
}
