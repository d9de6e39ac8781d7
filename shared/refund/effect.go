package refund

import (
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// effectOf returns what the verdict moves, with the case as it stands before it.
func effectOf(found Snapshot, facts facts, asked Case, verdict policy.Decision, actor string, now time.Time) (effect Effect, err error) {
	effect = Effect{Before: found.Case, Case: asked}
	cause := ledger.Cause{Reason: string(asked.Kind), Generation: asked.Generation, Payment: asked.Payment, Case: string(asked.ID), Actor: actor}
	var credits ledger.Credits
	if verdict.Remedy != nil {
		credits = verdict.Remedy.Credits
	}
	terms := facts.revision.Terms()
	switch {
	case asked.Kind == policy.KindTechnicalFailure:
		cause.Reason = "generation_failed"
		err = effect.settleFailure(found, verdict.Outcome, credits, terms, cause, now)
	case asked.Kind == policy.KindBadResult:
		effect.count(found, asked, verdict.Outcome, facts.revision.Abuse)
		if credits > 0 {
			err = effect.refundOutput(found, asked, credits, terms, cause, now)
		}
	case verdict.Remedy != nil:
		err = effect.settlePurchase(found, facts, asked, *verdict.Remedy, cause, now)
	}
	return effect, err
}

// settleFailure ends the hold: approved gives credits of it back unspent and spends the rest, declined spends it, in review leaves it held.
func (e *Effect) settleFailure(
	found Snapshot, outcome policy.Outcome, credits ledger.Credits, terms ledger.ExpiredLot, cause ledger.Cause, now time.Time,
) error {
	failed := ended(*found.Generation)
	change := &Change[generation.Generation]{Before: *found.Generation}
	switch outcome {
	case policy.OutcomeApproved:
		posting, returned, err := ledger.Release(found.Wallet, ledger.Last(failed.Draws, credits), terms, cause, now)
		if err != nil {
			return err
		}
		e.Posting, e.Case.Returned, change.After = posting, returnedOf(returned), failed.Release(credits, now)
	case policy.OutcomeDeclined:
		change.After = failed.Capture(now)
	default:
		failed.State = generation.StateFailed
		failed.Todo, failed.Attempts = todo.List{todo.StepReview: now.Add(reviewAfter)}, 0
		change.After = failed
	}
	e.Generation = change
	return nil
}

// count enters a request about a bad result among the customer's recent ones, or notes that it was approved after all.
func (e *Effect) count(found Snapshot, asked Case, outcome policy.Outcome, limits policy.Abuse) {
	request := RecentRequest{Case: asked.ID, At: asked.OpenedAt, Refunded: outcome == policy.OutcomeApproved}
	e.Recent = &Change[Recent]{Before: found.Recent, After: found.Recent.with(request, limits)}
}

// refundOutput gives spent credits of one output back to the lots that they were drawn from.
func (e *Effect) refundOutput(
	found Snapshot, asked Case, credits ledger.Credits, terms ledger.ExpiredLot, cause ledger.Cause, now time.Time,
) error {
	posting, returned, err := ledger.Refund(found.Wallet, ledger.Last(found.Generation.OutputDraws(asked.Output), credits), terms, cause, now)
	if err != nil {
		return err
	}
	e.Posting, e.Case.Returned = posting, returnedOf(returned)
	e.Generation = &Change[generation.Generation]{Before: *found.Generation, After: found.Generation.Refund(credits)}
	return nil
}

// settlePurchase notes on the payment what is given back of it. Money moves nothing here: it is recorded, and paid by whoever pays; but
// the verdict rests on the wallet and on the original of a double charge as they were read.
func (e *Effect) settlePurchase(found Snapshot, facts facts, asked Case, remedy policy.Remedy, cause ledger.Cause, now time.Time) error {
	e.Original = facts.original // nothing of it went back, so no credits given here pay a debt of it
	if remedy.Money == nil && !facts.Purchase.Credited {
		return e.creditPurchase(found, facts.catalog, cause, now)
	}
	minor := money.MulDivCeil(facts.Purchase.Amount.Minor, int64(remedy.Credits), max(1, int64(facts.Purchase.Credits)))
	if remedy.Money != nil {
		minor = remedy.Money.Minor
	}
	e.Payment = &Change[payment.Payment]{Before: *found.Payment, After: found.Payment.Promise(string(asked.ID), minor)}
	if remedy.Money == nil {
		return e.grant(found, asked, remedy.Credits, cause, now)
	}
	e.Unmoved = &found.Wallet
	return nil
}

// creditPurchase grants what the payment should have granted, as the payment's own grant: what it hears later cannot grant it again.
func (e *Effect) creditPurchase(found Snapshot, catalog payment.Catalog, cause ledger.Cause, now time.Time) error {
	after, posting, err := payment.Receiver{Catalog: catalog}.Judge(payment.Snapshot{Payment: found.Payment, Wallet: found.Wallet}, cause, now)
	if err != nil {
		return err
	}
	if after.State != payment.StateGranted {
		return fault.Errorf(fault.KindConflict, string(after.Parked), "the purchase cannot be credited yet")
	}
	e.Payment, e.Posting = &Change[payment.Payment]{Before: *found.Payment, After: after}, posting
	return nil
}

// grant gives credits in place of money: a lot of its own, that never expires, once for a case.
func (e *Effect) grant(found Snapshot, asked Case, credits ledger.Credits, cause ledger.Cause, now time.Time) error {
	lot := ledger.Lot{ID: ledger.NewLotID("case", string(asked.ID)), Source: ledger.SourceGoodwill, Granted: credits}
	posting, _, err := ledger.Grant(found.Wallet, lot, cause, now)
	e.Posting = posting
	e.payOwnDebt()
	return err
}

// payOwnDebt notes what the posting paid of the debt of the case's own payment on that payment, which is written anyway: a commit writes
// an item once.
func (e *Effect) payOwnDebt() {
	after, others := &e.Payment.After, []ledger.DebtPayment(nil)
	for _, paid := range e.Posting.DebtsPaid {
		if paid.Payment == string(after.ID) {
			after.Taking.DebtPaid = append(slices.Clip(after.Taking.DebtPaid), paid.Draw)
		} else {
			others = append(others, paid)
		}
	}
	e.Posting.DebtsPaid = others
}

func returnedOf(returned ledger.Returned) *Returned {
	return &Returned{
		Restored: ledger.Sum(returned.Restored), Extended: ledger.Sum(returned.Extended), Expired: ledger.Sum(returned.Expired),
	}
}
