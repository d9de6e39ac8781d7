package main

import (
	"context"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/search"
)

// find answers what the query names: an id, a customer, or the e-mail address of claims.
func (h handler) find(ctx context.Context, request api.Request[api.NoBody]) (api.Answer, error) {
	hits, err := search.Searcher{Store: h.store, Addresses: h.addresses}.Find(ctx, request.Query("q"))
	if err != nil {
		return api.Answer{}, fault.At("read-account: find", "", err)
	}
	list := api.HitList{Hits: make([]api.Hit, len(hits))}
	for i, hit := range hits {
		list.Hits[i] = api.Hit{Kind: api.HitKind(hit.Kind), ID: hit.ID, Customer: string(hit.Customer)}
	}
	return ok(list)
}
