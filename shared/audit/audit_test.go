package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/policy"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestAShareOfTheCasesIsSampledByTheirIdsAlone(t *testing.T) {
	const cases = 20_000
	for _, percent := range []int{0, 5, 50, 100} {
		sampled := 0
		for n := range cases {
			id := fmt.Sprintf("cas_%d", n)
			if audit.Sampled(id, percent) {
				sampled++
				require.True(t, audit.Sampled(id, percent), "once sampled, always")
				require.True(t, audit.Sampled(id, min(100, percent+1)), "a larger share holds the smaller one")
			}
		}
		assert.InDelta(t, percent, 100*float64(sampled)/cases, 1, "%d %%", percent)
	}
}

func TestAnAutomaticVerdictOnAPictureThatCouldBeJudgedHasALook(t *testing.T) {
	record := evidence.Record{
		Case: "cas_1", Feature: "recolor", Verdict: evidence.VerdictUnusable, Defects: []evidence.Name{evidence.Blank},
		Signals: []evidence.Signal{{Name: evidence.Blank, Present: true, Decides: true}, {Name: evidence.Blurred, Present: true}, {Name: evidence.Noisy}},
	}
	look := audit.New(record, policy.Decision{Outcome: policy.OutcomeApproved, Clause: "R2"}, noon)
	want := audit.Look{
		Case: "cas_1", Feature: "recolor", Outcome: policy.OutcomeApproved, Clause: "R2", Signals: []evidence.Name{evidence.Blank}, DecidedAt: noon,
	}
	assert.Equal(t, &want, look, "an approval is held against what decided it")
	look = audit.New(record, policy.Decision{Outcome: policy.OutcomeDeclined, Clause: "R8"}, noon)
	assert.Equal(t, []evidence.Name{evidence.Blank, evidence.Blurred}, look.Signals, "a decline against what was there")
	assert.Nil(t, audit.New(record, policy.Decision{Outcome: policy.OutcomeInReview}, noon), "a person decides")
	record.Verdict = ""
	assert.Nil(t, audit.New(record, policy.Decision{Outcome: policy.OutcomeDeclined}, noon), "there is nothing to look at")
}

func TestAPercentageIsAWholeNumberUpToAHundred(t *testing.T) {
	for text, want := range map[string]int{"": audit.DefaultPercent, "0": 0, "100": 100} {
		percent, err := audit.ParsePercent(text)
		require.NoError(t, err)
		assert.Equal(t, want, percent)
	}
	for _, text := range []string{"-1", "101", "5 %", "2.5"} {
		_, err := audit.ParsePercent(text)
		require.Error(t, err, text)
	}
}

func TestAWeekIsThatOfTheCalendarByUTC(t *testing.T) {
	east := time.FixedZone("east", int((9 * time.Hour).Seconds()))
	for want, at := range map[string]time.Time{
		"2026-W09": noon,
		"2026-W53": time.Date(2027, 1, 3, 23, 59, 0, 0, time.UTC),
		"2027-W01": time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC),
		"2026-W10": time.Date(2026, 3, 9, 8, 59, 0, 0, east), // a Monday there, and still Sunday by UTC
	} {
		assert.Equal(t, want, audit.WeekOf(at), at)
	}
}

func TestAShareIsSaidWithWhatTheLooksLeavePossible(t *testing.T) {
	// The figures of R's binom.test, one-sided, and of the rule of three.
	for _, one := range []struct {
		wrong, looks int
		want         float64
	}{{0, 0, 100}, {0, 1, 95}, {1, 1, 100}, {0, 100, 2.951}, {0, 4000, 0.0749}, {1, 100, 4.656}, {5, 200, 5.184}, {50, 100, 58.63}} {
		assert.InDelta(t, one.want, audit.AtMost(one.wrong, one.looks), 0.01, "%d of %d", one.wrong, one.looks)
	}
}
