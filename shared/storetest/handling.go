package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

func (w *World) assigns(id refund.CaseID, by string) (assigned refund.Assignment, err error) {
	return assigned, again(func() error {
		assigned, err = w.Reviewer().Assign(w.ctx(), id, by, w.Now)
		return err
	})
}

func (w *World) skips(id refund.CaseID, by, reason string) error {
	return again(func() error { return w.Reviewer().Skip(w.ctx(), id, by, reason, w.Now) })
}

var handlingStories = map[string]func(*testing.T, *World){
	"a case is assigned to one person, for a quarter of an hour, and anybody may rule on it": func(t *testing.T, w *World) {
		id := inReview(w, w.Customer("alice"))
		assigned, err := w.assigns(id, "ann")
		require.NoError(t, err)
		require.Equal(t, refund.Assignment{By: "ann", Until: w.Now.Add(15 * time.Minute)}, assigned)
		_, err = w.assigns(id, "bob")
		require.Equal(t, refund.CodeAssigned, fault.CodeOf(err))
		// Hers is prolonged, given back, and free by itself.
		w.Pass(time.Minute)
		assigned, err = w.assigns(id, "ann")
		require.NoError(t, err)
		require.Equal(t, &assigned, w.CaseOf(id).AssignedAt(w.Now))
		require.NoError(t, again(func() error { return w.Reviewer().Unassign(w.ctx(), id, "bob") }))
		require.Equal(t, &assigned, w.CaseOf(id).AssignedAt(w.Now), "it is not bob's to give back")
		w.Pass(15 * time.Minute)
		require.Nil(t, w.CaseOf(id).AssignedAt(w.Now))
		_, err = w.assigns(id, "bob")
		require.NoError(t, err)
		require.NoError(t, again(func() error { return w.Reviewer().Unassign(w.ctx(), id, "bob") }))
		require.Nil(t, w.CaseOf(id).Assignment)
		_, err = w.assigns(id, "bob")
		require.NoError(t, err)
		require.NoError(t, w.rulesAs("cid", id, policy.OutcomeApproved))
		require.Nil(t, w.CaseOf(id).AssignedAt(w.Now), "nobody needs to look any more")
		_, err = w.assigns(id, "bob")
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
	},
	"a skip keeps its reason and gives the case back, and a verdict leaves it": func(t *testing.T, w *World) {
		id := inReview(w, w.Customer("alice"))
		_, err := w.assigns(id, "ann")
		require.NoError(t, err)
		require.Equal(t, "reason", fieldOf(w.skips(id, "ann", " ")))
		want := refund.Skip{By: "ann", Reason: "no rule for mirrored text", At: w.Now}
		require.NoError(t, w.skips(id, "ann", want.Reason))
		w.Pass(time.Minute)
		require.NoError(t, w.skips(id, "ann", want.Reason), "a double click")
		c := w.CaseOf(id)
		require.Equal(t, []any{[]refund.Skip{want}, (*refund.Assignment)(nil)}, []any{c.Skips, c.Assignment})
		require.Equal(t, []any{want.At, true}, []any{c.SkippedAt("ann"), c.SkippedAt("bob").IsZero()})
		require.True(t, c.Waiting())
		for n := range refund.MaxSkips {
			require.NoError(t, w.skips(id, "bob", fmt.Sprint("reason ", n)))
		}
		skips := w.CaseOf(id).Skips
		require.Len(t, skips, refund.MaxSkips)
		require.Equal(t, "reason 0", skips[0].Reason, "the oldest is gone")
		w.Rules(id, policy.OutcomeDeclined)
		w.Deliver()
		require.Equal(t, skips, w.CaseOf(id).Skips)
	},
	"who looks at a case is stale where that changed since it was read": func(t *testing.T, w *World) {
		id := inReview(w, w.Customer("alice"))
		before := *w.CaseOf(id)
		_, err := w.assigns(id, "ann")
		require.NoError(t, err)
		after := before
		after.Assignment = &refund.Assignment{By: "bob", Until: w.Now.Add(time.Minute)}
		record := func() error { return w.Store.RecordHandling(w.ctx(), before, after) }
		require.Equal(t, fault.KindStale, fault.KindOf(again(record)))
		before = *w.CaseOf(id)
		require.NoError(t, w.skips(id, "bob", "too hard"))
		require.Equal(t, fault.KindStale, fault.KindOf(again(record)))
		before = *w.CaseOf(id)
		w.Rules(id, policy.OutcomeDeclined)
		require.Equal(t, fault.KindStale, fault.KindOf(again(record)), "it is ruled on")
	},
}
