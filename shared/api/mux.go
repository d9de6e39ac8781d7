package api

import (
	"context"
	"net/http"
	"path"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// Gate tells who calls, see access.Gate.
type Gate interface {
	// Caller returns who presents the credential of the Authorization header. KindUnauthenticated
	// for a credential that nobody has, KindBusy when it cannot be checked now.
	Caller(ctx context.Context, authorization string) (access.Caller, error)
	// AllowsOrigin reports whether a browser's page of the origin may call.
	AllowsOrigin(origin string) bool
	// Count counts a request of a caller whom the route lets in. KindThrottled where they made too
	// many.
	Count(ctx context.Context, caller access.Caller) error
}

// Mux sends requests to routes. What it has no route for is a problem too: 404, or 405 for a known
// path.
type Mux struct {
	gate   Gate
	routes *http.ServeMux
}

// NewMux returns a mux without routes. gate may be nil where all routes are HandleRaw's.
func NewMux(gate Gate) *Mux {
	return &Mux{gate: gate, routes: http.NewServeMux()}
}

// ServeHTTP answers r. A path that is not in its plain form (//, .., a slash at the end) is
// unknown: nobody is redirected.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !m.admit(w, r) {
		return
	}
	// http.ServeMux would redirect such a path, and a client would then drop the body of its POST.
	if path.Clean(r.URL.Path) != r.URL.Path {
		writeProblem(w, ProblemOf(fault.NotFound("path")))
		return
	}
	// Look the route up before anything is written: ServeMux answers a miss in plain text, and we
	// answer with a problem.
	refuse, pattern := m.routes.Handler(r)
	if pattern != "" {
		m.routes.ServeHTTP(w, r)
		return
	}
	// No route matches. Only ServeMux knows whether the path exists with another method, so let it
	// answer into a probe.
	probe := peek{header: http.Header{}}
	refuse.ServeHTTP(&probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		writeProblem(w, problem(probe.status, CodeMethodNotAllowed, "this path has no "+r.Method))
		return
	}
	writeProblem(w, ProblemOf(fault.NotFound("path")))
}

// peek records the status and header that ServeMux would have answered with.
type peek struct {
	header http.Header
	status int
}

func (p *peek) Header() http.Header            { return p.header }
func (p *peek) WriteHeader(status int)         { p.status = status }
func (p *peek) Write(text []byte) (int, error) { return len(text), nil }
