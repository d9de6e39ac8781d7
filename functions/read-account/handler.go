package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/search"
	"makegood/shared/statement"
)

// store is what the routes read.
type store interface {
	statement.Store
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	ListCosts(ctx context.Context, customer ledger.CustomerID) ([]generation.MonthCost, error)
	HeldBy(ctx context.Context, customer ledger.CustomerID) (ledger.Credits, error)
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	FindRecords(ctx context.Context, ids ...refund.CaseID) ([]evidence.Record, error)
	view.Store
	notice.Topics
	FindRead(ctx context.Context, customer ledger.CustomerID) (time.Time, error)
	Stuck(ctx context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error)
	search.Store
}

type handler struct {
	store  store
	policy *policy.Policy
	links  view.Linker
	// addresses marks claims by their e-mail address.
	addresses refund.Addresses
	email     string // in place of an address that the published text hides, "" for none
	now       func() time.Time
}

// How many rows a page holds at most; api.MaxPage may end it earlier.
const (
	casePage       = 50
	generationPage = 50
	stuckPage      = 100
)

// policyKept is how long a reader may keep the policy: a new revision takes effect for them so much
// later, while requests are judged by it at once.
const policyKept = 5 * time.Minute

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
	// Staff who rule on an appeal do not read its first answer, which a notice tells.
	api.Handle(mux, "GET /v1/customers/{id}/notices", api.Route[api.NoBody]{Roles: everyone[:2], Run: h.notices})
	staff := []access.Role{access.RoleStaff}
	api.Handle(mux, "GET /v1/stuck", api.Route[api.NoBody]{Roles: staff, Run: h.stuck})
	api.Handle(mux, "GET /v1/find", api.Route[api.NoBody]{Roles: staff, Run: h.find})
	return mux
}

// ok answers 200 with the body.
func ok(body any) (api.Answer, error) { return api.Answer{Status: http.StatusOK, Body: body}, nil }

// customerOf returns the customer of the path, if the caller may know of them.
func customerOf(request api.Request[api.NoBody]) (ledger.CustomerID, error) {
	customer, err := ledger.ParseCustomer(request.Path("id"))
	if err != nil {
		return "", fault.NotFound("customer")
	}
	return customer, request.Caller.See(customer, "customer")
}

// customer answers what a customer has, holds and owes.
func (h handler) customer(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	// A customer whom nobody has granted anything has an empty wallet, not a 404.
	wallet, err := h.store.FindWallet(ctx, customer)
	if err != nil {
		return api.Answer{}, fault.At("read-account: wallet", customer.Key(), err)
	}
	holds, err := h.store.HeldBy(ctx, customer)
	if err != nil {
		return api.Answer{}, fault.At("read-account: held credits", customer.Key(), err)
	}
	// Most policies sell nothing on the customer's own key: they are spared the read.
	var costs []generation.MonthCost
	if h.policy.Takes(policy.ModeOwnKey) {
		if costs, err = h.store.ListCosts(ctx, customer); err != nil {
			return api.Answer{}, fault.At("read-account: own key's costs", customer.Key(), err)
		}
	}
	now := h.now()
	return ok(customerView(wallet, holds, costs, h.policy.Current(now).Unit, now))
}

// statement answers a page of the movements of a wallet.
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
		// A page ends by bytes as well as by count; the first row always fits.
		views := view.Rows(rows, request.Caller.Role)
		fits := room.Takes(views)
		if fits {
			page.Entries = append(page.Entries, views...)
		}
		return fits
	})
	if err != nil {
		return api.Answer{}, err
	}
	if next != nil {
		page.Next = api.EncodeCursor(next)
	}
	return ok(page)
}

// cases answers a page of the cases of a customer.
func (h handler) cases(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var after *statement.Position
	if err := request.Cursor(&after); err != nil {
		return api.Answer{}, err
	}
	customer, err := customerOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	if err := (notice.Cursor{Case: after}).Validate(customer); err != nil {
		return api.Answer{}, err
	}
	cases, more, err := h.store.ListCases(ctx, customer, after, casePage)
	if err != nil {
		return api.Answer{}, fault.At("read-account: list cases", customer.Key(), err)
	}
	now, tongue := h.now(), view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	page := api.CaseList{Cases: make([]api.Case, len(cases))}
	for i, c := range cases {
		page.Cases[i] = view.Listed(c, request.Caller.Role)
		tongue.Case(&page.Cases[i], c)
		page.Cases[i].AppealUntil = appealUntil(c, h.policy, now)
		page.Cases[i].Next = nextStep(c, page.Cases[i].AppealUntil)
	}
	// The next page begins after the last case that found room, not after the last that was read.
	page.Cases = api.FirstPage(page.Cases)
	if count := len(page.Cases); count < len(cases) || more && count > 0 {
		last := cases[count-1]
		page.Next = api.EncodeCursor(statement.Position{ID: string(last.ID), At: last.OpenedAt.UnixMilli()})
	}
	return tongue.Answer(page), nil
}

// generations answers a page of the generations of a customer.
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
	rows, more, err := h.store.ListGenerations(ctx, customer, after, generationPage)
	if err != nil {
		return api.Answer{}, fault.At("read-account: list generations", customer.Key(), err)
	}
	page := api.GenerationList{Generations: make([]api.Generation, len(rows))}
	for i, g := range rows {
		page.Generations[i] = view.ListedGeneration(g)
	}
	// As with cases, a page that ends by bytes goes on after its last generation.
	page.Generations = api.FirstPage(page.Generations)
	if count := len(page.Generations); count < len(rows) || more && count > 0 {
		last := rows[count-1]
		page.Next = api.EncodeCursor(statement.Position{ID: string(last.ID), At: last.StartedAt.UnixMilli()})
	}
	return ok(page)
}

// generation answers one generation, with the cases about it and whether its outputs may be
// reported.
func (h handler) generation(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := generation.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	g, err := h.store.FindGeneration(ctx, id)
	if err != nil {
		return api.Answer{}, fault.At("read-account: generation", string(id), err)
	}
	if g == nil {
		return api.Answer{}, fault.NotFound("generation")
	}
	if err := request.Caller.See(g.Customer, "generation"); err != nil {
		return api.Answer{}, err
	}
	// The ids of a generation's cases derive from its own: no index is read for them.
	cases, err := h.store.FindCases(ctx, refund.CaseIDsOf(*g)...)
	if err != nil {
		return api.Answer{}, fault.At("read-account: cases of generation", string(id), err)
	}
	// The standing decides whether anything may be reported.
	wallet, err := h.store.FindWallet(ctx, g.Customer)
	if err != nil {
		return api.Answer{}, fault.At("read-account: wallet", g.Customer.Key(), err)
	}
	tongue := view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	response := view.Generation(*g, cases)
	response.Reports = tongue.Reports(*g, cases, wallet, h.policy, api.Instant(h.now()))
	return tongue.Answer(response), nil
}

// oneCase answers one case. Staff get more of it than its customer.
func (h handler) oneCase(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	c, err := h.store.FindCase(ctx, id)
	if err != nil {
		return api.Answer{}, fault.At("read-account: case", string(id), err)
	}
	if c == nil {
		return api.Answer{}, fault.NotFound("case")
	}
	if err := request.Caller.See(c.Customer, "case"); err != nil {
		return api.Answer{}, err
	}
	response := view.Case(*c, request.Caller.Role)
	// Staff also read what the verdict rests on, which takes further reads.
	if request.Caller.Role == access.RoleStaff {
		if response, err = h.staffCase(ctx, *c); err != nil {
			return api.Answer{}, err
		}
	}
	response.AppealUntil = appealUntil(*c, h.policy, h.now())
	response.Next = nextStep(*c, response.AppealUntil)
	tongue := view.Translator{Role: request.Caller.Role, Wanted: request.Languages(), Policies: policy.Published}
	tongue.Case(&response, *c)
	return tongue.Answer(response), nil
}

// staffCase returns the case as staff see it, with what is on record and what was seen.
func (h handler) staffCase(ctx context.Context, c refund.Case) (api.Case, error) {
	records, err := view.LookUp(ctx, h.store, c)
	if err != nil {
		return api.Case{}, fault.At("read-account: records of case", string(c.ID), err)
	}
	response := records.Case(c)
	if err := view.Attach(ctx, &response, c, h.links); err != nil {
		return api.Case{}, fault.At("read-account: links", string(c.ID), err)
	}
	if c.Kind != policy.KindBadResult {
		return response, nil
	}
	looks, err := h.store.FindRecords(ctx, c.ID)
	if err != nil {
		return api.Case{}, fault.At("read-account: evidence", string(c.ID), err)
	}
	var seen *evidence.Record
	if len(looks) > 0 {
		seen = &looks[0]
	}
	response.Evidence, err = records.Evidence(ctx, c, seen, h.policy, h.links, h.now())
	return response, fault.At("read-account: links", string(c.ID), err)
}

// published answers the policy in force.
func (h handler) published(_ context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	// The revision in force, in the best language that both the reader and the policy know.
	revision, language := h.policy.Current(h.now()).In(request.Languages()...)
	return api.Answer{Status: http.StatusOK, Body: policyView(revision.WithEmail(h.email)), Language: language, Keep: policyKept}, nil
}

// stuck lists a page of what the sweeper gave up, longest first, as its index has it.
func (h handler) stuck(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var after *due.Position
	if err := request.Cursor(&after); err != nil {
		return api.Answer{}, err
	}
	items, next, err := h.store.Stuck(ctx, after, stuckPage)
	if err != nil {
		return api.Answer{}, fault.At("read-account: stuck items", "", err)
	}
	list := api.StuckList{Stuck: make([]api.StuckItem, len(items))}
	for i, item := range items {
		list.Stuck[i] = view.Stuck(item)
	}
	// Where the page ends by bytes, the next one begins after the last item in it.
	if count := len(api.FirstPage(list.Stuck)); count < len(items) {
		last := items[count-1].Position()
		list.Stuck, next = list.Stuck[:count], &last
	}
	if next != nil {
		list.Next = api.EncodeCursor(next)
	}
	return ok(list)
}
