package main

import (
	"cmp"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

func showCustomer(wallet ledger.Wallet, held ledger.Credits, costs []generation.MonthCost, unit policy.Unit, now time.Time) api.Customer {
	shown := api.Customer{
		ID: string(wallet.Customer), Standing: string(wallet.Standing), Unit: api.Unit{Name: unit.Name, Scale: unit.Scale},
		Balance: api.Balance{Available: int64(wallet.Available(now)), Held: int64(held), Owed: int64(wallet.Owed())},
		Lots:    []api.Lot{},
	}
	for _, cost := range costs {
		shown.OwnKeyCosts = append(shown.OwnKeyCosts, api.MonthCost{
			Month: cost.Month, Currency: cost.Currency, Micros: cost.Micros, Generations: cost.Generations,
		})
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

func showRows(rows []statement.Row, role access.Role) []api.StatementEntry {
	shown := make([]api.StatementEntry, len(rows))
	for i, row := range rows {
		shown[i] = showRow(row, role)
	}
	return shown
}

// showRow returns the line. What whoever gave credits noted on them is not the customer's to read.
func showRow(row statement.Row, role access.Role) api.StatementEntry {
	shown := api.StatementEntry{
		ID: row.ID, At: api.MomentOf(row.At), Cause: string(row.Cause), Reason: row.Reason, From: string(row.From), To: string(row.To),
		Amount: int64(row.Amount), Generation: row.Generation, Payment: row.Payment, Case: row.Case,
		Cost: view.Cost(row.Cost),
	}
	if role != access.RoleCustomer {
		shown.Note = row.Note
	}
	return shown
}

func showStuck(item due.Item) api.StuckItem {
	shown := api.StuckItem{
		Kind: string(item.Kind), ID: cmp.Or(item.Sort, item.Partition), Customer: string(item.Customer), StuckAt: api.MomentOf(item.At), Attempts: item.Attempts,
	}
	for step := range item.Todo {
		shown.Steps = append(shown.Steps, string(step))
	}
	slices.Sort(shown.Steps)
	return shown
}

func showPolicy(revision policy.Revision) api.Policy {
	shown := api.Policy{
		Name: revision.Name, Title: revision.Title, Revision: revision.Revision, Digest: revision.Digest,
		Unit:  api.Unit{Name: revision.Unit.Name, Scale: revision.Unit.Scale},
		Modes: texts(revision.Modes), Packages: []api.Package{}, Features: []api.Feature{},
		Duplicates: api.Duplicates{
			Same: policy.Span(revision.Duplicates.Same), Look: policy.Span(revision.Duplicates.Look), Auto: revision.Duplicates.Auto,
		},
		Surfaces: api.Surfaces{Editor: revision.Surfaces.Editor, Batch: revision.Surfaces.Batch, Catalog: revision.Surfaces.Catalog},
		Windows:  api.Windows{Report: showSpan(revision.ReportWindow), Purchase: showSpan(revision.PurchaseWindow), Appeal: showSpan(revision.AppealWindow)},
		Response: api.ResponseTimes{
			Calendar: revision.Response.Calendar, RespondDays: showDays(revision.Response.Respond), PayDays: showDays(revision.Response.Pay),
		},
		Contact: api.Contact{
			Name: revision.Contact.Name, Email: revision.Contact.Email, Phone: revision.Contact.Phone, Address: revision.Contact.Address,
		},
		Clauses: []api.Clause{}, Notices: []api.NoticeWords{},
	}
	for _, sold := range revision.Packages() {
		shown.Packages = append(shown.Packages, api.Package{Name: sold.Name, Title: sold.Title, Credits: int64(sold.Credits), Price: sold.Price})
	}
	for _, feature := range revision.Features() {
		shown.Features = append(shown.Features, api.Feature{
			Name: feature.Name, Title: feature.Title, Price: int64(feature.Price), Prices: showPrices(feature.Prices),
			Reportable: api.Reportable{Ios: feature.Reportable.IOS, Android: feature.Reportable.Android, Web: feature.Reportable.Web},
		})
	}
	for _, clause := range revision.Clauses() {
		shown.Clauses = append(shown.Clauses, api.Clause{
			ID: clause.ID, Heading: clause.Heading, Text: clause.Text, Table: string(clause.Table), Ours: clause.Ours,
			Decides: texts(revision.Answers(clause.ID)), Binds: string(clause.Binds),
		})
	}
	for _, told := range revision.NoticeViews() {
		shown.Notices = append(shown.Notices, api.NoticeWords{
			Outcome: string(told.Outcome), Kinds: texts(told.Kinds), Money: told.Money, Name: told.Name, Words: told.Words,
		})
	}
	return shown
}

// texts shows words as the contract has them, nil for none.
func texts[T ~string](words []T) []string {
	var shown []string
	for _, word := range words {
		shown = append(shown, string(word))
	}
	return shown
}

// showSpan shows a window, "" for none.
func showSpan(window time.Duration) string {
	if window == 0 {
		return ""
	}
	return policy.Span(window)
}

// showDays shows what something takes, nil where the policy does not say.
func showDays(days policy.Days) *api.BusinessDays {
	if days.To == 0 {
		return nil
	}
	return &api.BusinessDays{From: days.From, To: days.To, Aim: days.Aim}
}

func showPrices(rows []generation.PriceRow) []api.OptionPrice {
	var shown []api.OptionPrice
	for _, row := range rows {
		price := api.OptionPrice{When: api.PriceOptions{Model: row.Model, Size: row.Size}, MaxSeconds: row.MaxSeconds}
		if row.ByLength() {
			price.PerSecond = new(int64(row.PerSecond))
		} else {
			price.Price = new(int64(row.Price))
		}
		shown = append(shown, price)
	}
	return shown
}

// appealUntil shows until when the case may be appealed, nil where it may not.
func appealUntil(c refund.Case, published *policy.Policy, now time.Time) *api.Moment {
	until := refund.AppealUntil(c, published)
	if now.After(until) {
		return nil
	}
	return api.OptionalMoment(until)
}
