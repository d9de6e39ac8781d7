package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"makegood/infra/local"
	"makegood/shared/policy"
)

const (
	inFlight     = 256                    // operations that wait for an answer; more wait for their turn
	busyTries    = 8                      // requests of one operation; a busy answer takes one
	busyPause    = 100 * time.Millisecond // before the second, twice that before the third
	answerWithin = time.Minute
	settleWithin = 10 * time.Second // after which a result can be reported
)

// buyer is a customer of the load, with what they have for sure: what comes back to them is left
// out.
type buyer struct {
	id      string
	credits int64
}

// result is a success that may be reported from that instant on.
type result struct {
	generation string
	ripe       time.Time
}

// load is the state of a run: who has credits, and which generations wait for what.
type load struct {
	url      string
	client   *http.Client
	revision policy.Revision
	prefix   string
	serial   atomic.Int64
	meter    *latencies

	mutex   sync.Mutex
	buyers  []*buyer
	held    []string // generations that wait for their result
	spent   []result
	failure error // the first
}

func newLoad(url string, revision policy.Revision) *load {
	return &load{
		url: url, revision: revision, prefix: fmt.Sprintf("soak-%d-", time.Now().UnixMilli()), meter: newLatencies(),
		client: &http.Client{Timeout: answerWithin, Transport: &http.Transport{MaxIdleConnsPerHost: inFlight, MaxIdleConns: inFlight}},
	}
}

// run begins each operation at its instant, whatever became of those before it.
func (l *load) run(ctx context.Context, o Options) error {
	pause := time.Duration(float64(time.Second) / o.Rate)
	turns := make(chan struct{}, inFlight)
	dice := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same mixture in every run
	var open sync.WaitGroup
	start := time.Now()
	for n := 0; time.Duration(n)*pause < o.Length && ctx.Err() == nil; n++ {
		due := start.Add(time.Duration(n) * pause)
		time.Sleep(time.Until(due))
		kind := draw(dice.IntN(totalWeight))
		// An operation that finds no turn waits for it, and the wait is part of its latency.
		open.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			name, err := l.perform(ctx, kind)
			l.meter.note(name, time.Since(due), err)
			if err != nil {
				l.fail(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	open.Wait()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return errors.Join(ctx.Err(), l.failure)
}

func (l *load) fail(err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.failure == nil {
		l.failure = err
	}
}

// fresh returns an id that no other operation, and no other run, has.
func (l *load) fresh() string { return fmt.Sprintf("%s%d", l.prefix, l.serial.Add(1)) }

// request is one request to the API, and the status that it wants.
type request struct {
	method, path string
	key          string // the caller's credential; "" where the body is signed
	body         []byte
	header       map[string]string
	want         int
}

// ask sends the request until it is not answered busy, and decodes the answer.
func (l *load) ask(ctx context.Context, r request, answer any) error {
	idempotency := l.fresh()
	for try := 1; ; try++ {
		status, text, err := l.send(ctx, r, idempotency)
		switch {
		case err != nil:
			return err
		case status == http.StatusServiceUnavailable && try < busyTries:
			// The same key again: whether the first was carried out is not known.
			l.meter.busy.Add(1)
			time.Sleep(busyPause << (try - 1))
			continue
		case status != r.want:
			return &unwanted{status, string(text)}
		case answer == nil:
			return nil
		}
		return json.Unmarshal(text, answer)
	}
}

// unwanted is an answer with another status than the operation wants.
type unwanted struct {
	status int
	text   string
}

func (u *unwanted) Error() string { return fmt.Sprintf("answered %d: %s", u.status, u.text) }

func (l *load) send(ctx context.Context, r request, idempotency string) (int, []byte, error) {
	outgoing, err := http.NewRequestWithContext(ctx, r.method, l.url+r.path, bytes.NewReader(r.body))
	if err != nil {
		return 0, nil, err
	}
	for name, value := range r.header {
		outgoing.Header.Set(name, value)
	}
	if r.key != "" {
		outgoing.Header.Set("Authorization", "Bearer "+r.key)
		outgoing.Header.Set("Idempotency-Key", idempotency)
		outgoing.Header.Set("Content-Type", "application/json")
	}
	l.meter.requests.Add(1)
	answer, err := l.client.Do(outgoing)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

// asApp posts a body as the app's server.
func (l *load) asApp(ctx context.Context, path string, body any, want int, answer any) error {
	return l.post(ctx, local.AppKey, path, body, want, answer)
}

func (l *load) post(ctx context.Context, key, path string, body any, want int, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return l.ask(ctx, request{method: http.MethodPost, path: path, key: key, body: text, want: want}, answer)
}

func (l *load) read(ctx context.Context, key, path string, answer any) error {
	return l.ask(ctx, request{method: http.MethodGet, path: path, key: key, want: http.StatusOK}, answer)
}
