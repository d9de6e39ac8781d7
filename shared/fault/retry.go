package fault

import (
	"context"
	"math/rand/v2"
	"time"
)

// MaxAttempts bounds every retry loop of ours: past it the input goes back where it came from (503, or its queue).
const MaxAttempts = 8

// The pauses between attempts grow from firstPause, doubling, to lastPause, each drawn evenly from (0, pause]
// so that rivals for one wallet do not meet again ("full jitter").
const (
	firstPause = 10 * time.Millisecond
	lastPause  = 320 * time.Millisecond
)

// Retry runs attempt until it succeeds, fails for good, or MaxAttempts have run within ctx.
// Only KindStale and KindBusy are tried again. Exhausted attempts return a KindBusy error.
func Retry(ctx context.Context, attempt func(ctx context.Context) error) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		if kind := KindOf(err); kind != KindStale && kind != KindBusy {
			return err
		}
		if n == MaxAttempts || ctx.Err() != nil {
			return Busy(err)
		}
		timer := time.NewTimer(time.Duration(rand.Int64N(int64(pause))) + 1)
		select {
		case <-ctx.Done():
			timer.Stop()
			return Busy(err)
		case <-timer.C:
		}
		pause = min(2*pause, lastPause)
	}
}
