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
	"makegood/shared/todo"
)

// Decider decides requests. Policy opens the stack's policy: it is asked for each request, and costs nothing after the first.
type Decider struct {
	Store   Decisions
	Policy  func() (Policy, error)
	Notices Notices
}

// Decide answers a request. "Failed", "overdue" and "please" are questions: it looks for itself, and does nothing where nothing waits
// for a verdict. A repeat gets the recorded verdict, and the notice goes out again while it is still owed.
// KindNotFound when there is no such case or generation, KindInvalid for a request about neither, KindBusy when it should be tried again.
func (d Decider) Decide(ctx context.Context, request message.RefundRequested, now time.Time) error {
	matter, err := matterOf(request)
	if err != nil {
		return err
	}
	var decided *Case
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		decided, err = d.attempt(ctx, matter, request, now)
		return err
	})
	if err != nil || decided == nil || !decided.Todo.Has(todo.StepNotice) {
		return err
	}
	return d.Notices.Tell(ctx, message.NewRefundDecided(string(decided.ID)))
}

// matterOf returns what the request is about. What it says of an open case's generation or payment is a hint: one that cannot be is
// dropped.
func matterOf(request message.RefundRequested) (Matter, error) {
	if request.Case != "" {
		id, err := ParseCaseID(request.Case)
		if err != nil {
			return Matter{}, err
		}
		return matterFor(id, request.Generation, request.Payment), nil
	}
	if request.Kind != message.KindTechnicalFailure {
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

// attempt returns the case as it stands, nil when nothing was to be decided.
func (d Decider) attempt(ctx context.Context, matter Matter, request message.RefundRequested, now time.Time) (*Case, error) {
	found, err := load(ctx, d.Store, matter)
	if err != nil {
		return nil, err
	}
	open := found.Case
	switch {
	case open == nil && request.Case != "":
		return nil, fault.NotFound("case")
	case open == nil && found.Generation == nil:
		return nil, fault.NotFound("generation")
	case open == nil:
		failed, waiting := asFailed(*found.Generation, request.Reason, now)
		if !waiting {
			return nil, nil
		}
		return d.verdict(ctx, found, failureCase(failed, request.Reason, now), now)
	case open.State == StateReceived:
		return d.verdict(ctx, found, *open, now)
	case open.State == StateInReview && open.Ruling != nil:
		return d.carryOut(ctx, found, *open, now)
	}
	return open, nil
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
func (d Decider) verdict(ctx context.Context, found Snapshot, asked Case, now time.Time) (*Case, error) {
	published, err := d.Policy()
	if err != nil {
		return nil, err
	}
	facts, err := d.gather(ctx, published, found, asked)
	if err != nil {
		return nil, err
	}
	verdict, effect, err := judge(found, facts, asked, now)
	if err != nil {
		return nil, err
	}
	if verdict.Outcome == policy.OutcomeInReview { // staff see all of them, not just what a limit needed
		if err := d.countGenerations(ctx, &facts, asked, maxCounted); err != nil {
			return nil, err
		}
	}
	effect.Case.Known = &facts.Customer
	effect.Case = effect.Case.decide(verdict, ActorSystem, verdict.Clause, now)
	return d.commit(ctx, effect)
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
		verdict = undecided
		effect, err = effectOf(found, facts, asked, verdict, ActorSystem, now)
	}
	return verdict, effect, err
}

// carryOut makes staff's ruling the verdict. One that the facts do not allow any more, or the wallet cannot take, goes back to staff.
func (d Decider) carryOut(ctx context.Context, found Snapshot, reviewed Case, now time.Time) (*Case, error) {
	published, err := d.Policy()
	if err != nil {
		return nil, err
	}
	facts := onRecord(published, found, reviewed)
	verdict, err := policy.Rule(facts.revision, facts.Facts, *reviewed.Decision, reviewed.Ruling.Ruling, now)
	if err != nil && fault.KindOf(err) == fault.KindInvalid {
		return d.giveUp(ctx, reviewed, err, now)
	}
	if err != nil {
		return nil, err
	}
	effect, err := effectOf(found, facts, reviewed, verdict, ActorStaff, now)
	if err != nil && fault.KindOf(err) == fault.KindConflict {
		return d.giveUp(ctx, reviewed, err, now)
	}
	if err != nil {
		return nil, err
	}
	effect.Case = effect.Case.decide(verdict, ActorStaff, reviewed.Ruling.Note, now)
	return d.commit(ctx, effect)
}

// giveUp puts the case back on staff's list.
func (d Decider) giveUp(ctx context.Context, reviewed Case, reason error, now time.Time) (*Case, error) {
	slog.ErrorContext(ctx, "the ruling cannot be carried out", "case", reviewed.ID, "error", reason)
	return d.commit(ctx, Effect{Before: &reviewed, Case: reviewed.reopen(now)})
}

func (d Decider) commit(ctx context.Context, effect Effect) (*Case, error) {
	if err := d.Store.CommitDecision(ctx, effect); err != nil {
		return nil, err
	}
	return &effect.Case, nil
}
