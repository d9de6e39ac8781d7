package stack

import (
	"context"
	"fmt"
	"net/http"

	"makegood/shared/api"
	"makegood/shared/fault"
)

// Personal counts what is personal of a customer, in one round over all there is.
func (c Client) Personal(ctx context.Context, customer string) (api.PersonalData, error) {
	return c.personal(ctx, http.MethodGet, customer)
}

// Forget erases what is personal of a customer, in one round over all there is, and counts it. What
// came in meanwhile may be left. Sent twice it does no more.
func (c Client) Forget(ctx context.Context, customer string) (api.PersonalData, error) {
	return c.personal(ctx, http.MethodDelete, customer)
}

func (c Client) personal(ctx context.Context, method, customer string) (api.PersonalData, error) {
	segment, ok := escape(customer)
	if !ok {
		return api.PersonalData{}, fmt.Errorf("%q can be no customer's id", customer)
	}
	var sum api.PersonalData
	err := pages(func(cursor string) (string, error) {
		var page api.PersonalData
		err := fault.Retry(ctx, func(ctx context.Context) error {
			return c.ask(ctx, method, with("/v1/customers/"+segment+"/personal", cursor), nil, &page)
		})
		sum.Customer, sum.Complete, sum.Stays = page.Customer, page.Complete, page.Stays
		sum.Cases += page.Cases
		sum.OpenCases += page.OpenCases
		sum.Attachments += page.Attachments
		sum.Generations += page.Generations
		sum.OpenGenerations += page.OpenGenerations
		sum.StandingNotes += page.StandingNotes
		sum.Evidence += page.Evidence
		return page.Next, err
	})
	return sum, err
}
