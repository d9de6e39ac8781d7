package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"

	"makegood/shared/ledger"
)

// recorder stands before DynamoDB Local and keeps each call as it was sent.
type recorder struct {
	upstream string
	server   *httptest.Server

	mutex sync.Mutex
	calls []sent
}

// sent is a call as the function's SDK sent it.
type sent struct {
	header http.Header
	body   []byte
}

func newRecorder(upstream string) *recorder {
	r := &recorder{upstream: upstream}
	r.server = httptest.NewServer(r)
	return r
}

// ServeHTTP keeps the call, passes it on and answers what DynamoDB Local answered.
func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mutex.Lock()
	r.calls = append(r.calls, sent{request.Header.Clone(), body})
	r.mutex.Unlock()
	got, err := forward(request.Context(), r.upstream, request.Header, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	got.answer(w)
}

// tape is the calls of one customer's cycle, to be sent again for other customers.
type tape struct {
	url      string
	calls    []sent
	customer string // whose cycle it was
	client   *http.Client
}

// record plays the cycle once through the functions and keeps its calls.
func record(ctx context.Context, s *stack) (*tape, error) {
	r := newRecorder(s.dynamoURL)
	defer r.server.Close()
	fleet, err := newFleet(ctx, s, r.server.URL, 1, cycleFunctions)
	if err != nil {
		return nil, err
	}
	defer fleet.stop()
	path := story{fleet: fleet, revision: s.revision}
	// The first cycle is for what a function asks once in its life.
	if err := path.cycle(ctx, fresh("bench-")); err != nil {
		return nil, err
	}
	r.calls = nil
	customer := fresh("bench-")
	if err := path.cycle(ctx, customer); err != nil {
		return nil, err
	}
	s.outbox.empty()
	transport := &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}
	return &tape{url: s.dynamoURL, calls: r.calls, customer: customer, client: &http.Client{Transport: transport}}, nil
}

// token is the SDK's own name of a transaction: the same again with another body is refused.
var token = regexp.MustCompile(`"ClientRequestToken":"[^"]*"`)

// play sends the calls for a customer of its own, one after the other as the functions did.
func (t *tape) play(ctx context.Context) error {
	customer := fresh("bench-")
	// Every key of the cycle begins with the customer's own, so nothing of two plays is the same.
	names := [][2][]byte{
		{[]byte(t.customer), []byte(customer)},
		{[]byte(ledger.CustomerID(t.customer).Key()), []byte(ledger.CustomerID(customer).Key())},
	}
	for n, call := range t.calls {
		body := call.body
		for _, name := range names {
			body = bytes.ReplaceAll(body, name[0], name[1])
		}
		body = token.ReplaceAll(body, fmt.Appendf(nil, `"ClientRequestToken":"%s-%d"`, customer, n))
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/", bytes.NewReader(body))
		if err != nil {
			return err
		}
		// The signature no longer fits the body: DynamoDB Local reads who signed, not what.
		request.Header = call.header
		answer, err := t.client.Do(request)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			return fmt.Errorf("call %d of the replay: status %d: %s (%w)", n, answer.StatusCode, text, err)
		}
	}
	return nil
}
