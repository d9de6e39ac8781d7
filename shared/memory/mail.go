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

// mail is who mailed what, and when. Of what owes one mail alone the message is the zero one.
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
	about := s.caseOf(id)
	return claimMail(s.mails, id, about != nil && about.Owes(told), mail{message: told, by: by, at: at})
}

// ReturnMail implements notice.Cases.
func (s *Store) ReturnMail(_ context.Context, id refund.CaseID, told refund.Message, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	returnMail(s.mails, id, mail{message: told, by: by})
	return nil
}

// claimMail claims the mail of what owes it, unless another claimed the same message; one that another claimed long ago went out, or died with it.
func claimMail[ID comparable](mails map[ID]mail, id ID, owed bool, wanted mail) (bool, error) {
	mailed, claimed := mails[id]
	switch {
	case !owed:
		return false, nil
	case !claimed || mailed.message != wanted.message:
		mails[id] = wanted
		return true, nil
	case mailed.by == wanted.by:
		return true, nil
	case wanted.at.Sub(mailed.at) >= notice.MailClaim:
		return false, nil
	}
	return false, fault.Busy(errors.New("memory: another may be mailing this notice"))
}

// returnMail gives a claim back, if it is the one that stands.
func returnMail[ID comparable](mails map[ID]mail, id ID, claim mail) {
	if mailed := mails[id]; mailed.message == claim.message && mailed.by == claim.by {
		delete(mails, id)
	}
}
