package dynamo

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// purchaseRow is what a provider says was bought.
type purchaseRow struct {
	Customer  ledger.CustomerID `json:"customer,omitempty"`
	Named     string            `json:"named,omitempty"`
	Package   string            `json:"package"`
	Subtotal  amountRow         `json:"subtotal"`
	Paid      int64             `json:"paid"`
	Status    payment.Status    `json:"status"`
	Livemode  *bool             `json:"livemode,omitempty"`
	Locale    string            `json:"locale,omitempty"`
	OrderedAt time.Time         `json:"ordered_at"`
	PaidAt    time.Time         `json:"paid_at"`
}

func newPurchaseRow(p payment.Purchase) purchaseRow {
	return purchaseRow{
		Customer: p.Customer, Named: p.Named, Package: p.Package, Subtotal: newAmountRow(p.Subtotal), Paid: p.Paid, Status: p.Status,
		Livemode: p.Livemode, Locale: p.Locale, OrderedAt: p.OrderedAt, PaidAt: p.PaidAt,
	}
}

func (r purchaseRow) purchase() payment.Purchase {
	return payment.Purchase{
		Customer: r.Customer, Named: r.Named, Package: r.Package, Subtotal: r.Subtotal.amount(), Paid: r.Paid, Status: r.Status,
		Livemode: r.Livemode, Locale: r.Locale, OrderedAt: r.OrderedAt, PaidAt: r.PaidAt,
	}
}

// refundRow is money that a provider sends back.
type refundRow struct {
	Amount amountRow            `json:"amount"`
	Status payment.RefundStatus `json:"status"`
	Case   string               `json:"case,omitempty"`
}

func newRefundRow(r payment.Refund) refundRow {
	return refundRow{Amount: newAmountRow(r.Amount), Status: r.Status, Case: r.Case}
}

func (r refundRow) refund() payment.Refund {
	return payment.Refund{Amount: r.Amount.amount(), Status: r.Status, Case: r.Case}
}

// disputeRow is the cardholder's claim at the bank.
type disputeRow struct {
	Amount amountRow             `json:"amount"`
	Status payment.DisputeStatus `json:"status"`
	Reason string                `json:"reason,omitempty"`
	DueBy  time.Time             `json:"due_by,omitzero"`
}

func newDisputeRow(d payment.Dispute) disputeRow {
	return disputeRow{Amount: newAmountRow(d.Amount), Status: d.Status, Reason: d.Reason, DueBy: d.DueBy}
}

func (r disputeRow) dispute() payment.Dispute {
	return payment.Dispute{Amount: r.Amount.amount(), Status: r.Status, Reason: r.Reason, DueBy: r.DueBy}
}

// unclearRow is a status that we do not know.
type unclearRow struct {
	Status string     `json:"status"`
	Amount *amountRow `json:"amount,omitempty"`
	Case   string     `json:"case,omitempty"`
	At     time.Time  `json:"at"`
}

func newUnclearRow(u payment.Unclear) unclearRow {
	return unclearRow{Status: u.Status, Amount: pointerTo(u.Amount, newAmountRow), Case: u.Case, At: u.At}
}

func (r unclearRow) unclear() payment.Unclear {
	return payment.Unclear{Status: r.Status, Amount: pointerTo(r.Amount, amountRow.amount), Case: r.Case, At: r.At}
}

// othersRow is what a provider says of a payment that is another provider's.
type othersRow struct {
	Purchase      *purchaseRow          `json:"purchase,omitempty"`
	Refunds       map[string]refundRow  `json:"refunds,omitempty"`
	Disputes      map[string]disputeRow `json:"disputes,omitempty"`
	RefundedInAll int64                 `json:"refunded_in_all,omitempty"`
	Unclear       map[string]unclearRow `json:"unclear,omitempty"`
	KnownAt       map[string]time.Time  `json:"known_at,omitempty"`
	More          bool                  `json:"more,omitempty"`
}

func newOthersRow(o payment.Others) othersRow {
	return othersRow{
		Purchase: pointerTo(o.Purchase, newPurchaseRow), Refunds: valuesOf(o.Refunds, newRefundRow), Disputes: valuesOf(o.Disputes, newDisputeRow),
		RefundedInAll: o.RefundedInAll, Unclear: valuesOf(o.Unclear, newUnclearRow), KnownAt: o.KnownAt, More: o.More,
	}
}

func (r othersRow) others() payment.Others {
	return payment.Others{
		Purchase: pointerTo(r.Purchase, purchaseRow.purchase), Refunds: valuesOf(r.Refunds, refundRow.refund), Disputes: valuesOf(r.Disputes, disputeRow.dispute),
		RefundedInAll: r.RefundedInAll, Unclear: valuesOf(r.Unclear, unclearRow.unclear), KnownAt: r.KnownAt, More: r.More,
	}
}
