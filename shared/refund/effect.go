package refund

import (
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
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
		if found.Generation.State == generation.StateCaptured { // it was declined before
			err = effect.refundFailure(found, credits, terms, cause, now)
			break
		}
		err = effect.settleFailure(found, verdict.Outcome, credits, terms, cause, now)
	case asked.Kind == policy.KindBadResult:
		effect.count(found, asked, verdict.Outcome, facts.revision.Abuse)
		switch {
		case credits > 0:
			err = effect.refundOutput(found, asked, credits, terms, cause, now)
		case verdict.Remedy != nil:
			err = effect.promise(found, facts, asked, payment.Promise{Minor: verdict.Remedy.Money.Minor, Money: true}, cause, now)
		}
	case verdict.Remedy != nil:
		err = effect.settlePurchase(found, facts, asked, *verdict.Remedy, cause, now)
	}
	return effect, err
}

// informed returns the case with what is on record of it: what was known of the customer, which payments it may be about, and the language of its own
// checkout where nobody named another.
func (c Case) informed(found Snapshot, facts facts) Case {
	c.Known, c.Candidates = &facts.Customer, facts.candidates
	if p := found.Payment; c.Locale == "" && p != nil && p.Customer() == c.Customer {
		c.Locale = p.Locale()
	}
	return c
}

// settleFailure ends the hold: approved gives credits of it back unspent and spends the rest, declined spends it, in review leaves it held.
func (e *Effect) settleFailure(
	found Snapshot, outcome policy.Outcome, credits ledger.Credits, terms ledger.ExpiredLot, cause ledger.Cause, now time.Time,
) error {
	failed := ended(*found.Generation)
	at := failed.Next(now)
	change := &Change[generation.Generation]{Before: *found.Generation}
	switch outcome {
	case policy.OutcomeApproved:
		posting, returned, err := ledger.Release(found.Wallet, ledger.LastDraws(failed.Draws, credits), terms, cause, at)
		if err != nil {
			return err
		}
		e.Posting, e.Case.Returned, change.After = posting, returnedOf(returned), failed.Release(credits, posting.At)
	case policy.OutcomeDeclined:
		change.After = failed.Capture(at)
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
	e.NearUntil = e.Recent.After.nearUntil(limits)
}

// guardUse makes the effect rest on what is on record of the output's use, where a rule asks for it: told meanwhile, it may decline. A decline
// stands whatever else is told, and a generation that is written is so only as it was read.
func (e *Effect) guardUse(found Snapshot, verdict policy.Decision, revision policy.Revision) {
	if e.Case.Kind == policy.KindBadResult && verdict.Outcome != policy.OutcomeDeclined && e.Generation == nil && revision.AsksUse() {
		e.Used = found.Generation
	}
}

// refundOutput gives spent credits of one output back to the lots that they were drawn from.
func (e *Effect) refundOutput(
	found Snapshot, asked Case, credits ledger.Credits, terms ledger.ExpiredLot, cause ledger.Cause, now time.Time,
) error {
	return e.refund(found, ledger.LastDraws(found.Generation.OutputDraws(asked.Output), credits), terms, cause, now)
}

// refundFailure gives spent credits of a generation that failed back to the lots that they were drawn from; none leave it as it is.
func (e *Effect) refundFailure(found Snapshot, credits ledger.Credits, terms ledger.ExpiredLot, cause ledger.Cause, now time.Time) error {
	if credits == 0 {
		return nil
	}
	return e.refund(found, ledger.LastDraws(found.Generation.Draws, credits), terms, cause, now)
}

// refund gives back what was spent of the draws.
func (e *Effect) refund(found Snapshot, draws []ledger.Draw, terms ledger.ExpiredLot, cause ledger.Cause, now time.Time) error {
	posting, returned, err := ledger.Refund(found.Wallet, draws, terms, cause, found.Generation.Next(now))
	if err != nil {
		return err
	}
	e.Posting, e.Case.Returned = posting, returnedOf(returned)
	e.Generation = &Change[generation.Generation]{Before: *found.Generation, After: found.Generation.Refund(ledger.Sum(draws))}
	return nil
}

func returnedOf(returned ledger.Returned) *Returned {
	return &Returned{
		Restored: ledger.Sum(returned.Restored), Extended: ledger.Sum(returned.Extended), Expired: ledger.Sum(returned.Expired),
	}
}
