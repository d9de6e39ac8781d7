package stack

import (
	"slices"
	"time"

	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// Recorded is a payment as the ledger has it, and why it waits for staff ("" when it does not). Of
// how its credits were taken back only the sum is known, and of how often a promise was approved
// only whether more is due.
type Recorded struct {
	payment.Payment
	Waiting payment.Reason
}

// recorded reads a payment as it is response.
func recorded(response api.Payment) Recorded {
	p := payment.Payment{
		ID: payment.ID(response.ID), Provider: response.Provider, State: payment.State(response.State),
		Refunds: map[string]payment.Refund{}, Disputes: map[string]payment.Dispute{}, Promised: map[string]payment.Promise{},
		Clawback: ledger.Clawback{Payment: response.ID, Granted: ledger.Credits(response.Granted), OwnLot: ledger.Credits(response.Taken)},
	}
	if response.GrantedAt != nil {
		p.GrantedAt = response.GrantedAt.UTC()
	}
	if bought := response.Purchase; bought != nil {
		p.Purchase = &payment.Purchase{
			Customer: ledger.CustomerID(response.Customer), Named: response.Named, Package: bought.Package, Subtotal: named(bought.Subtotal), Paid: bought.Paid.Minor,
			Status: payment.Status(bought.Status), Livemode: bought.Livemode, OrderedAt: bought.OrderedAt.UTC(), PaidAt: bought.PaidAt.UTC(),
		}
	}
	failed := map[string]int{}
	for _, one := range response.Refunds {
		refund := payment.Refund{Amount: named(one.Amount), Status: payment.RefundStatus(one.Status), Case: one.Case}
		if p.Refunds[one.ID] = refund; !refund.Counts() {
			failed[refund.Case]++
		}
	}
	for _, one := range response.Disputes {
		p.Disputes[one.ID] = payment.Dispute{Amount: named(one.Amount), Status: payment.DisputeStatus(one.Status)}
	}
	for _, one := range response.Promised {
		promise := payment.Promise{Minor: one.Amount.Minor, Credits: ledger.Credits(one.Credits), Money: one.Money}
		promise.Attempts = failed[one.Case]
		switch payment.Progress(one.Progress) {
		case payment.ProgressDue:
			promise.Attempts++
		case payment.ProgressExternal: // how often, and since when, is not shown
			promise.GivenUp, promise.ExternalBaseline = 1, -promise.Minor
		case payment.ProgressPending, payment.ProgressPaid, payment.ProgressFailed: // its refunds say so
		}
		p.Promised[one.Case] = promise
	}
	for _, id := range response.Repeats {
		p.DuplicateOf = append(p.DuplicateOf, payment.ID(id))
	}
	for _, r := range response.Resolutions {
		p.Resolutions = append(p.Resolutions, payment.Resolution{
			Action: payment.Action(r.Action), Reason: payment.Reason(r.Reason), Customer: ledger.CustomerID(r.Customer), Package: r.Package,
			By: r.By, At: r.At.UTC(), Undone: r.Undone,
		})
	}
	found := Recorded{Payment: p}
	if response.Waits != nil {
		found.Waiting = payment.Reason(*response.Waits)
	}
	return found
}

// Decided reports whether staff resolved upon one of the reasons.
func (r Recorded) Decided(reasons ...payment.Reason) bool {
	return slices.ContainsFunc(r.Resolutions, func(one payment.Resolution) bool { return !one.Undone && slices.Contains(reasons, one.Reason) })
}

// Unclear reports whether a refund or dispute is shown in a status that we do not know. What
// counted of it before is not shown, so nobody can say from here how many credits should be taken
// back.
func (r Recorded) Unclear() bool {
	for _, back := range r.Refunds {
		if !back.Status.Valid() {
			return true
		}
	}
	for _, held := range r.Disputes {
		if !held.Status.Valid() {
			return true
		}
	}
	return false
}

// noCurrency is ISO 4217's code for it.
const noCurrency = "XXX"

// named returns an amount without the currency that is shown where none is named.
func named(a money.Amount) money.Amount {
	if a.Currency == noCurrency {
		a.Currency = ""
	}
	return a
}

// Began returns when the purchase was paid or granted, whichever was first; zero where neither is
// known.
func (r Recorded) Began() time.Time {
	began := r.GrantedAt
	if r.Purchase != nil && (began.IsZero() || r.Purchase.PaidAt.Before(began)) {
		began = r.Purchase.PaidAt
	}
	return began
}
