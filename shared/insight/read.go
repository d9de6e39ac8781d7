package insight

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/audit"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// The bounds of a reading.
const (
	// MaxDays is how many days one reading may have.
	MaxDays = 366
	// usualDays is how many it has where nobody says from when.
	usualDays = 30
	// settles is how long after its end a day may still change: a verdict is recorded some seconds
	// after its instant, and the index shows it later still.
	settles = time.Hour
	// lateReports is how many days behind the last one are read for reports of it that were
	// answered later.
	lateReports = 14
	// maxWaiting bounds how many cases that wait are looked at for reports without an answer.
	maxWaiting = 500
	// verdictPage and maxPages bound what is read of a day's part.
	verdictPage = 500
	maxPages    = 200
	// besides is how many parts are read at a time.
	besides = 8
)

// Reader reads what verdicts came to.
type Reader struct {
	Store Store
}

// Span is the days from First to Last, both included.
type Span struct{ First, Last Day }

// SpanOf returns the days from one to another: until today where last is "", and as many as usual
// where first is. Whoever asks for other than days is refused by Validate.
func SpanOf(first, last Day, now time.Time) Span {
	span := Span{first, cmp.Or(last, DayOf(now))}
	if first == "" && !span.Last.Start().IsZero() {
		span.First = span.Last.Add(1 - usualDays)
	}
	return span
}

// Validate returns a KindInvalid error naming from or to where the span is none, or is too long.
func (s Span) Validate() error {
	switch {
	case s.First.Start().IsZero():
		return fault.Invalid("from", "must be a day, as in 2026-03-01")
	case s.Last.Start().IsZero():
		return fault.Invalid("to", "must be a day, as in 2026-03-01")
	case s.Last < s.First:
		return fault.Invalid("to", "must not be before from")
	case s.First.Add(MaxDays) <= s.Last:
		return fault.Invalid("from", "must be at most %d days before to", MaxDays)
	}
	return nil
}

// Has reports whether the day is one of the span.
func (s Span) Has(day Day) bool { return s.First <= day && day <= s.Last }

// Insights is what the verdicts of a span came to.
type Insights struct {
	// Table has the rows of the span's days, by all dimensions.
	Table Table
	// Jumps are the days and features of the span whose reports jump: see Table.Jumps.
	Jumps map[Key]bool
	// Looks is what second looks found of automatic verdicts, in the weeks that the span touches.
	Looks audit.Tally
}

// Read returns what the verdicts of the span came to. A day that is over is summed up by whoever
// asks first, and read as that from then on.
//
// Errors: as Span.Validate; KindBusy when ctx ends before all days are summed up, of which the next
// reading finds those that are.
func (r Reader) Read(ctx context.Context, span Span, now time.Time) (Insights, error) {
	if err := span.Validate(); err != nil {
		return Insights{}, err
	}
	// The days before are what reports jump from; those behind have answers to reports of the span.
	wide := Span{span.First.Add(-JumpDays), min(span.Last.Add(lateReports), max(span.First, DayOf(now)))}
	looks, err := r.looks(ctx, span)
	if err != nil {
		return Insights{}, err
	}
	all := Tabulate()
	for _, source := range []func(context.Context, Span, time.Time) ([]Row, error){r.days, r.waiting, r.started} {
		rows, err := source(ctx, wide, now)
		if err != nil {
			if ctx.Err() != nil {
				err = fault.Busy(err)
			}
			return Insights{}, err
		}
		all.Add(rows...)
	}
	found := Insights{Table: Tabulate(), Jumps: map[Key]bool{}, Looks: looks}
	for key, sums := range all {
		if span.Has(key.Day) {
			found.Table[key] = sums
		}
	}
	for key := range all.Jumps() {
		if span.Has(key.Day) {
			found.Jumps[key] = true
		}
	}
	return found, nil
}

func (r Reader) started(ctx context.Context, span Span, _ time.Time) ([]Row, error) {
	return fault.RetryFor(ctx, func(ctx context.Context) ([]Row, error) { return r.Store.CountStarted(ctx, span.First, span.Last) })
}

// waiting returns the reports that no verdict has answered yet.
func (r Reader) waiting(ctx context.Context, _ Span, _ time.Time) ([]Row, error) {
	cases, err := fault.RetryFor(ctx, func(ctx context.Context) ([]refund.Case, error) {
		cases, _, err := r.Store.ListReview(ctx, nil, maxWaiting)
		return cases, err
	})
	var rows []Row
	for _, c := range cases {
		if row, ok := WaitingReport(c); ok {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// looks adds up what second looks found, each once.
func (r Reader) looks(ctx context.Context, span Span) (sum audit.Tally, err error) {
	first, last := audit.WeekOf(span.First.Start()), audit.WeekOf(span.Last.Start())
	after := ""
	for range maxPages {
		var next string
		counts, err := fault.RetryFor(ctx, func(ctx context.Context) (counts []audit.Count, err error) {
			counts, next, err = r.Store.ListCounts(ctx, first, after, verdictPage)
			return counts, err
		})
		if err != nil {
			return sum, fault.At("insight.Read: count second looks", first, err)
		}
		for _, count := range counts {
			if count.Signal == audit.EverySignal && count.Week <= last {
				sum = sum.Plus(count.Tally)
			}
		}
		if after = next; after == "" {
			break
		}
	}
	return sum, nil
}

// place names a part of a day.
type place struct {
	day  Day
	part int
}

// days returns the rows of every day of the span: by their summaries, and where there is none by
// the verdicts.
func (r Reader) days(ctx context.Context, span Span, now time.Time) ([]Row, error) {
	summaries, err := fault.RetryFor(ctx, func(ctx context.Context) ([]Summary, error) {
		return r.Store.FindSummaries(ctx, span.First, span.Last)
	})
	if err != nil {
		return nil, fault.At("insight.Read: find summaries", string(span.First), err)
	}
	var rows []Row
	written := map[place]bool{}
	for _, summary := range summaries {
		written[place{summary.Day, summary.Part}] = true
		rows = append(rows, summary.Rows...)
	}
	var missing []place
	for day := span.First; day <= span.Last; day = day.Add(1) {
		for part := range r.Store.Parts() {
			if one := (place{day, part}); !written[one] {
				missing = append(missing, one)
			}
		}
	}
	// Each is read by itself and keeps its own rows: nothing is shared but the store.
	found := make([][]Row, len(missing))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(besides)
	for n, one := range missing {
		group.Go(func() (err error) {
			found[n], err = r.sumUp(ctx, one, now)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, part := range found {
		rows = append(rows, part...)
	}
	return rows, nil
}

// list returns a page of a part's final verdicts of the span, as Store.ListFinals does.
func (r Reader) list(ctx context.Context, part int, span Span, after string, limit int) (verdicts []Verdict, next string, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		verdicts, next, err = r.Store.ListFinals(ctx, part, span.First.Start(), span.Last.End(), after, limit)
		return err
	})
	return verdicts, next, fault.At("insight: list verdicts", string(span.First), err)
}

// sumUp adds up a part of a day, and writes its summary if the day is over for good.
func (r Reader) sumUp(ctx context.Context, one place, now time.Time) ([]Row, error) {
	table, after := Tabulate(), ""
	for range maxPages {
		verdicts, next, err := r.list(ctx, one.part, Span{one.day, one.day}, after, verdictPage)
		if err != nil {
			return nil, err
		}
		for _, verdict := range verdicts {
			table.Add(RowsOf(verdict)...)
		}
		if after = next; after != "" {
			continue
		}
		rows := table.Rows()
		if now.Before(one.day.End().Add(settles)) {
			return rows, nil
		}
		err = fault.Retry(ctx, func(ctx context.Context) error {
			return r.Store.PutSummary(ctx, Summary{Day: one.day, Part: one.part, Rows: rows})
		})
		return rows, fault.At("insight.Read: write summary", string(one.day), err)
	}
	return nil, fault.Busy(fmt.Errorf("insight: more than %d verdicts of %s lie in one part", maxPages*verdictPage, one.day))
}
