package main

import (
	"context"
	"net/http"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/ledger"
)

// sessions is what the handler needs of access.
type sessions interface {
	Open(ctx context.Context, session access.Session, now time.Time) (token string, expiresAt time.Time, err error)
}

type handler struct {
	sessions sessions
	now      func() time.Time
}

// routes returns the handler of the one route.
func (h handler) routes(gate api.Gate) http.Handler {
	mux := api.NewMux(gate)
	api.Handle(mux, "POST /v1/sessions", api.Route[api.OpenSession]{
		// The app alone: a customer with a token must not get another one that outlives it.
		Roles: []access.Role{access.RoleApp},
		Run:   h.open,
	})
	return mux
}

// open does not read the customer's wallet: a session may be opened before the first purchase.
func (h handler) open(ctx context.Context, request api.Request[api.OpenSession]) (api.Answer, error) {
	customer, err := ledger.ParseCustomer(request.Body.Customer)
	if err != nil {
		return api.Answer{}, err
	}
	// The language goes into the token, so that the customer's own requests need not name it.
	locale, err := api.Locale(request.Body.Locale, request.Caller)
	if err != nil {
		return api.Answer{}, err
	}
	token, expiresAt, err := h.sessions.Open(ctx, access.Session{Customer: customer, Locale: locale}, h.now())
	return api.Answer{Status: http.StatusCreated, Body: api.Session{Token: token, ExpiresAt: expiresAt}}, err
}
