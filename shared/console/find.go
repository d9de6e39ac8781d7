package console

import (
	"context"
	"net/url"
	"slices"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/search"
)

// findStore is what the search and the page of one generation read.
type findStore interface {
	search.Store
	// FindCases returns the cases with these ids; unknown ones are left out.
	FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error)
}

// findRoutes are the box in which a person looks for anything. What they look for travels in a
// body: an e-mail address belongs into no URL.
func (c Console) findRoutes() []route {
	return []route{
		get("GET /console/find", access.PermissionRead, c.find),
		get("POST /console/find", access.PermissionRead, c.find),
		get("GET /console/generations/{id}", access.PermissionRead, c.generation),
	}
}

// hitRow is a hit with the page that shows it.
type hitRow struct {
	search.Hit
	Path string
}

// hitPath returns the page that shows a hit.
func hitPath(hit search.Hit) string {
	switch hit.Kind {
	case search.KindCase:
		return casePath(refund.CaseID(hit.ID))
	case search.KindGeneration:
		return "/console/generations/" + url.PathEscape(hit.ID)
	case search.KindPayment:
		return paymentPath(payment.ID(hit.ID))
	case search.KindOutage:
		return outagePath(outage.ID(hit.ID))
	case search.KindCustomer, search.KindLot: // a lot stands in its customer's wallet
	}
	return customerPath(string(hit.Customer))
}

// find goes to what the query names where that is one thing, and else lists what it names.
func (c Console) find(r request) (page, error) {
	var rows []hitRow
	if r.PostForm.Has("q") {
		hits, err := c.searcher().Find(r.Context(), r.PostForm.Get("q"))
		if err != nil {
			return page{}, err
		}
		for _, hit := range hits {
			rows = append(rows, hitRow{hit, hitPath(hit)})
		}
	}
	found := page{Template: "find", Title: "Find", Data: rows}
	if len(rows) > 0 && !slices.ContainsFunc(rows, func(row hitRow) bool { return row.Path != rows[0].Path }) {
		found.Location = rows[0].Path
	}
	return found, nil
}

func (c Console) searcher() search.Searcher {
	return search.Searcher{Store: c.Store, Addresses: c.Addresses}
}

// generation is the page of one generation, with the cases about it.
func (c Console) generation(r request) (page, error) {
	id, err := generation.ParseID(r.PathValue("id"))
	if err != nil {
		return page{}, err
	}
	g, err := c.Store.FindGeneration(r.Context(), id)
	if err != nil {
		return page{}, fault.At("console: generation", string(id), err)
	}
	if g == nil {
		return page{}, fault.NotFound("generation")
	}
	cases, err := c.Store.FindCases(r.Context(), refund.CaseIDsOf(*g)...)
	if err != nil {
		return page{}, fault.At("console: cases of generation", string(id), err)
	}
	return page{Template: "generation", Title: "Generation", Data: view.Generation(*g, cases)}, nil
}
