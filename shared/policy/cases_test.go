package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// The files of cases: those of the contract, word for word, and our own. Those of a policy of one's
// own stand beside it.
const (
	givenCases  = "testdata/decisions.jsonl"
	ownCases    = "testdata/decisions_own.jsonl"
	besideFiles = "published/*/cases.jsonl"
)

// decided is a line of a file of cases: facts and what they must come to.
type decided struct {
	Name  string       `json:"name"`
	Facts policy.Facts `json:"facts"`
	Want  struct {
		Outcome   policy.Outcome `json:"outcome"`
		Clause    string         `json:"clause"`
		RespondBy *time.Time     `json:"respond_by"`
		PayBy     *time.Time     `json:"pay_by"`
		Remedy    *policy.Remedy `json:"remedy"`
	} `json:"want"`
	own bool
}

// casesOf reads every line of all of them.
func casesOf(t *testing.T) []decided {
	t.Helper()
	beside, err := filepath.Glob(besideFiles)
	require.NoError(t, err)
	cases := casesIn(t, givenCases)
	for _, file := range append(beside, ownCases) {
		for _, c := range casesIn(t, file) {
			c.own = true
			cases = append(cases, c)
		}
	}
	return cases
}

func casesIn(t *testing.T, file string) (cases []decided) {
	t.Helper()
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range bytes.Lines(source) {
		var c decided
		require.NoError(t, json.Unmarshal(line, &c), "%s: %s", file, line)
		cases = append(cases, c)
	}
	return cases
}

func TestEveryCaseIsDecidedAsTheClausesAreRead(t *testing.T) {
	names := map[string]bool{}
	for _, c := range casesOf(t) {
		t.Run(c.Name, func(t *testing.T) {
			assert.False(t, names[c.Name], "two cases of one name")
			names[c.Name] = true
			requireWanted(t, c, decide(t, c.Facts))
		})
	}
}

// requireWanted compares a decision with what the case wants.
func requireWanted(t *testing.T, c decided, d policy.Decision) {
	t.Helper()
	assert.Equal(t, c.Want.Outcome, d.Outcome)
	assert.Equal(t, c.Want.Clause, d.Clause)
	assert.NotEmpty(t, d.Reason)
	assert.Equal(t, c.Want.RespondBy, d.RespondBy)
	if c.own || c.Want.PayBy != nil { // the contract names pay_by once
		assert.Equal(t, c.Want.PayBy, d.PayBy)
	}
	if remedy := c.Want.Remedy; remedy != nil && remedy.To() == "" {
		c.Want.Remedy = policy.InCredits(remedy.Credits()) // so the contract leaves it out
	}
	assert.Equal(t, c.Want.Remedy, d.Remedy)
}

func TestTheContractsCasesAreAllHere(t *testing.T) {
	given := 0
	for _, c := range casesOf(t) {
		if !c.own {
			given++
		}
	}
	assert.Equal(t, 72, given)
}

// answered is a clause with one of its answers.
type answered struct {
	clause string
	answer policy.Outcome
}

// lacking returns what has no case: answers of clauses, and rules. A case that wants an answer
// which no clause gives is named too.
func lacking(t *testing.T, rev policy.Revision, cases []decided) (lacks []string) {
	t.Helper()
	type place struct {
		kind policy.Kind
		rule int
	}
	wanted, decides := map[answered]bool{}, map[place]bool{}
	for _, c := range cases {
		if c.Facts.Policy != rev.Name {
			continue
		}
		wanted[answered{c.Want.Clause, c.Want.Outcome}] = true
		d, err := policy.Decide(rev, c.Facts)
		require.NoError(t, err, c.Name)
		for i, step := range d.Trace {
			if step.Matched {
				decides[place{c.Facts.Kind, i}] = true
			}
		}
	}
	for _, line := range tableOf(rev) {
		for _, answer := range line.answers {
			if !wanted[answered{line.clause, answer}] {
				lacks = append(lacks, fmt.Sprintf("%s: no case in which %s answers %s", rev.Name, line.clause, answer))
			}
			delete(wanted, answered{line.clause, answer})
		}
	}
	for other := range wanted {
		lacks = append(lacks, fmt.Sprintf("%s: %s never answers %s", rev.Name, other.clause, other.answer))
	}
	for _, kind := range rev.Kinds() {
		for i, rule := range rev.Rules(kind) {
			if !decides[place{kind, i}] {
				lacks = append(lacks, fmt.Sprintf("%s: no case is decided by rule %d of %s: %v", rev.Name, i+1, kind, rule))
			}
		}
	}
	return lacks
}

func TestEveryRuleAndEveryAnswerOfAClauseHasACaseInEveryPolicy(t *testing.T) {
	cases := casesOf(t)
	for _, name := range policy.Names() {
		assert.Empty(t, lacking(t, shipped(t, name), cases))
	}
}

func TestTheSketchbookOfTheReadmeHasACaseForEachRuleAndAnswer(t *testing.T) {
	_, text, found := strings.Cut(read(t, "../../infra/makegood/README.md"), "\n## Write a policy of your own\n")
	require.True(t, found)
	_, text, _ = strings.Cut(text, "```yaml\n")
	text, _, _ = strings.Cut(text, "```\n")
	rev, err := policyfile.Parse("sketchbook.yaml", []byte(text))
	require.NoError(t, err)
	assert.Empty(t, rev.Notes(), "every line of it counts")
	cases := casesIn(t, "testdata/sketchbook.jsonl")
	assert.Empty(t, lacking(t, rev, cases))
	for _, c := range cases {
		d, err := policy.Decide(rev, c.Facts)
		require.NoError(t, err)
		requireWanted(t, c, d)
	}
	assert.NotEmpty(t, lacking(t, rev, cases[1:]), "each is needed")
}
