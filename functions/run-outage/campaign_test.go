package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// drain delivers everything that waits, of the run too, until nothing does. A message whose process
// was killed comes again, when what it asked for is decided.
func (d *desk) drain() (killed int) {
	d.t.Helper()
	for len(d.started) > 0 {
		body, err := json.Marshal(d.started[0])
		require.NoError(d.t, err)
		if failed := invoke(d.t, d.handler, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(body)}}}); failed != nil {
			killed++
		} else {
			d.started = d.started[1:]
		}
		for _, request := range d.requests {
			require.NoError(d.t, d.World.Request(d.t.Context(), request))
		}
		d.requests = nil
		d.Drain()
		require.Less(d.t, killed, 10)
	}
	d.Drain()
	return killed
}

// buysBasic makes the customer buy 120 credits for 10.00 USD, of which a cent is discounted.
func (d *desk) buysBasic(customer ledger.CustomerID, paidAt time.Time) {
	d.t.Helper()
	facts := d.Paid(paymentOf(customer), customer)
	facts.Purchase.Package, facts.Purchase.Subtotal = "basic", money.Amount{Currency: "USD", Minor: 1000}
	facts.Purchase.Paid, facts.Purchase.PaidAt = 999, paidAt
	d.Receives(facts)
	d.WantAvailable(customer, 120)
}

func paymentOf(customer ledger.CustomerID) payment.ID { return payment.ID("pi_" + customer) }

// made returns the case that the outage made about the customer's purchase, nil when it made none.
func (d *desk) made(customer ledger.CustomerID) *refund.Case {
	return d.CaseOf(refund.NewCaseID(customer.Key(), policy.KindOutage, string(paymentOf(customer))+"/"+string(declared)))
}

func TestA49HourOutagePaysEachAffectedPurchaseItsUnspentShareOnce(t *testing.T) {
	d := open(t)
	d.buysBasic("early", d.Now.Add(-30*24*time.Hour)) // 30 days at the outage's beginning
	for _, customer := range []ledger.CustomerID{"partly", "fully", "held", "banned", "disputed", "claimed"} {
		d.buysBasic(customer, d.Now)
	}
	d.buys(110) // so that there are three pages
	d.Uses("partly", 1)
	d.Uses("fully", 40)
	held := d.Starts("held", 2)
	d.SetsStanding("banned", ledger.StandingTerminated)
	d.Receives(d.Disputed("pi_disputed", "dp_1", 999, payment.DisputeOpen))
	claim := func(customer ledger.CustomerID) refund.CaseID {
		return d.Claims(policy.KindOutage, customer, paymentOf(customer))
	}

	d.starts(49 * time.Hour)
	d.buysBasic("late", d.Now)
	before := claim("claimed")
	d.Drain()
	d.WantVerdict(before, refund.StateClosed, "G2.3")

	d.cuts = []int{30, 20, 60} // twice in the first page, once in the second
	assert.Equal(t, 3, d.drain())
	run := d.run()
	assert.Equal(t, []int{118, 112}, []int{run.Seen, run.Requested})
	for customer, want := range map[ledger.CustomerID]struct {
		cents int64
		left  ledger.Credits
	}{"partly": {974, 0}, "held": {949, 0}, "customer-00": {500, 0}, "customer-99": {500, 0}} {
		made := d.made(customer)
		require.NotNil(t, made, customer)
		assert.Equal(t, []any{refund.StateClosed, "G2.3", string(declared)}, []any{made.State, made.Decision.Clause, made.Outage}, customer)
		assert.Equal(t, money.Amount{Currency: "USD", Minor: want.cents}, made.Decision.Remedy.Money(), customer)
		paid := d.PaymentOf(paymentOf(customer))
		assert.Equal(t, want.cents, paid.RefundTotal(), customer)
		assert.Len(t, paid.Refunds, 1, customer)
		d.WantAvailable(customer, want.left)
		d.WantOwed(customer, 0)
		d.WantLaws(customer)
	}
	for _, customer := range []ledger.CustomerID{"early", "fully", "banned", "disputed", "claimed", "late"} {
		assert.Nil(t, d.made(customer), customer)
	}
	d.WantAvailable("late", 120)
	d.Settles(held, d.Success(2))
	assert.EqualValues(t, 6, d.PaymentOf("pi_held").Granted()-d.PaymentOf("pi_held").Clawback.Total(), "what was held was spent, and never paid")

	for customer, clause := range map[ledger.CustomerID]string{"partly": policy.ClauseAlreadyRefunded, "fully": "G3.1", "early": "G3.3", "banned": "G3.4"} {
		claimed := claim(customer)
		d.Drain()
		d.WantVerdict(claimed, refund.StateDeclined, clause)
	}
	claimed := claim("late")
	d.Drain()
	d.WantVerdict(claimed, refund.StateInReview, policy.ClauseNoRule)
}

func TestASecondDeclarationOfOneOutagePaysNobodyTwice(t *testing.T) {
	d := open(t)
	d.buysBasic("alice", d.Now)
	began := d.Now
	d.starts(49 * time.Hour)
	d.drain()
	require.NotNil(t, d.made("alice"))
	again := d.Declares(began, began.Add(50*time.Hour))
	assert.Zero(t, again.Preview.Purchases)
	d.MakesGood(again.ID, outage.GiveMoney)
	d.drain()
	assert.Nil(t, d.CaseOf(refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindOutage, "pi_alice/"+string(again.ID))))
	assert.EqualValues(t, 999, d.PaymentOf("pi_alice").RefundTotal())
	assert.Len(t, d.PaymentOf("pi_alice").Refunds, 1)
}

func TestAnOutageOf48HoursGivesNothingUntilAnotherTouchesIt(t *testing.T) {
	d := open(t)
	d.buysBasic("alice", d.Now)
	began := d.Now
	d.starts(48 * time.Hour)
	d.drain()
	assert.Equal(t, outage.Run{Give: outage.GiveMoney, StartedAt: d.Now, By: "operator", Page: 2, Seen: 1, DoneAt: d.Now}, d.run())
	rest := d.Declares(began.Add(48*time.Hour), began.Add(48*time.Hour+time.Millisecond))
	assert.Equal(t, 1, rest.Preview.Purchases)
	d.MakesGood(rest.ID, outage.GiveMoney)
	d.drain()
	d.WantAvailable("alice", 0)
	assert.EqualValues(t, 999, d.PaymentOf("pi_alice").RefundTotal())
}
