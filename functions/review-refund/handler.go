package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/statement"
)

// store is what the staff's lists read.
type store interface {
	ListAppeals(ctx context.Context) ([]refund.AppealTally, error)
	ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error)
	view.Store
	ListWaiting(ctx context.Context, desk payment.ReviewQueue, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error)
	ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error)
	refund.Frequents
	ListPayments(ctx context.Context, cursor string, limit int) ([]payment.Payment, string, error)
}

type handler struct {
	store     store
	reviewer  refund.Reviewer
	standings standing.Setter
	payments  func() (payment.Receiver, error)
	outbox    payment.Outbox
	now       func() time.Time
}

// casePage is how many cases a page holds at most; api.MaxPage may end it earlier.
const casePage = 50

func (h handler) routes(gate api.Gate) http.Handler {
	staff := []access.Role{access.RoleStaff}
	mux := api.NewMux(gate)
	api.Handle(mux, "GET /v1/cases", api.Route[api.NoBody]{Roles: staff, Check: checkState, Run: h.list})
	api.Handle(mux, "POST /v1/cases/{id}/verdict", api.Route[api.Verdict]{Roles: staff, Idempotent: true, Run: h.verdict})
	api.Handle(mux, "GET /v1/appeals", api.Route[api.NoBody]{Roles: staff, Run: h.countAppeals})
	api.Handle(mux, "GET /v1/verdicts", api.Route[api.NoBody]{Roles: staff, Run: h.verdicts})
	api.Handle(mux, "GET /v1/customers", api.Route[api.NoBody]{Roles: staff, Check: checkNearLimits, Run: h.nearLimits})
	api.Handle(mux, "GET /v1/customers/{id}/standing", api.Route[api.NoBody]{Roles: staff, Run: h.standing})
	api.Handle(mux, "PUT /v1/customers/{id}/standing", api.Route[api.SetStanding]{Roles: staff, Run: h.setStanding})
	api.Handle(mux, "GET /v1/payments", api.Route[api.NoBody]{Roles: staff, Check: checkPaymentState, Run: h.listPayments})
	api.Handle(mux, "GET /v1/payments/{id}", api.Route[api.NoBody]{Roles: staff, Run: h.readPayment})
	api.Handle(mux, "POST /v1/payments/{id}/resolve", api.Route[api.ResolvePayment]{Roles: staff, Idempotent: true, Run: h.resolve})
	return mux
}

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
	known, err := view.LookUp(ctx, h.store, cases...)
	if err != nil {
		return api.Answer{}, err
	}
	tongue := view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	page := api.CaseList{Cases: make([]api.Case, len(cases))}
	for i, c := range cases {
		page.Cases[i] = known.Listed(c)
		tongue.Case(&page.Cases[i], c)
	}
	page.Cases = api.FirstPage(page.Cases)
	if shown := len(page.Cases); shown < len(cases) || more && shown > 0 {
		page.Next = api.EncodeCursor(cases[shown-1].Position())
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
	ruled, err := h.reviewer.Rule(ctx, id, refund.RulingOrder{
		Ruling:    policy.Ruling{Outcome: policy.Outcome(request.Body.Outcome), Remedy: remedy(request.Body.Remedy), Clause: request.Body.Clause},
		Payment:   payment.ID(request.Body.Payment),
		Note:      string(request.Body.Note),
		By:        request.Caller.Name,
		Principal: request.Caller.Principal(),
		Key:       request.IdempotencyKey,
	}, api.Instant(h.now()))
	return view.Opened(http.StatusOK, ruled), err
}

func (h handler) countAppeals(ctx context.Context, _ api.Request[api.NoBody]) (api.Answer, error) {
	tallies, err := h.store.ListAppeals(ctx)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Answer{Status: http.StatusOK, Body: showTallies(tallies)}, nil
}

// remedy returns what staff asks to give back, nil for the default.
func remedy(asked *api.VerdictRemedy) *policy.Remedy {
	if asked == nil {
		return nil
	}
	var credits ledger.Credits
	if asked.Credits != nil {
		credits = ledger.Credits(*asked.Credits)
	}
	var to policy.Destination
	if asked.To != nil {
		to = policy.Destination(*asked.To)
	}
	return policy.RemedyOf(credits, asked.Money, to)
}

// customerOf returns the customer of the path; staff may know of everyone.
func customerOf(id string) (ledger.CustomerID, error) {
	customer, err := ledger.ParseCustomer(id)
	if err != nil {
		return "", fault.NotFound("customer")
	}
	return customer, nil
}

func (h handler) standing(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	customer, err := customerOf(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	found, err := h.standings.Find(ctx, customer)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Answer{Status: http.StatusOK, Body: showStanding(found)}, nil
}

func (h handler) setStanding(ctx context.Context, request api.Request[api.SetStanding]) (api.Answer, error) {
	customer, err := customerOf(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	reads, err := api.Locale(request.Body.Locale, request.Caller)
	if err != nil {
		return api.Answer{}, err
	}
	set, err := h.standings.Set(ctx, customer, standing.Change{
		Locale:   reads,
		Standing: ledger.Standing(request.Body.Standing), Note: string(request.Body.Note), By: request.Caller.Name,
	}, h.now())
	if err != nil {
		return api.Answer{}, err
	}
	return api.Answer{Status: http.StatusOK, Body: showStanding(set)}, nil
}
