package api

import (
	"net/http"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// What a page of another origin may send and read, and for how long a browser keeps that it may, in
// seconds: longer than this none of them does but Firefox.
// Why: infra/decisions/0077.
const (
	pageMethods = "GET, POST"
	pageHeaders = "Authorization, Content-Type, Idempotency-Key, If-None-Match, Correlation-Id"
	pageReads   = "Content-Language, Correlation-Id, ETag, Idempotent-Replayed, Retry-After"
	pageKept    = "7200"
)

const (
	headerOrigin = "Origin"
	headerWanted = "Access-Control-Request-Method"
)

// admit reports whether the request goes on. A browser says which origin its page is of: one that
// is not listed is refused before anything is read. What a browser asks beforehand is answered
// here, whatever the path.
func (m *Mux) admit(w http.ResponseWriter, r *http.Request) bool {
	if m.gate == nil {
		return true
	}
	// Of every answer, so that none that was kept for a page without an origin is given to another.
	w.Header().Add("Vary", headerOrigin)
	origin := r.Header.Get(headerOrigin)
	if origin == "" {
		return true
	}
	if !m.gate.AllowsOrigin(origin) {
		WriteProblem(r.Context(), w, fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "pages of this origin may not call"))
		return false
	}
	// The problems of such a request are readable too: the headers come before its answer.
	w.Header().Set("Access-Control-Allow-Origin", origin)
	if r.Method == http.MethodOptions && r.Header.Get(headerWanted) != "" {
		w.Header().Set("Access-Control-Allow-Methods", pageMethods)
		w.Header().Set("Access-Control-Allow-Headers", pageHeaders)
		w.Header().Set("Access-Control-Max-Age", pageKept)
		w.WriteHeader(http.StatusNoContent)
		return false
	}
	w.Header().Set("Access-Control-Expose-Headers", pageReads)
	return true
}

// outOfPage returns an error where a page sends a key: whoever opens the page has it.
func outOfPage(r *http.Request, caller access.Caller) error {
	if r.Header.Get(headerOrigin) == "" || caller.Role == access.RoleCustomer {
		return nil
	}
	return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "a key is for a server: a page calls with a customer's token")
}
