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

// use returns the call that tells what was done with an output, now.
func (w *World) use(output int, done generation.Use) generation.UseOrder {
	done.Output, done.At = output, w.Now
	return generation.UseOrder{Use: done, Principal: "app", Key: w.Key()}
}

func (w *World) record(id generation.ID, order generation.UseOrder) (replayed bool, err error) {
	answer, err := commanded(w, "use", asReplayed, func() (*bool, error) {
		replayed, err := w.Recorder().Record(w.ctx(), id, order, w.Now)
		return &replayed, err
	})
	return answer != nil && *answer, err
}

// asReplayed returns the answer to what is only repeated in it.
func asReplayed(replayed *bool) (any, bool) { return nil, *replayed }

// TellsUse tells what was done with an output.
func (w *World) TellsUse(id generation.ID, output int, done generation.Use) {
	w.t.Helper()
	_, err := w.record(id, w.use(output, done))
	require.NoError(w.t, err)
}

// sold makes a picture under a policy that asks what is done with it, of so many outputs.
func sold(w *World, outputs int) (*World, generation.ID) {
	w.t.Helper()
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
		w.TellsUse(id, 0, generation.Use{Downloaded: true})
		w.Pass(time.Second)
		w.TellsUse(id, 1, generation.Use{Commercial: true})
		w.Pass(time.Second)
		nothingNew := w.use(0, generation.Use{Downloaded: true})
		require.NoError(t, again(func() error { _, err := w.Recorder().Record(w.ctx(), id, nothingNew, w.Now); return err }))
		require.Len(t, w.Generation(id).Uses, 2)
		require.Equal(t, generation.Use{Output: 0, Downloaded: true, At: first}, w.Generation(id).UseOf(0))
		last := w.Now
		w.TellsUse(id, 0, generation.Use{Bulk: true})
		w.Pass(time.Second)
		nothingNew = w.use(0, generation.Use{Downloaded: true, Bulk: true})
		require.NoError(t, again(func() error { _, err := w.Recorder().Record(w.ctx(), id, nothingNew, w.Now); return err }))
		require.Equal(t, generation.Use{Output: 0, Downloaded: true, Bulk: true, At: last}, w.Generation(id).UseOf(0))
		require.Equal(t, generation.Use{Output: 1, Commercial: true, At: first.Add(time.Second)}, w.Generation(id).UseOf(1))
		require.Len(t, w.Generation(id).Uses, 3)
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
		w.TellsUse(id, 1, generation.Use{Bulk: true})
		w.Pass(time.Hour)
		replayed, err := w.record(id, order)
		require.NoError(t, err)
		require.True(t, replayed)
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
		order.Principal = "another app"
		order.Use.Commercial = true
		_, err = w.record(id, order)
		require.NoError(t, err, "its key is its own")
	},
	"the record declines a report by its clause, of that output alone": func(t *testing.T, w *World) {
		w, id := sold(w, 4)
		w.TellsUse(id, 0, generation.Use{Bulk: true})
		w.TellsUse(id, 1, generation.Use{Commercial: true})
		w.TellsUse(id, 2, generation.Use{Downloaded: true})
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
			reported := w.Reports(id, output)
			w.Deliver()
			w.WantVerdict(reported, want.state, want.clause)
			c := *w.CaseOf(reported)
			require.Zero(t, c.Asked.Usage, "the claimant said nothing")
			facts, err := policy.ParseFacts(c.Decision.Basis.Facts)
			require.NoError(t, err)
			require.Equal(t, want.usage, facts.Usage)
			w.TellsUse(id, output, generation.Use{Downloaded: true, Bulk: true, Commercial: true}) // too late
			w.WantVerdict(reported, want.state, want.clause)
			w.WantSameVerdicts(*w.CaseOf(reported))
		}
		w.WantLaws(w.Customer("alice"))
	},
	"the claimant's own word declines too, beside a record that says nothing of it": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		w.TellsUse(id, 0, generation.Use{Downloaded: true})
		for output, said := range []policy.UsageFacts{{CommercialUse: true}, {BulkDownloaded: true}} {
			report := w.report(id, output)
			report.Asked.Usage = said
			opened, err := w.file(report)
			require.NoError(t, err)
			w.Deliver()
			w.WantVerdict(opened.Case, refund.StateDeclined, "P4.5")
		}
	},
	"what was told stays with the generation when an output is refunded": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		w.TellsUse(id, 0, generation.Use{Commercial: true})
		before := w.Generation(id)
		w.Refunds(id, 1)
		require.NotZero(t, w.Generation(id).Refunded)
		require.Equal(t, before.Uses, w.Generation(id).Uses)
	},
	"a verdict that rests on what was told, and what is told, are refused where more was told since": func(t *testing.T, w *World) {
		w, id := sold(w, 2)
		reported := w.Reports(id, 0)
		before, received := w.Generation(id), w.CaseOf(reported)
		w.TellsUse(id, 0, generation.Use{Bulk: true})
		after := *received
		after.State = refund.StateInReview
		w.wantStale(refund.Effect{Before: received, Case: after, Used: &before}, "in review")
		back := before.Refund(1)
		w.wantStale(refund.Effect{Before: received, Case: after, Generation: &refund.Change[generation.Generation]{Before: before, After: back}}, "approved")
		err := again(func() error { return w.Store.RecordUse(w.ctx(), before, before) })
		require.Equal(t, fault.KindStale, fault.KindOf(err))
		now := w.Generation(id)
		require.NoError(t, settled(func() error {
			return w.Store.CommitDecision(w.ctx(), refund.Effect{Before: received, Case: after, Used: &now})
		}))
		never := generation.Generation{ID: generation.NewID("nobody", "app", "never"), Customer: "nobody"}
		err = again(func() error { return w.Store.RecordUse(w.ctx(), never, never) })
		require.Equal(t, fault.KindStale, fault.KindOf(err))
	},
	"of many calls at once none is lost": func(t *testing.T, w *World) {
		w, id := sold(w, 3)
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
