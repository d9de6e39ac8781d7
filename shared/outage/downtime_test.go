package outage_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/policy"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	hour = time.Hour
	tick = time.Millisecond
)

// down returns an outage that prevented use from one hour after noon to another; to 0: it goes on.
func down(name string, from, to time.Duration) outage.Outage {
	o := outage.Outage{ID: outage.ID(name), StartedAt: noon.Add(from), PreventedUse: true, DeclaredAt: noon.Add(100 * hour)}
	if to != 0 {
		o.EndedAt = noon.Add(to)
	}
	return o
}

// meets returns the downtime that is looked at first, false for none.
func meets(all []outage.Outage, named outage.ID, paidAt, at time.Time) (outage.Downtime, bool) {
	met := outage.Met(all, named, paidAt, at)
	if len(met) == 0 {
		return outage.Downtime{}, false
	}
	return met[0], true
}

// met returns how long the named outage lasted, as a request long after sees it.
func met(t require.TestingT, all []outage.Outage, named outage.ID) (from, to time.Duration) {
	facts, known := meets(all, named, noon, noon.Add(1000*hour))
	require.True(t, known)
	if facts.EndedAt == nil {
		return facts.StartedAt.Sub(noon), 0
	}
	return facts.StartedAt.Sub(noon), facts.EndedAt.Sub(noon)
}

func TestOutagesThatTouchAreOne(t *testing.T) {
	first, second, apart := down("a", 0, 30*hour), down("b", 30*hour, 49*hour), down("c", 49*hour+tick, 60*hour)
	for _, all := range [][]outage.Outage{{first, second, apart}, {apart, second, first}} {
		for _, name := range []outage.ID{"a", "b"} {
			from, to := met(t, all, name)
			assert.Equal(t, []time.Duration{0, 49 * hour}, []time.Duration{from, to})
		}
		from, to := met(t, all, "c")
		assert.Equal(t, []time.Duration{49*hour + tick, 60 * hour}, []time.Duration{from, to}, "a millisecond of use lay between")
	}
	for what, other := range map[string]func(*outage.Outage){
		"other features": func(o *outage.Outage) { o.Features = []string{"upscale"} },
		"of less weight": func(o *outage.Outage) { o.PreventedUse = false },
	} {
		unlike := second
		other(&unlike)
		_, to := met(t, []outage.Outage{first, unlike}, "a")
		assert.Equal(t, 30*hour, to, what)
	}
}

// drawOutages draws some that often touch, by both edges.
func drawOutages(t *rapid.T) []outage.Outage {
	all := make([]outage.Outage, rapid.IntRange(1, 7).Draw(t, "outages"))
	for i := range all {
		start := time.Duration(rapid.IntRange(0, 12).Draw(t, "start")) * hour
		all[i] = down(fmt.Sprint(i), start, 0)
		if rapid.IntRange(0, 5).Draw(t, "open") > 0 {
			all[i].EndedAt = all[i].StartedAt.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "hours"))*hour - tick*time.Duration(rapid.IntRange(0, 1).Draw(t, "tick")))
		}
		all[i].PreventedUse = rapid.IntRange(0, 3).Draw(t, "prevented") > 0
		all[i].DeclaredAt = noon.Add(time.Duration(rapid.IntRange(20, 22).Draw(t, "declared")) * hour)
	}
	return all
}

// joined is another way to the same: whoever is reached over pairs that touch.
func joined(all []outage.Outage, of int) (from, to time.Time) {
	const never = 500 * hour
	type interval struct{ from, to time.Time }
	spans := make([]interval, len(all))
	for i, o := range all {
		spans[i] = interval{o.StartedAt, o.EndedAt}
		if o.EndedAt.IsZero() {
			for _, again := range all {
				if again.StartedAt.Equal(o.StartedAt) && again.PreventedUse == o.PreventedUse && !again.DeclaredAt.Before(o.DeclaredAt) && again.EndedAt.After(spans[i].to) {
					spans[i].to = again.EndedAt
				}
			}
			if spans[i].to.IsZero() {
				spans[i].to = noon.Add(never)
			}
		}
	}
	reached, edge := map[int]bool{of: true}, []int{of}
	for len(edge) > 0 {
		a := edge[0]
		edge = edge[1:]
		for b := range all {
			if !reached[b] && all[a].PreventedUse == all[b].PreventedUse && !spans[a].to.Before(spans[b].from) && !spans[b].to.Before(spans[a].from) {
				reached[b], edge = true, append(edge, b)
			}
		}
	}
	from, to = spans[of].from, spans[of].to
	for i := range reached {
		if spans[i].from.Before(from) {
			from = spans[i].from
		}
		if spans[i].to.After(to) {
			to = spans[i].to
		}
	}
	if to.Equal(noon.Add(never)) {
		to = time.Time{}
	}
	return from, to
}

func TestJoiningKnowsNoOrderAndNoRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawOutages(t)
		of := rapid.IntRange(0, len(all)-1).Draw(t, "of")
		shuffled := rapid.Permutation(all).Draw(t, "order")
		repeats := append(slices.Clone(shuffled), rapid.SampledFrom(all).Draw(t, "repeat"))
		from, to := joined(all, of)
		for _, known := range [][]outage.Outage{all, shuffled, repeats} {
			facts, found := meets(known, all[of].ID, noon, noon.Add(400*hour))
			require.True(t, found)
			require.Equal(t, from, facts.StartedAt)
			if to.IsZero() {
				require.Nil(t, facts.EndedAt)
			} else {
				require.Equal(t, to, *facts.EndedAt)
			}
			require.Equal(t, all[of].PreventedUse, facts.PreventedUse)
		}
	})
}

func TestThePurchaseMetFirstWhatItMetLongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawOutages(t)
		paidAt := noon.Add(time.Duration(rapid.IntRange(-1, 18).Draw(t, "paid")) * hour)
		at := noon.Add(time.Duration(rapid.IntRange(10, 30).Draw(t, "asked")) * hour)
		want, known := time.Duration(-1<<62), false
		prevented := false
		for i, o := range all {
			from, to := joined(all, i)
			if to.IsZero() || to.After(at) {
				to = at
			} else if to.Before(paidAt) {
				continue
			}
			if from.Before(paidAt) {
				from = paidAt
			}
			if lasted := to.Sub(from); !known || o.PreventedUse && !prevented || o.PreventedUse == prevented && lasted > want {
				want, prevented, known = lasted, o.PreventedUse, true
			}
		}
		facts, found := meets(rapid.Permutation(all).Draw(t, "order"), "", paidAt, at)
		require.Equal(t, known, found)
		if !known {
			return
		}
		first, _ := meets(all, "", paidAt, at)
		require.Equal(t, first, facts, "in any order")
		to := at
		if facts.EndedAt != nil {
			to = *facts.EndedAt
		}
		from := facts.StartedAt
		if from.Before(paidAt) {
			from = paidAt
		}
		require.Equal(t, want, to.Sub(from))
		require.Equal(t, prevented, facts.PreventedUse)
	})
}

func TestAnOutageThatGoesOnHidesNoLongerOneAndIsEndedByItsEnd(t *testing.T) {
	closed, open := down("closed", 0, 49*hour), down("open", 90*hour, 0)
	at := noon.Add(91 * hour)
	facts, _ := meets([]outage.Outage{open, closed}, "", noon, at)
	assert.Equal(t, noon, facts.StartedAt)
	later := at.Add(49 * hour)
	facts, _ = meets([]outage.Outage{open, closed}, "", noon, later)
	assert.Equal(t, open.StartedAt, facts.StartedAt, "by now it is longer")

	ended := down("ended", 90*hour, 95*hour)
	ended.DeclaredAt = open.DeclaredAt.Add(tick)
	_, to := met(t, []outage.Outage{ended, open}, "open")
	assert.Equal(t, 95*hour, to)
	ended.DeclaredAt = open.DeclaredAt.Add(-tick)
	_, to = met(t, []outage.Outage{ended, open}, "open")
	assert.Zero(t, to, "it was declared to go on after that")
	_, known := meets(nil, "open", noon, at)
	assert.False(t, known)
}

func TestOfTwoAsLongTheEarlierIsMeantAndOneThatEndedWithThePurchaseWasMet(t *testing.T) {
	early, late := down("early", 0, 49*hour), down("late", 50*hour, 99*hour)
	for _, all := range [][]outage.Outage{{early, late}, {late, early}} {
		facts, _ := meets(all, "", noon, noon.Add(100*hour))
		assert.Equal(t, noon, facts.StartedAt)
		assert.Len(t, outage.Met(all, "", noon.Add(49*hour), noon.Add(100*hour)), 2)
		assert.Len(t, outage.Met(all, "", noon.Add(49*hour+tick), noon.Add(100*hour)), 1)
	}
}

func TestAnEndStillToComeHasNotCome(t *testing.T) {
	planned := []outage.Outage{down("a", 0, 49*hour)}
	facts, _ := meets(planned, "a", noon, noon.Add(49*hour-tick))
	assert.Nil(t, facts.EndedAt)
	assert.Equal(t, noon.Add(49*hour), facts.EndsAt)
	facts, _ = meets(planned, "a", noon, noon.Add(49*hour))
	assert.Equal(t, noon.Add(49*hour), *facts.EndedAt)
	assert.Zero(t, facts.EndsAt)
}

func TestWhatIsLookedAtFirstIsWhatThePurchaseMetMoreHoursOf(t *testing.T) {
	long, short := down("long", -100*hour, 10*hour), down("short", 20*hour, 40*hour)
	for _, all := range [][]outage.Outage{{long, short}, {short, long}} {
		facts, _ := meets(all, "", noon, noon.Add(100*hour))
		assert.Equal(t, short.StartedAt, facts.StartedAt, "20 hours against 10 of 110")
		facts, _ = meets(all, "", noon.Add(-11*hour), noon.Add(100*hour))
		assert.Equal(t, long.StartedAt, facts.StartedAt, "21 hours against 20")
		assert.Len(t, outage.Met(all, "", noon, noon.Add(100*hour)), 2)
		assert.Len(t, outage.Met(all, "", noon.Add(10*hour+tick), noon.Add(100*hour)), 1)
		assert.Len(t, outage.Met(all, "long", noon.Add(10*hour+tick), noon.Add(100*hour)), 1, "it is named")
	}
	unused := down("unused", 0, 90*hour)
	unused.PreventedUse = false
	facts, _ := meets([]outage.Outage{unused, short}, "", noon, noon.Add(100*hour))
	assert.Equal(t, short.StartedAt, facts.StartedAt, "use was prevented")
}

// gets returns what goopter says to the buyer of a pro package, 100 of 300 credits spent, who asks
// at that hour.
func gets(t *testing.T, all []outage.Outage, at time.Duration) policy.Decision {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	facts, known := meets(all, "", noon, noon.Add(at))
	require.True(t, known)
	verdict, err := policy.Decide(published.At(noon), policy.Facts{
		Policy: "goopter", Kind: policy.KindOutage, RequestedAt: noon.Add(at), Outage: &facts.OutageFacts,
		Purchase: &policy.PurchaseFacts{
			ID: "pi_1", Package: "pro", PaidAt: noon, Amount: money.Amount{Currency: "USD", Minor: 2000}, Credits: 300, CreditsSpent: 100, Credited: true,
		},
	})
	require.NoError(t, err)
	return verdict
}

func TestGoopterGivesForMoreThan48HoursThroughJoinedSpans(t *testing.T) {
	for name, c := range map[string]struct {
		all  []outage.Outage
		want policy.Outcome
	}{
		"48 h in two":            {[]outage.Outage{down("a", 0, 20*hour), down("b", 20*hour, 48*hour)}, policy.OutcomeDeclined},
		"a tick more":            {[]outage.Outage{down("a", 0, 20*hour), down("b", 20*hour, 48*hour+tick)}, policy.OutcomeApproved},
		"a tick less":            {[]outage.Outage{down("a", 0, 20*hour), down("b", 20*hour, 48*hour-tick)}, policy.OutcomeDeclined},
		"a tick of use between":  {[]outage.Outage{down("a", 0, 48*hour), down("b", 48*hour+tick, 80*hour)}, policy.OutcomeDeclined},
		"over each other":        {[]outage.Outage{down("b", 20*hour, 49*hour), down("a", 0, 30*hour)}, policy.OutcomeApproved},
		"three, the last first":  {[]outage.Outage{down("c", 30*hour, 49*hour), down("a", 0, 20*hour), down("b", 20*hour, 30*hour)}, policy.OutcomeApproved},
		"up to the purchase":     {[]outage.Outage{down("a", -60*hour, -tick), down("b", -tick, tick)}, policy.OutcomeDeclined},
		"48 h and a tick since":  {[]outage.Outage{down("a", -60*hour, -tick), down("b", -tick, 48*hour+tick)}, policy.OutcomeApproved},
		"goes on for 48 h":       {[]outage.Outage{down("a", 52*hour, 0)}, policy.OutcomeInReview},
		"goes on for a bit more": {[]outage.Outage{down("a", 52*hour-tick, 0)}, policy.OutcomeApproved},
	} {
		verdict := gets(t, c.all, 100*hour)
		assert.Equal(t, []any{c.want, "G2.3"}, []any{verdict.Outcome, verdict.Clause}, name)
		if c.want == policy.OutcomeApproved {
			assert.Equal(t, policy.InMoney(money.Amount{Currency: "USD", Minor: 1333}), verdict.Remedy, name)
		}
	}
	_, known := meets([]outage.Outage{down("a", -60*hour, -tick)}, "", noon, noon.Add(100*hour))
	assert.False(t, known, "it ended before the purchase: the customer speaks of another")
	unused := down("a", 0, 90*hour)
	unused.PreventedUse = false
	assert.Equal(t, policy.OutcomeDeclined, gets(t, []outage.Outage{unused}, 100*hour).Outcome)
	assert.Equal(t, "G3.3", gets(t, []outage.Outage{down("a", 0, 90*hour)}, 30*24*hour+tick).Clause)
}
