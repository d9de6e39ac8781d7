package refund

import (
	"context"
	"fmt"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// rule returns the decision with the ruling on v.c as its verdict, and what that moves. It commits
// nothing. The reviewer asks it before the ruling is recorded, the decider when it is carried out:
// so a ruling that is recorded is carried out, unless something has changed since.
//
// Errors: KindInvalid for what policy.Rule refuses; KindConflict where what is on record forbids
// it, not_possible with what the payment waits for where it is a payment's state.
func (v decision) rule(ctx context.Context, store Record) (decision, error) {
	v.actor = ledger.ActorStaff
	v, err := v.ruledOn(ctx, store)
	if err != nil {
		return v, err
	}
	v.facts = v.onRecord()
	ruling := *v.c.Ruling
	if ruling.Outcome == policy.OutcomeApproved && v.c.Kind.AboutPurchase() && !v.facts.complete && v.snapshot.Payment != nil {
		return v, unusable(*v.snapshot.Payment, v.c)
	}
	if err := v.checkDuplicates(ctx, store); err != nil {
		return v, err
	}
	// An answer to an appeal goes by the verdict that the appeal is against.
	prior := *v.c.Decision
	if v.c.Appealing() {
		prior = v.c.First()
	}
	if v.verdict, err = policy.Rule(v.facts.revision, v.facts.Facts, prior, ruling.Ruling, v.at); err != nil {
		return v, err
	}
	if v, err = v.withSource(ctx, store); err != nil {
		return v, err
	}
	effect, err := v.move()
	if err != nil {
		return v, err
	}
	effect.untie(v)
	effect.Case = effect.Case.decide(v.verdict, Event{Actor: ledger.ActorStaff, By: ruling.By, Note: ruling.Note}, v.at)
	return v.with(effect), nil
}

// ruledOn returns the decision with the payment that the ruling is about: the one that it names, or
// where it names none and the case's own is not on record, the only candidate. The case of a
// refusal names no other than before, so that the claimant learns of none. KindInvalid payment for
// one that the case cannot be about.
func (v decision) ruledOn(ctx context.Context, store Record) (decision, error) {
	id := v.c.Ruling.Payment
	if id == "" && v.snapshot.Payment == nil && len(v.c.Candidates) == 1 {
		id = v.c.Candidates[0].Payment
	}
	if id == "" || string(id) == v.c.Payment {
		return v, nil
	}
	if err := id.Validate("payment"); err != nil {
		return v, err
	}
	snapshot, err := v.snapshot.reload(ctx, store, Subject{Case: v.c.ID, Payment: id})
	if err != nil {
		return v, fault.At("refund.rule: read payment "+string(id), string(v.c.ID), err)
	}
	if !v.c.mayBe(id, snapshot.Payment) {
		return v, fault.Invalid("payment", "must be one of the case's candidates, another payment of the customer's, or one that names nobody")
	}
	if v.c.Ruling.Outcome == policy.OutcomeApproved {
		v.c.Payment = string(id)
	}
	v.snapshot = snapshot
	return v, nil
}

// checkDuplicates returns KindConflict not_possible for a plain approval of a double charge of
// which another candidate has gone back whole: approved without a look at that one, both charges
// would. Staff who mean it name the payment.
func (v decision) checkDuplicates(ctx context.Context, store Record) error {
	ruling := v.c.Ruling
	if v.c.Kind != policy.KindDuplicateCharge || ruling.Outcome != policy.OutcomeApproved || ruling.Payment != "" {
		return nil
	}
	var ids []payment.ID
	for _, candidate := range v.c.Candidates {
		if string(candidate.Payment) != v.c.Payment {
			ids = append(ids, candidate.Payment)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	others, err := store.FindPayments(ctx, ids...)
	if err != nil {
		return fault.At("refund.rule: read candidates", string(v.c.ID), err)
	}
	for _, other := range others {
		if other.Purchase != nil && other.Refundable().Minor == 0 {
			return other.NotPossible(fmt.Sprintf("%s of the candidates went back already: name the payment that shall go back", other.ID))
		}
	}
	return nil
}

// unusable returns why nothing can be given back for a payment that is on record.
func unusable(p payment.Payment, c Case) error {
	customer, reason := p.Customer(), p.Waits()
	switch {
	case customer != "" && customer != c.Customer:
		return p.NotPossible("the payment is another customer's")
	case reason != "":
		return p.NotPossible(fmt.Sprintf("the payment stands on the desk %q because of %s: staff decide about it there", p.ReviewQueue(), reason))
	}
	return p.NotPossible("nothing can be given back for the payment as it stands, though it waits for nobody")
}

// withSource returns the decision with the payment that money for an output goes back of: the first
// of those that its credits came from that has as much left. KindConflict where there is none. A
// verdict that gives no such money stays as it is.
func (v decision) withSource(ctx context.Context, store Record) (decision, error) {
	if v.c.Kind != policy.KindBadResult || policy.ArmOf(v.verdict.Remedy) != policy.ArmMoney {
		return v, nil
	}
	amount := v.verdict.Remedy.Money()
	for _, draw := range v.snapshot.Generation.OutputDraws(v.c.Output) {
		id, err := store.GrantedBy(ctx, v.c.Customer, draw.Lot, draw.GrantedAt)
		if err != nil {
			return v, fault.At("refund.rule: find source of lot "+string(draw.Lot), string(v.c.ID), err)
		}
		if id == "" {
			continue
		}
		snapshot, err := v.snapshot.reload(ctx, store, Subject{Case: v.c.ID, Generation: v.snapshot.Generation.ID, Payment: id})
		if err != nil {
			return v, fault.At("refund.rule: read source "+string(id), string(v.c.ID), err)
		}
		if p := snapshot.Payment; p != nil && p.Refundable().Currency == amount.Currency && p.Refundable().Minor >= amount.Minor && !p.Disputed() {
			v.snapshot, v.c.Payment = snapshot, string(id)
			return v, nil
		}
	}
	return v, fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "no payment that these credits came from has as much money left")
}
