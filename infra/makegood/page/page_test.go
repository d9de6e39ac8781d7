package page_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/page"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

const testdata = "../../../shared/policy/testdata/"

// parsed returns a policy of the policy room's testdata, edited.
func parsed(t *testing.T, name string, edits ...string) policy.Revision {
	t.Helper()
	source, err := os.ReadFile(testdata + name)
	require.NoError(t, err)
	rev, err := policyfile.Parse(name, []byte(strings.NewReplacer(edits...).Replace(string(source))))
	require.NoError(t, err)
	return rev
}

func revisions(t *testing.T) []policy.Revision {
	t.Helper()
	all := []policy.Revision{parsed(t, "working_minimal.yaml"), parsed(t, "working_every_condition.yaml")}
	for _, name := range policy.Names() {
		p, err := policy.Open(name)
		require.NoError(t, err)
		all = append(all, p.Revisions()...)
	}
	return all
}

func text(t *testing.T, p page.Page) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, p.Text(&out))
	return out.String()
}

// plain returns a text in one line, without what marks words that are not the page's.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "\n> ", "\n")), " ")
}

func TestEveryRuleHasAnExampleThatItDecides(t *testing.T) {
	for _, rev := range revisions(t) {
		for _, request := range page.New(rev).Requests {
			for i, rule := range request.Rules {
				require.NotNil(t, rule.Example, "%s %s %s", rev.Name, request.Kind, rule.Clause)
				d, err := policy.Decide(rev, rule.Example.Facts)
				require.NoError(t, err)
				assert.Equal(t, d, rule.Example.Decision)
				assert.Len(t, d.Trace, i+1, "%s %s: rule %d", rev.Name, request.Kind, i)
				assert.Equal(t, rule.Clause, d.Clause)
				assert.Equal(t, rule.Answer, d.Outcome)
				assert.NotEmpty(t, rule.Example.Words)
			}
		}
	}
}

// The names of conditions have underscores; so do words of the contract that readers are not shown.
func TestEveryConditionIsSaidInWords(t *testing.T) {
	seen := map[string]bool{}
	for _, rev := range revisions(t) {
		for _, request := range page.New(rev).Requests {
			for _, rule := range request.Rules {
				assert.NotContains(t, rule.Words, "_", "%s %s", rev.Name, rule.Clause)
				assert.NotContains(t, rule.Words, " is true", "%s %s", rev.Name, rule.Clause)
				assert.NotContains(t, rule.Words, "  ")
				for _, c := range rule.When {
					seen[c.Name] = true
				}
			}
		}
	}
	assert.Len(t, seen, 26, "the whole vocabulary")
}

func TestConditionsAreSaidBothWays(t *testing.T) {
	everything := parsed(t, "working_every_condition.yaml",
		"{feature_listed: false}", "{feature_listed: true}", "{feature_reportable: false}", "{feature_reportable: true}",
		"{surface_reportable: false}", "{surface_reportable: true}", "{asked_late: true}", "{asked_late: false}",
		"{prevented_use: false}", "{prevented_use: true}", "{ended_before_purchase: true}", "{ended_before_purchase: false}", "{goes_on: true, asked_late: false}", "{goes_on: false, asked_late: false}",
		"{within_examples: true}", "{within_examples: false}", "{requested_before: true}", "{requested_before: false}",
		"{over_abuse_limits: true}", "{over_abuse_limits: false}", "{nothing_charged: true}", "{nothing_charged: false}")
	shown := plain(text(t, page.New(everything)))
	for _, words := range []string{
		"Declined if the table lists the feature.", "Declined if the table says Yes for the feature on that platform.",
		"Declined if it was made in the editor or the catalog editor.", "Declined if it is asked for within 24 hours of the generation.",
		"A person decides if it is asked for within 30 days of the purchase.", "Declined if the downtime prevented use.",
		"Declined if it did not end before the purchase.", "A person decides if it is asked for within 30 days of the purchase and the downtime is over.", "Declined if the result lies outside the range of the examples.",
		"Declined if no refund of the same output was requested before.", "A person decides if the customer is within the abuse limits.",
		"Declined if something was charged for it.",
	} {
		assert.Contains(t, shown, words)
	}
}

func TestAnExampleStepsAroundTheRulesAbove(t *testing.T) {
	second := parsed(t, "working_two_rules.yaml", "    - clause: T2\n", "    - clause: T2\n      when: {failure_cause: [platform, input]}\n")
	example := page.New(second).Requests[0].Rules[1].Example
	require.NotNil(t, example, "its first word is taken, the second is not")
	assert.Contains(t, example.Words, "the failure was caused by the input")

	short := parsed(t, "working_every_condition.yaml", "{down_over: 48h}", "{down_over: 30m}", "purchase: 720h", "purchase: 24h")
	for _, request := range page.New(short).Requests {
		for _, rule := range request.Rules {
			assert.NotNil(t, rule.Example, "%s %s", request.Kind, rule.Clause)
		}
	}

	nothing := parsed(t, "working_every_condition.yaml", "{ios: true, android: false, web: true}", "{ios: false, android: false, web: false}",
		"{editor: true, batch: false, catalog: true}", "{editor: true, batch: true, catalog: true}")
	rules := page.New(nothing).Requests[1].Rules
	assert.NotNil(t, rules[2].Example, "the table says No")
	assert.Nil(t, rules[3].Example, "there is no surface to decline")
	assert.Equal(t, "declined if surface_reportable is false", rules[3].Words)
	assert.Nil(t, rules[4].Example, "nothing is reportable")

	everywhere := parsed(t, "working_every_condition.yaml", "android: false", "android: true", "ios: false", "ios: true", "web: false", "web: true", "name: film", "name: another-feature")
	rules = page.New(everywhere).Requests[1].Rules
	require.NotNil(t, rules[1].Example)
	assert.Contains(t, rules[1].Example.Words, "another-feature-too on ")
	assert.Nil(t, rules[2].Example, "what is not listed is declined above")
	free := parsed(t, "working_every_condition.yaml", "android: false", "android: true", "ios: false", "ios: true", "web: false", "web: true", "{feature_listed: false}", "{mode: [free]}")
	rules = page.New(free).Requests[1].Rules
	require.NotNil(t, rules[2].Example)
	assert.Contains(t, rules[2].Example.Words, "another-feature on ")
}

func TestARuleThatIsNeverReachedSaysSo(t *testing.T) {
	rev := parsed(t, "working_two_rules.yaml", "{failure_cause: [platform]}", "{failure_cause: [platform, input, safety, cancelled]}")
	rules := page.New(rev).Requests[0].Rules
	assert.NotNil(t, rules[0].Example)
	assert.Nil(t, rules[1].Example)
	assert.Contains(t, text(t, page.New(rev)), "No facts were found that reach this rule")
}

func TestARuleThatStandsAloneHoldsAlways(t *testing.T) {
	rev := parsed(t, "working_two_rules.yaml", "  T1: {says: It failed., ours: true, reasons: {approved: It failed.}}\n", "",
		"    - clause: T1\n      when: {failure_cause: [platform]}\n      answer: approved\n      remedy: {give: price, to: balance}\n", "")
	assert.Contains(t, text(t, page.New(rev)), "> A generation fails, rule 1: **Declined always.**\n")
}

func TestTermsAreReadFromTheFile(t *testing.T) {
	rev := parsed(t, "working_every_condition.yaml", "calendar: weekdays", "calendar: de", "USD, minor: 1000", "JPY, minor: 1000")
	shown := plain(text(t, page.New(rev)))
	for _, words := range []string{
		"Balances are counted in credits with 2 decimals: the smallest unit is 0.01 credits.",
		"| monthly | 10.00 credits | 1000 JPY | after 31 days |", "| forever | 50.00 credits | 40.00 USD | never |",
		"| film | 9.00 credits | No | No | No |", "Inside the editor: Yes. Inside the batch editor: No. Inside the catalog editor: Yes.",
		"A bad result is reported: within 24 hours of the generation.", "A purchase is asked about: within 30 days of the payment.",
		"answered within 2 business days (Monday to Friday, UTC, without the public holidays of de)", "Money is paid back within 10 business days",
		"more than 20 reports of bad results in the last 30 days, or, from 10 generations on, with refunds for more than 30 % of them",
		"Refunded credits whose lot has expired meanwhile expire with it; those that were held and never spent come back with a new term of 14 days.",
		"within 90 minutes counts as a double charge, refunded unasked; within 36 hours a person decides when the customer asks", "A checkout that required no payment grants its credits.",
		"- Declined (technical_failure): “Sorry.” (`thanks_for_feedback`)",
	} {
		assert.Contains(t, shown, words)
	}
	least := plain(text(t, page.New(parsed(t, "working_minimal.yaml"))))
	for _, words := range []string{
		"A bad result is reported: no limit.", "What a person decides is answered: no time is promised.", "Money is paid back: no time is promised.",
		"any request of these kinds: technical_failure, bad_result, duplicate_charge, not_credited, outage, abnormal_charge and change_of_mind: “A person decides.”",
		"**X1** Once only. (*ours*) It stands before every approval, whatever the rules say.",
	} {
		assert.Contains(t, least, words)
	}
}

func TestTheSameRevisionGetsTheSameBytes(t *testing.T) {
	for _, rev := range revisions(t) {
		assert.Equal(t, text(t, page.New(rev)), text(t, page.New(rev)))
	}
}

func TestAPolicyOfTheLastDayHasNoExamplesToShow(t *testing.T) {
	rev := parsed(t, "working_every_condition.yaml", "revision: 2026-03-01", "revision: 9999-12-31")
	p := page.New(rev)
	assert.Nil(t, p.Requests[0].Rules[0].Example)
	_, err := json.Marshal(p)
	require.NoError(t, err)
	assert.NotEmpty(t, text(t, p))
}
