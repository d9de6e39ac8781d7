package stack

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"makegood/shared/api"
	"makegood/shared/fault"
)

// StuckItems returns what the sweep gave up on, longest first.
func (c Client) StuckItems(ctx context.Context) ([]api.StuckItem, error) {
	var all []api.StuckItem
	err := pages(func(cursor string) (string, error) {
		var page api.StuckList
		err := c.get(ctx, with("/v1/stuck", cursor), &page)
		all = append(all, page.Stuck...)
		return page.Next, err
	})
	return all, err
}

// ParkedPayments returns the payments that wait for staff and are no repeats, longest first.
func (c Client) ParkedPayments(ctx context.Context) ([]api.Payment, error) {
	var all []api.Payment
	err := pages(func(cursor string) (string, error) {
		var page api.PaymentList
		err := c.get(ctx, with("/v1/payments", cursor, "state", "parked"), &page)
		all = append(all, page.Payments...)
		return page.Next, err
	})
	return all, err
}

// Overdue returns the cases whose answer by staff was promised for an instant before now, longest
// first.
func (c Client) Overdue(ctx context.Context, now time.Time) ([]api.Case, error) {
	var all []api.Case
	err := pages(func(cursor string) (string, error) {
		var page api.CaseList
		err := c.get(ctx, with("/v1/cases", cursor, "state", "in_review"), &page)
		// The soonest due come first, so the first that is not due ends the list.
		for _, one := range page.Cases {
			if one.ReviewBy == nil || !one.ReviewBy.Before(now) {
				return "", err
			}
			all = append(all, one)
		}
		return page.Next, err
	})
	return all, err
}

// Clock returns how far the clock of the stack's door is ahead of this machine's, to the second and
// the time of an answer.
func (c Client) Clock(ctx context.Context) (time.Duration, error) {
	return Skew(ctx, c.http, c.base+"/v1/policy")
}

// Reading returns how long the stack takes to answer a question that has it read its tables, asked
// once.
func (c Client) Reading(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	err := c.ask(ctx, http.MethodGet, "/v1/stuck", nil, &api.StuckList{})
	return time.Since(start), err
}

// Skew returns how far the clock of whoever answers at the address is ahead of this machine's, by
// the Date of its answer, whatever else it answers.
func Skew(ctx context.Context, client *http.Client, address string) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, errors.New("no such address") // the library's text holds it
	}
	start := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, fault.Busy(errors.New("no answer to tell a clock by"))
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	at, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return 0, errors.New("the answer has no date")
	}
	// A Date is cut to the second, and was written between the question and the answer.
	middle := start.Add(time.Since(start) / 2)
	return at.Add(time.Second / 2).Sub(middle).Round(time.Second), nil
}
