package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestAReaderSeesTheRulesAsTheFileWritesThem(t *testing.T) {
	rev := everything(t)
	assert.Equal(t, policy.AllKinds, rev.Kinds())
	assert.Equal(t, []policy.RuleView{
		{Clause: "T1", When: []policy.ConditionView{{Name: "mode", Values: []string{"free"}}}, Answer: no, Reason: "T1 declined"},
		{Clause: "T2", When: []policy.ConditionView{{Name: "nothing_charged", Values: []string{"true"}}}, Answer: no, Reason: "T2 declined"},
		{
			Clause: "T3", Reason: "T3 approved", Answer: yes, Gives: policy.GivePrice, To: policy.ToBalance,
			When: []policy.ConditionView{{Name: "failure_cause", Values: []string{"platform"}}, {Name: "failed_attempts_from", Values: []string{"3"}}},
		},
		{
			Clause: "T4", Reason: "T4 approved", Answer: yes, Gives: policy.GivePrice, To: policy.ToBalance,
			When: []policy.ConditionView{{Name: "failure_cause", Values: []string{"platform", "cancelled"}}},
		},
	}, rev.Rules(policy.KindTechnicalFailure))
	outage := rev.Rules(policy.KindOutage)
	assert.Equal(t, policy.RuleView{
		Clause: "O4", When: []policy.ConditionView{{Name: "down_over", Values: []string{"48h"}}}, Answer: yes, Gives: policy.GiveUnspentShare, To: policy.ToPaymentMethod, Reason: "O4 approved",
	}, outage[3])
	assert.Equal(t, policy.RuleView{Clause: "O4", Answer: no, Reason: "O4 declined"}, outage[5])
	assert.Nil(t, rev.Rules("bad_weather"))
	assert.Equal(t, []policy.Kind{policy.KindTechnicalFailure, policy.KindBadResult}, shipped(t, "photoroom").Kinds())
	assert.Nil(t, revised(t, "2026-01-01").Kinds())
}

func TestDurationsAreShownAsTheyAreWritten(t *testing.T) {
	source := read(t, "testdata/working_every_condition.yaml")
	for _, written := range []string{"48h", "1h30m", "30m", "10s", "1m30s", "100h0m10s"} {
		rev, err := policyfile.Parse("durations.yaml", []byte(strings.Replace(source, "down_over: 48h", "down_over: "+written, 1)))
		require.NoError(t, err)
		assert.Equal(t, []string{written}, rev.Rules(policy.KindOutage)[3].When[0].Values)
	}
}

func TestClausesStandInTheOrderOfTheFile(t *testing.T) {
	var ids []string
	for _, clause := range everything(t).Clauses() {
		ids = append(ids, clause.ID)
	}
	assert.Equal(t, "T1 T2 T3 T4 B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12 B13 B14 B15 B16 D1 D2 N1 N2 O1 O2 O3 O4 O5 A1 A2 C1 C2 X1 X2 X3", strings.Join(ids, " "))
	rev, err := policyfile.Parse("clauses.yaml", []byte(read(t, "testdata/working_every_clause.yaml")))
	require.NoError(t, err)
	var binds []policy.Bound
	for _, clause := range rev.Clauses() {
		binds = append(binds, clause.Binds)
	}
	assert.Equal(t, []policy.Bound{policy.BindsNotice, "", policy.BindsClock, policy.BindsUpload, "", policy.BindsRequest, policy.BindsRemedy, "", ""}, binds)
	assert.Empty(t, policy.Revision{}.Clauses())
}

func TestNoticesAreEachNamedOnce(t *testing.T) {
	assert.Equal(t, []policy.Notice{
		{Name: "refunded", Words: "Your {credits} AI credits have been refunded."},
		{Name: "refunded", Words: "We've approved your refund of {amount} to {method}."},
		{Name: "thanks_for_feedback", Words: "Thank you for your feedback. Your AI credits are not refunded."},
		{Name: "in_review", Words: "We've received your request and will let you know."},
		{Name: "appeal_received", Words: "We've received your appeal. A member of our team who wasn't involved in the first decision will review it."},
	}, shipped(t, "photoroom").Notices()[:5])
	var messages []string
	for _, n := range shipped(t, "photoroom").Notices()[5:] {
		messages = append(messages, n.Name)
	}
	assert.Equal(t, []string{
		"paid", "failed", "unpaid", "partial", "partial_none", "partial_free", "standing_good", "standing_restricted", "standing_terminated",
	}, messages, "without what stands before ids in a mail")
	assert.Empty(t, policy.Revision{}.Notices())
}

func TestNoticesAreListedInGeneralAndThenWhereKindsDifferInWordsOrInName(t *testing.T) {
	source := strings.Replace(read(t, "testdata/working_minimal.yaml"), "  declined: {", "  declined: {names: {outage: no_offer, bad_result: no_offer}, for: {change_of_mind: No.}, ", 1)
	rev, err := policyfile.Parse("names.yaml", []byte(source))
	require.NoError(t, err)
	general := rev.Notice("", no)
	var declined []policy.NoticeView
	for _, told := range rev.NoticeViews() {
		if told.Outcome == no {
			declined = append(declined, told)
		}
	}
	assert.Equal(t, []policy.NoticeView{
		{Outcome: no, Name: general.Name, Words: general.Words},
		{Outcome: no, Name: "no_offer", Words: general.Words, Kinds: []policy.Kind{policy.KindBadResult, policy.KindOutage}},
		{Outcome: no, Name: general.Name, Words: "No.", Kinds: []policy.Kind{policy.KindChangeOfMind}},
	}, declined)
	assert.Empty(t, policy.Revision{}.NoticeViews())
}

func TestWhatAClauseAnswersIsSaidOfClausesOfTheFileAlone(t *testing.T) {
	assert.Equal(t, []policy.Outcome{yes, no, review}, shipped(t, "goopter").Answers("G2.1"))
	assert.Equal(t, []policy.Outcome{no}, revised(t, "2026-01-01").Answers(policy.ClauseAlreadyRefunded), "deciding itself answers by it")
	assert.Empty(t, shipped(t, "goopter").Answers("G4"))
	assert.Empty(t, policy.Revision{}.Answers(policy.ClauseAlreadyRefunded))
}

func TestNoticeOfACaseInReviewIsNotThatOfItsEnd(t *testing.T) {
	for _, name := range policy.Names() {
		rev := shipped(t, name)
		for _, kind := range policy.AllKinds {
			inReview := rev.Notice(kind, review).Name
			assert.NotEqual(t, inReview, rev.Notice(kind, yes).Name, "%s %s", name, kind)
			assert.NotEqual(t, inReview, rev.Notice(kind, no).Name, "%s %s", name, kind)
		}
	}
}

func TestFaultsOfAFileAreGivenOneByOne(t *testing.T) {
	source := read(t, "testdata/working_two_rules.yaml")
	source = strings.NewReplacer("scale: 0", "scale: 99", "clause: T2", "clause: T9").Replace(source)
	_, err := policyfile.Parse("two.yaml", []byte(source))
	faults := policy.FileErrors(err)
	require.Len(t, faults, 3)
	first := faults[0]
	assert.Equal(t, "two.yaml", first.File)
	assert.Equal(t, 6, first.Line)
	assert.Equal(t, 30, first.Column)
	assert.Equal(t, "unit.scale", first.Field)
	assert.Equal(t, "must lie between 0 and 9", first.Message)
	assert.Contains(t, first.Lines, "> ")
	assert.Contains(t, first.Error(), "two.yaml:6:30: unit.scale: must lie between 0 and 9\n"+first.Lines)
	assert.Equal(t, fault.KindInvalid, fault.KindOf(first))
	assert.Equal(t, "rules.technical_failure[1].clause", faults[1].Field)
	assert.Equal(t, "clauses.T2", faults[2].Field)

	source = strings.Replace(read(t, "testdata/working_two_rules.yaml"), "  technical_failure:\n", "  bad_weather:\n", 1)
	_, err = policyfile.Parse("kind.yaml", []byte(source))
	faults = policy.FileErrors(err)
	require.Len(t, faults, 1, "of a kind that is unknown the rules are not judged")
	assert.Equal(t, "rules.bad_weather", faults[0].Field)

	source, _, _ = strings.Cut(read(t, "testdata/working_minimal.yaml"), "clauses:\n")
	_, err = policyfile.Parse("clauses.yaml", []byte(source))
	assert.Contains(t, policy.FileErrors(err)[0].Message, "is missing")
	assert.Equal(t, "clauses", policy.FileErrors(err)[0].Field)

	_, err = policyfile.Parse("syntax.yaml", []byte("name: [\n"))
	faults = policy.FileErrors(err)
	require.Len(t, faults, 1)
	assert.Empty(t, faults[0].Field)
	assert.Positive(t, faults[0].Line)
	assert.Nil(t, policy.FileErrors(errors.New("another")))
	assert.Nil(t, policy.FileErrors(nil))
}
