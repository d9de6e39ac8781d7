package payment_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
)

// at returns the facts as an event of that many seconds after noon.
func at(seconds int, facts payment.Facts) payment.Facts {
	facts.At = noon.Add(time.Duration(seconds) * time.Second)
	facts.Event = fmt.Sprint("evt_", seconds, facts.RefundID, facts.DisputeID)
	return facts
}

func TestAStatusThatWeDoNotKnowMovesNothingAndWaitsForStaffUntilAKnownOneFollows(t *testing.T) {
	for name, facts := range map[string]func(status string) payment.Facts{
		"refund":  func(status string) payment.Facts { return refunded("re_1", 500, payment.RefundStatus(status)) },
		"dispute": func(status string) payment.Facts { return disputed("dp_1", 500, payment.DisputeStatus(status)) },
	} {
		t.Run(name, func(t *testing.T) {
			final := map[string]string{"refund": "failed", "dispute": "won"}[name]
			d := newDesk(t)
			d.hears(paid(), at(1, facts("perhaps")))
			d.wants(t, 50, 0, 50, 0)
			require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits())
			require.False(t, d.hears(at(1, facts("perhaps"))).Changed, "the same again is the same")
			d.hears(at(0, facts(final)))
			require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits(), "what was said before does not follow it")
			d.hears(at(2, facts(final)))
			require.Empty(t, d.payment("pi_1").Waits())
			require.False(t, d.hears(at(1, facts("perhaps"))).Changed, "its event is sent once more")
			require.Empty(t, d.payment("pi_1").Waits())
			d.hears(at(3, facts("maybe")))
			require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits(), "a new word is new")
			d.wants(t, 50, 0, 50, 0)
		})
	}
}

func TestAnUnknownStatusLeavesWhatWasKnownAsItWas(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), at(1, refunded("re_1", 250, payment.RefundPending)), at(1, disputed("dp_1", 250, payment.DisputeOpen)))
	d.wants(t, 0, 0, 50, 50)
	d.hears(at(2, refunded("re_1", 500, "perhaps")), at(2, disputed("dp_1", 500, "perhaps")))
	d.wants(t, 0, 0, 50, 50)
	refunds, disputes, _ := d.payment("pi_1").Latest()
	require.Equal(t, []string{"perhaps", "perhaps"}, []string{string(refunds["re_1"].Status), string(disputes["dp_1"].Status)}, "staff see the latest word")
}

func TestAPurchaseOfUnknownStatusIsParkedUntilItsStatusIsKnown(t *testing.T) {
	perhaps := paid(func(p *payment.Purchase) { p.Status = "perhaps" })
	d := newDesk(t)
	p := d.hears(at(1, perhaps)).Payment
	require.Equal(t, []any{payment.StateParked, payment.ReasonUnknownStatus}, []any{p.State, p.Waits()})
	d.wants(t, 0, 0, 0, 0)
	d.hears(at(2, paid()))
	d.wants(t, 50, 0, 50, 0)
	require.Empty(t, d.payment("pi_1").Waits())
	require.Equal(t, payment.ReasonUnknownStatus, d.hears(at(3, perhaps)).Payment.Waits())
	d.wants(t, 50, 0, 50, 0)

	d = newDesk(t)
	d.hears(at(1, perhaps))
	_, err := d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	d.wants(t, 50, 0, 50, 0)
}

func TestARefundOfACaseWhoseStatusIsUnknownIsNotAskedForAgain(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	d.put(d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 500, Money: true, Credits: 50}, noon))
	require.Equal(t, []string{"cas_1"}, d.payment("pi_1").Due())
	perhaps := refunded("re_1", 500, "perhaps")
	perhaps.Refund.Case = "cas_1"
	d.hears(at(1, perhaps))
	p := *d.payment("pi_1")
	assert.Empty(t, p.Due())
	assert.Equal(t, payment.ProgressPending, p.Progress("cas_1"))
	d.wants(t, 0, 0, 50, 50)
	failure := refunded("re_1", 500, payment.RefundFailed)
	failure.Refund.Case = "cas_1"
	d.hears(at(2, failure))
	assert.Equal(t, payment.ProgressFailed, d.payment("pi_1").Progress("cas_1"))
	d.wants(t, 50, 0, 50, 0)
}

// permute calls with for every order of the facts.
func permute(facts []payment.Facts, with func([]payment.Facts)) {
	var step func(n int)
	step = func(n int) {
		if n == 1 {
			with(facts)
			return
		}
		for i := range n {
			step(n - 1)
			if n%2 == 0 {
				facts[i], facts[n-1] = facts[n-1], facts[i]
			} else {
				facts[0], facts[n-1] = facts[n-1], facts[0]
			}
		}
	}
	step(len(facts))
}

// ignores has staff look at pi_1 for that reason and let it be.
func (d *desk) ignores(t *testing.T, reason payment.Reason) {
	t.Helper()
	require.Equal(t, reason, d.payment("pi_1").Waits())
	key := fmt.Sprint(len(d.payment("pi_1").Resolutions))
	_, err := d.resolves(payment.ActionIgnore, func(o *payment.Order) { o.Key = key })
	require.NoError(t, err)
	require.Empty(t, d.payment("pi_1").Waits())
}

func TestAnUnknownStatusThatStaffSettledComesUpAgainOnlyWithAnotherWord(t *testing.T) {
	usual := func(id string, status payment.RefundStatus) payment.Facts { return refunded(id, 500, status) }
	ofCase := usual("re_1", "perhaps")
	ofCase.Refund.Case = "cas_1"
	bank := func(status payment.DisputeStatus) payment.Facts { return disputed("dp_1", 500, status) }
	for name, news := range map[string][]payment.Facts{
		"another word":               {at(3, usual("re_1", "maybe"))},
		"another amount":             {at(3, refunded("re_1", 400, "perhaps"))},
		"another case":               {at(3, ofCase)},
		"another refund":             {at(2, usual("re_2", "perhaps"))},
		"a dispute":                  {at(2, bank("perhaps"))},
		"the purchase":               {at(2, paid(func(p *payment.Purchase) { p.Status = "perhaps" }))},
		"the word after a known one": {at(3, usual("re_1", payment.RefundFailed)), at(4, usual("re_1", "perhaps"))},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.hears(paid(), at(1, usual("re_1", "perhaps")))
			d.ignores(t, payment.ReasonUnknownStatus)
			d.hears(at(1, usual("re_1", "perhaps")), at(2, usual("re_1", "perhaps")), at(2, usual("re_3", payment.RefundFailed)))
			require.Empty(t, d.payment("pi_1").Waits(), "the same word is the same, whatever its event")
			d.hears(news...)
			require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits())
			require.Equal(t, payment.ReviewQueueParked, d.payment("pi_1").ReviewQueue())
			require.False(t, d.payment("pi_1").WaitsSince.IsZero())
			d.ignores(t, payment.ReasonUnknownStatus)
		})
	}
	d := newDesk(t)
	d.hears(paid(), at(1, usual("re_1", "perhaps")))
	d.ignores(t, payment.ReasonUnknownStatus)
	d.hears(at(2, usual("re_1", "maybe")))
	d.ignores(t, payment.ReasonUnknownStatus)
	d.hears(at(3, usual("re_1", "perhaps")))
	require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits(), "what staff saw last counts")

	d = newDesk(t)
	d.hears(paid(), at(1, usual("re_1", "perhaps")), at(1, usual("re_2", "perhaps")), at(2, usual("re_1", payment.RefundFailed)))
	d.ignores(t, payment.ReasonUnknownStatus)
	d.hears(at(3, usual("re_1", payment.RefundCanceled)))
	require.Empty(t, d.payment("pi_1").Waits(), "a known word is no news")
	d = newDesk(t)
	d.hears(paid(), at(1, usual("re_1", "perhaps")), at(1, usual("re_2", "perhaps")), at(2, usual("re_1", payment.RefundFailed)))
	d.ignores(t, payment.ReasonUnknownStatus)
	d.hears(at(3, usual("re_1", "perhaps")))
	require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits(), "it was a known one that staff saw")
}

func TestOnlyARefundOfAKnownStatusCounts(t *testing.T) {
	for status, want := range map[payment.RefundStatus]bool{
		payment.RefundPending: true, payment.RefundRequiresAction: true, payment.RefundSucceeded: true,
		payment.RefundFailed: false, payment.RefundCanceled: false, "perhaps": false, "": false,
	} {
		require.Equal(t, want, payment.Refund{Status: status}.Counts(), status)
	}
}

// unnamed returns the facts as of an event that nobody named.
func unnamed(facts payment.Facts) payment.Facts {
	facts.Event = ""
	return facts
}

func TestOfWordsThatAreNotKnownTheLatestByTheProvidersClockStands(t *testing.T) {
	word := func(status payment.RefundStatus) payment.Facts { return refunded("re_1", 500, status) }
	for name, c := range map[string]struct {
		words []payment.Facts
		want  payment.RefundStatus
		waits payment.Reason
	}{
		"an earlier word that comes later":            {[]payment.Facts{at(3, word("maybe")), at(2, word("perhaps"))}, "maybe", payment.ReasonUnknownStatus},
		"a word from before the known one":            {[]payment.Facts{at(1, word("perhaps")), at(4, word("failed")), at(3, word("maybe"))}, "failed", ""},
		"known words in any order":                    {[]payment.Facts{at(1, word("perhaps")), at(4, word("failed")), at(2, word("pending")), at(3, word("maybe"))}, "failed", ""},
		"a replay in the second of the known one":     {[]payment.Facts{at(1, word("perhaps")), at(1, word("failed")), at(1, word("perhaps"))}, "failed", ""},
		"a replay without a name in that second":      {[]payment.Facts{unnamed(at(1, word("perhaps"))), at(1, word("failed")), unnamed(at(1, word("perhaps")))}, "failed", ""},
		"another word without a name in one second":   {[]payment.Facts{unnamed(at(1, word("perhaps"))), unnamed(at(1, word("maybe")))}, "perhaps", payment.ReasonUnknownStatus},
		"those two the other way round":               {[]payment.Facts{unnamed(at(1, word("maybe"))), unnamed(at(1, word("perhaps")))}, "perhaps", payment.ReasonUnknownStatus},
		"a word in the second of a known one":         {[]payment.Facts{at(1, word("failed")), at(1, word("perhaps"))}, "failed", ""},
		"an older word after the known one":           {[]payment.Facts{at(10, word("failed")), at(5, word("perhaps"))}, "failed", ""},
		"the word without a name after the known one": {[]payment.Facts{unnamed(at(1, word("perhaps"))), at(2, word("failed")), unnamed(at(3, word("perhaps")))}, "perhaps", payment.ReasonUnknownStatus},
	} {
		d := newDesk(t)
		d.hears(paid())
		d.hears(c.words...)
		refunds, _, _ := d.payment("pi_1").Latest()
		require.Equal(t, []any{c.want, c.waits}, []any{refunds["re_1"].Status, d.payment("pi_1").Waits()}, name)
	}
}

// looked returns the facts as a look tells them: without an event or an instant.
func looked(facts payment.Facts) payment.Facts {
	facts.Event, facts.At = "", time.Time{}
	return facts
}

// hearsAt hears the facts so many minutes past noon.
func (d *desk) hearsAt(minutes int, facts payment.Facts) payment.Result {
	result, err := d.Receive(context.Background(), facts, noon.Add(time.Duration(minutes)*time.Minute))
	require.NoError(d.t, err)
	return result
}

func TestALookThatFindsThingsAsTheyWereWritesNothing(t *testing.T) {
	word := func(status payment.RefundStatus) payment.Facts { return looked(refunded("re_1", 500, status)) }
	d := newDesk(t)
	d.hears(looked(paid()))
	require.True(t, d.hearsAt(1, word(payment.RefundPending)).Changed)
	require.False(t, d.hearsAt(2, word(payment.RefundPending)).Changed)
	require.False(t, d.hearsAt(2, looked(paid())).Changed)
	require.True(t, d.hearsAt(3, word("perhaps")).Changed)
	require.False(t, d.hearsAt(4, word("perhaps")).Changed)
	require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits())
	require.True(t, d.hearsAt(5, word(payment.RefundPending)).Changed)
	require.Empty(t, d.payment("pi_1").Waits())
	require.True(t, d.hearsAt(6, word("perhaps")).Changed)
	require.Equal(t, payment.ReasonUnknownStatus, d.payment("pi_1").Waits(), "the word of today stands")
}

func TestAListWithoutInstantsThatIsReadAgainMovesNothing(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	d.put(d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 500, Money: true, Credits: 50}, noon))
	for round := range 4 {
		for _, status := range []payment.RefundStatus{payment.RefundFailed, "perhaps"} { // newest first
			facts := looked(refunded("re_1", 500, status))
			facts.Refund.Case = "cas_1"
			result := d.hearsAt(10*(round+1), facts)
			require.True(t, round == 0 || len(result.Entries) == 0, "round %d", round)
		}
	}
	require.Equal(t, payment.ProgressFailed, d.payment("pi_1").Progress("cas_1"))
}

func TestAnUnknownWordEndsTheSameWhicheverIsHeardFirst(t *testing.T) {
	ofCase := func(status payment.RefundStatus) payment.Facts {
		facts := refunded("re_1", 500, status)
		facts.Refund.Case = "cas_1"
		return facts
	}
	perhaps := paid(func(p *payment.Purchase) { p.Status = "perhaps" })
	for name, words := range map[string][]payment.Facts{
		"a refund of a case":  {at(5, ofCase("perhaps")), at(10, ofCase(payment.RefundFailed)), at(3, ofCase("maybe")), at(4, ofCase(payment.RefundPending))},
		"a purchase":          {at(5, perhaps), at(10, paid()), at(3, perhaps)},
		"a dispute":           {at(5, disputed("dp_1", 500, "perhaps")), at(10, disputed("dp_1", 500, payment.DisputeWon)), at(10, disputed("dp_1", 500, "maybe"))},
		"a word that is last": {at(10, ofCase("perhaps")), at(5, ofCase(payment.RefundFailed)), at(7, ofCase("perhaps")), at(8, ofCase("perhaps"))},
	} {
		ends := map[string]int{}
		permute(words, func(order []payment.Facts) {
			d := newDesk(t)
			d.hears(at(1, paid()))
			d.put(d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 500, Money: true, Credits: 50}, noon))
			d.hears(order...)
			p := d.payment("pi_1")
			require.Equal(t, name == "a word that is last", p.Waits() == payment.ReasonUnknownStatus, "%s: %v", name, p.Waits())
			ends[fmt.Sprint(p.Progress("cas_1"), p.Clawback.Total(), d.wallet("alice").Available(noon), p.Unclear, p.KnownAt)]++
		})
		require.Len(t, ends, 1, name)
	}
}

func TestARefundOfUnknownStatusKeepsOnlyItsOwnCaseWaiting(t *testing.T) {
	d := newDesk(t)
	d.hears(paid())
	d.put(d.payment("pi_1").Promise("cas_1", payment.Promise{Minor: 300, Money: true}, noon))
	d.hears(at(1, refunded("re_1", 100, "perhaps")))
	require.Equal(t, []string{"cas_1"}, d.payment("pi_1").Due())
}
