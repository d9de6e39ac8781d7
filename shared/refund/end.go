package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// tie notes the case in review on the payment that it is about, where that waits for staff: what becomes of the payment then ends the case. Past
// payment.MaxClaimsEach of one customer it is left to a ruling.
func (e *Effect) tie(found Snapshot, now time.Time) {
	if e.Case.State != StateInReview || !e.Case.Kind.AboutPurchase() || found.Payment == nil || found.Unrecorded && e.Payment == nil {
		return
	}
	after := *found.Payment
	if e.Payment != nil {
		after = e.Payment.After
	}
	if after.State != payment.StateParked || after.Customer() != "" && after.Customer() != e.Case.Customer {
		return
	}
	if tied, noted := after.Claimed(string(e.Case.ID), now); noted {
		e.write(found, tied)
	}
}

// untie takes the case off the payment that it was noted on, where it was.
func (e *Effect) untie(found Snapshot, now time.Time) {
	after := found.Payment
	if e.Payment != nil {
		after = &e.Payment.After
	}
	if after != nil && after.HasClaim(string(e.Case.ID)) {
		e.write(found, after.Unclaimed(string(e.Case.ID), now))
	}
}

// write has the payment written as after, with what else the effect writes of it.
func (e *Effect) write(found Snapshot, after payment.Payment) {
	if e.Payment == nil {
		e.Payment = &PaymentChange{Read: found.purchase()}
	}
	e.Payment.After = after
}

// end takes a claim one step further by what became of its payment: staff granted it or gave its money back, or that money came to its end.
// A ruling on the claim that waits is carried out first.
func (d Decider) end(ctx context.Context, id payment.ID, name string, now time.Time) (decided, error) {
	caseID, err := ParseCaseID(name)
	if err != nil {
		return decided{}, err
	}
	found, err := d.Store.LoadDecision(ctx, Matter{Case: caseID, Payment: id})
	switch {
	case err != nil:
		return decided{}, err
	case found.Case == nil || found.Payment == nil:
		return decided{}, fault.NotFound("case")
	case found.Case.State == StateInReview && found.Case.Ruling != nil: // it came first; what it leaves open is ended next
		if found, err = load(ctx, d.Store, Matter{Case: caseID}); err != nil {
			return decided{}, err
		}
		return d.carryOut(ctx, found, *found.Case, now)
	}
	if claim, ends := found.Payment.Ending(); !ends || claim.Case != name {
		return decided{about: found.Case, paid: found.Payment}, nil // this step was taken: the answer to its commit was lost
	}
	effect := Effect{Before: found.Case, Case: *found.Case, Payment: &PaymentChange{Read: found.purchase()}}
	effect.Payment.After = found.Payment.Unclaimed(name, now)
	if found.Case.State == StatePaying {
		progress := found.Payment.PaidBack()
		if found.Payment.State == payment.StateGranted || progress == payment.ProgressFailed {
			progress, effect.Payment.After = payment.ProgressFailed, found.Payment.AwaitClaim(name, false, now)
		}
		effect.Case = found.Case.follow(progress, now)
	}
	if found.Case.State == StateInReview {
		if err := d.endReview(found, &effect, now); err != nil {
			return decided{}, err
		}
	}
	return d.commit(ctx, effect)
}

// endReview ends the claim as what it was, with the clause that it is in review under, where staff did what it asks for. Otherwise it stays in
// review for a ruling.
func (d Decider) endReview(found Snapshot, effect *Effect, now time.Time) error {
	remedy := found.endedBy()
	if remedy == nil {
		return nil
	}
	published, err := d.Policy()
	if err != nil {
		return err
	}
	open, p := *found.Case, *found.Payment
	purchase := purchaseFacts(published, found, open)
	purchase.Refunded = nil // what goes back is this
	revision := published.At(p.Purchase.PaidAt)
	facts := policy.Facts{Policy: revision.Name, Kind: open.Kind, RequestedAt: open.OpenedAt, Purchase: purchase}
	verdict, err := policy.Rule(revision, facts, *open.Decision, policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: remedy}, now)
	if err != nil {
		return err
	}
	event := Event{Actor: ActorSystem, Note: "the payment was credited"}
	if resolution := p.Resolving(); resolution != nil {
		event = Event{Actor: ActorStaff, By: resolution.By, Note: resolution.Note}
	}
	effect.Case.Payment = string(p.ID)
	effect.Case = effect.Case.decide(verdict, event, now)
	if effect.Case.State == StatePaying {
		effect.Payment.After = p.AwaitClaim(string(open.ID), true, now)
	}
	return nil
}

// endedBy returns what the customer has by what became of the payment, nil where that is not what the claim asks for, or another has it.
func (s Snapshot) endedBy() *policy.Remedy {
	p := *s.Payment
	granted := p.State == payment.StateGranted && p.Customer() == s.Case.Customer
	switch {
	case granted && (s.Case.Kind == policy.KindNotCredited || s.Case.Kind == policy.KindAbnormalCharge && p.Resolving() != nil):
		return &policy.Remedy{Credits: p.Granted(), To: policy.ToBalance}
	case p.State != payment.StateGranted && (p.Customer() == "" || p.Customer() == s.Case.Customer):
		amount := p.Purchase.Money()
		amount.Minor = p.ResolvedMinor()
		return &policy.Remedy{Money: &amount, To: policy.ToPaymentMethod}
	}
	return nil
}
