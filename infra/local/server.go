package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// server is one loopback listener of the stack.
type server struct {
	url      string
	listener net.Listener
	http     *http.Server
}

// listen takes a loopback port; one that is in use is an error that names the port and the flag
// that changes it.
func listen(name, flag string, port int) (*server, error) {
	l, err := listenOn(net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, portError(name, flag, port, err)
	}
	return &server{url: "http://" + l.Addr().String(), listener: l}, nil
}

func listenOn(address string) (net.Listener, error) {
	return net.Listen("tcp", address) //nolint:noctx // taking a local port does not wait for anything
}

func (s *server) serve(h http.Handler) {
	s.http = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: maxHeader}
	go func() { _ = s.http.Serve(s.listener) }()
}

// withDemo has the demo app answer at its own paths, which are none of the template's, and the API
// at all others.
func (s *Stack) withDemo(api http.Handler) http.Handler {
	if s.options.Demo == nil {
		return api
	}
	demo := s.options.Demo(s)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/demo" || strings.HasPrefix(r.URL.Path, "/demo/") {
			demo.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// close lets answers under way finish for a moment, then ends.
func (s *server) close() {
	if s == nil {
		return
	}
	if s.http == nil {
		_ = s.listener.Close()
		return
	}
	limit, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if s.http.Shutdown(limit) != nil {
		_ = s.http.Close()
	}
}

// Notice is one post that notify-customer made to the stack's own notice address.
type Notice struct {
	Header http.Header // with the signature
	Body   []byte      // the very bytes that were signed
}

// noticeBox keeps notices in order of arrival.
type noticeBox struct {
	mu     sync.Mutex
	kept   []Notice
	answer func(n Notice) (status int, retryAfter string) // nil: all are taken
}

const maxNotices = 10000 // a stack that runs for days must not grow for ever

func (b *noticeBox) add(n Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) < maxNotices {
		b.kept = append(b.kept, n)
	}
}

// answerTo returns the status and the Retry-After that the notice is answered with.
func (b *noticeBox) answerTo(n Notice) (status int, retryAfter string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.answer == nil {
		return http.StatusNoContent, ""
	}
	return b.answer(n)
}

func (b *noticeBox) all() []Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Notice(nil), b.kept...)
}

// adminHandler serves what only a developer needs: running a schedule by hand, the notices
// received, the state of the stack.
func (s *Stack) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_local/schedules/{function}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Trigger(r.Context(), r.PathValue("function")); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_local/notices", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxResponse))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		// Kept before it is answered: a test that refuses a notice still wants to see it.
		notice := Notice{Header: r.Header.Clone(), Body: body}
		s.notices.add(notice)
		status, retryAfter := s.notices.answerTo(notice)
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
	})
	mux.HandleFunc("GET /_local/notices", func(w http.ResponseWriter, _ *http.Request) {
		bodies := []json.RawMessage{}
		for _, n := range s.notices.all() {
			if json.Valid(n.Body) {
				bodies = append(bodies, n.Body)
			}
		}
		writeJSON(w, bodies)
	})
	mux.HandleFunc("GET /_local/status", s.status)
	return mux
}

func (s *Stack) status(w http.ResponseWriter, r *http.Request) {
	processes, queues := map[string][]int{}, map[string]string{}
	for name := range s.functions {
		processes[name] = s.Processes(name)
	}
	for id, url := range s.QueueURLs {
		visible, inFlight, err := s.QueueDepth(r.Context(), id)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		queues[queueName(url)] = fmt.Sprintf("%d waiting, %d in flight", visible, inFlight)
	}
	writeJSON(w, map[string]any{
		"base_url": s.BaseURL, "provider_url": s.Provider.URL, "dynamodb_url": s.Endpoints.DynamoDBURL, "sqs_url": s.Endpoints.SQSURL, "s3_url": s.s3URL,
		"processes": processes, "queues": queues, "tables": s.Tables, "queue_urls": s.QueueURLs, "buckets": s.Buckets,
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
