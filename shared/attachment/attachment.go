// Package attachment owns the proofs that a customer uploads: pictures and PDFs, each of one
// length and one hash, that one case may take within a day.
//
// It refuses to know how bytes travel and where they lie, and what a case makes of them.
//
// Invariants:
//   - What is uploaded is what was announced: the upload is signed over type, length and hash, and
//     the first bytes are of that type.
//   - An attachment is of one case, for good, or of none. One that no case took within its day is
//     discarded: its row goes last, so that a crash leaves nothing that nobody finds.
//   - An id says whose it is, and tells nobody else that it exists.
//
// Words: attachment (the proof), upload (the signed request by which its bytes come), take (a case
// makes it its own), discard (to remove what no case took).
//
// Why: infra/decisions/0083.
package attachment

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// The bounds of attachments.
const (
	// MaxBytes is how long one may be.
	MaxBytes = 10 << 20
	// MaxOpened is how many a customer may open in a day by their own token. The app's server and
	// staff are trusted to know when it is enough.
	MaxOpened = 20
	// MaxTaken is how many a case takes.
	MaxTaken = 5
	// Stay is how long one waits for a case to take it.
	Stay = 24 * time.Hour
	// LinkLife is how long an upload is taken.
	LinkLife = 15 * time.Minute
)

// The wire codes of attachments.
const (
	CodeType     = "attachment_type"      // another type than those that are taken, or than its bytes are
	CodeTooLarge = "attachment_too_large" // more than MaxBytes
	CodeNotFound = "attachment_not_found" // unknown, another's, or past its day
	CodeMissing  = "attachment_missing"   // its bytes have not come
	CodeTaken    = "attachment_taken"     // another case's
)

// ID names an attachment: "att_", the customer's key, and a hash of the caller and its key.
type ID string

const idPrefix = "att_"

// NewID returns the id of what the principal opens for the customer under its idempotency key.
func NewID(customer ledger.CustomerID, principal, key string) ID {
	return ID(ledger.NewOwnedID(idPrefix, customer.Key(), principal, key))
}

// ParseID returns the id, or KindNotFound for what can be no attachment's.
func ParseID(s string) (ID, error) {
	if !IsID(s) {
		return "", fault.NotFound("attachment")
	}
	return ID(s), nil
}

// IsID reports whether the text has the form of an id.
func IsID(s string) bool { return ledger.IsOwnedID(idPrefix, s) }

// CustomerKey returns the key of the customer whose it is. The id must be one of ours.
func (id ID) CustomerKey() string { return ledger.OwnerKey(string(id)) }

// Object returns the key of its bytes in the evidence bucket: within the customer's folder, which
// an erasure empties.
func (id ID) Object() string {
	return evidence.Folder(id.CustomerKey()) + "attachments/" + string(id)
}

// File is what was announced of an attachment's bytes.
type File struct {
	// MediaType is one of the types that are taken.
	MediaType MediaType `json:"media_type"`
	// Bytes is how long it is.
	Bytes int64 `json:"bytes"`
	// SHA256 is its hash, in 64 lower-case hexadecimal digits.
	SHA256 string `json:"sha256"`
}

// Attachment is a proof that may be uploaded, or was.
type Attachment struct {
	// ID names it, and the customer's key in it.
	ID ID
	// Customer is whose it is.
	Customer ledger.CustomerID
	// File is what was announced.
	File File
	// Origin is the request that opened it.
	Origin origin.Origin
	// OpenedAt is when.
	OpenedAt time.Time
	// ExpiresAt is until when a case may take it.
	ExpiresAt time.Time
	// Case is the id of the case that took it, "" while none did.
	Case string
	// DiscardedAt is when it was marked to be removed, zero while it is not. No case takes it then.
	DiscardedAt time.Time
	// Todo is when it is to be discarded, nil once a case took it.
	Todo todo.List
	// Attempts is how often the sweep has sent the step of Todo.
	Attempts int
}

// Request opens an attachment.
type Request struct {
	// Customer is whose it will be.
	Customer ledger.CustomerID
	// File is what will be uploaded.
	File File
	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key.
	Key string
	// Actor is what the caller is: one of the ledger's actors.
	Actor string
}

// Openings is what the opener needs of a store.
type Openings interface {
	// OpenAttachment records it and returns nil. Where one of that id exists, it writes nothing and
	// returns the existing one. A most above 0 counts it among its customer's of that day (UTC) in
	// the same commit: KindThrottled when they have opened most of them.
	OpenAttachment(ctx context.Context, a Attachment, most int) (*Attachment, error)
}

// Finds is how attachments are read.
type Finds interface {
	// FindAttachments returns those of the ids that are there, each once and in their order, by a
	// consistent read.
	FindAttachments(ctx context.Context, ids ...ID) ([]Attachment, error)
}

// Opener opens attachments: one for each idempotency key.
type Opener struct {
	// Store records them.
	Store Openings
}

// Opened is the answer to a request.
type Opened struct {
	Attachment
	// Replayed says that the same request opened it before.
	Replayed bool
}

// Open records that the customer may upload a file.
//
// Errors:
//   - KindInvalid: media_type (CodeType), bytes, sha256.
//   - KindTooLarge: bytes (CodeTooLarge).
//   - KindNotFound: CodeNotFound, a replay of what has expired.
//   - KindConflict: idempotency_key_reused.
//   - KindThrottled: a customer's MaxOpened that day.
//   - KindBusy.
func (o Opener) Open(ctx context.Context, request Request, now time.Time) (Opened, error) {
	file := request.File
	if err := file.Validate(); err != nil {
		return Opened{}, err
	}
	now = text.Millisecond(now)
	a := Attachment{
		ID: NewID(request.Customer, request.Principal, request.Key), Customer: request.Customer, File: file, OpenedAt: now, ExpiresAt: now.Add(Stay),
		Origin: origin.Of(request.Principal, request.Key, string(file.MediaType), strconv.FormatInt(file.Bytes, 10), file.SHA256),
		// An upload that began in time has ended by then.
		Todo: todo.List{todo.StepDiscard: now.Add(Stay + LinkLife)},
	}
	// Only the customer's own token is bounded.
	most := 0
	if request.Actor == ledger.ActorCustomer {
		most = MaxOpened
	}
	current, err := fault.RetryFor(ctx, func(ctx context.Context) (*Attachment, error) { return o.Store.OpenAttachment(ctx, a, most) })
	if err != nil {
		return Opened{}, fault.At("attachment.Open", string(a.ID), err)
	}
	if current == nil {
		return Opened{Attachment: a}, nil
	}
	// The id derives from the caller and its key: whatever is there was opened under them.
	if _, err := current.Origin.Replays(a.Origin); err != nil {
		return Opened{}, err
	}
	if !current.Takeable(now) {
		return Opened{}, NotFound("")
	}
	return Opened{Attachment: *current, Replayed: true}, nil
}

// NotFound returns the KindNotFound error of an attachment that is unknown, another's, or past its
// day: all look the same, so that nobody learns that an id exists.
func NotFound(field string) *fault.Error {
	return refusal(fault.KindNotFound, CodeNotFound, field, "no such attachment, or it is past its day")
}

// TooMany returns the KindThrottled error of a customer who has opened MaxOpened that day.
// RetryAfter is what is left of the day, by UTC.
func TooMany(now time.Time) error { return fault.TooMany("attachments", now) }

var sha256Digits = regexp.MustCompile("^[0-9a-f]{64}$")

// Validate returns the error of the first field that is wrong: see Open.
func (f File) Validate() error {
	if !slices.Contains(MediaTypes, f.MediaType) {
		return refusal(fault.KindInvalid, CodeType, "media_type", "must be image/png, image/jpeg, image/webp or application/pdf")
	}
	if f.Bytes < 1 {
		return fault.Invalid("bytes", "must be at least 1")
	}
	if f.Bytes > MaxBytes {
		return refusal(fault.KindTooLarge, CodeTooLarge, "bytes", fmt.Sprintf("must be at most %d", MaxBytes))
	}
	if !sha256Digits.MatchString(f.SHA256) {
		return fault.Invalid("sha256", "must be 64 lower-case hexadecimal digits")
	}
	return nil
}
