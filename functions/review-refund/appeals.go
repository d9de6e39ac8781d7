package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/refund"
)

func (h handler) countAppeals(ctx context.Context, _ api.Request[api.NoBody]) (api.Answer, error) {
	tallies, err := h.store.ListAppeals(ctx)
	if err != nil {
		return api.Answer{}, err
	}
	return api.Answer{Status: http.StatusOK, Body: showTallies(tallies)}, nil
}

func showTallies(tallies []refund.AppealTally) api.AppealList {
	list := api.AppealList{Clauses: make([]api.AppealTally, len(tallies))}
	for i, one := range tallies {
		list.Clauses[i] = api.AppealTally{Policy: one.Policy, Clause: one.Clause, Upheld: one.Upheld, Overturned: one.Overturned}
	}
	return list
}
