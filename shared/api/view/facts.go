package view

import (
	"context"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// Store is what staff's view of cases reads.
type Store interface {
	FindGenerations(ctx context.Context, ids ...generation.ID) ([]generation.Generation, error)
	FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error)
	FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
}

// Known is what is on record about some cases.
type Known struct {
	generations map[string]generation.Generation
	cases       map[string][]refund.Case // by generation
	payments    map[string]payment.Payment
}

// LookUp reads what the cases are about, each thing once: generations with all their cases, and the payments that claims name.
func LookUp(ctx context.Context, store Store, cases ...refund.Case) (Known, error) {
	found := Known{map[string]generation.Generation{}, map[string][]refund.Case{}, map[string]payment.Payment{}}
	generations, payments := about(cases)
	if len(generations) > 0 {
		all, err := store.FindGenerations(ctx, generations...)
		if err != nil {
			return Known{}, err
		}
		var ids []refund.CaseID
		for _, g := range all {
			found.generations[string(g.ID)] = g
			ids = append(ids, refund.CaseIDsOf(g)...)
		}
		opened, err := store.FindCases(ctx, ids...)
		if err != nil {
			return Known{}, err
		}
		for _, c := range opened {
			found.cases[c.Generation] = append(found.cases[c.Generation], c)
		}
	}
	if len(payments) > 0 {
		all, err := store.FindPayments(ctx, payments...)
		if err != nil {
			return Known{}, err
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

// Listed returns the case as the staff's list has it: with the instant that it is due and the facts, a claim's words cut and without its proofs.
func (k Known) Listed(c refund.Case) api.Case {
	shown := Listed(c, access.RoleStaff)
	shown.ReviewBy, shown.Facts = api.Optional(c.ReviewBy), k.facts(c)
	if claimed := shown.Facts.Claimed; claimed != nil {
		claimed.Reason, claimed.TransactionIds, claimed.Attachments = api.Said(text.Cut(string(claimed.Reason), maxListed)), nil, nil
	}
	return shown
}

// Case returns the case as staff see it: with the facts.
func (k Known) Case(c refund.Case) api.Case {
	shown := Case(c, access.RoleStaff)
	shown.Facts = k.facts(c)
	return shown
}

// facts returns what was said and what is on record, side by side.
func (k Known) facts(c refund.Case) *api.CaseFacts {
	shown := &api.CaseFacts{Customer: showCounts(c.Known)}
	if len(c.Candidates) > 0 {
		shown.Candidates = candidates(c.Candidates)
	}
	if c.Asked != nil && c.Asked.Claim != nil {
		shown.Claimed = claim(c.Asked.Claim)
	}
	if g, there := k.generations[c.Generation]; there {
		made := Generation(g, k.cases[c.Generation])
		shown.Generation = &made
		shown.Output, shown.Input = links(c, g.Result)
		shown.Usage = usage(c, g)
	}
	if p, there := k.payments[c.Payment]; there {
		paid := Payment(p)
		shown.Payment = &paid
		if p.Purchase != nil {
			shown.Record = &candidates([]refund.Candidate{refund.CandidateOf(p)})[0]
		}
	}
	return shown
}

// usage returns what was done with the picture of a bad result, by the claimant's word and by the record; nil where neither says anything.
func usage(c refund.Case, g generation.Generation) *api.CaseUsage {
	if c.Kind != policy.KindBadResult {
		return nil
	}
	var shown api.CaseUsage
	if c.Asked != nil {
		shown.Said = said(c.Asked.Usage)
	}
	if use := g.UseOf(c.Output); use.Used() {
		recorded := Use(use)
		shown.Recorded = &recorded
	}
	if shown == (api.CaseUsage{}) {
		return nil
	}
	return &shown
}

// said shows what a report says of use, nil where it says nothing.
func said(usage policy.UsageFacts) *api.Usage {
	if usage == (policy.UsageFacts{}) {
		return nil
	}
	return &api.Usage{BulkDownloaded: usage.BulkDownloaded, CommercialUse: usage.CommercialUse}
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
