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

// recordOf reads a payment as the API answers it.
func recordOf(response api.Payment) Recorded {
	p := payment.Payment{
		ID: payment.ID(response.ID), Provider: response.Provider, State: payment.State(response.State),
		Refunds: map[string]payment.Refund{}, Disputes: map[string]payment.Dispute{},
		// The answer has the sum taken back and not where from. All of it counts as the own lot's,
		// which leaves the sum right.
		Clawback: ledger.Clawback{Payment: response.ID, Granted: ledger.Credits(response.Granted), OwnLot: ledger.Credits(response.Taken)},
	}
	if response.GrantedAt != nil {
		p.GrantedAt = response.GrantedAt.UTC()
	}
	if purchase := response.Purchase; purchase != nil {
		p.Purchase = &payment.Purchase{
			Customer: ledger.CustomerID(response.Customer), Named: response.Named, Package: purchase.Package, Subtotal: named(purchase.Subtotal), Paid: purchase.Paid.Minor,
			Status: payment.Status(purchase.Status), Livemode: purchase.Livemode, OrderedAt: purchase.OrderedAt.UTC(), PaidAt: purchase.PaidAt.UTC(),
		}
	}
	for _, one := range response.Refunds {
		p.Refunds[one.ID] = payment.Refund{Amount: named(one.Amount), Status: payment.RefundStatus(one.Status), Case: one.Case}
	}
	for _, one := range response.Disputes {
		dispute := payment.Dispute{Amount: named(one.Amount), Status: payment.DisputeStatus(one.Status), Reason: one.Reason}
		if one.DueBy != nil {
			dispute.DueBy = one.DueBy.Time
		}
		p.Disputes[one.ID] = dispute
	}
	p.Promised = promisesOf(response, p.Refunds)
	for _, id := range response.Repeats {
		p.DuplicateOf = append(p.DuplicateOf, payment.ID(id))
	}
	for _, r := range response.Resolutions {
		p.Resolutions = append(p.Resolutions, payment.Resolution{
			Action: payment.Action(r.Action), Reason: payment.Reason(r.Reason), Customer: ledger.CustomerID(r.Customer), Package: r.Package,
			By: r.By, At: r.At.UTC(), Undone: r.Undone,
		})
	}
	record := Recorded{Payment: p}
	if response.Waits != nil {
		record.Waiting = payment.Reason(*response.Waits)
	}
	return record
}

// promisesOf reads the promises so that each has the progress that the API answers.
func promisesOf(response api.Payment, refunds map[string]payment.Refund) map[string]payment.Promise {
	// Progress follows from attempts and refunds. The answer does not count attempts, so each
	// failed refund stands for one.
	failures := map[string]int{}
	for _, refund := range refunds {
		if !refund.Counts() {
			failures[refund.Case]++
		}
	}
	promises := map[string]payment.Promise{}
	for _, one := range response.Promised {
		promise := payment.Promise{Minor: one.Amount.Minor, Credits: ledger.Credits(one.Credits), Money: one.Money}
		promise.Attempts = failures[one.Case]
		switch payment.Progress(one.Progress) {
		case payment.ProgressDue:
			promise.Attempts++
		case payment.ProgressExternal: // how often, and since when, is not shown
			promise.GivenUp, promise.ExternalBaseline = 1, -promise.Minor
		case payment.ProgressPending, payment.ProgressPaid, payment.ProgressFailed: // its refunds say so
		}
		promises[one.Case] = promise
	}
	return promises
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
	for _, dispute := range r.Disputes {
		if !dispute.Status.Valid() {
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
