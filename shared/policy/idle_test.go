package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// noted returns the fields of a file's notes, after the file was changed.
func noted(t *testing.T, change ...string) []string {
	t.Helper()
	source := read(t, "testdata/working_every_condition.yaml")
	changed := strings.NewReplacer(change...).Replace(source)
	require.True(t, len(change) == 0 || source != changed)
	rev, err := policyfile.Parse("noted.yaml", []byte(changed))
	require.NoError(t, err)
	var fields []string
	for _, n := range rev.Notes() {
		fields = append(fields, n.Field)
		assert.NotEmpty(t, n.Message)
	}
	return fields
}

func TestWhatHasNoEffectIsTold(t *testing.T) {
	assert.Empty(t, noted(t), "every line counts")
	standing := "when: {standing: [restricted, terminated]}"
	for condition, field := range map[string]string{
		"when: {feature_reportable: false}": "features", "when: {surface_reportable: false}": "surfaces", "when: {over_abuse_limits: true}": "abuse",
	} {
		assert.Equal(t, []string{field}, noted(t, condition, standing), condition)
	}
	assert.Equal(t, []string{"windows.report", "windows.purchase"},
		noted(t, "when: {asked_late: true}", "when: {already_refunded: true}", "asked_late: false", "already_refunded: false", ", until {claim_until}", ""))
	for _, auto := range []string{"auto: true", "auto: false"} {
		got := noted(t, "original_known: true, credits_spent: false", "already_refunded: false", "auto: false", auto, "auto: true", auto)
		assert.Equal(t, auto == "auto: true", len(got) == 1 && got[0] == "duplicates.auto", auto)
	}
}

func TestEvidenceThatHasNoEffectIsTold(t *testing.T) {
	rule := "    - {clause: B10, when: {defects: [blank, truncated]}"
	assert.Equal(t, []string{"evidence.decides"}, noted(t, ", must_change: true", ""))
	assert.Equal(t, []string{"features"}, noted(t, "[blank, truncated, unchanged]", "[blank, truncated]"))
	assert.Equal(t, []string{"rules.bad_result[10].when.defects"}, noted(t, rule, strings.Replace(rule, "truncated", "trunkated", 1)), "a slip of the pen")
	assert.Equal(t, []string{"rules.bad_result[10].when.defects"}, noted(t, rule, strings.Replace(rule, "truncated", "empty", 1)), "it does not decide")
	assert.Empty(t, noted(t, rule, strings.Replace(rule, "truncated", "adjudicated", 1)), "the cap lets a model")
	assert.Equal(t, []string{"rules.bad_result[10].when.defects"},
		noted(t, rule, strings.Replace(rule, "truncated", "adjudicated", 1), "  adjudicator: {cap: 250}\n", ""), "no model may")
	assert.Equal(t, []string{"evidence"}, noted(t, "defects: [blank, truncated]", "input: [poor]", "evidence: [unusable]", "input: [poor]",
		"evidence: [usable]", "input: [poor]", "evidence: [unsure, none]", "input: [poor]"))
}

func TestOnlyTheLimitsThatGoopterDoesNotPublishHaveNoEffectInWhatShipsAndItsAddressIsMissing(t *testing.T) {
	for _, name := range []string{"popcustoms", "goopter", "photoroom"} {
		var fields []string
		for _, n := range shipped(t, name).Notes() {
			fields = append(fields, n.Field)
		}
		assert.Equal(t, map[string][]string{"goopter": {"abuse", "contact.email"}}[name], fields, name)
	}
}

func TestAFirstRevisionThatIsYetToComeIsSaidToJudgeWhatIsOlder(t *testing.T) {
	rev := revised(t, "2026-06-01")
	june := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	early := rev.NoteOn(june.Add(-time.Second))
	require.NotNil(t, early)
	assert.Contains(t, early.Message, "takes effect on 1 June 2026, and is the first of its name: what is older is judged by it too")
	assert.Nil(t, rev.NoteOn(june), "it is in force")
	next := strings.Replace(read(t, "published/photoroom/2026-01-01.yaml"), "revision: 2026-01-01", "revision: 2027-01-01", 1)
	later, err := policyfile.Parse("2027-01-01.yaml", []byte(next))
	require.NoError(t, err)
	assert.Nil(t, later.NoteOn(june), "an earlier one judges until then")
	assert.NotNil(t, shipped(t, "photoroom").NoteOn(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)), "it does not follow itself")
}

func TestAShareIsSeenByReaders(t *testing.T) {
	shared := map[int64]int{}
	for _, rev := range []policy.Revision{halved(t, "50"), everything(t)} {
		for _, rule := range rev.Rules(policy.KindChangeOfMind) {
			shared[rule.Share]++
		}
	}
	assert.Equal(t, map[int64]int{50: 2, 0: 2}, shared, "0 is all of it")
}

func TestACreditThatNeverCameIsGivenWhole(t *testing.T) {
	source := strings.Replace(read(t, "testdata/working_every_condition.yaml"), "{give: purchase_credits,", "{give: purchase_credits, share: 50,", 1)
	_, err := policyfile.Parse("halved.yaml", []byte(source))
	require.ErrorContains(t, err, "a purchase that was never credited gets all of its credits")
}
