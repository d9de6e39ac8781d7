package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/simulation"
)

// simulationText returns a result for people to read.
func simulationText(r simulation.Result, unit policy.Unit) string {
	p := &simulationPage{unit: unit}
	fmt.Fprintf(p, "%s, revision %s, %s: %d cases%s\n", r.Draft.Name, r.Draft.Revision, r.Draft.Digest, r.Cases, spanText(r.Since, r.Until))
	fmt.Fprintf(p, "%d of %d recorded verdicts are made again with the same bytes\n", r.Check.Same, r.Check.Verdicts)
	for _, one := range r.Undecidable {
		fmt.Fprintf(p, "%d cases are undecidable: %s was not gathered for them\n", one.Cases, one.Field)
	}
	p.part("The rules decided", "would be answered otherwise", r.Rules)
	p.part("A person's verdict stands in", "the rules would answer otherwise", r.People)
	return p.String()
}

func spanText(since, until time.Time) (text string) {
	if !since.IsZero() {
		text = " since " + since.Format(time.DateOnly)
	}
	if !until.IsZero() {
		text += " until " + until.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return text
}

// simulationPage is text in which credits are written in the wallet's unit.
type simulationPage struct {
	strings.Builder
	unit policy.Unit
}

// part writes what a draft comes to in some cases, nothing where there are none.
func (p *simulationPage) part(cases, changed string, s simulation.Summary) {
	if s.Cases == 0 {
		return
	}
	fmt.Fprintf(p, "\n%s %d cases; %d of them %s, %d with another outcome\n", cases, s.Cases, changedCases(s), changed, s.Flipped)
	fmt.Fprintf(p, "given %s; under the draft %s; difference %s\n", p.amounts(s.Before), p.amounts(s.Under), p.amounts(s.Difference))
	columns := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	for _, c := range s.Changes {
		fmt.Fprintf(columns, "  %s %s\t-> %s %s\t%d cases\t%s\n", c.From.Outcome, c.From.Clause, c.To.Outcome, c.To.Clause, c.Cases, p.amounts(c.Difference))
	}
	_ = columns.Flush() // a builder takes all
	p.ranking(s.Customers)
	p.examples("Now approved", s.Examples.Refunded)
	p.examples("Now declined", s.Examples.Refused)
	p.examples("Now for a person", s.Examples.Review)
}

func changedCases(s simulation.Summary) (sum int) {
	for _, change := range s.Changes {
		sum += change.Cases
	}
	return sum
}

func (p *simulationPage) ranking(rankings []simulation.Ranking) {
	for _, ranking := range rankings {
		fmt.Fprintf(p, "Most affected, in %s\n", ranking.Unit)
		columns := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
		for _, c := range ranking.Customers {
			fmt.Fprintf(columns, "  %s\t%s\t%d cases\t%s\n", c.Customer, p.amounts(c.Difference), c.Cases, c.Case)
		}
		_ = columns.Flush()
	}
}

func (p *simulationPage) examples(title string, list []simulation.Example) {
	if len(list) > 0 {
		fmt.Fprintln(p, title)
	}
	for _, one := range list {
		fmt.Fprintf(p, "  %s %s: %s, now %s\n", one.Case, one.Kind, p.reasoned(one.From), p.reasoned(one.To))
	}
}

// reasoned writes an answer with its clause, what it gives, and its sentence.
func (p *simulationPage) reasoned(r simulation.Reasoned) string {
	gives := ""
	switch policy.ArmOf(r.Remedy) {
	case policy.ArmCredits:
		gives = " " + p.credits(r.Remedy.Credits())
	case policy.ArmMoney:
		gives = " " + r.Remedy.Money().String()
	}
	return fmt.Sprintf("%s by %s%s %q", r.Outcome, r.Clause, gives, r.Reason)
}

// amounts writes credits first, then each currency.
func (p *simulationPage) amounts(a simulation.Amounts) string {
	var parts []string
	if a.Credits != 0 || len(a.Money) == 0 {
		parts = append(parts, p.credits(a.Credits))
	}
	for _, currency := range slices.Sorted(maps.Keys(a.Money)) {
		parts = append(parts, money.Amount{Currency: currency, Minor: a.Money[currency]}.String())
	}
	return strings.Join(parts, ", ")
}

// credits writes credits as their wallet has them. A wallet in a currency holds credits all the
// same.
func (p *simulationPage) credits(n ledger.Credits) string {
	text := p.unit.Format(int64(n)) + " " + p.unit.Name
	if p.unit.Name != simulation.Credits {
		text += " in credits"
	}
	return text
}
