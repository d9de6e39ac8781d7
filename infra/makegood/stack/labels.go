package stack

import (
	"context"
	"time"

	"makegood/shared/api"
)

// Labels calls each for every page of labels of that instant and later ones, from a cursor on (""
// is the first), and returns the cursor behind the last page that each took. An error of each ends
// the list.
func (c Client) Labels(ctx context.Context, since time.Time, cursor string, each func(page []api.Label) error) (string, error) {
	err := pagesFrom(cursor, func(from string) (string, error) {
		cursor = from
		var page api.LabelList
		if err := c.get(ctx, with("/v1/labels", from, sinceOf(since)...), &page); err != nil {
			return "", err
		}
		return page.Next, each(page.Labels)
	})
	return cursor, err
}

// Accuracy calls each for every page of counts of that instant's week and later ones; of the last
// weeks where it is zero.
func (c Client) Accuracy(ctx context.Context, since time.Time, each func(page []api.Accuracy) error) error {
	return pages(func(cursor string) (string, error) {
		var page api.AccuracyList
		if err := c.get(ctx, with("/v1/accuracy", cursor, sinceOf(since)...), &page); err != nil {
			return "", err
		}
		return page.Next, each(page.Counts)
	})
}

// sinceOf returns the query of an instant, none for the zero one.
func sinceOf(since time.Time) []string {
	if since.IsZero() {
		return nil
	}
	return []string{"since", since.UTC().Format(time.RFC3339Nano)}
}
