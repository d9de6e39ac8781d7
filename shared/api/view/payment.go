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
		GrantedAt: api.OptionalMoment(p.GrantedAt), Granted: int64(p.Granted()), Taken: int64(p.Taking.Taken()), Owed: int64(owed(p.Taking)),
		Lot: string(p.Taking.Lot.ID), Refunds: []api.ProviderRefund{}, Disputes: []api.ProviderDispute{}, Promised: []api.Promise{},
		Repeats: make([]string, len(p.Repeats)),
	}
	if reason := api.WaitReason(p.Waits()); reason != "" {
		shown.Waits = &reason
	}
	var currency string
	if bought := p.Purchase; bought != nil {
		currency, shown.Named = bought.Subtotal.Currency, bought.Named
		shown.Purchase = &api.Purchase{
			Package: bought.Package, Subtotal: in(bought.Subtotal, ""), Paid: in(bought.Money(), ""), Status: string(bought.Status),
			PaidAt: api.Instant(bought.PaidAt), Livemode: bought.Livemode,
		}
		if back := in(money.Amount{Minor: p.GoneBack()}, currency); back.Minor > 0 {
			shown.GoneBack = &back
		}
	}
	showBack(&shown, p, currency)
	for i, id := range p.Repeats {
		shown.Repeats[i] = string(id)
	}
	if r := p.Resolution; r != nil {
		shown.Resolution = &api.Resolution{
			Action: api.ResolveAction(r.Action), Reason: api.WaitReason(cmp.Or(r.Reason, payment.ReasonNotRefunded)), Note: r.Note, Customer: string(r.Customer), Package: r.Package,
			At: api.MomentOf(r.At),
		}
	}
	return shown
}

// showBack shows what went back of the payment, and what is promised.
func showBack(shown *api.Payment, p payment.Payment, currency string) {
	for _, id := range slices.Sorted(maps.Keys(p.Refunds)) {
		r := p.Refunds[id]
		shown.Refunds = append(shown.Refunds, api.ProviderRefund{ID: id, Amount: in(r.Amount, currency), Status: string(r.Status), Case: r.Case})
	}
	for _, id := range slices.Sorted(maps.Keys(p.Disputes)) {
		d := p.Disputes[id]
		shown.Disputes = append(shown.Disputes, api.ProviderDispute{ID: id, Amount: in(d.Amount, currency), Status: string(d.Status)})
	}
	for _, caseID := range slices.Sorted(maps.Keys(p.Promised)) {
		promise := p.Promised[caseID]
		shown.Promised = append(shown.Promised, api.Promise{
			Case: caseID, Amount: in(money.Amount{Minor: promise.Minor}, currency), Credits: int64(promise.Credits), Money: promise.Money,
			Progress: string(p.Progress(caseID)), Note: promise.Note,
		})
	}
}

// owed returns what is still owed of what could not be taken.
func owed(t ledger.Taking) ledger.Credits { return t.Owed - ledger.Sum(t.DebtPaid) }

func in(amount money.Amount, currency string) money.Amount {
	amount.Currency = cmp.Or(amount.Currency, currency, noCurrency)
	return amount
}
