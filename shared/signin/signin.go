// Package signin owns how staff prove who they are at the console: at an identity provider, by
// OpenID Connect's authorization code with PKCE, or, on the local stack alone, as a person of the
// demo.
//
// It refuses to know what staff may do (access does), what a page looks like (console does), and
// where settings are kept.
//
// Invariants: without a provider nobody signs in, save on the local stack. A callback ends only the
// sign-in that the same browser began, once, within AttemptLife: state, nonce and verifier are its
// own. A token counts if the provider signed it for us and it has not expired. Who has no role here
// is not let in. Nothing that a provider says is shown; why somebody was refused is a sentence of
// ours. After signing in nobody is sent to another site.
//
// Words: attempt (a sign-in that has begun), provider (here: who vouches for a person), claim (a
// field of its token), person (a member of staff, by the name that the provider gives them).
//
// Why: infra/decisions/0066.
package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// Paths below that of signing in. The callback is what the provider is told to send people to.
const (
	PathSignIn   = "/console/sign-in"
	PathBegin    = PathSignIn + "/begin"
	PathCallback = PathSignIn + "/callback"
	PathSignOut  = "/console/sign-out"
	pathHome     = "/console"
)

// Cookies: who is signed in, and a sign-in that has begun. The prefix lets no other host set them,
// and none travel without TLS, save on this machine.
const (
	SessionCookie = "__Host-makegood-staff"
	attemptCookie = "__Host-makegood-sign-in"
)

// maxTo bounds the path to go to in the end, in bytes: an attempt is a cookie.
const maxTo = 1024

// Page is what the page of signing in shows.
type Page struct {
	// Begin is where its link to the provider leads, "" where there is no provider.
	Begin string
	// Provider is the provider's host.
	Provider string
	// People are the demo's, on the local stack without a provider alone.
	People []access.StaffSession
	// To is the path to go to in the end.
	To string
	// Left says that the person has signed out just now.
	Left bool
}

// Render writes the page. A refusal says why somebody was not let in; nil: nobody was refused.
type Render func(w http.ResponseWriter, r *http.Request, page Page, refusal error)

// SignIn lets staff in, and out.
type SignIn struct {
	// Provider vouches for people; nil: there is none.
	Provider *Provider
	// Local says that this is the local stack, which has people of its own. A provider goes before
	// them.
	Local bool
	// Secrets sign sessions and attempts.
	Secrets access.Secrets
	// Now is the clock.
	Now func() time.Time
}

// Handler serves PathSignIn, what is below it, and PathSignOut. Whoever mounts it refuses forms
// that other sites send.
func (s SignIn) Handler(render Render) http.Handler {
	d := door{s, render}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PathSignIn, d.page)
	mux.HandleFunc("POST "+PathSignIn, d.pick)
	mux.HandleFunc("GET "+PathBegin, d.begin)
	mux.HandleFunc("GET "+PathCallback, d.callback)
	mux.HandleFunc("POST "+PathSignOut, d.leave)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { d.refuse(w, r, "", fault.NotFound("page")) })
	return mux
}

// door is SignIn with its page.
type door struct {
	SignIn
	render Render
}

func (d door) page(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	page := d.pageTo(safePath(query.Get("to")))
	page.Left = query.Has("left")
	d.render(w, r, page, nil)
}

// pageTo returns the page of whoever wants to go to that path.
func (d door) pageTo(to string) Page {
	page := Page{To: to}
	switch {
	case d.Provider != nil:
		page.Begin, page.Provider = PathBegin+"?"+url.Values{"to": {to}}.Encode(), d.Provider.host()
	case d.Local:
		page.People = people()
	}
	return page
}

// begin sends the browser to the provider, with what it will have to bring back in a cookie.
func (d door) begin(w http.ResponseWriter, r *http.Request) {
	to := safePath(r.URL.Query().Get("to"))
	if d.Provider == nil {
		d.refuse(w, r, to, noProvider())
		return
	}
	attempt := access.Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: to}
	token, err := access.Attempts{Secrets: d.Secrets}.Open(r.Context(), attempt, d.Now())
	if err != nil {
		d.refuse(w, r, to, err)
		return
	}
	address, err := d.Provider.address(r.Context(), callbackOf(r), attempt)
	if err != nil {
		d.refuse(w, r, to, err)
		return
	}
	setCookie(w, attemptCookie, token, access.AttemptLife)
	http.Redirect(w, r, address, http.StatusSeeOther) //nolint:gosec // the provider's own, which the stack's parameters name
}

// callback lets in whom the provider vouches for.
func (d door) callback(w http.ResponseWriter, r *http.Request) {
	// Whatever comes of it, an attempt ends once.
	setCookie(w, attemptCookie, "", -time.Second)
	attempt, err := d.attempt(r)
	if err != nil {
		d.refuse(w, r, attempt.To, err)
		return
	}
	session, err := d.Provider.session(r.Context(), callbackOf(r), r.URL.Query(), attempt)
	if err != nil {
		d.refuse(w, r, attempt.To, err)
		return
	}
	d.letIn(w, r, session, attempt.To)
}

// attempt returns the sign-in that the request ends.
func (d door) attempt(r *http.Request) (access.Attempt, error) {
	if d.Provider == nil {
		return access.Attempt{}, noProvider()
	}
	over := fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "this sign-in is over: it was used, took more than ten minutes, or began in another browser; sign in again")
	cookie, err := r.Cookie(attemptCookie)
	if err != nil {
		return access.Attempt{}, over
	}
	attempt, err := access.Attempts{Secrets: d.Secrets}.Attempt(r.Context(), cookie.Value, d.Now())
	switch {
	case fault.KindOf(err) == fault.KindUnauthenticated:
		return access.Attempt{}, over
	case err != nil:
		return access.Attempt{}, err
	case !same(r.URL.Query().Get("state"), attempt.State):
		return attempt, fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "what came back is of another sign-in; sign in again")
	}
	return attempt, nil
}

// letIn gives the person a session and sends them on.
func (d door) letIn(w http.ResponseWriter, r *http.Request, session access.StaffSession, to string) {
	token, _, err := access.StaffSessions{Secrets: d.Secrets}.Open(r.Context(), session, d.Now())
	if err != nil {
		d.refuse(w, r, to, err)
		return
	}
	slog.InfoContext(r.Context(), "staff signed in", "roles", session.Roles)
	setCookie(w, SessionCookie, token, access.StaffSessionLife)
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // a path of the console's: safePath
}

// leave ends the session in this browser.
func (d door) leave(w http.ResponseWriter, r *http.Request) {
	setCookie(w, SessionCookie, "", -time.Second)
	http.Redirect(w, r, PathSignIn+"?left", http.StatusSeeOther)
}

// refuse says why somebody is not let in. The page tells them; the log tells whoever runs this.
func (d door) refuse(w http.ResponseWriter, r *http.Request, to string, err error) {
	slog.WarnContext(r.Context(), "sign-in refused", "error", err.Error())
	d.render(w, r, d.pageTo(safePath(to)), err)
}

func noProvider() error {
	return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "nobody can sign in here: no identity provider is set up")
}

// setCookie sets a cookie for a while; a negative while takes it away. It travels with a link from
// elsewhere (Lax), as the provider's callback is one.
func setCookie(w http.ResponseWriter, name, value string, while time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(while.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// callbackOf returns the address that the provider sends people back to, on the host that the
// browser asked. A provider takes only addresses that it was told of before.
func callbackOf(r *http.Request) string {
	address := url.URL{Scheme: "https", Host: r.Host, Path: PathCallback}
	host := address.Hostname()
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		address.Scheme = "http"
	}
	return address.String()
}

// safePath returns the path if it is one of the console's, else the console's own: whoever signs in
// by somebody's link ends up nowhere else.
func safePath(to string) string {
	address, err := url.Parse(to)
	if err != nil || len(to) > maxTo || address.Scheme != "" || address.Host != "" || address.User != nil ||
		address.Path != pathHome && !strings.HasPrefix(address.Path, pathHome+"/") || path.Clean(address.Path) != address.Path ||
		strings.HasPrefix(address.Path, PathSignIn) || address.Path == PathSignOut {
		return pathHome
	}
	return to
}

// same compares in constant time. What is empty is the same as nothing.
func same(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

// within bounds what a provider is asked, so that the page is written before the function ends.
func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patience)
}
