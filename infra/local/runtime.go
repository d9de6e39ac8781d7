package local

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// runtimeAPI is the Lambda Runtime API for every process of the stack, on one loopback listener. A
// process is known by the first step of its paths: AWS_LAMBDA_RUNTIME_API is host:port/token, which
// the runtime client puts before "/2018-06-01/…".
type runtimeAPI struct {
	address string
	server  *http.Server
	mu      sync.Mutex
	known   map[string]*process // by token
}

const maxResponse = 6 << 20 // of one invocation, as Lambda has it

func newRuntimeAPI() (*runtimeAPI, error) {
	l, err := listenOn("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	api := &runtimeAPI{address: l.Addr().String(), known: map[string]*process{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{token}/2018-06-01/runtime/invocation/next", api.asProcess((*process).next))
	mux.HandleFunc("POST /{token}/2018-06-01/runtime/invocation/{id}/response", api.asProcess((*process).response))
	mux.HandleFunc("POST /{token}/2018-06-01/runtime/invocation/{id}/error", api.asProcess((*process).failure))
	mux.HandleFunc("POST /{token}/2018-06-01/runtime/init/error", api.asProcess((*process).initError))
	api.server = &http.Server{Handler: mux} //nolint:gosec // loopback; a long poll has no deadline
	go func() { _ = api.server.Serve(l) }()
	return api, nil
}

func (api *runtimeAPI) close() {
	if api != nil {
		_ = api.server.Close()
	}
}

// admit makes a process known and gives what it must find in AWS_LAMBDA_RUNTIME_API.
func (api *runtimeAPI) admit(p *process) string {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.known[p.token] = p
	return api.address + "/" + p.token
}

func (api *runtimeAPI) forget(p *process) {
	api.mu.Lock()
	defer api.mu.Unlock()
	delete(api.known, p.token)
}

func (api *runtimeAPI) asProcess(handle func(*process, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		api.mu.Lock()
		p := api.known[r.PathValue("token")]
		api.mu.Unlock()
		if p == nil {
			http.Error(w, `{"errorMessage":"no such process","errorType":"InvalidRequest"}`, http.StatusForbidden)
			return
		}
		handle(p, w, r)
	}
}

// next hands the process its next invocation; it waits as long as there is none.
func (p *process) next(w http.ResponseWriter, r *http.Request) {
	p.becomeReady()
	select {
	// The channel is unbuffered, so whoever receives has the invocation and nobody else.
	case inv := <-p.function.jobs:
		if r.Context().Err() != nil || !p.begin(inv) { // the process went while it waited: the invocation never reached it
			p.function.giveBack(inv) //nolint:contextcheck // the caller of the invocation waits, this process has gone
			return
		}
		// The headers are what the runtime client makes a context of: deadline, request id, trace.
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", p.function.arn())
		header.Set("Lambda-Runtime-Trace-Id", inv.trace)
		_, _ = w.Write(inv.payload)
	// The process went away, or has ended: there is nobody to answer.
	case <-r.Context().Done():
	case <-p.gone:
	}
}

func (p *process) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxResponse+1))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case len(body) > maxResponse:
		p.finish(r.PathValue("id"), outcome{err: &functionError{kind: "Function.ResponseSizeTooLarge", message: "response over 6 MB"}})
		http.Error(w, `{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}`,
			http.StatusRequestEntityTooLarge)
		return
	}
	p.accept(w, r, outcome{payload: body})
}

func (p *process) failure(w http.ResponseWriter, r *http.Request) {
	p.accept(w, r, outcome{err: readError(r)})
}

func (p *process) accept(w http.ResponseWriter, r *http.Request, o outcome) {
	if !p.finish(r.PathValue("id"), o) {
		http.Error(w, `{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) initError(w http.ResponseWriter, r *http.Request) {
	p.function.noteInitError(readError(r))
	w.WriteHeader(http.StatusAccepted)
}

func readError(r *http.Request) *functionError {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxResponse))
	return &functionError{kind: "Function.Error", message: strings.TrimSpace(string(body))}
}

// functionError is an invocation that failed inside or around the function. Died tells a process
// that ended or was out of time from one that answered with an error.
type functionError struct {
	kind    string
	message string
	died    bool
}

func (e *functionError) Error() string { return fmt.Sprintf("%s: %s", e.kind, e.message) }

// invocation is one event for one function; its outcome arrives once.
type invocation struct {
	id       string
	trace    string
	payload  []byte
	deadline time.Time
	done     chan outcome // holds one
}

// outcome is the function's answer, or why there is none.
type outcome struct {
	payload []byte
	err     error
}

func newInvocation(payload []byte) *invocation {
	id := randomHex(16)
	return &invocation{
		id:      fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:]),
		trace:   "Root=1-" + strconv.FormatInt(time.Now().Unix(), 16) + "-" + randomHex(12) + ";Parent=" + randomHex(8) + ";Sampled=0",
		payload: payload, done: make(chan outcome, 1),
	}
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}
