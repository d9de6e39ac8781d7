package main

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/page"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

var update = flag.Bool("update", false, "write the pages of testdata anew")

func TestPagesOfThePublishedPoliciesAreThoseOfTestdata(t *testing.T) {
	for _, name := range []string{"goopter", "photoroom", "popcustoms"} {
		got := call("", "policy", "explain", name)
		require.Equal(t, exitDone, got.code, got.err)
		assert.Empty(t, got.err)
		p, err := policy.Open(name)
		require.NoError(t, err)
		digest := p.Revisions()[len(p.Revisions())-1].Digest
		require.Contains(t, got.out, digest)
		text := strings.ReplaceAll(got.out, digest, "sha256:…") // a comment in the file does not change the page
		golden := "testdata/" + name + ".md"
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(text), 0o644))
		}
		assert.Empty(t, firstDifference(read(t, golden), text), "%s is old: go test ./infra/makegood -update writes it anew", golden)
	}
}

// firstDifference shows the first line in which two texts differ, "" for equal ones.
func firstDifference(was, is string) string {
	before, after := strings.Split(was, "\n"), strings.Split(is, "\n")
	for i := range max(len(before), len(after)) {
		switch {
		case i >= len(before):
			return "more: " + after[i]
		case i >= len(after):
			return "no more: " + before[i]
		case before[i] != after[i]:
			return "was: " + before[i] + "\n is: " + after[i]
		}
	}
	return ""
}

func TestAPageNamesEveryClauseWithItsWords(t *testing.T) {
	for _, name := range append(policy.Names(), policies+"/testdata/working_minimal.yaml", policies+"/testdata/working_every_condition.yaml") {
		rev, err := terminal{}.revision(name, "")
		require.NoError(t, err)
		got := call("", "policy", "explain", name)
		words := strings.Join(strings.Fields(strings.NewReplacer("\n> ", "\n", "\n- ", "\n").Replace(got.out)), " ")
		for _, clause := range rev.Clauses() {
			assert.Contains(t, got.out, "**"+clause.ID+"**", name)
			if clause.Table == "" {
				assert.Contains(t, words, strings.Join(strings.Fields(strings.ReplaceAll(clause.Text, "•", "")), " "), name)
			}
		}
		for _, notice := range rev.Notices() {
			assert.Contains(t, words, "“"+notice.Words+"” (`"+notice.Name+"`)", name)
		}
		for _, feature := range rev.Features() {
			assert.Contains(t, got.out, "| "+feature.Name+" ", name)
		}
		for text := range strings.Lines(got.out) {
			assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(text, "\n")), page.Columns, text)
			assert.Equal(t, strings.TrimRight(text, " \n")+"\n", text)
		}
	}
}

// furniture returns what is no sentence of a page, in the page's order.
func furniture(t *testing.T, name string) (lines []string) {
	t.Helper()
	for line := range strings.Lines(read(t, policies+"/testdata/texts/furniture.tsv")) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), name+"\t"); found {
			lines = append(lines, text)
		}
	}
	return lines
}

// bare joins lines without spaces, the marks of lists and tables, and the writing of prices.
func bare(lines []string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("•|✅❌$,“”", r) {
			return -1
		}
		return r
	}, strings.Join(lines, ""))
}

// onThePage returns the published page's own lines of what is explained: down to the line, without
// what is done by them.
func onThePage(t *testing.T, explained string) (lines []string) {
	t.Helper()
	above, _, found := strings.Cut(explained, "\n---\n")
	require.True(t, found)
	for line := range strings.Lines(above) {
		line = strings.TrimSuffix(line, "\n")
		for _, mark := range []string{"# ", "## ", "- "} {
			line = strings.TrimPrefix(line, mark)
		}
		if strings.HasPrefix(line, "> ") || strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| AI tools in ") {
			continue
		}
		lines = append(lines, line+" ")
	}
	marks := regexp.MustCompile(`\*\*[A-Z][0-9.]+\*\*|\(\*about [^*]*\*\)`)
	return []string{marks.ReplaceAllString(strings.Join(lines, ""), "")}
}

func TestAnExplainedPolicyReadsLikeItsPublishedPageAndMissesNothingOfIt(t *testing.T) {
	for _, name := range []string{"goopter", "photoroom", "popcustoms"} {
		var page []string
		left := furniture(t, name)
		for line := range strings.Lines(read(t, policies+"/testdata/texts/"+name+".txt")) {
			line = strings.Join(strings.Fields(line), " ")
			if len(left) > 0 && line == left[0] {
				left = left[1:]
				continue
			}
			page = append(page, line)
		}
		require.Empty(t, left)
		out := call("", "policy", "explain", name).out
		want := bare(page)
		if name == "photoroom" { // the rows of what is a surface here stand at the end of the table
			for _, title := range []string{"AI tools in Batch", "AI tools in Product Catalog"} {
				want = strings.Replace(want, bare([]string{title})+"NoNoNo", "", 1)
				assert.Regexp(t, `\n\| `+title+` +\| No +\| No +\| No +\|\n`, out)
			}
		}
		got := bare(onThePage(t, out))
		same := 0
		for same < min(len(want), len(got)) && want[same] == got[same] {
			same++
		}
		assert.Equal(t, want[max(0, same-40):min(len(want), same+60)], got[max(0, same-40):min(len(got), same+60)], "%s: the page and its explanation differ here", name)
		assert.Len(t, got, len(want), name)
	}
}

func TestBeneathEachClauseOfAPageStandsWhatIsDoneByIt(t *testing.T) {
	out := call("", "policy", "explain", "popcustoms").out
	_, p1, _ := strings.Cut(out, "\n**P1** ")
	p1, _, _ = strings.Cut(p1, "\n## ")
	assert.Contains(t, p1, "“The following template features are eligible under this refund policy:\n\n- Virtual Try-On\n- Change Background\n- Pet”\n\n"+
		"> A bad result is reported, rule 5: **Declined if the table says No for the feature on that\n> platform, or does not list it.**\n> Example: remove-background on ")
	assert.Contains(t, p1, "→\n> declined: “This template isn't covered by the AI Mockups Refund Policy.”\n")
	for _, part := range []string{
		"- A bad result is reported (bad_result): 1 X2, 2 P6.2, 3 P6.2, 4 P4.4, 5 P1, 6 P5.1, ",
		"- What a person decides is answered within 1 to 3 business days (Monday to Friday, UTC), the day of\n  the request not counted.\n",
		"- A bad result is reported: within 24 hours of the generation.\n",
	} {
		assert.Contains(t, out, part)
	}
	assert.NotContains(t, out, "## Whom to write to")
	goopter := call("", "policy", "explain", "goopter").out
	for _, part := range []string{
		"- What a person decides is answered within 3 to 5 business days (Monday to Friday, UTC), the day of\n  the request not counted: this is aimed at, not promised.\n",
		"- Money is paid back within 5 to 10 business days (Monday to Friday, UTC), the day of the request\n  not counted.\n",
		"## Whom to write to\n\n- Goopter Holdings Ltd (DBA: Goopter Commerce)\n- E-mail: hidden by the page; the stack's ContactEmail says it\n- Phone: (778) 875-8095\n" +
			"- 7790 Royal Oak Ave, Burnaby, BC V5J 4K4\n",
	} {
		assert.Contains(t, goopter, part)
	}
	told := call("", "policy", "explain", "--contact-email", "help@shop.example", "goopter").out
	assert.Equal(t, 3, strings.Count(told, "help@shop.example"), "where it is hidden, and in the contact")
	assert.NotContains(t, told, "protected]")
}

func TestAPageIsDataToo(t *testing.T) {
	got := call("", "policy", "explain", "--json", "goopter")
	require.Equal(t, exitDone, got.code, got.err)
	var shown struct {
		Policy   policy.Ref
		Requests []struct {
			Kind  policy.Kind
			Rules []struct {
				policy.RuleView
				Words   string
				Example struct {
					Facts    json.RawMessage
					Decision policy.Decision
				}
			}
		}
		Clauses []struct{ ID string }
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &shown))
	p, err := policy.Open("goopter")
	require.NoError(t, err)
	rev := p.Revisions()[0]
	assert.Equal(t, rev.Ref(), shown.Policy)
	assert.Len(t, shown.Clauses, len(rev.Clauses()))
	require.Len(t, shown.Requests, 7, "kinds without rules too")
	for _, request := range shown.Requests {
		require.Len(t, request.Rules, len(rev.Rules(request.Kind)))
		for i, rule := range request.Rules {
			assert.Equal(t, rev.Rules(request.Kind)[i], rule.RuleView)
			facts, err := policy.ParseFacts(rule.Example.Facts)
			require.NoError(t, err, "the facts shown can be given to decide")
			decided, err := policy.Decide(rev, facts)
			require.NoError(t, err)
			assert.Equal(t, rule.Clause, decided.Clause)
			assert.Equal(t, rule.Example.Decision.Trace, decided.Trace)
		}
	}
}

func TestARevisionIsChosenByDay(t *testing.T) {
	latest := call("", "policy", "explain", "goopter")
	assert.Equal(t, latest, call("", "policy", "explain", "--at", "2026-02-13", "goopter"))
	assert.Equal(t, latest, call("", "policy", "explain", "goopter", "--at", "2020-01-01"), "before the first, the first")
	wrong := call("", "policy", "explain", "goopter", "--at", "yesterday")
	assert.Equal(t, exitUndone, wrong.code)
	assert.Contains(t, wrong.err, `--at must be a day as 2026-01-31, not "yesterday"`)
	assert.Contains(t, call("", "policy", "explain", "-", "--at", "2026-01-01").err, "a file is one revision")
}

func TestTheLatestRevisionIsShownUnlessADayIsNamed(t *testing.T) {
	source := read(t, policies+"/testdata/working_minimal.yaml")
	var both []policy.Revision
	for _, day := range []string{"2026-06-01", "2026-03-01"} {
		rev, err := policyfile.Parse(day, []byte(strings.Replace(source, "2026-03-01", day, 1)))
		require.NoError(t, err)
		both = append(both, rev)
	}
	p, err := policy.New(both...)
	require.NoError(t, err)
	for at, want := range map[string]string{"": "2026-06-01", "2026-06-01": "2026-06-01", "2026-05-31": "2026-03-01", "2020-01-01": "2026-03-01"} {
		rev, err := revisionOn(p, at)
		require.NoError(t, err)
		assert.Equal(t, want, rev.Revision, at)
	}
}

func TestAnUnknownPolicyIsAnsweredWithTheKnownOnes(t *testing.T) {
	got := call("", "policy", "explain", "acme")
	assert.Equal(t, exitUndone, got.code)
	assert.Empty(t, got.out)
	assert.Contains(t, got.err, "known are "+strings.Join(policy.Names(), ", "))
}

func TestAFileIsExplainedFromAnywhere(t *testing.T) {
	source := read(t, policies+"/published/goopter/2026-02-13.yaml")
	latest := call("", "policy", "explain", "goopter")
	assert.Equal(t, latest, call(source, "policy", "explain", "-"))
	assert.Equal(t, latest, call("", "policy", "explain", written(t, "goopter.yml", source)))
	busted := call("", "policy", "explain", policies+"/testdata/busted_fraction.yaml")
	assert.Equal(t, exitUndone, busted.code)
	assert.Contains(t, busted.err, "makegood policy check ")
}
