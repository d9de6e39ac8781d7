package ledger

import (
	"slices"
	"strings"
	"time"
)

// Credits is a number of credits in the wallet's smallest unit (0.0001 USD for popcustoms, one
// credit elsewhere).
type Credits int64

// CustomerID names a customer in the app's own words: 1–200 of [A-Za-z0-9._:@|+=$-]. See
// ParseCustomer.
type CustomerID string

// LotID names a lot within its wallet: "lot_" and ten characters.
type LotID string

// Source says where the credits of a lot come from.
type Source string

// The sources of lots; the zero value is invalid.
const (
	SourcePurchase  Source = "purchase"
	SourceAllowance Source = "allowance"
	SourcePromotion Source = "promotion"
	SourceGoodwill  Source = "goodwill"
)

// Standing says what a customer may still do.
type Standing string

// The standings; the zero value reads as good, since a customer nobody judged is in good standing.
const (
	StandingGood       Standing = "good"
	StandingRestricted Standing = "restricted"
	StandingTerminated Standing = "terminated"
)

// MaxLots is how many live lots a wallet holds, and MaxPaidLots how many where one of them was
// bought: 40 lots keep the item under two write units (see room.go for the writes). A grant past it
// joins an equal lot; a purchase always finds one to join.
const (
	MaxLots     = 40
	MaxPaidLots = MaxLots + 2
)

// Lot is the credits of one purchase or grant that are still available.
// Instants are UTC, whole milliseconds.
type Lot struct {
	// ID names the lot within its wallet.
	ID LotID
	// Source says where its credits come from.
	Source Source
	// Granted is how many credits it was opened with, and those that joined it since.
	Granted Credits
	// Remaining is how many are left: 0 < Remaining ≤ Granted in a wallet.
	Remaining Credits
	// GrantedAt is when it was opened.
	GrantedAt time.Time
	// ExpiresAt is the first instant at which it may no longer be drawn; zero never comes.
	ExpiresAt time.Time
}

// Live reports whether the lot may be drawn at now: a lot with ExpiresAt ≤ now may not, swept or
// not.
func (l Lot) Live(now time.Time) bool { return l.ExpiresAt.IsZero() || l.ExpiresAt.After(now) }

// Draw is what a step took from one lot. It keeps the lot's own figures, because the lot may be
// gone when the credits return: it is then opened again as it was.
type Draw struct {
	// Lot is the id of the lot.
	Lot LotID
	// Credits is how many were taken.
	Credits Credits
	// Source is the lot's.
	Source Source
	// ExpiresAt is the lot's; zero when it never expires.
	ExpiresAt time.Time
	// Granted is the lot's.
	Granted Credits
	// GrantedAt is the lot's.
	GrantedAt time.Time
}

// Debt is what clawbacks for one payment could not take.
type Debt struct {
	// Payment is the id of the payment whose money went back.
	Payment string
	// Credits is how many are owed, above 0.
	Credits Credits
}

// Wallet is a customer's credits. The zero Wallet with a Customer is one that nobody has written
// yet: no credits, good standing.
type Wallet struct {
	// Customer is whose it is.
	Customer CustomerID
	// Standing says what the customer may do; empty reads as good.
	Standing Standing
	// Lots holds the lots in draw order (see Sort). Expired ones stay until a step touches them.
	Lots []Lot
	// Debts holds what is owed, by payment.
	Debts []Debt
	// At is the instant of the last line, zero before the first. No two postings share one, so it
	// is also the wallet's version.
	At time.Time
	// Recorded is true for a wallet that was read from a store.
	Recorded bool
}

// Later returns now in UTC and whole milliseconds. Where that is not after all the instants, it
// returns the millisecond after the last of them: a clock may lag behind the one that wrote them,
// and a step lies after what it builds on.
func Later(now time.Time, instants ...time.Time) time.Time {
	at := instant(now)
	for _, past := range instants {
		if !at.After(past) {
			at = past.Add(time.Millisecond)
		}
	}
	return at
}

// Available returns the credits that can be spent at now.
func (w Wallet) Available(now time.Time) Credits {
	var sum Credits
	for _, lot := range w.Lots {
		if lot.Live(now) {
			sum += lot.Remaining
		}
	}
	return sum
}

func (w Wallet) liveLots(now time.Time) (count int) {
	for _, lot := range w.Lots {
		if lot.Live(now) {
			count++
		}
	}
	return count
}

// Owed returns the sum of the debts.
func (w Wallet) Owed() Credits {
	var sum Credits
	for _, debt := range w.Debts {
		sum += debt.Credits
	}
	return sum
}

// Lot returns the lot of that id and whether the wallet holds it.
func (w Wallet) Lot(id LotID) (Lot, bool) {
	for _, lot := range w.Lots {
		if lot.ID == id {
			return lot, true
		}
	}
	return Lot{}, false
}

// NextExpiry returns the soonest expiry of a lot, or the zero time when none expires.
func (w Wallet) NextExpiry() time.Time {
	var soonest time.Time
	for _, lot := range w.Lots {
		if !lot.ExpiresAt.IsZero() && (soonest.IsZero() || lot.ExpiresAt.Before(soonest)) {
			soonest = lot.ExpiresAt
		}
	}
	return soonest
}

// Clone returns a copy that shares nothing with w.
func (w Wallet) Clone() Wallet {
	w.Lots, w.Debts = slices.Clone(w.Lots), slices.Clone(w.Debts)
	return w
}

// Sort puts the lots in draw order (soonest expiry first, never-expiring last, then oldest, then by
// id) and the debts by payment.
func (w *Wallet) Sort() {
	slices.SortFunc(w.Lots, drawOrder)
	slices.SortFunc(w.Debts, func(a, b Debt) int { return strings.Compare(a.Payment, b.Payment) })
}

// drawOrder compares by id last, so that the order is total: every reader draws the same lot first.
func drawOrder(a, b Lot) int {
	switch {
	case a.ExpiresAt.IsZero() != b.ExpiresAt.IsZero():
		if a.ExpiresAt.IsZero() {
			return 1
		}
		return -1
	case !a.ExpiresAt.Equal(b.ExpiresAt):
		return a.ExpiresAt.Compare(b.ExpiresAt)
	case !a.GrantedAt.Equal(b.GrantedAt):
		return a.GrantedAt.Compare(b.GrantedAt)
	}
	return strings.Compare(string(a.ID), string(b.ID))
}
