// Package outage owns the times in which the app could not be used, as staff declare them, and
// making them good purchase by purchase: by an offer to each customer, or by giving unasked.
//
// It refuses to know what a purchase gets for an outage (the policy decides, case by case) and how
// money travels.
//
// Invariants: a declared outage changes only until its run begins, and its declaration keeps its
// first answer; one that is withdrawn counts as never declared, though what was decided by it
// stands; outages that touch, hit the same features and prevented use alike are one time; one that
// goes on is ended by declaring it again, with its end; a run asks about each purchase at least
// once, and the case of a purchase derives from both, so it is paid once; an offer derives from the
// purchase and from when its downtime began, so it is made once; a run that was cut off goes on
// where it was, and never in two places.
//
// Words: outage, span (outages that touch, joined), preview (an estimate of what a run would give),
// run, give (what a run does unasked), offer (what a customer may claim), page, cursor.
package outage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/todo"
)

// ID names a declared outage: "out_" and twenty characters.
type ID string

const (
	idPrefix = "out_"
	idLength = 20
)

// Max is how many outages are kept in view: the latest declared. A year of weekly ones.
const Max = 50

// NewID returns the id of what a caller declared under an idempotency key.
func NewID(principal, key string) ID { return ID(ledger.HashID(idPrefix, idLength, principal, key)) }

// Outage is what staff declared, and how far it was made good. Instants are UTC, whole
// milliseconds.
type Outage struct {
	// ID derives from the caller and the idempotency key of the declaration.
	ID ID
	// StartedAt is when it began.
	StartedAt time.Time
	// EndedAt is when it ended, zero while it goes on.
	EndedAt time.Time
	// Features are those it hit, each once and in order; empty for all.
	Features []string
	// PreventedUse is true where the app could not be used at all.
	PreventedUse bool
	// DeclaredAt is when staff declared it. The list of outages is in this order.
	DeclaredAt time.Time
	// By is the name of the operator key that declared it.
	By string
	// Input is a hash that tells a replay of the declaration from another one under its key.
	Input string
	// Preview estimates what a run would give.
	Preview Preview
	// Run is how far it was made good, nil before its run began.
	Run *Run
	// Todo holds the steps that are due, nil for none.
	Todo todo.List
	// Attempts is how often the sweep has sent a due step again.
	Attempts int
	// First is the outage as it was declared, nil while it was not corrected.
	First *Outage
	// CorrectedAt is when it was corrected last, zero where it was not.
	CorrectedAt time.Time
	// CorrectedBy is the name of the operator key that corrected it last.
	CorrectedBy string
	// WithdrawnAt is when it was withdrawn, zero where it was not.
	WithdrawnAt time.Time
	// WithdrawnBy is the name of the operator key that withdrew it.
	WithdrawnBy string
	// Version counts the commits of this outage. It is the store's: a commit is refused when it is
	// not the stored one.
	Version int64
}

// Preview estimates what a run would give, by what was on record when the outage was declared or
// corrected.
type Preview struct {
	// Purchases is how many would get something.
	Purchases int
	// Unspent is how many credits of those purchases are unspent.
	Unspent ledger.Credits
	// Money is what would be given, one sum for each currency, in their order.
	Money []money.Amount
	// Complete is false where more purchases are on record than were looked at.
	Complete bool
}

// Give is what a run gives to customers who did not ask.
type Give string

// The ways to give. The zero value gives nothing: customers are offered what they may claim.
const (
	// GiveMoney refunds the way the purchase was paid.
	GiveMoney Give = "money"
	// GiveCredits gives to the balance, in place of the money.
	GiveCredits Give = "credits"
)

// Run is how far an outage was made good.
type Run struct {
	// Give is what the run gives unasked; "" offers.
	Give Give
	// StartedAt is the instant by which every purchase is judged, however late its page comes.
	StartedAt time.Time
	// By is the name of the member of staff who started it, "" on runs of before 2026-12.
	By string
	// Page is the page to be read next, counted from 1.
	Page int
	// Cursor is where that page begins, "" for the first.
	Cursor string
	// Seen counts the purchases looked at.
	Seen int
	// Requested counts the purchases that a decision was requested for.
	Requested int
	// DoneAt is when the last page was done, zero while the run goes on.
	DoneAt time.Time
}

// Withdrawn reports whether it counts as never declared.
func (o Outage) Withdrawn() bool { return !o.WithdrawnAt.IsZero() }

// active returns the outages that are not withdrawn.
func active(all []Outage) []Outage {
	return slices.DeleteFunc(slices.Clone(all), Outage.Withdrawn)
}

// firstAnswer returns the outage as its declaration was answered, before any correction, run or
// withdrawal.
func (o Outage) firstAnswer() Outage {
	// Version and steps are today's. The replay requests the look at claims where it is still due.
	if o.First != nil {
		first := *o.First
		first.Version, first.Todo, first.Attempts = o.Version, o.Todo, o.Attempts
		return first
	}
	// The declaration's answer knew of no run and no withdrawal.
	o.Run, o.WithdrawnAt, o.WithdrawnBy = nil, time.Time{}, ""
	return o
}

// Position is a place in the list of outages. Cursors hold it as JSON.
type Position struct {
	// At is when the outage was declared, in milliseconds.
	At int64 `json:"at"`
	// ID orders outages of the same millisecond.
	ID ID `json:"id"`
}

// Position returns the outage's place in the list of all.
func (o Outage) Position() Position { return Position{At: o.DeclaredAt.UnixMilli(), ID: o.ID} }

// Compare orders positions: the latest declared first.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(other.At, p.At), cmp.Compare(p.ID, other.ID))
}

// ParseID returns the id, or KindNotFound for what can be no outage's id.
func ParseID(s string) (ID, error) {
	if key, ok := strings.CutPrefix(s, idPrefix); !ok || len(key) != idLength || !ledger.IsBase32(key) {
		return "", fault.NotFound("outage")
	}
	return ID(s), nil
}
