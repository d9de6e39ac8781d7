package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// labelled returns the languages file with issues of its own.
func labelled(t *testing.T, issues string) policy.Revision {
	t.Helper()
	rev, err := policyfile.Parse("labelled.yaml", []byte(read(t, "testdata/working_languages.yaml")+issues))
	require.NoError(t, err)
	return rev
}

func TestAFileThatLabelsReasonsOffersThose(t *testing.T) {
	rev := labelled(t, "issues:\n  other: Else\n  distortion: {en: Bad hands, de: Falsche Hände}\n")
	require.Equal(t, []policy.IssueLabel{{policy.IssueDistortion, "Bad hands"}, {policy.IssueOther, "Else"}}, rev.Issues())
	german, language := rev.In("de")
	require.Equal(t, "de", language)
	require.Equal(t, []policy.IssueLabel{{policy.IssueDistortion, "Falsche Hände"}, {policy.IssueOther, "Else"}}, german.Issues())
	require.Len(t, labelled(t, "").Issues(), len(policy.AllIssues), "else all are offered")
	for issues, field := range map[string]string{"ugly: Ugly": "issues.ugly", "taste: {de: Stil}": "issues.taste", `taste: "{credits}"`: "issues.taste"} {
		_, err := policyfile.Parse("labelled.yaml", []byte(read(t, "testdata/working_languages.yaml")+"issues: {"+issues+"}\n"))
		require.ErrorContains(t, err, field)
	}
}

func TestEachSentenceThatLacksALanguageIsNoted(t *testing.T) {
	noted := map[string]string{}
	for _, note := range labelled(t, "issues:\n  other: Else\n  distortion: {en: Bad hands, de: Falsche Hände}\n").Notes() {
		noted[note.Field] = note.Message
	}
	require.Equal(t, "has no de, pt-BR: English is read instead", noted["issues.other"])
	require.Equal(t, "has no pt-BR: English is read instead", noted["issues.distortion"])
	require.Equal(t, "has no de, pt-BR: English is read instead", noted["rules.technical_failure[1].reason"])
	require.Equal(t, "has no de, pt-BR: English is read instead", noted["notices.approved.for.technical_failure"])
	require.NotContains(t, noted, "rules.technical_failure[0].reason")
	require.NotContains(t, noted, "rules.technical_failure[3].reason", "it has its clause's")
	require.Contains(t, noted, "clauses.X2.reasons.declined")
	require.Contains(t, noted, "messages.paid")
	for _, name := range policy.Names() {
		for _, note := range shipped(t, name).Notes() {
			require.NotContains(t, note.Message, "English is read instead", "a file in one language lacks none")
		}
	}
}
