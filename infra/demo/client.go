package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"makegood/shared/money"
	"makegood/shared/provider/stripe"
)

// The parts of the HTTP contract that the story reads.
type (
	policy struct {
		Name     string `json:"name"`
		Revision string `json:"revision"`
		Unit     struct {
			Name  string `json:"name"`
			Scale int    `json:"scale"`
		} `json:"unit"`
		Packages []struct {
			Name    string       `json:"name"`
			Credits int64        `json:"credits"`
			Price   money.Amount `json:"price"`
		} `json:"packages"`
		Features []struct {
			Name  string `json:"name"`
			Price int64  `json:"price"`
		} `json:"features"`
	}
	balance struct {
		Available int64 `json:"available"`
		Held      int64 `json:"held"`
		Owed      int64 `json:"owed"`
	}
	generation struct {
		ID       string  `json:"id"`
		State    string  `json:"state"`
		Price    int64   `json:"price"`
		Refunded int64   `json:"refunded"`
		Case     string  `json:"case"`
		Balance  balance `json:"balance"`
	}
	refundCase struct {
		ID       string `json:"id"`
		State    string `json:"state"`
		Notice   string `json:"notice"`
		Decision *struct {
			Outcome string `json:"outcome"`
			Clause  string `json:"clause"`
			Reason  string `json:"reason"`
			Remedy  struct {
				Credits int64         `json:"credits"`
				Money   *money.Amount `json:"money"`
			} `json:"remedy"`
			RespondBy time.Time `json:"respond_by"`
		} `json:"decision"`
		Request struct {
			Description string `json:"description"`
			Claim       struct {
				Reason string `json:"reason"`
			} `json:"claim"`
		} `json:"asked"`
		Facts struct {
			Customer struct {
				Requests    int `json:"requests_30d"`
				Refunds     int `json:"refunds_30d"`
				Generations int `json:"generations_30d"`
			} `json:"customer"`
			Output struct {
				URL string `json:"url"`
			} `json:"output"`
			Payment *struct {
				Repeats []string `json:"repeats"`
			} `json:"payment"`
		} `json:"facts"`
	}
	opened struct {
		Case  string `json:"case"`
		State string `json:"state"`
		Code  string `json:"code"`
	}
	entry struct {
		ID         string    `json:"id"`
		At         time.Time `json:"at"`
		Cause      string    `json:"cause"`
		Reason     string    `json:"reason"`
		From       string    `json:"from"`
		To         string    `json:"to"`
		Amount     int64     `json:"amount"`
		Generation string    `json:"generation"`
		Payment    string    `json:"payment"`
		Case       string    `json:"case"`
	}
)

var errStatus = errors.New("unexpected answer")

// as returns a client that signs in as somebody else than the app.
func (c Client) as(key string) Client {
	c.AppKey = key
	return c
}

// call sends one request with the app's key and reads a JSON answer into out; another status than
// the wanted one is an error.
func (c Client) call(ctx context.Context, method, path, key string, body, out any, want int) error {
	// A request without a body has no content type either.
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.BaseURL+path, payload)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.AppKey)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	// The same key gets the first answer again; each run has keys of its own.
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	return c.do(req, out, want)
}

func (c Client) do(req *http.Request, out any, want int) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// Read whole, since a refusal says in its body what was wrong.
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s %s: %w: %d instead of %d: %s", req.Method, req.URL.Path, errStatus, resp.StatusCode, want, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: %w: %s", req.Method, req.URL.Path, err, answer)
	}
	return nil
}

// postStripe posts an event's body as Stripe would, signed.
func (c Client) postStripe(ctx context.Context, body []byte, at time.Time) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL+"/webhooks/stripe", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set(stripe.Header, stripe.Sign(c.StripeSecret, at, body))
	return c.do(req, nil, http.StatusOK)
}

func (c Client) caseOf(ctx context.Context, id string) (refundCase, error) {
	var answer refundCase
	err := c.call(ctx, http.MethodGet, "/v1/cases/"+url.PathEscape(id), "", nil, &answer, http.StatusOK)
	return answer, err
}

func (c Client) balanceOf(ctx context.Context, customer string) (balance, error) {
	var answer struct {
		Balance balance `json:"balance"`
	}
	err := c.call(ctx, http.MethodGet, "/v1/customers/"+url.PathEscape(customer), "", nil, &answer, http.StatusOK)
	return answer.Balance, err
}

// statement reads all pages, newest first.
func (c Client) statement(ctx context.Context, customer string) ([]entry, error) {
	var all []entry
	cursor := ""
	// A cursor that never ends must not play for ever.
	for range maxPages {
		var page struct {
			Entries []entry `json:"entries"`
			Next    string  `json:"next"`
		}
		path := "/v1/customers/" + url.PathEscape(customer) + "/statement"
		if cursor != "" {
			path += "?cursor=" + url.QueryEscape(cursor)
		}
		if err := c.call(ctx, http.MethodGet, path, "", nil, &page, http.StatusOK); err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
	return nil, fmt.Errorf("the statement has more than %d pages", maxPages)
}

const maxPages = 100 // far more than a story makes
