package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/insight"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// finals returns the final verdicts of the customers that were given in [from, until), page by
// page.
func (w *World) finals(from, until time.Time, limit int, customers ...ledger.CustomerID) []insight.Verdict {
	w.t.Helper()
	var all []insight.Verdict
	for part := range w.Store.Parts() {
		after := ""
		for {
			var next string
			page := read(w, func() (page []insight.Verdict, err error) {
				page, next, err = w.Store.ListFinals(w.ctx(), part, from, until, after, limit)
				return page, err
			})
			require.LessOrEqual(w.t, len(page), limit)
			for _, verdict := range page {
				if slices.Contains(customers, verdict.Case.Customer) {
					all = append(all, verdict)
				}
			}
			if after = next; after == "" {
				break
			}
		}
	}
	return all
}

// insights reads the days from one instant to another, now.
func (w *World) insights(from, to time.Time) insight.Insights {
	w.t.Helper()
	span := insight.Span{First: insight.DayOf(from), Last: insight.DayOf(to)}
	return read(w, func() (insight.Insights, error) { return insight.Reader{Store: w.Store}.Read(w.ctx(), span, w.Now) })
}

// givenBack returns what each case gave the customer back by the statement: credits that were held
// or spent, and those that a case granted beside the purchase that it is about.
func (w *World) givenBack(customer ledger.CustomerID) map[refund.CaseID]ledger.Credits {
	w.t.Helper()
	credits := map[refund.CaseID]ledger.Credits{}
	for _, row := range w.Rows(customer) {
		if row.Case == "" || row.Reason == "" || ofPurchase(row) {
			continue
		}
		switch row.Cause {
		case ledger.MovementRefund, ledger.MovementRefundExpired, ledger.MovementRelease, ledger.MovementGrant:
			credits[refund.CaseID(row.Case)] += row.Amount
		default:
		}
	}
	return credits
}

// ofPurchase reports whether the row is of the credits of a purchase, whoever had them come.
func ofPurchase(row statement.Row) bool {
	return row.Cause == ledger.MovementGrant && slices.Contains([]string{"purchase", string(policy.KindNotCredited)}, row.Reason)
}

// bought returns the credits of the purchase that the case is about, by the statement. Its payment
// may have brought them by itself before the verdict.
func (w *World) bought(c *refund.Case) (credits ledger.Credits) {
	w.t.Helper()
	for _, row := range w.Rows(c.Customer) {
		if ofPurchase(row) && (row.Case == string(c.ID) || row.Payment == c.Payment) {
			credits += row.Amount
		}
	}
	return credits
}

var insightStories = map[string]func(*testing.T, *World){
	"a final verdict is listed once, at its instant, and a case that waits is not": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		begin := w.Now
		waiting := inReview(w, alice)
		_, declined := failed(w, alice)
		decidedAt := w.CaseOf(declined).FinalAt()
		w.Pass(time.Hour)
		id := inReview(w, alice)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		w.Nudge()
		verdicts := w.finals(begin, w.Now.Add(time.Millisecond), 1, alice)
		require.Len(t, verdicts, 2)
		for _, verdict := range verdicts {
			require.NotEqual(t, waiting, verdict.Case.ID)
			require.Equal(t, verdict.Case.FinalAt(), verdict.At)
		}
		require.Empty(t, w.finals(begin, decidedAt, 10, alice), "the end is not included")
		require.Len(t, w.finals(decidedAt, decidedAt.Add(time.Millisecond), 10, alice), 1, "the beginning is")
	},
	"a case that is decided again stands where it was and where it is, and is counted on both days": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Now
		genID, id := failed(w, alice)
		w.Pass(2 * day)
		w.Appeals(id)
		w.Pass(time.Hour)
		require.NoError(t, w.rulesAs("ann", id, policy.OutcomeApproved))
		w.Deliver()
		w.Nudge()
		verdicts := w.finals(first, w.Now.Add(time.Millisecond), 10, alice)
		require.Len(t, verdicts, 2)
		finals := w.CaseOf(id).Finals()
		require.Len(t, finals, 2)
		var at []time.Time
		for _, verdict := range verdicts {
			require.Equal(t, id, verdict.Case.ID)
			at = append(at, verdict.At)
		}
		require.ElementsMatch(t, []time.Time{finals[0].At, finals[1].At}, at)

		byDay := w.insights(first, w.Now).Table.By(insight.DimensionDay)
		before, after := byDay[insight.Key{Day: insight.DayOf(finals[0].At)}], byDay[insight.Key{Day: insight.DayOf(finals[1].At)}]
		require.Equal(t, []int64{1, 0, 0}, []int64{before.Verdicts, before.Appeals, int64(before.Credits)})
		require.Equal(t, []int64{1, 1, 1, 4, 3600}, []int64{after.Verdicts, after.Appeals, after.Overturned, int64(after.Credits), after.WaitedSeconds})
		w.WantState(genID, generation.StateRefunded)
	},
	"a day that is over is summed up once, and what is decided later of its cases changes it no more": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Now
		_, id := failed(w, alice)
		w.Pass(2 * day)
		w.Nudge()
		before := w.insights(first, first).Table
		written := read(w, func() ([]insight.Summary, error) {
			return w.Store.FindSummaries(w.ctx(), insight.DayOf(first), insight.DayOf(first))
		})
		require.Len(t, written, w.Store.Parts(), "one for each part, those without a verdict too")
		w.Appeals(id)
		require.NoError(t, w.rulesAs("ann", id, policy.OutcomeApproved))
		w.Deliver()
		w.Nudge()
		require.Equal(t, before, w.insights(first, first).Table)
		require.Equal(t, int64(1), before.Total().Verdicts)
		require.Empty(t, read(w, func() ([]insight.Summary, error) {
			return w.Store.FindSummaries(w.ctx(), insight.DayOf(w.Now), insight.DayOf(w.Now))
		}), "today is not over")
	},
	"a summary that is written stays as it is": func(t *testing.T, w *World) {
		today := insight.DayOf(w.Now)
		summary := insight.Summary{Day: today, Part: 0, Rows: []insight.Row{{
			Key:  insight.Key{Day: today, Feature: "recolor", Platform: policy.PlatformIOS, Clause: "R2", Kind: policy.KindBadResult, Outcome: policy.OutcomeApproved, By: insight.ByPerson},
			Sums: insight.Sums{Verdicts: 9, Credits: 8, Money: map[string]int64{"USD": 7}, Answers: 6, WaitedSeconds: 5, Promised: 4, InTime: 3, Appeals: 2, Overturned: 1, Reports: 10, Generations: 11},
		}}}
		other := summary
		other.Rows = nil
		for _, one := range []insight.Summary{summary, other} {
			require.NoError(t, again(func() error { return w.Store.PutSummary(w.ctx(), one) }))
		}
		find := func(first, last insight.Day) []insight.Summary {
			return read(w, func() ([]insight.Summary, error) { return w.Store.FindSummaries(w.ctx(), first, last) })
		}
		require.Equal(t, []insight.Summary{summary}, find(today, today))
		require.Empty(t, find(today.Add(1), today.Add(9)))
		require.Empty(t, find(today.Add(-9), today.Add(-1)))
	},
	"a report counts on the day on which it was made, while it waits and once it is answered": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Now
		id := inReview(w, alice)
		w.Nudge()
		require.Equal(t, int64(1), w.insights(first, first).Table.Total().Reports)
		w.Pass(3 * day)
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
		w.Nudge()
		total := w.insights(first, first).Table.Total()
		require.Equal(t, []int64{1, 0}, []int64{total.Reports, total.Verdicts})
		total = w.insights(w.Now, w.Now).Table.Total()
		require.Equal(t, []int64{0, 1}, []int64{total.Reports, total.Verdicts})
	},
	"a sampled start is counted once for all that it stands for": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4000)
		var sampled int64
		for n := 0; n < 40 || sampled == 0 && n < 400; n++ {
			key := w.Key()
			for range 2 {
				if id := w.StartsUnder(alice, 1, key); generation.Sampled(id) {
					sampled++
				}
			}
		}
		require.Positive(t, sampled)
		today := insight.DayOf(w.Now)
		count := func(first, last insight.Day) int64 {
			rows := read(w, func() ([]insight.Row, error) { return w.Store.CountStarted(w.ctx(), first, last) })
			return insight.Tabulate(rows...).Total().Generations
		}
		require.Equal(t, sampled/2*generation.SampleOf, count(today, today))
		require.Zero(t, count(today.Add(1), today.Add(1)))
		require.Zero(t, count(today.Add(-1), today.Add(-1)))
	},
}

// checkInsights demands that the final verdicts that are listed are those of the cases, and that
// what they say went back is what the statements say.
func (m *machine) checkInsights() {
	m.t.Helper()
	m.Nudge()
	m.Nudge()
	listed, given := map[refund.CaseID]int{}, map[refund.CaseID]insight.Sums{}
	for _, verdict := range m.finals(time.UnixMilli(0), m.Now.Add(time.Minute), 100, m.customers...) {
		rows := insight.RowsOf(verdict)
		require.NotEmpty(m.t, rows, "%s at %s", verdict.Case.ID, verdict.At)
		listed[verdict.Case.ID]++
		given[verdict.Case.ID] = given[verdict.Case.ID].Plus(insight.Tabulate(rows...).Total())
	}
	want := map[refund.CaseID]ledger.Credits{}
	for _, customer := range m.customers {
		for id, credits := range m.givenBack(customer) {
			want[id] += credits
		}
	}
	for _, id := range m.everyCase() {
		c := m.CaseOf(id)
		require.Len(m.t, c.Finals(), listed[id], "%s", id)
		answered := slices.DeleteFunc(c.Verdicts(), func(d policy.Decision) bool { return d.Outcome == policy.OutcomeInReview })
		require.Len(m.t, c.Finals(), len(answered), "each final verdict has its line of history: %s", id)
		sums := given[id]
		// Staff may end an abnormal charge by crediting its payment: that counts as given back.
		if c.Kind == policy.KindAbnormalCharge && sums.Credits != want[id] {
			want[id] += m.bought(c)
		}
		require.Equal(m.t, want[id], sums.Credits, "what went back is what the insights say: %s %s %v", c.Kind, id, c.History)
		if sums.Bought > 0 {
			require.Equal(m.t, m.bought(c), sums.Bought, "what was bought is what the insights say: %s %s %v", c.Kind, id, c.History)
		}
		delete(want, id)
	}
	require.Empty(m.t, want, "a statement names no case that is none")
}
