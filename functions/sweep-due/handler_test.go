package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/storetest"
)

type counted struct{ counts map[string]int }

func (c *counted) Count(_ time.Time, counts map[string]int) error {
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	maps.Copy(c.counts, counts)
	return nil
}

// over returns the handler of a world, which puts back on these queues, and what it counts.
func over(w *storetest.World, queues due.Queues) (handler, *counted) {
	metrics := &counted{}
	return handler{
		signals: w.Store,
		sweeper: due.Sweeper{Store: w.Store, Queues: queues},
		poller:  w.Listener(),
		metrics: metrics,
		now:     func() time.Time { return w.Now },
	}, metrics
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
	h, metrics := over(w, w)
	require.NoError(t, h.handle(context.Background()))
	require.Equal(t, map[string]int{"ClaimedItems": 1}, metrics.counts, "what is nothing is not counted, and costs nothing")
	require.Equal(t, 1, w.Deliver())
	w.WantAvailable("alice", 4)
}

// deaf queues take nothing.
type deaf struct{ *storetest.World }

func (deaf) Send(context.Context, message.Message) error { return errors.New("no queue") }

func TestWorkThatCannotBeSentRingsTheAlarmAndStaysDue(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 4)
	id := w.Starts("alice", 1)
	w.Settles(id, w.Failure(generation.CausePlatform))
	w.Lose()
	w.Pass(2 * time.Minute)
	w.Misses(w.Paid("pi_1", "bob"))
	h, metrics := over(w, deaf{w})
	require.Error(t, h.handle(context.Background()))
	require.Equal(t, 1, metrics.counts["FailedItems"])
	w.WantAvailable("bob", 100) // listening does not wait for the sweep to succeed
	w.Pass(2 * time.Minute)
	w.Sweep()
	require.Equal(t, 1, w.Deliver())
	w.WantAvailable("alice", 4)
}

func TestAPurchaseThatNoWebhookBroughtIsGrantedOnceAndCounted(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	missed := w.Paid("pi_1", "alice")
	missed.At = w.Now.Add(-time.Hour)
	w.Misses(missed)
	h, metrics := over(w, w)
	require.NoError(t, h.handle(context.Background()))
	require.Equal(t, 1, metrics.counts["MissedEvents"])
	w.WantAvailable("alice", 100)
	for range 3 {
		w.Pass(10 * time.Minute)
		metrics.counts = nil
		require.NoError(t, h.handle(context.Background()))
		require.Empty(t, metrics.counts)
	}
	w.WantAvailable("alice", 100)
	w.WantLaws("alice")
}

func TestAProviderThatDoesNotAnswerRingsTheAlarmAndStopsNoSweep(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 4)
	w.Settles(w.Starts("alice", 1), w.Failure(generation.CausePlatform))
	w.Lose()
	w.Pass(2 * time.Minute)
	h, metrics := over(w, w)
	h.poller = silent{}
	require.Error(t, h.handle(context.Background()))
	require.Equal(t, map[string]int{"ClaimedItems": 1, "MissedEvents": 3}, metrics.counts)
	require.Equal(t, 1, w.Deliver())
	w.WantAvailable("alice", 4)
}

// silent hears three events, and then nothing any more.
type silent struct{}

func (silent) Poll(context.Context, time.Time) (int, error) { return 3, errors.New("no answer") }

// patient counts how long it was let.
type patient struct{ left time.Duration }

func (p *patient) Sweep(ctx context.Context, _ time.Time) (due.Report, error) {
	deadline, _ := ctx.Deadline()
	p.left = time.Until(deadline)
	return due.Report{}, nil
}

func (p *patient) Poll(ctx context.Context, _ time.Time) (int, error) {
	deadline, _ := ctx.Deadline()
	p.left = time.Until(deadline)
	return 0, nil
}

// stopped are the signals that decide nothing.
type stopped []evidence.Name

func (s stopped) ListStopped(context.Context) ([]evidence.Name, error) { return s, nil }

func TestASignalThatHasStoppedIsCountedEachMinuteUntilItIsLifted(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	h, metrics := over(w, w)
	h.signals = stopped{evidence.Blank, evidence.Truncated}
	require.NoError(t, h.handle(context.Background()))
	require.Equal(t, map[string]int{"StoppedSignals": 2}, metrics.counts)
	h.signals, metrics.counts = w.Store, nil
	require.NoError(t, h.handle(context.Background()))
	require.Empty(t, metrics.counts, "none has stopped")
}

func TestASweepLeavesTimeToListenAndListeningIsBounded(t *testing.T) {
	sweeping, hearing := &patient{}, &patient{}
	h := handler{signals: stopped(nil), sweeper: sweeping, poller: hearing, metrics: &counted{}, now: time.Now}
	for given, want := range map[time.Duration][2]time.Duration{
		50 * time.Second: {32 * time.Second, 15 * time.Second},
		10 * time.Second: {-8 * time.Second, 7 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), given)
			defer cancel()
			require.NoError(t, h.handle(ctx))
			require.Equal(t, want, [2]time.Duration{sweeping.left, hearing.left})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		require.NoError(t, h.handle(context.Background()), "without a deadline too")
		require.Equal(t, 15*time.Second, hearing.left)
	})
}

func TestTheIntervalOfListeningIsTenMinutesOrWhatIsSaid(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 10 * time.Minute, "90s": 90 * time.Second} {
		every, err := parseInterval(text)
		require.NoError(t, err)
		require.Equal(t, want, every)
	}
	for _, text := range []string{"soon", "10", "0s", "-1m"} {
		_, err := parseInterval(text)
		require.ErrorContains(t, err, "LISTING_INTERVAL", text)
	}
}

// overrun is a sweeper that leaves something of two kinds.
type overrun struct{}

func (overrun) Sweep(context.Context, time.Time) (due.Report, error) {
	return due.Report{Claimed: 2 * due.MaxItems, Cuts: 2}, nil
}

func TestASweepThatLeavesSomethingOverdueSaysSo(t *testing.T) {
	h, metrics := over(storetest.NewWorld(t, memory.New()), nil)
	h.sweeper = overrun{}
	require.NoError(t, h.handle(context.Background()))
	require.Equal(t, 2, metrics.counts["UnfinishedWalks"], "its alarm lives on it")
}
