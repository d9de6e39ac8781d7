package refund

import (
	"context"

	"makegood/shared/fault"
	"makegood/shared/payment"
)

// CaseFinder finds cases by their ids.
type CaseFinder interface {
	// FindCases returns the cases with these ids; unknown ones are left out.
	FindCases(ctx context.Context, ids ...CaseID) ([]Case, error)
}

// Unclaimed returns the check (payment.Order.Check) that refuses to pay back a duplicate that has a
// case: what was claimed is ruled on there. KindConflict already_reported with the case.
func Unclaimed(store CaseFinder, action payment.Action) func(context.Context, payment.Payment) error {
	return func(ctx context.Context, p payment.Payment) error {
		if action != payment.ActionRefund || p.Waits() != payment.ReasonDuplicate {
			return nil
		}
		// A duplicate that is paid back by hand and by its case would be paid back twice.
		cases, err := store.FindCases(ctx, DuplicateCaseID(p))
		if err != nil || len(cases) == 0 {
			return fault.At("refund.Unclaimed: find case", string(p.ID), err)
		}
		return &fault.Error{
			Kind: fault.KindConflict, Code: fault.CodeAlreadyReported, Detail: "there is a case about this", Case: string(cases[0].ID),
		}
	}
}
