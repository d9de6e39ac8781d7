package storetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

// views returns the views that the person has saved.
func (w *World) views(by string) []refund.SavedView {
	w.t.Helper()
	return read(w, func() ([]refund.SavedView, error) { return w.Store.FindViews(w.ctx(), by) })
}

// saves saves a view of the person, whatever the store's trouble.
func (w *World) saves(by string, view refund.SavedView) error {
	return again(func() error { return refund.SaveView(w.ctx(), w.Store, by, view) })
}

var savedViewStories = map[string]func(*testing.T, *World){
	"a person's saved views are theirs, one of each name, and so many": func(t *testing.T, w *World) {
		ann, bob := "ann-"+w.suffix, "bob-"+w.suffix
		require.Empty(t, w.views(ann))
		require.NoError(t, w.saves(ann, refund.SavedView{Name: " charges ", Filter: "kind=abnormal_charge"}))
		require.NoError(t, w.saves(ann, refund.SavedView{Name: "late", Filter: "due=late"}))
		require.NoError(t, w.saves(ann, refund.SavedView{Name: "charges", Filter: "kind=duplicate_charge"}))
		require.Equal(t, []refund.SavedView{{Name: "charges", Filter: "kind=duplicate_charge"}, {Name: "late", Filter: "due=late"}}, w.views(ann))
		require.Empty(t, w.views(bob))
		require.Equal(t, "name", fieldOf(w.saves(ann, refund.SavedView{Name: " "})))
		for n := len(w.views(ann)); n < refund.MaxViews; n++ {
			require.NoError(t, w.saves(ann, refund.SavedView{Name: fmt.Sprint(n)}))
		}
		require.Equal(t, refund.CodeViewsFull, fault.CodeOf(w.saves(ann, refund.SavedView{Name: "one more"})))
		for _, view := range w.views(ann) {
			require.NoError(t, again(func() error { return refund.RemoveView(w.ctx(), w.Store, ann, view.Name) }))
		}
		require.Empty(t, w.views(ann))
	},
	"saved views that have changed since they were read are stale": func(t *testing.T, w *World) {
		ann := "ann-" + w.suffix
		late, soon := []refund.SavedView{{Name: "late", Filter: "due=late"}}, []refund.SavedView{{Name: "soon", Filter: "due=soon"}}
		require.NoError(t, settled(func() error { return w.Store.RecordViews(w.ctx(), ann, nil, late) }))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.RecordViews(w.ctx(), ann, nil, soon) })))
		require.Equal(t, late, w.views(ann))
	},
}
