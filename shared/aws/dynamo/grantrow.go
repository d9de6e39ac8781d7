package dynamo

import (
	"time"

	"makegood/shared/grant"
	"makegood/shared/ledger"
)

// grantRow is the record of a gift.
type grantRow struct {
	ID        ledger.LotID      `json:"id"`
	Customer  ledger.CustomerID `json:"customer"`
	Source    ledger.Source     `json:"source"`
	Credits   ledger.Credits    `json:"credits"`
	ExpiresAt time.Time         `json:"expires_at,omitzero"`
	Note      string            `json:"note,omitempty"`
	By        string            `json:"by,omitempty"`
	GrantedAt time.Time         `json:"granted_at"`
	InputHash string            `json:"input_hash"`
	Answer    lotRow            `json:"answer"`
}

func newGrantRow(g grant.Grant) grantRow {
	return grantRow{
		ID: g.ID, Customer: g.Customer, Source: g.Source, Credits: g.Credits, ExpiresAt: g.ExpiresAt, Note: g.Note, By: g.By,
		GrantedAt: g.GrantedAt, InputHash: g.InputHash, Answer: newLotRow(g.Answer),
	}
}

func (r grantRow) grant() grant.Grant {
	return grant.Grant{
		ID: r.ID, Customer: r.Customer, Source: r.Source, Credits: r.Credits, ExpiresAt: r.ExpiresAt, Note: r.Note, By: r.By,
		GrantedAt: r.GrantedAt, InputHash: r.InputHash, Answer: r.Answer.lot(),
	}
}
