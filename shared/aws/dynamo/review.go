package dynamo

import (
	"context"
	"errors"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// maxQueue bounds how many rows of a scan a list puts in order: of more, as many as the index shows
// first.
const maxQueue = 10_000

// RecordRuling implements refund.Reviews: one UpdateItem.
func (s *Store) RecordRuling(ctx context.Context, before refund.Case, ruling refund.Ruling, due time.Time) error {
	row := item{attrRuling: encodeRuling(ruling)}
	row.putTakeBacks(before.Overruled, &ruling)
	row.putSecondsOf(before.Overruled, &ruling)
	row.putTodo(before.WhileRuled(due), 0)
	// Two of staff may rule at once: the first is recorded, and the second learns of it.
	u := newUpdate()
	u.requireEqual(attrState, text(string(refund.StateInReview)))
	u.requireSame(attrRuling, nil)
	u.requireSame(attrOverruled, encodeRulings(before.Overruled))
	u.requireSame(attrProposed, encodeProposed(before.Proposed))
	if before.Todo.Has(todo.StepFailed) {
		u.requireEqual(attrTodo, encodeTodo(before.Todo)) // it may have been told meanwhile
	}
	// An appeal since then has put another question before staff.
	u.requireSame(attrAppealedAt, encodeCase(before)[attrAppealedAt])
	u.replace(row, attrRuling, attrProposed, attrSecondPersons, attrTakeBacks, attrReviewBy, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(before.ID)))
	return fault.At("dynamo.RecordRuling", string(before.ID), classify(err))
}

// RecordProposal implements refund.Reviews: one UpdateItem.
func (s *Store) RecordProposal(ctx context.Context, before, after refund.Case) error {
	prior, u := encodeCase(before), newUpdate()
	u.requireEqual(attrState, text(string(refund.StateInReview)))
	u.requireSame(attrRuling, nil)
	for _, attribute := range []string{attrProposed, attrOverruled, attrHistory, attrAppealedAt} {
		u.requireSame(attribute, prior[attribute])
	}
	u.replace(encodeCase(after), attrProposed, attrSecondPersons, attrOverruled, attrTakeBacks, attrHistory)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(after.ID)))
	return fault.At("dynamo.RecordProposal", string(after.ID), classify(err))
}

// RecordTakeBack implements refund.Reviews: one UpdateItem.
func (s *Store) RecordTakeBack(ctx context.Context, before, after refund.Case) error {
	u := updateCase(before)
	u.replace(encodeCase(after), verdictAttributes...)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(after.ID)))
	return fault.At("dynamo.RecordTakeBack", string(after.ID), classify(err))
}

// RecordHandling implements refund.Reviews: one UpdateItem.
func (s *Store) RecordHandling(ctx context.Context, before, after refund.Case) error {
	prior, u := encodeCase(before), newUpdate()
	u.requireEqual(attrState, text(string(refund.StateInReview)))
	u.requireSame(attrRuling, nil)
	u.requireSame(attrAssignment, prior[attrAssignment])
	u.requireSame(attrSkips, prior[attrSkips])
	u.replace(encodeCase(after), attrAssignment, attrSkips)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(after.ID)))
	return fault.At("dynamo.RecordHandling", string(after.ID), classify(err))
}

// waiting is the walk of the cases that wait for staff.
func (s *Store) waiting() walk {
	return walk{table: s.tables.Cases, index: indexWaiting, former: indexReview, attribute: attrReviewBy}
}

// ListReview implements refund.Reviews: by shard, merged in the order in which answers are due.
func (s *Store) ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) (cases []refund.Case, more bool, err error) {
	w := s.waiting()
	w.exact = true
	var behind *entry
	if after != nil {
		behind = &entry{at: after.At, pk: after.Case.CustomerKey(), sk: string(after.Case)}
	}
	at := func(e entry) ref { return s.caseRef(refund.CaseID(e.sk)) }
	// The index may show what does not wait any more: then the page is filled with what is behind.
	for range maxPages {
		entries, rest, err := s.walk(ctx, w, behind, limit-len(cases))
		if err != nil {
			return nil, false, fault.At("dynamo.ListReview", "", err)
		}
		page, err := readAll(ctx, s, refsOf(entries, at), decodeCase)
		if err != nil {
			return nil, false, fault.At("dynamo.ListReview", "", err)
		}
		for _, c := range page {
			if c.Waiting() && !slices.ContainsFunc(cases, func(other refund.Case) bool { return other.ID == c.ID }) {
				cases = append(cases, c)
			}
		}
		if more = rest; !more || len(cases) == limit {
			break
		}
		behind = &entries[len(entries)-1]
	}
	// A page without a case has no place from which the list could go on.
	if more && len(cases) == 0 {
		return nil, false, fault.Busy(errors.New("dynamo: the index shows only what waits no more"))
	}
	return cases, more, nil
}

// OverdueReviews implements due.Store.
func (s *Store) OverdueReviews(ctx context.Context, now time.Time, limit int) (int, error) {
	w := s.waiting()
	w.until = now.Add(-time.Millisecond)
	entries, _, err := s.walk(ctx, w, nil, limit)
	return len(entries), fault.At("dynamo.OverdueReviews", "", err)
}
