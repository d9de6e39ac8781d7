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
	idPrefix     = "out_"
	idLength     = 20
	idCharacters = "abcdefghijklmnopqrstuvwxyz234567"
)

// Max is how many outages are kept in view: the latest declared. A year of weekly ones.
const Max = 50

// NewID returns the id of what a caller declared under an idempotency key.
func NewID(principal, key string) ID { return ID(ledger.HashID(idPrefix, idLength, principal, key)) }

// Outage is what staff declared, and how far it was made good. A zero EndedAt means that it still
// goes on. Features are those it hit, empty for all. Instants are UTC, whole milliseconds.
type Outage struct {
	ID           ID        `json:"id"`
	StartedAt    time.Time `json:"started_at"`
	EndedAt      time.Time `json:"ended_at,omitzero"`
	Features     []string  `json:"features,omitempty"`
	PreventedUse bool      `json:"prevented_use"`
	DeclaredAt   time.Time `json:"declared_at"`
	By           string    `json:"by,omitempty"` // the name of the operator key that declared it
	Input        string    `json:"input"`        // a hash that tells a repeat of the declaration from another
	Preview      Preview   `json:"preview"`
	Run          *Run      `json:"run,omitempty"`
	Todo         todo.List `json:"todo,omitempty"`
	Attempts     int       `json:"attempts,omitempty"`
	// First is the outage as it was declared, nil while that stands. CorrectedAt and WithdrawnAt
	// are zero where it was not; the names are of operator keys.
	First       *Outage   `json:"first,omitempty"`
	CorrectedAt time.Time `json:"corrected_at,omitzero"`
	CorrectedBy string    `json:"corrected_by,omitempty"`
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
	WithdrawnBy string    `json:"withdrawn_by,omitempty"`
	// Version counts the commits of this outage. It is the store's: a commit is refused when it is
	// not the stored one.
	Version int64 `json:"-"`
}

// Preview estimates what a run would give, by what stood when the outage was declared: how many
// purchases, the credits unspent of them, and the money by currency. Complete is false where more
// purchases are on record than were looked at.
type Preview struct {
	Purchases int            `json:"purchases"`
	Unspent   ledger.Credits `json:"unspent"`
	Money     []money.Amount `json:"money,omitempty"`
	Complete  bool           `json:"complete"`
}

// Give is what a run gives to customers who did not ask.
type Give string

// The ways to give. The zero value gives nothing: customers are offered what they may claim.
const (
	GiveMoney   Give = "money"
	GiveCredits Give = "credits" // to the balance, in place of the money
)

// Run is how far an outage was made good. StartedAt is the instant by which every purchase is
// judged. Seen counts the purchases looked at, Asked those that a decision was asked for. A zero
// DoneAt means that it still runs.
type Run struct {
	Give      Give      `json:"give,omitempty"`
	StartedAt time.Time `json:"started_at"`
	Page      int       `json:"page"`             // the one to be read next, from 1
	Cursor    string    `json:"cursor,omitempty"` // where it begins
	Seen      int       `json:"seen"`
	Asked     int       `json:"asked"`
	DoneAt    time.Time `json:"done_at,omitzero"`
}

// Withdrawn reports whether it counts as never declared.
func (o Outage) Withdrawn() bool { return !o.WithdrawnAt.IsZero() }

// standing returns the outages that are not withdrawn.
func standing(all []Outage) []Outage {
	return slices.DeleteFunc(slices.Clone(all), Outage.Withdrawn)
}

// declared returns the outage as its declaration was answered.
func (o Outage) declared() Outage {
	if o.First != nil {
		first := *o.First
		first.Version, first.Todo, first.Attempts = o.Version, o.Todo, o.Attempts
		return first
	}
	o.Run, o.WithdrawnAt, o.WithdrawnBy = nil, time.Time{}, ""
	return o
}

// Position is a place in the list of outages: when it was declared, in milliseconds, then which.
type Position struct {
	At int64 `json:"at"`
	ID ID    `json:"id"`
}

// Position returns the outage's place in the list of all.
func (o Outage) Position() Position { return Position{At: o.DeclaredAt.UnixMilli(), ID: o.ID} }

// Compare orders positions: the latest declared first.
func (p Position) Compare(other Position) int {
	return cmp.Or(cmp.Compare(other.At, p.At), cmp.Compare(p.ID, other.ID))
}

// ParseID returns the id, or KindNotFound for what can be no outage's id.
func ParseID(s string) (ID, error) {
	if len(s) != len(idPrefix)+idLength || s[:len(idPrefix)] != idPrefix || strings.Trim(s[len(idPrefix):], idCharacters) != "" {
		return "", fault.NotFound("outage")
	}
	return ID(s), nil
}
