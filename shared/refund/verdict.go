package refund

import (
	"context"
	"log/slog"

	"makegood/shared/fault"
	"makegood/shared/policy"
)

// answer returns the policy's answer to the facts. Facts that are not all on record, or that the
// policy cannot read, go to a person: nobody's request is lost. The error says why it cannot read
// them; the answer holds all the same.
func (v decision) answer() (policy.Decision, error) {
	if !v.facts.complete {
		return v.undecided(), nil
	}
	verdict, err := policy.Decide(v.facts.revision, v.facts.Facts)
	if err != nil {
		return v.undecided(), err
	}
	return verdict, nil
}

// undecided returns the verdict that leaves the case to a person.
func (v decision) undecided() policy.Decision {
	return policy.Undecided(v.facts.revision, v.c.Kind, v.c.OpenedAt)
}

// judge returns the decision with the policy's verdict and what that moves. A verdict that the
// record does not allow (a disputed payment, a full wallet) goes to a person.
func (v decision) judge(ctx context.Context) (decision, error) {
	verdict, unread := v.answer()
	if unread != nil {
		slog.ErrorContext(ctx, "the policy cannot read the facts: a person decides", "case", v.c.ID, "payment", v.c.Payment, "error", unread.Error())
	}
	v.verdict = verdict
	effect, err := v.move()
	if err != nil && fault.KindOf(err) == fault.KindConflict {
		slog.ErrorContext(ctx, "a verdict cannot be carried out: a person decides", "case", v.c.ID, "clause", v.verdict.Clause, "error", err.Error())
		v.verdict = v.undecided()
		// Credits that find no room in the wallet park their purchase. It waits for staff as other
		// parked purchases do, so the policy's own clause for those answers, where it has one.
		if purchase := v.facts.Purchase; purchase != nil && !purchase.Credited {
			purchase.Parked = fault.CodeOf(err)
			if verdict, err := policy.Decide(v.facts.revision, v.facts.Facts); err == nil {
				v.verdict = verdict
			}
		}
		effect, err = v.move()
	}
	return v.with(effect), err
}
