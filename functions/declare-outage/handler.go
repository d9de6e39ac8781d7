package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/outage"
)

type handler struct {
	declarer outage.Declarer
	starter  outage.Starter
	now      func() time.Time
}

// routes returns the handler of every route. All are for staff alone.
func (h handler) routes(gate api.Gate) http.Handler {
	// Only the declaration needs a key: every other route names the outage, and may be repeated.
	staff := []access.Role{access.RoleStaff}
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/outages", api.Route[api.DeclareOutage]{Roles: staff, Idempotent: true, Run: h.declare})
	api.Handle(mux, "GET /v1/outages", api.Route[api.NoBody]{Roles: staff, Run: h.list})
	api.Handle(mux, "PUT /v1/outages/{id}", api.Route[api.DeclareOutage]{Roles: staff, Run: h.correct})
	api.Handle(mux, "DELETE /v1/outages/{id}", api.Route[api.NoBody]{Roles: staff, Run: h.withdraw})
	api.Handle(mux, "GET /v1/outages/{id}", api.Route[api.NoBody]{Roles: staff, Run: h.read})
	api.Handle(mux, "POST /v1/outages/{id}/run", api.Route[api.RunOutage]{Roles: staff, Run: h.run})
	return mux
}

// declare answers with the estimate, so that staff see what a run would give before they start it.
func (h handler) declare(ctx context.Context, request api.Request[api.DeclareOutage]) (api.Answer, error) {
	o, replay, err := h.declarer.Declare(ctx, declarationOf(request), api.Instant(h.now()))
	return api.Answer{Status: http.StatusCreated, Body: view.Outage(o), Replayed: replay}, err
}

// declarationOf returns what the body declares. Its caller comes from the key, never from the body.
func declarationOf(request api.Request[api.DeclareOutage]) outage.Declaration {
	body := request.Body
	return outage.Declaration{
		StartedAt: body.StartedAt, EndedAt: body.EndedAt, Features: body.Features, PreventedUse: body.PreventedUse,
		Confirm: body.Confirm != nil && *body.Confirm,
		By:      request.Caller.Name, Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
	}
}

// pageRows is how many outages a page holds.
const pageRows = 50

// list answers a page of all outages, the latest declared first.
func (h handler) list(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	var after *outage.Position
	if err := request.Cursor(&after); err != nil {
		return api.Answer{}, err
	}
	all, more, err := h.declarer.Store.ListOutages(ctx, after, pageRows)

	// An empty list is [] in JSON, not null. An error leaves all of it empty, and is answered
	// alone.
	page := api.OutageList{Outages: []api.Outage{}}
	for _, o := range all {
		page.Outages = append(page.Outages, view.Outage(o))
	}
	if more {
		page.Next = api.EncodeCursor(all[len(all)-1].Position())
	}
	return api.Answer{Status: http.StatusOK, Body: page}, fault.At("declare-outage: list outages", "", err)
}

// correct replaces what was declared. It is refused once the run has begun.
func (h handler) correct(ctx context.Context, request api.Request[api.DeclareOutage]) (api.Answer, error) {
	id, err := outage.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	o, err := h.declarer.Correct(ctx, id, declarationOf(request), api.Instant(h.now()))
	return api.Answer{Status: http.StatusOK, Body: view.Outage(o)}, err
}

// withdraw answers with the outage as withdrawn: it stays on record.
func (h handler) withdraw(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := outage.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	o, err := h.declarer.Withdraw(ctx, id, request.Caller.Name, api.Instant(h.now()))
	return api.Answer{Status: http.StatusOK, Body: view.Outage(o)}, err
}

// read answers how far the outage is: staff follow a run by it.
func (h handler) read(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := outage.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	o, err := outage.Find(ctx, h.declarer.Store, id)
	return api.Answer{Status: http.StatusOK, Body: view.Outage(o)}, err
}

// run needs no key: an outage has one run. Without a body it offers.
func (h handler) run(ctx context.Context, request api.Request[api.RunOutage]) (api.Answer, error) {
	id, err := outage.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	var give outage.Give
	if request.Body.Give != nil {
		give = outage.Give(*request.Body.Give)
	}
	// Accepted, not OK: the run goes on page by page behind the queue, and is followed by GET.
	start, replay, err := h.starter.Start(ctx, id, give, request.Caller.Name, api.Instant(h.now()))
	return api.Answer{Status: http.StatusAccepted, Body: view.Outage(start), Replayed: replay}, err
}
