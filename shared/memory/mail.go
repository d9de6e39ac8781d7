package memory

import (
	"context"
	"errors"
	"time"

	"makegood/shared/fault"
	"makegood/shared/notice"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// mail is who mailed which notice of a case, and when.
type mail struct {
	notice, by string
	at         time.Time
}

func owes(c *refund.Case, notice string) bool {
	return c != nil && c.Notice == notice && c.Todo.Has(todo.StepNotice)
}

// MarkTold notes that the customer was told the notice; a case that owes another, or none, is left alone.
func (s *Store) MarkTold(_ context.Context, id refund.CaseID, told string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.cases[id]
	if !owes(&found.item, told) {
		return nil
	}
	left := todo.List{}
	for step, at := range found.item.Todo {
		if step != todo.StepNotice {
			left[step] = at
		}
	}
	if len(left) == 0 {
		left = nil
	}
	found.item.ToldAt, found.item.Todo, found.item.Attempts, found.stuckAt = at, left, 0, time.Time{}
	s.cases[id] = found
	return nil
}

// ClaimMail implements notice.Cases.
func (s *Store) ClaimMail(_ context.Context, id refund.CaseID, told, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mailed := s.mails[id]
	switch {
	case !owes(s.caseOf(id), told):
		return false, nil
	case mailed.notice != told:
		s.mails[id] = mail{notice: told, by: by, at: at}
		return true, nil
	case mailed.by == by:
		return true, nil
	case at.Sub(mailed.at) >= notice.MailClaim:
		return false, nil
	}
	return false, fault.Busy(errors.New("memory: another may be mailing this notice"))
}

// ReturnMail implements notice.Cases.
func (s *Store) ReturnMail(_ context.Context, id refund.CaseID, told, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mailed := s.mails[id]; mailed.notice == told && mailed.by == by {
		delete(s.mails, id)
	}
	return nil
}
