package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/grant"
	"makegood/shared/ledger"
)

type handler struct {
	grants grant.Granter
	now    func() time.Time
}

func (h handler) routes(gate api.Gate) http.Handler {
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/grants", api.Route[api.GrantCredits]{
		Roles:      []access.Role{access.RoleApp, access.RoleStaff},
		Idempotent: true,
		Run:        h.grant,
	})
	return mux
}

func (h handler) grant(ctx context.Context, request api.Request[api.GrantCredits]) (api.Answer, error) {
	given, err := h.grants.Give(ctx, order(request), api.Instant(h.now()))
	return api.Answer{Status: http.StatusCreated, Body: shown(given.Lot), Replayed: given.Replayed}, err
}

func order(request api.Request[api.GrantCredits]) grant.Order {
	body := request.Body
	asked := grant.Order{
		Customer: ledger.CustomerID(body.Customer), Credits: ledger.Credits(body.Credits), Source: ledger.Source(body.Source),
		ExpiresAt: body.ExpiresAt, Principal: request.Caller.Principal(), Staff: request.Caller.Role == access.RoleStaff, Key: request.IdempotencyKey,
	}
	if body.Note != nil {
		asked.Note = *body.Note
	}
	return asked
}

func shown(lot ledger.Lot) api.Lot {
	return api.Lot{
		ID: string(lot.ID), Source: string(lot.Source), Granted: int64(lot.Granted), Remaining: int64(lot.Remaining),
		ExpiresAt: api.Optional(lot.ExpiresAt),
	}
}
