package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/standing"
)

// customerOf returns the customer of the path; staff may know of everyone.
func customerOf(id string) (ledger.CustomerID, error) {
	customer, err := ledger.ParseCustomer(id)
	if err != nil {
		return "", fault.NotFound("customer")
	}
	return customer, nil
}

// standing answers what a customer may do, and each change of it.
func (h handler) standing(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	customer, err := customerOf(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	current, err := h.standings.Find(ctx, customer)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: standing", customer.Key(), err)
	}
	return api.Answer{Status: http.StatusOK, Body: view.Standing(current)}, nil
}

// setStanding changes what a customer may do, and lets them be notified.
func (h handler) setStanding(ctx context.Context, request api.Request[api.SetStanding]) (api.Answer, error) {
	customer, err := customerOf(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	// The notice is written in the customer's language, which the caller knows and we may not.
	locale, err := api.Locale(request.Body.Locale, request.Caller)
	if err != nil {
		return api.Answer{}, err
	}
	after, err := h.standings.Set(ctx, customer, standing.Change{
		Locale:   locale,
		Standing: ledger.Standing(request.Body.Standing), Note: string(request.Body.Note), By: request.Caller.Name,
	}, h.now())
	if err != nil {
		return api.Answer{}, fault.At("review-refund: set standing", customer.Key(), err)
	}
	return api.Answer{Status: http.StatusOK, Body: view.Standing(after)}, nil
}
