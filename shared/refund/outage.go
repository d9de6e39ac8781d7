package refund

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// Estimator answers what outages ask of the stack's policy, with the facts and the verdict that the
// case of an outage's run would have. It implements outage.Estimator.
type Estimator struct {
	// Policy is the stack's policy.
	Policy Policy
}

// Lists reports whether the policy lists the feature at the instant.
func (e Estimator) Lists(feature string, at time.Time) bool {
	_, ok := e.Policy.At(at).Feature(feature)
	return ok
}

// Gave reports whether the outage's run promised the buyer of the payment something.
func (e Estimator) Gave(p payment.Payment, id outage.ID) bool {
	_, ok := p.Promised[string(outageCaseID(p.Customer(), string(id), p.ID))]
	return ok
}

// Estimate returns what the run would give the buyer of the payment for the downtime, by what is on
// record at the instant. false where it would give nothing, or not without a person.
func (e Estimator) Estimate(p payment.Payment, wallet ledger.Wallet, downtime policy.OutageFacts, at time.Time) (outage.Gift, bool) {
	// The run leaves alone what names nobody, what a bank holds, and what was bought since.
	if p.Customer() == "" || p.Disputed() || p.Purchase.PaidAt.After(at) {
		return outage.Gift{}, false
	}
	v := decision{
		at: at, actor: ledger.ActorSystem, published: e.Policy, rules: payment.Rules{Catalog: e.Policy},
		snapshot: Snapshot{Payment: &p, Wallet: wallet},
		c:        Case{Kind: policy.KindOutage, Customer: p.Customer(), Payment: string(p.ID), OpenedAt: at},
	}
	if v.facts = v.onRecord(); v.facts.complete {
		v.facts.rely([]outage.Downtime{{OutageFacts: downtime}})
	}
	verdict, err := v.answer()
	if err != nil || verdict.Outcome != policy.OutcomeApproved {
		return outage.Gift{}, false
	}
	return outage.Gift{
		Payment: p.ID, Remedy: *verdict.Remedy, Unspent: v.facts.Purchase.Credits - v.facts.Purchase.CreditsSpent,
	}, true
}
