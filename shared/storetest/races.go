package storetest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/message"
)

// atOnce runs n calls at once and returns how many succeeded. A busy answer is repeated, as its caller would; every other error
// must be of a kind that is expected.
func atOnce(t *testing.T, n int, expected fault.Kind, call func(i int) error) int {
	t.Helper()
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			errs[i] = again(func() error { return call(i) })
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	succeeded := 0
	for _, err := range errs {
		if err == nil {
			succeeded++
			continue
		}
		require.Equal(t, expected, fault.KindOf(err), "%v", err)
	}
	return succeeded
}

// Races runs rivals against each other on one wallet, one generation, one payment.
func Races(t *testing.T, store Store, rivals int) {
	t.Helper()
	for name, race := range racing {
		t.Run(name, func(t *testing.T) { race(t, NewWorld(t, store), rivals) })
	}
}

var racing = map[string]func(*testing.T, *World, int){
	"on the last credits, exactly as many starts succeed as can be paid": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4*7+3)
		started := atOnce(t, rivals, fault.KindInsufficient, func(int) error {
			_, err := w.Starter().Start(w.ctx(), w.order(alice, 1), w.Now)
			return err
		})
		require.Equal(t, 7, started)
		w.WantAvailable(alice, 3)
		w.WantLaws(alice)
	},
	"under one key, one generation is started": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4) // and not one credit more: a replay must not be told that there is nothing left
		order := w.order(alice, 1)
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error {
			_, err := w.Starter().Start(w.ctx(), order, w.Now)
			return err
		}))
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
	},
	"of a success and a failure, one is recorded and the credits move once": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		results := []generation.Result{w.Success(-1), w.Failure(generation.CausePlatform)}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			return w.Settler().Settle(w.ctx(), id, results[i%2], w.Now)
		}))
		w.Deliver()
		settled := w.Generation(id)
		require.Contains(t, []generation.State{generation.StateCaptured, generation.StateReleased}, settled.State)
		require.Equal(t, ledger.Credits(4), settled.Captured+settled.Released)
		require.NotNil(t, settled.Late)
		w.WantLaws(alice)
	},
	"of one failure, one verdict is recorded and gives back once": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Failure(generation.CausePlatform))
		request := w.requests[0]
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error {
			return w.Decider().DecideFailure(w.ctx(), request, w.Now)
		}))
		w.WantState(id, generation.StateReleased)
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"grants, starts and verdicts on one wallet lose no credit": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 400)
		failed := make([]generation.ID, rivals/4)
		for i := range failed {
			failed[i] = w.Starts(alice, 1)
			w.Settles(failed[i], w.Failure(generation.CausePlatform))
		}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			switch i % 4 {
			case 0:
				return w.Decider().DecideFailure(w.ctx(), message.NewTechnicalFailure(string(failed[i/4]), message.ReasonFailed), w.Now)
			case 1:
				_, err := grant.Granter{Store: w.Store}.Give(w.ctx(), w.gift(alice, 3), w.Now)
				return err
			default:
				_, err := w.Starter().Start(w.ctx(), w.order(alice, 1), w.Now)
				return err
			}
		}))
		w.WantAvailable(alice, ledger.Credits(400+3*(rivals/4)-4*(rivals/2)))
		w.WantLaws(alice)
	},
	"of one purchase event, one grant is made": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		facts := w.Paid(w.Payment("a"), alice)
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error {
			_, err := w.receiver().Receive(w.ctx(), facts, w.Now)
			return err
		}))
		w.WantAvailable(alice, 100)
		w.WantLaws(alice)
	},
}
