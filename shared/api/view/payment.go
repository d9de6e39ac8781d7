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

// Payment returns the payment as staff see it. An amount whose currency the provider left out is shown in that of the purchase, or in none.
func Payment(p payment.Payment) api.Payment {
	shown := api.Payment{
		ID: string(p.ID), Provider: p.Provider, State: api.PaymentState(p.State), WaitsSince: api.OptionalMoment(p.WaitsSince), Customer: string(p.Customer()),
		GrantedAt: api.OptionalMoment(p.GrantedAt), Granted: int64(p.Granted()), Taken: int64(p.Clawback.Total()), Owed: int64(owed(p.Clawback)),
		Lot: string(p.Clawback.Lot.ID), Promised: []api.Promise{},
		Repeats: make([]string, len(p.Repeats)), Resolutions: make([]api.Resolution, len(p.Resolutions)),
	}
	if reason := api.WaitReason(p.Waits()); reason != "" {
		shown.Waits = &reason
	}
	var currency string
	refunds, disputes, status := p.Latest()
	if bought := p.Purchase; bought != nil {
		currency, shown.Named = bought.Subtotal.Currency, bought.Named
		shown.Purchase = purchase(*bought, status)
		if back := in(money.Amount{Minor: p.GoneBack()}, currency); back.Minor > 0 {
			shown.GoneBack = &back
		}
	}
	shown.Refunds, shown.Disputes = providerRefunds(refunds, currency), providerDisputes(disputes, currency)
	showPromised(&shown, p, currency)
	for _, provider := range slices.Sorted(maps.Keys(p.Others)) {
		shown.Others = append(shown.Others, other(provider, p.Others[provider]))
	}
	for i, id := range p.Repeats {
		shown.Repeats[i] = string(id)
	}
	for _, id := range p.RepeatedBy {
		shown.RepeatedBy = append(shown.RepeatedBy, string(id))
	}
	for i, r := range p.Resolutions {
		shown.Resolutions[i] = api.Resolution{
			Action: api.ResolveAction(r.Action), Reason: api.WaitReason(r.Reason), Note: r.Note, By: r.By,
			Customer: string(r.Customer), Package: r.Package, At: api.MomentOf(r.At), Undone: r.Undone,
		}
	}
	return shown
}

func purchase(bought payment.Purchase, status payment.Status) *api.Purchase {
	return &api.Purchase{
		OrderedAt: api.Instant(bought.OrderedAt),
		Package:   bought.Package, Subtotal: in(bought.Subtotal, ""), Paid: in(bought.Money(), ""), Status: string(status),
		PaidAt: api.Instant(bought.PaidAt), Livemode: bought.Livemode,
	}
}

func providerRefunds(refunds map[string]payment.Refund, currency string) []api.ProviderRefund {
	shown := []api.ProviderRefund{}
	for _, id := range slices.Sorted(maps.Keys(refunds)) {
		r := refunds[id]
		shown = append(shown, api.ProviderRefund{ID: id, Amount: in(r.Amount, currency), Status: string(r.Status), Case: r.Case})
	}
	return shown
}

func providerDisputes(disputes map[string]payment.Dispute, currency string) []api.ProviderDispute {
	shown := []api.ProviderDispute{}
	for _, id := range slices.Sorted(maps.Keys(disputes)) {
		d := disputes[id]
		shown = append(shown, api.ProviderDispute{ID: id, Amount: in(d.Amount, currency), Status: string(d.Status)})
	}
	return shown
}

// other shows what a provider says of a payment that it is not of.
func other(provider string, others payment.Others) api.OtherProvider {
	refunds, disputes, status := others.Latest()
	shown := api.OtherProvider{Provider: provider, Refunds: providerRefunds(refunds, ""), Disputes: providerDisputes(disputes, "")}
	if others.Purchase != nil {
		shown.Purchase = purchase(*others.Purchase, status)
	}
	return shown
}

// showPromised shows what is promised of the payment.
func showPromised(shown *api.Payment, p payment.Payment, currency string) {
	for _, caseID := range slices.Sorted(maps.Keys(p.Promised)) {
		promise := p.Promised[caseID]
		shown.Promised = append(shown.Promised, api.Promise{
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
