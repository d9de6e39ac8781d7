package storetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// moneyActions are what happens at the provider, and what comes of it.
func (m *machine) moneyActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"a purchase": func(t *rapid.T) {
			facts := m.drawPurchase(t)
			m.Hears(facts)
		},
		"a double charge": func(t *rapid.T) {
			first := m.drawPurchase(t)
			m.Hears(first)
			m.Hears(m.drawRepeat(t, first))
			m.tryClaim(t, policy.KindDuplicateCharge, first)
			m.tryClaim(t, policy.KindDuplicateCharge, m.payments[len(m.payments)-1])
			m.Deliver()
		},
		"a second purchase for the same": func(t *rapid.T) {
			if len(m.payments) > 0 {
				m.Hears(m.drawRepeat(t, rapid.SampledFrom(m.payments).Draw(t, "payment")))
			}
		},
		"a purchase that is used": func(t *rapid.T) {
			facts := m.drawPurchase(t)
			m.Hears(facts)
			for range rapid.IntRange(1, 4).Draw(t, "times") {
				started, err := m.start(m.order(facts.Purchase.Customer, 8))
				if err != nil { // parked, restricted, or what was granted went into a debt
					return
				}
				m.generations = append(m.generations, started.ID)
				m.Settles(started.ID, m.Success(-1))
			}
		},
		"a missed purchase": func(t *rapid.T) { m.Misses(m.drawPurchase(t)) },
		"money that comes, or does not": func(t *rapid.T) {
			for i, facts := range m.payments {
				if facts.Purchase.Status == payment.StatusUnpaid {
					ended := *facts.Purchase
					ended.Status = rapid.SampledFrom([]payment.Status{payment.StatusFailed, payment.StatusPaid}).Draw(t, "status")
					m.payments[i].Purchase = &ended
					m.Hears(m.payments[i])
				}
			}
		},
		"hear a payment again": func(t *rapid.T) {
			if len(m.payments) > 0 {
				m.hears(rapid.SampledFrom(m.payments).Draw(t, "payment"))
			}
		},
		"a refund at the provider": func(t *rapid.T) { m.atProvider(t, m.drawRefund) },
		"a dispute":                func(t *rapid.T) { m.atProvider(t, m.drawDispute) },
		"a word nobody knows":      m.mumble,
		"a claim for money":        m.claimMoney,
		"a ruling about money":     m.ruleMoney,
		"a fault": func(t *rapid.T) {
			m.Provider.Has(rapid.SampledFrom([]Fault{FaultDropped, FaultBusy, FaultRefused, FaultSpent, FaultPending}).Draw(t, "fault"))
		},
		"a refund fails after all": func(t *rapid.T) { m.endOne(t, payment.RefundFailed) },
		"a refund succeeds":        func(t *rapid.T) { m.endOne(t, payment.RefundSucceeded) },
		"pay":                      func(*rapid.T) { m.Pays() },
		"pay and follow":           func(*rapid.T) { m.Deliver(); m.Pays(); m.Deliver() },
		"webhooks":                 m.webhooks,
		"listen":                   func(*rapid.T) { m.Listens() },
		"resolve":                  m.resolveOne,
		"outage":                   m.outageOne,
	}
}

// drawPurchase draws a purchase, now and then one that staff must look at.
func (m *machine) drawPurchase(t *rapid.T) payment.Facts {
	facts := m.Paid(m.Payment(strconv.Itoa(len(m.payments))), m.anyone(t))
	switch rapid.IntRange(0, 6).Draw(t, "odd") {
	case 0:
		facts.Purchase.Subtotal.Minor++
	case 1:
		facts.Purchase.Customer = ""
	case 2:
		facts.Purchase.Paid-- // a discount: one of three does not divide
	case 3:
		facts.Purchase.Status = payment.StatusUnpaid
	}
	m.payments = append(m.payments, facts)
	return facts
}

// drawRepeat draws one more charge like another.
func (m *machine) drawRepeat(t *rapid.T, first payment.Facts) payment.Facts {
	repeated := *first.Purchase
	repeated.PaidAt = repeated.PaidAt.Add(rapid.SampledFrom([]time.Duration{-time.Second, 0, time.Minute}).Draw(t, "apart"))
	facts := payment.Facts{Payment: m.Payment(strconv.Itoa(len(m.payments))), Provider: providerName, Purchase: &repeated}
	m.payments = append(m.payments, facts)
	return facts
}

// atProvider lets something happen to a payment there, which is heard, or missed.
func (m *machine) atProvider(t *rapid.T, draw func(*rapid.T, payment.Facts) payment.Facts) {
	if len(m.payments) == 0 {
		return
	}
	facts := draw(t, rapid.SampledFrom(m.payments).Draw(t, "payment"))
	if rapid.Bool().Draw(t, "heard") {
		m.Hears(facts)
		return
	}
	m.Misses(facts)
	if facts.Refund != nil && facts.Refund.Counts() { // counted, but not named
		m.hears(payment.Facts{Payment: facts.Payment, Provider: providerName, RefundedInAll: m.Provider.refunded(facts.Payment)})
	}
}

func (m *machine) drawRefund(t *rapid.T, of payment.Facts) payment.Facts {
	paid := of.Purchase.Paid
	minor := rapid.SampledFrom([]int64{1, paid / 3, paid}).Draw(t, "minor")
	if minor > m.Provider.left(of.Payment) {
		minor = 0 // no provider gives back more than it took
	}
	status := rapid.SampledFrom([]payment.RefundStatus{payment.RefundPending, payment.RefundSucceeded, payment.RefundFailed}).Draw(t, "status")
	return m.Refunded(of.Payment, fmt.Sprintf("re_%s_%s_%d", of.Payment, status, minor), minor, status)
}

func (m *machine) drawDispute(t *rapid.T, of payment.Facts) payment.Facts {
	status := rapid.SampledFrom([]payment.DisputeStatus{
		payment.DisputeInquiryOpen, payment.DisputeOpen, payment.DisputeReview, payment.DisputeLost, payment.DisputeWon,
	}).Draw(t, "status")
	minor := rapid.SampledFrom([]int64{of.Purchase.Paid / 2, of.Purchase.Paid}).Draw(t, "minor")
	return m.Disputed(of.Payment, fmt.Sprintf("dp_%s_%d", of.Payment, minor), minor, status)
}

func (m *machine) claimMoney(t *rapid.T) {
	if len(m.payments) == 0 {
		return
	}
	of := rapid.SampledFrom(m.payments).Draw(t, "payment")
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
	request.Key, request.Claim.PaidAt = string(of.Payment)+string(kind), noon // a repeat is a replay
	opened, err := m.claims(request)
	if err != nil { // the policy was faster, unasked
		require.Equal(t, fault.CodeAlreadyReported, fault.CodeOf(err), "%v", err)
		return
	}
	m.cases = append(m.cases, opened.Case)
}

// mumble brings a word that nobody knows, of a purchase, a refund or a dispute: maybe one that is older than what was heard.
func (m *machine) mumble(t *rapid.T) {
	if len(m.payments) == 0 {
		return
	}
	said, err := m.Provider.Look(m.ctx(), rapid.SampledFrom(m.payments).Draw(t, "payment").Payment)
	require.NoError(t, err)
	facts := said[rapid.IntRange(0, len(said)-1).Draw(t, "of")]
	word := rapid.SampledFrom([]string{"perhaps", "maybe"}).Draw(t, "word")
	facts.At = m.Now.Add(rapid.SampledFrom([]time.Duration{-time.Hour, -time.Second, time.Millisecond}).Draw(t, "said"))
	facts.Event = fmt.Sprint("evt_", word, facts.At.UnixMilli())
	switch {
	case facts.Refund != nil:
		back := *facts.Refund
		back.Status, facts.Refund = payment.RefundStatus(word), &back
	case facts.Dispute != nil:
		bank := *facts.Dispute
		bank.Status, facts.Dispute = payment.DisputeStatus(word), &bank
	default:
		bought := *facts.Purchase
		bought.Status, facts.Purchase = payment.Status(word), &bought
	}
	m.hears(facts)
}

// ruleMoney approves of a case in money, in full or in part.
func (m *machine) ruleMoney(t *rapid.T) {
	m.Deliver()
	waiting := slices.DeleteFunc(m.everyCase(), func(id refund.CaseID) bool { c := m.CaseOf(id); return !c.Waiting() || c.Payment == "" })
	if len(waiting) == 0 {
		return
	}
	order := m.ruling(policy.OutcomeApproved)
	sold := m.At(m.Now).Packages()[0]
	if part := rapid.Int64Range(-2, 3).Draw(t, "part"); part > 0 {
		order.Ruling.Remedy = &policy.Remedy{Money: &money.Amount{Currency: "USD", Minor: sold.Price.Minor / part}}
	} else if part < 0 {
		order.Ruling.Remedy = &policy.Remedy{Credits: sold.Credits / ledger.Credits(-part)}
	}
	id := rapid.SampledFrom(waiting).Draw(t, "case")
	if candidates := candidatesOf(*m.CaseOf(id)); len(candidates) > 0 && rapid.Bool().Draw(t, "a candidate") {
		order.Payment = rapid.SampledFrom(candidates).Draw(t, "which")
	}
	m.ruleOn(t, id, order)
}

// endOne gives a refund of ours its last word.
func (m *machine) endOne(t *rapid.T, status payment.RefundStatus) {
	if len(m.payments) == 0 {
		return
	}
	id := rapid.SampledFrom(m.payments).Draw(t, "payment").Payment
	for caseID := range m.Provider.paidBack(id) {
		if caseID != "" {
			m.Provider.Ends(id, caseID, status)
		}
	}
}

// webhooks brings what waits at the provider in any order, some of it twice, and some of it never.
func (m *machine) webhooks(t *rapid.T) {
	for _, facts := range rapid.Permutation(m.Provider.brought()).Draw(t, "order") {
		for range rapid.IntRange(0, 2).Draw(t, "times") {
			m.hears(facts)
		}
	}
}

func (m *machine) resolveOne(t *rapid.T) {
	if len(m.payments) == 0 {
		return
	}
	resolution := payment.Resolution{
		Action: rapid.SampledFrom([]payment.Action{
			payment.ActionGrant, payment.ActionRefund, payment.ActionIgnore, payment.ActionTakeBack,
		}).Draw(t, "action"),
	}
	of := rapid.SampledFrom(m.payments).Draw(t, "payment")
	if of.Purchase.Customer == "" && resolution.Action == payment.ActionGrant {
		resolution.Customer = m.customers[0]
	}
	if _, err := m.orders(of.Payment, m.about(of.Payment, resolution)); err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict, fault.KindNotFound}, fault.KindOf(err), "%v", err)
	}
}

// checkWaits demands that no claim waits which what is declared would decide, though every message about it was lost once. One whose payment
// is another since its verdict waits for staff, or for the next change of what is declared.
func (m *machine) checkWaits() {
	for _, id := range m.everyCase() {
		waits := m.CaseOf(id)
		if !waits.AwaitsDowntime() {
			continue
		}
		require.NoError(m.t, again(func() error { return m.Decider().Decide(m.ctx(), message.NewCaseRequested(string(id), "", ""), m.Now) }))
		looked := m.CaseOf(id)
		if known := purchaseOf(m.t, *waits.Decision); known == nil || string(known) == string(purchaseOf(m.t, *looked.Decision)) {
			require.Equal(m.t, waits.Decision, looked.Decision, "%s waited in vain", id)
		}
	}
	for _, id := range m.outages {
		require.False(m.t, m.outage(id).Looking(), "%s is looked at for ever", id)
	}
}

// purchaseOf returns what a verdict knew of the purchase, nil where it rests on no facts.
func purchaseOf(t TB, d policy.Decision) json.RawMessage {
	var facts struct {
		Purchase json.RawMessage `json:"purchase"`
	}
	if d.Basis != nil && d.Basis.Facts != nil {
		require.NoError(t, json.Unmarshal(d.Basis.Facts, &facts))
	}
	return facts.Purchase
}

// everyCase returns the cases that anybody opened, or that were made unasked about a payment.
func (m *machine) everyCase() []refund.CaseID {
	ids := slices.Clone(m.cases)
	for _, id := range m.generations {
		ids = append(ids, refund.FailureCaseID(id))
	}
	for _, facts := range m.payments {
		for _, customer := range m.customers {
			ids = append(ids, duplicate(customer, facts.Payment))
			for _, declared := range m.outages {
				ids = append(ids, outageCase(customer, facts.Payment, declared))
			}
		}
	}
	var found []refund.Case
	require.NoError(m.t, again(func() (err error) {
		found, err = m.Store.FindCases(m.ctx(), ids...)
		return err
	}))
	return idsOf(found)
}

func (m *machine) everyPayment() []payment.Payment {
	ids := make([]payment.ID, len(m.payments))
	for i, facts := range m.payments {
		ids[i] = facts.Payment
	}
	var found []payment.Payment
	require.NoError(m.t, again(func() (err error) {
		found, err = m.Store.FindPayments(m.ctx(), ids...)
		return err
	}))
	return found
}
