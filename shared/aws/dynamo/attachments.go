package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/refund"
)

// A customer's attachments lie among the cases, so that a case takes them in its own transaction,
// in a partition of their own: a role may delete there, and no case. How many a customer opened in
// a day is one row beside them, which nobody reads: the condition asks it.
// Why: infra/decisions/0083.
const (
	attachmentsPrefix = "attachments#"
	attachmentPrefix  = "att_"
	openedPrefix      = "opened#"
)

func (s *Store) attachmentRef(id attachment.ID) ref {
	return s.shardedRef(s.tables.Cases, attachmentsPrefix+id.CustomerKey(), string(id))
}

// fileRow is what was announced of an attachment's bytes.
type fileRow struct {
	MediaType attachment.MediaType `json:"media_type"`
	Bytes     int64                `json:"bytes"`
	SHA256    string               `json:"sha256"`
}

func newFileRow(f attachment.File) fileRow { return fileRow(f) }

func (r fileRow) file() attachment.File { return attachment.File(r) }

// newAttachmentRow returns the row of an attachment that is not there yet.
func (s *Store) newAttachmentRow(a attachment.Attachment) item {
	row := s.attachmentRef(a.ID).key()
	row[attrCustomer], row[attrFile] = text(string(a.Customer)), document(newFileRow(a.File))
	row[attrKey], row[attrInput] = text(a.Origin.Key), text(a.Origin.Input)
	row[attrAt], row[attrUntil] = instant(a.OpenedAt), instant(a.ExpiresAt)
	row.putText(attrCase, a.Case)
	row.putInstant(attrDiscardedAt, a.DiscardedAt)
	row.putTodo(a.Todo, a.Attempts)
	row.putShard(s.attachmentRef(a.ID).shard)
	return row
}

// decodeAttachment returns the attachment of a row, nil for none.
func decodeAttachment(row item) (*attachment.Attachment, error) {
	if len(row) == 0 {
		return nil, nil
	}
	a := attachment.Attachment{
		ID: attachment.ID(row.text(attrSK)), Customer: ledger.CustomerID(row.text(attrCustomer)),
		Origin:   origin.Origin{Key: row.text(attrKey), Input: row.text(attrInput)},
		OpenedAt: row.instant(attrAt), ExpiresAt: row.instant(attrUntil), Case: row.text(attrCase),
		DiscardedAt: row.instant(attrDiscardedAt), Todo: row.todo(), Attempts: int(row.number(attrAttempts)),
	}
	// Whether it may still be taken rests on these two.
	if a.Customer == "" || a.ExpiresAt.IsZero() {
		return nil, missingAttribute("Cases", attrUntil)
	}
	var file fileRow
	err := row.document(attrFile, &file)
	a.File = file.file()
	return &a, err
}

// OpenAttachment implements attachment.Openings: one PutItem, or a transaction with the day's
// count.
func (s *Store) OpenAttachment(ctx context.Context, a attachment.Attachment, most int) (*attachment.Attachment, error) {
	row := s.newAttachmentRow(a)
	if most == 0 {
		existing, err := s.putNew(ctx, s.tables.Cases, row)
		if err != nil {
			return nil, fault.At("dynamo.OpenAttachment", string(a.ID), err)
		}
		return decodeAttachment(existing)
	}
	day := ref{table: s.tables.Cases, pk: attachmentsPrefix + a.ID.CustomerKey(), sk: openedPrefix + a.OpenedAt.UTC().Format(time.DateOnly)}
	current, full, err := s.createWith(ctx, s.tables.Cases, row, []types.TransactWriteItem{countUpTo(attrOpened, most).inTransaction(day)})
	if len(full) > 0 {
		return nil, attachment.TooMany(a.OpenedAt)
	}
	if len(current) > 0 {
		return decodeAttachment(current)
	}
	return nil, fault.At("dynamo.OpenAttachment", string(a.ID), err)
}

// writeTaken returns the writes by which the new case takes what its statement lists: each is there
// for its customer, of no case, not to be removed, and within its day. Nothing is due on it then.
func (s *Store) writeTaken(c refund.Case) []types.TransactWriteItem {
	var writes []types.TransactWriteItem
	for _, taken := range c.Taken() {
		u := newUpdate()
		u.requireEqual(attrCustomer, text(string(c.Customer)))
		u.requireSame(attrCase, nil)
		u.requireSame(attrDiscardedAt, nil)
		u.require(u.path(attrUntil) + " > " + u.value(instant(c.OpenedAt)))
		u.setTo(attrCase, text(string(c.ID)))
		u.replace(item{}, attrTodo, attrDueAt, attrAttempts, attrShard)
		writes = append(writes, u.inTransaction(s.attachmentRef(taken.ID)))
	}
	return writes
}

// MarkDiscarded implements attachment.Discards: one UpdateItem.
func (s *Store) MarkDiscarded(ctx context.Context, id attachment.ID, now time.Time) error {
	u := newUpdate()
	u.requireSame(attrCase, nil)
	u.require(u.path(attrUntil) + " <= " + u.value(instant(now))) // none that is not there has it
	u.setTo(attrDiscardedAt, instant(now))
	return fault.At("dynamo.MarkDiscarded", string(id), s.updateRow(ctx, s.attachmentRef(id), u))
}

// RemoveAttachment implements attachment.Discards: one write.
func (s *Store) RemoveAttachment(ctx context.Context, id attachment.ID) error {
	marked := newUpdate()
	marked.require("attribute_exists(" + marked.path(attrDiscardedAt) + ")")
	return fault.At("dynamo.RemoveAttachment", string(id), s.transact(ctx, []types.TransactWriteItem{marked.removal(s.attachmentRef(id))}))
}

// FindAttachments implements attachment.Finds.
func (s *Store) FindAttachments(ctx context.Context, ids ...attachment.ID) ([]attachment.Attachment, error) {
	found, err := readAll(ctx, s, refsOf(ids, s.attachmentRef), decodeAttachment)
	return found, fault.At("dynamo.FindAttachments", "", err)
}
