// Package plain owns the sentences in which an operator reads a customer's entries, and what is
// still owed of a case.
//
// It refuses to know how either is read, and leaves out nothing that it has no words for: an
// unknown movement is told by its accounts.
//
// Invariants: one sentence for one entry, in the wallet's unit. What an entry did to each sum
// follows from its accounts alone, never from its name.
//
// Vocabulary: sums (available, held and owed, added up over entries), entry (a row of a statement).
package plain

import (
	"fmt"
	"strings"

	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// Words tells of credits in the wallet's unit.
type Words struct {
	// Unit is the wallet's.
	Unit policy.Unit
}

// Credits writes an amount of the smallest unit in the wallet's.
func (w Words) Credits(n int64) string {
	text := w.Unit.Format(n)
	// "1 credits" is what nobody says; another unit may not be a plural at all.
	if text == "1" && w.Unit.Name == "credits" {
		return "1 credit"
	}
	return text + " " + w.Unit.Name
}

// sentences say what an entry of each movement did. {n} is how many credits, {of} what it is about.
var sentences = map[ledger.Movement]string{
	ledger.MovementGrant:         "{n} came in{of}",
	ledger.MovementHold:          "{n} set aside{of}",
	ledger.MovementCapture:       "{n} spent{of}",
	ledger.MovementRelease:       "{n} given back unspent{of}",
	ledger.MovementRefund:        "{n} that were spent given back{of}",
	ledger.MovementRefundExpired: "{n} that were spent given back{of}, and expired at once with their lot",
	ledger.MovementExpiry:        "{n} expired{of}",
	ledger.MovementClawback:      "{n} taken back{of}",
	ledger.MovementClawExpired:   "{n} that had expired taken back{of}",
	ledger.MovementShortfall:     "{n} could not be taken back and are owed{of}",
	ledger.MovementDebtPayment:   "{n} paid what was owed{of}",
	ledger.MovementReinstatement: "{n} that were taken back returned{of}",
	ledger.MovementReexpiry:      "{n} that were taken back returned, and stay expired{of}",
	ledger.MovementForgiveness:   "{n} are owed no more{of}",
	ledger.MovementDebtReversal:  "{n} that paid what was owed returned{of}",
}

// ownKey is the cause of a row that moved no credits.
const ownKey = "own_key"

// reasons say why, where the reason's own word would not.
var reasons = map[string]string{
	"purchase": "a purchase", "allowance": "an allowance", "promotion": "a promotion", "goodwill": "goodwill",
	"generation_started": "", "generation_succeeded": "it succeeded", "generation_failed": "it failed", "generation_partial": "not all outputs came",
	"generation_overdue": "its result never came", "outputs_missing": "some outputs did not come", "failure_declined": "it failed, and its refund was declined",
	"lot_expired": "their lot ran out", "payment_refund": "its money went back", "payment_dispute": "its bank disputes it",
	"payment_take_back": "staff took them back", "bad_result": "a bad result", "duplicate_charge": "a double charge", "not_credited": "a purchase without its credits",
	"abnormal_charge": "an abnormal charge", "change_of_mind": "a change of mind", "outage": "an outage",
}

// Entry returns what an entry says, in one sentence without an end.
func (w Words) Entry(entry api.StatementEntry) string {
	if entry.Cause == ownKey {
		return w.own(entry)
	}
	form, ok := sentences[ledger.Movement(entry.Cause)]
	if !ok {
		form = fmt.Sprintf("{n} moved from %s to %s by %s{of}", entry.From, entry.To, entry.Cause)
	}
	return strings.NewReplacer("{n}", w.Credits(entry.Amount), "{of}", about(entry)).Replace(form)
}

// own tells what a generation cost on the customer's own key.
func (w Words) own(entry api.StatementEntry) string {
	text := "no credits moved: generation " + entry.Generation + " ran on the customer's own key"
	if entry.Cost != nil {
		text += fmt.Sprintf(" and cost %d.%06d %s at %s", entry.Cost.Micros/1e6, entry.Cost.Micros%1e6, entry.Cost.Currency, entry.Cost.Provider)
	}
	return text
}

// about says what an entry is about and why: generation, payment, case, reason, note.
func about(entry api.StatementEntry) string {
	var parts []string
	for _, one := range []struct{ word, id string }{{"generation", entry.Generation}, {"payment", entry.Payment}, {"case", entry.Case}} {
		if one.id != "" {
			parts = append(parts, one.word+" "+one.id)
		}
	}
	why, ok := reasons[entry.Reason]
	if !ok {
		why = strings.ReplaceAll(entry.Reason, "_", " ")
	}
	text := ""
	if len(parts) > 0 {
		text = " (" + strings.Join(parts, ", ") + ")"
	}
	if why != "" {
		text += ": " + why
	}
	if entry.Note != "" {
		text += fmt.Sprintf(" %q", entry.Note)
	}
	return text
}

// Sums is what entries add up to, in the wallet's smallest unit.
type Sums struct {
	Available int64 `json:"available"` // what can be spent
	Held      int64 `json:"held"`      // what is set aside
	Owed      int64 `json:"owed"`      // what a clawback could not take
}

// Add adds one entry. A debt is what flowed out of its account less what flowed in.
func (s *Sums) Add(entry api.StatementEntry) {
	for account, sum := range map[ledger.Account]*int64{ledger.Available: &s.Available, ledger.Held: &s.Held} {
		if entry.To == string(account) {
			*sum += entry.Amount
		}
		if entry.From == string(account) {
			*sum -= entry.Amount
		}
	}
	if entry.From == string(ledger.Owed) {
		s.Owed += entry.Amount
	}
	if entry.To == string(ledger.Owed) {
		s.Owed -= entry.Amount
	}
}

// Change returns what an entry did to what can be spent.
func Change(entry api.StatementEntry) int64 {
	var s Sums
	s.Add(entry)
	return s.Available
}

// Sums says what the sums are: "8 credits, 2 set aside".
func (w Words) Sums(s Sums) string {
	text := w.Credits(s.Available)
	if s.Held != 0 {
		text += ", " + w.Unit.Format(s.Held) + " set aside"
	}
	if s.Owed != 0 {
		text += ", " + w.Unit.Format(s.Owed) + " owed"
	}
	return text
}

// Remedy says what a decision gives.
func (w Words) Remedy(r api.Remedy) string {
	what := w.Credits(r.Credits)
	if r.Money != nil {
		what = Money(*r.Money)
	}
	return what + " to the " + strings.ReplaceAll(r.To, "_", " ")
}

// Money writes an amount of money.
func Money(amount money.Amount) string { return amount.String() }
