package dynamo

import (
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// maxQueue bounds how many cases the list for staff puts in order: of more, as many as the index
// shows first.
const maxQueue = 10_000

// RecordRuling implements refund.Reviews: one UpdateItem.
func (s *Store) RecordRuling(ctx context.Context, before refund.Case, ruling refund.Ruling, due time.Time) error {
	row := item{attrRuling: encodeRuling(ruling)}
	row.putTodo(before.WhileRuled(due), 0)
	// Two of staff may rule at once: the first is recorded, and the second learns of it.
	u := newUpdate()
	u.requireEqual(attrState, text(string(refund.StateInReview)))
	u.requireSame(attrRuling, nil)
	u.requireSame(attrOverruled, encodeRulings(before.Overruled))
	if before.Todo.Has(todo.StepFailed) {
		u.requireEqual(attrTodo, encodeTodo(before.Todo)) // it may have been told meanwhile
	}
	// An appeal since then has put another question before staff.
	u.requireSame(attrAppealedAt, encodeCase(before)[attrAppealedAt])
	u.replace(row, attrRuling, attrReviewBy, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(before.ID)))
	return fault.At("dynamo.RecordRuling", string(before.ID), classify(err))
}

// ListReview implements refund.Reviews: a scan of the sparse index, which holds only what waits.
func (s *Store) ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error) {
	keys, err := s.scanIndex(ctx, s.tables.Cases, indexReview, attrReviewBy, nil, maxQueue)
	if err != nil {
		return nil, false, fault.At("dynamo.ListReview", "", err)
	}
	// The index has the due instants, so the order is known before any case is read.
	positions := make([]refund.ReviewPosition, 0, len(keys))
	for _, key := range keys {
		at := refund.ReviewPosition{At: key.number(attrReviewBy), Case: refund.CaseID(key.text(attrSK))}
		if after == nil || at.Compare(*after) > 0 {
			positions = append(positions, at)
		}
	}
	slices.SortFunc(positions, refund.ReviewPosition.Compare)
	at := func(position refund.ReviewPosition) ref { return s.caseRef(position.Case) }
	return firstOf(ctx, s, refsOf(positions, at), limit, decodeCase, refund.Case.Waiting)
}

// firstOf reads what is there of refs, in their order and consistently, until limit of it is
// wanted: an index may show what is not any more. It returns whether refs are left.
func firstOf[T any](
	ctx context.Context, s *Store, refs []ref, limit int, decode func(item) (*T, error), filter func(T) bool,
) (all []T, more bool, err error) {
	for len(refs) > 0 && len(all) < limit {
		// Only so many are read as are still wanted: the next page reads the others.
		n := min(len(refs), limit-len(all))
		page, err := readAll(ctx, s, refs[:n:n], decode)
		if err != nil {
			return nil, false, err
		}
		for _, one := range page {
			if filter(one) {
				all = append(all, one)
			}
		}
		refs = refs[n:]
	}
	return all, len(refs) > 0, nil
}

// OverdueReviews implements due.Store.
func (s *Store) OverdueReviews(ctx context.Context, now time.Time, limit int) (int, error) {
	until := now.Add(-time.Millisecond)
	keys, err := s.scanIndex(ctx, s.tables.Cases, indexReview, attrReviewBy, upTo(&until), limit)
	return len(keys), err
}
