package refund

import (
	"context"
	"fmt"
	"time"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// ruler turns a ruling into a verdict with what it moves. The reviewer asks it before the ruling is recorded, the decider when it is carried out:
// a ruling that is recorded is carried out, unless something has changed since.
type ruler struct {
	store     Record
	published Policy
	receiver  payment.Receiver // judges payments, and writes nothing
}

// effect returns the case's ruling as the verdict with what it moves. It commits nothing.
//
// Errors: KindInvalid for what policy.Rule refuses; KindConflict where what is on record forbids it, not_possible with what the payment waits
// for where it is a payment's state.
func (r ruler) effect(ctx context.Context, found Snapshot, reviewed Case, now time.Time) (Effect, error) {
	found, reviewed, err := r.about(ctx, found, reviewed)
	if err != nil {
		return Effect{}, err
	}
	facts := onRecord(r.receiver, r.published, found, reviewed)
	if reviewed.Ruling.Outcome == policy.OutcomeApproved && reviewed.Kind.AboutPurchase() && !facts.complete && found.Payment != nil {
		return Effect{}, unusable(*found.Payment, reviewed)
	}
	if err := r.oneGoesBack(ctx, reviewed); err != nil {
		return Effect{}, err
	}
	prior := *reviewed.Decision
	if reviewed.Appealing() {
		prior = reviewed.First()
	}
	verdict, err := policy.Rule(facts.revision, facts.Facts, prior, reviewed.Ruling.Ruling, now)
	if err != nil {
		return Effect{}, err
	}
	if money := verdict.Remedy; money != nil && money.Money != nil && reviewed.Kind == policy.KindBadResult {
		if found, err = r.withSource(ctx, found, reviewed, *money.Money); err != nil {
			return Effect{}, err
		}
		reviewed.Payment = string(found.Payment.ID)
	}
	effect, err := effectOf(found, facts, reviewed, verdict, ActorStaff, now)
	if err != nil {
		return Effect{}, err
	}
	effect.untie(found, now)
	effect.Case = effect.Case.decide(verdict, Event{Actor: ActorStaff, By: reviewed.Ruling.By, Note: reviewed.Ruling.Note}, now)
	return effect, nil
}

// about returns what was found with the payment that the ruling is about, and the case as one about that: the one that it names, or where it names
// none and the case's own is not on record, the only candidate. The case of a refusal names no other than before, so that the claimant learns of none.
// KindInvalid payment for one that the case cannot be about.
func (r ruler) about(ctx context.Context, found Snapshot, reviewed Case) (Snapshot, Case, error) {
	named := reviewed.Ruling.Payment
	if named == "" && found.Payment == nil && len(reviewed.Candidates) == 1 {
		named = reviewed.Candidates[0].Payment
	}
	if named == "" || string(named) == reviewed.Payment {
		return found, reviewed, nil
	}
	if err := named.Validate("payment"); err != nil {
		return found, reviewed, err
	}
	with, err := found.reload(ctx, r.store, Matter{Case: reviewed.ID, Payment: named})
	if err != nil {
		return found, reviewed, err
	}
	if !reviewed.mayBe(named, with.Payment) {
		return found, reviewed, fault.Invalid("payment", "must be one of the case's candidates, another payment of the customer's, or one that names nobody")
	}
	if reviewed.Ruling.Outcome == policy.OutcomeApproved {
		reviewed.Payment = string(named)
	}
	return with, reviewed, nil
}

// oneGoesBack returns KindConflict not_possible for a plain approval of a double charge of which another candidate has gone back whole: approved
// without a look at that one, both charges would. Staff who mean it name the payment.
func (r ruler) oneGoesBack(ctx context.Context, reviewed Case) error {
	ruling := reviewed.Ruling
	if reviewed.Kind != policy.KindDuplicateCharge || ruling.Outcome != policy.OutcomeApproved || ruling.Payment != "" {
		return nil
	}
	var ids []payment.ID
	for _, candidate := range reviewed.Candidates {
		if string(candidate.Payment) != reviewed.Payment {
			ids = append(ids, candidate.Payment)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	others, err := r.store.FindPayments(ctx, ids...)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.Purchase != nil && other.Left().Minor == 0 {
			return other.NotPossible(fmt.Sprintf("%s of the candidates went back already: name the payment that shall go back", other.ID))
		}
	}
	return nil
}

// unusable returns why nothing can be given back for a payment that is on record.
func unusable(p payment.Payment, reviewed Case) error {
	customer, waits := p.Customer(), p.Waits()
	switch {
	case customer != "" && customer != reviewed.Customer:
		return p.NotPossible("the payment is another customer's")
	case waits != "":
		return p.NotPossible(fmt.Sprintf("the payment stands on the desk %q because of %s: staff decide about it there", p.Desk(), waits))
	}
	return p.NotPossible("nothing can be given back for the payment as it stands, though it waits for nobody")
}

// withSource returns what was found together with the payment that money for an output goes back of: the first of those that its credits came
// from that has as much left. KindConflict where there is none.
func (r ruler) withSource(ctx context.Context, found Snapshot, reviewed Case, amount money.Amount) (Snapshot, error) {
	for _, draw := range found.Generation.OutputDraws(reviewed.Output) {
		id, err := r.store.GrantedBy(ctx, reviewed.Customer, draw.Lot, draw.GrantedAt)
		if err != nil {
			return found, err
		}
		if id == "" {
			continue
		}
		with, err := found.reload(ctx, r.store, Matter{Case: reviewed.ID, Generation: found.Generation.ID, Payment: id})
		if err != nil {
			return found, err
		}
		if p := with.Payment; p != nil && p.Left().Currency == amount.Currency && p.Left().Minor >= amount.Minor && !p.Disputed() {
			return with, nil
		}
	}
	return found, fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "no payment that these credits came from has as much money left")
}
