package simulation

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"makegood/shared/policy"
)

// mostCustomers is how many of the most affected are named.
const mostCustomers = 10

// Result is what a run comes to, in the order in which it is shown.
type Result struct {
	Draft       policy.Ref    `json:"draft"`          // the draft
	Since       time.Time     `json:"since,omitzero"` // only what was decided from then on
	Until       time.Time     `json:"until,omitzero"` // and before then
	Cases       int           `json:"cases"`          // cases that the draft decided
	Check       Check         `json:"check"`          // whether the recorded verdicts can be relied on
	Undecidable []Undecidable `json:"undecidable"`    // cases that it cannot decide
	Rules       Summary       `json:"rules"`          // cases that the rules decided, or sent to a review that lasts
	People      Summary       `json:"people"`         // cases in which a person's verdict stands: what the rules would answer
}

// Undecidable counts cases of which the facts lack what the draft goes by.
type Undecidable struct {
	Field string `json:"field"` // what is lacking: a field of the facts, or facts, or revision
	Cases int    `json:"cases"` // how many
}

// Summary is a part of a result.
type Summary struct {
	Moved
	Flipped   int       `json:"flipped"`   // cases with another outcome
	Changes   []Change  `json:"changes"`   // by clauses: flips first, then the most frequent
	Customers []Ranking `json:"customers"` // the most affected
	Examples  Examples  `json:"examples"`  // some of the flips
}

// Ranking is the customers whom the draft concerns most, by what it gives or takes of one unit.
type Ranking struct {
	Unit      string     `json:"unit"`      // Credits or a currency: nobody says what one is worth in another
	Customers []Customer `json:"customers"` // ten at most, the largest difference first
}

// Result returns what the run comes to so far.
func (r Run) Result() Result {
	result := Result{
		Draft: r.Draft, Since: r.Since, Until: r.Until, Check: r.Check, Cases: r.Rules.Cases + r.People.Cases,
		Undecidable: []Undecidable{}, Rules: r.Rules.summary(), People: r.People.summary(),
	}
	for _, field := range slices.Sorted(maps.Keys(r.Undecidable)) {
		result.Undecidable = append(result.Undecidable, Undecidable{field, r.Undecidable[field]})
	}
	return result
}

func (p Part) summary() Summary {
	s := Summary{Moved: p.Moved, Changes: append([]Change{}, p.Changes...), Customers: p.rankings(), Examples: p.Examples}
	slices.SortStableFunc(s.Changes, func(a, b Change) int {
		if a.Flip() != b.Flip() {
			return map[bool]int{true: -1, false: 1}[a.Flip()]
		}
		return cmp.Compare(b.Cases, a.Cases)
	})
	for _, change := range s.Changes {
		if change.Flip() {
			s.Flipped += change.Cases
		}
	}
	return s
}

// byClauses orders changes by what they change.
func byClauses(a, b Change) int {
	return cmp.Or(
		cmp.Compare(a.From.Clause, b.From.Clause), cmp.Compare(a.From.Outcome, b.From.Outcome),
		cmp.Compare(a.To.Clause, b.To.Clause), cmp.Compare(a.To.Outcome, b.To.Outcome),
	)
}

// rankings returns the customers most affected in each unit.
func (p Part) rankings() []Ranking {
	byUnit := map[string][]Customer{}
	for _, customer := range p.Customers {
		for unit := range customer.Difference.units() {
			byUnit[unit] = append(byUnit[unit], customer)
		}
	}
	rankings := []Ranking{}
	// Credits are lower case, so currencies would come first.
	for _, unit := range slices.SortedFunc(maps.Keys(byUnit), func(a, b string) int { return cmp.Compare(unitOrder(a), unitOrder(b)) }) {
		list := byUnit[unit]
		slices.SortFunc(list, func(a, b Customer) int {
			return cmp.Or(cmp.Compare(abs(b.Difference.in(unit)), abs(a.Difference.in(unit))), cmp.Compare(a.Customer, b.Customer))
		})
		rankings = append(rankings, Ranking{unit, list[:min(len(list), mostCustomers)]})
	}
	return rankings
}

func unitOrder(unit string) string {
	if unit == Credits {
		return ""
	}
	return unit
}

// units returns the units of which there is something.
func (a Amounts) units() map[string]bool {
	units := map[string]bool{}
	for currency := range a.Money {
		units[currency] = true
	}
	if a.Credits != 0 {
		units[Credits] = true
	}
	return units
}

func abs(n int64) int64 { return max(n, -n) }
