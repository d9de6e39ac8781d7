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

// routes returns the handler of the one route.
func (h handler) routes(gate api.Gate) http.Handler {
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/grants", api.Route[api.GrantCredits]{
		Roles:      []access.Role{access.RoleApp, access.RoleStaff},
		Idempotent: true,
		Run:        h.grant,
	})
	return mux
}

// grant gives the credits, once for an idempotency key.
func (h handler) grant(ctx context.Context, request api.Request[api.GrantCredits]) (api.Answer, error) {
	// Created for a replay too: the answer is the first one, word for word.
	answer, err := h.grants.Give(ctx, orderOf(request), api.Instant(h.now()))
	return api.Answer{Status: http.StatusCreated, Body: lotOf(answer.Lot), Replayed: answer.Replayed}, err
}

// orderOf takes the role from the caller's key, never from the body: goodwill is staff's alone.
func orderOf(request api.Request[api.GrantCredits]) grant.Order {
	body := request.Body
	order := grant.Order{
		Customer: ledger.CustomerID(body.Customer), Credits: ledger.Credits(body.Credits), Source: ledger.Source(body.Source),
		ExpiresAt: body.ExpiresAt, Principal: request.Caller.Principal(), Staff: request.Caller.Role == access.RoleStaff, Key: request.IdempotencyKey,
	}
	if order.Staff {
		order.By = request.Caller.Name
	}
	// The bounds of each field are grant.Give's: it checks the whole order before it reads
	// anything.
	if body.Note != nil {
		order.Note = *body.Note
	}
	return order
}

// lotOf returns the lot as the contract has it.
func lotOf(lot ledger.Lot) api.Lot {
	return api.Lot{
		ID: string(lot.ID), Source: string(lot.Source), Granted: int64(lot.Granted), Remaining: int64(lot.Remaining),
		ExpiresAt: api.Optional(lot.ExpiresAt),
	}
}
