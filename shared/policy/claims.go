package policy

import (
	"cmp"
	"slices"
)

// ClaimField is what a claim about a purchase may name, by its word in the contract.
type ClaimField string

// The fields of a claim, in the order of a form.
const (
	ClaimFieldEmail          ClaimField = "email"
	ClaimFieldPaidAt         ClaimField = "paid_at"
	ClaimFieldAmount         ClaimField = "amount"
	ClaimFieldReason         ClaimField = "reason"
	ClaimFieldPayment        ClaimField = "payment"
	ClaimFieldTransactionIDs ClaimField = "transaction_ids"
	ClaimFieldAttachments    ClaimField = "attachments"
)

// A purchase is looked for by the first four, so every claim names them; a policy may demand the
// others, too.
var (
	claimFields  = []ClaimField{ClaimFieldEmail, ClaimFieldPaidAt, ClaimFieldAmount, ClaimFieldReason}
	claimDemands = []ClaimField{ClaimFieldPayment, ClaimFieldTransactionIDs, ClaimFieldAttachments}
)

// ClaimForm is a claim about a purchase as a customer may choose it.
type ClaimForm struct {
	// Kind is its word in a claim.
	Kind Kind
	// Label is what the customer reads.
	Label string
	// Needs are the fields that it must name, in the order of a form.
	Needs []ClaimField
	// Takes are those that it may name.
	Takes []ClaimField
}

// offeredClaim is a kind of claim that a file offers.
type offeredClaim struct {
	kind  Kind
	label words
	needs []ClaimField // beyond claimFields
}

// claimLabels name the claims where a file names none.
var claimLabels = map[Kind]words{
	KindDuplicateCharge: {English: "I was charged twice"},
	KindNotCredited:     {English: "I paid and got no credits"},
	KindOutage:          {English: "I couldn't use what I paid for"},
	KindAbnormalCharge:  {English: "The charge is wrong"},
	KindChangeOfMind:    {English: "I don't want it anymore"},
}

// ClaimForms returns what a customer may claim of a purchase, in the order in which they read it:
// what the file offers, else the kinds that have rules, in the page's order and in our own English.
// Where no rule is about a purchase it is every kind, for a person decides on any (X3).
// Why: infra/decisions/0084.
func (r Revision) ClaimForms() []ClaimForm {
	offered := r.claims
	if len(offered) == 0 {
		offered = r.ruledClaims()
	}
	forms := make([]ClaimForm, len(offered))
	for i, claim := range offered {
		forms[i] = ClaimForm{Kind: claim.kind, Label: claim.label.english(), Needs: slices.Clone(claimFields)}
		for _, field := range claimDemands {
			if slices.Contains(claim.needs, field) {
				forms[i].Needs = append(forms[i].Needs, field)
			} else {
				forms[i].Takes = append(forms[i].Takes, field)
			}
		}
	}
	return forms
}

// ClaimNeeds returns the fields that a claim of the kind must name, in the order of a form; of a
// kind that the file does not offer, those that every claim does.
func (r Revision) ClaimNeeds(kind Kind) []ClaimField {
	for _, form := range r.ClaimForms() {
		if form.Kind == kind {
			return form.Needs
		}
	}
	return slices.Clone(claimFields)
}

// ruledClaims returns the kinds about a purchase that have rules, as the page has them: by the
// clause that may grant one, those that none grants last.
func (r Revision) ruledClaims() []offeredClaim {
	var all, ruled []offeredClaim
	for _, kind := range purchaseKinds {
		claim := offeredClaim{kind: kind, label: claimLabels[kind]}
		all = append(all, claim)
		if len(r.rules[kind]) > 0 {
			ruled = append(ruled, claim)
		}
	}
	slices.SortStableFunc(ruled, func(a, b offeredClaim) int { return cmp.Compare(r.grants(a.kind), r.grants(b.kind)) })
	if len(ruled) == 0 {
		return all
	}
	return ruled
}

// grants returns where on the page the first clause stands that may grant a request of the kind:
// past its end where none does.
func (r Revision) grants(kind Kind) int {
	at := len(r.order)
	for _, rule := range r.rules[kind] {
		if rule.answer != OutcomeDeclined {
			at = min(at, slices.Index(r.order, rule.clause))
		}
	}
	return at
}

func (l claimLine) claim() offeredClaim { return offeredClaim{l.Kind, l.Label, l.Needs} }

// changedClaims returns the claims with every label put through the change.
func changedClaims(claims []offeredClaim, made change) []offeredClaim {
	claims = slices.Clone(claims)
	for i := range claims {
		claims[i].label = changed(place{"claims", i, "label"}, claims[i].label, made)
	}
	return claims
}

func (c *checker) checkClaims(f file) {
	seen := map[Kind]bool{}
	for i, claim := range f.Claims {
		at := place{"claims", i}
		checkWord(c, at.in("kind"), claim.Kind, purchaseKinds)
		c.need(!seen[claim.Kind], at.in("kind"), "%q stands here twice", claim.Kind)
		seen[claim.Kind] = true
		c.need(claim.Label != nil, at.in("label"), "is missing")
		c.checkSentence(at.in("label"), claim.Label, f, nil)
		checkWords(c, at.in("needs"), claim.Needs, claimDemands)
	}
}
