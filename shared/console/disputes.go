package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/dispute"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// The bounds of the evidence that a page gathers; makegood evidence has larger ones.
const (
	evidenceUses  = 300  // generations
	evidenceRows  = 5000 // of the statement, about
	evidenceCases = 500
)

// disputeRow is one open dispute as the list has it.
type disputeRow struct {
	ID, Payment, Path string
	Customer          string
	Amount            money.Amount
	Status, Reason    string
	// Contested: the answer lies with the bank.
	Contested bool
	// DueBy is until when the bank takes an answer, zero where the provider did not tell. Left is
	// how long that is, Class its colour: late with less than three days left.
	DueBy       time.Time
	Left, Class string
}

// hurry is how long before its end the time to answer a dispute is red.
const hurry = 3 * 24 * time.Hour

// disputesOf returns the open disputes of the payments, those to answer first, the soonest due
// before the others.
func disputesOf(now time.Time, payments ...payment.Payment) []disputeRow {
	var rows []disputeRow
	for _, p := range payments {
		for id, d := range p.Disputes {
			if !d.Unanswered() && !d.Contested() {
				continue
			}
			row := disputeRow{
				ID: id, Payment: string(p.ID), Path: paymentPath(p.ID), Customer: string(p.Customer()), Amount: d.Amount,
				Status: string(d.Status), Reason: d.Reason, Contested: d.Contested(), DueBy: d.DueBy, Left: left(now, d.DueBy), Class: "fine",
			}
			if p.Purchase != nil {
				row.Amount.Currency = cmp.Or(row.Amount.Currency, p.Purchase.Subtotal.Currency)
			}
			if d.DueBy.Sub(now) < hurry {
				row.Class = "late"
			}
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b disputeRow) int {
		if a.Contested != b.Contested {
			return map[bool]int{false: -1, true: 1}[a.Contested]
		}
		return cmp.Or(a.DueBy.Compare(b.DueBy), cmp.Compare(a.Payment, b.Payment), cmp.Compare(a.ID, b.ID))
	})
	return rows
}

// evidenceData is what the page of the evidence reads.
type evidenceData struct {
	Payment, Path string
	Disputes      []disputeRow
	Fields        []dispute.Field
	// Ready is how many of the fields have a text.
	Ready int
}

// evidence shows the provider's form: what the ledger says in each field, or why it says nothing.
// With file=json or file=html it is one of the two files that makegood evidence writes.
func (c Console) evidence(r request) (page, error) {
	found, err := c.paymentOf(r)
	if err != nil {
		return page{}, err
	}
	e, err := c.gather(r, found)
	if err != nil {
		return page{}, err
	}
	switch r.URL.Query().Get("file") {
	case "json":
		text, err := json.MarshalIndent(e, "", "  ")
		return page{File: &file{Name: "evidence.json", MediaType: "application/json", Text: append(text, '\n')}}, err
	case "html":
		var text bytes.Buffer
		err := e.Page(&text)
		return page{File: &file{Name: "evidence.html", MediaType: "text/html; charset=utf-8", Text: text.Bytes()}}, err
	}
	data := evidenceData{Payment: string(found.ID), Path: paymentPath(found.ID), Fields: e.Fields(), Disputes: disputesOf(r.Now, found)}
	for _, field := range data.Fields {
		if field.Missing == "" {
			data.Ready++
		}
	}
	return page{Template: "evidence", Title: "Evidence", Data: data}, nil
}

// gather collects the evidence about a payment.
func (c Console) gather(r request, p payment.Payment) (dispute.Evidence, error) {
	if p.Purchase == nil {
		return dispute.Evidence{}, fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "no purchase of it is on record, so there is nothing to say for it")
	}
	e, err := dispute.Gatherer{Ledger: records{c.Store}, Policy: c.Published, Uses: evidenceUses}.Gather(r.Context(), string(p.ID), r.Now)
	return e, fault.At("console: evidence", string(p.ID), err)
}

// tooMuchOnRecord refuses evidence that would miss something: what this payment bought lies last.
func tooMuchOnRecord() error {
	return fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "the customer's records are more than a page reads: makegood evidence reads them all")
}

// records reads what is on record, as staff see it.
type records struct{ store Store }

// ReadPayment implements dispute.Ledger.
func (s records) ReadPayment(ctx context.Context, id string) (*api.Payment, error) {
	found, err := s.store.FindPayments(ctx, payment.ID(id))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return new(view.Payment(found[0])), nil
}

// Case implements dispute.Ledger.
func (s records) Case(ctx context.Context, id string) (*api.Case, error) {
	found, err := s.store.FindCase(ctx, refund.CaseID(id))
	if err != nil || found == nil {
		return nil, err
	}
	return new(view.Case(*found, access.RoleStaff)), nil
}

// Cases implements dispute.Ledger.
func (s records) Cases(ctx context.Context, customer string) ([]api.Case, error) {
	found, more, err := s.store.ListCases(ctx, ledger.CustomerID(customer), nil, evidenceCases)
	if more {
		return nil, tooMuchOnRecord()
	}
	all := make([]api.Case, len(found))
	for i, one := range found {
		all[i] = view.Case(one, access.RoleStaff)
	}
	return all, err
}

// Statement implements dispute.Ledger.
func (s records) Statement(ctx context.Context, customer string, since time.Time) (all []api.StatementEntry, err error) {
	var cursor statement.Cursor
	for next := &cursor; next != nil; {
		next, err = statement.Read(ctx, s.store, ledger.CustomerID(customer), *next, func(rows []statement.Row) bool {
			all = append(all, view.Rows(rows, access.RoleStaff)...)
			return true
		})
		if err != nil || len(all) > 0 && all[len(all)-1].At.Before(since) {
			return all, err
		}
		if next != nil && len(all) >= evidenceRows {
			return nil, tooMuchOnRecord()
		}
	}
	return all, nil
}

// Generation implements dispute.Ledger.
func (s records) Generation(ctx context.Context, id string) (*api.Generation, error) {
	found, err := s.store.FindGeneration(ctx, generation.ID(id))
	if err != nil || found == nil {
		return nil, err
	}
	return new(view.Generation(*found, nil)), nil
}
