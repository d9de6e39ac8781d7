package storetest

import (
	"strconv"
	"time"

	"pgregory.net/rapid"

	"makegood/shared/payment"
	"makegood/shared/policy"
)

// purchaseActions are the purchases of a story: alone, twice, used up, unheard of, or paid late.
func (m *machine) purchaseActions() map[string]func(*rapid.T) {
	// What is drawn stays in m.payments: later actions refund, dispute and claim it, and the laws
	// count by it.
	return map[string]func(*rapid.T){
		"a purchase": func(t *rapid.T) {
			facts := m.drawPurchase(t)
			m.Receives(facts)
		},
		// Claims name both charges, for the policy must pay back the later one whichever is named.
		"a double charge": func(t *rapid.T) {
			first := m.drawPurchase(t)
			m.Receives(first)
			m.Receives(m.drawRepeat(t, first))
			m.tryClaim(t, policy.KindDuplicateCharge, first)
			m.tryClaim(t, policy.KindDuplicateCharge, m.payments[len(m.payments)-1])
			m.Deliver()
		},
		"a second purchase for the same": func(t *rapid.T) {
			if len(m.payments) > 0 {
				m.Receives(m.drawRepeat(t, rapid.SampledFrom(m.payments).Draw(t, "payment")))
			}
		},
		"a purchase that is used": m.useUp,
		"a missed purchase":       func(t *rapid.T) { m.Misses(m.drawPurchase(t)) },
		// Money of a slow method (a bank debit) comes or fails long after the order.
		// The facts are replaced where they are kept, so that a repeat of them says the same.
		"money that comes, or does not": func(t *rapid.T) {
			for i, facts := range m.payments {
				if facts.Purchase.Status == payment.StatusUnpaid {
					end := *facts.Purchase
					end.Status = rapid.SampledFrom([]payment.Status{payment.StatusFailed, payment.StatusPaid}).Draw(t, "status")
					m.payments[i].Purchase = &end
					m.Receives(m.payments[i])
				}
			}
		},
	}
}

// useUp has a customer buy, and spend some of it. Spent credits matter: what is taken back later
// cannot come from its own lot and becomes a debt.
func (m *machine) useUp(t *rapid.T) {
	facts := m.drawPurchase(t)
	m.Receives(facts)
	for range rapid.IntRange(1, 4).Draw(t, "times") {
		start, err := m.start(m.order(facts.Purchase.Customer, 8))
		if err != nil { // parked, restricted, or what was granted went into a debt
			return
		}
		m.generations = append(m.generations, start.ID)
		m.Settles(start.ID, m.Success(-1))
	}
}

// drawPurchase draws a purchase, now and then one that staff must look at.
func (m *machine) drawPurchase(t *rapid.T) payment.Facts {
	facts := m.Paid(m.Payment(strconv.Itoa(len(m.payments))), m.anyone(t))
	// Three of seven draws are plain; the others are parked, discounted or unpaid.
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

// drawRepeat draws a second charge for the same thing.
func (m *machine) drawRepeat(t *rapid.T, first payment.Facts) payment.Facts {
	purchase := *first.Purchase
	// A second earlier makes it the original of the first one. At one instant each repeats the
	// other.
	purchase.PaidAt = purchase.PaidAt.Add(rapid.SampledFrom([]time.Duration{-time.Second, 0, time.Minute}).Draw(t, "apart"))
	facts := payment.Facts{Payment: m.Payment(strconv.Itoa(len(m.payments))), Provider: providerName, Purchase: &purchase}
	m.payments = append(m.payments, facts)
	return facts
}
