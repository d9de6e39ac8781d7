package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// casePage is how many cases a page holds at most; api.MaxPage may end it earlier.
const casePage = 50

// checkState refuses every list but the one that is kept: of cases that wait for staff.
func checkState(request api.Request[api.NoBody]) error {
	if request.Query("state") != string(refund.StateInReview) {
		return fault.Invalid("state", "must be in_review: no other cases wait for staff")
	}
	return nil
}

// list answers a page of the cases that wait for staff, the soonest due first.
func (h handler) list(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := position(request)
	if err != nil {
		return api.Answer{}, err
	}
	cases, more, err := h.store.ListReview(ctx, after, casePage)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list cases", "", err)
	}

	// Generations and payments of the whole page come in one read, not in one for each case.
	names, err := view.LookUp(ctx, h.store, cases...)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: records of cases", "", err)
	}

	translator := view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	page := api.CaseList{Cases: make([]api.Case, len(cases))}
	for i, c := range cases {
		page.Cases[i] = names.Listed(c)
		translator.Case(&page.Cases[i], c)
	}

	// The page may end by bytes. The next one begins after the last case that found room, not after
	// the last that was read.
	page.Cases = api.FirstPage(page.Cases)
	if count := len(page.Cases); count < len(cases) || more && count > 0 {
		page.Next = api.EncodeCursor(cases[count-1].Position())
	}
	return translator.Answer(page), nil
}

// position returns where the list goes on, nil for its start, or a KindInvalid error naming cursor.
func position(request api.Request[api.NoBody]) (*refund.ReviewPosition, error) {
	var after refund.ReviewPosition
	if err := request.Cursor(&after); err != nil {
		return nil, err
	}
	// A request without a cursor begins at the start.
	if after == (refund.ReviewPosition{}) {
		return nil, nil
	}
	// A cursor is the client's word: what it holds becomes a key of the store.
	if _, err := refund.ParseCaseID(string(after.Case)); err != nil {
		return nil, fault.Invalid("cursor", "is none of ours")
	}
	return &after, statement.Position{ID: string(after.Case), At: after.At}.Validate()
}

// verdict records what staff decided on a case. Carrying it out is decide-refund's, by the message
// that Rule sends.
func (h handler) verdict(ctx context.Context, request api.Request[api.Verdict]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	// The operator's name comes from the key, never from the body: the ruling is signed with it.
	outcome, err := h.reviewer.Rule(ctx, id, refund.RulingOrder{
		Ruling:    policy.Ruling{Outcome: policy.Outcome(request.Body.Outcome), Remedy: remedy(request.Body.Remedy), Clause: request.Body.Clause},
		Payment:   payment.ID(request.Body.Payment),
		Note:      string(request.Body.Note),
		By:        request.Caller.Name,
		Principal: request.Caller.Principal(),
		Key:       request.IdempotencyKey,
		TakeBack:  request.Body.TakeBack,
	}, api.Instant(h.now()))
	status := http.StatusOK
	if outcome.Proposal != "" {
		status = http.StatusAccepted
	}
	return view.Opened(status, outcome), fault.At("review-refund: rule", string(id), err)
}

// answerProposal records what becomes of a verdict that waits for a second person.
func (h handler) answerProposal(ctx context.Context, request api.Request[api.AnswerProposal]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	outcome, err := h.reviewer.Answer(ctx, id, refund.SecondOrder{
		Proposal: request.Body.Proposal, Answer: refund.SecondAnswer(request.Body.Answer), By: request.Caller.Name, Note: request.Body.Note,
		TakeBack: request.Body.TakeBack,
	}, api.Instant(h.now()))
	return view.Opened(http.StatusOK, outcome), fault.At("review-refund: answer proposal", string(id), err)
}

// remedy returns what staff want to give back, nil for what the policy gives.
func remedy(wish *api.VerdictRemedy) *policy.Remedy {
	if wish == nil {
		return nil
	}
	// A field that staff left out is the policy's to fill.
	var credits ledger.Credits
	if wish.Credits != nil {
		credits = ledger.Credits(*wish.Credits)
	}
	var to policy.Destination
	if wish.To != nil {
		to = policy.Destination(*wish.To)
	}
	return policy.RemedyOf(credits, wish.Money, to)
}
