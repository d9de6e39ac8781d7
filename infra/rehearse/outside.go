package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
)

const (
	noticesPath   = "/notices"
	maxNotice     = 1 << 20 // bytes of one
	headerTimeout = 10 * time.Second
)

// outside is the world around the stack. Functions reach it over TLS, as the template's parameters
// demand; callers reach the API through its door.
type outside struct {
	trust    trust
	secure   string // where the provider is asked and notices are posted
	door     string // where callers ask; the provider sees the webhooks that pass
	provider *standin.Provider
	listings atomic.Int64 // how often the provider's events were listed
	api      atomic.Pointer[way]

	servers []*http.Server
	mu      sync.Mutex
	notices []json.RawMessage
}

// way leads to an API of the emulator's: which one is told by the host that is asked for.
type way struct {
	endpoint *url.URL
	host     string
}

// openOutside serves the world around the stack on loopback.
func openOutside(trust trust, keys keys) (*outside, error) {
	o := &outside{trust: trust}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	private, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{trust.certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		_ = plain.Close()
		return nil, err
	}
	o.door, o.secure = "http://"+plain.Addr().String(), "https://"+private.Addr().String()
	// The stand-in signs and is asked by the secrets of this rehearsal: those of a developer's
	// machine are too short for a deployed function.
	played := sandbox.Standin(standin.Options{Stack: o.door, AppKey: keys.app})
	played.StripeSecret = keys.values["StripeWebhookSecrets"]
	for n := range played.Adapters {
		played.Adapters[n].Secret = keys.webhookOf(played.Adapters[n].Name)
	}
	o.provider = standin.New(played)
	o.provider.URL = o.secure
	o.serve(private, o.secureHandler())
	o.serve(plain, o.doorHandler())
	return o, nil
}

func (o *outside) serve(l net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
	o.servers = append(o.servers, server)
	go func() { _ = server.Serve(l) }()
}

// close ends what is served and what the provider still posts.
func (o *outside) close() {
	for _, server := range o.servers {
		_ = server.Close()
	}
	o.provider.Close()
}

// secureHandler is what functions call: the payment provider, and the receiver of notices.
func (o *outside) secureHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+noticesPath, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNotice))
		if err != nil || !json.Valid(body) {
			http.Error(w, "not a notice", http.StatusBadRequest)
			return
		}
		o.mu.Lock()
		o.notices = append(o.notices, body)
		o.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/v1/events" {
			o.listings.Add(1)
		}
		o.provider.ServeHTTP(w, r)
	})
	return mux
}

// doorHandler is what callers ask: the API, watched by the provider for its own webhooks, and the
// notices that came.
func (o *outside) doorHandler() http.Handler {
	proxy := &httputil.ReverseProxy{Transport: o.trust.transport(), Rewrite: func(r *httputil.ProxyRequest) {
		to := o.api.Load()
		r.SetURL(to.endpoint)
		r.Out.Host = to.host
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local/notices", func(w http.ResponseWriter, _ *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(append([]json.RawMessage{}, o.notices...))
	})
	mux.Handle("/", o.provider.Observe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.api.Load() == nil {
			http.Error(w, "no stack is deployed yet", http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	})))
	return mux
}

// lead has the door lead to an API: endpoint is the emulator's address, host the API's own name.
func (o *outside) lead(endpoint, host string) error {
	to, err := url.Parse(endpoint)
	if err != nil {
		return err
	}
	o.api.Store(&way{endpoint: to, host: host})
	return nil
}

// eventually asks until the answer is yes, an error comes, or within is over.
func eventually(ctx context.Context, within time.Duration, ask func() (bool, error)) (bool, error) {
	limit, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		yes, err := ask()
		if yes || err != nil {
			return yes, err
		}
		select {
		case <-limit.Done():
			return false, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
