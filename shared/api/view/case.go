// Package view owns how a case, a generation and a payment are shown: one mapping for every function that shows them.
//
// It refuses to know who may see something at all (a caller is asked before) and how it was read.
//
// Invariants: one shape of a case everywhere, only the parts differ by who looks; a customer is shown their own words, the clause and
// the rules tried, and never what staff notes for staff: the ruling, and the notes of staff's lines in the history. Which of staff it was, and which
// payments a double charge may be among, is shown to staff alone.
//
// Words: as in refund, generation, payment and api.
package view

import (
	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// Case returns the case as the role may see it. What only the staff's list shows (review_by, facts) is left out.
func Case(c refund.Case, role access.Role) api.Case {
	shown := api.Case{
		ID: string(c.ID), Kind: string(c.Kind), Customer: string(c.Customer), Generation: c.Generation, Payment: c.Payment, Outage: c.Outage,
		State: string(c.State), Asked: asked(c.Asked), OpenedAt: api.MomentOf(c.OpenedAt), ToldAt: api.OptionalMoment(c.ToldAt),
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
	if c.Ruling != nil && internal {
		shown.Ruling = ruling(*c.Ruling)
		if role == access.RoleStaff {
			shown.Ruling.By, shown.Ruling.Payment = c.Ruling.By, string(c.Ruling.Payment)
		}
	}
	if role == access.RoleStaff {
		shown.Candidates = candidates(c.Candidates)
	}
	if back := c.Returned; back != nil {
		shown.Returned = &api.Returned{Restored: int64(back.Restored), Extended: int64(back.Extended), Expired: int64(back.Expired)}
	}
	return shown
}

// maxListed bounds a person's words in a list, in characters: the whole of them stand in the single case.
const maxListed = 200

// Listed returns the case as a list shows it to the role: Case with words cut, and without a claim's proofs.
func Listed(c refund.Case, role access.Role) api.Case {
	shown := Case(c, role)
	if said := shown.Asked; said != nil {
		said.Description = text.Cut(said.Description, maxListed)
		if claim := said.Claim; claim != nil {
			claim.Reason, claim.TransactionIds, claim.Attachments = api.Said(text.Cut(string(claim.Reason), maxListed)), nil, nil
		}
	}
	if shown.Ruling != nil {
		shown.Ruling.Note = text.Cut(shown.Ruling.Note, maxListed)
	}
	for i := range shown.History {
		shown.History[i].Note = text.Cut(shown.History[i].Note, maxListed)
	}
	return shown
}

func asked(said *refund.Asked) *api.Asked {
	if said == nil {
		return nil
	}
	shown := &api.Asked{Description: said.Description, Issue: string(said.Issue)}
	if said.Usage != (policy.UsageFacts{}) {
		shown.Usage = &api.Usage{BulkDownloaded: said.Usage.BulkDownloaded, CommercialUse: said.Usage.CommercialUse}
	}
	if claim := said.Claim; claim != nil {
		shown.Claim = &api.Claim{
			Email: api.Said(claim.Email), PaidAt: api.Instant(claim.PaidAt), Amount: claim.Amount, Reason: api.Said(claim.Reason),
			TransactionIds: claim.TransactionIDs, Attachments: claim.Attachments,
		}
	}
	return shown
}

func candidates(all []refund.Candidate) []api.Candidate {
	shown := make([]api.Candidate, len(all))
	for i, one := range all {
		shown[i] = api.Candidate{
			Payment: string(one.Payment), Package: one.Package, Amount: in(one.Amount, ""),
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

func ruling(r refund.Ruling) *api.Ruling {
	return &api.Ruling{Outcome: api.VerdictOutcome(r.Outcome), Remedy: remedy(r.Remedy), Note: r.Note, At: api.MomentOf(r.At)}
}

func remedy(r *policy.Remedy) *api.Remedy {
	if r == nil {
		return nil
	}
	return &api.Remedy{Credits: int64(r.Credits), Money: r.Money, To: string(r.To)}
}
