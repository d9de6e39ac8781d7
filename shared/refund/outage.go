package refund

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// OpenOutageRules returns what opens the policy as outages ask it.
func OpenOutageRules(open func() (Policy, error)) func() (outage.Rules, error) {
	return func() (outage.Rules, error) {
		published, err := open()
		if err != nil {
			return outage.Rules{}, err
		}
		return OutageRules(published), nil
	}
}

// OutageRules returns the policy as outages ask it.
func OutageRules(published Policy) outage.Rules {
	return outage.Rules{
		Lists: func(feature string, at time.Time) bool {
			_, listed := published.At(at).Feature(feature)
			return listed
		},
		Gives: func(p payment.Payment, wallet ledger.Wallet, met policy.OutageFacts, at time.Time) (*policy.Remedy, ledger.Credits) {
			return forOutage(published, p, wallet, met, at)
		},
		Gave: func(p payment.Payment, id outage.ID) bool {
			_, gave := p.Promised[string(outageCaseID(p.Customer(), string(id), p.ID))]
			return gave
		},
	}
}

// forOutage returns what the policy would give for the outage to the buyer of the payment, and how many of its credits are unspent: an
// estimate, by what stands now. nil where it would give nothing, or not without a person.
func forOutage(published Policy, p payment.Payment, wallet ledger.Wallet, met policy.OutageFacts, now time.Time) (*policy.Remedy, ledger.Credits) {
	asked := Case{Kind: policy.KindOutage, Customer: p.Customer(), OpenedAt: now}
	if asked.Customer == "" || p.Disputed() || p.Purchase.PaidAt.After(now) {
		return nil, 0
	}
	v := decision{
		at: now, actor: ledger.ActorSystem, published: published, rules: payment.Rules{Catalog: published},
		snapshot: Snapshot{Payment: &p, Wallet: wallet}, c: asked,
	}
	v.facts = v.onRecord()
	if !v.facts.complete {
		return nil, 0
	}
	v.facts.Outage = &met
	verdict := v.answer()
	if verdict.Outcome != policy.OutcomeApproved {
		return nil, 0
	}
	return verdict.Remedy, v.facts.Purchase.Credits - v.facts.Purchase.CreditsSpent
}
