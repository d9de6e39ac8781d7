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

// CodeMethodNotAllowed is the code of a known path asked with a method it does not have.
const CodeMethodNotAllowed = "method_not_allowed"

// retryAfterSeconds is what a caller who met a passing fault should wait: our own retries are over by then.
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

// ProblemOf returns err as callers see it. What nobody classified shows its code only; KindStale reads as busy. err must not be nil.
func ProblemOf(err error) Problem {
	known := &fault.Error{}
	if !errors.As(err, &known) || known.Kind == fault.KindInternal {
		return problem(http.StatusInternalServerError, fault.CodeInternal, "the request failed here; it is logged")
	}
	code := known.Code
	if known.Kind == fault.KindStale {
		code = fault.CodeBusy
	}
	shown := problem(statuses[known.Kind], code, known.Detail)
	shown.Field, shown.Fields, shown.Case, shown.Waits = known.Field, known.Fields, known.Case, known.Waits
	return shown
}

// WriteProblem answers with err as ProblemOf shows it, and logs what we must mend or watch: internal errors and passing faults.
func WriteProblem(ctx context.Context, w http.ResponseWriter, err error) {
	shown := ProblemOf(err)
	if known := (*fault.Error)(nil); errors.As(err, &known) && known.RetryAfter > 0 {
		w.Header().Set(headerRetryAfter, strconv.Itoa(int(math.Ceil(known.RetryAfter.Seconds()))))
	}
	switch shown.Status {
	case http.StatusInternalServerError:
		slog.ErrorContext(ctx, "request failed", "request", RequestID(ctx), "error", err.Error())
	case http.StatusServiceUnavailable:
		slog.WarnContext(ctx, "request met a passing fault", "request", RequestID(ctx), "error", err.Error())
	}
	writeProblem(w, shown)
}

func writeProblem(w http.ResponseWriter, shown Problem) {
	header := w.Header()
	switch shown.Status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		if header.Get(headerRetryAfter) == "" {
			header.Set(headerRetryAfter, retryAfterSeconds)
		}
	}
	write(w, shown.Status, problemType, shown)
}

func problem(status int, code, detail string) Problem {
	return Problem{Type: "urn:makegood:problem:" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// write sends body as JSON.
func write(w http.ResponseWriter, status int, mediaType string, body any) {
	text := encode(body)
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a caller who has gone reads nothing
}
