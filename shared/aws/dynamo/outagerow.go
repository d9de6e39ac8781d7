package dynamo

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// outageRow is a declared outage, and within itself how it was declared first. What it owes the
// world stands beside the document: see encodeOutage.
type outageRow struct {
	ID           outage.ID  `json:"id"`
	StartedAt    time.Time  `json:"started_at"`
	EndedAt      time.Time  `json:"ended_at,omitzero"`
	Features     []string   `json:"features,omitempty"`
	PreventedUse bool       `json:"prevented_use"`
	DeclaredAt   time.Time  `json:"declared_at"`
	By           string     `json:"by,omitempty"`
	Input        string     `json:"input"`
	Preview      previewRow `json:"preview"`
	Run          *runRow    `json:"run,omitempty"`
	Todo         todo.List  `json:"todo,omitempty"`
	Attempts     int        `json:"attempts,omitempty"`
	First        *outageRow `json:"first,omitempty"`
	CorrectedAt  time.Time  `json:"corrected_at,omitzero"`
	CorrectedBy  string     `json:"corrected_by,omitempty"`
	WithdrawnAt  time.Time  `json:"withdrawn_at,omitzero"`
	WithdrawnBy  string     `json:"withdrawn_by,omitempty"`
}

func newOutageRow(o outage.Outage) outageRow {
	return outageRow{
		ID: o.ID, StartedAt: o.StartedAt, EndedAt: o.EndedAt, Features: o.Features, PreventedUse: o.PreventedUse,
		DeclaredAt: o.DeclaredAt, By: o.By, Input: o.Input, Preview: newPreviewRow(o.Preview), Run: pointerTo(o.Run, newRunRow),
		Todo: o.Todo, Attempts: o.Attempts, First: pointerTo(o.First, newOutageRow),
		CorrectedAt: o.CorrectedAt, CorrectedBy: o.CorrectedBy, WithdrawnAt: o.WithdrawnAt, WithdrawnBy: o.WithdrawnBy,
	}
}

func (r outageRow) outage() outage.Outage {
	return outage.Outage{
		ID: r.ID, StartedAt: r.StartedAt, EndedAt: r.EndedAt, Features: r.Features, PreventedUse: r.PreventedUse,
		DeclaredAt: r.DeclaredAt, By: r.By, Input: r.Input, Preview: r.Preview.preview(), Run: pointerTo(r.Run, runRow.run),
		Todo: r.Todo, Attempts: r.Attempts, First: pointerTo(r.First, outageRow.outage),
		CorrectedAt: r.CorrectedAt, CorrectedBy: r.CorrectedBy, WithdrawnAt: r.WithdrawnAt, WithdrawnBy: r.WithdrawnBy,
	}
}

// previewRow is what a run would give by what stood at the declaration.
type previewRow struct {
	Purchases int            `json:"purchases"`
	Unspent   ledger.Credits `json:"unspent"`
	Money     []amountRow    `json:"money,omitempty"`
	Complete  bool           `json:"complete"`
}

func newPreviewRow(p outage.Preview) previewRow {
	return previewRow{Purchases: p.Purchases, Unspent: p.Unspent, Money: eachOf(p.Money, newAmountRow), Complete: p.Complete}
}

func (r previewRow) preview() outage.Preview {
	return outage.Preview{Purchases: r.Purchases, Unspent: r.Unspent, Money: eachOf(r.Money, amountRow.amount), Complete: r.Complete}
}

// runRow is how far an outage was made good.
type runRow struct {
	Give      outage.Give `json:"give,omitempty"`
	StartedAt time.Time   `json:"started_at"`
	By        string      `json:"by,omitempty"`
	Page      int         `json:"page"`
	Cursor    string      `json:"cursor,omitempty"`
	Seen      int         `json:"seen"`
	Requested int         `json:"asked"`
	DoneAt    time.Time   `json:"done_at,omitzero"`
}

func newRunRow(run outage.Run) runRow {
	return runRow{
		Give: run.Give, StartedAt: run.StartedAt, By: run.By, Page: run.Page, Cursor: run.Cursor, Seen: run.Seen, Requested: run.Requested, DoneAt: run.DoneAt,
	}
}

func (r runRow) run() outage.Run {
	return outage.Run{
		Give: r.Give, StartedAt: r.StartedAt, By: r.By, Page: r.Page, Cursor: r.Cursor, Seen: r.Seen, Requested: r.Requested, DoneAt: r.DoneAt,
	}
}

// offerRow is what a customer may claim for an outage.
type offerRow struct {
	ID         outage.OfferID    `json:"id"`
	Customer   ledger.CustomerID `json:"customer"`
	Payment    payment.ID        `json:"payment"`
	Outage     outage.ID         `json:"outage"`
	PaidAt     time.Time         `json:"paid_at"`
	Met        downtimeRow       `json:"met"`
	Remedy     remedyRow         `json:"remedy"`
	ClaimUntil time.Time         `json:"claim_until,omitzero"`
	Policy     policyRow         `json:"policy"`
	Locale     string            `json:"locale,omitempty"`
	MadeAt     time.Time         `json:"made_at"`
}

func newOfferRow(o outage.Offer) offerRow {
	return offerRow{
		ID: o.ID, Customer: o.Customer, Payment: o.Payment, Outage: o.Outage, PaidAt: o.PaidAt, Met: newDowntimeRow(o.Met),
		Remedy: newRemedyRow(o.Remedy), ClaimUntil: o.ClaimUntil, Policy: newPolicyRow(o.Policy), Locale: o.Locale, MadeAt: o.MadeAt,
	}
}

func (r offerRow) offer() outage.Offer {
	return outage.Offer{
		ID: r.ID, Customer: r.Customer, Payment: r.Payment, Outage: r.Outage, PaidAt: r.PaidAt, Met: r.Met.facts(),
		Remedy: r.Remedy.remedy(), ClaimUntil: r.ClaimUntil, Policy: r.Policy.ref(), Locale: r.Locale, MadeAt: r.MadeAt,
	}
}

// downtimeRow is the downtime that an offer is about.
type downtimeRow struct {
	StartedAt    time.Time  `json:"started_at"`
	EndedAt      *time.Time `json:"ended_at,omitempty"`
	AsOf         *time.Time `json:"as_of,omitempty"`
	PreventedUse bool       `json:"prevented_use"`
	InCredits    bool       `json:"in_credits,omitzero"`
}

func newDowntimeRow(f policy.OutageFacts) downtimeRow {
	return downtimeRow{StartedAt: f.StartedAt, EndedAt: f.EndedAt, AsOf: f.AsOf, PreventedUse: f.PreventedUse, InCredits: f.InCredits}
}

func (r downtimeRow) facts() policy.OutageFacts {
	return policy.OutageFacts{StartedAt: r.StartedAt, EndedAt: r.EndedAt, AsOf: r.AsOf, PreventedUse: r.PreventedUse, InCredits: r.InCredits}
}
