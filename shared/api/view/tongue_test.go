package view_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
)

// bilingual is a policy whose sentences have German too.
func bilingual(t *testing.T) policy.Revision {
	t.Helper()
	source, err := os.ReadFile("../../policy/testdata/working_languages.yaml")
	require.NoError(t, err)
	rev, err := policyfile.Parse("working_languages.yaml", source)
	require.NoError(t, err)
	return rev
}

// declined is a case under that policy, which staff declined.
func declined(rev policy.Revision) refund.Case {
	return refund.Case{ID: "cas_1", Kind: policy.KindBadResult, Customer: "alice", State: refund.StateDeclined, Decision: &policy.Decision{
		Outcome: policy.OutcomeDeclined, Clause: "T2", Reason: "We declined it.", Policy: rev.Ref(), Trace: []policy.Step{{Clause: "T2", Rule: 1, Matched: true}},
	}}
}

// only knows one revision.
func only(rev policy.Revision) func(policy.Ref) (policy.Revision, bool) {
	return func(ref policy.Ref) (policy.Revision, bool) {
		if ref != rev.Ref() {
			return policy.Revision{}, false
		}
		return rev, true
	}
}

// read returns what a reader of these languages is shown.
func read(rev policy.Revision, c refund.Case, languages ...string) (api.Case, api.Answer) {
	tongue := view.Translator{Wanted: languages, Policies: only(rev)}
	shown := view.Case(c, access.RoleCustomer)
	tongue.Case(&shown, c)
	return shown, tongue.Answer(shown)
}

func TestAReasonIsReadInTheReadersLanguage(t *testing.T) {
	rev := bilingual(t)
	c := declined(rev)
	shown, answer := read(rev, c, "fr", "de-AT")
	assert.Equal(t, []any{"Abgelehnt.", "de", 200}, []any{shown.Decision.Reason, answer.Language, answer.Status})
	assert.Equal(t, "We declined it.", c.Decision.Reason, "the record stays")
	for _, languages := range [][]string{nil, {"ja"}, {"en-GB", "de"}} {
		shown, answer = read(rev, c, languages...)
		assert.Equal(t, []any{"We declined it.", "en"}, []any{shown.Decision.Reason, answer.Language})
	}
	c.Decision.Policy.Digest = "gone"
	shown, answer = read(rev, c, "de")
	assert.Equal(t, []any{"We declined it.", "en"}, []any{shown.Decision.Reason, answer.Language}, "whose words are gone is read as recorded")
}

func TestTheFirstAnswerOfAnAppealIsReadInTheReadersLanguage(t *testing.T) {
	rev := bilingual(t)
	c := declined(rev)
	first := *c.Decision
	c.Appeal = &refund.Appeal{}
	c.Earlier = []policy.Decision{first, {Outcome: policy.OutcomeInReview, Clause: "T2", Reason: "Received.", Policy: rev.Ref()}}
	shown, _ := read(rev, c, "de")
	assert.Equal(t, []string{"Abgelehnt.", "Abgelehnt."}, []string{shown.Decision.Reason, shown.Appealed.First.Reason})
}

func TestADeclineOfWhatCouldNotBePaidIsReadInTheReadersLanguage(t *testing.T) {
	rev := bilingual(t)
	c := declined(rev)
	c.Earlier = []policy.Decision{{
		Outcome: policy.OutcomeApproved, Clause: "T2", Policy: rev.Ref(),
		Remedy: policy.InMoney(money.Amount{Currency: "USD", Minor: 2000}),
	}}
	shown, _ := read(rev, c, "de")
	assert.Equal(t, "20.00 USD bewilligt, Ihre Karte nicht erreicht.", shown.Decision.Reason)
	c.Earlier = append([]policy.Decision{*c.Decision}, c.Earlier...)
	c.Appeal = &refund.Appeal{}
	shown, _ = read(rev, c, "de")
	assert.Equal(t, "Abgelehnt.", shown.Appealed.First.Reason, "it was declined before anything was approved")
}

func TestAListNamesEachOfItsLanguagesOnce(t *testing.T) {
	rev := bilingual(t)
	german, english := declined(rev), declined(rev)
	english.Decision.Policy.Digest = "gone"
	tongue := view.Translator{Wanted: []string{"de"}, Policies: only(rev)}
	for _, c := range []refund.Case{english, german, german, {ID: "cas_2"}} {
		shown := view.Listed(c, access.RoleCustomer)
		tongue.Case(&shown, c)
	}
	assert.Equal(t, "de, en", tongue.Answer(nil).Language)
	nothing := view.Translator{}
	assert.Equal(t, "en", nothing.Answer(nil).Language)
}
