package dynamo

import (
	"context"
	"slices"
	"time"

	"makegood/shared/refund"
	"makegood/shared/todo"
)

// maxWaiting bounds how many cases the list for staff puts in order: of more, as many as the index shows first.
const maxWaiting = 10_000

// RecordRuling implements refund.Reviews: one UpdateItem. A notice that the case still owes is none any more: the ruling's takes its place.
func (s *Store) RecordRuling(ctx context.Context, id refund.CaseID, ruling refund.Ruling, due time.Time) error {
	row := item{attrRuling: encodeRuling(ruling)}
	row.putTodo(todo.List{todo.StepRefund: due}, 0)
	u := newUpdate()
	u.requireEqual(attrState, text(string(refund.StateInReview)))
	u.requireSame(attrRuling, nil)
	u.replace(row, attrRuling, attrReviewBy, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(id)))
	return classify(err)
}

// ListReview implements refund.Reviews: a scan of the sparse index, which holds only what waits.
func (s *Store) ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error) {
	keys, err := s.scanIndex(ctx, s.tables.Cases, indexReview, attrReviewBy, nil, maxWaiting)
	if err != nil {
		return nil, false, err
	}
	positions := make([]refund.ReviewPosition, 0, len(keys))
	for _, key := range keys {
		at := refund.ReviewPosition{At: key.number(attrReviewBy), Case: refund.CaseID(key.text(attrSK))}
		if after == nil || at.Compare(*after) > 0 {
			positions = append(positions, at)
		}
	}
	slices.SortFunc(positions, refund.ReviewPosition.Compare)
	var cases []refund.Case
	for len(positions) > 0 && len(cases) < limit {
		n := min(len(positions), limit-len(cases))
		page, err := s.FindCases(ctx, caseIDs(positions[:n])...)
		if err != nil {
			return nil, false, err
		}
		for _, c := range page {
			if c.Waiting() {
				cases = append(cases, c)
			}
		}
		positions = positions[n:]
	}
	return cases, len(positions) > 0, nil
}

// OverdueReviews implements due.Store.
func (s *Store) OverdueReviews(ctx context.Context, now time.Time, limit int) (int, error) {
	until := now.Add(-time.Millisecond)
	keys, err := s.scanIndex(ctx, s.tables.Cases, indexReview, attrReviewBy, &until, limit)
	return len(keys), err
}

func caseIDs(positions []refund.ReviewPosition) []refund.CaseID {
	ids := make([]refund.CaseID, len(positions))
	for i, position := range positions {
		ids[i] = position.Case
	}
	return ids
}
