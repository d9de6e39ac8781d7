package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/generation"
)

// use records what was done with an output; the answer repeats it.
func (h handler) use(ctx context.Context, request api.Request[api.RecordUse]) (api.Answer, error) {
	id, err := generation.ParseID(request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	body := request.Body
	order := generation.UseOrder{
		Use: generation.Use{
			Output: body.Output, Downloaded: body.Downloaded, Bulk: body.Bulk, Commercial: body.Commercial, At: api.Instant(body.At),
		},
		Principal: request.Caller.Principal(), Key: request.IdempotencyKey,
	}
	replay, err := h.recorder.Record(ctx, id, order, h.instant())
	return api.Answer{Status: http.StatusOK, Replayed: replay, Body: view.Use(order.Use)}, err
}
