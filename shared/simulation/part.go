package simulation

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"makegood/shared/policy"
)

// mostExamples is how many cases are shown of each way to flip.
const mostExamples = 10

// Part is what a run comes to in some of its cases.
type Part struct {
	Moved
	Changes   []Change            `json:"changes,omitempty"`   // what the draft answers otherwise, by clauses
	Customers map[string]Customer `json:"customers,omitempty"` // whom that concerns, by the customer of their cases
	Examples  Examples            `json:"examples,omitzero"`   // some of the flips
}

// Answer is an outcome and its clause.
type Answer struct {
	Outcome policy.Outcome `json:"outcome"` // the outcome
	Clause  string         `json:"clause"`  // the clause that decided
}

// Change is what the draft answers otherwise than the rules did: another outcome, clause or remedy.
type Change struct {
	From Answer `json:"from"` // what the rules answered
	To   Answer `json:"to"`   // what the draft answers
	Moved
}

// Flip reports whether the outcome is another.
func (c Change) Flip() bool { return c.From.Outcome != c.To.Outcome }

// Customer is one whose cases the draft answers otherwise.
type Customer struct {
	Customer string `json:"customer"` // as the cases name them
	Case     string `json:"case"`     // one of those cases
	Moved
}

// Examples are flips by what became of them: ten of each at most, the same for the same cases.
type Examples struct {
	Refunded []Example `json:"refunded,omitempty"` // now approved
	Refused  []Example `json:"refused,omitempty"`  // now declined
	Review   []Example `json:"review,omitempty"`   // now for a person
}

// Example is a case that flips.
type Example struct {
	Case string      `json:"case"` // its id
	Kind policy.Kind `json:"kind"` // what it is about
	From Reasoned    `json:"from"` // what the rules answered
	To   Reasoned    `json:"to"`   // what the draft answers
}

// Reasoned is an answer with its words and its remedy.
type Reasoned struct {
	Answer
	Reason string         `json:"reason"`           // for the customer, in English
	Remedy *policy.Remedy `json:"remedy,omitempty"` // set where approved
}

// outcome is what a draft does to a case.
type outcome struct {
	from, to      policy.Decision // of the rules, and of the draft
	before, under *policy.Remedy  // what is given
}

// changed reports whether the draft answers otherwise.
func (o outcome) changed() bool {
	return answerOf(o.from) != answerOf(o.to) || !sameRemedy(o.from.Remedy, o.to.Remedy)
}

func answerOf(d policy.Decision) Answer { return Answer{d.Outcome, d.Clause} }

func reasoned(d policy.Decision) Reasoned { return Reasoned{answerOf(d), d.Reason, d.Remedy} }

func sameRemedy(a, b *policy.Remedy) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Credits() == b.Credits() && a.Money() == b.Money()
}

// add counts a case.
func (p *Part) add(c Case, o outcome) {
	p.Moved.add(o)
	if !o.changed() {
		return
	}
	p.change(answerOf(o.from), answerOf(o.to)).add(o)
	p.concern(c, o)
	if o.from.Outcome == o.to.Outcome {
		return
	}
	example := Example{Case: c.ID, Kind: c.Kind, From: reasoned(o.from), To: reasoned(o.to)}
	switch o.to.Outcome {
	case policy.OutcomeApproved:
		keep(&p.Examples.Refunded, example)
	case policy.OutcomeDeclined:
		keep(&p.Examples.Refused, example)
	case policy.OutcomeInReview:
		keep(&p.Examples.Review, example)
	}
}

// change returns the change from one answer to another. There are as many as pairs of clauses at
// the most.
func (p *Part) change(from, to Answer) *Change {
	i, found := slices.BinarySearchFunc(p.Changes, Change{From: from, To: to}, byClauses)
	if !found {
		p.Changes = slices.Insert(p.Changes, i, Change{From: from, To: to})
	}
	return &p.Changes[i]
}

// concern counts the case for its customer.
func (p *Part) concern(c Case, o outcome) {
	if p.Customers == nil {
		p.Customers = map[string]Customer{}
	}
	one, known := p.Customers[c.Customer]
	one.Customer = c.Customer
	if !known || c.ID < one.Case {
		one.Case = c.ID
	}
	one.add(o)
	p.Customers[c.Customer] = one
}

// keep inserts an example among the first of an order that no customer and no day has a place of
// its own in: that of the hashes of the ids.
func keep(list *[]Example, example Example) {
	i, _ := slices.BinarySearchFunc(*list, example, func(a, b Example) int {
		one, other := sha256.Sum256([]byte(a.Case)), sha256.Sum256([]byte(b.Case))
		return bytes.Compare(one[:], other[:])
	})
	if *list = slices.Insert(*list, i, example); len(*list) > mostExamples {
		*list = (*list)[:mostExamples]
	}
}
