package refund

import (
	"context"
	"fmt"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// tie notes the case in review on the payment that it is about, where that waits for staff: what
// becomes of the payment then ends the case. Past payment.MaxClaimsEach of one customer it is left
// to a ruling.
func (e *Effect) tie(v decision) {
	unwritten := v.snapshot.Unrecorded && e.Payment == nil
	if e.Case.State != StateInReview || !e.Case.Kind.AboutPurchase() || v.snapshot.Payment == nil || unwritten {
		return
	}
	p := e.paymentAfter(v)
	if p.State != payment.StateParked || p.Customer() != "" && p.Customer() != e.Case.Customer {
		return
	}
	if with, ok := p.AddClaim(string(e.Case.ID), v.at); ok {
		e.write(v, with)
	}
}

// untie takes the case off the payment that it was noted on, where it was.
func (e *Effect) untie(v decision) {
	if p := e.paymentAfter(v); p != nil && p.HasClaim(string(e.Case.ID)) {
		e.write(v, p.RemoveClaim(string(e.Case.ID), v.at))
	}
}

// paymentAfter returns the payment as the effect has it so far, nil where there is none.
func (e *Effect) paymentAfter(v decision) *payment.Payment {
	if e.Payment != nil {
		return &e.Payment.After
	}
	return v.snapshot.Payment
}

// write has the payment written as after, with what else the effect writes of it.
func (e *Effect) write(v decision, after payment.Payment) {
	if e.Payment == nil {
		e.Payment = &PaymentChange{Read: v.snapshot.purchase()}
	}
	e.Payment.After = after
}

// end takes a claim one step further by what became of its payment: staff granted it or gave its
// money back, or that money came to its end. A ruling on the claim that waits is carried out first.
func (d Decider) end(ctx context.Context, v decision) (decision, error) {
	c, p := *v.snapshot.Case, *v.snapshot.Payment
	v.c = c
	if c.State == StateInReview && c.Ruling != nil && !c.Ruling.Effective(v.at) {
		return v, fault.Busy(fmt.Errorf("refund: the ruling on %s may still be taken back", c.ID))
	}
	if c.State == StateInReview && c.Ruling != nil {
		// The ruling came first: what it leaves open is ended next. It is carried out on its own
		// payment.
		snapshot, err := load(ctx, d.Store, Subject{Case: c.ID})
		if err != nil {
			return v, fault.At("refund.Decide: load ruled case", string(c.ID), err)
		}
		v.snapshot, v.c = snapshot, *snapshot.Case
		return d.carryOut(ctx, v)
	}
	// Where another claim is to be ended, this step was taken: the answer to its commit was lost.
	if claim, ends := p.EndedClaim(); !ends || claim.Case != string(c.ID) {
		return v.unchanged(), nil
	}
	effect := Effect{Before: v.snapshot.Case, Case: c}
	effect.write(v, p.RemoveClaim(string(c.ID), v.at))
	if c.State == StatePaying {
		// Money that a claim waits for fails with the grant of its payment: it does not come any
		// more.
		progress := p.ResolutionProgress()
		if p.State == payment.StateGranted || progress == payment.ProgressFailed {
			progress = payment.ProgressFailed
			effect.write(v, p.AwaitClaim(string(c.ID), false, v.at))
		}
		effect.Case = c.sync(progress, v.at)
	}
	// Where staff did not do what the claim asks for, it stays in review for a ruling.
	if remedy := v.snapshot.endedBy(); c.State == StateInReview && remedy != nil {
		if err := effect.endReview(v, remedy); err != nil {
			return v, err
		}
	}
	return v.with(effect), nil
}

// endReview ends the claim as what it was, with the clause that it is in review under: the customer
// has the remedy.
func (e *Effect) endReview(v decision, remedy *policy.Remedy) error {
	p := *v.snapshot.Payment
	purchase := v.purchaseFacts()
	purchase.Refunded = nil // what goes back is this
	revision := v.published.At(p.Purchase.PaidAt)
	facts := policy.Facts{Policy: revision.Name, Kind: v.c.Kind, RequestedAt: v.c.OpenedAt, Purchase: purchase}
	verdict, err := policy.Rule(revision, facts, *v.c.Decision, policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: remedy}, v.at)
	if err != nil {
		return fault.At("refund.Decide: end claim", string(v.c.ID), err)
	}
	event := Event{Actor: ledger.ActorSystem, Note: "the payment was credited"}
	if resolution := p.LatestResolution(); resolution != nil {
		event = Event{Actor: ledger.ActorStaff, By: resolution.By, Note: resolution.Note}
	}
	e.Case.Payment = string(p.ID)
	e.Case = e.Case.decide(verdict, event, v.at)
	// A case that is paid now waits for the payment's money, and is ended by what becomes of that.
	if e.Case.State == StatePaying {
		e.write(v, p.AwaitClaim(string(v.c.ID), true, v.at))
	}
	return nil
}

// endedBy returns what the customer has by what became of the payment, nil where that is not what
// the claim asks for, or another has it.
func (s Snapshot) endedBy() *policy.Remedy {
	p := *s.Payment
	hasCredits := p.State == payment.StateGranted && p.Customer() == s.Case.Customer
	switch {
	case hasCredits && (s.Case.Kind == policy.KindNotCredited || s.Case.Kind == policy.KindAbnormalCharge && p.LatestResolution() != nil):
		return policy.InCredits(p.Granted())
	case p.State != payment.StateGranted && (p.Customer() == "" || p.Customer() == s.Case.Customer):
		amount := p.Purchase.Money()
		amount.Minor = p.ResolutionMinor()
		return policy.InMoney(amount)
	}
	return nil
}
