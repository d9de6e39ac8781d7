package api

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"makegood/shared/fault"
)

// CodeMethodNotAllowed is the code of a known path that has no such method.
const CodeMethodNotAllowed = "method_not_allowed"

// retryAfterSeconds is how long a caller should wait after a passing fault. Our own retries are
// over by then.
const retryAfterSeconds = "1"

const headerRetryAfter = "Retry-After"

const problemType = "application/problem+json"

// statuses is the one table of kinds and HTTP statuses.
var statuses = map[fault.Kind]int{
	fault.KindInternal:        http.StatusInternalServerError,
	fault.KindInvalid:         http.StatusBadRequest,
	fault.KindUnauthenticated: http.StatusUnauthorized,
	fault.KindInsufficient:    http.StatusPaymentRequired,
	fault.KindForbidden:       http.StatusForbidden,
	fault.KindNotFound:        http.StatusNotFound,
	fault.KindConflict:        http.StatusConflict,
	fault.KindTooLarge:        http.StatusRequestEntityTooLarge,
	fault.KindThrottled:       http.StatusTooManyRequests,
	fault.KindBusy:            http.StatusServiceUnavailable,
	fault.KindStale:           http.StatusServiceUnavailable,
}

// ProblemOf returns err as callers see it. An error without a kind shows its code only; KindStale
// reads as busy. err must not be nil.
func ProblemOf(err error) Problem {
	cause := &fault.Error{}
	// An error that nobody classified may hold anything: a table's name, a key, a person's text.
	// Only the log gets it.
	if !errors.As(err, &cause) || cause.Kind == fault.KindInternal {
		return problem(http.StatusInternalServerError, fault.CodeInternal, "the request failed here; it is logged")
	}
	code := cause.Code
	// A lost race is ours to repeat, never the caller's: to them it is the service being busy.
	if cause.Kind == fault.KindStale {
		code = fault.CodeBusy
	}
	response := problem(statuses[cause.Kind], code, cause.Detail)
	response.Field, response.Fields, response.Case, response.Waits = cause.Field, cause.Fields, cause.Case, cause.Waits
	return response
}

// WriteProblem answers with err as ProblemOf shows it. It logs internal errors, which we must mend,
// and passing faults, which we watch.
func WriteProblem(ctx context.Context, w http.ResponseWriter, err error) {
	response := ProblemOf(err)
	// Whole seconds, rounded up: a caller who comes a fraction too early would be refused again.
	if cause := (*fault.Error)(nil); errors.As(err, &cause) && cause.RetryAfter > 0 {
		w.Header().Set(headerRetryAfter, strconv.Itoa(int(math.Ceil(cause.RetryAfter.Seconds()))))
	}
	LogProblem(ctx, response, err)
	writeProblem(w, response)
}

// LogProblem logs the error of a problem where we must mend it, or watch it.
func LogProblem(ctx context.Context, response Problem, err error) {
	switch response.Status {
	case http.StatusInternalServerError:
		slog.ErrorContext(ctx, "request failed", "request", RequestID(ctx), "error", err.Error())
	case http.StatusServiceUnavailable:
		slog.WarnContext(ctx, "request met a passing fault", "request", RequestID(ctx), "error", err.Error())
	}
}

func writeProblem(w http.ResponseWriter, response Problem) {
	header := w.Header()
	// RFC 9110 wants a challenge beside each 401, and a client without Retry-After would come back
	// at once.
	switch response.Status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		if header.Get(headerRetryAfter) == "" {
			header.Set(headerRetryAfter, retryAfterSeconds)
		}
	}
	write(w, response.Status, problemType, response)
}

func problem(status int, code, detail string) Problem {
	return Problem{Type: "urn:makegood:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// write sends body as JSON.
func write(w http.ResponseWriter, status int, mediaType string, body any) {
	send(w, status, mediaType, encode(body))
}

// send sends a text as it is.
func send(w http.ResponseWriter, status int, mediaType string, text []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a caller who has gone reads nothing
}
