// Package stack owns reading a running Makegood by its HTTP API: one client, and the few reads that
// the commands need.
//
// It refuses to know what an answer is for, and sends nothing that changes anything but Retry,
// which lets a stuck item be due again.
//
// Invariants: the key stands in one header and nowhere else, never in an error. It goes to one
// address, by https or on this machine, and follows no redirect. A busy stack is tried again, a
// bounded number of times. A list is read whole or not at all.
//
// Words: as in api. Recorded is a payment as the ledger has it, in the words of shared/payment.
package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/provider"
)

// The bounds of reading.
const (
	maxAnswer = 16 << 20 // bytes of one answer: a page of fifty has some 100,000
	maxPages  = 20_000   // of one list: a million payments
)

// Client reads from one stack. It is safe for use by many goroutines.
type Client struct {
	base     string
	key      string
	http     *http.Client
	progress func(answers int64) // nil where nobody waits
	answers  *atomic.Int64       // that came so far
}

// Open returns the client of the stack at address ("http://127.0.0.1:3000"), with the key of an
// operator. It sends nothing yet.
func Open(address, key string) (Client, error) {
	base, err := provider.Address("MAKEGOOD_URL", address)
	if err == nil && key == "" {
		err = errors.New("MAKEGOOD_KEY is not set: the key of an operator")
	}
	return Client{base: base, key: key, http: provider.NewClient(), answers: new(atomic.Int64)}, err
}

// WithProgress returns the client that also calls progress after each answer, with how many have
// come so far. Many goroutines may call it at once.
func (c Client) WithProgress(progress func(answers int64)) Client {
	c.progress = progress
	return c
}

// get reads one answer. KindNotFound for 404, KindBusy when the stack did not answer, or wanted
// every attempt later.
func (c Client) get(ctx context.Context, path string, answer any) error {
	return fault.Retry(ctx, func(ctx context.Context) error { return c.ask(ctx, http.MethodGet, path, nil, answer) })
}

// ask makes one attempt; a body is sent as JSON. Its errors name the path, and never the key.
func (c Client) ask(ctx context.Context, method, path string, body []byte, answer any) error {
	raw, err := c.fetch(ctx, method, path, "application/json", body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not Makegood's", method, path)
	}
	return nil
}

// fetch makes one attempt, and returns an answer of that media type as it came.
func (c Client) fetch(ctx context.Context, method, path, mediaType string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("no such address") // the library's text holds it
	}
	request.Header.Set("Accept", mediaType)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	response, err := c.http.Do(request)
	// The library's error holds the address, which is the operator's to show or not; keep the cause
	// alone.
	if err != nil {
		var urlErr *url.Error
		if errors.As(err, &urlErr) {
			err = urlErr.Err
		}
		return nil, fault.Busy(fmt.Errorf("%s does not answer: %w", c.base, err))
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, fault.Busy(fmt.Errorf("%s broke off its answer: %w", c.base, err))
	}
	if count := c.answers.Add(1); c.progress != nil {
		c.progress(count)
	}
	if response.StatusCode != http.StatusOK {
		return nil, refusal(response.StatusCode, method+" "+path, raw)
	}
	return raw, nil
}

// refusal maps an answer that is not 200.
func refusal(status int, route string, raw []byte) error {
	var problem api.Problem
	_ = json.Unmarshal(raw, &problem) // without one the status tells
	// 429 and 5xx pass; a wrong key is for the operator to mend, so the error says which variable
	// holds it.
	switch {
	case status == http.StatusNotFound:
		return fault.NotFound("thing: " + route)
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return fault.Busy(fmt.Errorf("%s: %d %q", route, status, problem.Code))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("%s: %d %q: MAKEGOOD_KEY must be an operator's", route, status, problem.Code)
	}
	return fmt.Errorf("%s: %d %q %q", route, status, problem.Code, problem.Detail)
}

// pages calls fetch with the cursor of each page, until it returns none.
func pages(fetch func(cursor string) (next string, err error)) error { return pagesFrom("", fetch) }

// pagesFrom is pages from a cursor on.
func pagesFrom(cursor string, fetch func(cursor string) (next string, err error)) error {
	for range maxPages {
		next, err := fetch(cursor)
		if err != nil || next == "" {
			return err
		}
		// A cursor that does not move would be read for ever.
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

// Policy returns the published policy that the stack goes by. It fails where this build does not
// have it.
func (c Client) Policy(ctx context.Context) (*policy.Policy, error) {
	var response api.Policy
	if err := c.get(ctx, "/v1/policy", &response); err != nil {
		return nil, err
	}
	p, err := policy.Open(response.Name)
	if err != nil {
		return nil, fmt.Errorf("the stack goes by the policy %q, which this build does not have", response.Name)
	}
	// The same name is not enough: another build may have other revisions, and would judge
	// otherwise.
	for _, revision := range p.Revisions() {
		if revision.Revision == response.Revision && revision.Digest == response.Digest {
			return p, nil
		}
	}
	return nil, fmt.Errorf("the stack goes by %s, revision %q, as this build does not have it: use the makegood of the stack's own build", response.Name, response.Revision)
}
