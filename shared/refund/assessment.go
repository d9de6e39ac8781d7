package refund

import (
	"context"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// Assessment is a report as whoever looks at its pictures finds it.
type Assessment struct {
	// Case is the report's.
	Case Case
	// Generation is what made the output, nil where it is not on record.
	Generation *generation.Generation
	// Revision is the one that judges the case.
	Revision policy.Revision
	// Price is what the output was charged.
	Price ledger.Credits
	// Evidence is what was seen already, nil while nobody has looked.
	Evidence *evidence.Record
	// Due says that the decision waits for a look.
	Due bool
}

// Assess returns the report of the request as it is now. It reads what Decide reads, and writes and
// sends nothing.
//
// Errors: KindNotFound when there is no such case.
func (d Decider) Assess(ctx context.Context, request message.ResultReported, now time.Time) (Assessment, error) {
	id, err := ParseCaseID(request.Case)
	if err != nil {
		return Assessment{}, err
	}
	return fault.RetryFor(ctx, func(ctx context.Context) (Assessment, error) {
		snapshot, err := load(ctx, d.Store, caseSubject(id, request.Generation, ""))
		if err != nil {
			return Assessment{}, fault.At("refund.Assess: load", request.Case, err)
		}
		if snapshot.Case == nil {
			return Assessment{}, fault.NotFound("case")
		}
		v := d.begin(snapshot, now)
		v.c = *snapshot.Case
		assessment := Assessment{Case: v.c, Generation: snapshot.Generation, Evidence: snapshot.Evidence}
		// The facts may cost reads of their own, which a case that needs no look is spared.
		if !v.mayAwaitLook() {
			return assessment, nil
		}
		if v, err = d.gather(ctx, v); err != nil {
			return Assessment{}, err
		}
		assessment.Revision, assessment.Due = v.facts.revision, v.awaitsLook()
		if v.facts.Generation != nil {
			assessment.Price = v.facts.Generation.Price
		}
		return assessment, nil
	})
}

// mayAwaitLook reports whether a look at the pictures of the case is still to come, for all that
// the case itself says. Where its words were erased, nobody keeps pictures of it any more.
func (v decision) mayAwaitLook() bool {
	return v.c.State == StateReceived && v.c.Todo.Has(todo.StepAssess) && v.c.Statement != nil && v.snapshot.Evidence == nil
}

// awaitsLook reports whether the case is not decided before somebody has looked: its answer rests
// on what a look could show, or it is a person's, who needs the pictures.
func (v decision) awaitsLook() bool {
	if !v.mayAwaitLook() || !v.facts.complete {
		return false
	}
	verdict, _ := v.answer() // what cannot be read is a person's
	return verdict.Outcome == policy.OutcomeInReview || v.facts.revision.NeedsEvidence(v.facts.Facts)
}
