package main

import (
	"context"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// countAppeals answers how many appeals each clause lost and won: where the policy reads worse than
// it decides.
func (h handler) countAppeals(ctx context.Context, _ api.Request[api.NoBody]) (api.Answer, error) {
	tallies, err := h.store.ListAppeals(ctx)
	if err != nil {
		return api.Answer{}, fault.At("review-refund: list appeals", "", err)
	}
	return api.Answer{Status: http.StatusOK, Body: tallyList(tallies)}, nil
}

// tallyList returns the tallies as the contract has them.
func tallyList(tallies []refund.AppealTally) api.AppealList {
	list := api.AppealList{Clauses: make([]api.AppealTally, len(tallies))}
	for i, one := range tallies {
		list.Clauses[i] = api.AppealTally{Policy: one.Policy, Clause: one.Clause, Upheld: one.Upheld, Overturned: one.Overturned}
	}
	return list
}
