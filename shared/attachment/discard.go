package attachment

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/message"
)

// Discards is what the discarder needs of a store.
type Discards interface {
	// MarkDiscarded marks the attachment as one to be removed, again where it is marked: from then
	// on no case takes it. KindStale where there is none, a case has it, or its day is not over.
	MarkDiscarded(ctx context.Context, id ID, now time.Time) error
	// RemoveAttachment deletes the row of a marked attachment: KindStale where there is none, or it
	// is not marked.
	RemoveAttachment(ctx context.Context, id ID) error
}

// Objects is where the bytes are deleted.
type Objects interface {
	// Delete deletes the object of that key, there or not.
	Delete(ctx context.Context, key string) error
}

// Discarder removes what no case took.
type Discarder struct {
	// Store marks and removes rows.
	Store Discards
	// Objects holds the bytes.
	Objects Objects
}

// Discard removes an attachment past its day that no case took: it is marked, then its object
// goes, then its row. Whatever ends between two of these, the row still owes the step. What is
// gone, taken or not past its day is left alone.
//
// Errors: KindNotFound for what can be no id; KindBusy.
func (d Discarder) Discard(ctx context.Context, expired message.AttachmentExpired, now time.Time) error {
	id, err := ParseID(expired.Attachment)
	if err != nil {
		return err
	}
	mine, err := holds(ctx, func(ctx context.Context) error { return d.Store.MarkDiscarded(ctx, id, now) })
	if err != nil || !mine {
		return fault.At("attachment.Discard: mark", string(id), err)
	}
	if err := d.Objects.Delete(ctx, id.Object()); err != nil {
		return fault.At("attachment.Discard: delete object", string(id), err)
	}
	_, err = holds(ctx, func(ctx context.Context) error { return d.Store.RemoveAttachment(ctx, id) })
	return fault.At("attachment.Discard: remove", string(id), err)
}

// holds runs a conditional write, and reports whether its condition held.
func holds(ctx context.Context, write func(ctx context.Context) error) (held bool, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		err := write(ctx)
		if held = err == nil; err != nil && fault.KindOf(err) == fault.KindStale {
			return nil
		}
		return err
	})
	return held, err
}
