package insight_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/audit"
	"makegood/shared/insight"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// decided returns a case with one final verdict.
func decided(n int, openedAt, at time.Time, feature string, remedy *policy.Remedy, by string) refund.Case {
	outcome, state := policy.OutcomeDeclined, refund.StateDeclined
	if remedy != nil {
		outcome, state = policy.OutcomeApproved, refund.StateApproved
	}
	return refund.Case{
		ID: refund.CaseID(fmt.Sprintf("cas_%d", n)), Kind: policy.KindBadResult, OpenedAt: openedAt, State: state,
		Decision: &policy.Decision{
			Outcome: outcome, Clause: "R1", Remedy: remedy,
			Basis: &policy.Basis{Facts: fmt.Appendf(nil, `{"generation":{"feature":%q,"platform":"web"},"purchase":{"credited":true}}`, feature)},
		},
		History: []refund.Event{{At: openedAt, State: refund.StateReceived}, {At: at, State: state, Actor: by}},
	}
}

func drawCase(t *rapid.T, n int) refund.Case {
	var remedy *policy.Remedy
	switch rapid.IntRange(0, 2).Draw(t, "remedy") {
	case 1:
		remedy = policy.InCredits(ledger.Credits(rapid.IntRange(1, 1000).Draw(t, "credits")))
	case 2:
		currency := rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency")
		remedy = policy.InMoney(money.Amount{Currency: currency, Minor: int64(rapid.IntRange(1, 1000).Draw(t, "minor"))})
	}
	openedAt := noon.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "opened")) * time.Hour)
	at := openedAt.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "waited")) * time.Hour)
	return decided(n, openedAt, at, rapid.SampledFrom([]string{"recolor", "upscale"}).Draw(t, "feature"), remedy,
		rapid.SampledFrom([]string{ledger.ActorStaff, ledger.ActorSystem}).Draw(t, "by"))
}

func TestDaysAddedUpAreTheCasesAddedUpByWhateverTheyAreGrouped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := insight.Tabulate()
		var credits ledger.Credits
		minor, people := map[string]int64{}, int64(0)
		n := rapid.IntRange(0, 30).Draw(t, "cases")
		for i := range n {
			c := drawCase(t, i)
			table.Add(insight.RowsOf(insight.Verdict{Case: c, At: c.FinalAt()})...)
			switch remedy := c.Decision.Remedy; policy.ArmOf(remedy) {
			case policy.ArmCredits:
				credits += remedy.Credits()
			case policy.ArmMoney:
				minor[remedy.Money().Currency] += remedy.Money().Minor
			}
			if c.History[1].Actor == ledger.ActorStaff {
				people++
			}
		}
		dimensions := rapid.SliceOfDistinct(rapid.SampledFrom(insight.Dimensions), func(d insight.Dimension) insight.Dimension { return d }).Draw(t, "by")
		total := table.By(dimensions...).Total()
		require.Equal(t, []int64{int64(n), int64(n), int64(n), people, int64(credits)},
			[]int64{total.Verdicts, total.Answers, total.Reports, total.ByPerson, int64(total.Credits)})
		for _, currency := range []string{"USD", "EUR"} {
			require.Equal(t, minor[currency], total.Money[currency])
		}
		require.Equal(t, table.Total(), total)
	})
}

func TestAReportCountsOnItsDayAndItsVerdictOnItsOwn(t *testing.T) {
	c := decided(1, noon, noon.Add(48*time.Hour), "recolor", policy.InCredits(4), ledger.ActorStaff)
	rows := insight.RowsOf(insight.Verdict{Case: c, At: c.FinalAt()})
	require.Len(t, rows, 2)
	assert.Equal(t, insight.Key{
		Day: "2026-03-03", Feature: "recolor", Platform: policy.PlatformWeb, Clause: "R1", Kind: policy.KindBadResult, Outcome: policy.OutcomeApproved, By: insight.ByPerson,
	}, rows[0].Key)
	assert.Equal(t, insight.Sums{Verdicts: 1, ByPerson: 1, Credits: 4, Answers: 1, WaitedSeconds: 48 * 3600}, rows[0].Sums)
	assert.Equal(t, insight.Row{Key: insight.Key{Day: "2026-03-01", Feature: "recolor", Platform: policy.PlatformWeb, Kind: policy.KindBadResult}, Sums: insight.Sums{Reports: 1}}, rows[1])
	assert.Empty(t, insight.RowsOf(insight.Verdict{Case: c, At: noon}), "an index that lags shows what is no verdict")
}

func TestAnAnswerThatWasPromisedIsInTimeUntilTheInstantItself(t *testing.T) {
	for late, inTime := range map[time.Duration]int64{0: 1, time.Millisecond: 0} {
		c := decided(1, noon, noon.Add(time.Hour+late), "recolor", nil, ledger.ActorStaff)
		c.Earlier = []policy.Decision{{Outcome: policy.OutcomeInReview, Clause: "X3", RespondBy: new(noon.Add(time.Hour))}}
		sums := insight.RowsOf(insight.Verdict{Case: c, At: c.FinalAt()})[0].Sums
		assert.Equal(t, []int64{1, inTime}, []int64{sums.Promised, sums.InTime})
	}
}

// reports is a table of that many reports and generations a day.
func reports(days ...[2]int64) insight.Table {
	table := insight.Tabulate()
	for n, day := range days {
		table.Add(insight.Row{Key: insight.Key{Day: insight.DayOf(noon).Add(n), Feature: "recolor"}, Sums: insight.Sums{Reports: day[0], Generations: day[1]}})
	}
	return table
}

func TestADayJumpsPastTwiceWhatTheWeekBeforeWouldMakeOneExpect(t *testing.T) {
	day := [2]int64{4, 1000}
	for name, test := range map[string]struct {
		days  [][2]int64
		jumps bool
	}{
		"twice as many is none":                    {[][2]int64{day, day, {8, 1000}}, false},
		"more than twice is one":                   {[][2]int64{day, day, {9, 1000}}, true},
		"not of as many more generations":          {[][2]int64{day, day, {9, 2000}}, false},
		"few reports are none":                     {[][2]int64{{0, 1000}, {4, 1000}}, false},
		"five after none are one":                  {[][2]int64{{0, 1000}, {5, 1000}}, true},
		"what is new has nothing to jump from":     {[][2]int64{{50, 1000}}, false},
		"a week ago is the last that is looked at": {[][2]int64{{900, 1000}, {1, 1000}, {1, 1000}, {1, 1000}, {1, 1000}, {1, 1000}, {1, 1000}, {1, 1000}, {5, 1000}}, true},
	} {
		last := insight.Key{Day: insight.DayOf(noon).Add(len(test.days) - 1), Feature: "recolor"}
		assert.Equal(t, test.jumps, reports(test.days...).Jumps()[last], name)
	}
}

// month is a store of a month whose days are summed up, but for today: it counts its calls.
type month struct {
	parts, verdicts int
	calls, read     atomic.Int64
	summaries       []insight.Summary
}

func (m *month) Parts() int { return m.parts }

func (m *month) ListFinals(_ context.Context, part int, from, _ time.Time, after string, limit int) ([]insight.Verdict, string, error) {
	m.calls.Add(1)
	if from != insight.DayOf(noon).Start() || part > 0 || after == "end" {
		return nil, "", nil
	}
	m.read.Add(int64(min(limit, m.verdicts)))
	return nil, "", nil
}

func (m *month) ListReview(context.Context, *refund.ReviewPosition, int) ([]refund.Case, bool, error) {
	m.calls.Add(1)
	return nil, false, nil
}

func (m *month) FindSummaries(_ context.Context, first, last insight.Day) ([]insight.Summary, error) {
	m.calls.Add(1)
	return slices.DeleteFunc(slices.Clone(m.summaries), func(s insight.Summary) bool { return s.Day < first || s.Day > last }), nil
}

func (m *month) PutSummary(_ context.Context, summary insight.Summary) error {
	m.calls.Add(1)
	m.summaries = append(m.summaries, summary)
	return nil
}

func (m *month) ListCounts(context.Context, string, string, int) ([]audit.Count, string, error) {
	m.calls.Add(1)
	return nil, "", nil
}

func (m *month) CountStarted(context.Context, insight.Day, insight.Day) ([]insight.Row, error) {
	m.calls.Add(1)
	return nil, nil
}

func TestAMonthOfAHundredThousandCasesIsReadByItsSummariesAndTheVerdictsOfToday(t *testing.T) {
	m := &month{parts: 8}
	var want int64
	for n := 1; n <= 40; n++ {
		for part := range m.parts {
			summary := insight.Summary{Day: insight.DayOf(noon).Add(-n), Part: part}
			for feature := range 20 {
				one := int64(21)
				summary.Rows = append(summary.Rows, insight.Row{Key: insight.Key{Day: summary.Day, Feature: fmt.Sprint("feature-", feature)}, Sums: insight.Sums{Verdicts: one, Credits: 4}})
				if n < 30 {
					want += one
				}
			}
			m.summaries = append(m.summaries, summary)
		}
	}
	span := insight.Span{First: insight.DayOf(noon).Add(-29), Last: insight.DayOf(noon)}
	found, err := insight.Reader{Store: m}.Read(t.Context(), span, noon)
	require.NoError(t, err)
	assert.Greater(t, want, int64(90_000))
	assert.Equal(t, want, found.Table.Total().Verdicts)
	assert.Equal(t, int64(4+m.parts), m.calls.Load(), "summaries, second looks, what waits, starts, and each part of today")
}

func TestATableIsWrittenAsCSVAndNoCellOfItIsAFormula(t *testing.T) {
	table := insight.Tabulate(
		insight.Row{Key: insight.Key{Day: "2026-03-01", Feature: "=HYPERLINK(1)"}, Sums: insight.Sums{Verdicts: 2, Credits: 8, Money: map[string]int64{"USD": 500}}},
		insight.Row{Key: insight.Key{Day: "2026-03-02", Feature: "recolor"}, Sums: insight.Sums{Verdicts: 1, Money: map[string]int64{"EUR": 7}}},
	)
	var body bytes.Buffer
	require.NoError(t, table.WriteCSV(&body, insight.DimensionDay, insight.DimensionFeature))
	assert.Equal(t, `day,feature,verdicts,by_person,credits,bought,money_minor_EUR,money_minor_USD,answers,waited_seconds,promised,in_time,appeals,overturned,reports,generations
2026-03-01,'=HYPERLINK(1),2,0,8,0,0,500,0,0,0,0,0,0,0,0
2026-03-02,recolor,1,0,0,0,7,0,0,0,0,0,0,0,0,0
`, body.String())
}

func TestASpanThatIsNoneNamesItsField(t *testing.T) {
	for span, field := range map[insight.Span]string{
		{"2026-03-01", "2026-03-01"}: "", {"2025-03-01", "2026-03-01"}: "", {"2025-02-28", "2026-03-01"}: "from",
		{"2026-02-30", "2026-03-01"}: "from", {"2026-03-01", "x"}: "to", {"2026-03-02", "2026-03-01"}: "to",
	} {
		err := span.Validate()
		if field == "" {
			assert.NoError(t, err, span)
			continue
		}
		assert.ErrorContains(t, err, field, span)
	}
	_, err := insight.ParseDimensions("day,day")
	assert.Error(t, err)
	by, err := insight.ParseDimensions("clause,day")
	require.NoError(t, err)
	assert.Equal(t, []insight.Dimension{insight.DimensionDay, insight.DimensionClause}, by)
}
