package refund

import (
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// giveForPurchase does what an approved remedy does to its payment and wallet. Money is promised on
// the payment, and the credits that are left of it leave the wallet in the same commit. Credits
// come as a lot of their own, or as the payment's own grant where it never was credited.
func (e *Effect) giveForPurchase(v decision, remedy policy.Remedy) error {
	// The verdict rests on the original of a double charge: nothing of it went back. So credits
	// that are given here pay no debt of it.
	e.Original = v.facts.original
	purchase := v.facts.Purchase
	if purchase.Parked != "" {
		return e.resolve(v, remedy)
	}
	switch remedy.Arm() {
	case policy.ArmMoney:
		// The share of the credits that the money paid for, as far as they are unspent: 250 of 500
		// cents take 25 of 50 credits back, or the 10 that are left.
		minor := remedy.Money().Minor
		share := ledger.Credits(money.MulDivCeil(int64(v.snapshot.Payment.Granted()), minor, max(1, purchase.Amount.Minor)))
		return e.promise(v, payment.Promise{
			Minor: minor, Money: true, Credits: min(share, unspent(*v.snapshot.Payment, v.snapshot.Wallet, v.at)),
		})
	case policy.ArmCredits:
		if !purchase.Credited {
			return e.creditPurchase(v)
		}
		// Credits in place of money count as so much of its money given back.
		minor := money.MulDivCeil(purchase.Amount.Minor, int64(remedy.Credits()), max(1, int64(purchase.Credits)))
		return e.grant(v, remedy.Credits(), minor)
	}
	return nil
}

// promise notes money on the payment, which brings the wallet level with it. No money is given back
// that a bank holds, or that never came.
func (e *Effect) promise(v decision, promise payment.Promise) error {
	p := v.snapshot.Payment
	if p.Disputed() {
		return fault.Errorf(fault.KindConflict, payment.CodeDisputed, "the payment is disputed: the bank holds the money")
	}
	if p.Moneyless() {
		return p.NotPossible("its money has not come")
	}
	if err := e.judgePayment(v, p.Promise(string(v.c.ID), promise, v.at), v.cause()); err != nil {
		return err
	}
	// Where no credits move, the verdict rests on the wallet all the same: on how much was unspent.
	if e.Payment.Posting.Empty() {
		e.Unmoved = &v.snapshot.Wallet
	}
	return nil
}

// judgePayment enters what the payment rules make of the payment.
func (e *Effect) judgePayment(v decision, p payment.Payment, cause ledger.Cause) error {
	snapshot := v.snapshot.purchase()
	after := snapshot
	after.Payment = &p
	change, err := v.rules.Reassess(after, cause, v.at)
	if err != nil {
		return err
	}
	e.Payment = &PaymentChange{Read: snapshot, Change: change}
	return nil
}

// resolve does for a payment that waits for staff what their ruling on the claim says, as a
// resolution of theirs: the package is granted, or the money promised. The ruling must be on the
// case.
func (e *Effect) resolve(v decision, remedy policy.Remedy) error {
	p := v.snapshot.Payment
	snapshot := v.snapshot.purchase()
	resolution := payment.Resolution{
		Action: payment.ActionGrant, Reason: payment.Reason(v.facts.Purchase.Parked), Note: v.c.Ruling.Note, By: v.c.Ruling.By, At: v.at,
	}
	input := snapshot
	switch remedy.Arm() {
	case policy.ArmCredits:
		// A payment that names nobody is granted to the claimant.
		if p.Customer() == "" {
			resolution.Customer = v.c.Customer
		}
	case policy.ArmMoney:
		minor := remedy.Money().Minor
		if err := refundable(p, minor); err != nil {
			return err
		}
		resolution.Action = payment.ActionRefund
		after := p.Promise(string(v.c.ID), payment.Promise{Minor: minor, Money: true}, v.at)
		input.Payment = &after
	}
	change, err := v.rules.ApplyResolution(input, resolution, v.cause(), v.at)
	if err != nil {
		return err
	}
	e.Payment = &PaymentChange{Read: snapshot, Change: change}
	return nil
}

// refundable returns an error unless so much money of a payment that waits for staff can go back.
func refundable(p *payment.Payment, minor int64) error {
	switch {
	case p.Disputed():
		return p.NotPossible("the payment is disputed: the bank holds the money")
	case p.Moneyless():
		return p.NotPossible("its money has not come")
	case minor != p.Refundable().Minor:
		return fault.Invalid("remedy.money", "must be %d of the minor unit, all that is left: nothing was credited for it", p.Refundable().Minor)
	}
	return nil
}

// creditPurchase grants what the payment should have granted, as the payment's own grant: a webhook
// that comes later cannot grant it again.
func (e *Effect) creditPurchase(v decision) error {
	if err := e.judgePayment(v, *v.snapshot.Payment, v.cause()); err != nil {
		return err
	}
	if after := e.Payment.After; after.State != payment.StateGranted {
		e.Payment = nil
		return fault.Errorf(fault.KindConflict, string(after.Parked), "the purchase cannot be credited yet")
	}
	return nil
}

// record has a purchase that only its provider knew recorded with the verdict, whatever that is, as
// its webhook would have: granted, or parked for staff. One of another customer's is left to the
// provider's list.
func (e *Effect) record(v decision) error {
	if !v.snapshot.Unrecorded || e.Payment != nil || v.snapshot.Payment.Customer() != "" && !v.ownsPayment() {
		return nil
	}
	return e.judgePayment(v, *v.snapshot.Payment, ledger.Cause{Case: string(v.c.ID), Actor: ledger.ActorProvider})
}

// grant gives credits in place of money: a lot of its own, that never expires, once for a case. A
// claim that the purchase was not credited gets none: the payment has given them since.
func (e *Effect) grant(v decision, credits ledger.Credits, minor int64) error {
	if v.c.Kind == policy.KindNotCredited {
		return v.snapshot.Payment.NotPossible("the purchase is credited by now: its credits are given once")
	}
	after, err := v.snapshot.Payment.Compensate(string(v.c.ID), minor, v.at)
	if err != nil {
		return err
	}
	lot := ledger.Lot{ID: ledger.NewLotID("case", string(v.c.ID)), Source: ledger.SourceGoodwill, Granted: credits}
	posting, _, err := ledger.Grant(v.snapshot.Wallet, lot, v.cause(), v.at)
	if err != nil {
		return err
	}
	e.Payment = &PaymentChange{Read: v.snapshot.purchase(), Change: payment.Change{After: after, Posting: posting}}
	return nil
}
