package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// use returns the order that records what was done with an output, now.
func (w *World) use(output int, use generation.Use) generation.UseOrder {
	use.Output, use.At = output, w.Now
	return generation.UseOrder{Use: use, Principal: "app", Key: w.Key()}
}

// record gives the order and reports whether its answer was a replay.
func (w *World) record(id generation.ID, order generation.UseOrder) (replay bool, err error) {
	// Only the key and the use make up the request; the instant of the call is not part of it.
	answer, err := commanded(w, "use", asReplayed, func() (*bool, error) {
		isReplay, err := w.Recorder().Record(w.ctx(), id, order, w.Now)
		return &isReplay, err
	})
	return answer != nil && *answer, err
}

// asReplayed returns the answer without what only its replay shows.
func asReplayed(replay *bool) (any, bool) { return nil, *replay }

// RecordsUse records what was done with an output.
func (w *World) RecordsUse(id generation.ID, output int, use generation.Use) {
	w.t.Helper()
	_, err := w.record(id, w.use(output, use))
	require.NoError(w.t, err)
}

// sold makes a picture with so many outputs under popcustoms, whose policy judges what was done
// with them.
func sold(w *World, outputs int) (*World, generation.ID) {
	w.t.Helper()
	// popcustoms is the policy whose clause P4.5 asks what was done with an output.
	w = NewWorldOf(w.t, w.Store, "popcustoms")
	alice := w.Customer("alice")
	w.Grants(alice, 10_000)
	id := w.Generated(alice, outputs)
	w.Pass(time.Minute)
	return w, id
}

// using is about what is done with outputs.
var using = map[string]func(*testing.T, *World){
	"what the app tells of an output is never taken back, and only what is new is kept": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		first := w.Now
		w.RecordsUse(id, 0, generation.Use{Downloaded: true})
		w.Pass(time.Second)
		w.RecordsUse(id, 1, generation.Use{Commercial: true})
		w.Pass(time.Second)
		// A use that adds nothing is not written, so the record does not grow by repeats.
		nothingNew := w.use(0, generation.Use{Downloaded: true})
		require.NoError(t, again(func() error { _, err := w.Recorder().Record(w.ctx(), id, nothingNew, w.Now); return err }))
		require.Len(t, w.Generation(id).Uses, 2)
		require.Equal(t, generation.Use{Output: 0, Downloaded: true, At: first}, w.Generation(id).UseOf(0))
		last := w.Now
		w.RecordsUse(id, 0, generation.Use{Bulk: true})
		w.Pass(time.Second)
		nothingNew = w.use(0, generation.Use{Downloaded: true, Bulk: true})
		require.NoError(t, again(func() error { _, err := w.Recorder().Record(w.ctx(), id, nothingNew, w.Now); return err }))
		require.Equal(t, generation.Use{Output: 0, Downloaded: true, Bulk: true, At: last}, w.Generation(id).UseOf(0))
		require.Equal(t, generation.Use{Output: 1, Commercial: true, At: first.Add(time.Second)}, w.Generation(id).UseOf(1))
		require.Len(t, w.Generation(id).Uses, 3)
		// An earlier instant adds its use, but the record keeps the latest instant.
		earlier := w.use(0, generation.Use{Commercial: true})
		earlier.Use.At = first
		_, err := w.record(id, earlier)
		require.NoError(t, err)
		require.Equal(t, generation.Use{Output: 0, Downloaded: true, Bulk: true, Commercial: true, At: last}, w.Generation(id).UseOf(0), "the latest instant")
		w.WantLaws(w.Customer("alice"))
	},
	"a repeat of what was told is a replay, and anything else under its key a conflict": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		order := w.use(0, generation.Use{Bulk: true})
		_, err := w.record(id, order)
		require.NoError(t, err)
		w.RecordsUse(id, 1, generation.Use{Bulk: true})
		w.Pass(time.Hour)
		isReplay, err := w.record(id, order)
		require.NoError(t, err)
		require.True(t, isReplay)
		// The key stands for exactly this use: any other field under it is another request.
		for name, change := range map[string]func(*generation.Use){
			"another output":  func(u *generation.Use) { u.Output = 1 },
			"more":            func(u *generation.Use) { u.Commercial = true },
			"another instant": func(u *generation.Use) { u.At = u.At.Add(time.Millisecond) },
		} {
			other := order
			change(&other.Use)
			_, err = w.record(id, other)
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), name)
		}
		// Another principal has keys of its own.
		order.Principal = "another app"
		order.Use.Commercial = true
		_, err = w.record(id, order)
		require.NoError(t, err, "its key is its own")
	},
	"the record declines a report by its clause, of that output alone": func(t *testing.T, w *World) {
		w, id := sold(w, 4)
		w.RecordsUse(id, 0, generation.Use{Bulk: true})
		w.RecordsUse(id, 1, generation.Use{Commercial: true})
		w.RecordsUse(id, 2, generation.Use{Downloaded: true})
		for output, want := range []struct {
			state  refund.State
			clause string
			usage  policy.UsageFacts
		}{
			{refund.StateDeclined, "P4.5", policy.UsageFacts{BulkDownloaded: true}},
			{refund.StateDeclined, "P4.5", policy.UsageFacts{CommercialUse: true}},
			{refund.StateInReview, "P5.3", policy.UsageFacts{}},
			{refund.StateInReview, "P5.3", policy.UsageFacts{}},
		} {
			caseID := w.Reports(id, output)
			w.Deliver()
			w.WantVerdict(caseID, want.state, want.clause)
			c := *w.CaseOf(caseID)
			require.Zero(t, c.Statement.Usage, "the claimant said nothing")
			facts, err := policy.ParseFacts(c.Decision.Basis.Facts)
			require.NoError(t, err)
			require.Equal(t, want.usage, facts.Usage)
			// Too late: a verdict rests on what was recorded before it.
			w.RecordsUse(id, output, generation.Use{Downloaded: true, Bulk: true, Commercial: true}) // too late
			w.WantVerdict(caseID, want.state, want.clause)
			w.WantSameVerdicts(*w.CaseOf(caseID))
		}
		w.WantLaws(w.Customer("alice"))
	},
	"the claimant's own word declines too, beside a record that says nothing of it": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		w.RecordsUse(id, 0, generation.Use{Downloaded: true})
		// The claimant admits what the app did not see; that counts too.
		for output, usage := range []policy.UsageFacts{{CommercialUse: true}, {BulkDownloaded: true}} {
			report := w.report(id, output)
			report.Statement.Usage = usage
			result, err := w.file(report)
			require.NoError(t, err)
			w.Deliver()
			w.WantVerdict(result.Case, refund.StateDeclined, "P4.5")
		}
	},
	"what was told stays with the generation when an output is refunded": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		w.RecordsUse(id, 0, generation.Use{Commercial: true})
		before := w.Generation(id)
		w.Refunds(id, 1)
		require.NotZero(t, w.Generation(id).Refunded)
		require.Equal(t, before.Uses, w.Generation(id).Uses)
	},
	"a verdict that rests on what was told, and what is told, are refused where more was told since": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		caseID := w.Reports(id, 0)
		before, c := w.Generation(id), w.CaseOf(caseID)
		// A use is recorded between the read and the commit. Verdicts that rest on it must be read
		// again.
		w.RecordsUse(id, 0, generation.Use{Bulk: true})
		after := *c
		after.State = refund.StateInReview
		w.wantStale(refund.Effect{Before: c, Case: after, Used: &before}, "in review")
		back := before.Refund(1)
		w.wantStale(refund.Effect{Before: c, Case: after, Generation: &refund.Change[generation.Generation]{Before: before, After: back}}, "approved")
		err := again(func() error { return w.Store.RecordUse(w.ctx(), before, before) })
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		now := w.Generation(id)
		require.NoError(t, settled(func() error {
			return w.Store.CommitDecision(w.ctx(), refund.Effect{Before: c, Case: after, Used: &now})
		}))
		never := generation.Generation{ID: generation.NewID("nobody", "app", "never"), Customer: "nobody"}
		err = again(func() error { return w.Store.RecordUse(w.ctx(), never, never) })
		require.Equal(t, fault.KindStale, fault.KindOf(err))
	},
	"of many calls at once none is lost": func(t *testing.T, w *World) {
		w, id := sold(w, 3)
		// Six orders for three outputs at once, all on one row.
		orders := []generation.UseOrder{}
		for output := range 3 {
			orders = append(orders, w.use(output, generation.Use{Downloaded: true}), w.use(output, generation.Use{Commercial: true}))
		}
		require.Equal(t, len(orders), atOnce(t, len(orders), fault.KindBusy, func(i int) error {
			_, err := w.Recorder().Record(w.ctx(), id, orders[i], w.Now)
			return err
		}))
		for output := range 3 {
			require.Equal(t, generation.Use{Output: output, Downloaded: true, Commercial: true, At: w.Now}, w.Generation(id).UseOf(output))
		}
	},
}
