package payment

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// MaxNote bounds the note of a resolution, in characters.
const MaxNote = 500

// MaxResolutions bounds how often staff decide about one payment. Each resolution is kept with its
// first answer, about 1 KB, beside the payment. Past it a resolution is refused with
// CodeTooManyResolutions; the provider's facts still move the payment.
const MaxResolutions = 20

// maxAnswers bounds the bytes of those first answers together; past it a resolution is refused
// likewise. Each answer shows every refund of the payment, and an item of the store holds 400 KB.
const maxAnswers = 200_000

// The codes of resolutions that are refused.
const (
	CodeReasonChanged      = "reason_changed" // another reason waits than the one that staff saw
	CodeTooManyResolutions = "too_many_resolutions"
)

// Action is what staff do about a payment that waits for them.
type Action string

// The actions; the zero value is invalid.
const (
	ActionGrant  Action = "grant"  // a parked purchase gets the credits of its package after all
	ActionIgnore Action = "ignore" // nothing is done
	// ActionRefund: the money goes back, of a parked purchase at once, of a duplicate by a case.
	ActionRefund Action = "refund"
	// ActionTakeBack: the credits of a purchase whose money never came are taken back. Those that
	// are spent become a debt.
	ActionTakeBack Action = "take_back"
)

// Resolution is what staff decided about a payment that waited for them.
// Why: infra/decisions/0023.
type Resolution struct {
	// Action is what is done.
	Action Action `json:"action"`
	// Reason is why the payment waited, as staff saw it.
	Reason Reason `json:"reason"`
	// Note is what staff wrote about it, at most MaxNote characters.
	Note string `json:"note"`
	// By names who decided; "" where the caller gave no name.
	By string `json:"by,omitempty"`
	// Customer stands in for the customer that the purchase did not name; "" otherwise.
	Customer ledger.CustomerID `json:"customer,omitempty"`
	// Package stands in for the package that the purchase did not name; "" otherwise.
	Package string `json:"package,omitempty"`
	// At is when it was decided.
	At time.Time `json:"at"`
	// Key is a hash of the caller and the idempotency key.
	Key string `json:"key,omitempty"`
	// Input is a hash of what was ordered.
	Input string `json:"input,omitempty"`
	// Undone reports that the case that it opened was declined, so that it resolves nothing.
	Undone bool `json:"undone,omitempty"`
	// After is the payment as the first answer showed it, without its resolutions.
	After *Payment `json:"after,omitempty"`

	// UndoneAmong is how many resolutions there were when it was undone; 0 where it was not.
	UndoneAmong int `json:"undone_among,omitempty"`
}

// Order is a resolution as staff give it.
type Order struct {
	Resolution

	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key; "" where the order cannot be replayed.
	Key string
	// Check has the last word on the payment as it was read; nil where there is none.
	Check func(ctx context.Context, p Payment) error
}

// Resolved is the answer to an order.
type Resolved struct {
	Result

	// Answer is the payment as the first answer showed it: Result's, unless Replayed.
	Answer Payment
	// Replayed reports that the order was carried out before.
	Replayed bool
}

// resolution returns the id that stands in for a case in the promise of a refund that staff
// resolved upon.
func (id ID) resolution() string { return ledger.HashID("res_", 20, string(id)) }

// Validate returns a KindInvalid error naming the field at fault: action, waits, note, customer or
// package.
func (r Resolution) Validate() error {
	note := strings.TrimSpace(r.Note)
	switch {
	case !slices.Contains([]Action{ActionGrant, ActionRefund, ActionIgnore, ActionTakeBack}, r.Action):
		return fault.Invalid("action", "must be grant, refund, ignore or take_back")
	case r.Reason == "":
		return fault.Missing("waits")
	case text.Blank(note):
		return fault.Missing("note")
	case utf8.RuneCountInString(note) > MaxNote:
		return fault.Invalid("note", "must have at most %d characters", MaxNote)
	case r.Action != ActionGrant && r.Customer != "":
		return fault.Invalid("customer", "stands only with grant")
	case r.Action != ActionGrant && r.Package != "":
		return fault.Invalid("package", "stands only with grant")
	case utf8.RuneCountInString(r.Package) > maxPackage:
		return fault.Invalid("package", "must have at most %d characters", maxPackage)
	}
	// An id that can have no wallet would be stored with the payment, and park it again.
	if r.Customer != "" {
		_, err := ledger.ParseCustomer(string(r.Customer))
		return err
	}
	return nil
}

// resolution returns the order as it is recorded.
func (o Order) resolution(id ID, now time.Time) Resolution {
	r := o.Resolution
	// Only staff's words are taken from the order. The rest is the record's own.
	r.Note, r.At, r.After, r.Undone = strings.TrimSpace(r.Note), now, nil, false
	r.Key = ledger.HashID("", 20, o.Principal, o.Key)
	// The hash tells a replay from another order that reuses the key.
	r.Input = ledger.HashID("", 20, string(id), string(r.Action), string(r.Reason), string(r.Customer), r.Package, r.Note)
	return r
}
