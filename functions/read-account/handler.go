package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// store is what these questions read.
type store interface {
	statement.Store
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	ListCosts(ctx context.Context, customer ledger.CustomerID) ([]generation.MonthCost, error)
	HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error)
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	view.Store
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
	Stuck(ctx context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error)
}

type handler struct {
	store  store
	policy func() (*policy.Policy, error)
	email  string // in place of an address that the published text hides, "" for none
	now    func() time.Time
}

// How many rows a page holds at most; api.MaxPage may end it earlier.
const (
	casePage       = 50
	generationPage = 50
	stuckPage      = 100
)

func (h handler) routes(gate api.Gate) http.Handler {
	everyone := []access.Role{access.RoleApp, access.RoleCustomer, access.RoleStaff}
	mux := api.NewMux(gate)
	for pattern, run := range map[string]func(context.Context, api.Request[api.NoBody]) (api.Answer, error){
		"GET /v1/customers/{id}":             h.customer,
		"GET /v1/customers/{id}/statement":   h.statement,
		"GET /v1/customers/{id}/cases":       h.cases,
		"GET /v1/customers/{id}/generations": h.generations,
		"GET /v1/generations/{id}":           h.generation,
		"GET /v1/cases/{id}":                 h.oneCase,
		"GET /v1/policy":                     h.published,
	} {
		api.Handle(mux, pattern, api.Route[api.NoBody]{Roles: everyone, Run: run})
	}
	api.Handle(mux, "GET /v1/stuck", api.Route[api.NoBody]{Roles: []access.Role{access.RoleStaff}, Run: h.stuck})
	return mux
}

func found(body any) (api.Answer, error) { return api.Answer{Status: http.StatusOK, Body: body}, nil }

// customerOf returns the customer of the path, if the caller may know of them.
func customerOf(request api.Request[api.NoBody]) (ledger.CustomerID, error) {
	customer, err := ledger.ParseCustomer(request.Path("id"))
	if err != nil {
		return "", fault.NotFound("customer")
	}
	return customer, request.Caller.See(customer, "customer")
}

func (h handler) customer(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	published, err := h.policy()
	if err != nil {
		return api.Answer{}, err
	}
	wallet, err := h.store.FindWallet(ctx, customer)
	if err != nil {
		return api.Answer{}, err
	}
	held, err := h.store.HeldBy(ctx, customer)
	if err != nil {
		return api.Answer{}, err
	}
	var costs []generation.MonthCost
	if published.Takes(policy.ModeOwnKey) {
		if costs, err = h.store.ListCosts(ctx, customer); err != nil {
			return api.Answer{}, err
		}
	}
	now := h.now()
	return found(showCustomer(wallet, held, costs, published.Current(now).Unit, now))
}

func (h handler) statement(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var cursor statement.Cursor
	if err := request.Cursor(&cursor); err != nil {
		return api.Answer{}, err
	}
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	if err := cursor.Validate(customer); err != nil {
		return api.Answer{}, err
	}
	var room api.Page
	page := api.Statement{Entries: []api.StatementEntry{}}
	next, err := statement.Read(ctx, h.store, customer, cursor, func(rows []statement.Row) bool {
		shown := showRows(rows, request.Caller.Role)
		fits := room.Takes(shown)
		if fits {
			page.Entries = append(page.Entries, shown...)
		}
		return fits
	})
	if err != nil {
		return api.Answer{}, err
	}
	if next != nil {
		page.Next = api.EncodeCursor(next)
	}
	return found(page)
}

func (h handler) cases(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var after statement.Position
	if err := request.Cursor(&after); err != nil {
		return api.Answer{}, err
	}
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	var from *statement.Position
	if after != (statement.Position{}) {
		from = &after
		id, err := refund.ParseCaseID(after.ID)
		if err != nil || id.CustomerKey() != customer.Key() || after.Validate() != nil {
			return api.Answer{}, fault.Invalid("cursor", "is none of ours")
		}
	}
	cases, more, err := h.store.ListCases(ctx, customer, from, casePage)
	if err != nil {
		return api.Answer{}, err
	}
	published, err := h.policy()
	if err != nil {
		return api.Answer{}, err
	}
	now, tongue := h.now(), view.Tongue{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	page := api.CaseList{Cases: make([]api.Case, len(cases))}
	for i, c := range cases {
		page.Cases[i] = view.Listed(c, request.Caller.Role)
		tongue.Case(&page.Cases[i], c)
		page.Cases[i].AppealUntil = appealUntil(c, published, now)
	}
	page.Cases = api.FirstPage(page.Cases)
	if shown := len(page.Cases); shown < len(cases) || more && shown > 0 {
		last := cases[shown-1]
		page.Next = api.EncodeCursor(statement.Position{ID: string(last.ID), At: last.OpenedAt.UnixMilli()})
	}
	return tongue.Answer(page), nil
}

func (h handler) generations(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var after *statement.Position
	if err := request.Cursor(&after); err != nil {
		return api.Answer{}, err
	}
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	if err := (statement.Cursor{Generation: after}).Validate(customer); err != nil {
		return api.Answer{}, err
	}
	listed, more, err := h.store.ListGenerations(ctx, customer, after, generationPage)
	if err != nil {
		return api.Answer{}, err
	}
	page := api.GenerationList{Generations: make([]api.Generation, len(listed))}
	for i, g := range listed {
		page.Generations[i] = view.ListedGeneration(g)
	}
	page.Generations = api.FirstPage(page.Generations)
	if shown := len(page.Generations); shown < len(listed) || more && shown > 0 {
		last := listed[shown-1]
		page.Next = api.EncodeCursor(statement.Position{ID: string(last.ID), At: last.StartedAt.UnixMilli()})
	}
	return found(page)
}

func (h handler) generation(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := generation.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	g, err := h.store.FindGeneration(ctx, id)
	if err != nil {
		return api.Answer{}, err
	}
	if g == nil {
		return api.Answer{}, fault.NotFound("generation")
	}
	if err := request.Caller.See(g.Customer, "generation"); err != nil {
		return api.Answer{}, err
	}
	cases, err := h.store.FindCases(ctx, refund.CaseIDsOf(*g)...)
	if err != nil {
		return api.Answer{}, err
	}
	return found(view.Generation(*g, cases))
}

func (h handler) oneCase(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	c, err := h.store.FindCase(ctx, id)
	if err != nil {
		return api.Answer{}, err
	}
	if c == nil {
		return api.Answer{}, fault.NotFound("case")
	}
	if err := request.Caller.See(c.Customer, "case"); err != nil {
		return api.Answer{}, err
	}
	published, err := h.policy()
	if err != nil {
		return api.Answer{}, err
	}
	shown := view.Case(*c, request.Caller.Role)
	if request.Caller.Role == access.RoleStaff {
		known, err := view.LookUp(ctx, h.store, *c)
		if err != nil {
			return api.Answer{}, err
		}
		shown = known.Case(*c)
	}
	shown.AppealUntil = appealUntil(*c, published, h.now())
	tongue := view.Tongue{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	tongue.Case(&shown, *c)
	return tongue.Answer(shown), nil
}

func (h handler) published(_ context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	published, err := h.policy()
	if err != nil {
		return api.Answer{}, err
	}
	said, language := published.Current(h.now()).In(request.Languages()...)
	return api.Answer{Status: http.StatusOK, Body: showPolicy(said.WithEmail(h.email)), Language: language}, nil
}

// stuck lists a page of what the sweeper gave up, longest first, as its index has it.
func (h handler) stuck(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var after *due.Position
	if err := request.Cursor(&after); err != nil {
		return api.Answer{}, err
	}
	items, next, err := h.store.Stuck(ctx, after, stuckPage)
	if err != nil {
		return api.Answer{}, err
	}
	list := api.StuckList{Stuck: make([]api.StuckItem, len(items))}
	for i, item := range items {
		list.Stuck[i] = showStuck(item)
	}
	if shown := len(api.FirstPage(list.Stuck)); shown < len(items) {
		last := items[shown-1].Position()
		list.Stuck, next = list.Stuck[:shown], &last
	}
	if next != nil {
		list.Next = api.EncodeCursor(next)
	}
	return found(list)
}
