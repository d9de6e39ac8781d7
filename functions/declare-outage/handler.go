package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/money"
	"makegood/shared/outage"
)

type handler struct {
	declarer outage.Declarer
	starter  outage.Starter
	now      func() time.Time
}

func (h handler) routes(gate api.Gate) http.Handler {
	staff := []access.Role{access.RoleStaff}
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/outages", api.Route[api.DeclareOutage]{Roles: staff, Idempotent: true, Run: h.declare})
	api.Handle(mux, "GET /v1/outages/{id}", api.Route[api.NoBody]{Roles: staff, Run: h.read})
	api.Handle(mux, "POST /v1/outages/{id}/run", api.Route[api.RunOutage]{Roles: staff, Run: h.run})
	return mux
}

func (h handler) declare(ctx context.Context, request api.Request[api.DeclareOutage]) (api.Answer, error) {
	body := request.Body
	declared, replayed, err := h.declarer.Declare(ctx, outage.Declaration{
		StartedAt: body.StartedAt, EndedAt: body.EndedAt, Features: body.Features, PreventedUse: body.PreventedUse,
		By: request.Caller.Name, Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
	}, api.Instant(h.now()))
	return api.Answer{Status: http.StatusCreated, Body: show(declared), Replayed: replayed}, err
}

func (h handler) read(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := outage.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	found, err := outage.Find(ctx, h.declarer.Store, id)
	return api.Answer{Status: http.StatusOK, Body: show(found)}, err
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
	started, begun, err := h.starter.Start(ctx, id, give, api.Instant(h.now()))
	return api.Answer{Status: http.StatusAccepted, Body: show(started), Replayed: begun}, err
}

func show(o outage.Outage) api.Outage {
	shown := api.Outage{
		ID: string(o.ID), StartedAt: api.Instant(o.StartedAt), EndedAt: api.Optional(o.EndedAt), Features: o.Features,
		PreventedUse: o.PreventedUse, DeclaredAt: api.Instant(o.DeclaredAt), By: o.By,
		Preview: api.OutagePreview{
			Estimate: true, Purchases: o.Preview.Purchases, Unspent: int64(o.Preview.Unspent), Complete: o.Preview.Complete,
			Money: append([]money.Amount{}, o.Preview.Money...),
		},
	}
	if run := o.Run; run != nil {
		shown.Run = &api.OutageRun{Give: string(run.Give), StartedAt: api.Instant(run.StartedAt), Seen: run.Seen, Asked: run.Asked, DoneAt: api.Optional(run.DoneAt)}
	}
	return shown
}
