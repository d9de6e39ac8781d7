package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/storetest"
)

type counted struct{ counts map[string]int }

func (c *counted) Count(_ time.Time, counts map[string]int) error {
	c.counts = counts
	return nil
}

func TestASweepPutsOverdueWorkBackAndCountsIt(t *testing.T) {
	text, err := os.ReadFile("../../events/sweep-due/minute.json")
	require.NoError(t, err)
	var minute events.EventBridgeEvent
	require.NoError(t, json.Unmarshal(text, &minute))

	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 4)
	id := w.Starts("alice", 1)
	w.Settles(id, w.Failure(generation.CausePlatform))
	w.Lose()
	w.Pass(2 * time.Minute)
	metrics := &counted{}
	h := handler{sweeper: due.Sweeper{Store: w.Store, Queues: w}, metrics: metrics, now: func() time.Time { return w.Now }}
	require.NoError(t, h.handle(context.Background()))
	require.Equal(t, map[string]int{"ClaimedItems": 1, "FailedItems": 0, "StuckItems": 0, "OverdueReviews": 0}, metrics.counts)
	require.Equal(t, 1, w.Deliver())
	w.WantAvailable("alice", 4)
}

// deaf queues take nothing.
type deaf struct{ *storetest.World }

func (deaf) Request(context.Context, message.RefundRequested) error { return errors.New("no queue") }

func TestWorkThatCannotBeSentRingsTheAlarmAndStaysDue(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 4)
	id := w.Starts("alice", 1)
	w.Settles(id, w.Failure(generation.CausePlatform))
	w.Lose()
	w.Pass(2 * time.Minute)
	metrics := &counted{}
	h := handler{sweeper: due.Sweeper{Store: w.Store, Queues: deaf{w}}, metrics: metrics, now: func() time.Time { return w.Now }}
	require.Error(t, h.handle(context.Background()))
	require.Equal(t, 1, metrics.counts["FailedItems"])
	w.Pass(2 * time.Minute)
	w.Sweep()
	require.Equal(t, 1, w.Deliver())
	w.WantAvailable("alice", 4)
}
