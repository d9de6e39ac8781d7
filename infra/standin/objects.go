package standin

import (
	"fmt"
	"maps"
	"time"

	"makegood/shared/provider/fake"
)

// Stripe's objects as its API shows them; every field is one of Stripe's, and those that the books
// know nothing of are empty.

func (p *Provider) refundObject(r *Refund) map[string]any {
	view := map[string]any{
		"id": r.ID, "object": "refund", "amount": r.Minor, "balance_transaction": "txn_of_" + r.ID, "charge": chargeOf(r.Payment),
		"created": r.Created.Unix(), "currency": r.Currency, "customer": nil, "metadata": metadata(r.Metadata), "payment_intent": r.Payment,
		"payment_method": nil, "reason": orNull(r.Reason), "receipt_number": nil, "source_transfer_reversal": nil, "status": r.Status,
		"transfer_reversal": nil, "destination_details": map[string]any{"card": map[string]any{"type": "refund"}, "type": "card"},
	}
	switch r.Status {
	case fake.StatusFailed:
		view["failure_reason"], view["failure_balance_transaction"] = "lost_or_stolen_card", "txn_of_failed_"+r.ID
	case fake.StatusPending:
		view["pending_reason"] = "processing"
	}
	return view
}

// chargeObject shows the payment's charge. Its sum holds what is on its way, and nothing that
// failed.
func (p *Provider) chargeObject(page *Payment) map[string]any {
	back := p.books.Refunded(page.ID)
	return map[string]any{
		"id": chargeOf(page.ID), "object": "charge", "amount": page.Paid, "amount_captured": page.Paid, "amount_refunded": back,
		"balance_transaction": "txn_of_" + page.ID, "captured": true, "created": page.Charged.Unix(), "currency": page.Currency, "customer": nil,
		"description": nil, "disputed": len(p.books.DisputesOf(page.ID)) > 0, "failure_code": nil, "failure_message": nil,
		"livemode": false, "metadata": map[string]any{}, "paid": page.Paid > 0, "payment_intent": page.ID, "payment_method": nil,
		"receipt_email": nil, "refunded": page.Paid > 0 && back >= page.Paid, "status": "succeeded",
	}
}

func (p *Provider) intentObject(page *Payment) map[string]any {
	status, charge := "requires_payment_method", any(nil)
	if page.Paid > 0 {
		status, charge = "succeeded", chargeOf(page.ID)
	}
	return map[string]any{
		"id": page.ID, "object": "payment_intent", "amount": page.Paid, "amount_capturable": 0, "amount_received": page.Paid,
		"canceled_at": nil, "cancellation_reason": nil, "capture_method": "automatic", "confirmation_method": "automatic",
		"created": page.Created.Unix(), "currency": page.Currency, "customer": nil, "description": nil, "last_payment_error": nil,
		"latest_charge": charge, "livemode": false, "metadata": map[string]any{}, "next_action": nil, "payment_method": nil,
		"payment_method_types": []any{"card"}, "receipt_email": nil, "status": status,
	}
}

// sessionObject shows the checkout as it was heard of, with what a session always has.
func sessionObject(page *Payment) map[string]any {
	view := map[string]any{
		"object": "checkout.session", "amount_subtotal": nil, "amount_total": nil, "cancel_url": nil, "client_reference_id": nil,
		"created": page.Created.Unix(), "currency": nil, "customer": nil, "customer_details": nil, "customer_email": nil,
		"expires_at": page.Created.Add(24 * time.Hour).Unix(), "livemode": false, "metadata": map[string]any{}, "mode": "payment",
		"payment_intent": nil, "payment_method_types": []any{"card"}, "payment_status": "unpaid", "status": "complete", "success_url": nil,
	}
	maps.Copy(view, page.Sale.session)
	return view
}

// sessionExpansion is the one part of a session that is shown whole when a caller asks for it: its
// intent, and that one's charge.
const sessionExpansion = "payment_intent.latest_charge"

// expandedSession shows the session with its intent and charge whole. A session without an intent
// has neither.
func (p *Provider) expandedSession(page *Payment) map[string]any {
	view := sessionObject(page)
	if view["payment_intent"] == nil {
		return view
	}
	intent := p.intentObject(page)
	if page.Paid > 0 {
		intent["latest_charge"] = p.chargeObject(page)
	}
	view["payment_intent"] = intent
	return view
}

func (p *Provider) disputeObject(d *Dispute) map[string]any {
	due := d.Created.Add(7 * 24 * time.Hour)
	movements := []any{}
	if d.Withdrawn {
		movements = append(movements, p.balanceTransaction(d, -d.Minor))
	}
	if d.Withdrawn && d.Status == fake.StatusWon {
		movements = append(movements, p.balanceTransaction(d, d.Minor))
	}
	return map[string]any{
		"id": d.ID, "object": "dispute", "amount": d.Minor, "balance_transactions": movements, "charge": chargeOf(d.Payment),
		"created": d.Created.Unix(), "currency": d.Currency, "evidence": map[string]any{},
		"evidence_details": map[string]any{
			"due_by": due.Unix(), "has_evidence": false, "past_due": p.now().After(due), "submission_count": 0,
			"enhanced_eligibility": map[string]any{},
		},
		"enhanced_eligibility_types": []any{}, "is_charge_refundable": !p.books.Disputed(d.Payment), "livemode": false,
		"metadata": map[string]any{}, "payment_intent": d.Payment, "reason": "fraudulent", "status": d.Status,
		"payment_method_details": map[string]any{"type": "card", "card": map[string]any{
			"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4",
		}},
	}
}

func (p *Provider) balanceTransaction(d *Dispute, minor int64) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("txn_of_%s_%d", d.ID, minor), "object": "balance_transaction", "amount": minor, "created": d.Created.Unix(),
		"currency": d.Currency, "fee": 0, "net": minor, "source": d.ID, "status": "available", "type": "adjustment",
	}
}

func metadata(of map[string]string) map[string]string {
	if of == nil {
		return map[string]string{}
	}
	return of
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
