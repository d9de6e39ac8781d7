// Package outage owns the times in which the app could not be used, as staff declare them, and making them good purchase by purchase: by an
// offer to each customer, or by giving unasked.
//
// It refuses to know what a purchase gets for an outage (the policy decides, case by case) and how money travels.
//
// Invariants: a declared outage never changes but in its run; outages that touch, hit the same features and prevented use alike are one
// time; one that goes on is ended by declaring it again, with its end; a run asks about each purchase at least once, and the case of a
// purchase derives from both, so it is paid once; an offer derives from the purchase and from when its downtime began, so it is made once; a
// run that was cut off goes on where it was, and never in two places.
//
// Words: outage, span (outages that touch, joined), preview (an estimate of what a run would give), run, give (what a run does unasked),
// offer (what a customer may claim), page, cursor.
package outage

import (
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

// Outage is what staff declared, and how far it was made good. A zero EndedAt means that it still goes on. Features are those it hit, empty
// for all. Instants are UTC, whole milliseconds.
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
	// Version counts the commits of this outage. It is the store's: a commit is refused when it is not the stored one.
	Version int64 `json:"-"`
}

// Preview estimates what a run would give, by what stood when the outage was declared: how many purchases, the credits unspent of them, and
// the money by currency. Complete is false where more purchases are on record than were looked at.
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

// Run is how far an outage was made good. StartedAt is the instant by which every purchase is judged. Seen counts the purchases looked at,
// Asked those that a decision was asked for. A zero DoneAt means that it still runs.
type Run struct {
	Give      Give      `json:"give,omitempty"`
	StartedAt time.Time `json:"started_at"`
	Page      int       `json:"page"`             // the one to be read next, from 1
	Cursor    string    `json:"cursor,omitempty"` // where it begins
	Seen      int       `json:"seen"`
	Asked     int       `json:"asked"`
	DoneAt    time.Time `json:"done_at,omitzero"`
}

// ParseID returns the id, or KindNotFound for what can be no outage's id.
func ParseID(s string) (ID, error) {
	if len(s) != len(idPrefix)+idLength || s[:len(idPrefix)] != idPrefix || strings.Trim(s[len(idPrefix):], idCharacters) != "" {
		return "", fault.NotFound("outage")
	}
	return ID(s), nil
}
