package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// seen returns the record of an output of a feature on which these signals are present.
func seen(feature string, names ...evidence.Name) evidence.Record {
	record := evidence.Record{Feature: feature}
	for _, name := range names {
		record.Signals = append(record.Signals, evidence.Signal{Name: name, Version: 1, Present: true})
	}
	return record
}

// everySignal are the names that a look may give.
func everySignal() []evidence.Name { return slices.Concat(evidence.Deciding(), evidence.ForStaff()) }

func TestASignalDecidesWhereItIsPresentAndThePolicyLetsIt(t *testing.T) {
	for _, name := range []string{"photoroom", "popcustoms"} {
		rev := shipped(t, name)
		must := rev.Features()[0].Name
		for _, signal := range everySignal() {
			result := rev.Evaluate(seen(must, signal), nil)
			if slices.Contains(evidence.Deciding(), signal) {
				assert.Equal(t, policy.VerdictUnusable, result.Verdict, signal)
				assert.Equal(t, []evidence.Name{signal}, result.Defects)
				assert.True(t, result.Signals[0].Decides)
			} else {
				assert.Equal(t, policy.VerdictUnsure, result.Verdict, signal)
				assert.Empty(t, result.Defects)
				assert.False(t, result.Signals[0].Decides)
			}
			stopped := rev.Evaluate(seen(must, signal), []evidence.Name{signal})
			assert.Equal(t, policy.VerdictUnsure, stopped.Verdict, "%s is stopped", signal)
			assert.False(t, stopped.Signals[0].Decides)

			absent := seen(must, signal)
			absent.Signals[0].Present = false
			assert.Equal(t, policy.VerdictUnsure, rev.Evaluate(absent, nil).Verdict, "%s is not present", signal)
		}
	}
	assert.Equal(t, policy.VerdictUnsure, shipped(t, "goopter").Evaluate(seen("image", evidence.Empty), nil).Verdict, "nothing is listed")
}

func TestALookTellsWhatCouldBeJudged(t *testing.T) {
	rev := shipped(t, "photoroom")
	gone := seen("logo")
	gone.Output.Problem = evidence.ProblemGone
	assert.Empty(t, rev.Evaluate(gone, nil).Verdict)
	assert.Nil(t, policy.EvidenceOf(new(rev.Evaluate(gone, nil))), "as if nobody had looked")
	assert.Nil(t, policy.EvidenceOf(nil))

	card := seen("logo", evidence.FailureCard)
	card.Output.Problem = evidence.ProblemFormat
	facts := policy.EvidenceOf(new(rev.Evaluate(card, nil)))
	assert.Equal(t, &policy.EvidenceFacts{Verdict: "unusable", Defects: []string{"failure_card"}, Input: "good"}, facts, "bytes that are known need no format")

	twice := rev.Evaluate(seen("logo", evidence.Blank, evidence.Blank, evidence.Noisy, evidence.Truncated), nil)
	assert.Equal(t, []evidence.Name{evidence.Blank, evidence.Truncated}, twice.Defects, "each once, as they were measured")
	assert.Equal(t, rev.Evaluate(seen("logo"), nil), rev.Evaluate(evidence.Record{Feature: "logo", Verdict: "unusable", Defects: twice.Defects}, nil), "it is weighed anew")
	record := seen("logo", evidence.Blank)
	rev.Evaluate(record, nil)
	assert.False(t, record.Signals[0].Decides, "the caller's list stays")
}

func TestUnchangedDecidesOnlyWhatMustChange(t *testing.T) {
	must := map[string][]string{
		"photoroom":  {"virtual-model", "flat-lay", "ghost-mannequin", "product-beautifier", "ai-backgrounds"},
		"popcustoms": {"virtual-try-on", "change-background", "pet"},
		"goopter":    nil,
	}
	for name, features := range must {
		rev := shipped(t, name)
		var marked []string
		for _, feature := range rev.Features() {
			if feature.MustChange {
				marked = append(marked, feature.Name)
			}
			decides := rev.Evaluate(seen(feature.Name, evidence.Unchanged), nil).Verdict == policy.VerdictUnusable
			assert.Equal(t, feature.MustChange, decides, feature.Name)
		}
		assert.Equal(t, features, marked, name)
		assert.Equal(t, policy.VerdictUnsure, rev.Evaluate(seen("nobody-knows", evidence.Unchanged), nil).Verdict)
	}
}

func TestAModelSupportsUpToTheCap(t *testing.T) {
	rev := shipped(t, "photoroom")
	limit := rev.Evidence.AdjudicatorCap
	assert.True(t, rev.Adjudicates(limit, nil))
	assert.False(t, rev.Adjudicates(limit+1, nil))
	assert.False(t, rev.Adjudicates(limit, []evidence.Name{evidence.Adjudicated}), "it is stopped")
	assert.False(t, shipped(t, "goopter").Adjudicates(0, nil), "no cap")
	assert.Equal(t, ledger.Credits(395), shipped(t, "popcustoms").Evidence.AdjudicatorCap)
}

func TestASignalStopsPastItsShareOfEnoughSecondLooks(t *testing.T) {
	stops := policy.Stops{WronglyPaidPercent: 5, From: 20}
	for _, c := range []struct {
		wrong, looks int
		want         bool
	}{{0, 0, false}, {1, 1, false}, {19, 19, false}, {1, 20, false}, {2, 20, true}, {2, 40, false}, {3, 40, true}, {0, 1000, false}, {-1, 20, false}} {
		assert.Equal(t, c.want, stops.Past(c.wrong, c.looks), c)
	}
	assert.False(t, policy.Stops{}.Past(9, 9), "no limit, and nothing that decides")
	assert.True(t, policy.Stops{From: 1}.Past(1, 1), "none may be wrong")
	assert.Equal(t, stops, shipped(t, "photoroom").Evidence.Stops)
}

// everyEvidence returns what the picture may show: nothing, or any verdict, upload, likeness and up
// to two of the defects.
func everyEvidence(defects []string) []*policy.EvidenceFacts {
	lists := [][]string{nil}
	for i, one := range defects {
		lists = append(lists, []string{one})
		for _, other := range defects[i+1:] {
			lists = append(lists, []string{one, other})
		}
	}
	all := []*policy.EvidenceFacts{nil}
	for _, verdict := range policy.AllVerdicts {
		for _, input := range policy.AllInputs {
			for _, within := range []bool{false, true} {
				for _, list := range lists {
					all = append(all, &policy.EvidenceFacts{Verdict: verdict, Input: input, WithinExamples: within, Defects: list})
				}
			}
		}
	}
	return all
}

// requireExactNeed: evidence is needed exactly when some of it changes the decision or its rule.
func requireExactNeed(t *rapid.T, rev policy.Revision, f policy.Facts, defects []string) {
	needs := rev.NeedsEvidence(f)
	f.Evidence = nil
	without, err := policy.Decide(rev, f)
	if err != nil {
		require.False(t, needs, "facts that cannot be decided")
		return
	}
	changes := slices.ContainsFunc(everyEvidence(defects), func(shown *policy.EvidenceFacts) bool {
		f.Evidence = shown
		d, err := policy.Decide(rev, f)
		require.NoError(t, err)
		return !policy.SameDecision(without, d)
	})
	require.Equal(t, changes, needs)
}

// lookFile draws a policy file whose rules about a bad result ask for little but what it shows.
func lookFile(t *rapid.T, minimal string) string {
	rules, clauses := "  bad_result:\n", ""
	for i := range rapid.IntRange(1, 3).Draw(t, "rules") {
		var when []string
		names := []string{"evidence", "defects", "input", "within_examples", "issue"}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 2, rapid.ID).Draw(t, "conditions") {
			values, listed := asks[name]
			if !listed {
				values = []string{"true", "false"}
			}
			when = append(when, name+": "+rapid.SampledFrom(values).Draw(t, name))
		}
		answer := rapid.SampledFrom([]policy.Outcome{no, review}).Draw(t, "answer")
		rules += fmt.Sprintf("    - {clause: Z%d, answer: %s, when: {%s}}\n", i, answer, strings.Join(when, ", "))
		clauses += fmt.Sprintf("  Z%d: {says: Z, ours: true, reasons: {%s: So it is.}}\n", i, answer)
		if when == nil {
			break
		}
	}
	return strings.NewReplacer("rules: {}\n", "rules:\n"+rules, "clauses:\n", "clauses:\n"+clauses).Replace(minimal)
}

func TestEvidenceIsNeededExactlyWhenSomeOfItChangesTheDecision(t *testing.T) {
	minimal, revs := read(t, "testdata/working_minimal.yaml"), revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		// Files that ship, files of any sort, and files about little but evidence.
		rev, f := rapid.SampledFrom(revs).Draw(t, "revision"), anyFacts(t)
		defects := []string{"blank", "truncated", "unchanged"}
		if file := rapid.SampledFrom([]func(*rapid.T, string) string{nil, randomFile, lookFile, lookFile}).Draw(t, "file"); file != nil {
			parsed, err := policyfile.Parse("random.yaml", []byte(file(t, minimal)))
			require.NoError(t, err)
			rev, defects = parsed, []string{"blank", "truncated", "distorted"}
		}
		if !seldom(t, "kind") {
			f.Kind = policy.KindBadResult
			f.Report = &policy.ReportFacts{Issue: word(t, "issue", policy.AllIssues)}
			if f.Generation != nil {
				f.Generation.Status, f.Generation.Failure = generation.StatusSucceeded, nil
			}
		}
		f.Policy = rev.Name
		requireExactNeed(t, rev, f, defects)
	})
	assert.False(t, shipped(t, "photoroom").NeedsEvidence(policy.Facts{Kind: policy.KindBadResult}), "facts that cannot be decided need none")
}

func TestASignalMoreNeverTurnsAnAnswerIntoARefusal(t *testing.T) {
	for _, name := range policy.Names() {
		rev := shipped(t, name)
		features := texts(rev.Features(), func(f policy.Feature) string { return f.Name })
		rapid.Check(t, func(t *rapid.T) {
			f := anyFacts(t)
			f.Policy, f.Kind = rev.Name, policy.KindBadResult
			if f.Generation != nil {
				f.Generation.Feature = rapid.SampledFrom(features).Draw(t, "feature")
			}
			names := rapid.SliceOf(rapid.SampledFrom(everySignal())).Draw(t, "signals")
			more := append(names[:len(names):len(names)], rapid.SampledFrom(everySignal()).Draw(t, "one more"))
			requireNoRefusalBySignals(t, rev, f, nil, names)
			requireNoRefusalBySignals(t, rev, f, names, more)
		})
	}
}

// requireNoRefusalBySignals: with more signals, what was no refusal is none, and what was a refusal
// goes by a clause that no signal answers by.
func requireNoRefusalBySignals(t *rapid.T, rev policy.Revision, f policy.Facts, fewer, more []evidence.Name) {
	decide := func(names []evidence.Name) (policy.Decision, error) {
		feature := ""
		if f.Generation != nil {
			feature = f.Generation.Feature
		}
		record := rev.Evaluate(seen(feature, names...), nil)
		f.Evidence = policy.EvidenceOf(&record)
		if names == nil {
			f.Evidence = nil
		}
		return policy.Decide(rev, f)
	}
	before, err := decide(fewer)
	after, errAfter := decide(more)
	require.Equal(t, err == nil, errAfter == nil)
	require.False(t, after.Outcome == no && before.Outcome != no, "%s by %s", more, after.Clause)
	require.NotContains(t, []string{"P4.1", "P4.3"}, after.Clause, "a person says so")
}

// texts returns a text of each element.
func texts[E any](elements []E, of func(E) string) (all []string) {
	for _, element := range elements {
		all = append(all, of(element))
	}
	return all
}
