package refund

import (
	"context"
	"log/slog"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// Decider decides requests. Policy opens the stack's policy: it is asked for each request, and costs nothing after the first. Gateways are
// asked about a purchase that a claim names and that is not on record; Livemode is the mode whose payments count, nil where either does.
type Decider struct {
	Store       Decisions
	Policy      func() (Policy, error)
	Notices     Notices
	Settlements payment.Settlements
	Gateways    []payment.Gateway
	Livemode    *bool

	inquiry *inquiry // of one request; nil where nothing is kept
}

// decided is what a decision left behind: what is still owed of it is sent after the commit, and again by each repeat.
type decided struct {
	about *Case
	paid  *payment.Payment
}

// Decide answers a request. "Failed", "overdue" and "please" are questions: it looks for itself, and does nothing where nothing waits
// for a verdict. A repeat gets the recorded verdict, and what is still owed of it goes out again.
// KindNotFound when there is no such case, generation or payment, KindInvalid for a request about none, KindBusy when it should be tried
// again.
func (d Decider) Decide(ctx context.Context, request message.RefundRequested, now time.Time) error {
	switch request.Subject() {
	case message.AboutOutagePayment:
		return d.makeGood(ctx, request, now)
	case message.AboutPaymentCases:
		return d.follow(ctx, payment.ID(request.Payment), now)
	case message.AboutCase, message.AboutFailedGeneration:
	}
	matter, err := matterOf(request)
	if err != nil {
		return err
	}
	d.inquiry = new(inquiry)
	return d.settle(ctx, func(ctx context.Context) (decided, error) { return d.attempt(ctx, matter, request, now) })
}

// settle tries until the attempt is committed, then sends what is owed of it: the notice, and the money.
func (d Decider) settle(ctx context.Context, attempt func(ctx context.Context) (decided, error)) error {
	var left decided
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		left, err = attempt(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if left.paid != nil {
		if err := (payment.Outbox{Settlements: d.Settlements}).Send(ctx, *left.paid); err != nil {
			return err
		}
	}
	if left.about == nil || len(left.about.Owed()) == 0 {
		return nil
	}
	return d.Notices.Tell(ctx, message.NewRefundDecided(string(left.about.ID)))
}

// matterOf returns what the request is about. What it says of an open case's generation or payment is a hint: one that cannot be is
// dropped.
func matterOf(request message.RefundRequested) (Matter, error) {
	if request.Subject() == message.AboutCase {
		id, err := ParseCaseID(request.Case)
		if err != nil {
			return Matter{}, err
		}
		return matterFor(id, request.Generation, request.Payment), nil
	}
	if request.Subject() != message.AboutFailedGeneration {
		return Matter{}, fault.Invalid("kind", "nobody decides %q without a case", request.Kind)
	}
	id, err := generation.ParseID(request.Generation)
	if err != nil {
		return Matter{}, err
	}
	return Matter{Case: FailureCaseID(id), Generation: id}, nil
}

func matterFor(id CaseID, about, paid string) Matter {
	matter := Matter{Case: id, Payment: payment.ID(paid)}
	if g, err := generation.ParseID(about); err == nil && g.CustomerKey() == id.CustomerKey() {
		matter.Generation = g
	}
	return matter
}

// attempt returns the case as it stands, none when nothing was to be decided.
func (d Decider) attempt(ctx context.Context, matter Matter, request message.RefundRequested, now time.Time) (decided, error) {
	found, err := load(ctx, d.Store, matter)
	if err != nil {
		return decided{}, err
	}
	open := found.Case
	switch {
	case open == nil && request.Subject() == message.AboutCase:
		return decided{}, fault.NotFound("case")
	case open == nil && found.Generation == nil:
		return decided{}, fault.NotFound("generation")
	case open == nil:
		failed, waiting := asFailed(*found.Generation, request.Reason, now)
		if !waiting {
			return decided{}, nil
		}
		return d.verdict(ctx, found, failureCase(failed, request.Reason, now), now)
	case open.State == StateReceived:
		return d.verdict(ctx, found, *open, now)
	case open.State == StateInReview && open.Ruling != nil:
		return d.carryOut(ctx, found, *open, now)
	case open.AwaitsDowntime():
		return d.lookAgain(ctx, found, *open, now)
	}
	return decided{about: open, paid: found.Payment}, nil
}

// loader is the part of both ports that reads a matter.
type loader interface {
	LoadDecision(ctx context.Context, matter Matter) (Snapshot, error)
}

// load reads the matter; where the case names another generation or payment than the matter did, it reads again with the case's.
func load(ctx context.Context, store loader, matter Matter) (Snapshot, error) {
	found, err := store.LoadDecision(ctx, matter)
	if err != nil || found.Case == nil {
		return found, err
	}
	if own := matterFor(matter.Case, found.Case.Generation, found.Case.Payment); own != matter {
		return store.LoadDecision(ctx, own)
	}
	return found, nil
}

// verdict asks the policy about the case, which is new or was received, and commits the answer with what it moves.
func (d Decider) verdict(ctx context.Context, found Snapshot, asked Case, now time.Time) (decided, error) {
	effect, err := d.weigh(ctx, found, asked, now)
	if err != nil {
		return decided{}, err
	}
	return d.commit(ctx, effect)
}

// weigh returns the policy's verdict on the case with what it moves, not committed yet.
func (d Decider) weigh(ctx context.Context, found Snapshot, asked Case, now time.Time) (Effect, error) {
	published, err := d.Policy()
	if err != nil {
		return Effect{}, err
	}
	receiver := payment.Receiver{Catalog: published, Livemode: d.Livemode}
	found, asked, candidates, err := d.locate(ctx, receiver, found, asked)
	if err != nil {
		return Effect{}, err
	}
	facts, err := d.gather(ctx, published, found, asked, now)
	if err != nil {
		return Effect{}, err
	}
	if len(candidates) > 0 {
		facts.candidates = candidates
	}
	verdict, effect, err := judge(found, facts, asked, now)
	if err != nil {
		return Effect{}, err
	}
	if verdict.Outcome == policy.OutcomeInReview { // staff see all of them, not just what a limit needed
		if err := d.countGenerations(ctx, &facts, asked, maxCounted); err != nil {
			return Effect{}, err
		}
	}
	if err := effect.record(found, asked, facts.receiver, now); err != nil {
		return Effect{}, err
	}
	effect.guardUse(found, verdict, facts.revision)
	effect.Case = effect.Case.informed(found, facts)
	effect.Case = effect.Case.decide(verdict, Event{Actor: ActorSystem, Note: verdict.Clause}, now).await(facts.lookAt)
	effect.tie(found, now)
	return d.withRepeats(ctx, facts.receiver, effect, now)
}

// withRepeats returns the effect with the payments that one granted by it shows to be double charges of it.
func (d Decider) withRepeats(ctx context.Context, receiver payment.Receiver, effect Effect, now time.Time) (_ Effect, err error) {
	if effect.Payment == nil {
		return effect, nil
	}
	effect.Payment.Twins, err = receiver.Repeated(ctx, d.Store, effect.Payment.Change, now)
	for _, twin := range effect.Payment.Twins {
		if effect.Original != nil && effect.Original.ID == twin.ID {
			effect.Original = nil // it is written, if it is as it was read
		}
	}
	return effect, err
}

// judge returns the policy's answer and what it does. Facts that are not on record, that the policy cannot read, or whose answer cannot
// be carried out go to a person: nobody's request is lost.
func judge(found Snapshot, facts facts, asked Case, now time.Time) (policy.Decision, Effect, error) {
	undecided := policy.Undecided(facts.revision, asked.Kind, asked.OpenedAt)
	verdict := undecided
	if facts.complete {
		decided, err := policy.Decide(facts.revision, facts.Facts)
		if err == nil {
			verdict = decided
		} else {
			slog.Error("the policy cannot read the facts", "case", asked.ID, "error", err)
		}
	}
	effect, err := effectOf(found, facts, asked, verdict, ActorSystem, now)
	if err != nil && fault.KindOf(err) == fault.KindConflict {
		slog.Error("the verdict cannot be carried out", "case", asked.ID, "error", err)
		if verdict = undecided; facts.Purchase != nil && !facts.Purchase.Credited { // its credits have no room: it waits for staff as others do
			facts.Purchase.Parked = fault.CodeOf(err)
			if waits, err := policy.Decide(facts.revision, facts.Facts); err == nil {
				verdict = waits
			}
		}
		effect, err = effectOf(found, facts, asked, verdict, ActorSystem, now)
	}
	return verdict, effect, err
}

// carryOut makes staff's ruling the verdict. One that the facts do not allow any more, or the wallet cannot take, goes back to staff.
func (d Decider) carryOut(ctx context.Context, found Snapshot, reviewed Case, now time.Time) (decided, error) {
	effect, err := d.ruled(ctx, found, reviewed, now)
	if kind := fault.KindOf(err); err != nil && (kind == fault.KindInvalid || kind == fault.KindConflict) {
		return d.giveUp(ctx, reviewed, err, now)
	}
	if err != nil {
		return decided{}, err
	}
	return d.commit(ctx, effect)
}

// ruled returns staff's ruling as the verdict with what it moves, not committed yet.
func (d Decider) ruled(ctx context.Context, found Snapshot, reviewed Case, now time.Time) (Effect, error) {
	published, err := d.Policy()
	if err != nil {
		return Effect{}, err
	}
	receiver := payment.Receiver{Catalog: published, Livemode: d.Livemode}
	effect, err := ruler{d.Store, published, receiver}.effect(ctx, found, reviewed, now)
	if err != nil {
		return Effect{}, err
	}
	return d.withRepeats(ctx, receiver, effect, now)
}

// giveUp puts the case back on staff's list.
func (d Decider) giveUp(ctx context.Context, reviewed Case, reason error, now time.Time) (decided, error) {
	slog.ErrorContext(ctx, "the ruling cannot be carried out", "case", reviewed.ID, "error", reason)
	return d.commit(ctx, Effect{Before: &reviewed, Case: reviewed.reopen(now)})
}

func (d Decider) commit(ctx context.Context, effect Effect) (decided, error) {
	effect = effect.withFinding()
	if err := d.Store.CommitDecision(ctx, effect); err != nil {
		return decided{}, err
	}
	left := decided{about: &effect.Case}
	if effect.Payment != nil {
		left.paid = &effect.Payment.After
	}
	return left, nil
}
