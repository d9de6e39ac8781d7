// Package erasure owns that a customer wants their data gone: which parts are worked through, in
// what order, how much of it at a time, and what stays.
//
// It refuses to know what of a noun is personal, which each noun says, and how it is stored.
//
// Invariants:
//   - What a person said goes first, the pictures last. A look that ends meanwhile finds the words
//     gone and records nothing, and what it had recorded before is met behind them.
//   - A call reads a bounded number of rows, and says where the next one goes on. Only one that has
//     met the end of every part is complete.
//   - A call may be repeated: what is gone is not counted again.
//   - No movement, no verdict and no clause is touched.
//
// Words: part (rows of one kind), position (where the next call goes on), tally (what had something
// personal), remainder (what stays, and why).
//
// Why: infra/decisions/0062.
package erasure

import (
	"context"
	"slices"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// Part is rows of one kind.
type Part string

// The parts, in the order in which they are worked through.
const (
	PartCases       Part = "cases"       // what customers and staff wrote
	PartAttachments Part = "attachments" // what customers uploaded: each whole
	PartGenerations Part = "generations" // prompts, templates, links, what workers said
	PartStandings   Part = "standings"   // what staff wrote of a customer
	PartInbox       Part = "inbox"       // how far they have read their notices
	PartEvidence    Part = "evidence"    // what was seen, and what later pictures are compared with
	PartPictures    Part = "pictures"    // the bucket
)

var parts = []Part{PartCases, PartAttachments, PartGenerations, PartStandings, PartInbox, PartEvidence, PartPictures}

// MaxRows is how many rows one call looks at.
const MaxRows = 100

// Tally is how much there is, or was until it was erased.
type Tally struct {
	// Cases had words of a customer's or of staff's.
	Cases int
	// OpenCases are those of all cases that are not decided, or whose money is on its way.
	OpenCases int
	// Attachments is how many there were.
	Attachments int
	// Generations had words, links or a reference.
	Generations int
	// OpenGenerations are those of all generations whose result has not come.
	OpenGenerations int
	// Standings had a note.
	Standings int
	// Evidence is how many cases had a record of what was seen.
	Evidence int
}

// Plus returns the sum of both.
func (t Tally) Plus(o Tally) Tally {
	return Tally{
		Cases: t.Cases + o.Cases, OpenCases: t.OpenCases + o.OpenCases, Attachments: t.Attachments + o.Attachments, Generations: t.Generations + o.Generations,
		OpenGenerations: t.OpenGenerations + o.OpenGenerations, Standings: t.Standings + o.Standings, Evidence: t.Evidence + o.Evidence,
	}
}

// Position is where the next call goes on; the zero Position is the beginning.
type Position struct {
	// Part is the part.
	Part Part `json:"part"`
	// After is the key of its last row that was looked at, "" for its beginning.
	After string `json:"after,omitempty"`
}

// maxAfter bounds a key: those of ours are shorter.
const maxAfter = 100

// Validate returns a KindInvalid error of the field cursor for a position that is none of ours.
func (p Position) Validate() error {
	if p != (Position{}) && !slices.Contains(parts, p.Part) || len(p.After) > maxAfter {
		return fault.Invalid("cursor", "is none of ours")
	}
	return nil
}

// Page is some rows of a part.
type Page struct {
	// Rows is how many were looked at.
	Rows int
	// Tally is what they had.
	Tally Tally
	// After is the key of the last of them, "" where the part has no more.
	After string
}

// Store keeps the rows.
type Store interface {
	// ErasePage looks at no more than limit rows of a part of the customer's, those after a key
	// ("" for the first), and takes what is personal out of them; where dry, it only counts. Rows
	// are read consistently. A row that changes meanwhile is erased as it is then. KindBusy: it may
	// succeed later.
	ErasePage(ctx context.Context, customer ledger.CustomerID, part Part, after string, limit int, dry bool) (Page, error)
}

// Shelf keeps the pictures.
type Shelf interface {
	// DeletePrefix deletes every object below the prefix, and says how many are left.
	DeletePrefix(ctx context.Context, prefix string) (left int, err error)
}

// Eraser erases.
type Eraser struct {
	// Store keeps the rows.
	Store Store
	// Shelf keeps the pictures.
	Shelf Shelf
}

// Report is what one call did, or would have done.
type Report struct {
	// Tally is what had something personal.
	Tally Tally
	// Next is where to go on; nil where all was looked at.
	Next *Position
}

// Erase takes out what is personal of the customer, from a position on, and looks at no more than
// MaxRows rows for it. A dry call changes nothing, and counts.
//
// Errors: KindInvalid (cursor), KindBusy: what was done until then stays done, and is reported.
func (e Eraser) Erase(ctx context.Context, customer ledger.CustomerID, from Position, dry bool) (Report, error) {
	if err := from.Validate(); err != nil {
		return Report{}, err
	}
	report, room := Report{}, MaxRows
	for _, part := range parts[max(0, slices.Index(parts, from.Part)):] {
		if part == PartPictures {
			return e.erasePictures(ctx, customer, report, dry)
		}
		page, err := e.Store.ErasePage(ctx, customer, part, from.After, room, dry)
		report.Tally, room = report.Tally.Plus(page.Tally), room-page.Rows
		if err != nil {
			return report, fault.At("erasure.Erase: "+string(part), customer.Key(), err)
		}
		if page.After != "" {
			report.Next = &Position{Part: part, After: page.After}
			return report, nil
		}
		// The next part begins at its first row; where no room is left, another call does it.
		if from.After = ""; room <= 0 {
			report.Next = &Position{Part: parts[slices.Index(parts, part)+1]}
			return report, nil
		}
	}
	return report, nil
}

// erasePictures deletes what the bucket holds of the customer, the pictures of looks that ended
// nowhere among them.
func (e Eraser) erasePictures(ctx context.Context, customer ledger.CustomerID, report Report, dry bool) (Report, error) {
	if dry {
		return report, nil
	}
	left, err := e.Shelf.DeletePrefix(ctx, evidence.Folder(customer.Key()))
	if left > 0 {
		report.Next = &Position{Part: PartPictures}
	}
	return report, fault.At("erasure.Erase: pictures", customer.Key(), err)
}

// Remainder is what stays, and why.
type Remainder struct {
	// What names it.
	What string
	// Why says in a sentence why it stays, and for how long.
	Why string
}

// Remainders returns what no call erases.
func Remainders() []Remainder {
	return []Remainder{
		{"the customer's id", "your own id of them: it names the wallet and every movement. Give opaque ids, and forget on your side whose they are."},
		{"movements of credits, with the notes of grants", "the ledger is kept by law, and no role may change or delete an entry."},
		{"payments, with staff's notes on them", "they are the books of what was bought and given back, kept by law; the provider has the payer's data."},
		{"verdicts, their clauses and what they rest on", "numbers, times and words of the policy: they say why credits and money moved, and hold nothing that a person wrote."},
		{"answers of second looks, and what signals count", "staff's word on a picture and how often signals were right: they name a case, and no customer."},
		{"hashes of idempotency keys, requests and results", "they tell a repeat from another request; nothing can be read from them."},
		{"the tables' past", "point-in-time recovery holds it for 35 days, and then drops it."},
		{"logs", "ids and no words; access logs have the caller's IP address. Both end after LogRetentionDays."},
		{"messages on their way", "ids alone, but for results of workers, which hold links: at most 4 days, and 14 in a dead-letter queue. Erase again after a result that was on its way."},
		{"uploads on their way", "a link for one is good for 15 minutes, and what it brings then lies in the bucket: erase again after that."},
		{"what was sent", "notices on your server, mails at their provider, payments at the payment provider: they are erased there."},
	}
}
