package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/todo"
)

// retry lets an item that the sweep gave up be due again. The next sweep sends its messages, as it
// did before.
func (h handler) retry(ctx context.Context, request api.Request[api.RetryStuck]) (api.Answer, error) {
	key, err := view.StuckKey(todo.Kind(request.Body.Kind), request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	item, err := due.Retry(ctx, h.store, key, request.Caller.Name)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: retry", request.Path("id"), err)
	}
	response := retryView(item, request.Path("id"))
	response.By = request.Caller.Name
	return api.Answer{Status: http.StatusOK, Body: response}, nil
}

// retryView returns an item that is due again.
func retryView(item due.Item, id string) api.RetriedItem {
	return api.RetriedItem{Kind: string(item.Kind), ID: id, DueAt: api.MomentOf(item.At), Steps: item.Todo.Names()}
}
