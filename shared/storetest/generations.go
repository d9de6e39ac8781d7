package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

var startStories = map[string]func(*testing.T, *World){
	"a start holds the price and a replay gets the first answer": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		order := w.order(alice, 2)
		first, err := w.start(order)
		require.NoError(t, err)
		require.Equal(t, generation.Started{ID: first.ID, Price: 8, Available: 2, Replayed: first.Replayed}, first)
		// The balance has changed since. A replay still answers with the first balance, not
		// today's.
		w.Grants(alice, 5)
		replay, err := w.start(order)
		require.NoError(t, err)
		require.Equal(t, generation.Started{ID: first.ID, Price: 8, Available: 2, Replayed: true}, replay)
		w.WantAvailable(alice, 7)
		w.WantLaws(alice)
	},
	"another order under the same key is a conflict": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		order := w.order(alice, 1)
		_, err := w.start(order)
		require.NoError(t, err)
		// The price would be another, so the first answer would be a lie about this order.
		order.Outputs = 2
		_, err = w.start(order)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
		w.WantAvailable(alice, 6)
	},
	"another reference under the same key is a conflict, and the first is listed": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		order := w.order(alice, 1)
		order.Reference = "job-17"
		_, err := w.start(order)
		require.NoError(t, err)
		other := order
		other.Reference = "job-18"
		_, err = w.start(other)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
		w.Pass(time.Second)
		w.Starts(alice, 1)
		w.Nudge()
		page, more := w.Generations(alice, nil, 10)
		require.False(t, more)
		require.Equal(t, []string{"", "job-17"}, []string{page[0].Reference, page[1].Reference})
		// The page goes on behind the position that was given, not at it.
		next, more := w.Generations(alice, &statement.Position{ID: string(page[0].ID), At: page[0].StartedAt.UnixMilli()}, 1)
		require.False(t, more)
		require.Equal(t, page[1:], next)
	},
	"what an order says of its picture stays with it and belongs to the key": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		order := w.order(alice, 1)
		order.Words = generation.Words{Prompt: "a red shirt on a beach", Template: "summer"}
		order.Dimensions = generation.Dimensions{Width: 1024, Height: 768}
		start, err := w.start(order)
		require.NoError(t, err)
		g := w.Generation(start.ID)
		require.Equal(t, []any{order.Words, order.Dimensions}, []any{g.Words, g.Dimensions})
		// Its result changes nothing of it, and a page of the customer's generations brings it.
		w.Settles(start.ID, w.Success(-1))
		w.Nudge()
		page, _ := w.Generations(alice, nil, 10)
		require.Equal(t, []any{order.Words, order.Dimensions}, []any{page[0].Words, page[0].Dimensions})
		for _, change := range []func(*generation.Order){
			func(o *generation.Order) { o.Words.Prompt = "a blue shirt" },
			func(o *generation.Order) { o.Words.Template = "winter" },
			func(o *generation.Order) { o.Dimensions.Height = 1024 },
			func(o *generation.Order) { o.Words, o.Dimensions = generation.Words{}, generation.Dimensions{} },
		} {
			other := order
			change(&other)
			_, err = w.start(other)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), "%+v", other)
		}
	},
	"options choose the price, stay with the generation, and belong to the key": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// Two outputs at the pro price of seven seconds cost 28.
		w.Grants(alice, 40)
		order := w.order(alice, 2)
		order.Feature, order.Options = "video-generator", generation.Options{Model: "pro", Seconds: 7}
		first, err := w.start(order)
		require.NoError(t, err)
		require.Equal(t, ledger.Credits(28), first.Price)
		replay, err := w.start(order)
		require.NoError(t, err)
		require.Equal(t, []any{first.Price, order.Options, true}, []any{replay.Price, replay.Options, replay.Replayed})
		require.Equal(t, order.Options, w.Generation(first.ID).Options)
		for _, other := range []generation.Options{{Model: "pro", Seconds: 8}, {Seconds: 7}, {Model: "pro", Size: "hd", Seconds: 7}} {
			order.Options = other
			_, err = w.start(order)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), "%+v", other)
		}
		order.Key, order.Options, order.Outputs = w.Key(), generation.Options{Model: "pro", Size: "hd"}, 1
		start, err := w.start(order)
		require.NoError(t, err)
		require.Equal(t, order.Options, w.Generation(start.ID).Options)
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
	},
	"too few credits, or an unknown customer, hold nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 3)
		// An unknown customer gets the same answer as a poor one: the app cannot probe who exists.
		for _, customer := range []ledger.CustomerID{alice, w.Customer("nobody")} {
			_, err := w.start(w.order(customer, 1))
			require.Equal(t, fault.CodeInsufficientCredits, fault.CodeOf(err))
		}
		w.WantAvailable(alice, 3)
		require.False(t, w.Wallet(w.Customer("nobody")).Recorded)
	},
	"a refused start is not recorded: the same key may try again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		order := w.order(alice, 1)
		_, err := w.start(order)
		require.Equal(t, fault.KindInsufficient, fault.KindOf(err))
		// The refusal left no row under the key, so credits that come later can be held with it.
		w.Grants(alice, 4)
		_, err = w.start(order)
		require.NoError(t, err)
		w.WantAvailable(alice, 0)
	},
	"a lot that is emptied leaves the wallet, the soonest to expire first": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		soon := w.Grants(alice, 4, 24*time.Hour)
		id := w.Starts(alice, 1)
		// The lot that expires first is drawn first, whenever it was granted.
		_, there := w.Wallet(alice).Lot(soon.ID)
		require.False(t, there)
		require.Equal(t, soon.ID, w.Generation(id).Draws[0].Lot)
		w.WantAvailable(alice, 10)
		w.WantLaws(alice)
	},
	"an expired lot is never drawn, swept or not": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4, time.Hour)
		w.Pass(time.Hour)
		// Nobody has swept yet: the draw itself must leave the lot out.
		_, err := w.start(w.order(alice, 1))
		require.Equal(t, fault.KindInsufficient, fault.KindOf(err))
		w.WantAvailable(alice, 0)
	},
	"free mode moves nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		order := w.order(alice, 1)
		order.Mode = generation.ModeFree
		start, err := w.start(order)
		require.NoError(t, err)
		w.Settles(start.ID, w.Success(-1))
		w.WantState(start.ID, generation.StateCaptured)
		require.Empty(t, w.Rows(alice))
	},
	"a posting computed from a wallet that has changed since is stale": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		wallet := w.Wallet(alice)
		w.Starts(alice, 1)
		// The grant was computed before the hold, so its wallet is no longer the stored one.
		posting, lot, err := ledger.Grant(wallet, ledger.Lot{ID: "lot_aaaaaaaaaa", Source: ledger.SourceGoodwill, Granted: 1}, ledger.Cause{}, w.Now)
		require.NoError(t, err)
		err = again(func() error {
			return w.Store.CommitGrant(w.ctx(), grant.Grant{ID: lot.ID, Customer: alice}, posting)
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		w.WantAvailable(alice, 6)
		w.WantLaws(alice)
	},
	"a free start on a wallet that has changed is stale too: its answer tells the balance": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		// A free start moves no credits, but its answer names the balance, so it rests on the
		// wallet too.
		for _, changes := range []func(){
			func() { w.Grants(alice, 4) }, // the first line there is
			func() { w.Starts(alice, 1) },
		} {
			draws, posting, err := ledger.Hold(w.Wallet(alice), 0, w.Now)
			require.NoError(t, err)
			changes()
			err = again(func() error {
				return w.Store.CommitStart(w.ctx(), generation.Generation{
					ID: generation.NewID(alice, "app", w.Key()), Customer: alice, Outputs: 1, Draws: draws, State: generation.StateHeld,
					StartedAt: w.Now, Deadline: w.Now,
				}, posting)
			})
			require.Equal(t, fault.KindStale, fault.KindOf(err))
		}
	},
	"a commit on a wallet that has changed is stale and does nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		wallet := w.Wallet(alice)
		w.Starts(alice, 1)
		draws, hold, err := ledger.Hold(wallet, 4, w.Now)
		require.NoError(t, err)
		// The hold was computed from credits that another start has drawn since.
		id := generation.NewID(alice, "app", w.Key())
		err = again(func() error {
			return w.Store.CommitStart(w.ctx(), generation.Generation{
				ID: id, Customer: alice, Outputs: 1, Price: 4, Draws: draws, State: generation.StateHeld, StartedAt: w.Now, Deadline: w.Now,
			}, hold)
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		require.NoError(t, again(func() error {
			g, err := w.Store.FindGeneration(w.ctx(), id)
			require.Nil(t, g)
			return err
		}))
	},
}

var resultStories = map[string]func(*testing.T, *World){
	"a line lies after those that it builds on, whichever machine's clock its step went by": func(t *testing.T, w *World) {
		// Functions run on machines whose clocks differ. Lines of one wallet must still lie in the
		// order in which they build on each other, so each is at least a millisecond after the
		// last.
		alice := w.Customer("alice")
		w.Grants(alice, 100)
		at := w.Wallet(alice).At
		w.Pass(-1500 * time.Millisecond)
		// Three starts on a clock 1.5 seconds behind, then their results on one a second further
		// behind.
		success, part, failure := w.Starts(alice, 2), w.Starts(alice, 3), w.Starts(alice, 1)
		for i, id := range []generation.ID{success, part, failure} {
			require.Equal(t, at.Add(time.Duration(i+1)*time.Millisecond), w.Generation(id).StartedAt)
		}
		w.Pass(-time.Second)
		w.Settles(success, w.Success(-1))
		w.Settles(part, w.Success(1))
		w.Settles(failure, w.Failure(generation.CausePlatform))
		w.Pass(-time.Second)
		w.Deliver()
		w.WantState(failure, generation.StateReleased)
		one := w.Generation(success)
		require.Equal(t, one.StartedAt.Add(time.Millisecond), one.CapturedAt)
		require.Equal(t, one.CapturedAt, one.RecordedAt)
		id := w.Reports(success, 0)
		w.Deliver()
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		w.Pass(-time.Hour)
		w.Starts(alice, 1)
		w.WantAvailable(alice, 100-8-4+4-4)
		w.WantLaws(alice)
	},
	"a success captures, and its repeat changes nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		id := w.Starts(alice, 1)
		result := w.Success(1)
		w.Settles(id, result)
		g := w.Generation(id)
		require.Equal(t, generation.StateCaptured, g.State)
		require.Equal(t, ledger.Credits(4), g.Captured)
		require.Empty(t, g.Todo)
		// The repeat comes a minute later, and not even the instants may change.
		w.Pass(time.Minute)
		w.Settles(id, result)
		require.Equal(t, g, w.Generation(id))
		require.Zero(t, w.Deliver())
		w.WantAvailable(alice, 6)
		w.WantLaws(alice)
	},
	"more outputs than asked cost what was asked": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Success(3))
		w.WantState(id, generation.StateCaptured)
		w.WantAvailable(alice, 16)
	},
	"a late success after a failure is noted and changes nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		w.Settles(id, w.Failure(generation.CausePlatform))
		w.Deliver()
		// The credits went back with the verdict, so a success cannot capture them again.
		w.Pass(time.Minute)
		w.Settles(id, w.Success(1))
		w.Pass(time.Minute)
		w.Settles(id, w.Success(-1))
		late := w.Generation(id)
		require.Equal(t, generation.StateReleased, late.State)
		require.Equal(t, &generation.Late{Status: generation.StatusSucceeded, At: noon.Add(time.Minute)}, late.Late)
		w.WantAvailable(alice, 4)
		w.WantLaws(alice)
	},
	"what was settled since it was read cannot be settled again": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 10)
		id := w.Starts(alice, 1)
		before := w.Generation(id)
		w.Settles(id, w.Success(-1))
		// Both a release and a verdict computed before the success would give credits back that are
		// spent.
		posting, _, err := ledger.Release(w.Wallet(alice), before.Draws, w.ExpiredLot(w.Now), ledger.Cause{}, w.Now)
		require.NoError(t, err)
		after := before.Release(before.Price, w.Now)
		err = again(func() error { return w.Store.CommitResult(w.ctx(), before, after, posting) })
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		err = again(func() error {
			return w.Store.CommitDecision(w.ctx(), refund.Effect{
				Case: refund.Case{
					ID: refund.FailureCaseID(id), Kind: policy.KindTechnicalFailure, Customer: alice, State: refund.StateApproved, OpenedAt: w.Now,
				},
				Generation: &refund.Change[generation.Generation]{Before: before, After: after}, Posting: posting,
			})
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		require.Nil(t, w.Case(id))
		w.WantAvailable(alice, 6)
		w.WantLaws(alice)
	},
	"of two late results at once, the first stands": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Starts(alice, 1)
		// Two late results write one field; only the first may.
		for i := range 2 {
			late := generation.Late{Status: generation.StatusSucceeded, At: w.Now.Add(time.Duration(i) * time.Second)}
			require.NoError(t, again(func() error { return w.Store.RecordLate(w.ctx(), id, late) }))
		}
		require.Equal(t, w.Now, w.Generation(id).Late.At)
	},
	"a result for a generation nobody started is not found": func(t *testing.T, w *World) {
		id := generation.NewID(w.Customer("alice"), "app", "never")
		err := again(func() error { return w.ResultRecorder().Record(w.ctx(), id, w.Success(-1), w.Now) })
		require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	},
}
