package api

import (
	"context"
	"net/http"
	"unicode"
	"unicode/utf8"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/text"
)

// HeaderIdempotencyKey is the header that makes a command safe to send again; HeaderReplayed says that this was done.
const (
	HeaderIdempotencyKey = "Idempotency-Key"
	HeaderReplayed       = "Idempotent-Replayed"
)

const maxIdempotencyKey = 255 // characters

// NoBody is the Body of a route that reads none.
type NoBody struct{}

// Request is a request that has been let in: its body has the right shape and all required fields.
type Request[Body any] struct {
	Caller         access.Caller
	Body           Body
	IdempotencyKey string // 1 to 255 characters on an Idempotent route, else ""

	http *http.Request
}

// Path returns the part of the path that the pattern names, as in {id}.
func (r Request[Body]) Path(name string) string { return r.http.PathValue(name) }

// Query returns the first value of a query parameter, "" when absent.
func (r Request[Body]) Query(name string) string { return r.http.URL.Query().Get(name) }

// Has reports whether a query parameter is given, with a value or without.
func (r Request[Body]) Has(name string) bool { return r.http.URL.Query().Has(name) }

// Cursor reads the query parameter cursor into position; see DecodeCursor.
func (r Request[Body]) Cursor(position any) error { return DecodeCursor(r.Query("cursor"), position) }

// Answer is what a route gives back. Body is sent as JSON; Replayed says that it is the recorded first answer. Language says in which languages
// its sentences are, "de, en" of several, where it depends on the request's; "" where it does not.
type Answer struct {
	Status   int
	Body     any
	Replayed bool
	Language string
}

// Route is one method and path under /v1. Check, where set, judges fields beyond their shape; Run calls the use case.
type Route[Body any] struct {
	Roles      []access.Role
	Idempotent bool
	Check      func(request Request[Body]) error
	Run        func(ctx context.Context, request Request[Body]) (Answer, error)
}

// Handle adds a route to the mux under a pattern of http.ServeMux, as in "POST /v1/generations/{id}/result".
// It looks for faults in the contract's order: size and shape, credential, role, fields; existence is Run's.
func Handle[Body any](mux *Mux, pattern string, route Route[Body]) {
	mux.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		answer, err := route.serve(mux.gate, r)
		reply(w, r, answer, err)
	})
}

// HandleRaw adds a route that gets the exact bytes of a body of at most MaxEvent, and no caller: a webhook, which proves itself by signature.
func HandleRaw(mux *Mux, pattern string, run func(ctx context.Context, header http.Header, raw []byte) (Answer, error)) {
	mux.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		raw, err := ReadBody(r, MaxEvent)
		if err != nil {
			reply(w, r, Answer{}, err)
			return
		}
		answer, err := run(r.Context(), r.Header, raw)
		reply(w, r, answer, err)
	})
}

func (route Route[Body]) serve(gate Gate, r *http.Request) (Answer, error) {
	request := Request[Body]{http: r}
	missing, err := decodeShape(r, &request.Body)
	if err != nil {
		return Answer{}, err
	}
	if request.Caller, err = gate.Caller(r.Context(), r.Header.Get("Authorization")); err != nil {
		return Answer{}, err
	}
	if err := request.Caller.Require(route.Roles...); err != nil {
		return Answer{}, err
	}
	if route.Idempotent {
		if request.IdempotencyKey, err = idempotencyKey(r.Header); err != nil {
			return Answer{}, err
		}
	}
	if err := checkFields(missing, &request.Body); err != nil {
		return Answer{}, err
	}
	if route.Check != nil {
		if err := route.Check(request); err != nil {
			return Answer{}, err
		}
	}
	return route.Run(r.Context(), request)
}

func reply(w http.ResponseWriter, r *http.Request, answer Answer, err error) {
	if err != nil {
		WriteProblem(r.Context(), w, err)
		return
	}
	if answer.Replayed {
		w.Header().Set(HeaderReplayed, "true")
	}
	if answer.Language != "" {
		w.Header().Set("Content-Language", answer.Language)
		w.Header().Set("Vary", "Accept-Language")
	}
	write(w, answer.Status, "application/json", answer.Body)
}

func idempotencyKey(header http.Header) (string, error) {
	key := header.Get(HeaderIdempotencyKey)
	switch {
	case text.Blank(key):
		return "", fault.Invalid(HeaderIdempotencyKey, "is required")
	case text.Length(key) > maxIdempotencyKey:
		return "", fault.Invalid(HeaderIdempotencyKey, "must have at most %d characters", maxIdempotencyKey)
	case !utf8.ValidString(key):
		return "", fault.Invalid(HeaderIdempotencyKey, "is not UTF-8")
	}
	for _, c := range key {
		if unicode.IsControl(c) {
			return "", fault.Invalid(HeaderIdempotencyKey, "must not have control characters")
		}
	}
	return key, nil
}
