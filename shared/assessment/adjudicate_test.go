package assessment

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// eager supports whatever it is asked about.
type eager struct{ claims int }

func (e *eager) Adjudicate(context.Context, adjudication.Claim, time.Time) (evidence.Opinion, error) {
	e.claims++
	return adjudication.Without(evidence.OpinionSupports), nil
}

func TestAModelIsAskedOnlyWhereItsSupportCouldCount(t *testing.T) {
	capped := policy.Revision{Evidence: policy.Evidence{AdjudicatorCap: 4}}
	for name, c := range map[string]struct {
		revision policy.Revision
		stopped  []evidence.Name
		verdict  evidence.Verdict
		want     evidence.OpinionOutcome
		claims   int
	}{
		"a cap":                        {capped, nil, evidence.VerdictUnsure, evidence.OpinionSupports, 1},
		"no cap":                       {policy.Revision{}, nil, evidence.VerdictUnsure, "", 0},
		"a lower one":                  {policy.Revision{Evidence: policy.Evidence{AdjudicatorCap: 3}}, nil, evidence.VerdictUnsure, evidence.OpinionOverCap, 0},
		"its support was often wrong":  {capped, []evidence.Name{evidence.Adjudicated}, evidence.VerdictUnsure, evidence.OpinionSuspended, 0},
		"another signal was":           {capped, []evidence.Name{evidence.Blank}, evidence.VerdictUnsure, evidence.OpinionSupports, 1},
		"a signal decided":             {capped, nil, evidence.VerdictUnusable, "", 0},
		"the output was not to be had": {capped, nil, "", "", 0},
	} {
		model := &eager{}
		subject := refund.Assessment{Revision: c.revision, Price: 4, Case: refund.Case{Statement: &refund.Statement{}}, Generation: &generation.Generation{}}
		record := evidence.Record{Verdict: c.verdict}
		require.NoError(t, Assessor{Adjudicator: model}.adjudicate(t.Context(), subject, sighting{}, &record, c.stopped, time.Time{}), name)
		assert.Equal(t, c.claims, model.claims, name)
		assert.Equal(t, c.claims == 1, len(record.Defects) == 1, name)
		got := evidence.OpinionOutcome("")
		if record.Opinion != nil {
			got = record.Opinion.Outcome
		}
		assert.Equal(t, c.want, got, name)
	}
	// Without a model nothing is asked or said.
	record := evidence.Record{Verdict: evidence.VerdictUnsure}
	require.NoError(t, Assessor{}.adjudicate(t.Context(), refund.Assessment{Revision: capped, Price: 4}, sighting{}, &record, nil, time.Time{}))
	assert.Equal(t, evidence.Record{Verdict: evidence.VerdictUnsure}, record)
}
