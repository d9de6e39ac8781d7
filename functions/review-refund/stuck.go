package main

import (
	"context"
	"log/slog"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// retry lets an item that the sweep gave up be due again. The next sweep sends its messages, as it
// did before.
func (h handler) retry(ctx context.Context, request api.Request[api.RetryStuck]) (api.Answer, error) {
	key, err := keyOf(todo.Kind(request.Body.Kind), request.Path("id"))
	if err != nil {
		return api.Answer{}, err
	}
	item, err := due.Retry(ctx, h.store, key)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: retry", request.Path("id"), err)
	}
	// The row is the sweep's, which moves it on: who asked stands in the log.
	slog.InfoContext(ctx, "stuck item retried", "item", request.Path("id"), "by", request.Caller.Name)
	response := retryView(item, request.Path("id"))
	response.By = request.Caller.Name
	return api.Answer{Status: http.StatusOK, Body: response}, nil
}

// keyOf returns the key of an item: what belongs to a customer lies under the key that its id
// carries. An id that no such item can have is KindNotFound.
func keyOf(kind todo.Kind, id string) (due.Key, error) {
	var partition string
	var err error
	switch kind {
	case todo.KindGeneration:
		partition, err = keyIn(id, generation.ParseID)
	case todo.KindCase:
		partition, err = keyIn(id, refund.ParseCaseID)
	case todo.KindOffer:
		partition, err = keyIn(id, outage.ParseOfferID)
	case todo.KindStanding:
		partition, err = keyIn(id, standing.ParseID)
	case todo.KindOutage:
		_, err = outage.ParseID(id)
		return due.Key{Kind: kind, Partition: id}, err
	case todo.KindPayment:
		if payment.ID(id).Validate("payment") != nil {
			return due.Key{}, fault.NotFound("payment")
		}
		return due.Key{Kind: kind, Partition: id}, nil
	case todo.KindWallet: // refused with the body
	}
	return due.Key{Kind: kind, Partition: partition, Sort: id}, err
}

// keyIn returns the customer's key that an id carries.
func keyIn[ID interface{ CustomerKey() string }](text string, parse func(string) (ID, error)) (string, error) {
	id, err := parse(text)
	if err != nil {
		return "", err
	}
	return id.CustomerKey(), nil
}

// retryView returns an item that is due again.
func retryView(item due.Item, id string) api.RetriedItem {
	return api.RetriedItem{Kind: string(item.Kind), ID: id, DueAt: api.MomentOf(item.At), Steps: item.Todo.Names()}
}
