package main

import (
	"slices"
	"time"

	"makegood/shared/api"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

func showCustomer(wallet ledger.Wallet, held ledger.Credits, unit policy.Unit, now time.Time) api.Customer {
	shown := api.Customer{
		ID: string(wallet.Customer), Standing: string(wallet.Standing), Unit: api.Unit{Name: unit.Name, Scale: unit.Scale},
		Balance: api.Balance{Available: int64(wallet.Available(now)), Held: int64(held), Owed: int64(wallet.Owed())},
		Lots:    []api.Lot{},
	}
	for _, lot := range wallet.Lots {
		if lot.Live(now) {
			shown.Lots = append(shown.Lots, api.Lot{
				ID: string(lot.ID), Source: string(lot.Source), Granted: int64(lot.Granted), Remaining: int64(lot.Remaining),
				ExpiresAt: api.Optional(lot.ExpiresAt),
			})
		}
	}
	return shown
}

func showRow(row statement.Row) api.StatementEntry {
	return api.StatementEntry{
		ID: row.ID, At: api.Instant(row.At), Cause: string(row.Cause), Reason: row.Reason, From: string(row.From), To: string(row.To),
		Amount: int64(row.Amount), Generation: row.Generation, Payment: row.Payment, Case: row.Case,
	}
}

func showGeneration(g generation.Generation) api.Generation {
	shown := api.Generation{
		ID: string(g.ID), Customer: string(g.Customer), Feature: g.Feature, Platform: g.Platform, Surface: g.Surface, Mode: g.Mode,
		Model: g.Model, Outputs: g.Outputs, State: string(g.State), Price: int64(g.Price), Refunded: int64(g.Refunded),
		StartedAt: api.Instant(g.StartedAt), Cases: append([]string{}, g.Cases...),
	}
	if len(g.Cases) > 0 {
		shown.Case = g.Cases[0]
	}
	if g.Result != nil && g.Hash != "" { // an overdue hold has no result: what stands there is our own word
		shown.FinishedAt = api.Optional(g.Result.FinishedAt)
	}
	if f := g.Failure(); f != nil {
		shown.Failure = &api.Failure{Cause: string(f.Cause), Code: f.Code, Message: f.Message}
	}
	if g.Late != nil {
		shown.Late = &api.LateResult{Status: string(g.Late.Status), At: api.Instant(g.Late.At)}
	}
	return shown
}

func showCase(c refund.Case) api.Case {
	shown := api.Case{
		ID: string(c.ID), Kind: string(c.Kind), Customer: string(c.Customer), Generation: c.Generation, State: string(c.State),
		Notice: c.Notice, OpenedAt: api.Instant(c.OpenedAt), History: make([]api.CaseEvent, len(c.History)),
	}
	for i, event := range c.History {
		shown.History[i] = api.CaseEvent{At: api.Instant(event.At), State: string(event.State), Actor: event.Actor, Note: event.Note}
	}
	if c.Decision != nil {
		shown.Decision = showDecision(*c.Decision)
	}
	return shown
}

func showDecision(d policy.Decision) *api.Decision {
	shown := &api.Decision{
		Outcome: string(d.Outcome), Clause: d.Clause, Reason: d.Reason, RespondBy: d.RespondBy, PayBy: d.PayBy,
		Policy: api.PolicyRef{Name: d.Policy.Name, Revision: d.Policy.Revision, Digest: d.Policy.Digest},
		Trace:  make([]api.TraceStep, len(d.Trace)),
	}
	for i, step := range d.Trace {
		shown.Trace[i] = api.TraceStep{Clause: step.Clause, Matched: step.Matched}
	}
	if d.Remedy != nil {
		shown.Remedy = &api.Remedy{Credits: int64(d.Remedy.Credits), Money: d.Remedy.Money, To: string(d.Remedy.To)}
	}
	return shown
}

func showStuck(item due.Item) api.StuckItem {
	shown := api.StuckItem{
		Kind: string(item.Kind), ID: item.Sort, Customer: string(item.Customer), StuckAt: api.Instant(item.At), Attempts: item.Attempts,
	}
	for step := range item.Todo {
		shown.Steps = append(shown.Steps, string(step))
	}
	slices.Sort(shown.Steps)
	return shown
}

func showPolicy(revision policy.Revision) api.Policy {
	shown := api.Policy{
		Name: revision.Name, Revision: revision.Revision, Digest: revision.Digest,
		Unit:     api.Unit{Name: revision.Unit.Name, Scale: revision.Unit.Scale},
		Packages: []api.Package{}, Features: []api.Feature{},
	}
	for _, sold := range revision.Packages() {
		shown.Packages = append(shown.Packages, api.Package{Name: sold.Name, Credits: int64(sold.Credits), Price: sold.Price})
	}
	for _, feature := range revision.Features() {
		shown.Features = append(shown.Features, api.Feature{
			Name: feature.Name, Price: int64(feature.Price),
			Reportable: api.Reportable{Ios: feature.Reportable.IOS, Android: feature.Reportable.Android, Web: feature.Reportable.Web},
		})
	}
	return shown
}
