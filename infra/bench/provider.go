package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
)

// provider is the payment provider's stand-in, which counts its requests. It posts nothing: the
// story delivers its events by itself.
type provider struct {
	*standin.Provider
	server   *httptest.Server
	requests atomic.Int64
}

func newProvider() *provider {
	p := &provider{Provider: standin.New(sandbox.Standin(standin.Options{}))}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.requests.Add(1)
		p.ServeHTTP(w, r)
	}))
	return p
}

// env points a function at it.
func (p *provider) env() string { return "STRIPE_API_URL=" + p.server.URL }

func (p *provider) stop() {
	p.server.Close()
	p.Close()
}
