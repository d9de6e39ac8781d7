package view

import (
	"context"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// Store is what staff's view of cases reads. Each read returns what it finds, in any order.
type Store interface {
	// FindGenerations returns the generations with these ids; unknown ones are left out.
	FindGenerations(ctx context.Context, ids ...generation.ID) ([]generation.Generation, error)
	// FindCases returns the cases with these ids; unknown ones are left out.
	FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error)
	// FindPayments returns the payments with these ids; unknown ones are left out.
	FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
}

// Known is what is on record about some cases.
type Known struct {
	generations map[string]generation.Generation
	cases       map[string][]refund.Case // by generation
	payments    map[string]payment.Payment
}

// LookUp reads what the cases are about, each thing once: generations with all their cases, and the
// payments that claims name.
func LookUp(ctx context.Context, store Store, cases ...refund.Case) (Known, error) {
	known := Known{map[string]generation.Generation{}, map[string][]refund.Case{}, map[string]payment.Payment{}}
	// A page of cases may name one generation many times: read each once, and all in one call.
	generations, payments := about(cases)
	if len(generations) > 0 {
		all, err := store.FindGenerations(ctx, generations...)
		if err != nil {
			return Known{}, fault.At("view.LookUp: load generations", "", err)
		}
		// Staff judge a case beside the other cases of its generation, so those are read too.
		var ids []refund.CaseID
		for _, g := range all {
			known.generations[string(g.ID)] = g
			ids = append(ids, refund.CaseIDsOf(g)...)
		}
		others, err := store.FindCases(ctx, ids...)
		if err != nil {
			return Known{}, fault.At("view.LookUp: load cases", "", err)
		}
		for _, c := range others {
			known.cases[c.Generation] = append(known.cases[c.Generation], c)
		}
	}
	// Payments that claims name may belong to anyone, or be unknown: then the view has no record
	// beside the claim.
	if len(payments) > 0 {
		all, err := store.FindPayments(ctx, payments...)
		if err != nil {
			return Known{}, fault.At("view.LookUp: load payments", "", err)
		}
		for _, p := range all {
			known.payments[string(p.ID)] = p
		}
	}
	return known, nil
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

// Listed returns the case as the staff's list has it: with the instant that it is due and the
// facts. A claim's words are cut, and its proofs left out.
func (k Known) Listed(c refund.Case) api.Case {
	response := Listed(c, access.RoleStaff)
	response.ReviewBy, response.Facts = api.Optional(c.ReviewBy), k.facts(c)
	if request := response.Facts.Claimed; request != nil {
		request.Reason, request.TransactionIds, request.Attachments = api.RequiredText(text.Cut(string(request.Reason), maxListed)), nil, nil
	}
	return response
}

// Case returns the case as staff see it: with the facts.
func (k Known) Case(c refund.Case) api.Case {
	response := Case(c, access.RoleStaff)
	response.Facts = k.facts(c)
	return response
}

// facts returns the claimant's word and what is on record, side by side.
func (k Known) facts(c refund.Case) *api.CaseFacts {
	// The customer's standing and counts are shown even where nothing is known of them: staff must
	// see the zero.
	response := &api.CaseFacts{Customer: counts(c.Known)}
	if len(c.Candidates) > 0 {
		response.Candidates = candidates(c.Candidates)
	}
	// Next to each other: what was claimed, and below what our own records say of the same thing.
	if c.Statement != nil && c.Statement.Claim != nil {
		response.Claimed = claim(c.Statement.Claim)
	}
	if g, ok := k.generations[c.Generation]; ok {
		view := Generation(g, k.cases[c.Generation])
		response.Generation = &view
		response.Output, response.Input = links(c, g.Result)
		response.Usage = usage(c, g)
	}
	if p, ok := k.payments[c.Payment]; ok {
		view := Payment(p)
		response.Payment = &view
		if p.Purchase != nil {
			response.Record = &candidates([]refund.Candidate{refund.CandidateOf(p)})[0]
		}
	}
	return response
}

// usage returns what was done with the picture of a bad result, by the claimant's word and by the
// record. Nil where neither has anything.
func usage(c refund.Case, g generation.Generation) *api.CaseUsage {
	if c.Kind != policy.KindBadResult {
		return nil
	}
	var response api.CaseUsage
	if c.Statement != nil {
		response.Said = admitted(c.Statement.Usage)
	}
	// The record is the app's own; it may contradict the claimant, and the policy goes by both.
	if use := g.UseOf(c.Output); use.Used() {
		view := Use(use)
		response.Recorded = &view
	}
	if response == (api.CaseUsage{}) {
		return nil
	}
	return &response
}

// admitted returns the use that a report admits, nil where it admits none.
func admitted(usage policy.UsageFacts) *api.Usage {
	if usage == (policy.UsageFacts{}) {
		return nil
	}
	return &api.Usage{BulkDownloaded: usage.BulkDownloaded, CommercialUse: usage.CommercialUse}
}

// links returns the output that the case is about, and the input, as far as the worker sent links
// to them.
func links(c refund.Case, result *generation.Result) (output *api.ResultOutput, input *api.ResultInput) {
	if result == nil {
		return nil, nil
	}
	if c.Kind == policy.KindBadResult && c.Output < len(result.Outputs) && result.Outputs[c.Output].URL != "" {
		file := result.Outputs[c.Output]
		output = &api.ResultOutput{URL: file.URL, Sha256: optional(file.SHA256), MediaType: optional(file.MediaType)}
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

// counts shows a customer of whom nothing is known as zero of everything, in good standing.
func counts(customer *policy.CustomerFacts) api.CustomerFacts {
	if customer == nil {
		return api.CustomerFacts{Standing: api.StandingGood}
	}
	response := api.CustomerFacts{
		Standing: api.Standing(customer.Standing), Requests30D: customer.Requests30d, Refunds30D: customer.Refunds30d,
		Generations30D: customer.Generations30d,
	}
	if customer.Standing == "" {
		response.Standing = api.Standing(ledger.StandingGood)
	}
	return response
}
