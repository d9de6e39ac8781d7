// Package view owns how a case, a generation and a payment are shown: one mapping for every
// function that shows them.
//
// It refuses to know who may see something at all, which the function checks before, and how it was
// read, except for what stands beside a case for staff.
//
// Invariants: a case has one shape everywhere; only its parts differ by who looks. A customer sees
// their own words, the clause and the rules tried. A customer never sees what staff notes for
// staff: the ruling, and the notes of staff's lines in the history. Staff alone see what is only
// proposed, which of them acted, which payments a double charge may be among, what verdicts rest
// on, and that somebody is suspected of misuse. The first answer of an appeal is shown to all but
// staff until staff have ruled.
//
// Words: as in refund, generation, payment and api.
package view

import (
	"encoding/json"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/text"
)

// Case returns the case as the role may see it. It leaves out what only staff see beside it
// (review_by, facts; see Known), and appeal_until, which needs the policy.
func Case(c refund.Case, role access.Role) api.Case {
	// Suspicion goes first, so that nothing built below can show it to a customer or to the app.
	c = seen(c, role)
	// Staff rule on an appeal without knowing its first answer, so the history must not tell it
	// either.
	if role == access.RoleStaff && c.Appealing() {
		c.History = withoutAnswer(c.History)
	}
	response := api.Case{
		ID: string(c.ID), Kind: string(c.Kind), Customer: string(c.Customer), Generation: c.Generation, Payment: c.Payment, Outage: c.Outage,
		State: string(c.State), Locale: c.Locale, Asked: stated(c.Statement), OpenedAt: api.MomentOf(c.OpenedAt), ToldAt: api.OptionalMoment(c.NotifiedAt),
		History: make([]api.CaseEvent, len(c.History)),
	}
	// The app may read staff's notes to its customers' cases, but only staff see which of them
	// wrote.
	internal := role == access.RoleStaff || role == access.RoleApp
	for i, event := range c.History {
		response.History[i] = api.CaseEvent{At: api.MomentOf(event.At), State: string(event.State), Actor: event.Actor}
		if internal || event.Actor != ledger.ActorStaff {
			response.History[i].Note = event.Note
		}
		if role == access.RoleStaff {
			response.History[i].By = event.By
		}
	}
	// Output 0 is a real output, so a case about no output must leave the field out.
	if c.Kind == policy.KindBadResult {
		response.Output = &c.Output
	}
	if c.Decision != nil {
		response.Decision, response.Notice = decision(*c.Decision), c.Decision.Notice
	}
	response.Ruling = ruling(c.Ruling, role)
	// The parts below depend on the role or on what has happened; an absent part is left out of the
	// JSON.
	if c.Appeal != nil {
		response.Appeal, response.Appealed = true, appealed(c, role)
	}
	if role == access.RoleStaff && !c.Appealing() { // whoever rules on an appeal sees the first answer only afterwards
		response.Verdicts = Verdicts(c)
	}
	if role == access.RoleStaff {
		response.Proposed = ruling(c.Proposed, role)
		putHandling(&response, c)
	}
	if sum := c.Returned; sum != nil {
		response.Returned = &api.Returned{Restored: int64(sum.Restored), Extended: int64(sum.Extended), Expired: int64(sum.Expired)}
	}
	return response
}

// putHandling shows who looks at the case, and who skipped it.
func putHandling(response *api.Case, c refund.Case) {
	if c.Assignment != nil && c.Waiting() {
		response.Assignment = new(Assignment(*c.Assignment))
	}
	for _, skip := range c.Skips {
		response.Skips = append(response.Skips, api.CaseSkip{By: skip.By, Reason: skip.Reason, At: api.MomentOf(skip.At)})
	}
}

// Assignment returns who looks at a case.
func Assignment(a refund.Assignment) api.CaseAssignment {
	return api.CaseAssignment{By: a.By, Until: api.MomentOf(a.Until)}
}

// seen returns the case as the role may see it: a suspicion of misuse is for staff only.
func seen(c refund.Case, role access.Role) refund.Case {
	if role == access.RoleStaff {
		return c
	}
	return c.Discreet()
}

// withoutAnswer returns the lines of an open appeal's history that say nothing of its first answer.
func withoutAnswer(history []refund.Event) []refund.Event {
	// A declined line ends the first round. Everything before it but the receipt belongs to the
	// first answer.
	var rest []refund.Event
	for _, event := range history {
		switch event.State {
		case refund.StateReceived:
			rest = append(rest, event)
		case refund.StateDeclined:
			rest = slices.DeleteFunc(rest, func(before refund.Event) bool { return before.State != refund.StateReceived })
		default:
			rest = append(rest, event)
		}
	}
	return rest
}

// appealed shows an appeal. Its first answer is kept from staff until they have ruled on it.
func appealed(c refund.Case, role access.Role) *api.CaseAppeal {
	response := &api.CaseAppeal{At: api.MomentOf(c.Appeal.At), Finding: string(c.Appeal.Finding)}
	if role != access.RoleStaff || !c.Appealing() {
		response.First, response.Ruling = decision(c.First()), ruling(c.Appeal.Ruling, role)
	}
	return response
}

// maxListed bounds a person's words in a list, in characters. The single case has the whole of
// them.
const maxListed = 200

// Listed returns the case as a list shows it to the role: Case with words cut, without proofs and
// without what its verdicts rest on.
func Listed(c refund.Case, role access.Role) api.Case {
	response := Case(c, role)
	// A page of a list is bounded in bytes, and these parts may be long: they are read in the
	// single case.
	response.Verdicts = nil
	if request := response.Asked; request != nil {
		request.Attachments = nil
		request.Description, request.Appeal = text.Cut(request.Description, maxListed), text.Cut(request.Appeal, maxListed)
		if claim := request.Claim; claim != nil {
			claim.Reason, claim.TransactionIds, claim.Attachments = api.RequiredText(text.Cut(string(claim.Reason), maxListed)), nil, nil
		}
	}
	cutNote(response.Ruling)
	cutNote(response.Proposed)
	if response.Appealed != nil {
		cutNote(response.Appealed.Ruling)
	}
	for i := range response.History {
		response.History[i].Note = text.Cut(response.History[i].Note, maxListed)
	}
	return response
}

func cutNote(r *api.Ruling) {
	if r != nil {
		r.Note = text.Cut(r.Note, maxListed)
	}
}

func stated(words *refund.Statement) *api.Asked {
	if words == nil {
		return nil
	}
	response := &api.Asked{Description: words.Description, Issue: string(words.Issue), Appeal: words.Appeal, Usage: admitted(words.Usage)}
	if r := words.Region; r != nil {
		response.Region = &api.Region{X: r.X, Y: r.Y, Width: r.Width, Height: r.Height}
	}
	if words.Claim != nil {
		response.Claim = claim(words.Claim)
	}
	for _, taken := range words.Attachments {
		response.Attachments = append(response.Attachments, api.CaseAttachment{ID: string(taken.ID), MediaType: string(taken.MediaType), Bytes: taken.Bytes})
	}
	return response
}

func claim(c *refund.Claim) *api.Claim {
	return &api.Claim{
		Email: api.RequiredText(c.Email), PaidAt: paidOn(*c), Amount: c.Amount, Reason: api.RequiredText(c.Reason),
		TransactionIds: c.TransactionIDs, Attachments: c.Attachments,
	}
}

// paidOn returns when the claimant says to have paid, as precisely as they said it.
func paidOn(claim refund.Claim) api.DayOrInstant {
	if claim.WholeDay {
		return api.DayOrInstant(claim.PaidAt.UTC().Format(time.DateOnly))
	}
	return api.DayOrInstant(api.Instant(claim.PaidAt).Format(time.RFC3339Nano))
}

func candidates(all []refund.Candidate) []api.Candidate {
	list := make([]api.Candidate, len(all))
	for i, c := range all {
		list[i] = api.Candidate{
			Payment: string(c.Payment), Customer: string(c.Customer), Package: c.Package, Amount: in(c.Amount, ""),
			OrderedAt: api.Instant(c.OrderedAt), PaidAt: api.Instant(c.PaidAt),
		}
	}
	return list
}

// Opened returns the answer to a request for a case, or to a ruling on one.
func Opened(status int, result refund.Opened) api.Answer {
	return api.Answer{
		Status: status, Replayed: result.Replayed, Body: api.CaseState{Case: string(result.Case), State: string(result.State), Proposal: result.Proposal},
	}
}

func decision(d policy.Decision) *api.Decision {
	response := &api.Decision{
		Outcome: string(d.Outcome), Clause: d.Clause, Rule: d.Rule, Reason: d.Reason, Remedy: remedy(d.Remedy), RespondBy: d.RespondBy, PayBy: d.PayBy,
		Policy: api.PolicyRef{Name: d.Policy.Name, Revision: d.Policy.Revision, Digest: d.Policy.Digest},
		Trace:  make([]api.TraceStep, len(d.Trace)),
	}
	for i, step := range d.Trace {
		response.Trace[i] = api.TraceStep{Clause: step.Clause, Rule: step.Rule, Matched: step.Matched}
	}
	return response
}

// Verdicts returns every verdict that was recorded on the case, oldest first, each with what it
// rests on.
func Verdicts(c refund.Case) []api.KeptVerdict {
	list := make([]api.KeptVerdict, len(c.Verdicts()))
	for i, verdict := range c.Verdicts() {
		list[i].Decision = *decision(verdict)
		if verdict.Basis == nil {
			continue
		}
		if text, err := json.Marshal(verdict.Basis); err == nil { // it came from JSON, so this cannot fail
			basis := api.Basis(text)
			list[i].Basis = &basis
		}
	}
	return list
}

// ruling shows what staff decided, to the app and to staff, and to staff also which of them it was.
// Nil for no ruling, and to a customer.
func ruling(r *refund.Ruling, role access.Role) *api.Ruling {
	if r == nil || role == access.RoleCustomer {
		return nil
	}
	response := &api.Ruling{Outcome: api.VerdictOutcome(r.Outcome), Remedy: remedy(r.Remedy), Note: r.Note, Clause: r.Clause, At: api.MomentOf(r.At), EffectiveAt: api.OptionalMoment(r.EffectiveAt)}
	if role == access.RoleStaff {
		response.By, response.Payment = r.By, string(r.Payment)
		putSecond(response, *r)
	}
	return response
}

// putSecond shows that a ruling needs a second person, and who that was.
func putSecond(response *api.Ruling, r refund.Ruling) {
	if r.Second == nil {
		return
	}
	response.Proposal = r.Proposal()
	if r.Second.Answer == refund.SecondConfirmed {
		response.ConfirmedBy, response.ConfirmedAt = r.Second.By, api.OptionalMoment(r.Second.At)
	}
}

func remedy(r *policy.Remedy) *api.Remedy {
	if r == nil {
		return nil
	}
	response := &api.Remedy{To: string(r.To())}
	switch r.Arm() {
	case policy.ArmCredits:
		response.Credits = int64(r.Credits())
	case policy.ArmMoney:
		amount := r.Money()
		response.Money = &amount
	}
	return response
}
