package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/policy"
)

// tabled is a line of the table of clauses: what the clause can answer, or what it binds.
type tabled struct {
	clause  string
	answers []policy.Outcome
	binds   policy.Bound
}

func can(clause string, answers ...policy.Outcome) tabled {
	return tabled{clause: clause, answers: answers}
}

func never(clause string, binds policy.Bound) tabled { return tabled{clause: clause, binds: binds} }

// ofEvery are the clauses of every policy.
var ofEvery = []tabled{can("X1", no), can("X2", no), can("X3", review)}

// tables are the clauses of the three policies that ship, as we read them, in the order of their
// pages.
var tables = map[string][]tabled{
	"popcustoms": append([]tabled{
		never("P1.1", policy.BindsTerms), can("P1", no), never("P2.1", policy.BindsService), never("P2", policy.BindsUpload),
		never("P3", policy.BindsTerms), can("P3.1", yes), can("P3.2", yes), can("P3.3", yes), can("P3.4", yes), can("P3.5", yes), can("P3.6", yes, no), can("P3.7", yes), can("P3.8", yes, review),
		never("P4", policy.BindsTerms), can("P4.1", no), can("P4.2", no), can("P4.3", no), can("P4.4", no), can("P4.5", no),
		can("P5.1", no), never("P5.2", policy.BindsRequest), can("P5.3", review), never("P5.4", policy.BindsRemedy),
		can("P6.1", review), can("P6.2", no), never("P6.3", policy.BindsTerms), never("P7", policy.BindsTerms),
		never("P8.1", policy.BindsService), never("P8.2", policy.BindsSteps), never("P8.3", policy.BindsService), never("P8.4", policy.BindsSteps),
		never("P8.5", policy.BindsSteps),
	}, ofEvery...),
	"goopter": append([]tabled{
		never("G0.1", policy.BindsTerms), never("G0.2", policy.BindsService), never("G0.3", policy.BindsTerms),
		can("G1", no), never("G1.1", policy.BindsService), never("G1.2", policy.BindsService), never("G1.3", policy.BindsService),
		never("G2", policy.BindsTerms), can("G2.1", yes, no, review), can("G2.2", yes, review), can("G2.3", yes, no, review), can("G2.4", yes, no),
		never("G3", policy.BindsTerms), can("G3.1", no), can("G3.2", no), can("G3.3", no), can("G3.4", no),
		never("G4", policy.BindsRequest), never("G5.1", policy.BindsClock), never("G5.2", policy.BindsClock), never("G6", policy.BindsContact),
	}, ofEvery...),
	"photoroom": append([]tabled{
		never("R0.1", policy.BindsTerms), never("R0.2", policy.BindsTerms), never("R0.3", policy.BindsTerms),
		can("R2", yes), can("R1", yes, no), never("R2.1", policy.BindsTerms), never("R3", policy.BindsClock),
		never("R4.1", policy.BindsSteps), never("R4.2", policy.BindsSteps), never("R4", policy.BindsRequest), never("R4.3", policy.BindsSteps),
		never("R5", policy.BindsNotice), never("R6", policy.BindsNotice), never("R6.1", policy.BindsTerms), never("R6.2", policy.BindsTerms),
		can("R7", no), can("R8", no, review), can("R9", no), can("R10", no, review), can("R11", no), can("R12", no), never("R12.1", policy.BindsTerms),
	}, ofEvery...),
}

// orders are the clauses in the order in which the table has them tried, one that stands there
// twice named twice.
var orders = map[string]map[policy.Kind][]string{
	"popcustoms": {
		policy.KindBadResult: {
			"X2", "P6.2", "P4.4", "P1", "P5.1", "P4.5", "X1", "X2", "P6.1", "P3.7", "P4.2", "P4.1", "P4.3", "P3.1", "P3.2", "P3.3", "P3.4", "P5.3",
		},
		policy.KindTechnicalFailure: {"X2", "P4.4", "X1", "X2", "P4.1", "P3.5", "P3.6"},
		policy.KindDuplicateCharge:  {"X1", "P3.8"},
		policy.KindAbnormalCharge:   {"X1", "P3.8"},
	},
	"goopter": {
		policy.KindChangeOfMind:     {"G3.4", "G3.3", "X1", "G3.1", "G1"},
		policy.KindOutage:           {"G3.4", "G3.3", "X1", "G3.1", "G2.3"},
		policy.KindDuplicateCharge:  {"X1", "G2.2"},
		policy.KindNotCredited:      {"X1", "G2.1"},
		policy.KindTechnicalFailure: {"G3.4", "X1", "X2", "G2.4"},
		policy.KindBadResult:        {"G3.4", "G3.2"},
	},
	"photoroom": {
		policy.KindBadResult:        {"R10", "R9", "X1", "R7", "R12", "R11", "X2", "R10", "R2", "R8"},
		policy.KindTechnicalFailure: {"X1", "X2", "R1"},
	},
}

func TestRulesAreTriedInTheOrderOfTheTable(t *testing.T) {
	for name, want := range orders {
		rev := shipped(t, name)
		assert.Len(t, rev.Kinds(), len(want), name)
		for _, kind := range rev.Kinds() {
			var got []string
			for _, rule := range rev.Rules(kind) {
				if len(got) == 0 || got[len(got)-1] != rule.Clause {
					got = append(got, rule.Clause)
				}
			}
			assert.Equal(t, want[kind], got, "%s %s", name, kind)
		}
	}
}

func TestFilesHoldExactlyTheClausesOfTheTableInItsOrder(t *testing.T) {
	for name, table := range tables {
		assert.Equal(t, table, tableOf(shipped(t, name)), name)
	}
}

// tableOf returns the table of clauses that a file amounts to.
func tableOf(rev policy.Revision) []tabled {
	var table []tabled
	for _, clause := range rev.Clauses() {
		table = append(table, tabled{clause: clause.ID, answers: rev.Answers(clause.ID), binds: clause.Binds})
	}
	return table
}
