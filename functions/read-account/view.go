package main

import (
	"time"

	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// customerView returns a wallet at now. Held credits are no part of it: they are the generations'.
func customerView(wallet ledger.Wallet, holds ledger.Credits, costs []generation.MonthCost, unit policy.Unit, now time.Time) api.Customer {
	response := api.Customer{
		ID: string(wallet.Customer), Standing: string(wallet.Standing), Unit: api.Unit{Name: unit.Name, Scale: unit.Scale},
		Balance: api.Balance{Available: int64(wallet.Available(now)), Held: int64(holds), Owed: int64(wallet.Owed())},
		Lots:    []api.Lot{},
	}
	for _, cost := range costs {
		response.OwnKeyCosts = append(response.OwnKeyCosts, api.MonthCost{
			Month: cost.Month, Currency: cost.Currency, Micros: cost.Micros, Generations: cost.Generations,
		})
	}
	// A lot that has expired may still be in the wallet: no step has touched it since.
	for _, lot := range wallet.Lots {
		if lot.Live(now) {
			response.Lots = append(response.Lots, api.Lot{
				ID: string(lot.ID), Source: string(lot.Source), Granted: int64(lot.Granted), Remaining: int64(lot.Remaining),
				ExpiresAt: api.Optional(lot.ExpiresAt),
			})
		}
	}
	return response
}

// policyView returns a revision as its reader gets it, in the language that the revision is in.
func policyView(revision policy.Revision) api.Policy {
	response := api.Policy{
		Name: revision.Name, Title: revision.Title, Revision: revision.Revision, Digest: revision.Digest,
		Unit:  api.Unit{Name: revision.Unit.Name, Scale: revision.Unit.Scale},
		Modes: texts(revision.Modes), Packages: []api.Package{}, Features: []api.Feature{},
		Duplicates: api.Duplicates{
			Same: policy.Span(revision.Duplicates.Same), Look: policy.Span(revision.Duplicates.Look), Auto: revision.Duplicates.Auto,
		},
		Surfaces: api.Surfaces{Editor: revision.Surfaces.Editor, Batch: revision.Surfaces.Batch, Catalog: revision.Surfaces.Catalog},
		Windows:  api.Windows{Report: spanOf(revision.ReportWindow), Purchase: spanOf(revision.PurchaseWindow), Appeal: spanOf(revision.AppealWindow)},
		Response: api.ResponseTimes{
			Calendar: revision.Response.Calendar, RespondDays: daysOf(revision.Response.Respond), PayDays: daysOf(revision.Response.Pay),
		},
		Contact: api.Contact{
			Name: revision.Contact.Name, Email: revision.Contact.Email, Phone: revision.Contact.Phone, Address: revision.Contact.Address,
		},
		Clauses: []api.Clause{}, Notices: []api.NoticeWords{},
	}
	for _, p := range revision.Packages() {
		response.Packages = append(response.Packages, api.Package{Name: p.Name, Title: p.Title, Credits: int64(p.Credits), Price: p.Price})
	}
	for _, feature := range revision.Features() {
		response.Features = append(response.Features, api.Feature{
			Name: feature.Name, Title: feature.Title, Price: int64(feature.Price), Prices: pricesOf(feature.Prices), Examples: feature.Examples,
			Reportable: api.Reportable{Ios: feature.Reportable.IOS, Android: feature.Reportable.Android, Web: feature.Reportable.Web},
		})
	}
	// A clause says which outcomes it decides, so that a reader need not read the rules for it.
	for _, clause := range revision.Clauses() {
		response.Clauses = append(response.Clauses, api.Clause{
			ID: clause.ID, Heading: clause.Heading, Text: clause.Text, Table: string(clause.Table), Ours: clause.Ours,
			Decides: texts(revision.Answers(clause.ID)), Binds: string(clause.Binds),
		})
	}
	for _, notice := range revision.NoticeViews() {
		response.Notices = append(response.Notices, api.NoticeWords{
			Outcome: string(notice.Outcome), Kinds: texts(notice.Kinds), Money: notice.Money, Name: notice.Name, Words: notice.Words,
		})
	}
	for _, issue := range revision.Issues() {
		response.Issues = append(response.Issues, api.IssueLabel{Issue: string(issue.Issue), Label: issue.Label})
	}
	for _, claim := range revision.ClaimForms() {
		response.Claims = append(response.Claims, api.ClaimForm{
			Kind: string(claim.Kind), Label: claim.Label, Needs: texts(claim.Needs), Takes: texts(claim.Takes),
		})
	}
	return response
}

// texts returns words as the contract has them, nil for none.
func texts[T ~string](words []T) []string {
	var response []string
	for _, word := range words {
		response = append(response, string(word))
	}
	return response
}

// spanOf returns a window as a policy file writes it, "" for none.
func spanOf(window time.Duration) string {
	if window == 0 {
		return ""
	}
	return policy.Span(window)
}

// daysOf returns how many business days something takes, nil where the policy does not say.
func daysOf(days policy.Days) *api.BusinessDays {
	if days.To == 0 {
		return nil
	}
	return &api.BusinessDays{From: days.From, To: days.To, Aim: days.Aim}
}

// pricesOf returns the prices with options: one of each has a price, or a price of each second.
func pricesOf(rows []generation.PriceRow) []api.OptionPrice {
	var response []api.OptionPrice
	for _, row := range rows {
		price := api.OptionPrice{When: api.PriceOptions{Model: row.Model, Size: row.Size}, MaxSeconds: row.MaxSeconds}
		if row.ByLength() {
			price.PerSecond = new(int64(row.PerSecond))
		} else {
			price.Price = new(int64(row.Price))
		}
		response = append(response, price)
	}
	return response
}

// nextStep returns what happens next to the case, nil where nothing does.
func nextStep(c refund.Case, appealUntil *api.Moment) *api.NextStep {
	switch {
	case c.State == refund.StateReceived:
		return &api.NextStep{Step: "decision"}
	case c.State == refund.StateInReview:
		next := &api.NextStep{Step: "decision"}
		// The promise was for the request: money that failed since has none.
		if latest, _ := c.Latest(); latest.Type != refund.MessageFailed && c.Decision.RespondBy != nil {
			next.By = api.OptionalMoment(*c.Decision.RespondBy)
		}
		return next
	case c.State == refund.StatePaying:
		next := &api.NextStep{Step: "payment"}
		if c.Decision.PayBy != nil {
			next.By = api.OptionalMoment(*c.Decision.PayBy)
		}
		return next
	case appealUntil != nil:
		return &api.NextStep{Step: "appeal", By: appealUntil}
	}
	return nil
}

// appealUntil returns until when the case may be appealed, nil where it may not.
func appealUntil(c refund.Case, p *policy.Policy, now time.Time) *api.Moment {
	until := refund.AppealUntil(c, p)
	if now.After(until) {
		return nil
	}
	return api.OptionalMoment(until)
}
