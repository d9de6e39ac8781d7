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

func (h handler) list(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := position(request)
	if err != nil {
		return api.Answer{}, err
	}
	cases, more, err := h.store.ListReview(ctx, after, casePage)
	if err != nil {
		return api.Answer{}, err
	}
	names, err := view.LookUp(ctx, h.store, cases...)
	if err != nil {
		return api.Answer{}, err
	}
	tongue := view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	page := api.CaseList{Cases: make([]api.Case, len(cases))}
	for i, c := range cases {
		page.Cases[i] = names.Listed(c)
		tongue.Case(&page.Cases[i], c)
	}
	page.Cases = api.FirstPage(page.Cases)
	if count := len(page.Cases); count < len(cases) || more && count > 0 {
		page.Next = api.EncodeCursor(cases[count-1].Position())
	}
	return tongue.Answer(page), nil
}

// position returns where the list goes on, nil for its start, or a KindInvalid error naming cursor.
func position(request api.Request[api.NoBody]) (*refund.ReviewPosition, error) {
	var after refund.ReviewPosition
	if err := request.Cursor(&after); err != nil {
		return nil, err
	}
	if after == (refund.ReviewPosition{}) {
		return nil, nil
	}
	if _, err := refund.ParseCaseID(string(after.Case)); err != nil {
		return nil, fault.Invalid("cursor", "is none of ours")
	}
	return &after, statement.Position{ID: string(after.Case), At: after.At}.Validate()
}

func (h handler) verdict(ctx context.Context, request api.Request[api.Verdict]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	opening, err := h.reviewer.Rule(ctx, id, refund.RulingOrder{
		Ruling:    policy.Ruling{Outcome: policy.Outcome(request.Body.Outcome), Remedy: remedy(request.Body.Remedy), Clause: request.Body.Clause},
		Payment:   payment.ID(request.Body.Payment),
		Note:      string(request.Body.Note),
		By:        request.Caller.Name,
		Principal: request.Caller.Principal(),
		Key:       request.IdempotencyKey,
	}, api.Instant(h.now()))
	return view.Opened(http.StatusOK, opening), err
}

// remedy returns what staff asks to give back, nil for the default.
func remedy(wish *api.VerdictRemedy) *policy.Remedy {
	if wish == nil {
		return nil
	}
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
