package browsertest_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/storetest"
)

func (o *office) declarer() outage.Declarer {
	return outage.Declarer{Store: o.Store, Estimator: refund.Estimator{Policy: o}, Looks: o}
}

// gives has the customer get credits.
func (o *office) gives(customer ledger.CustomerID, credits ledger.Credits) {
	o.t.Helper()
	_, err := grant.Granter{Store: o.Store}.Give(o.t.Context(), grant.Order{
		Customer: customer, Credits: credits, Source: ledger.SourceGoodwill, Note: o.write("sorry for the wait"), Staff: true, Principal: "app", Key: o.Key(),
	}, o.Now)
	require.NoError(o.t, err)
}

// makes has a picture of the customer made, which came as the result says.
func (o *office) makes(customer ledger.CustomerID, feature string, result generation.Result) generation.ID {
	o.t.Helper()
	o.gives(customer, 4)
	started, err := o.Starter().Start(o.t.Context(), generation.Order{
		Customer: customer, Feature: feature, Platform: "web", Reference: o.write("order 17"), Principal: "app", Key: o.Key(),
		Words: generation.Words{Prompt: o.write("a hand that waves"), Template: o.write("waving")},
	}, o.Now)
	require.NoError(o.t, err)
	o.Settles(started.ID, result)
	return started.ID
}

// sixth is where the finger is that is one too many.
var sixth = refund.Region{X: 600, Y: 330, Width: 190, Height: 340}

// reports opens the case of a picture with six fingers.
func (o *office) reports(customer ledger.CustomerID, feature, words string) refund.CaseID {
	o.t.Helper()
	came := o.Success(0)
	came.Outputs, came.InputURL = []generation.Output{{URL: outputLink, MediaType: "image/png"}}, inputLink
	made := o.makes(customer, feature, came)
	o.Pass(time.Minute)
	opened, err := o.Reporter().File(o.t.Context(), refund.Report{
		Generation: made, Statement: refund.Statement{Description: o.write(words), Issue: policy.IssueDistortion, Region: &sixth},
		Principal: "app", Key: o.Key(), Actor: ledger.ActorApp,
	}, o.Now)
	require.NoError(o.t, err)
	o.Deliver()
	return opened.Case
}

// fails has the customer's picture fail, which gives its credits back.
func (o *office) fails(customer ledger.CustomerID) generation.ID {
	o.t.Helper()
	result := o.Failure(generation.CausePlatform)
	result.Failure.Code, result.Failure.Message = o.write("lost"), o.write("the worker is gone")
	made := o.makes(customer, "recolor", result)
	o.Deliver()
	return made
}

// claims opens the case of a claim, of a payment where one is named.
func (o *office) claims(kind policy.Kind, customer ledger.CustomerID, about payment.ID, words string) refund.CaseID {
	o.t.Helper()
	opened, err := o.Claimer().File(o.t.Context(), refund.Request{
		Kind: kind, Customer: customer, Payment: string(about), Principal: "app", Key: o.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{
			Email: string(customer) + "@example.com", PaidAt: o.Now, Amount: money.Amount{Currency: "USD", Minor: 1000}, Reason: o.write(words),
			TransactionIDs: []string{o.write("txn 8")}, Attachments: []string{"https://files.example/" + o.write("receipt.pdf")},
		},
	}, o.Now)
	require.NoError(o.t, err)
	o.Deliver()
	return opened.Case
}

// buys has a payment come.
func (o *office) buys(id payment.ID, customer ledger.CustomerID) payment.ID {
	o.t.Helper()
	o.Receives(o.Paid(id, customer))
	return id
}

// parks has a payment come that names nobody whom we know, and no package of ours.
func (o *office) parks(id payment.ID) {
	o.t.Helper()
	facts := o.Paid(id, ledger.CustomerID(o.write("somebody new")))
	facts.Purchase.Package = o.write("credits-7")
	o.Receives(facts)
}

// shorts has a payment come of somebody whom we know, with less than its package costs.
func (o *office) shorts(id payment.ID, customer ledger.CustomerID) {
	o.t.Helper()
	facts := o.Paid(id, customer)
	facts.Purchase.Subtotal.Minor--
	facts.Purchase.Paid--
	o.Receives(facts)
}

// rules has somebody else decide a case.
func (o *office) rules(id refund.CaseID, ruling policy.Ruling) {
	o.t.Helper()
	_, err := o.Reviewer().Rule(o.t.Context(), id, refund.RulingOrder{
		Ruling: ruling, Note: o.write("I counted"), By: "bob", Principal: "staff:bob", Key: o.Key(),
	}, o.Now)
	require.NoError(o.t, err)
	o.Drain()
}

// appeals has the customer object to the first ruling, which declined.
func (o *office) appeals(id refund.CaseID) {
	o.t.Helper()
	o.rules(id, policy.Ruling{Outcome: policy.OutcomeDeclined})
	_, err := o.Appealer().Appeal(o.t.Context(), id, refund.AppealOrder{
		Words: o.write("please look again"), Actor: ledger.ActorCustomer, Principal: "app", Key: o.Key(), See: func(ledger.CustomerID) error { return nil },
	}, o.Now)
	require.NoError(o.t, err)
}

// repels has a refund that staff approved be refused by the provider.
func (o *office) repels(customer ledger.CustomerID, id payment.ID) refund.CaseID {
	o.t.Helper()
	o.buys(id, customer)
	claimed := o.claims(policy.KindAbnormalCharge, customer, id, "I never bought this")
	o.Provider.Has(storetest.FaultRefusal)
	o.rules(claimed, policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: policy.InMoney(money.Amount{Currency: "USD", Minor: 500})})
	require.True(o.t, o.CaseOf(claimed).Waiting())
	return claimed
}

// disputes has a bank dispute half of a payment; two days are left to answer.
func (o *office) disputes(id payment.ID) {
	o.t.Helper()
	facts := o.Disputed(id, "dp_"+string(id), 500, payment.DisputeOpen)
	facts.Dispute.Reason, facts.Dispute.DueBy = "fraudulent", o.Now.Add(48*time.Hour)
	o.Receives(facts)
}

// sticks has the sweep give a generation up whose messages are lost.
func (o *office) sticks(customer ledger.CustomerID) generation.ID {
	o.t.Helper()
	o.gives(customer, 4)
	id := o.Starts(customer, 1)
	began := o.Now
	for range 3 * due.MaxAttempts {
		o.Pass(2 * time.Hour)
		o.Sweep()
		o.Lose()
	}
	o.Now = began
	return id
}

// exceeds has a customer report more than the policy lets pass.
func (o *office) exceeds(customer ledger.CustomerID) {
	o.t.Helper()
	o.gives(customer, 100)
	for range 3 {
		made := o.Generated(customer, generation.MaxOutputs)
		for output := range generation.MaxOutputs {
			o.Reports(made, output)
		}
		o.Deliver()
	}
}

// declares has an outage of an hour declared.
func (o *office) declares() outage.ID {
	o.t.Helper()
	end := o.Now.Add(-time.Hour)
	declared, _, err := o.declarer().Declare(o.t.Context(), outage.Declaration{
		StartedAt: end.Add(-time.Hour), EndedAt: &end, PreventedUse: true, By: "bob", Principal: "staff:bob", Key: o.Key(),
	}, o.Now)
	require.NoError(o.t, err)
	return declared.ID
}

// day is an office in which something of every sort has happened.
type day struct {
	// Picture and Claim wait, Appealed does for the second time, Closed is decided.
	Picture, Claim, Appealed, Closed refund.CaseID
	Failed, Stuck                    generation.ID
	Outage                           outage.ID
	// Parked waits for a person, and Short, which was not enough. Repeated may be a second charge,
	// Refused is one whose refund failed, Disputed one of which a bank waits for an answer.
	Parked, Short, Repeated, Refused, Disputed payment.ID
	// Simulation is the path of one that has ended.
	Simulation string
}

// passes has such a day pass.
func (o *office) passes() day {
	o.t.Helper()
	d := day{Parked: "pi_parked", Short: "pi_short", Repeated: "pi_again", Refused: "pi_refused", Disputed: "pi_disputed"}
	d.Stuck = o.sticks("erin")
	o.Pass(48 * time.Hour)
	o.repels("dave", d.Refused)
	d.Closed = o.reports("alice", "recolor", "my ring is gone")
	o.rules(d.Closed, policy.Ruling{Outcome: policy.OutcomeApproved})
	o.Pass(3 * time.Hour)
	d.Appealed = o.reports("carol", "logo", "it has no letters")
	o.appeals(d.Appealed)
	o.Pass(time.Hour)
	d.Picture = o.reports("alice", "virtual-model", "The hand has six fingers, and my ring is gone.")
	require.NoError(o.t, o.Reviewer().Skip(o.t.Context(), d.Picture, "bob", o.write("is a thumb a finger?"), o.Now))
	d.Failed = o.fails("alice")
	o.Pass(time.Hour)
	o.buys("pi_first", "carol")
	o.Pass(time.Minute)
	o.buys(d.Repeated, "carol")
	d.Claim = o.claims(policy.KindNotCredited, "grace", "", "I paid, and nothing came.")
	o.parks(d.Parked)
	o.shorts(d.Short, "grace")
	o.buys(d.Disputed, "heidi")
	o.disputes(d.Disputed)
	o.exceeds("frank")
	_, err := o.Setter().Set(o.t.Context(), "frank", standing.Change{Standing: ledger.StandingGood, Note: o.write("he asked nicely"), By: "bob"}, o.Now)
	require.NoError(o.t, err)
	d.Outage = o.declares()
	require.NoError(o.t, refund.SaveView(o.t.Context(), o.Store, "ann", refund.SavedView{Name: "Not credited", Filter: "kind=not_credited"}))
	d.Simulation = o.simulates()
	return d
}
