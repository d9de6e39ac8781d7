package api

import (
	"context"
	"net/http"
	"path"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// Gate tells who calls by the Authorization header; see access.Gate. KindUnauthenticated for nobody we know, KindBusy when it cannot be told.
type Gate interface {
	Caller(ctx context.Context, authorization string) (access.Caller, error)
}

// Mux sends requests to routes. What it has no route for is a problem too: 404, or 405 for a known path.
type Mux struct {
	gate   Gate
	routes *http.ServeMux
}

// NewMux returns a mux without routes. gate may be nil where all routes are HandleRaw's.
func NewMux(gate Gate) *Mux {
	return &Mux{gate: gate, routes: http.NewServeMux()}
}

// ServeHTTP answers r. A path that is not in its plain form (//, .., a slash at the end) is no path of ours: nobody is redirected.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path.Clean(r.URL.Path) != r.URL.Path {
		writeProblem(w, ProblemOf(fault.NotFound("path")))
		return
	}
	refuse, pattern := m.routes.Handler(r)
	if pattern != "" {
		m.routes.ServeHTTP(w, r)
		return
	}
	asked := peek{header: http.Header{}}
	refuse.ServeHTTP(&asked, r)
	if asked.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", asked.header.Get("Allow"))
		writeProblem(w, problem(asked.status, CodeMethodNotAllowed, "this path has no "+r.Method))
		return
	}
	writeProblem(w, ProblemOf(fault.NotFound("path")))
}

// peek hears what ServeMux would have answered.
type peek struct {
	header http.Header
	status int
}

func (p *peek) Header() http.Header            { return p.header }
func (p *peek) WriteHeader(status int)         { p.status = status }
func (p *peek) Write(text []byte) (int, error) { return len(text), nil }
