package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// reviewAfter is when a case in review that promises no answer is looked at again by the sweeper, so that it is never lost from sight.
const reviewAfter = 30 * 24 * time.Hour

// Snapshot is what a decision on a generation reads, at once and consistently. Generation and Case are nil when there is none.
type Snapshot struct {
	Generation *generation.Generation
	Wallet     ledger.Wallet
	Case       *Case
}

// Effect is a verdict and what it moves: committed whole or not at all.
type Effect struct {
	Case    Case // new: there was none of its id
	Before  generation.Generation
	After   generation.Generation
	Posting ledger.Posting
}

// Cases is what deciding needs of a store.
type Cases interface {
	// LoadDecision returns the generation, its customer's wallet and the case in one consistent read.
	LoadDecision(ctx context.Context, id generation.ID, caseID CaseID) (Snapshot, error)
	// CommitDecision writes the effect: KindStale when the case exists, the generation has left the state of Before, or the wallet has changed.
	CommitDecision(ctx context.Context, effect Effect) error
}

// Notices is where verdicts wait to be told.
type Notices interface {
	Tell(ctx context.Context, decided message.RefundDecided) error
}

// Policy knows the revision in force at an instant.
type Policy interface {
	At(at time.Time) policy.Revision
}

// Decider decides requests. Policy opens the stack's policy: it is asked for each request, and costs nothing after the first.
type Decider struct {
	Store   Cases
	Policy  func() (Policy, error)
	Notices Notices
}

// DecideFailure answers a technical_failure request. "Failed" and "overdue" are questions: it looks for itself, and does nothing when
// the generation is no longer waiting. A repeat gets the recorded verdict, and the notice goes out again while it is still owed.
// KindNotFound when there is no such generation, KindBusy when it should be tried again.
func (d Decider) DecideFailure(ctx context.Context, request message.RefundRequested, now time.Time) error {
	id, err := generation.ParseID(request.Generation)
	if err != nil {
		return err
	}
	caseID := NewCaseID(id.CustomerKey(), policy.KindTechnicalFailure, string(id))
	var decided *Case
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		decided, err = d.attempt(ctx, id, caseID, request.Reason, now)
		return err
	})
	if err != nil || decided == nil || !decided.Todo.Has(todo.StepNotice) {
		return err
	}
	return d.Notices.Tell(ctx, message.NewRefundDecided(string(decided.ID)))
}

// attempt returns the case as it stands, nil when nothing was to be decided.
func (d Decider) attempt(ctx context.Context, id generation.ID, caseID CaseID, reason string, now time.Time) (*Case, error) {
	found, err := d.Store.LoadDecision(ctx, id, caseID)
	switch {
	case err != nil:
		return nil, err
	case found.Generation == nil:
		return nil, fault.NotFound("generation")
	case found.Case != nil:
		return found.Case, nil
	}
	failed, waiting := asFailed(*found.Generation, reason, now)
	if !waiting {
		return nil, nil
	}
	published, err := d.Policy()
	if err != nil {
		return nil, err
	}
	revision := published.At(judgedAt(failed, reason))
	verdict, err := policy.Decide(revision, failureFacts(revision, failed, found.Wallet))
	if err != nil {
		return nil, err
	}
	effect, err := settleFailure(found, failed, verdict, Terms(revision), now)
	if err != nil {
		return nil, err
	}
	effect.Case = Case{
		ID: caseID, Kind: policy.KindTechnicalFailure, Customer: failed.Customer, Generation: string(id), OpenedAt: now,
		History: []Event{{At: failed.RecordedAt, State: StateReceived, Actor: "system", Note: reason}},
	}.decide(verdict, now)
	if err := d.Store.CommitDecision(ctx, effect); err != nil {
		return nil, err
	}
	return &effect.Case, nil
}

// asFailed returns the generation as a failed one and whether a verdict on it is still open:
// a failure that was recorded, or a hold whose deadline has passed without a result.
func asFailed(g generation.Generation, reason string, now time.Time) (generation.Generation, bool) {
	if g.State == generation.StateFailed {
		return g, true
	}
	if g.State != generation.StateHeld || reason != message.ReasonOverdue || now.Before(g.Deadline) {
		return g, false
	}
	g.RecordedAt = g.Deadline
	g.Result = &generation.Result{
		Status: generation.StatusFailed, FinishedAt: g.Deadline,
		Failure: &generation.Failure{Cause: generation.CausePlatform, Code: generation.CodeOverdue, Message: "no result came in time"},
	}
	return g, true
}

// judgedAt returns the instant whose policy judges: when the generation finished, or when it started if no result ever came.
func judgedAt(g generation.Generation, reason string) time.Time {
	if g.State == generation.StateHeld && reason == message.ReasonOverdue {
		return g.StartedAt
	}
	return g.Result.FinishedAt
}

// failureFacts gathers what the policy may know of a failure: all of it from our records.
func failureFacts(revision policy.Revision, g generation.Generation, wallet ledger.Wallet) policy.Facts {
	return policy.Facts{
		Policy:      revision.Name,
		Kind:        policy.KindTechnicalFailure,
		RequestedAt: g.RecordedAt,
		Customer:    policy.CustomerFacts{Standing: wallet.Standing},
		Generation: &policy.GenerationFacts{
			ID: string(g.ID), Feature: g.Feature,
			Platform: policy.Platform(g.Platform), Surface: policy.Surface(g.Surface), Mode: policy.Mode(g.Mode),
			Status: generation.StatusFailed, FinishedAt: g.Result.FinishedAt,
			Price: g.Price, Refunded: g.Refunded, FailedAttempts: g.Result.FailedAttempts, Failure: g.Failure(),
		},
	}
}

// settleFailure returns what the verdict does: approved gives the hold back, declined spends it, in review leaves it held.
func settleFailure(found Snapshot, failed generation.Generation, verdict policy.Decision, terms ledger.ExpiredLot, now time.Time) (Effect, error) {
	effect := Effect{Before: *found.Generation, After: failed, Posting: unchanged(found.Wallet)}
	switch verdict.Outcome {
	case policy.OutcomeApproved:
		if verdict.Remedy == nil || verdict.Remedy.Credits != failed.Price {
			return Effect{}, fault.Errorf(fault.KindInternal, fault.CodeInternal, "a failure gives back the whole hold of %d", failed.Price)
		}
		cause := ledger.Cause{Reason: "generation_failed", Generation: string(failed.ID), Actor: "system"}
		posting, _, err := ledger.Release(found.Wallet, failed.Draws, terms, cause, now)
		if err != nil {
			return Effect{}, err
		}
		effect.Posting, effect.After = posting, failed.Release(failed.Price, now)
	case policy.OutcomeDeclined:
		effect.After = failed.Capture(now)
	default:
		effect.After.State = generation.StateFailed
		effect.After.Todo, effect.After.Attempts = todo.List{todo.StepReview: now.Add(reviewAfter)}, 0
	}
	caseID := NewCaseID(failed.ID.CustomerKey(), policy.KindTechnicalFailure, string(failed.ID))
	effect.After.Cases = append(effect.After.Cases, string(caseID))
	return effect, nil
}

func unchanged(wallet ledger.Wallet) ledger.Posting {
	return ledger.Posting{Guard: ledger.GuardUnchanged, Before: wallet, After: wallet}
}

// Terms returns what the revision does with credits of an expired lot, in the ledger's words.
func Terms(revision policy.Revision) ledger.ExpiredLot {
	return ledger.ExpiredLot{Rule: ledger.ExpiredRule(revision.ExpiredLot.Rule), ExtendDays: revision.ExpiredLot.ExtendDays}
}
