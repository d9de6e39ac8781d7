package view_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
)

func TestOnlyStaffSeeThatACustomerIsSuspected(t *testing.T) {
	published, err := policy.Open("photoroom")
	require.NoError(t, err)
	revision := published.Revisions()[0]
	var trace []policy.Step
	for i, clause := range []string{"R10", "R9", "X1", "R7", "R12", "R11", "X2", "R10"} {
		trace = append(trace, policy.Step{Clause: clause, Rule: i + 2, Matched: i == 7})
	}
	suspected := refund.Case{
		ID: "cas_1", Kind: policy.KindBadResult, Customer: "alice", State: refund.StateInReview, OpenedAt: noon,
		Decision: &policy.Decision{Outcome: policy.OutcomeInReview, Clause: "R10", Rule: 9, Reason: "We need to review this.", Policy: revision.Ref(), Trace: trace},
		History:  []refund.Event{{At: noon, State: refund.StateInReview, Actor: ledger.ActorSystem, Note: "R10"}},
		Ruling:   &refund.Ruling{Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined, Clause: "R10"}},
	}
	for role, clause := range map[access.Role]string{access.RoleStaff: "R10", access.RoleApp: "R8", access.RoleCustomer: "R8"} {
		for _, show := range []func(refund.Case, access.Role) api.Case{view.Case, view.Listed} {
			text, err := json.Marshal(show(suspected, role))
			require.NoError(t, err)
			var got api.Case
			require.NoError(t, json.Unmarshal(text, &got))
			last := got.Decision.Trace[len(got.Decision.Trace)-1]
			require.Equal(t, []any{clause, clause, true, clause}, []any{got.Decision.Clause, last.Clause, last.Matched, got.History[0].Note}, role)
			require.Equal(t, got.Decision.Rule, last.Rule)
			require.Equal(t, "We need to review this.", got.Decision.Reason)
			if role == access.RoleApp {
				require.Equal(t, clause, got.Ruling.Clause)
			}
		}
	}
}

func TestAReviewOfASuspectHasOneSentenceInEveryLanguage(t *testing.T) {
	source, err := os.ReadFile("../../policy/published/photoroom/2026-01-01.yaml")
	require.NoError(t, err)
	german, err := policyfile.Parse("german.yaml", []byte(strings.NewReplacer(
		"in_review: We need to review this request before we can decide.", "in_review: {en: We need to review this., de: Wir müssen das prüfen.}",
		"in_review: Thanks for your report. We're reviewing this result and will let you know.", "in_review: {en: Thanks., de: Danke.}",
	).Replace(string(source))))
	require.NoError(t, err)
	published, err := policy.Open("photoroom")
	require.NoError(t, err)
	suspected := refund.Case{
		ID: "cas_1", Kind: policy.KindBadResult, Customer: "alice", State: refund.StateInReview,
		Decision: &policy.Decision{
			Outcome: policy.OutcomeInReview, Clause: "R10", Rule: 9, Reason: "We need to review this.", Policy: published.Revisions()[0].Ref(),
			Trace: []policy.Step{{Clause: "R10", Rule: 9, Matched: true}},
		},
	}
	for _, role := range []access.Role{access.RoleCustomer, access.RoleApp, access.RoleStaff} {
		for language, want := range map[string]string{"en": "We need to review this.", "de": "Wir müssen das prüfen."} {
			tongue := view.Translator{Role: role, Wanted: []string{language}, Policies: func(policy.Ref) (policy.Revision, bool) { return german, true }}
			shown := view.Case(suspected, role)
			tongue.Case(&shown, suspected)
			require.Equal(t, want, shown.Decision.Reason, role)
		}
	}
}
