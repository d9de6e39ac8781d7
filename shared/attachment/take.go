package attachment

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// Taken is what a case keeps of an attachment.
type Taken struct {
	// ID names it, and where its bytes lie.
	ID ID `json:"id"`
	// File is what was announced of it, and held to when it was uploaded.
	File
}

// Wanted is an attachment that a case is to take.
type Wanted struct {
	// ID is as the caller gave it: it may be any text.
	ID ID
	// Field is where they gave it.
	Field string
}

// Uploads is where the bytes lie.
type Uploads interface {
	// Begin returns the first n bytes of the object, all of them where it has fewer. KindNotFound
	// where there is none.
	Begin(ctx context.Context, key string, n int) ([]byte, error)
}

// Taker tells what a case may take. The commit that opens the case takes it.
type Taker struct {
	// Store finds the attachments.
	Store Finds
	// Uploads has their bytes.
	Uploads Uploads
}

// Look returns what is wanted as the customer's new case would keep it, or the error of one that it
// may not take. The rows are looked at before the bytes. What that very case has by now is no
// error: whoever opens it meets the case.
//
// Errors, each with the field of what it is about:
//   - KindNotFound: CodeNotFound.
//   - KindConflict: CodeTaken; CodeMissing.
//   - KindInvalid: CodeType.
//   - KindBusy.
func (t Taker) Look(
	ctx context.Context, customer ledger.CustomerID, caseID string, wanted []Wanted, now time.Time,
) ([]Taken, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	rows, err := t.find(ctx, customer, wanted)
	if err != nil {
		return nil, err
	}
	taken := make([]Taken, len(wanted))
	for i, want := range wanted {
		row, there := rows[want.ID]
		if !there || !row.Takeable(now) {
			return nil, NotFound(want.Field)
		}
		if row.Case != "" && row.Case != caseID {
			return nil, refusal(fault.KindConflict, CodeTaken, want.Field, "another case has it")
		}
		taken[i] = Taken{ID: row.ID, File: row.File}
	}
	for i, want := range wanted {
		if err := t.begins(ctx, taken[i], want.Field); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// find returns the rows of those that may be the customer's, by id. What is another's is not read.
func (t Taker) find(ctx context.Context, customer ledger.CustomerID, wanted []Wanted) (map[ID]Attachment, error) {
	var ids []ID
	for _, want := range wanted {
		if !IsID(string(want.ID)) || want.ID.CustomerKey() != customer.Key() {
			return nil, NotFound(want.Field)
		}
		ids = append(ids, want.ID)
	}
	found, err := t.Store.FindAttachments(ctx, ids...)
	if err != nil {
		return nil, fault.At("attachment.Look: find", customer.Key(), err)
	}
	rows := map[ID]Attachment{}
	for _, row := range found {
		rows[row.ID] = row
	}
	return rows, nil
}

// begins returns nil where the bytes have come, and begin as their type does.
func (t Taker) begins(ctx context.Context, taken Taken, field string) error {
	first, err := t.Uploads.Begin(ctx, taken.ID.Object(), FirstBytes)
	if err != nil && fault.KindOf(err) == fault.KindNotFound {
		return refusal(fault.KindConflict, CodeMissing, field, "has not been uploaded yet")
	}
	if err != nil {
		return fault.At("attachment.Look: read", string(taken.ID), err)
	}
	if !taken.MediaType.Begins(first) {
		return refusal(fault.KindInvalid, CodeType, field, "its bytes are no "+string(taken.MediaType))
	}
	return nil
}

// Takeable reports whether a case may take it by its day: whether one has is not asked.
func (a Attachment) Takeable(now time.Time) bool {
	return now.Before(a.ExpiresAt) && a.DiscardedAt.IsZero()
}

func refusal(kind fault.Kind, code, field, detail string) *fault.Error {
	return &fault.Error{Kind: kind, Code: code, Field: field, Detail: detail}
}
