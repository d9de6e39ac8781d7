package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// nearPage is how many customers a page looks at: each may cost a count of their generations.
const nearPage = 25

// checkNearLimits refuses every list of customers but the one that is kept.
func checkNearLimits(request api.Request[api.NoBody]) error {
	if value := request.Query("near_limits"); !request.Has("near_limits") || value != "" && value != "true" {
		return fault.Invalid("near_limits", "must be given, and true: no other list of customers is kept")
	}
	return nil
}

// nearLimits answers a page of the customers who are near a limit of the policy, or over it.
func (h handler) nearLimits(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	after, err := placeOf(request)
	if err != nil {
		return api.Answer{}, err
	}
	// The limits in force now, whatever they were when the customers came near them.
	now := api.Instant(h.now())
	near, next, err := refund.ListNear(ctx, h.store, h.reviewer.Policy.At(now).Abuse, after, nearPage, now)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list customers near limits", "", err)
	}
	list := api.NearLimitList{Customers: make([]api.NearLimits, len(near))}
	for i, one := range near {
		list.Customers[i] = view.NearLimits(one)
	}
	// A page may be short or empty and still have a next one: it counts the customers looked at,
	// not those near a limit.
	if next != "" {
		list.Next = api.EncodeCursor(place{next})
	}
	return api.Answer{Status: http.StatusOK, Body: list}, nil
}
