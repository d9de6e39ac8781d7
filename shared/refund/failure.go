package refund

import (
	"time"

	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/policy"
)

// reviewAfter is when a case in review is overdue where the policy promises no answer. A failure in review is also looked at by the sweeper
// then: its credits are still held, and what is held has an instant.
const reviewAfter = 30 * 24 * time.Hour

// failureCase returns the case of a failure, which nobody opened: it is made with its verdict.
func failureCase(failed generation.Generation, reason string, now time.Time) Case {
	return Case{
		ID: FailureCaseID(failed.ID), Kind: policy.KindTechnicalFailure, Customer: failed.Customer, Generation: string(failed.ID), OpenedAt: now,
		Locale:  failed.Locale,
		History: []Event{{At: failed.RecordedAt, State: StateReceived, Actor: ActorSystem, Note: reason}},
	}
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
	return ended(g), true
}

// ended returns a generation that is to be judged as a failure: one that is still held failed when its deadline passed.
func ended(g generation.Generation) generation.Generation {
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

// neverCame reports whether no result of the generation ever came, so that our own word stands in its place.
func neverCame(g generation.Generation) bool { return g.Hash == "" }
