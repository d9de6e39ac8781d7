package view

import (
	"cmp"
	"maps"
	"slices"

	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// noCurrency is ISO 4217's own word for it.
const noCurrency = "XXX"

// Payment returns the payment as staff see it. An amount whose currency the provider left out is
// shown in the purchase's, or in none.
func Payment(p payment.Payment) api.Payment {
	response := api.Payment{
		ID: string(p.ID), Provider: p.Provider, State: api.PaymentState(p.State), WaitsSince: api.OptionalMoment(p.WaitsSince), Customer: string(p.Customer()),
		GrantedAt: api.OptionalMoment(p.GrantedAt), Granted: int64(p.Granted()), Taken: int64(p.Clawback.Total()), Owed: int64(owed(p.Clawback)),
		Lot: string(p.Clawback.Lot.ID), Promised: []api.Promise{},
		Repeats: make([]string, len(p.DuplicateOf)), Resolutions: make([]api.Resolution, len(p.Resolutions)),
	}
	// A payment waits for one reason at a time; absent means that nobody has to look at it.
	if reason := api.WaitReason(p.Waits()); reason != "" {
		response.Waits = &reason
	}
	// Refunds may come before their purchase. Until it is known there is no currency to show them
	// in.
	var currency string
	refunds, disputes, status := p.Latest()
	if record := p.Purchase; record != nil {
		currency, response.Named = record.Subtotal.Currency, record.Named
		response.Purchase = purchase(*record, status)
		if refunded := in(money.Amount{Minor: p.RefundTotal()}, currency); refunded.Minor > 0 {
			response.GoneBack = &refunded
		}
	}
	// Maps are walked in the order of their keys, so that the same payment reads the same each
	// time.
	response.Refunds, response.Disputes = providerRefunds(refunds, currency), providerDisputes(disputes, currency)
	addPromises(&response, p, currency)
	for _, provider := range slices.Sorted(maps.Keys(p.Others)) {
		response.Others = append(response.Others, other(provider, p.Others[provider]))
	}
	for i, id := range p.DuplicateOf {
		response.Repeats[i] = string(id)
	}
	for _, id := range p.DuplicatedBy {
		response.RepeatedBy = append(response.RepeatedBy, string(id))
	}
	// Every resolution by staff is listed, the undone ones too: this is the record of who decided
	// what.
	for i, r := range p.Resolutions {
		response.Resolutions[i] = api.Resolution{
			Action: api.ResolveAction(r.Action), Reason: api.WaitReason(r.Reason), Note: r.Note, By: r.By,
			Customer: string(r.Customer), Package: r.Package, At: api.MomentOf(r.At), Undone: r.Undone,
		}
	}
	return response
}

func purchase(p payment.Purchase, status payment.Status) *api.Purchase {
	return &api.Purchase{
		OrderedAt: api.Instant(p.OrderedAt),
		Package:   p.Package, Subtotal: in(p.Subtotal, ""), Paid: in(p.Money(), ""), Status: string(status),
		PaidAt: api.Instant(p.PaidAt), Livemode: p.Livemode,
	}
}

func providerRefunds(refunds map[string]payment.Refund, currency string) []api.ProviderRefund {
	list := []api.ProviderRefund{}
	for _, id := range slices.Sorted(maps.Keys(refunds)) {
		r := refunds[id]
		list = append(list, api.ProviderRefund{ID: id, Amount: in(r.Amount, currency), Status: string(r.Status), Case: r.Case})
	}
	return list
}

func providerDisputes(disputes map[string]payment.Dispute, currency string) []api.ProviderDispute {
	list := []api.ProviderDispute{}
	for _, id := range slices.Sorted(maps.Keys(disputes)) {
		d := disputes[id]
		dispute := api.ProviderDispute{ID: id, Amount: in(d.Amount, currency), Status: string(d.Status), Reason: d.Reason}
		if !d.DueBy.IsZero() {
			dispute.DueBy = new(api.MomentOf(d.DueBy))
		}
		list = append(list, dispute)
	}
	return list
}

// other shows what a second provider sends about the same payment id.
func other(provider string, others payment.Others) api.OtherProvider {
	refunds, disputes, status := others.Latest()
	response := api.OtherProvider{Provider: provider, Refunds: providerRefunds(refunds, ""), Disputes: providerDisputes(disputes, "")}
	if others.Purchase != nil {
		response.Purchase = purchase(*others.Purchase, status)
	}
	return response
}

// addPromises adds the money promised by cases, in the order of the case ids.
func addPromises(response *api.Payment, p payment.Payment, currency string) {
	for _, caseID := range slices.Sorted(maps.Keys(p.Promised)) {
		promise := p.Promised[caseID]
		response.Promised = append(response.Promised, api.Promise{
			Case: caseID, Amount: in(money.Amount{Minor: promise.Minor}, currency), Credits: int64(promise.Credits), Money: promise.Money,
			Progress: string(p.Progress(caseID)), Note: promise.Note,
		})
	}
}

// owed returns what is still owed of what could not be taken.
func owed(t ledger.Clawback) ledger.Credits { return t.Owed - ledger.Sum(t.DebtPaid) }

func in(amount money.Amount, currency string) money.Amount {
	amount.Currency = cmp.Or(amount.Currency, currency, noCurrency)
	return amount
}
