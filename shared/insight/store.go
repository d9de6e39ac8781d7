package insight

import (
	"context"
	"time"

	"makegood/shared/audit"
	"makegood/shared/refund"
)

// Store is what insights need of a store.
type Store interface {
	// Parts returns in how many parts the final verdicts lie, from 0 on.
	Parts() int
	// ListFinals returns at most limit of the part's final verdicts of [from, until), in the order
	// of their instants, behind a place ("": from the first), and where to go on, "" at the end.
	// The list is an index's and may lag, and so may its cases.
	ListFinals(ctx context.Context, part int, from, until time.Time, after string, limit int) ([]Verdict, string, error)
	// ListReview returns at most limit of the cases that wait for staff, soonest due first, and
	// whether there are more.
	ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error)
	// FindSummaries returns the summaries of the days from first to last that were written, in no
	// order.
	FindSummaries(ctx context.Context, first, last Day) ([]Summary, error)
	// PutSummary writes the summary. Where that of its day and part is written, it stays as it is.
	PutSummary(ctx context.Context, summary Summary) error
	// ListCounts is as audit.Looks has it.
	ListCounts(ctx context.Context, since, after string, limit int) ([]audit.Count, string, error)
	// CountStarted returns rows of Generations, by day and feature, of the days from first to last.
	CountStarted(ctx context.Context, first, last Day) ([]Row, error)
}

// Summary is what the final verdicts of a day and a part come to, once the day is over.
type Summary struct {
	Day  Day
	Part int
	Rows []Row
}
