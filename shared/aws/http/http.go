// Package http owns the way from API Gateway's HTTP API (payload 2.0) to an http.Handler and back.
//
// It refuses to know routes, credentials and bodies: it hands on exactly what the caller sent, and
// sends exactly what the handler wrote.
//
// Invariants: the handler reads the caller's own bytes, so that a signature over them holds.
// Whatever the handler does, a panic included, the caller gets an answer. The request id of the
// gateway is in the context and in every log line of a failure. The answer's correlation id is that
// of the log lines: the caller's own where it sent one that fits, else the gateway's request id.
//
// Words: event (what the gateway sends), stage (a part of the path that is the gateway's, not
// ours).
package http

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	nethttp "net/http"
	"runtime/debug"
	"time"

	"makegood/shared/api"
	"makegood/shared/aws/function"
	"makegood/shared/correlation"
	"makegood/shared/fault"
)

// Handler is an http.Handler as a Lambda function runs it.
type Handler struct {
	http nethttp.Handler
}

// New returns handler behind the gateway.
func New(handler nethttp.Handler) Handler { return Handler{http: handler} }

// Start serves handler as a Lambda function until the process ends, logging by the function's log
// settings.
func Start(handler nethttp.Handler) {
	function.Start(New(handler))
}

// margin is the part of the function's time that is kept for answering when the work takes too
// long.
const margin = 500 * time.Millisecond

// Invoke answers one event. An error means that the payload was no HTTP API event; everything else
// is an answer.
func (h Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	// Stop the work before Lambda ends the process, so that the caller gets a 503 and not the
	// gateway's own error.
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, errors.Join(errNoEvent, err)
	}
	// The id is the caller's own where it sent one: they find our lines by what they know. It
	// travels from here with every message that comes of the request.
	header := e.header()
	own := header.Get(correlation.Header)
	ctx = api.WithRequestID(correlation.With(ctx, own, e.RequestContext.RequestID), e.RequestContext.RequestID)
	// A body that is no base64 is the caller's fault and gets a problem; an event of another kind
	// is ours and gets an error.
	r, err := e.request(ctx, header)
	if errors.Is(err, errNoEvent) {
		return nil, err
	}
	if err != nil {
		refusal := newAnswer(ctx)
		api.WriteProblem(ctx, refusal, err)
		return encode(refusal.response())
	}
	response := h.serve(r).response()
	// The gateway's own log has its request id alone, so a command under another id is tied to that
	// line here. Without one the two ids are the same, and the gateway's line says all of this.
	if own == correlation.ID(ctx) && own != "" && r.Method != nethttp.MethodGet {
		slog.InfoContext(ctx, "request answered", "route", r.Pattern, "status", response.StatusCode, "request", e.RequestContext.RequestID)
	}
	return encode(response)
}

// serve returns what the handler wrote, or a problem in its place when it panicked.
func (h Handler) serve(r *nethttp.Request) (response *answer) {
	response = newAnswer(r.Context())
	// What a panicking handler wrote so far may be half an answer, so all of it is dropped.
	defer func() {
		if cause := recover(); cause != nil {
			slog.ErrorContext(r.Context(), "handler panicked", "request", api.RequestID(r.Context()), "stack", string(debug.Stack()))
			response = newAnswer(r.Context())
			api.WriteProblem(r.Context(), response, fault.Errorf(fault.KindInternal, fault.CodeInternal, "panic: %v", cause))
		}
	}()
	h.http.ServeHTTP(response, r)
	return response
}
