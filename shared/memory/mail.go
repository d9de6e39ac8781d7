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

// mail is who mailed which message of a case, and when.
type mail struct {
	message refund.Message
	by      string
	at      time.Time
}

// MarkTold implements notice.Cases.
func (s *Store) MarkTold(_ context.Context, id refund.CaseID, told refund.Message, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.cases[id]
	if !found.item.Owes(told) {
		return nil
	}
	left := todo.List{}
	for step, at := range found.item.Todo {
		if step != told.Step() {
			left[step] = at
		}
	}
	if len(left) == 0 {
		left = nil
	}
	found.item.Todo, found.item.Attempts, found.stuckAt = left, 0, time.Time{}
	if told.Step() == todo.StepNotice {
		found.item.ToldAt = at
	}
	s.cases[id] = found
	return nil
}

// ClaimMail implements notice.Cases.
func (s *Store) ClaimMail(_ context.Context, id refund.CaseID, told refund.Message, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mailed, about := s.mails[id], s.caseOf(id)
	switch {
	case about == nil || !about.Owes(told):
		return false, nil
	case mailed.message != told:
		s.mails[id] = mail{message: told, by: by, at: at}
		return true, nil
	case mailed.by == by:
		return true, nil
	case at.Sub(mailed.at) >= notice.MailClaim:
		return false, nil
	}
	return false, fault.Busy(errors.New("memory: another may be mailing this notice"))
}

// ReturnMail implements notice.Cases.
func (s *Store) ReturnMail(_ context.Context, id refund.CaseID, told refund.Message, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mailed := s.mails[id]; mailed.message == told && mailed.by == by {
		delete(s.mails, id)
	}
	return nil
}
