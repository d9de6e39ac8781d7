// Package stack owns asking a running Makegood by its HTTP API: one client, and the few questions that the commands have.
//
// It refuses to know what an answer is for, and asks nothing that changes anything.
//
// Invariants: the key stands in one header and nowhere else, never in an error; it goes to one address, by https or on this machine, and
// follows no redirect; a busy stack is asked again, a bounded number of times; a list is read whole or not at all.
//
// Words: as in api. Recorded is a payment as the ledger has it, in the words of shared/payment.
package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/provider"
)

// The bounds of asking.
const (
	maxAnswer = 16 << 20 // bytes of one answer: a page of fifty has some 100,000
	maxPages  = 20_000   // of one list: a million payments
)

// Client asks one stack. It is safe for use by many goroutines.
type Client struct {
	base string
	key  string
	http *http.Client
}

// Open returns the client of the stack at address ("http://127.0.0.1:3000"), with the key of an operator. It asks nothing yet.
func Open(address, key string) (Client, error) {
	base, err := provider.Address("MAKEGOOD_URL", address)
	if err == nil && key == "" {
		err = errors.New("MAKEGOOD_KEY is not set: the key of an operator")
	}
	return Client{base: base, key: key, http: provider.NewClient()}, err
}

// get reads one answer. KindNotFound for 404, KindBusy when the stack did not answer, or asks to be asked later, again and again.
func (c Client) get(ctx context.Context, path string, answer any) error {
	return fault.Retry(ctx, func(ctx context.Context) error { return c.ask(ctx, path, answer) })
}

func (c Client) ask(ctx context.Context, path string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, http.NoBody)
	if err != nil {
		return errors.New("no such address") // the library's text holds it
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	response, err := c.http.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return fault.Busy(fmt.Errorf("%s does not answer: %w", c.base, err))
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fault.Busy(fmt.Errorf("%s broke off its answer: %w", c.base, err))
	}
	if response.StatusCode != http.StatusOK {
		return refusal(response.StatusCode, path, raw)
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("GET %s: the answer is not Makegood's", path)
	}
	return nil
}

// refusal maps an answer that is not 200.
func refusal(status int, path string, raw []byte) error {
	var problem api.Problem
	_ = json.Unmarshal(raw, &problem) // without one the status tells
	switch {
	case status == http.StatusNotFound:
		return fault.NotFound("thing: GET " + path)
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return fault.Busy(fmt.Errorf("GET %s: %d %q", path, status, problem.Code))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("GET %s: %d %q: MAKEGOOD_KEY must be an operator's", path, status, problem.Code)
	}
	return fmt.Errorf("GET %s: %d %q %q", path, status, problem.Code, problem.Detail)
}

// pages calls read with the cursor of each page, until it returns none.
func pages(read func(cursor string) (next string, err error)) error {
	cursor := ""
	for range maxPages {
		next, err := read(cursor)
		if err != nil || next == "" {
			return err
		}
		if next == cursor {
			return errors.New("a list goes round in circles")
		}
		cursor = next
	}
	return fmt.Errorf("a list goes on after %d pages", maxPages)
}

// with returns the path with a query: the cursor where there is one, and pairs of names and values.
func with(path, cursor string, pairs ...string) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// Policy returns the published policy that the stack goes by; an error where this build does not know it.
func (c Client) Policy(ctx context.Context) (*policy.Policy, error) {
	var shown api.Policy
	if err := c.get(ctx, "/v1/policy", &shown); err != nil {
		return nil, err
	}
	published, err := policy.Open(shown.Name)
	if err != nil {
		return nil, fmt.Errorf("the stack goes by the policy %q, which this build does not have", shown.Name)
	}
	for _, revision := range published.Revisions() {
		if revision.Revision == shown.Revision && revision.Digest == shown.Digest {
			return published, nil
		}
	}
	return nil, fmt.Errorf("the stack goes by %s, revision %q, as this build does not have it: use the makegood of the stack's own build", shown.Name, shown.Revision)
}
