// Package client is a Go client of Makegood's HTTP API, for an app's server or a tool of staff.
//
//	api := client.New("https://…", os.Getenv("MAKEGOOD_KEY"))
//	once := client.StartGenerationParams{IdempotencyKey: client.NewKey()}
//	started, err := api.StartGeneration(ctx, once, client.StartGeneration{
//		Customer: "alice", Feature: "recolor", Platform: client.PlatformWeb,
//	})
//	var failure *client.Error
//	poor := errors.As(err, &failure) && failure.Code == client.ProblemCodeInsufficientCredits
//
// Types and methods are made of openapi.yaml, whatever else this project knows of them: it imports
// the standard library alone.
//
// Invariants: what passes (429, 503, a result on its way) is sent again, and so is what got no
// answer, if it may be: a read, or a command with an idempotency key. Every wait and the number of
// tries are bounded.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of an answer: a page of a list is 1 MiB.
const maxAnswer = 8 << 20

// Client asks one stack by one credential. Make it by New.
type Client struct {
	BaseURL     string
	Key         func(context.Context) (string, error) // asked before each try; a session may be renewed by it
	HTTP        *http.Client
	Tries       int           // how often a request is sent at most
	LongestWait time.Duration // an answer that asks for more is an error
}

// New returns a client by a key of the app or of staff, or a session's token.
func New(baseURL, key string) *Client {
	return &Client{
		BaseURL: strings.TrimSuffix(baseURL, "/"), Key: func(context.Context) (string, error) { return key, nil },
		HTTP: &http.Client{Timeout: 30 * time.Second}, Tries: 6, LongestWait: 30 * time.Second,
	}
}

// NewKey returns a name for a command: sent again under it, it is done once and gets its first
// answer.
func NewKey() string { return rand.Text() }

// Error is an answer that is none of success. Code is empty where API Gateway answered by itself;
// an unknown one is to be taken by its status.
type Error struct{ Problem }

// Error names the code, and what the API says of it.
func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail) }

// call sends a request until it is answered, and returns the answer's body.
func call[T any](ctx context.Context, c *Client, method, path, id string, params, body any) (*T, error) {
	query, header := url.Values{}, http.Header{"Accept": {"application/json"}}
	set(params, query, header)
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
		header.Set("Content-Type", "application/json")
	}
	target := c.BaseURL + strings.Replace(path, "{id}", url.PathEscape(id), 1) + "?" + query.Encode()
	repeatable := method == http.MethodGet || header.Get("Idempotency-Key") != ""
	for attempt := 1; ; attempt++ {
		answer, wait, err := c.once(ctx, method, target, header, text)
		if err == nil {
			into := new(T)
			return into, json.Unmarshal(answer, into)
		}
		failure := (*Error)(nil)
		again := repeatable
		if errors.As(err, &failure) {
			again = failure.passes()
		}
		wait = max(wait, time.Duration(float64(time.Second)*(0.1+0.1*mathrand.Float64()))<<attempt)
		if !again || attempt >= c.Tries || wait > c.LongestWait {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// once sends a request, and returns the body of a success; else an error, and how long to wait at
// least before the next try.
func (c *Client) once(ctx context.Context, method, target string, header http.Header, text []byte) ([]byte, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	req.Header = header.Clone()
	key, err := c.Key(ctx)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	answer, err := c.HTTP.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, 0, err
	}
	if answer.StatusCode/100 == 2 {
		return content, 0, nil
	}
	failure := &Error{}
	_ = json.Unmarshal(content, &failure.Problem) // API Gateway's own is no problem: its status says it
	failure.Status = answer.StatusCode
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	return nil, time.Duration(seconds) * time.Second, failure
}

func (e *Error) passes() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable || e.Code == ProblemCodeResultPending
}

// set puts a method's parameters where they belong: those with a form tag into the query.
func set(params any, query url.Values, header http.Header) {
	if params == nil {
		return
	}
	fields := reflect.ValueOf(params)
	for i := range fields.NumField() {
		field, tag := fields.Field(i), fields.Type().Field(i).Tag
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		}
		if name, _, _ := strings.Cut(tag.Get("form"), ","); name != "" {
			query.Set(name, fmt.Sprint(field))
		} else {
			name, _, _ := strings.Cut(tag.Get("json"), ",")
			header.Set(name, fmt.Sprint(field))
		}
	}
}
