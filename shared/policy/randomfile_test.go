package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// asks are the values that a condition of a random file may ask for; the others ask for true or
// false.
var asks = map[string][]string{
	"standing":             {"[good]", "[restricted, terminated]"},
	"mode":                 {"[paid]", "[free]", "[paid, free]", "[own_key]"},
	"failure_cause":        {"[platform]", "[input, safety]", "[cancelled]"},
	"failed_attempts_from": {"2", "9"},
	"issue":                {"[none]", "[deviates, taste]", "[other]"},
	"evidence":             {"[none, unsure]", "[unusable]", "[usable]", "[none]"},
	"defects":              {"[blank]", "[truncated, distorted]"},
	"input":                {"[good]", "[poor]"},
	"used":                 {"[bulk_downloaded]", "[commercial_use, bulk_downloaded]"},
	"down_over":            {"1s", "48h"},
}

// remedies are those that a random file may give, by whether the kind is about a purchase.
var remedies = map[bool][]string{
	false: {"{give: price, to: balance}", "{give: price, share: 50, to: balance}"},
	true:  {"{give: purchase_credits, to: balance}", "{give: amount, to: payment_method}", "{give: unspent_share, to: payment_method}", "{give: amount, share: 1, to: payment_method}", "{give: unspent_share, share: 99, to: payment_method}"},
}

// randomRule draws one rule; an unconditional one ends its kind.
func randomRule(t *rapid.T, kind policy.Kind, clause string, answer policy.Outcome) (line string, always bool) {
	var when []string
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(policy.Conditions(kind)), 0, 3, rapid.ID).Draw(t, "conditions") {
		values, listed := asks[name]
		if !listed {
			values = []string{"true", "false"}
		}
		when = append(when, name+": "+rapid.SampledFrom(values).Draw(t, name))
	}
	line = fmt.Sprintf("    - {clause: %s, answer: %s", clause, answer)
	if when != nil {
		line += ", when: {" + strings.Join(when, ", ") + "}"
	}
	if answer == yes {
		line += ", remedy: " + rapid.SampledFrom(remedies[kind.AboutPurchase()]).Draw(t, "remedy")
	}
	return line + "}\n", when == nil
}

// randomFile draws a policy file that checks: the minimal one with any rules for any kinds, in a
// wallet of credits or of money.
func randomFile(t *rapid.T, minimal string) string {
	rules, clauses, offered := strings.Builder{}, strings.Builder{}, ""
	count := 0
	for _, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom(policy.AllKinds), 1, 7, rapid.ID).Draw(t, "kinds") {
		fmt.Fprintf(&rules, "  %s:\n", kind)
		for range rapid.IntRange(1, 5).Draw(t, "rules") {
			count++
			clause := fmt.Sprintf("Z%d", count)
			answer := rapid.SampledFrom([]policy.Outcome{yes, no, review}).Draw(t, "answer")
			line, always := randomRule(t, kind, clause, answer)
			rules.WriteString(line)
			fmt.Fprintf(&clauses, "  %s: {says: %s, ours: true, reasons: {%s: So it is.}}\n", clause, clause, answer)
			if kind == policy.KindOutage && answer == yes {
				offered = "  offered: {name: offered, words: Claim it.}\n"
			}
			if always {
				break
			}
		}
	}
	return strings.NewReplacer(
		"rules: {}\n", "rules:\n"+rules.String(),
		"clauses:\n", "clauses:\n"+clauses.String(),
		"notices:\n", "notices:\n"+offered,
		"surfaces:", "windows: {report: 24h, purchase: 720h}\nsurfaces:",
		"{name: credits, scale: 0}", rapid.SampledFrom([]string{"{name: credits, scale: 0}", "{name: EUR, scale: 4}"}).Draw(t, "unit"),
		"{calendar: weekdays}", rapid.SampledFrom([]string{"{calendar: weekdays}", "{calendar: us, respond_days: 3, pay_days: 260}"}).Draw(t, "response"),
	).Replace(minimal)
}

func TestAnyFileThatChecksDecidesAnyFacts(t *testing.T) {
	minimal := read(t, "testdata/working_minimal.yaml")
	rapid.Check(t, func(t *rapid.T) {
		source := randomFile(t, minimal)
		rev, err := policyfile.Parse("random.yaml", []byte(source))
		require.NoError(t, err, source)
		f := anyFacts(t)
		f.Policy = rev.Name
		requirePromises(t, rev, f)
		requireRulingKeepsPromises(t, rev, f)
	})
}
