package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/notice"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// MarkNotified implements notice.Cases: a read, and a write where the case owes the message.
func (s *Store) MarkNotified(ctx context.Context, id refund.CaseID, message refund.Message, at time.Time) error {
	c, err := s.FindCase(ctx, id)
	// Told before, or overtaken by a verdict: nothing is to be marked.
	if err != nil || c == nil || !c.HasDue(message) {
		return fault.At("dynamo.MarkNotified", string(id), err)
	}
	// The other open steps stay as they are, so the whole list must be as it was read.
	before := encodeTodo(c.Todo)
	delete(c.Todo, message.Step())
	row := item{}
	row.putTodo(c.Todo, 0)
	u := newUpdate()
	u.requireEqual(attrNotice, text(message.Notice)) // the next verdict may be due at the same instant
	u.requireEqual(attrTodo, before)
	u.replace(row, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	if message.Step() == todo.StepNotice {
		u.setTo(attrNotifiedAt, instant(at))
	}
	_, err = s.api.UpdateItem(ctx, u.alone(s.caseRef(id)))
	return fault.At("dynamo.MarkNotified", string(id), classify(err))
}

// takeStep takes off a row the one step that it owes, its notice, with what else the update sets; a
// row that does not owe it is left alone.
func (s *Store) takeStep(ctx context.Context, at ref, step todo.Step, u *update) error {
	u.require(fmt.Sprintf("attribute_exists(%s)", u.path(attrTodo, string(step))))
	u.replace(nil, outbox...)
	_, err := s.api.UpdateItem(ctx, u.alone(at))
	var refusal *types.ConditionalCheckFailedException
	if errors.As(err, &refusal) {
		return nil
	}
	return classify(err)
}

// mailing is a mail of a row: the step that owes it, the notice that stands on the row meanwhile,
// and what tells it from the row's others.
type mailing struct {
	at          ref
	step        todo.Step
	notice, key string
}

func (s *Store) caseMail(id refund.CaseID, message refund.Message) mailing {
	return mailing{at: s.caseRef(id), step: message.Step(), notice: message.Notice, key: message.Key()}
}

// ClaimMail implements notice.Cases: one UpdateItem.
func (s *Store) ClaimMail(ctx context.Context, id refund.CaseID, message refund.Message, by string, at time.Time) (bool, error) {
	return s.claimMail(ctx, s.caseMail(id, message), by, at)
}

// ReturnMail implements notice.Cases: one UpdateItem.
func (s *Store) ReturnMail(ctx context.Context, id refund.CaseID, message refund.Message, by string) error {
	return s.returnMail(ctx, s.caseMail(id, message), by)
}

func (s *Store) claimMail(ctx context.Context, m mailing, by string, at time.Time) (bool, error) {
	key := text(m.key)
	u := newUpdate()
	// The notice must still be owed, and not be claimed yet under its key.
	u.requireEqual(attrNotice, text(m.notice))
	u.require(fmt.Sprintf("attribute_exists(%s)", u.path(attrTodo, string(m.step))))
	u.require(fmt.Sprintf("(attribute_not_exists(%s) OR %[1]s <> %s)", u.path(attrMailed), u.value(key)))
	// The claim is written before the mail is sent: one that is lost is better than one sent twice.
	u.setTo(attrMailed, key)
	u.setTo(attrMailedBy, text(by))
	u.setTo(attrMailedAt, instant(at))
	_, err := s.api.UpdateItem(ctx, u.alone(m.at))
	var refusal *types.ConditionalCheckFailedException
	if !errors.As(err, &refusal) {
		return err == nil, classify(err)
	}
	// The refused item tells why: the answer differs for our own claim, a young one and an old one.
	row := item(refusal.Item)
	_, open := row.mapping(attrTodo)[string(m.step)]
	switch {
	case !open, row.text(attrNotice) != m.notice:
		return false, nil
	case row.text(attrMailedBy) == by:
		return true, nil // our own claim, whose answer was lost
	case at.Sub(row.instant(attrMailedAt)) >= notice.MailClaim:
		return false, nil
	}
	return false, fault.Busy(errors.New("dynamo: another may be mailing this notice"))
}

func (s *Store) returnMail(ctx context.Context, m mailing, by string) error {
	u := newUpdate()
	// Only our own claim is given back; another's may have been made since.
	u.requireEqual(attrMailed, text(m.key))
	u.requireEqual(attrMailedBy, text(by))
	u.replace(nil, attrMailed, attrMailedBy, attrMailedAt)
	_, err := s.api.UpdateItem(ctx, u.alone(m.at))
	var refusal *types.ConditionalCheckFailedException
	if errors.As(err, &refusal) {
		return nil
	}
	return classify(err)
}
