package refund

import (
	"context"
	"fmt"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// rule returns the decision with the ruling on v.c as its verdict, and with its effect. It commits
// nothing. The reviewer calls it before it records the ruling, the decider when it carries the
// ruling out. So a recorded ruling is carried out, unless something has changed since.
//
// Errors: KindInvalid for what policy.Rule refuses. KindConflict where the record forbids it; where
// the payment's state does, it is not_possible, with what the payment waits for.
func (v decision) rule(ctx context.Context, store Record) (decision, error) {
	// The payment first: the facts are those of the payment that staff ruled on.
	v.actor = ledger.ActorStaff
	v, err := v.ruledOn(ctx, store)
	if err != nil {
		return v, err
	}
	v.facts = v.onRecord()
	ruling := *v.c.Ruling
	// Without complete facts there is no purchase to give back. A decline needs none.
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
	// Money for an output needs a payment to come from, which only the verdict's amount can tell.
	if v, err = v.withSource(ctx, store); err != nil {
		return v, err
	}
	effect, err := v.move()
	if err != nil {
		return v, err
	}
	// The payment ends the claims that are noted on it. This one has its own answer now.
	effect.untie(v)
	effect.Case = effect.Case.decide(v.verdict, Event{Actor: ledger.ActorStaff, By: ruling.By, Note: ruling.Note}, v.at)
	return v.with(effect), nil
}

// ruledOn returns the decision with the payment that the ruling is about, read from the store. A
// payment that the case cannot be about is KindInvalid payment.
func (v decision) ruledOn(ctx context.Context, store Record) (decision, error) {
	// Where the ruling names none and the case's own is not on record, a single candidate is meant.
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
	// A decline leaves the case's payment alone, so that the claimant learns of no other.
	if v.c.Ruling.Outcome == policy.OutcomeApproved {
		v.c.Payment = string(id)
	}
	v.snapshot = snapshot
	return v, nil
}

// checkDuplicates returns KindConflict not_possible where another candidate of a double charge went
// back whole already: a plain approval would give back both charges. Staff who mean it name the
// payment.
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
	// The case's own payment is not among them: the verdict itself is checked against that one.
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

// withSource returns the decision with the payment that money for an output is taken from: the
// first payment that its credits came from and that has as much left. KindConflict where there is
// none. A verdict that gives no money for an output stays as it is.
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
		// Credits of a grant or a gift came from no payment: they have no money behind them.
		if id == "" {
			continue
		}
		snapshot, err := v.snapshot.reload(ctx, store, Subject{Case: v.c.ID, Generation: v.snapshot.Generation.ID, Payment: id})
		if err != nil {
			return v, fault.At("refund.rule: read source "+string(id), string(v.c.ID), err)
		}
		// One payment must have the whole amount: a case promises money on one. The bank holds what
		// is disputed.
		if p := snapshot.Payment; p != nil && p.Refundable().Currency == amount.Currency && p.Refundable().Minor >= amount.Minor && !p.Disputed() {
			v.snapshot, v.c.Payment = snapshot, string(id)
			return v, nil
		}
	}
	return v, fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "no payment that these credits came from has as much money left")
}
