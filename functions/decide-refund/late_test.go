package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/metric"
	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/storetest"
)

// counting returns the world's decider, which counts on the buffer.
func counting(w *storetest.World) (handler, *bytes.Buffer) {
	var out bytes.Buffer
	d := w.Decider()
	d.Released = punctuality{metrics: metric.Open(&out, "decide-refund"), now: func() time.Time { return w.Now }}.released
	return handler{decider: d, now: func() time.Time { return w.Now }}, &out
}

func TestARefundWithinAMinuteIsInTimeAndALaterOneIsLate(t *testing.T) {
	for after, want := range map[time.Duration]string{0: `"RefundedLate":0`, time.Minute: `"RefundedLate":0`, time.Minute + time.Millisecond: `"RefundedLate":1`} {
		w := storetest.NewWorld(t, memory.New())
		h, out := counting(w)
		w.Grants("alice", 10)
		require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
		w.Settles(picture, w.Failure(generation.CausePlatform))
		w.Pass(after)
		require.Empty(t, invoke(t, h, "failed"))
		w.WantAvailable("alice", 10)
		assert.Contains(t, out.String(), want, after)
		assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
		require.Empty(t, invoke(t, h, "failed"), "a replay")
		assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")), "each refund is counted once")
	}
}

func TestAFailureThatThePolicyDeclinesIsNoRefund(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	h, out := counting(w)
	w.Grants("alice", 10)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	w.Settles(picture, w.Failure(generation.CauseInput))
	w.Pass(time.Hour)
	require.Empty(t, invoke(t, h, "failed"))
	assert.Empty(t, out.String())
}

func TestALostCountFailsNoRefund(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	h, _ := counting(w)
	d := w.Decider()
	d.Released = punctuality{metrics: metric.Open(closed{}, "decide-refund"), now: time.Now}.released
	h.decider = d
	w.Grants("alice", 10)
	require.Equal(t, picture, w.StartsUnder("alice", 2, "picture-1"))
	w.Settles(picture, w.Failure(generation.CausePlatform))
	require.Empty(t, invoke(t, h, "failed"))
	w.WantAvailable("alice", 10)
}

// closed takes nothing.
type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, context.Canceled }
