package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestAnApprovalGoesByTheClauseThatWouldHaveApproved(t *testing.T) {
	reported := func(name string, issue policy.Issue) policy.Facts {
		f := unusable(name)
		f.Report.Issue = issue
		return f
	}
	failure := func(name string) policy.Facts { return failed(name, generation.CauseInput) }
	goopters := func(kind policy.Kind) policy.Facts {
		f := purchased(kind)
		f.Purchase.Credited = kind != policy.KindNotCredited
		return f
	}
	shops := bought(policy.KindAbnormalCharge)
	shops.Policy = "popcustoms"
	for name, c := range map[string]struct {
		facts       policy.Facts
		prior, want string
	}{
		"photoroom: R2, not R8":                           {reported("photoroom", "distortion"), "R8", "R2"},
		"photoroom: R2, not what the limits asked":        {reported("photoroom", ""), "R10", "R2"},
		"photoroom: a failure":                            {failure("photoroom"), "R1", "R1"},
		"popcustoms: what deviates":                       {reported("popcustoms", policy.IssueDeviates), "P5.3", "P3.1"},
		"popcustoms: what is not the template's function": {reported("popcustoms", policy.IssueOffTemplate), "P5.3", "P3.2"},
		"popcustoms: the wrong subject":                   {reported("popcustoms", policy.IssueWrongSubject), "P5.3", "P3.3"},
		"popcustoms: a defect":                            {reported("popcustoms", policy.IssueDistortion), "P6.1", "P3.4"},
		"popcustoms: nothing said":                        {reported("popcustoms", ""), "P5.3", "P3.4"},
		"popcustoms: taste, which no rule approves":       {reported("popcustoms", policy.IssueTaste), "P4.2", "P5.3"},
		"popcustoms: a failure by the input":              {failure("popcustoms"), "P4.1", "P3.6"},
		"popcustoms: a charge":                            {shops, "P3.8", "P3.8"},
		"goopter: a failure":                              {failure("goopter"), "G2.4", "G2.4"},
		"goopter: a double charge":                        {goopters(policy.KindDuplicateCharge), "X1", "G2.2"},
		"goopter: not credited":                           {goopters(policy.KindNotCredited), "G2.1", "G2.1"},
		"goopter: an outage":                              {goopters(policy.KindOutage), "G3.1", "G2.3"},
		"goopter: a change of mind, which no rule grants": {goopters(policy.KindChangeOfMind), "G1", "X3"},
	} {
		rev := shipped(t, c.facts.Policy)
		ruling := policy.Ruling{Outcome: yes}
		if c.facts.Kind == policy.KindAbnormalCharge || c.facts.Kind == policy.KindChangeOfMind {
			ruling.Remedy = usd(100)
		}
		d, err := rule(t, rev, c.facts, c.prior, ruling)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, d.Clause, name)
		assert.Equal(t, c.want, d.Trace[len(d.Trace)-1].Clause, name)
		assert.NotEmpty(t, d.Reason, name)
		assert.Zero(t, d.Rule, name)
	}
}

func TestWhatTheCustomerReadsGoesByTheClauseThatIsCited(t *testing.T) {
	rev := shipped(t, "popcustoms")
	for _, cited := range []string{"P3.1", "P3.7"} {
		d, err := rule(t, rev, unusable("popcustoms"), "P5.3", policy.Ruling{Outcome: yes, Clause: cited})
		require.NoError(t, err)
		clause, _ := rev.Clause(cited)
		assert.Equal(t, []string{cited, rev.Reason(policy.KindBadResult, d)}, []string{d.Clause, d.Reason})
		if clause.Reason(yes) != "" {
			assert.Equal(t, strings.ReplaceAll(clause.Reason(yes), "{credits}", "0.0395 USD"), d.Reason)
		}
	}
	for _, cited := range []string{"P4.1", "P5.1", policy.ClauseAlreadyRefunded} {
		d, err := rule(t, rev, unusable("popcustoms"), "P5.3", policy.Ruling{Outcome: no, Clause: cited})
		require.NoError(t, err)
		clause, _ := rev.Clause(cited)
		assert.Equal(t, clause.Reason(no), d.Reason)
	}
}

func TestAClauseOfAnotherKindOrAnswerIsNotCited(t *testing.T) {
	rev := shipped(t, "photoroom")
	for outcome, want := range map[policy.Outcome]string{yes: "must be R10, R2, R8, X3", no: "must be R10, R9, X1, R7, R12, R11, X2, R8, X3"} {
		for _, cited := range []string{"R1", "R3", "P5.3", "x3"} {
			_, err := rule(t, rev, unusable("photoroom"), "R8", policy.Ruling{Outcome: outcome, Clause: cited})
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, []string{"clause", want}, []string{e.Field, e.Detail}, cited)
		}
	}
	_, err := rule(t, rev, unusable("photoroom"), "R8", policy.Ruling{Outcome: yes, Clause: "R7"})
	require.Error(t, err, "it has no words for an approval")
	assert.Equal(t, []string{policy.ClauseAlreadyRefunded, policy.ClauseNothingCharged, policy.ClauseNoRule}, rev.Citable(policy.KindOutage, no))
}

func TestMoneyIsNotToldInASentenceOfCredits(t *testing.T) {
	rev, err := policyfile.Parse("cited.yaml", []byte(read(t, "testdata/working_cited.yaml")))
	require.NoError(t, err)
	f := unusable("popcustoms")
	f.Policy, f.Generation.Feature = rev.Name, rev.Features()[0].Name
	for remedy, want := range map[*policy.Remedy]string{
		nil:    "Its 0.0395 USD are back.",
		usd(2): "A person granted it.",
	} {
		d, err := rule(t, rev, f, "T1", policy.Ruling{Outcome: yes, Remedy: remedy})
		require.NoError(t, err)
		assert.Equal(t, []string{"T2", want}, []string{d.Clause, d.Reason})
	}
	d, err := rule(t, rev, f, "T1", policy.Ruling{Outcome: no, Clause: "T3"})
	require.NoError(t, err)
	assert.Equal(t, "A person refused it.", d.Reason, "of two reasons nobody knows which")
}

func TestAnApprovalOfAFailureWithoutACauseGoesByTheClauseOfItsReview(t *testing.T) {
	rev, f := shipped(t, "photoroom"), failed("photoroom", generation.CausePlatform)
	f.Generation.Failure = nil
	d, err := policy.Rule(rev, f, policy.Undecided(rev, f.Kind, ruledAt), policy.Ruling{Outcome: yes}, ruledAt)
	require.NoError(t, err)
	assert.Equal(t, policy.ClauseNoRule, d.Clause)
}
