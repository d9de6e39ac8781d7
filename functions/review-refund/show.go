package main

import (
	"context"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

// known is what is on record about the cases of a page.
type known struct {
	generations map[string]generation.Generation
	cases       map[string][]refund.Case // by generation
	payments    map[string]payment.Payment
}

// lookUp reads what the cases are about, each thing once: generations with all their cases, and the payments that claims name.
func (h handler) lookUp(ctx context.Context, cases []refund.Case) (known, error) {
	found := known{map[string]generation.Generation{}, map[string][]refund.Case{}, map[string]payment.Payment{}}
	generations, payments := about(cases)
	if len(generations) > 0 {
		all, err := h.store.FindGenerations(ctx, generations...)
		if err != nil {
			return known{}, err
		}
		var ids []refund.CaseID
		for _, g := range all {
			found.generations[string(g.ID)] = g
			ids = append(ids, refund.CaseIDsOf(g)...)
		}
		opened, err := h.store.FindCases(ctx, ids...)
		if err != nil {
			return known{}, err
		}
		for _, c := range opened {
			found.cases[c.Generation] = append(found.cases[c.Generation], c)
		}
	}
	if len(payments) > 0 {
		all, err := h.store.FindPayments(ctx, payments...)
		if err != nil {
			return known{}, err
		}
		for _, p := range all {
			found.payments[string(p.ID)] = p
		}
	}
	return found, nil
}

// about returns the generations and payments that the cases name, none twice.
func about(cases []refund.Case) (generations []generation.ID, payments []payment.ID) {
	seen := map[string]bool{"": true}
	for _, c := range cases {
		if !seen[c.Generation] {
			generations = append(generations, generation.ID(c.Generation))
		}
		if key := "payment:" + c.Payment; c.Payment != "" && !seen[key] {
			seen[key], payments = true, append(payments, payment.ID(c.Payment))
		}
		seen[c.Generation] = true
	}
	return generations, payments
}

// show returns the case as the staff's list has it: with the instant that it is due and the facts on record.
func (k known) show(c refund.Case) api.Case {
	shown := view.Listed(c, access.RoleStaff)
	shown.ReviewBy = api.Optional(c.ReviewBy)
	shown.Facts = &api.CaseFacts{Customer: showCounts(c.Known)}
	if g, there := k.generations[c.Generation]; there {
		made := view.Generation(g, k.cases[c.Generation])
		shown.Facts.Generation = &made
		shown.Facts.Output, shown.Facts.Input = links(c, g.Result)
	}
	if p, there := k.payments[c.Payment]; there {
		paid := view.Payment(p)
		shown.Facts.Payment = &paid
	}
	return shown
}

// links returns the output that the case is about and the input, as far as the worker told of them.
func links(c refund.Case, result *generation.Result) (output *api.ResultOutput, input *api.ResultInput) {
	if result == nil {
		return nil, nil
	}
	if c.Kind == policy.KindBadResult && c.Output < len(result.Outputs) && result.Outputs[c.Output].URL != "" {
		came := result.Outputs[c.Output]
		output = &api.ResultOutput{URL: came.URL, Sha256: optional(came.SHA256), MediaType: optional(came.MediaType)}
	}
	if result.InputURL != "" {
		input = &api.ResultInput{URL: &result.InputURL}
	}
	return output, input
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// showCounts shows a customer of whom nothing is known as the zero of everything, in good standing.
func showCounts(customer *policy.CustomerFacts) api.CustomerFacts {
	if customer == nil {
		return api.CustomerFacts{Standing: api.StandingGood}
	}
	shown := api.CustomerFacts{
		Standing: api.Standing(customer.Standing), Requests30D: customer.Requests30d, Refunds30D: customer.Refunds30d,
		Generations30D: customer.Generations30d,
	}
	if customer.Standing == "" {
		shown.Standing = api.Standing(ledger.StandingGood)
	}
	return shown
}

func showStanding(s standing.Standing) api.CustomerStanding {
	shown := api.CustomerStanding{
		Customer: string(s.Customer), Standing: api.Standing(s.Standing), History: make([]api.StandingChange, len(s.History)),
	}
	for i, change := range s.History {
		shown.History[i] = api.StandingChange{At: api.MomentOf(change.At), Standing: api.Standing(change.Standing), Note: change.Note, By: change.By}
	}
	return shown
}

func showTallies(tallies []refund.AppealTally) api.AppealList {
	shown := api.AppealList{Clauses: make([]api.AppealTally, len(tallies))}
	for i, one := range tallies {
		shown.Clauses[i] = api.AppealTally{Policy: one.Policy, Clause: one.Clause, Upheld: one.Upheld, Overturned: one.Overturned}
	}
	return shown
}
