package dynamo

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// What nothing conditions on is stored as documents: JSON text in one attribute. Each has a row
// type of its own in this package, with the names that are stored, and conversions both ways. So a
// noun may rename or reorder its fields; the golden rows in testdata hold the stored names in
// place.

// pointerTo converts what a pointer points to, nil to nil.
func pointerTo[From, To any](from *From, convert func(From) To) *To {
	if from == nil {
		return nil
	}
	return new(convert(*from))
}

// eachOf converts the members of a list, nil to nil: an absent list stays apart from an empty one.
func eachOf[From, To any](from []From, convert func(From) To) []To {
	if from == nil {
		return nil
	}
	to := make([]To, len(from))
	for i, member := range from {
		to[i] = convert(member)
	}
	return to
}

// valuesOf converts the values of a map, nil to nil.
func valuesOf[Key comparable, From, To any](from map[Key]From, convert func(From) To) map[Key]To {
	if from == nil {
		return nil
	}
	to := make(map[Key]To, len(from))
	for key, value := range from {
		to[key] = convert(value)
	}
	return to
}

// amountRow is an amount of money, in minor units of its currency.
type amountRow struct {
	Currency string `json:"currency"`
	Minor    int64  `json:"minor"`
}

func newAmountRow(a money.Amount) amountRow { return amountRow(a) }

func (r amountRow) amount() money.Amount { return money.Amount(r) }

// lotRow is a lot within a document. Its names are those that Go gives a field without a tag: so
// the first documents were written.
type lotRow struct {
	ID        ledger.LotID   `json:"ID"`
	Source    ledger.Source  `json:"Source"`
	Granted   ledger.Credits `json:"Granted"`
	Remaining ledger.Credits `json:"Remaining"`
	GrantedAt time.Time      `json:"GrantedAt"`
	ExpiresAt time.Time      `json:"ExpiresAt"`
}

func newLotRow(lot ledger.Lot) lotRow { return lotRow(lot) }

func (r lotRow) lot() ledger.Lot { return ledger.Lot(r) }

// drawRow is a draw within a document, named as lotRow is.
type drawRow struct {
	Lot       ledger.LotID   `json:"Lot"`
	Credits   ledger.Credits `json:"Credits"`
	Source    ledger.Source  `json:"Source"`
	ExpiresAt time.Time      `json:"ExpiresAt"`
	Granted   ledger.Credits `json:"Granted"`
	GrantedAt time.Time      `json:"GrantedAt"`
}

func newDrawRow(draw ledger.Draw) drawRow { return drawRow(draw) }

func (r drawRow) draw() ledger.Draw { return ledger.Draw(r) }
