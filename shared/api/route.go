package api

import (
	"context"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"makegood/shared/access"
	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/text"
)

// HeaderIdempotencyKey makes a command safe to send again. HeaderReplayed marks an answer that was
// recorded for an earlier request with that key.
const (
	HeaderIdempotencyKey = "Idempotency-Key"
	HeaderReplayed       = "Idempotent-Replayed"
)

// MediaCSV is the media type of a table for spreadsheets.
const MediaCSV = "text/csv"

const maxIdempotencyKey = 255 // characters

// NoBody is the Body of a route that reads none.
type NoBody struct{}

// Request is a request that has been let in: its body has the right shape and all required fields.
type Request[Body any] struct {
	Caller         access.Caller // who sent it, with a role that the route allows
	Body           Body          // as the caller sent it, checked
	IdempotencyKey string        // 1 to 255 characters on an Idempotent route, else ""

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

// Accepts reports whether the caller names the media type among those that they take.
func (r Request[Body]) Accepts(mediaType string) bool {
	for _, header := range r.http.Header.Values("Accept") {
		for one := range strings.SplitSeq(header, ",") {
			if named, _, err := mime.ParseMediaType(one); err == nil && named == mediaType {
				return true
			}
		}
	}
	return false
}

// Answer is what a route gives back.
type Answer struct {
	Status   int           // HTTP status
	Body     any           // sent as JSON
	CSV      []byte        // sent in place of Body, nil for none
	Next     string        // where the CSV goes on, which the header Link names; "" for nowhere
	Replayed bool          // it is the recorded first answer to the same command
	Language string        // the languages of its sentences, as in "de, en"; "" where it depends on no reader
	Keep     time.Duration // how long a caller may keep a 200 before they ask again; 0: they may not
}

// Route is one method and path under /v1.
type Route[Body any] struct {
	Roles      []access.Role                                                    // who may call it
	Idempotent bool                                                             // it needs an Idempotency-Key
	Check      func(request Request[Body]) error                                // judges fields beyond their shape; may be nil
	Run        func(ctx context.Context, request Request[Body]) (Answer, error) // calls the use case
}

// Handle adds a route to the mux under a pattern of http.ServeMux, as in "POST
// /v1/generations/{id}/result". It looks for faults in the contract's order: size and shape,
// credential, role, fields. Existence is left to Run.
func Handle[Body any](mux *Mux, pattern string, route Route[Body]) {
	mux.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r = named(r, pattern)
		answer, err := route.serve(mux.gate, r)
		reply(w, r, answer, err)
	})
}

// HandleRaw adds a route without a caller, such as a webhook, which proves itself by its signature.
// It gets the exact bytes of a body of at most MaxEvent.
func HandleRaw(mux *Mux, pattern string, run func(ctx context.Context, header http.Header, raw []byte) (Answer, error)) {
	mux.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r = named(r, pattern)
		raw, err := ReadBody(r, MaxEvent)
		if err != nil {
			reply(w, r, Answer{}, err)
			return
		}
		answer, err := run(r.Context(), r.Header, raw)
		reply(w, r, answer, err)
	})
}

// named returns the request whose log lines name its route. The path itself may hold a customer's
// id, which may be an address.
func named(r *http.Request, pattern string) *http.Request {
	return r.WithContext(correlation.Note(r.Context(), slog.String("route", pattern)))
}

func (route Route[Body]) serve(gate Gate, r *http.Request) (Answer, error) {
	// Shape comes first: reading the body costs nothing, while a credential may cost a call to the
	// secret store.
	request := Request[Body]{http: r}
	absent, err := decodeShape(r, &request.Body)
	if err != nil {
		return Answer{}, err
	}
	// The fields are judged only for a caller who is let in: a stranger must not learn which words
	// a field takes.
	if request.Caller, err = gate.Caller(r.Context(), r.Header.Get("Authorization")); err != nil {
		return Answer{}, err
	}
	if err := outOfPage(r, request.Caller); err != nil {
		return Answer{}, err
	}
	if err := request.Caller.Require(route.Roles...); err != nil {
		return Answer{}, err
	}
	if err := gate.Count(r.Context(), request.Caller); err != nil {
		return Answer{}, err
	}
	// A command without a key could run twice when the caller sends it again.
	if route.Idempotent {
		if request.IdempotencyKey, err = idempotencyKey(r.Header); err != nil {
			return Answer{}, err
		}
	}
	// Now the fields: the absent ones together, so that the caller mends them in one round.
	if err := checkFields(absent, &request.Body); err != nil {
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
		w.Header().Add("Vary", "Accept-Language")
	}
	if answer.Keep > 0 {
		cached(w, r, encode(answer.Body), answer.Keep)
		return
	}
	if answer.Next != "" {
		w.Header().Set("Link", "<?cursor="+answer.Next+`>; rel="next"`)
	}
	if answer.CSV != nil {
		send(w, answer.Status, MediaCSV, answer.CSV)
		return
	}
	write(w, answer.Status, "application/json", answer.Body)
}

func idempotencyKey(header http.Header) (string, error) {
	key := header.Get(HeaderIdempotencyKey)
	// The key becomes part of an id and of a stored row, so it must be a text that can be compared
	// and shown.
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
