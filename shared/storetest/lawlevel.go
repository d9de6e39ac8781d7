package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// checkMoney is law 4, for every payment. What was taken back of it is what its facts say, counted
// here in another way than the code does. Its ledger lines say the same. And no provider was asked
// for more than was left.
func (m *machine) checkMoney(t *rapid.T) {
	require.Empty(t, m.Provider.over, "more was asked of the provider than was left")
	require.Empty(t, m.Provider.reused, "one key was used for two orders")
	lines, goodwill := m.issued()
	// A payment that granted nothing must have moved nothing.
	for _, p := range m.everyPayment() {
		if p.State != payment.StateGranted {
			require.Zero(t, p.Clawback.Granted)
			require.Zero(t, lines[p.ID]+goodwill[p.ID])
			continue
		}
		// Compare three counts: the record on the payment, the wallet's lines, and the target from
		// the facts.
		total := p.Clawback.Total()
		require.LessOrEqual(t, goodwill[p.ID], p.Granted(), "in place of the money of %s", p.ID)
		require.Equal(t, p.Granted()-total, lines[p.ID], "the lines of %s", p.ID)
		// A parked payment waits for staff: its facts contradict each other, so it has no target.
		if p.Parked == "" {
			require.Equal(t, targetOf(p), total, "%s is not level: %+v", p.ID, p)
		}
	}
	// A case is on its way, or closed, only where money is: credits are given in the verdict
	// itself.
	for _, id := range m.everyCase() {
		c := m.CaseOf(id)
		if c.State == refund.StateClosed || c.State == refund.StatePaying {
			require.Equal(t, policy.ArmMoney, c.Decision.Remedy.Arm(), "only money is on its way, or has arrived")
		}
	}
}

// issued returns, for each payment, the credits that its own lines issued less those that they took
// back, and the credits given in place of its money. A purchase that was never credited is credited
// itself, and gets no credits in place of money.
func (m *machine) issued() (sums, goodwill map[payment.ID]ledger.Credits) {
	sums, goodwill = map[payment.ID]ledger.Credits{}, map[payment.ID]ledger.Credits{}
	for _, customer := range m.customers {
		for _, row := range m.Rows(customer) {
			// A line without a payment is a gift or a generation's. A grant for another reason than
			// the purchase was given in place of its money.
			switch {
			case row.Payment == "":
			case row.Cause == ledger.MovementGrant && row.Reason != "purchase":
				require.NotEqual(m.t, string(policy.KindNotCredited), row.Reason, "%s is granted twice", row.Payment)
				goodwill[payment.ID(row.Payment)] += row.Amount
			case row.From == ledger.Issued:
				sums[payment.ID(row.Payment)] += row.Amount
			case row.To == ledger.Issued:
				sums[payment.ID(row.Payment)] -= row.Amount
			}
		}
	}
	return sums, goodwill
}

// targetOf counts, by the money, what should be taken back: first all that went back by another
// hand, then the credits that left with verdicts.
func targetOf(p payment.Payment) ledger.Credits {
	// Staff took the credits of a payment that failed: all of them go.
	price, credits := p.Purchase.Paid, int64(p.Granted())
	takeBack := func(r payment.Resolution) bool { return r.Action == payment.ActionTakeBack }
	if p.Purchase.Status == payment.StatusFailed && slices.ContainsFunc(p.Resolutions, takeBack) {
		return p.Granted()
	}
	// Each promise gave up its credits with its verdict. What went back beyond the promises is
	// nobody's verdict, and takes its share of the credits like any other external money.
	target, surplus := promiseTotal(p)
	external := externalTotal(p) + surplus
	// That share is rounded up: 1 cent of 500 takes a whole credit.
	if price > 0 {
		target += (credits*min(external, price) + price - 1) / price
	}
	return ledger.Credits(min(target, credits))
}

// externalTotal sums, in minor units, what went back by another hand.
func externalTotal(p payment.Payment) (total int64) {
	// A refund is ours only if its case has promised money of this payment: a case's id in the
	// provider's dashboard proves nothing.
	for _, refund := range p.Refunds {
		if refund.Counts() && !p.Promised[refund.Case].Money {
			total += refund.Amount.Minor
		}
	}
	// A dispute takes money at the bank, whatever became of our own refunds.
	for _, dispute := range p.Disputes {
		if dispute.Counts() {
			total += dispute.Amount.Minor
		}
	}
	return total
}

// promiseTotal sums the credits of the promises that count, and the money that went back beyond
// them.
func promiseTotal(p payment.Payment) (credits, surplus int64) {
	// What went back counts by the case that promised it, and so do the attempts that failed.
	failures, live := map[string]int{}, map[string]int64{}
	for _, refund := range p.Refunds {
		if refund.Counts() {
			live[refund.Case] += refund.Amount.Minor
		} else {
			failures[refund.Case]++
		}
	}
	// A status that nobody knows may mean success, so its promise still counts.
	status, _, _ := p.Latest()
	unclear := map[string]bool{}
	for _, refund := range status {
		unclear[refund.Case] = unclear[refund.Case] || !refund.Status.Valid()
	}
	// A promise counts while it is paid, unclear, or has an attempt left. Else the money stayed
	// with us, and its credits are the customer's again.
	for id, promise := range p.Promised {
		if !promise.Money {
			continue
		}
		if back, repaid := live[id]; repaid || unclear[id] || failures[id]+promise.GivenUp < promise.Attempts {
			credits += int64(promise.Credits)
			surplus += max(0, back-promise.Minor)
		}
	}
	return credits, surplus
}

// settleMoney is law 7 for money: the provider works and has decided, its answers are received, and
// each case ends as its money did.
func (m *machine) settleMoney() {
	// No more faults from here on. Refunds of ours succeed, and what no webhook brought is polled.
	m.Provider.calm()
	// Six rounds of two hours are more than the longest chain of promise, refund, failure and new
	// promise.
	for range 6 {
		m.looks()
		for _, facts := range m.payments {
			for caseID := range m.Provider.paidBack(facts.Payment) {
				if caseID != "" {
					m.Provider.Ends(facts.Payment, caseID, payment.RefundSucceeded)
				}
			}
		}
		m.Nudge()
		m.Sweep()
		m.Drain()
		m.Polls()
		m.Drain()
		m.notifyAll()
		m.Pass(2 * time.Hour)
	}
}

// looks looks up every payment at the provider and receives what it answers. For a status that
// nobody knew, that is what became of it.
func (m *machine) looks() {
	for _, facts := range m.payments {
		events, err := m.Provider.Look(m.ctx(), facts.Payment)
		require.NoError(m.t, err)
		// All that the provider knows comes again, old and new, which must be as harmless as a
		// webhook.
		for _, event := range events {
			m.receive(event)
		}
	}
}

// checkSettled demands that what our cases say went back is what the provider gave back.
func (m *machine) checkSettled(t *rapid.T) {
	paidOf := map[string]payment.ID{}
	for _, p := range m.everyPayment() {
		// Only the look at money on its way may still be due: that takes days.
		for step := range p.Todo {
			require.Equal(t, todo.StepLook, step, "%s owes the world something", p.ID)
		}
		back := m.Provider.paidBack(p.ID)
		for id, promise := range p.Promised {
			progress := p.Progress(id)
			if !promise.Money {
				continue
			}
			// Each promise is paid by us, failed, or paid by another hand. Nothing may be open at
			// the end.
			require.Contains(t, []payment.Progress{payment.ProgressPaid, payment.ProgressFailed, payment.ProgressExternal}, progress)
			require.Equal(t, progress == payment.ProgressPaid, back[id] == promise.Minor, "%s of %s", progress, p.ID)
			require.True(t, progress == payment.ProgressPaid || back[id] == 0)
			if progress == payment.ProgressPaid {
				require.Empty(t, paidOf[id], "%s is paid of two payments", id)
				paidOf[id] = p.ID
			}
			// A case and its payment are two rows that follow each other, so compare them too.
			c := m.caseNamed(id)
			if c == nil {
				continue // staff's own, of a parked payment
			}
			if c.Payment != string(p.ID) {
				require.NotEqual(t, payment.ProgressPaid, progress, "%s was ruled onto %s", id, c.Payment)
				continue // its money did not go back of this one
			}
			if progress == payment.ProgressExternal && c.State == refund.StateDeclined {
				continue // it failed, staff declined, and then the bank took the money: their answer stands
			}
			require.Equal(t, progress == payment.ProgressFailed, c.State != refund.StateClosed, "%s: %s is %s", progress, id, c.State)
			require.NotEqual(t, refund.StatePaying, c.State)
		}
	}
	m.replay(t)
}

// replay is law 5 for what is settled: everything that the provider knows, in any order and twice,
// changes nothing.
func (m *machine) replay(t *rapid.T) {
	m.looks()
	for _, facts := range m.payments {
		events, err := m.Provider.Look(m.ctx(), facts.Payment)
		require.NoError(t, err)
		// Doubled and shuffled: no order of facts that were received before may move a credit.
		for _, event := range rapid.Permutation(append(events, events...)).Draw(t, "said") {
			require.False(t, m.receive(event).Changed, "%+v", event)
		}
	}
}

func (m *machine) caseNamed(name string) *refund.Case {
	// Staff's own refunds of parked payments have no case behind their name.
	id, err := refund.ParseCaseID(name)
	if err != nil {
		return nil
	}
	return m.CaseOf(id)
}
