package storetest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// moneyActions are what happens at the provider, and what follows from it.
func (m *machine) moneyActions() map[string]func(*rapid.T) {
	// rapid draws actions by their sorted names, so it does not matter which map names one.
	actions := m.purchaseActions()
	maps.Copy(actions, map[string]func(*rapid.T){
		"hear a payment again": func(t *rapid.T) {
			if len(m.payments) > 0 {
				m.receive(rapid.SampledFrom(m.payments).Draw(t, "payment"))
			}
		},
		"a refund at the provider": func(t *rapid.T) { m.atProvider(t, m.drawRefund) },
		"a dispute":                func(t *rapid.T) { m.atProvider(t, m.drawDispute) },
		"a word nobody knows":      m.mumble,
		"a claim for money":        m.claimMoney,
		"a ruling about money":     m.ruleMoney,
		"a fault": func(t *rapid.T) {
			m.Provider.Has(rapid.SampledFrom([]Fault{FaultDrop, FaultBusy, FaultRefusal, FaultSpent, FaultPending}).Draw(t, "fault"))
		},
		"a refund fails after all": func(t *rapid.T) { m.endOne(t, payment.RefundFailed) },
		"a refund succeeds":        func(t *rapid.T) { m.endOne(t, payment.RefundSucceeded) },
		"pay":                      func(*rapid.T) { m.Pays() },
		"pay and follow":           func(*rapid.T) { m.Deliver(); m.Pays(); m.Deliver() },
		"webhooks":                 m.webhooks,
		"listen":                   func(*rapid.T) { m.Polls() },
		"resolve":                  m.resolveOne,
		"outage":                   m.outageOne,
	})
	return actions
}

// atProvider lets something happen to a payment at the provider. Its webhook comes, or is missed.
func (m *machine) atProvider(t *rapid.T, draw func(*rapid.T, payment.Facts) payment.Facts) {
	if len(m.payments) == 0 {
		return
	}
	facts := draw(t, rapid.SampledFrom(m.payments).Draw(t, "payment"))
	if rapid.Bool().Draw(t, "heard") {
		m.Receives(facts)
		return
	}
	m.Misses(facts)
	// A provider may report the sum of refunds alone, from which the refund itself must be looked
	// up.
	if facts.Refund != nil && facts.Refund.Counts() { // counted, but not named
		m.receive(payment.Facts{Payment: facts.Payment, Provider: providerName, RefundedInAll: m.Provider.refunded(facts.Payment)})
	}
}

// drawRefund draws a refund by the provider's own hand: a cent, a third, or all that was paid.
func (m *machine) drawRefund(t *rapid.T, of payment.Facts) payment.Facts {
	price := of.Purchase.Paid
	minor := rapid.SampledFrom([]int64{1, price / 3, price}).Draw(t, "minor")
	// No provider gives back more than it took.
	if minor > m.Provider.Left(of.Payment) {
		minor = 0
	}
	status := rapid.SampledFrom([]payment.RefundStatus{payment.RefundPending, payment.RefundSucceeded, payment.RefundFailed}).Draw(t, "status")
	return m.Refunded(of.Payment, fmt.Sprintf("re_%s_%s_%d", of.Payment, status, minor), minor, status)
}

// drawDispute draws a dispute about half or all of what was paid, in any status.
func (m *machine) drawDispute(t *rapid.T, of payment.Facts) payment.Facts {
	status := rapid.SampledFrom([]payment.DisputeStatus{
		payment.DisputeInquiryOpen, payment.DisputeOpen, payment.DisputeReview, payment.DisputeLost, payment.DisputeWon,
	}).Draw(t, "status")
	// The id holds the sum alone, so a later draw of the same sum is the same dispute in another
	// status.
	minor := rapid.SampledFrom([]int64{of.Purchase.Paid / 2, of.Purchase.Paid}).Draw(t, "minor")
	return m.Disputed(of.Payment, fmt.Sprintf("dp_%s_%d", of.Payment, minor), minor, status)
}

// claimMoney claims about a payment that there is.
func (m *machine) claimMoney(t *rapid.T) {
	if len(m.payments) == 0 {
		return
	}
	of := rapid.SampledFrom(m.payments).Draw(t, "payment")
	// Any kind about any payment: most are declined or wait, and none may move money that is not
	// there.
	kind := rapid.SampledFrom([]policy.Kind{
		policy.KindDuplicateCharge, policy.KindNotCredited, policy.KindAbnormalCharge, policy.KindChangeOfMind, policy.KindOutage,
	}).Draw(t, "kind")
	m.tryClaim(t, kind, of)
}

// tryClaim claims about a payment, mostly as its customer.
func (m *machine) tryClaim(t *rapid.T, kind policy.Kind, of payment.Facts) {
	customer := of.Purchase.Customer
	if customer == "" || rapid.IntRange(0, 9).Draw(t, "whose") == 0 {
		customer = m.anyone(t)
	}
	request := m.claim(kind, customer, of.Payment)
	// The key is the payment's and the kind's, so that a second such claim is a replay.
	request.Key, request.Claim.PaidAt = string(of.Payment)+string(kind), noon // a repeat is a replay
	result, err := m.claims(request)
	// The policy may have opened the case first, for a double charge.
	if err != nil {
		require.Equal(t, fault.CodeAlreadyReported, fault.CodeOf(err), "%v", err)
		return
	}
	m.cases = append(m.cases, result.Case)
}

// mumble sends a status that nobody knows, of a purchase, a refund or a dispute. It may be older
// than what was received before.
func (m *machine) mumble(t *rapid.T) {
	if len(m.payments) == 0 {
		return
	}
	events, err := m.Provider.Look(m.ctx(), rapid.SampledFrom(m.payments).Draw(t, "payment").Payment)
	require.NoError(t, err)
	facts := events[rapid.IntRange(0, len(events)-1).Draw(t, "of")]
	word := rapid.SampledFrom([]string{"perhaps", "maybe"}).Draw(t, "word")
	// An older event must not overwrite a newer one, so draw instants on both sides of now.
	facts.At = m.Now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, -time.Second, time.Millisecond}).Draw(t, "said"))
	facts.Event = fmt.Sprint("evt_", word, facts.At.UnixMilli())
	// The facts are copied before the status is replaced, for the provider still holds the true
	// ones.
	switch {
	case facts.Refund != nil:
		back := *facts.Refund
		back.Status, facts.Refund = payment.RefundStatus(word), &back
	case facts.Dispute != nil:
		bank := *facts.Dispute
		bank.Status, facts.Dispute = payment.DisputeStatus(word), &bank
	default:
		purchase := *facts.Purchase
		purchase.Status, facts.Purchase = payment.Status(word), &purchase
	}
	m.receive(facts)
}

// ruleMoney approves a case in money or credits, in full or in part.
func (m *machine) ruleMoney(t *rapid.T) {
	// Only what the policy has sent to review can be ruled on.
	m.Deliver()
	open := slices.DeleteFunc(m.everyCase(), func(id refund.CaseID) bool { c := m.CaseOf(id); return !c.Waiting() || c.Payment == "" })
	if len(open) == 0 {
		return
	}
	order := m.ruling(policy.OutcomeApproved)
	product := m.At(m.Now).Packages()[0]
	// Without a remedy the policy names it; else a part of the price, or of the package's credits.
	if part := rapid.Int64Range(-2, 3).Draw(t, "part"); part > 0 {
		order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: product.Price.Minor / part})
	} else if part < 0 {
		order.Ruling.Remedy = policy.InCredits(product.Credits / ledger.Credits(-part))
	}
	id := rapid.SampledFrom(open).Draw(t, "case")
	if candidates := candidatesOf(*m.CaseOf(id)); len(candidates) > 0 && rapid.Bool().Draw(t, "a candidate") {
		order.Payment = rapid.SampledFrom(candidates).Draw(t, "which")
	}
	m.ruleOn(t, id, order)
}

// endOne gives a refund of ours its final status.
func (m *machine) endOne(t *rapid.T, status payment.RefundStatus) {
	if len(m.payments) == 0 {
		return
	}
	id := rapid.SampledFrom(m.payments).Draw(t, "payment").Payment
	// Refunds by another hand end in their own action, so those without a case are left out.
	for caseID := range m.Provider.paidBack(id) {
		if caseID != "" {
			m.Provider.Ends(id, caseID, status)
		}
	}
}

// webhooks delivers what waits at the provider, in any order, some of it twice and some of it
// never.
func (m *machine) webhooks(t *rapid.T) {
	for _, facts := range rapid.Permutation(m.Provider.bring()).Draw(t, "order") {
		// Zero times is a webhook that never comes: only a poll or a look-up can bring it.
		for range rapid.IntRange(0, 2).Draw(t, "times") {
			m.receive(facts)
		}
	}
}

// resolveOne has staff resolve a payment, whether or not it waits.
func (m *machine) resolveOne(t *rapid.T) {
	if len(m.payments) == 0 {
		return
	}
	resolution := payment.Resolution{
		Action: rapid.SampledFrom([]payment.Action{
			payment.ActionGrant, payment.ActionRefund, payment.ActionIgnore, payment.ActionTakeBack,
		}).Draw(t, "action"),
	}
	// Any payment, so that staff also resolve what waits for nobody, or has been resolved before.
	of := rapid.SampledFrom(m.payments).Draw(t, "payment")
	if of.Purchase.Customer == "" && resolution.Action == payment.ActionGrant {
		resolution.Customer = m.customers[0]
	}
	// A refusal is as good a step as an order, as long as it is one that staff can understand.
	if _, err := m.orders(of.Payment, m.about(of.Payment, resolution)); err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict, fault.KindNotFound}, fault.KindOf(err), "%v", err)
	}
}

// everyCase returns the cases that anybody opened, or that the system opened for a payment.
func (m *machine) everyCase() []refund.CaseID {
	ids := slices.Clone(m.cases)
	// Cases of failures, double charges and outages have ids that derive from what they are about.
	for _, id := range m.generations {
		ids = append(ids, refund.FailureCaseID(id))
	}
	for _, facts := range m.payments {
		for _, customer := range m.customers {
			ids = append(ids, duplicate(customer, facts.Payment))
			for _, outageID := range m.outages {
				ids = append(ids, outageCase(customer, facts.Payment, outageID))
			}
		}
	}
	var cases []refund.Case
	require.NoError(m.t, again(func() (err error) {
		cases, err = m.Store.FindCases(m.ctx(), ids...)
		return err
	}))
	return idsOf(cases)
}

func (m *machine) everyPayment() []payment.Payment {
	// What rapid drew names the payments, so a payment that the store lost would be missed by the
	// laws.
	ids := make([]payment.ID, len(m.payments))
	for i, facts := range m.payments {
		ids[i] = facts.Payment
	}
	var payments []payment.Payment
	require.NoError(m.t, again(func() (err error) {
		payments, err = m.Store.FindPayments(m.ctx(), ids...)
		return err
	}))
	return payments
}
