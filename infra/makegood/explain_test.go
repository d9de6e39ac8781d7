package main

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/page"
	"makegood/shared/policy"
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
		words := strings.Join(strings.Fields(got.out), " ")
		for _, clause := range rev.Clauses() {
			assert.Contains(t, got.out, "**"+clause.ID+"**", name)
			assert.Contains(t, words, strings.Join(strings.Fields(clause.Says), " "), name)
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
		rev, err := policy.Parse(day, []byte(strings.Replace(source, "2026-03-01", day, 1)))
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
