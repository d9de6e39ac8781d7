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

// MarkNotified implements notice.Cases.
func (s *Store) MarkNotified(_ context.Context, id refund.CaseID, message refund.Message, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	row := s.cases[id]
	if !row.item.HasDue(message) {
		return nil
	}
	// The map is shared with whoever read the case: it is rebuilt, not edited.
	rest := todo.List{}
	for step, at := range row.item.Todo {
		if step != message.Step() {
			rest[step] = at
		}
	}
	if len(rest) == 0 {
		rest = nil
	}
	row.item.Todo, row.item.Attempts, row.stuckAt = rest, 0, time.Time{}
	if message.Step() == todo.StepNotice {
		row.item.NotifiedAt = at
	}
	s.cases[id] = row
	return nil
}

// ClaimMail implements notice.Cases.
func (s *Store) ClaimMail(_ context.Context, id refund.CaseID, message refund.Message, by string, at time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	about := s.caseOf(id)
	return claimMail(s.mails, id, about != nil && about.HasDue(message), mail{message: message, by: by, at: at})
}

// ReturnMail implements notice.Cases.
func (s *Store) ReturnMail(_ context.Context, id refund.CaseID, message refund.Message, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	returnMail(s.mails, id, mail{message: message, by: by})
	return nil
}

// claimMail claims the mail of what owes it, unless another claimed the same message; one that
// another claimed long ago went out, or died with it.
func claimMail[ID comparable](mails map[ID]mail, id ID, open bool, claim mail) (bool, error) {
	current, ok := mails[id]
	// Nothing owed, nothing to claim. A free mail is ours, and so is one that we claimed before:
	// our answer was lost.
	switch {
	case !open:
		return false, nil
	case !ok || current.message != claim.message:
		mails[id] = claim
		return true, nil
	case current.by == claim.by:
		return true, nil
	case claim.at.Sub(current.at) >= notice.MailClaim:
		return false, nil
	}
	return false, fault.Busy(errors.New("memory: another may be mailing this notice"))
}

// returnMail gives a claim back, if it is the one that stands.
func returnMail[ID comparable](mails map[ID]mail, id ID, claim mail) {
	if current := mails[id]; current.message == claim.message && current.by == claim.by {
		delete(mails, id)
	}
}
