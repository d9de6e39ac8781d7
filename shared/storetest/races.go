package storetest

import (
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// atOnce runs n calls at once and returns how many succeeded. A busy answer is repeated, as its
// caller would. Every other error must be of the kind that losers get.
func atOnce(t *testing.T, n int, kind fault.Kind, call func(i int) error) int {
	t.Helper()
	return atOnceOf(t, n, func(err error) bool { return fault.KindOf(err) == kind }, call)
}

// atOnceOf is atOnce for errors that lost recognizes.
func atOnceOf(t *testing.T, n int, lost func(error) bool, call func(i int) error) int {
	t.Helper()
	errs := make([]error, n)
	// All goroutines wait at one gate, so that the calls really overlap.
	var ready, wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		wg.Add(1)
		go func() {
			defer wg.Done()
			ready.Done()
			<-start
			errs[i] = again(func() error { return call(i) })
		}()
	}
	ready.Wait()
	close(start)
	wg.Wait()
	// Whoever did not succeed must have lost to a rival, not met another fault.
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
			continue
		}
		require.True(t, lost(err), "%v", err)
	}
	return winners
}

// Races runs rivals against each other on one wallet, one generation, one payment.
func Races(t *testing.T, store Store, rivals int) {
	t.Helper()
	for _, group := range []map[string]func(*testing.T, *World, int){raceStories, lookRaces, attachmentRaces} {
		for name, race := range group {
			// A world for each race, so that the rivals of one never meet those of another.
			t.Run(name, func(t *testing.T) { race(t, NewWorld(t, store), rivals) })
		}
	}
}

var raceStories = map[string]func(*testing.T, *World, int){
	"on the last credits, exactly as many starts succeed as can be paid": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		// Credits for seven starts, and three over.
		w.Grants(alice, 4*7+3)
		starts := atOnce(t, rivals, fault.KindInsufficient, func(int) error {
			_, err := w.Starter().Start(w.ctx(), w.order(alice, 1), w.Now)
			return err
		})
		require.Equal(t, 7, starts)
		w.WantAvailable(alice, 3)
		w.WantLaws(alice)
	},
	"each start is answered the balance that its own commit left": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, ledger.Credits(4*rivals))
		orders, answers := make([]generation.Order, rivals), make([]ledger.Credits, rivals)
		for i := range orders {
			// One in ten is free: it moves nothing, and must see the balance beside it.
			orders[i] = w.order(alice, 1)
			if i%10 == 9 {
				orders[i].Mode = generation.ModeFree
			}
		}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			start, err := w.Starter().Start(w.ctx(), orders[i], w.Now)
			answers[i] = start.Available
			return err
		}))
		// The balances that were answered are a row without gaps: each start saw the state that its
		// own commit left.
		totals := map[ledger.Credits]int{}
		for i, answer := range answers {
			if orders[i].Mode != generation.ModeFree {
				totals[answer]++
			}
			replay, err := w.start(orders[i])
			require.NoError(t, err)
			require.Equal(t, answer, replay.Available, "as first answered")
		}
		rest := ledger.Credits(4 * rivals)
		for range len(totals) {
			rest -= 4
			require.Equal(t, 1, totals[rest], "%d is left after one start", rest)
		}
		require.Equal(t, rest, w.Wallet(alice).Available(w.Now))
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
		// Half of the rivals report a success, half a failure. The first is recorded, one of the
		// others is late.
		results := []generation.Result{w.Success(-1), w.Failure(generation.CausePlatform)}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			return w.ResultRecorder().Record(w.ctx(), id, results[i%2], w.Now)
		}))
		w.Deliver()
		g := w.Generation(id)
		require.Contains(t, []generation.State{generation.StateCaptured, generation.StateReleased}, g.State)
		require.Equal(t, ledger.Credits(4), g.Captured+g.Released)
		require.NotNil(t, g.Late)
		w.WantLaws(alice)
	},
	"of one failure, one verdict is recorded and gives back once": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Failure(generation.CausePlatform))
		request := w.requests[0]
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error {
			return w.Decider().Decide(w.ctx(), request, w.Now)
		}))
		w.WantState(id, generation.StateReleased)
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"grants, starts and verdicts on one wallet lose no credit": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 400)
		failures := make([]generation.ID, rivals/4)
		for i := range failures {
			failures[i] = w.Starts(alice, 1)
			w.Settles(failures[i], w.Failure(generation.CausePlatform))
		}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			// A quarter verdicts, a quarter gifts, half starts, all on one wallet.
			switch i % 4 {
			case 0:
				return w.Decider().Decide(w.ctx(), message.NewTechnicalFailure(string(failures[i/4]), message.ReasonFailed), w.Now)
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
	"of many reports of one output, one opens its case": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Generated(alice, 1)
		reports := make([]refund.Report, rivals)
		for i := range reports {
			reports[i] = w.report(id, 0)
		}
		require.Equal(t, 1, atOnce(t, rivals, fault.KindConflict, func(i int) error {
			_, err := w.Reporter().File(w.ctx(), reports[i], w.Now)
			return err
		}))
		require.Equal(t, 1, w.Deliver())
		w.WantVerdict(refund.ReportCaseID(id, 0), refund.StateInReview, "R8")
	},
	"of many copies of one report, all get the answer of the one case": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		report := w.report(w.Generated(alice, 1), 0)
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error {
			_, err := w.Reporter().File(w.ctx(), report, w.Now)
			return err
		}))
		// Each copy has sent a message; all are delivered at once too. One look is recorded.
		reports := take(w, &w.reports)
		require.Equal(t, len(reports), atOnce(t, len(reports), fault.KindBusy, func(i int) error {
			return w.Assessor().Assess(w.ctx(), reports[i], 1, w.Now)
		}))
		requests := w.requests
		require.Equal(t, len(requests), atOnce(t, len(requests), fault.KindBusy, func(i int) error {
			return w.Decider().Decide(w.ctx(), requests[i], w.Now)
		}))
		require.Len(t, w.CaseOf(refund.ReportCaseID(report.Generation, 0)).History, 2)
	},
	"of many rulings on one case, one is recorded and gives back once": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		outcomes := []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined}
		require.Equal(t, 1, atOnce(t, rivals, fault.KindConflict, func(i int) error {
			order := w.ruling(outcomes[i%2])
			return again(func() error { // one key of its own, however often it is repeated
				_, err := w.Reviewer().Rule(w.ctx(), id, order, w.Now)
				return err
			})
		}))
		require.Equal(t, 1, w.Deliver())
		c := w.CaseOf(id)
		require.Equal(t, string(c.Ruling.Outcome), string(c.State))
		want := ledger.Credits(0)
		if c.State == refund.StateApproved {
			want = 4
		}
		w.WantAvailable(alice, want)
		w.WantLaws(alice)
	},
	"of one ruling carried out many times, starts beside it, no credit is lost": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		w.Grants(alice, 400)
		id := w.Generated(alice, 8)
		var cases []refund.CaseID
		for output := range 8 {
			cases = append(cases, w.Reports(id, output))
		}
		w.Deliver()
		// Eight rulings on one wallet, each delivered several times, and starts beside them.
		for _, c := range cases {
			w.Rules(c, policy.OutcomeApproved)
		}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			if i%2 == 0 {
				return w.Decider().Decide(w.ctx(), requested(cases[i/2%8]), w.Now)
			}
			_, err := w.Starter().Start(w.ctx(), w.order(alice, 1), w.Now)
			return err
		}))
		w.WantState(id, generation.StateRefunded)
		w.WantAvailable(alice, ledger.Credits(400-4*(rivals/2)))
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
	"of many payers of one payment, one has the provider send the money": func(t *testing.T, w *World, rivals int) {
		// Without a message of its own left, the payers race for the same payment.
		w = NewWorldOf(t, w.Store, "goopter")
		alice := w.Customer("alice")
		id, caseID := partly(w, alice)
		w.Lose()
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(int) error { return w.Payer().Settle(w.ctx(), id, w.Now) }))
		w.Drain()
		require.Equal(t, refund.StateClosed, w.CaseOf(caseID).State)
		w.wantPaidBack(id, caseID, 200)
		w.WantAvailable(alice, 30)
		w.WantLaws(alice)
	},
	// Each charge must list all others as duplicates, in whatever order they arrived.
	"of charges that come at once, each shows the others": func(t *testing.T, w *World, rivals int) {
		alice := w.Customer("alice")
		charges := make([]payment.Facts, min(rivals, 8))
		for i := range charges {
			charges[i] = w.Paid(w.Payment(strconv.Itoa(i)), alice)
		}
		require.Equal(t, len(charges), atOnce(t, len(charges), fault.KindBusy, func(i int) error {
			_, err := w.receiver().Receive(w.ctx(), charges[i], w.Now)
			return err
		}))
		for _, charge := range charges {
			require.Len(t, w.PaymentOf(charge.Payment).DuplicateOf, len(charges)-1)
		}
		w.WantAvailable(alice, ledger.Credits(100*len(charges)))
		w.WantLaws(alice)
	},
}
