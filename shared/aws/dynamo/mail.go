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

// Who mailed which notice, and when: of a mail, nobody can tell afterwards whether it was sent twice.
const (
	attrMailed   = "mailed"
	attrMailedBy = "mailedBy"
	attrMailedAt = "mailedAt"
)

// MarkTold notes that the customer was told the notice, and takes it off what the case owes; a case that owes another, or none, is left
// alone. KindStale when the case has changed between the read and the write.
func (s *Store) MarkTold(ctx context.Context, id refund.CaseID, told string, at time.Time) error {
	c, err := s.FindCase(ctx, id)
	if err != nil || c == nil || c.Notice != told || !c.Todo.Has(todo.StepNotice) {
		return err
	}
	before := encodeTodo(c.Todo)
	delete(c.Todo, todo.StepNotice)
	row := item{attrToldAt: instant(at)}
	row.putTodo(c.Todo, 0)
	u := newUpdate()
	u.requireEqual(attrNotice, text(told)) // the next verdict may be due at the same instant
	u.requireEqual(attrTodo, before)
	u.replace(row, attrToldAt, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	_, err = s.api.UpdateItem(ctx, u.alone(s.caseRef(id)))
	return classify(err)
}

// ClaimMail reports whether the notice is the caller's to mail: the case owes it, and by is the first to ask. Another's claim is false, or
// KindBusy while it is younger than notice.MailClaim: that one may be at it.
func (s *Store) ClaimMail(ctx context.Context, id refund.CaseID, told, by string, at time.Time) (bool, error) {
	u := newUpdate()
	u.requireEqual(attrNotice, text(told))
	u.require(fmt.Sprintf("attribute_exists(%s)", u.path(attrTodo, string(todo.StepNotice))))
	u.require(fmt.Sprintf("(attribute_not_exists(%s) OR %[1]s <> %s)", u.path(attrMailed), u.value(text(told))))
	u.setTo(attrMailed, text(told))
	u.setTo(attrMailedBy, text(by))
	u.setTo(attrMailedAt, instant(at))
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(id)))
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return err == nil, classify(err)
	}
	row := item(failed.Item)
	_, owed := row.mapping(attrTodo)[string(todo.StepNotice)]
	switch {
	case !owed, row.text(attrNotice) != told:
		return false, nil
	case row.text(attrMailedBy) == by:
		return true, nil // our own claim, whose answer was lost
	case at.Sub(row.instant(attrMailedAt)) >= notice.MailClaim:
		return false, nil
	}
	return false, fault.Busy(errors.New("dynamo: another may be mailing this notice"))
}

// ReturnMail takes back the caller's claim to mail the notice; what is another's, or nobody's, is left alone.
func (s *Store) ReturnMail(ctx context.Context, id refund.CaseID, told, by string) error {
	u := newUpdate()
	u.requireEqual(attrMailed, text(told))
	u.requireEqual(attrMailedBy, text(by))
	u.replace(nil, attrMailed, attrMailedBy, attrMailedAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.caseRef(id)))
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return nil
	}
	return classify(err)
}
