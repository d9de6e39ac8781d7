package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// example returns the policy that README.md shows.
func example(t *testing.T) string {
	t.Helper()
	_, after, found := strings.Cut(read(t, "README.md"), "```yaml\n")
	require.True(t, found)
	source, _, found := strings.Cut(after, "```\n")
	require.True(t, found)
	return source
}

func TestThePolicyOfTheReadmeDecidesAsItSays(t *testing.T) {
	source := example(t)
	require.NoError(t, compiled(t).Validate(document(t, source)))
	rev, err := policyfile.Parse("2026-12-01.yaml", []byte(source))
	require.NoError(t, err)
	for _, note := range rev.Notes() {
		assert.Contains(t, note.Message, "has no de", "every line of it counts")
	}
	failure, late, blank, looked := failed("acme", generation.CausePlatform), unusable("acme"), unusable("acme"), unusable("acme")
	input, canceled := failed("acme", generation.CauseInput), failed("acme", generation.CauseCancelled)
	failure.Generation.Price = 4
	late.RequestedAt = late.RequestedAt.Add(48*time.Hour + time.Second)
	blank.Evidence.Defects = []string{"blank"}
	for clause, test := range map[string]struct {
		facts   policy.Facts
		outcome policy.Outcome
		reason  string
	}{
		"A1":   {failure, yes, "Our servers failed. We've returned 4 credits to your balance."},
		"A1  ": {canceled, no, "You canceled this picture, so its credits were used."},
		"A1 ":  {input, no, "Our servers didn't fail, so this isn't refundable."},
		"A2":   {late, no, "You reported this more than two days after it was made."},
		"A3":   {blank, yes, "The picture is blank, so we've returned 395 credits to your balance."},
		"A3 ":  {looked, review, "We're reviewing your report and will reply by November 20, 2026."},
	} {
		d, err := policy.Decide(rev, test.facts)
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSpace(clause), d.Clause)
		assert.Equal(t, test.outcome, d.Outcome)
		assert.Equal(t, test.reason, d.Reason)
	}
	d, err := policy.Decide(rev, failure)
	require.NoError(t, err)
	assert.Equal(t, "Unsere Server sind ausgefallen. 4 Credits sind zurück auf Ihrem Guthaben.", rev.Reason(failure.Kind, d, "de-CH"))
	d, err = rule(t, rev, looked, "A3", policy.Ruling{Outcome: yes})
	require.NoError(t, err)
	assert.Equal(t, "We reviewed your request and approved it.", d.Reason, "A3 has no words of its own for it")
}

func TestTheReadmeNamesEveryFieldEveryConditionAndEveryGift(t *testing.T) {
	readme := read(t, "README.md")
	for _, field := range policy.Fields() {
		assert.Contains(t, readme, "| `"+field+"` |")
	}
	for _, kind := range policy.AllKinds {
		for _, name := range policy.Conditions(kind) {
			assert.Contains(t, readme, "`"+name, kind)
		}
	}
	for _, word := range append(policy.Calendars(), policy.Gifts()...) {
		assert.Contains(t, readme, "`"+word+"`")
	}
}
