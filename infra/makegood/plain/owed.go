package plain

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"makegood/shared/api"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// Clock writes an instant for a person: UTC, to the second.
func Clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05") }

// Printable returns a text that others wrote without what would end its line or command a terminal.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// steps say what is still to be done, by the step that an item owes.
var steps = map[todo.Step]string{
	todo.StepSettle:   "a worker's result has not come",
	todo.StepAssess:   "the pictures of a bad result are to be looked at",
	todo.StepRefund:   "a verdict is to be found",
	todo.StepPay:      "money is due at the provider",
	todo.StepLook:     "the provider is to be asked what became of money on its way",
	todo.StepRoom:     "credits wait for room in their wallet, or a debt does",
	todo.StepRun:      "an outage is being made good",
	todo.StepClaims:   "claims that wait for an outage are to be decided anew",
	todo.StepNotice:   "the customer is to be notified",
	todo.StepOffer:    "the customer is to be notified of an offer",
	todo.StepStand:    "the customer is to be notified of a change of standing",
	todo.StepPaid:     "the customer is to be notified that money went back",
	todo.StepFailed:   "the customer is to be notified that money could not go back",
	todo.StepReview:   "a person has to decide",
	todo.StepDowntime: "a claim waits for an outage to be long enough, or over",
	todo.StepExpiry:   "a lot runs out",
	todo.StepDiscard:  "an attachment that no case took is to be removed",
}

// Steps says what an item still owes, "nothing that it names" for no step.
func Steps(names []string) string {
	var parts []string
	for _, name := range names {
		text, ok := steps[todo.Step(name)]
		if !ok {
			text = name
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "nothing that it names"
	}
	return strings.Join(parts, "; ")
}

// Owed returns what is still owed of a case, one sentence each, none where nothing is. The payment
// is the one whose money the case gives back, nil for none; stuck holds what the sweep gave up of
// the case and what it is about.
func (w Words) Owed(c api.Case, p *api.Payment, stuck []api.StuckItem) []string {
	var list []string
	switch refund.State(c.State) {
	case refund.StateReceived:
		list = append(list, "a verdict: nothing is decided yet")
	case refund.StateInReview:
		list = append(list, ruling(c))
	case refund.StateApproved, refund.StateDeclined, refund.StatePaying, refund.StateClosed:
	}
	if p != nil {
		list = append(list, moneyOf(c, *p)...)
	}
	// A verdict that nobody was told of yet is on its way, or stuck below.
	if c.Decision != nil && c.ToldAt == nil {
		list = append(list, "the customer is to be notified of the verdict")
	}
	for _, item := range stuck {
		list = append(list, fmt.Sprintf("%s %s is stuck since %s after %d attempts: %s", item.Kind, item.ID, Clock(item.StuckAt.Time), item.Attempts, Steps(item.Steps)))
	}
	return list
}

// ruling says what staff still owe of a case in review.
func ruling(c api.Case) string {
	if c.Ruling != nil {
		return "staff's ruling of " + Clock(c.Ruling.At.Time) + " is to be carried out"
	}
	text := "a ruling of staff's"
	if c.Proposed != nil {
		text = "a second person's answer to what " + c.Proposed.By + " proposed on " + Clock(c.Proposed.At.Time)
	}
	if c.Decision != nil && c.Decision.RespondBy != nil {
		text += ", promised by " + Clock(*c.Decision.RespondBy)
	}
	return text
}

// moneyOf says how far the money is that a payment promises for the case.
func moneyOf(c api.Case, p api.Payment) []string {
	at := slices.IndexFunc(p.Promised, func(one api.Promise) bool { return one.Case == c.ID && one.Money })
	if at < 0 {
		return nil
	}
	promise := p.Promised[at]
	by := ""
	if c.Decision != nil && c.Decision.PayBy != nil {
		by = ", promised by " + Clock(*c.Decision.PayBy)
	}
	switch payment.Progress(promise.Progress) {
	case payment.ProgressDue:
		return []string{Money(promise.Amount) + " is to be asked of the provider" + by}
	case payment.ProgressPending:
		return []string{Money(promise.Amount) + " is on its way back" + by}
	case payment.ProgressFailed:
		text := Money(promise.Amount) + " could not go back: a person has to pay it"
		if promise.Note != "" {
			text += " (" + promise.Note + ")"
		}
		return []string{text}
	case payment.ProgressPaid, payment.ProgressExternal:
	}
	return nil
}

// Clause returns the words of the clause that a decision names, "" where this build does not have
// its revision.
func Clause(d api.Decision) string {
	revision, ok := policy.Published(policy.Ref{Name: d.Policy.Name, Revision: d.Policy.Revision, Digest: d.Policy.Digest})
	if !ok {
		return ""
	}
	for _, clause := range revision.Clauses() {
		if clause.ID == d.Clause {
			return clause.Text
		}
	}
	return ""
}
