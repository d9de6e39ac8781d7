package assessment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// The versions of the signals that come of other cases' pictures.
const (
	versionSame     = 1
	versionSimilar  = 1
	versionRefunded = 1
)

// compare adds to the record the pictures of other cases that are equal or near to its output, and
// the signals that follow of them.
func (a Assessor) compare(ctx context.Context, record *evidence.Record) error {
	if record.Output.SHA256 == "" {
		return nil
	}
	imprints, err := fault.RetryFor(ctx, func(ctx context.Context) ([]Imprint, error) {
		return a.Store.FindImprints(ctx, record.Output.SHA256, record.Output.Print)
	})
	if err != nil {
		return fault.At("assessment.Assess: find imprints", record.Case, err)
	}
	record.Matches = matches(*record, imprints)
	refunded, err := a.refunded(ctx, *record)
	if err != nil {
		return err
	}
	record.Signals = append(record.Signals, sameAsUnusable(record.Matches), similar(record.Matches), sameAsRefunded(refunded))
	return nil
}

// matches returns those of the imprints that are of other cases and equal or near, the nearest
// first.
func matches(record evidence.Record, imprints []Imprint) []evidence.Match {
	var all []evidence.Match
	hasChange := slices.ContainsFunc(record.Signals, func(s evidence.Signal) bool { return s.Name == evidence.Unchanged && !s.Present })
	for _, imprint := range imprints {
		one := evidence.Match{Case: string(imprint.Case), Equal: imprint.SHA256 == record.Output.SHA256}
		isNear := pixel.Near(record.Output.Print, imprint.Print)
		seen := slices.ContainsFunc(all, func(other evidence.Match) bool { return other.Case == one.Case })
		if one.Case == record.Case || seen || !one.Equal && !isNear {
			continue
		}
		// What is unchanged under one feature may be as it should be under another. What is
		// unchanged of one input may be good of another: it was fed in again, and came back.
		one.Unusable = imprint.Unusable && imprint.Feature == record.Feature && !hasChange
		if !one.Equal {
			one.Difference = pixel.Difference(record.Output.Print, imprint.Print)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b evidence.Match) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Difference, b.Difference), cmp.Compare(a.Case, b.Case))
	})
	return all[:min(len(all), maxMatches)]
}

// rank puts equal pictures that are unusable before the other equal ones, and those before near
// ones.
func rank(m evidence.Match) int {
	switch {
	case m.Equal && m.Unusable:
		return 0
	case m.Equal:
		return 1
	default:
		return 2
	}
}

// refunded returns how many of the equal pictures a person has refunded.
func (a Assessor) refunded(ctx context.Context, record evidence.Record) (int, error) {
	var ids []refund.CaseID
	for _, match := range record.Matches {
		if match.Equal {
			ids = append(ids, refund.CaseID(match.Case))
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	cases, err := fault.RetryFor(ctx, func(ctx context.Context) ([]refund.Case, error) { return a.Store.FindCases(ctx, ids...) })
	count := 0
	for _, c := range cases {
		approved := c.Decision != nil && c.Decision.Outcome == policy.OutcomeApproved
		if approved && slices.ContainsFunc(c.History, func(e refund.Event) bool {
			return e.Actor == ledger.ActorStaff && (e.State == refund.StateApproved || e.State == refund.StatePaying)
		}) {
			count++
		}
	}
	return count, fault.At("assessment.Assess: find equal cases", record.Case, err)
}

// sameAsUnusable counts the equal pictures that a signal found unusable.
func sameAsUnusable(all []evidence.Match) evidence.Signal {
	count := 0
	for _, match := range all {
		if match.Equal && match.Unusable {
			count++
		}
	}
	signal := counted(evidence.SameAsUnusable, versionSame, count, "It is byte for byte no output that a signal found unusable.")
	if signal.Present {
		signal.Sentence = fmt.Sprintf("It is byte for byte the output of %d other cases of this feature, which a signal found unusable.", count)
	}
	return signal
}

// similar measures the nearest picture of another case that is not equal.
func similar(all []evidence.Match) evidence.Signal {
	signal := evidence.Signal{
		Name: evidence.Similar, Version: versionSimilar, Value: 255, Threshold: pixel.NearTiles,
		Sentence: "No picture of another case is near to it.",
	}
	for _, match := range all {
		if !match.Equal {
			signal.Present, signal.Value = true, match.Difference
			signal.Sentence = fmt.Sprintf("It is near to the output of %s: their largest tile difference is %.0f of 255.", match.Case, match.Difference)
			break
		}
	}
	return signal
}

// sameAsRefunded counts the equal pictures that a person refunded.
func sameAsRefunded(count int) evidence.Signal {
	signal := counted(evidence.SameAsRefunded, versionRefunded, count, "It is byte for byte no output that a person refunded.")
	if signal.Present {
		signal.Sentence = fmt.Sprintf("It is byte for byte the output of %d other cases, which a person refunded.", count)
	}
	return signal
}

// counted is a signal that is present from one on.
func counted(name evidence.Name, version, count int, absence string) evidence.Signal {
	return evidence.Signal{Name: name, Version: version, Value: float64(count), Threshold: 1, Present: count > 0, Sentence: absence}
}

// ownDefects are the signals that hold of the same bytes wherever they come from again, under the
// same feature. A size is asked for by one start alone.
var ownDefects = []evidence.Name{
	evidence.Empty, evidence.Undecodable, evidence.Truncated, evidence.Blank, evidence.FailureCard, evidence.SameAsUnusable, evidence.Unchanged,
}

// imprintOf returns what later pictures are compared with, nil where the output was not had.
func imprintOf(record evidence.Record, now time.Time) *Imprint {
	if record.Output.SHA256 == "" {
		return nil
	}
	imprint := Imprint{
		Case: refund.CaseID(record.Case), Feature: record.Feature, SHA256: record.Output.SHA256, Print: record.Output.Print, Until: now.Add(ImprintTerm),
		Unusable: slices.ContainsFunc(record.Defects, func(name evidence.Name) bool { return slices.Contains(ownDefects, name) }),
	}
	// A picture of nothing is near to every other one: it is found by its bytes alone.
	if slices.Contains(record.Defects, evidence.Blank) {
		imprint.Print = evidence.Print{}
	}
	return &imprint
}
