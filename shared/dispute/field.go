package dispute

// Field is one field of the provider's form, as a person sees whether it is ready.
type Field struct {
	// Name is Stripe's name of it, Title what it is.
	Name, Title string
	// Text is what the ledger says in it, "" for nothing.
	Text string
	// Missing says why there is no text, or who has it; "" where there is one.
	Missing string
}

// Fields returns the fields that a form about credits has: those that the ledger fills first, then
// those that it never holds.
func (f Form) Fields() []Field {
	const notOurs = "The ledger does not hold it: your app or the provider does."
	ours := []Field{
		{Name: "product_description", Title: "What was sold", Text: f.ProductDescription},
		{Name: "service_date", Title: "When it was delivered", Text: f.ServiceDate, Missing: "Its credits were never added."},
		{Name: "access_activity_log", Title: "What it was used for", Text: f.AccessActivityLog, Missing: "Nothing was made with it."},
		{Name: "refund_policy_disclosure", Title: "The refund policy", Text: f.RefundPolicyDisclosure},
		{Name: "refund_refusal_explanation", Title: "Why a refund was refused", Text: f.RefundRefusalExplanation, Missing: "No refund of it was refused."},
		{Name: "duplicate_charge_id", Title: "The other charge", Text: f.DuplicateChargeID, Missing: "It repeats no other payment."},
		{Name: "duplicate_charge_explanation", Title: "How the two charges differ", Text: f.DuplicateChargeExplanation, Missing: "It repeats no other payment."},
		{Name: "uncategorized_text", Title: "Money and credits that went back", Text: f.UncategorizedText, Missing: "None went back."},
	}
	for i := range ours {
		if ours[i].Text != "" {
			ours[i].Missing = ""
		}
	}
	return append(ours,
		Field{Name: "customer_name", Title: "The customer's name", Missing: notOurs},
		Field{Name: "customer_email_address", Title: "The customer's e-mail address", Missing: notOurs},
		Field{Name: "customer_purchase_ip", Title: "The address that bought it", Missing: notOurs},
		Field{Name: "receipt", Title: "The receipt, a file", Missing: notOurs},
		Field{Name: "customer_communication", Title: "What was written with the customer, a file", Missing: notOurs},
		Field{Name: "refund_policy", Title: "The policy as the checkout showed it, a file", Missing: notOurs},
	)
}
