package refund

import (
	"context"
	"slices"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/text"
)

// The bounds of the views that one person saves.
const (
	MaxViews      = 10
	MaxViewName   = 40  // characters
	MaxViewFilter = 500 // bytes
)

// CodeViewsFull is the code of a view that finds no room.
const CodeViewsFull = "views_full"

// SavedView is a filter of the review queue under a name that a person gave it.
type SavedView struct {
	// Name is theirs, once among their views.
	Name string `json:"name"`
	// Filter is what it lets through, as the pages of staff write it.
	Filter string `json:"filter"`
}

// SavedViews is where people's views are kept.
type SavedViews interface {
	// FindViews returns the views of the person, the first saved first; consistent.
	FindViews(ctx context.Context, by string) ([]SavedView, error)
	// RecordViews puts after in the place of before. KindStale where the person's are others by
	// now, KindBusy.
	RecordViews(ctx context.Context, by string, before, after []SavedView) error
}

// SaveView saves a view of the person, in the place of their own of that name.
//
// Errors: KindInvalid (name, filter), KindConflict CodeViewsFull, KindBusy.
func SaveView(ctx context.Context, store SavedViews, by string, view SavedView) error {
	view.Name = strings.TrimSpace(view.Name)
	if err := text.Check("name", view.Name, MaxViewName); err != nil {
		return err
	}
	if len(view.Filter) > MaxViewFilter {
		return fault.Invalid("filter", "must have at most %d bytes", MaxViewFilter)
	}
	return changeViews(ctx, store, by, func(views []SavedView) ([]SavedView, error) {
		at := slices.IndexFunc(views, func(one SavedView) bool { return one.Name == view.Name })
		if at >= 0 {
			views[at] = view
			return views, nil
		}
		if len(views) >= MaxViews {
			return nil, fault.Errorf(fault.KindConflict, CodeViewsFull, "you have %d views: remove one first", MaxViews)
		}
		return append(views, view), nil
	})
}

// RemoveView removes the person's view of that name; one that is not there is removed already.
//
// Errors: KindBusy.
func RemoveView(ctx context.Context, store SavedViews, by, name string) error {
	return changeViews(ctx, store, by, func(views []SavedView) ([]SavedView, error) {
		return slices.DeleteFunc(views, func(one SavedView) bool { return one.Name == name }), nil
	})
}

// changeViews reads, changes and writes what the person has; change may write into its argument.
func changeViews(ctx context.Context, store SavedViews, by string, change func([]SavedView) ([]SavedView, error)) error {
	return fault.Retry(ctx, func(ctx context.Context) error {
		before, err := store.FindViews(ctx, by)
		if err != nil {
			return fault.At("refund: saved views", "", err)
		}
		after, err := change(slices.Clone(before))
		if err != nil || slices.Equal(before, after) {
			return err
		}
		return fault.At("refund: save views", "", store.RecordViews(ctx, by, before, after))
	})
}
