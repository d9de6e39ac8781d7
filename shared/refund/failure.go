package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
)

// reviewAfter is when a case in review is overdue where the policy promises no answer. A failure in
// review is also looked at by the sweeper then: its credits are still held, and what is held has an
// instant.
const reviewAfter = 30 * 24 * time.Hour

// decideFailure decides a generation that failed and has no case yet: the case is made with its
// verdict. Nothing is decided of one that did not fail, or whose result may still come.
func (d Decider) decideFailure(ctx context.Context, v decision, reason string) (decision, error) {
	if v.snapshot.Generation == nil {
		return v, fault.NotFound("generation")
	}
	g := *v.snapshot.Generation
	overdue := g.State == generation.StateHeld && reason == message.ReasonOverdue && !v.at.Before(g.Deadline)
	if g.State != generation.StateFailed && !overdue {
		return v, nil
	}
	v.c = newFailureCase(failureOf(g), reason, v.at)
	return d.evaluate(ctx, v)
}

// newFailureCase returns the case of a failure, which nobody opened: it is made with its verdict.
func newFailureCase(failure generation.Generation, reason string, now time.Time) Case {
	return Case{
		ID: FailureCaseID(failure.ID), Kind: policy.KindTechnicalFailure, Customer: failure.Customer, Generation: string(failure.ID), OpenedAt: now,
		Locale:  failure.Locale,
		History: []Event{{At: failure.RecordedAt, State: StateReceived, Actor: ledger.ActorSystem, Note: reason}},
	}
}

// failureOf returns a generation as the failure that is judged: one that is still held failed when
// its deadline passed.
func failureOf(g generation.Generation) generation.Generation {
	if g.State != generation.StateHeld {
		return g
	}
	g.RecordedAt = g.Deadline
	g.Result = &generation.Result{
		Status: generation.StatusFailed, FinishedAt: g.Deadline,
		Failure: &generation.Failure{Cause: generation.CausePlatform, Code: generation.CodeOverdue, Message: "no result came in time"},
	}
	return g
}

// neverCame reports whether no result of the generation ever came, so that our own word stands in
// its place.
func neverCame(g generation.Generation) bool { return g.Hash == "" }
