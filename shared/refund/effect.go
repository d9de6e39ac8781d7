package refund

import (
	"context"
	"time"

	"makegood/shared/audit"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// Effect is a verdict and what it moves: committed whole or not at all.
type Effect struct {
	// Before is the case as it was read, nil where the case is made with its verdict.
	Before *Case
	// Case is the case with the verdict.
	Case Case
	// Finding is the outcome of an appeal that the verdict answers, nil where it answers none.
	Finding *AppealFinding
	// SecondLook is what a person looks at again, nil where the verdict was not sampled.
	SecondLook *audit.Look
	// Generation is nil where the verdict leaves the generation alone.
	Generation *Change[generation.Generation]
	// Recent is nil where the request does not count towards the limits, or counts already.
	Recent *Change[Recent]
	// NearUntil is until when Recent.After may be near a limit, zero where it is not.
	NearUntil time.Time
	// Payment is nil where the verdict leaves the payment alone.
	Payment *PaymentChange
	// Unmoved is a wallet that the verdict rests on and leaves alone, nil where it rests on none.
	Unmoved *ledger.Wallet
	// Original is another payment that the verdict rests on, nil where it rests on none.
	Original *payment.Payment
	// Used is a generation whose uses the verdict rests on, and that it leaves alone; nil where it
	// does not.
	Used *generation.Generation
	// Posting is what a verdict without a payment moves. Where there is a payment, its change has
	// the posting.
	Posting ledger.Posting
}

// PaymentChange is what a verdict makes of the payment that was read. payment.Store commits the
// same change without a case.
type PaymentChange struct {
	// Read is what was read of the payment: its Payment is nil for one that only the provider knew.
	Read payment.Snapshot
	payment.Change
}

// Change is something before and after a commit.
type Change[T any] struct {
	// Before is as it was read: the commit fails where the store has another by now.
	Before T
	// After is as the commit writes it.
	After T
}

// move returns what the verdict moves, with the case as it is before the verdict. KindConflict
// where the record does not allow it.
func (v decision) move() (Effect, error) {
	effect := Effect{Before: v.snapshot.Case, Case: v.c}
	var err error
	switch v.c.Kind {
	case policy.KindTechnicalFailure:
		err = effect.endFailure(v)
	case policy.KindBadResult:
		// Every report counts towards the limits, the declined ones too.
		effect.count(v)
		err = effect.giveForOutput(v)
	default:
		// A claim without a remedy moves nothing: only the case is written.
		if v.verdict.Remedy != nil {
			err = effect.giveForPurchase(v, *v.verdict.Remedy)
		}
	}
	return effect, err
}

// credits returns how many credits the verdict gives back, 0 for none.
func (v decision) credits() ledger.Credits {
	if v.verdict.Remedy == nil {
		return 0
	}
	return v.verdict.Remedy.Credits()
}

// endFailure ends the hold of a failed generation. An approval gives credits back unspent and
// spends the rest, a decline spends them all, and a review leaves them held.
func (e *Effect) endFailure(v decision) error {
	// A decline spent the hold before: an approval on appeal gives spent credits back.
	if v.snapshot.Generation.State == generation.StateCaptured {
		if v.credits() == 0 {
			return nil
		}
		return e.refund(v, ledger.LastDraws(v.snapshot.Generation.Draws, v.credits()))
	}
	// An overdue generation is still held: from here it is the failure that it amounts to.
	failure := failureOf(*v.snapshot.Generation)
	at := failure.Next(v.at)
	change := &Change[generation.Generation]{Before: *v.snapshot.Generation}
	switch v.verdict.Outcome {
	case policy.OutcomeApproved:
		posting, parts, err := ledger.Release(v.snapshot.Wallet, ledger.LastDraws(failure.Draws, v.credits()), v.terms(), v.cause(), at)
		if err != nil {
			return err
		}
		e.Posting, e.Case.Returned, change.After = posting, returnedOf(parts), failure.Release(v.credits(), posting.At)
	case policy.OutcomeDeclined:
		change.After = failure.Capture(at)
	// The hold stays, and with it an instant: the sweep looks at it when the review is overdue.
	default:
		failure.State = generation.StateFailed
		failure.Todo, failure.Attempts = todo.List{todo.StepReview: v.at.Add(reviewAfter)}, 0
		change.After = failure
	}
	e.Generation = change
	return nil
}

// giveForOutput gives back what the verdict on a bad result says. Spent credits go to the lots that
// they were drawn from; money comes from the payment that bought those credits.
func (e *Effect) giveForOutput(v decision) error {
	switch policy.ArmOf(v.verdict.Remedy) {
	case policy.ArmMoney:
		// No credits leave the wallet: those of the output are spent.
		return e.promise(v, payment.Promise{Minor: v.verdict.Remedy.Money().Minor, Money: true})
	case policy.ArmCredits:
		// Only the output's share of the draws, so that reports of all outputs together give back
		// the price once.
		return e.refund(v, ledger.LastDraws(v.snapshot.Generation.OutputDraws(v.c.Output), v.credits()))
	}
	return nil
}

// refund gives spent draws of the generation back to their lots.
func (e *Effect) refund(v decision, draws []ledger.Draw) error {
	g := *v.snapshot.Generation
	posting, parts, err := ledger.Refund(v.snapshot.Wallet, draws, v.terms(), v.cause(), g.Next(v.at))
	if err != nil {
		return err
	}
	// The generation counts what went back, so that two cases cannot give the same credits.
	e.Posting, e.Case.Returned = posting, returnedOf(parts)
	e.Generation = &Change[generation.Generation]{Before: g, After: g.Refund(ledger.Sum(draws))}
	return nil
}

// returnedOf returns the sums of the parts, for the answer to the customer.
func returnedOf(parts ledger.Returned) *Returned {
	return &Returned{
		Restored: ledger.Sum(parts.Restored), Extended: ledger.Sum(parts.Extended), Expired: ledger.Sum(parts.Expired),
	}
}

// count adds a report of a bad result to the customer's recent ones. A report that is there already
// gets its new outcome.
func (e *Effect) count(v decision) {
	limits := v.facts.revision.Abuse
	report := RecentRequest{Case: v.c.ID, At: v.c.OpenedAt, Refunded: v.verdict.Outcome == policy.OutcomeApproved}
	e.Recent = &Change[Recent]{Before: v.snapshot.Recent, After: v.snapshot.Recent.with(report, limits)}
	e.NearUntil = e.Recent.After.nearUntil(limits)
}

// complete returns the decision with what every verdict of the policy brings with it: the case with
// its verdict, the purchase that only the provider knew, and the duplicates of a granted payment.
func (d Decider) complete(ctx context.Context, v decision) (decision, error) {
	// Staff see all generations of the customer, not just as many as a limit needed.
	if v.verdict.Outcome == policy.OutcomeInReview {
		if err := d.countGenerations(ctx, &v, maxCounted); err != nil {
			return v, err
		}
	}
	// A purchase that the provider answered with is recorded here: this commit is its first.
	effect := *v.effect
	if err := effect.record(v); err != nil {
		return v, err
	}
	effect.guardUse(v)
	// The history names the clause. Discreet hides it from customers where it must be.
	event := Event{Actor: ledger.ActorSystem, Note: v.verdict.Clause}
	effect.Case = effect.Case.informed(v).decide(v.verdict, event, v.at).await(v.facts.lookAt)
	effect.SecondLook = v.secondLook(d.SecondLooks)
	// Last, since tie goes by the state that the verdict gave the case.
	effect.tie(v)
	return d.withDuplicates(ctx, v.with(effect))
}

// secondLook returns the look of a verdict that was drawn, nil of any other. The case's first
// verdict is drawn: one that follows an appeal is a person's.
func (v decision) secondLook(percent int) *audit.Look {
	seen := v.snapshot.Evidence
	if seen == nil || v.c.Kind != policy.KindBadResult || v.c.Decision != nil || !audit.Sampled(string(v.c.ID), percent) {
		return nil
	}
	return audit.New(*seen, v.verdict, v.at)
}

// informed returns the case with what is on record: the customer's standing and counts, and the
// payments that it may be about. Where nobody named a language, it takes that of the customer's own
// checkout.
func (c Case) informed(v decision) Case {
	c.Known, c.Candidates = &v.facts.Customer, v.facts.candidates
	if v.ownsPayment() && c.Locale == "" {
		c.Locale = v.snapshot.Payment.Locale()
	}
	return c
}

// guardUse makes the commit fail where a use of the output is recorded meanwhile, if the policy has
// a rule about uses: with that use it may have declined.
func (e *Effect) guardUse(v decision) {
	// A decline needs no guard, since more use cannot turn it. A generation that is written anyway
	// is compared with what was read.
	applies := e.Case.Kind == policy.KindBadResult && v.verdict.Outcome != policy.OutcomeDeclined
	if applies && e.Generation == nil && v.facts.revision.ReadsUse() {
		e.Used = v.snapshot.Generation
	}
}

// withDuplicates returns the decision with the duplicates of a payment that it grants. They are
// written in the same commit, so that neither charge is credited without knowledge of the other.
func (d Decider) withDuplicates(ctx context.Context, v decision) (decision, error) {
	if v.effect.Payment == nil {
		return v, nil
	}
	duplicates, err := payment.FindDuplicates(ctx, d.Store, v.rules, v.effect.Payment.Change, v.at)
	if err != nil {
		return v, fault.At("refund.Decide: find duplicates", string(v.c.ID), err)
	}
	v.effect.Payment.Duplicates = duplicates
	for _, duplicate := range duplicates {
		// The original is written among them, if it is as it was read: no second condition on it.
		if v.effect.Original != nil && v.effect.Original.ID == duplicate.ID {
			v.effect.Original = nil
		}
	}
	return v, nil
}
