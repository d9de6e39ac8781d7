package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/replay"
)

// escape returns an id as a part of a path, false for one that no server would take for an id. All
// but letters, digits and . _ ~ - is escaped, for a + may arrive as a space.
func escape(id string) (string, bool) {
	return strings.ReplaceAll(url.QueryEscape(id), "+", "%20"), strings.Trim(id, ".") != ""
}

// Payments returns every payment on record, in no order. One that appears while the list is read
// may be left out.
func (c Client) Payments(ctx context.Context) (map[payment.ID]Recorded, error) {
	all := map[payment.ID]Recorded{}
	err := pages(func(cursor string) (string, error) {
		var page api.PaymentList
		err := c.get(ctx, with("/v1/payments", cursor, "state", "all"), &page)
		for _, p := range page.Payments {
			all[payment.ID(p.ID)] = recordOf(p)
		}
		return page.Next, err
	})
	return all, err
}

// Payment returns a payment as it is recorded now, nil when it is not.
func (c Client) Payment(ctx context.Context, id payment.ID) (*Recorded, error) {
	response, err := c.ReadPayment(ctx, string(id))
	if response == nil || err != nil {
		return nil, err
	}
	r := recordOf(*response)
	return &r, nil
}

// ReadPayment returns a payment as the API answers it, nil when it is not on record.
func (c Client) ReadPayment(ctx context.Context, id string) (*api.Payment, error) {
	return one[api.Payment](ctx, c, "/v1/payments/", id)
}

// Case returns a case, nil when there is none.
func (c Client) Case(ctx context.Context, id string) (*api.Case, error) {
	return one[api.Case](ctx, c, "/v1/cases/", id)
}

// Generation returns a generation, nil when there is none.
func (c Client) Generation(ctx context.Context, id string) (*api.Generation, error) {
	return one[api.Generation](ctx, c, "/v1/generations/", id)
}

// one returns the answer for an id, nil when there is none.
func one[T any](ctx context.Context, c Client, path, id string) (*T, error) {
	segment, ok := escape(id)
	if !ok {
		return nil, nil
	}
	var response T
	err := c.get(ctx, path+segment, &response)
	switch {
	// A 404 is an answer, not a fault: nothing is on record under that id.
	case err == nil:
		return &response, nil
	case fault.KindOf(err) == fault.KindNotFound:
		return nil, nil
	}
	return nil, err
}

// Cases returns every case of a customer, newest first.
func (c Client) Cases(ctx context.Context, customer string) ([]api.Case, error) {
	path, ok := escape(customer)
	if !ok {
		return nil, nil
	}
	var all []api.Case
	err := pages(func(cursor string) (string, error) {
		var page api.CaseList
		err := c.get(ctx, with("/v1/customers/"+path+"/cases", cursor), &page)
		all = append(all, page.Cases...)
		return page.Next, err
	})
	return all, err
}

// Statement returns the rows of a customer's statement, newest first, as far back as since at
// least.
func (c Client) Statement(ctx context.Context, customer string, since time.Time) ([]api.StatementEntry, error) {
	var all []api.StatementEntry
	err := c.EachEntry(ctx, customer, func(page []api.StatementEntry) bool {
		all = append(all, page...)
		// Rows come newest first, so a page that reaches behind since is the last one needed.
		return len(page) == 0 || !page[len(page)-1].At.Before(since)
	})
	return all, err
}

// EachEntry calls each with the pages of a customer's statement, newest first, until it returns
// false or there are no more.
func (c Client) EachEntry(ctx context.Context, customer string, each func(page []api.StatementEntry) bool) error {
	path, ok := escape(customer)
	if !ok {
		return nil
	}
	return pages(func(cursor string) (string, error) {
		var page api.Statement
		err := c.get(ctx, with("/v1/customers/"+path+"/statement", cursor), &page)
		if err != nil || !each(page.Entries) {
			return "", err
		}
		return page.Next, nil
	})
}

// Customer returns a customer's wallet and standing: an empty one of a customer whom nobody knows.
func (c Client) Customer(ctx context.Context, id string) (api.Customer, error) {
	wallet, err := one[api.Customer](ctx, c, "/v1/customers/", id)
	if wallet == nil && err == nil {
		err = fmt.Errorf("%q can be no customer's id", id)
	}
	if err != nil {
		return api.Customer{}, err
	}
	return *wallet, nil
}

// Retry lets a stuck item be due again. Sent twice it does no more.
func (c Client) Retry(ctx context.Context, kind, id string) error {
	segment, _ := escape(id)
	body, err := json.Marshal(api.RetryStuck{Kind: api.StuckKind(kind)})
	if err != nil {
		return err
	}
	return fault.Retry(ctx, func(ctx context.Context) error {
		return c.ask(ctx, http.MethodPost, "/v1/stuck/"+segment+"/retry", body, &api.RetriedItem{})
	})
}

// CaseVerdicts is a decided case with its verdicts, oldest first. They have the types of
// shared/policy, so that nothing of them is lost on the way.
type CaseVerdicts struct {
	Case      string        `json:"case"`       // its id
	Kind      policy.Kind   `json:"kind"`       // what it is about
	ChangedAt time.Time     `json:"changed_at"` // when something last happened to it
	Verdicts  []replay.Kept `json:"verdicts"`   // what was decided, and what that rests on
}

// Verdicts calls each for every page of decided cases, from a cursor on ("" is the first), with the
// cursor of the page behind it ("" is the end). An error of each ends the list. A case that is
// decided while the list is read may be left out.
func (c Client) Verdicts(ctx context.Context, cursor string, each func(page []CaseVerdicts, next string) error) error {
	return pagesFrom(cursor, func(from string) (string, error) {
		var page struct {
			Cases []CaseVerdicts `json:"cases"`
			Next  string         `json:"next"`
		}
		if err := c.get(ctx, with("/v1/verdicts", from), &page); err != nil {
			return "", err
		}
		return page.Next, each(page.Cases, page.Next)
	})
}
