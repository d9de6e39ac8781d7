package policy

import (
	"slices"

	"makegood/shared/evidence"
	"makegood/shared/ledger"
)

// Evidence says what becomes of what is seen when a bad result is looked at. The zero Evidence lets
// nothing decide: a person looks.
type Evidence struct {
	// Decides are the signals of which each makes a result unusable.
	Decides []evidence.Name
	// FailureCards are pictures that the app shows for a failure: the SHA-256 of their bytes, in
	// hexadecimal digits.
	FailureCards []string
	// AdjudicatorCap is the most that an output may have been charged for a model to support its
	// refund; 0: no model does.
	AdjudicatorCap ledger.Credits
	// Stops says when a signal stops deciding.
	Stops Stops
}

// Stops is the share of wrong refunds past which a signal stops deciding, until staff lift it.
type Stops struct {
	// WronglyPaidPercent is the share, of the second looks at what the signal decided.
	WronglyPaidPercent int
	// From is how many second looks there must be: few say little.
	From int
}

// Past reports whether so many wrong refunds among so many second looks pass the limit.
func (s Stops) Past(wrong, looks int) bool {
	return s.From > 0 && looks >= s.From && wrong > 0 &&
		exceeds(uint64(wrong), 100, uint64(looks), uint64(max(0, s.WronglyPaidPercent)))
}

// Evaluate says what the signals of a record come to. It marks those that decide and sets the
// verdict and the defects: unusable where one decides, unsure where the output could be judged, ""
// where not. Nothing else of the record changes. Stopped are the signals that may not decide for
// now.
//
// A signal decides where it is present and the policy lets it. Unchanged does so only of features
// that must change the whole picture. No signal makes a result usable, an upload poor, or a result
// like its examples: a person says so.
func (r Revision) Evaluate(record evidence.Record, stopped []evidence.Name) evidence.Record {
	// The caller's signals stay as they are: the list is shared with whoever measured.
	record.Signals = slices.Clone(record.Signals)
	record.Defects, record.Verdict = nil, ""
	for i := range record.Signals {
		signal := &record.Signals[i]
		signal.Decides = signal.Present && r.lets(signal.Name, record.Feature) && !slices.Contains(stopped, signal.Name)
		if signal.Decides && !slices.Contains(record.Defects, signal.Name) {
			record.Defects = append(record.Defects, signal.Name)
		}
	}
	// A picture that could not be judged may still be one that is known byte for byte.
	switch {
	case record.Defects != nil:
		record.Verdict = evidence.VerdictUnusable
	case record.Output.Problem == "":
		record.Verdict = evidence.VerdictUnsure
	}
	return record
}

// lets reports whether the policy lets a signal decide about an output of the feature.
func (r Revision) lets(name evidence.Name, feature string) bool {
	if !slices.Contains(r.Evidence.Decides, name) {
		return false
	}
	// An edit may leave all of a picture alone that needed none; these features never do.
	if name == evidence.Unchanged {
		made, listed := r.Feature(feature)
		return listed && made.MustChange
	}
	return true
}

// Adjudicates reports whether a model may support the refund of an output that was charged so much.
// Stopped are the names that may not decide for now.
func (r Revision) Adjudicates(price ledger.Credits, stopped []evidence.Name) bool {
	return price <= r.Evidence.AdjudicatorCap && r.Evidence.AdjudicatorCap > 0 && !slices.Contains(stopped, evidence.Adjudicated)
}

// EvidenceOf returns what a record says to the rules; nil, as if nobody had looked, for no record
// and for one of a picture that could not be judged.
func EvidenceOf(record *evidence.Record) *EvidenceFacts {
	if record == nil || record.Verdict == "" {
		return nil
	}
	return &EvidenceFacts{Verdict: record.Verdict, Defects: texts(record.Defects), Input: InputGood}
}

// NeedsEvidence reports whether the decision of the facts rests on what their picture shows:
// whether some evidence leads to another rule than some other. It does not look at the evidence
// that the facts hold. Facts that Decide refuses need none.
func (r Revision) NeedsEvidence(f Facts) bool {
	f = f.withDefaults()
	f.Evidence = nil
	if f.Kind != KindBadResult || f.validate() != nil || f.belongTo(r) != nil {
		return false
	}
	candidates := r.candidates(f, evidenceConditions...)
	if len(candidates) < 2 {
		return false
	}
	// All evidence leads to one rule exactly when each leads to the same as none does.
	without := firstHeld(candidates, r, f)
	for _, seen := range samples(candidates) {
		f.Evidence = &seen
		if firstHeld(candidates, r, f) != without {
			return true
		}
	}
	return false
}

// candidate is a rule of which all holds but what it asks by some conditions.
type candidate struct {
	when  when
	tests []*condition // those
}

// candidates returns the rules that the answers to some conditions may lead to, in their order: up
// to the first that asks for none of them. One candidate alone decides whatever the answers are.
func (r Revision) candidates(f Facts, about ...string) []candidate {
	var list []candidate
rules:
	for _, rule := range r.rules[f.Kind] {
		one := candidate{when: rule.when}
		for _, test := range rule.tests {
			if slices.Contains(about, test.name) {
				one.tests = append(one.tests, test)
			} else if !test.holds(rule.when, r, f) {
				continue rules
			}
		}
		list = append(list, one)
		if one.tests == nil {
			return list
		}
	}
	// Past the last rule stands X3, which is an answer like the others.
	return append(list, candidate{})
}

// firstHeld returns the place of the first candidate whose evidence is that of the facts. The last
// one asks for none.
func firstHeld(candidates []candidate, r Revision, f Facts) int {
	return slices.IndexFunc(candidates, func(c candidate) bool {
		return !slices.ContainsFunc(c.tests, func(test *condition) bool { return !test.holds(c.when, r, f) })
	})
}

// samples returns evidence of every sort that the candidates tell apart. A rule asks for one of its
// defects, so that whatever several defects lead to, one of them alone leads to, or none.
func samples(candidates []candidate) []EvidenceFacts {
	defects := [][]string{nil}
	for _, c := range candidates {
		for _, defect := range c.when.Defects {
			defects = append(defects, []string{defect})
		}
	}
	var all []EvidenceFacts
	for _, verdict := range verdicts {
		for _, input := range inputs {
			for _, within := range []bool{false, true} {
				for _, list := range defects {
					all = append(all, EvidenceFacts{Verdict: verdict, Input: input, WithinExamples: within, Defects: list})
				}
			}
		}
	}
	return all
}
