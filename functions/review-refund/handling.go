package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// assign has the caller look at a case for a while.
func (h handler) assign(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	assigned, err := h.reviewer.Assign(ctx, id, request.Caller.Name, api.Instant(h.now()))
	return api.Answer{Status: http.StatusOK, Body: view.Assignment(assigned)}, fault.At("review-refund: assign", string(id), err)
}

// unassign gives a case back.
func (h handler) unassign(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	err = h.reviewer.Unassign(ctx, id, request.Caller.Name)
	return waits(id), fault.At("review-refund: unassign", string(id), err)
}

// skip leaves a case to others.
func (h handler) skip(ctx context.Context, request api.Request[api.SkipCase]) (api.Answer, error) {
	id, err := refund.ParseCaseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	err = h.reviewer.Skip(ctx, id, request.Caller.Name, string(request.Body.Reason), api.Instant(h.now()))
	return waits(id), fault.At("review-refund: skip", string(id), err)
}

// waits says that a case waits for staff: only then it can be given back, or left to others.
func waits(id refund.CaseID) api.Answer {
	return view.Opened(http.StatusOK, refund.Opened{Case: id, State: refund.StateInReview})
}
