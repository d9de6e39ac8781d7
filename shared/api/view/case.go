// Package view owns how a case, a generation and a payment are shown: one mapping for every function that shows them.
//
// It refuses to know who may see something at all (a caller is asked before) and how it was read, but for what stands beside a case for staff.
//
// Invariants: one shape of a case everywhere, only the parts differ by who looks; a customer is shown their own words, the clause and
// the rules tried, and never what staff notes for staff: the ruling, and the notes of staff's lines in the history. Which of staff it was, which
// payments a double charge may be among, what verdicts rest on, and that somebody is suspected of misuse is shown to staff alone; of a case that was appealed, its first answer to all but
// them until they have ruled.
//
// Words: as in refund, generation, payment and api.
package view

import (
	"encoding/json"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// Case returns the case as the role may see it. What only staff see beside it (review_by, facts) is left out, see Known, and appeal_until, which the
// policy tells.
func Case(c refund.Case, role access.Role) api.Case {
	c = seen(c, role)
	if role == access.RoleStaff && c.Appealing() {
		c.History = withoutAnswer(c.History)
	}
	shown := api.Case{
		ID: string(c.ID), Kind: string(c.Kind), Customer: string(c.Customer), Generation: c.Generation, Payment: c.Payment, Outage: c.Outage,
		State: string(c.State), Locale: c.Locale, Asked: asked(c.Asked), OpenedAt: api.MomentOf(c.OpenedAt), ToldAt: api.OptionalMoment(c.ToldAt),
		History: make([]api.CaseEvent, len(c.History)),
	}
	internal := role == access.RoleStaff || role == access.RoleApp
	for i, event := range c.History {
		shown.History[i] = api.CaseEvent{At: api.MomentOf(event.At), State: string(event.State), Actor: event.Actor}
		if internal || event.Actor != refund.ActorStaff {
			shown.History[i].Note = event.Note
		}
		if role == access.RoleStaff {
			shown.History[i].By = event.By
		}
	}
	if c.Kind == policy.KindBadResult {
		shown.Output = &c.Output
	}
	if c.Decision != nil {
		shown.Decision, shown.Notice = decision(*c.Decision), c.Decision.Notice
	}
	shown.Ruling = ruling(c.Ruling, role)
	if c.Appeal != nil {
		shown.Appeal, shown.Appealed = true, appealed(c, role)
	}
	if role == access.RoleStaff && !c.Appealing() { // whoever rules on an appeal sees the first answer only afterwards
		shown.Verdicts = Verdicts(c)
	}
	if back := c.Returned; back != nil {
		shown.Returned = &api.Returned{Restored: int64(back.Restored), Extended: int64(back.Extended), Expired: int64(back.Expired)}
	}
	return shown
}

// seen returns the case as the role may see it: that somebody was suspected is staff's to know.
func seen(c refund.Case, role access.Role) refund.Case {
	if role == access.RoleStaff {
		return c
	}
	return c.Discreet()
}

// withoutAnswer returns the lines of an open appeal's history that say nothing of its first answer.
func withoutAnswer(history []refund.Event) []refund.Event {
	var kept []refund.Event
	for _, event := range history {
		switch event.State {
		case refund.StateReceived:
			kept = append(kept, event)
		case refund.StateDeclined:
			kept = slices.DeleteFunc(kept, func(before refund.Event) bool { return before.State != refund.StateReceived })
		default:
			kept = append(kept, event)
		}
	}
	return kept
}

// appealed shows an appeal; its first answer is kept from staff until they have ruled on it.
func appealed(c refund.Case, role access.Role) *api.CaseAppeal {
	shown := &api.CaseAppeal{At: api.MomentOf(c.Appeal.At), Finding: string(c.Appeal.Finding)}
	if role != access.RoleStaff || !c.Appealing() {
		shown.First, shown.Ruling = decision(c.First()), ruling(c.Appeal.Ruling, role)
	}
	return shown
}

// maxListed bounds a person's words in a list, in characters: the whole of them stand in the single case.
const maxListed = 200

// Listed returns the case as a list shows it to the role: Case with words cut, without a claim's proofs and without what its verdicts rest on.
func Listed(c refund.Case, role access.Role) api.Case {
	shown := Case(c, role)
	shown.Verdicts = nil
	if said := shown.Asked; said != nil {
		said.Description, said.Appeal = text.Cut(said.Description, maxListed), text.Cut(said.Appeal, maxListed)
		if claim := said.Claim; claim != nil {
			claim.Reason, claim.TransactionIds, claim.Attachments = api.Said(text.Cut(string(claim.Reason), maxListed)), nil, nil
		}
	}
	cutNote(shown.Ruling)
	if shown.Appealed != nil {
		cutNote(shown.Appealed.Ruling)
	}
	for i := range shown.History {
		shown.History[i].Note = text.Cut(shown.History[i].Note, maxListed)
	}
	return shown
}

func cutNote(r *api.Ruling) {
	if r != nil {
		r.Note = text.Cut(r.Note, maxListed)
	}
}

func asked(words *refund.Asked) *api.Asked {
	if words == nil {
		return nil
	}
	shown := &api.Asked{Description: words.Description, Issue: string(words.Issue), Appeal: words.Appeal, Usage: said(words.Usage)}
	if words.Claim != nil {
		shown.Claim = claim(words.Claim)
	}
	return shown
}

func claim(said *refund.Claim) *api.Claim {
	return &api.Claim{
		Email: api.Said(said.Email), PaidAt: paidOn(*said), Amount: said.Amount, Reason: api.Said(said.Reason),
		TransactionIds: said.TransactionIDs, Attachments: said.Attachments,
	}
}

// paidOn returns when a purchase is said to have been paid, as precisely as it was said.
func paidOn(claim refund.Claim) api.DayOrInstant {
	if claim.WholeDay {
		return api.DayOrInstant(claim.PaidAt.UTC().Format(time.DateOnly))
	}
	return api.DayOrInstant(api.Instant(claim.PaidAt).Format(time.RFC3339Nano))
}

func candidates(all []refund.Candidate) []api.Candidate {
	shown := make([]api.Candidate, len(all))
	for i, one := range all {
		shown[i] = api.Candidate{
			Payment: string(one.Payment), Customer: string(one.Customer), Package: one.Package, Amount: in(one.Amount, ""),
			OrderedAt: api.Instant(one.OrderedAt), PaidAt: api.Instant(one.PaidAt),
		}
	}
	return shown
}

// Opened returns the answer to whoever asked for a case or ruled on one.
func Opened(status int, opened refund.Opened) api.Answer {
	return api.Answer{
		Status: status, Replayed: opened.Replayed, Body: api.CaseState{Case: string(opened.Case), State: string(opened.State)},
	}
}

func decision(d policy.Decision) *api.Decision {
	shown := &api.Decision{
		Outcome: string(d.Outcome), Clause: d.Clause, Rule: d.Rule, Reason: d.Reason, Remedy: remedy(d.Remedy), RespondBy: d.RespondBy, PayBy: d.PayBy,
		Policy: api.PolicyRef{Name: d.Policy.Name, Revision: d.Policy.Revision, Digest: d.Policy.Digest},
		Trace:  make([]api.TraceStep, len(d.Trace)),
	}
	for i, step := range d.Trace {
		shown.Trace[i] = api.TraceStep{Clause: step.Clause, Rule: step.Rule, Matched: step.Matched}
	}
	return shown
}

// Verdicts returns every verdict that stood on the case, oldest first, each with what it rests on.
func Verdicts(c refund.Case) []api.KeptVerdict {
	kept := make([]api.KeptVerdict, len(c.Verdicts()))
	for i, verdict := range c.Verdicts() {
		kept[i].Decision = *decision(verdict)
		if verdict.Basis == nil {
			continue
		}
		if written, err := json.Marshal(verdict.Basis); err == nil { // it was written before
			basis := api.Basis(written)
			kept[i].Basis = &basis
		}
	}
	return kept
}

// ruling shows what staff decided to the app, and to staff who of them it was; nil for none, and to a customer.
func ruling(r *refund.Ruling, role access.Role) *api.Ruling {
	if r == nil || role == access.RoleCustomer {
		return nil
	}
	shown := &api.Ruling{Outcome: api.VerdictOutcome(r.Outcome), Remedy: remedy(r.Remedy), Note: r.Note, Clause: r.Clause, At: api.MomentOf(r.At)}
	if role == access.RoleStaff {
		shown.By, shown.Payment = r.By, string(r.Payment)
	}
	return shown
}

func remedy(r *policy.Remedy) *api.Remedy {
	if r == nil {
		return nil
	}
	return &api.Remedy{Credits: int64(r.Credits), Money: r.Money, To: string(r.To)}
}
