package simulation

import (
	"cmp"
	"slices"

	"makegood/shared/replay"
)

// maxFailing bounds how many verdicts that do not replay are named.
const maxFailing = 1000

// Check says whether recorded verdicts are made again, each by its own revision, with the same
// bytes.
type Check struct {
	Verdicts int       `json:"verdicts"`          // verdicts that were replayed
	Same     int       `json:"same"`              // those with the same bytes
	Failing  []Failing `json:"failing,omitempty"` // the others: the first 1000 by their ids
}

// Failing is a verdict that does not replay.
type Failing struct {
	replay.Place
	Why string `json:"why"` // how it ended: Differs, NoFacts, NoRevision
}

// How a replay may fail.
const (
	Differs    = "differs"     // another decision comes out, or none
	NoFacts    = "no_facts"    // what it rests on is not recorded
	NoRevision = "no_revision" // this build does not have the revision that decided
)

// Sound reports whether every verdict came out the same.
func (c Check) Sound() bool { return c.Same == c.Verdicts }

// Different returns how many came out otherwise.
func (c Check) Different() int { return c.Verdicts - c.Same }

// add replays the verdicts of a case.
func (c *Check) add(replayer replay.Replayer, of Case) {
	var report replay.Report
	replayer.Case(of.ID, of.Verdicts, &report)
	c.Verdicts += report.Verdicts
	c.Same += report.Same
	for _, difference := range report.Differences {
		c.fail(difference.Place, Differs)
	}
	for _, place := range report.Unkept {
		c.fail(place, NoFacts)
	}
	for _, unknown := range report.Unknown {
		c.fail(unknown.Place, NoRevision)
	}
}

// fail notes a verdict at its place, so that the order in which cases are read does not show.
func (c *Check) fail(at replay.Place, why string) {
	one := Failing{at, why}
	i, _ := slices.BinarySearchFunc(c.Failing, one, func(a, b Failing) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Verdict, b.Verdict))
	})
	if c.Failing = slices.Insert(c.Failing, i, one); len(c.Failing) > maxFailing {
		c.Failing = c.Failing[:maxFailing]
	}
}
