package policy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
)

// The files of cases: those of the contract, word for word, and our own.
const (
	givenCases = "testdata/decisions.jsonl"
	ownCases   = "testdata/decisions_own.jsonl"
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

// casesOf reads every line of both files.
func casesOf(t *testing.T) []decided {
	t.Helper()
	var cases []decided
	for _, file := range []string{givenCases, ownCases} {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range bytes.Lines(source) {
			c := decided{own: file == ownCases}
			require.NoError(t, json.Unmarshal(line, &c), "%s: %s", file, line)
			cases = append(cases, c)
		}
	}
	return cases
}

func TestEveryCaseIsDecidedAsTheClausesAreRead(t *testing.T) {
	names := map[string]bool{}
	for _, c := range casesOf(t) {
		t.Run(c.Name, func(t *testing.T) {
			assert.False(t, names[c.Name], "two cases of one name")
			names[c.Name] = true
			d := decide(t, c.Facts)
			assert.Equal(t, c.Want.Outcome, d.Outcome)
			assert.Equal(t, c.Want.Clause, d.Clause)
			assert.NotEmpty(t, d.Reason)
			assert.Equal(t, c.Want.RespondBy, d.RespondBy)
			if c.own || c.Want.PayBy != nil { // the contract names pay_by once
				assert.Equal(t, c.Want.PayBy, d.PayBy)
			}
			if remedy := c.Want.Remedy; remedy != nil && remedy.To == "" {
				remedy.To = policy.ToBalance // so the contract leaves it out
			}
			assert.Equal(t, c.Want.Remedy, d.Remedy)
		})
	}
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

func TestEveryClauseOfEveryPolicyHasACaseForEachOfItsAnswers(t *testing.T) {
	cases := casesOf(t)
	for _, name := range policy.Names() {
		has := map[answered]bool{}
		for _, c := range cases {
			if c.Facts.Policy == name {
				has[answered{c.Want.Clause, c.Want.Outcome}] = true
			}
		}
		for _, line := range tableOf(shipped(t, name)) {
			for _, answer := range line.answers {
				assert.True(t, has[answered{line.clause, answer}], "%s: no case in which %s answers %s", name, line.clause, answer)
				delete(has, answered{line.clause, answer})
			}
		}
		assert.Empty(t, has, "%s: no clause answers so", name)
	}
}

func TestEveryRuleOfEveryPolicyDecidesACase(t *testing.T) {
	type place struct {
		policy string
		kind   policy.Kind
		rule   int
	}
	decides := map[place]bool{}
	for _, c := range casesOf(t) {
		for i, step := range decide(t, c.Facts).Trace {
			if step.Matched {
				decides[place{c.Facts.Policy, c.Facts.Kind, i}] = true
			}
		}
	}
	for _, name := range policy.Names() {
		rev := shipped(t, name)
		for _, kind := range rev.Kinds() {
			for i, rule := range rev.Rules(kind) {
				assert.True(t, decides[place{name, kind, i}], "%s: no case is decided by rule %d of %s: %v", name, i, kind, rule)
			}
		}
	}
}
