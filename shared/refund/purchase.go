package refund

import (
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// settlePurchase does what an approved remedy does to its payment and wallet. Money is promised on the payment, and the credits that are left of
// it leave the wallet in the same commit; credits come as a lot of their own, or as the payment's own grant where it never was credited.
func (e *Effect) settlePurchase(found Snapshot, facts facts, asked Case, remedy policy.Remedy, cause ledger.Cause, now time.Time) error {
	e.Original = facts.original // nothing of it went back, so no credits given here pay a debt of it
	bought := facts.Purchase
	switch {
	case bought.Parked != "":
		return e.resolve(found, facts, asked, remedy, cause, now)
	case remedy.Money != nil:
		share := ledger.Credits(money.MulDivCeil(int64(found.Payment.Granted()), remedy.Money.Minor, max(1, bought.Amount.Minor)))
		return e.promise(found, facts, asked, payment.Promise{
			Minor: remedy.Money.Minor, Money: true, Credits: min(share, unspent(*found.Payment, found.Wallet, now)),
		}, cause, now)
	case !bought.Credited:
		return e.creditPurchase(found, facts.receiver, cause, now)
	}
	minor := money.MulDivCeil(bought.Amount.Minor, int64(remedy.Credits), max(1, int64(bought.Credits)))
	return e.grant(found, asked, remedy.Credits, minor, cause, now)
}

// promise notes money on the payment, which brings the wallet level with it. No money is given back that a bank holds.
func (e *Effect) promise(found Snapshot, facts facts, asked Case, promise payment.Promise, cause ledger.Cause, now time.Time) error {
	if found.Payment.Disputed() {
		return fault.Errorf(fault.KindConflict, payment.CodeDisputed, "the payment is disputed: the bank holds the money")
	}
	if found.Payment.Moneyless() {
		return found.Payment.NotPossible("its money has not come")
	}
	read := found.purchase()
	promised := found.Payment.Promise(string(asked.ID), promise, now)
	judged := read
	judged.Payment = &promised
	change, err := facts.receiver.Judge(judged, cause, now)
	if err != nil {
		return err
	}
	e.Payment = &PaymentChange{Read: read, Change: change}
	if change.Posting.Empty() {
		e.Unmoved = &found.Wallet // the verdict rests on it all the same
	}
	return nil
}

// resolve does for a payment that waits for staff what their ruling on the claim says, as a resolution of theirs: the package is granted, or the
// money promised. The ruling must be on the case.
func (e *Effect) resolve(found Snapshot, facts facts, asked Case, remedy policy.Remedy, cause ledger.Cause, now time.Time) error {
	read := found.purchase()
	resolution := payment.Resolution{
		Action: payment.ActionGrant, Reason: payment.Reason(facts.Purchase.Parked), Note: asked.Ruling.Note, By: asked.Ruling.By, At: now,
	}
	resolved := read
	switch {
	case remedy.Money == nil && found.Payment.Customer() == "":
		resolution.Customer = asked.Customer
	case remedy.Money == nil:
	case found.Payment.Disputed():
		return found.Payment.NotPossible("the payment is disputed: the bank holds the money")
	case found.Payment.Moneyless():
		return found.Payment.NotPossible("its money has not come")
	case remedy.Money.Minor != found.Payment.Left().Minor:
		return fault.Invalid("remedy.money", "must be %d of the minor unit, all that is left: nothing was credited for it", found.Payment.Left().Minor)
	default:
		resolution.Action = payment.ActionRefund
		promised := found.Payment.Promise(string(asked.ID), payment.Promise{Minor: remedy.Money.Minor, Money: true}, now)
		resolved.Payment = &promised
	}
	change, err := facts.receiver.Carry(resolved, resolution, cause, now)
	if err != nil {
		return err
	}
	e.Payment = &PaymentChange{Read: read, Change: change}
	return nil
}

// creditPurchase grants what the payment should have granted, as the payment's own grant: what it hears later cannot grant it again.
func (e *Effect) creditPurchase(found Snapshot, receiver payment.Receiver, cause ledger.Cause, now time.Time) error {
	read := found.purchase()
	judged := read
	judged.Payment = found.Payment
	change, err := receiver.Judge(judged, cause, now)
	if err != nil {
		return err
	}
	if change.After.State != payment.StateGranted {
		return fault.Errorf(fault.KindConflict, string(change.After.Parked), "the purchase cannot be credited yet")
	}
	e.Payment = &PaymentChange{Read: read, Change: change}
	return nil
}

// record has a purchase that only its provider knew recorded with the verdict, whatever that is, as its webhook would have: granted, or parked
// for staff. One of another customer's is left to the provider's list.
func (e *Effect) record(found Snapshot, asked Case, receiver payment.Receiver, now time.Time) error {
	if !found.Unrecorded || e.Payment != nil || found.Payment.Customer() != "" && found.Payment.Customer() != asked.Customer {
		return nil
	}
	judged := found.purchase()
	judged.Payment = found.Payment
	change, err := receiver.Judge(judged, ledger.Cause{Case: string(asked.ID), Actor: "provider"}, now)
	e.Payment = &PaymentChange{Read: found.purchase(), Change: change}
	return err
}

// grant gives credits in place of money: a lot of its own, that never expires, once for a case. A claim that the purchase was not credited
// gets none: the payment has given them since.
func (e *Effect) grant(found Snapshot, asked Case, credits ledger.Credits, minor int64, cause ledger.Cause, now time.Time) error {
	if asked.Kind == policy.KindNotCredited {
		return found.Payment.NotPossible("the purchase is credited by now: its credits are given once")
	}
	after, err := found.Payment.Compensate(string(asked.ID), minor, now)
	if err != nil {
		return err
	}
	lot := ledger.Lot{ID: ledger.NewLotID("case", string(asked.ID)), Source: ledger.SourceGoodwill, Granted: credits}
	posting, _, err := ledger.Grant(found.Wallet, lot, cause, now)
	if err != nil {
		return err
	}
	e.Payment = &PaymentChange{Read: found.purchase(), Change: payment.Change{After: after, Posting: posting}}
	return nil
}
