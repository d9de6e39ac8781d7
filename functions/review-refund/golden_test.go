package main

import (
	"testing"

	"makegood/shared/api/view"
	"makegood/shared/golden"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

func TestWhatStaffAreShownIsAsItsGoldenBodyHasIt(t *testing.T) {
	near := refund.NearLimit{
		Customer: golden.Bob, Standing: ledger.StandingRestricted, Limits: []policy.Limit{{Name: "refunds", Count: 4, Of: 9, Most: 5, Over: true}},
	}
	tallies := []refund.AppealTally{{Policy: "photoroom", Clause: "P5.3", Upheld: 2, Overturned: 1}}
	judged := standing.Standing{
		Customer: golden.Bob, Standing: ledger.StandingRestricted, History: []standing.Change{golden.StandingChange()},
	}
	golden.Complete(t, near, tallies, judged)
	golden.Equal(t, "testdata/answers.golden.json", map[string]any{
		"near": view.NearLimits(near), "tallies": tallyList(tallies), "standing": view.Standing(judged),
	})
}
