package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/console"
	"makegood/shared/fault"
	"makegood/shared/memory"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/signin"
	"makegood/shared/storetest"
)

func secrets(context.Context) ([]string, error) {
	return []string{"a secret of thirty-two bytes, or so"}, nil
}

// kept is a bucket in memory.
type kept map[string][]byte

func (k kept) Put(_ context.Context, key, _ string, body []byte) error {
	k[key] = body
	return nil
}

func (k kept) Get(_ context.Context, key string, most int64) ([]byte, error) {
	body, there := k[key]
	if !there || int64(len(body)) > most {
		return nil, fault.NotFound("object")
	}
	return body, nil
}

// linker makes links that name their object.
type linker struct{}

func (linker) Link(_ context.Context, key, _ string) (string, error) {
	return "https://kept.example/" + key, nil
}

// office is the console over a world in memory, with a person before it.
type office struct {
	*storetest.World
	t       *testing.T
	handler http.Handler
	cookie  string // "" where nobody is signed in
}

// opens returns the console, and ann signed in with the roles.
func opens(t *testing.T, roles ...access.StaffRole) office {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	o := office{World: w, t: t, handler: consoleOf(w, photoroom).Handler()}
	return o.as("ann", roles...)
}

func TestThePageOfSigningInOffersWhatThereIs(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	shows := func(door signin.SignIn) string {
		c := consoleOf(w, photoroom)
		door.Secrets, door.Now = secrets, c.Now
		c.SignIn = door
		return office{World: w, t: t, handler: c.Handler()}.gets(console.PathSignIn + "?to=/console/cases%3Fa=%22%3E").Body.String()
	}
	assert.Contains(t, shows(signin.SignIn{}), "no identity provider is set up")
	assert.Contains(t, shows(signin.SignIn{Provider: &signin.Provider{Issuer: "https://login.example.com/x"}}),
		`href="/console/sign-in/begin?to=%2Fconsole%2Fcases%3Fa%3D%22%3E" data-key="Enter">Sign in at login.example.com `)
	local := shows(signin.SignIn{Local: true})
	assert.Contains(t, local, `name="person" value="bob" data-key="b">bob: reviewer, money `)
	assert.Contains(t, local, `name="to" value="/console/cases?a=&#34;&gt;"`)
}

func TestAPersonOfTheLocalStackSignsInAndOut(t *testing.T) {
	o := opens(t)
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	c := consoleOf(o.World, photoroom)
	c.SignIn = signin.SignIn{Local: true, Secrets: secrets, Now: c.Now}
	o.handler = c.Handler()
	in := o.posts(console.PathSignIn, url.Values{"person": {"ann"}, "to": {"/console/cases"}})
	require.Equal(t, http.StatusSeeOther, in.Code)
	assert.Equal(t, "/console/cases", in.Header().Get("Location"))
	o.cookie = in.Result().Cookies()[0].Value
	assert.Contains(t, o.gets("/console/cases").Body.String(), ">ann</span>")
	out := o.posts(console.PathSignOut, nil)
	assert.Equal(t, "/console/sign-in?left", out.Header().Get("Location"))
	assert.Negative(t, out.Result().Cookies()[0].MaxAge)
	refused := o.posts(console.PathSignIn, url.Values{"person": {"mallory"}})
	assert.Equal(t, http.StatusBadRequest, refused.Code)
	assert.Contains(t, refused.Body.String(), "nobody here is called that.")
}

func consoleOf(w *storetest.World, published *policy.Policy) console.Console {
	return console.Console{
		Sessions: access.StaffSessions{Secrets: secrets}, Store: w.Store, Published: published, Reviewer: w.Reviewer(),
		Payments: payment.Receiver{Store: w.Store, Rules: payment.Rules{Catalog: w}}, Outbox: payment.Outbox{Requests: w, Settlements: w},
		Standings: w.Setter(), Addresses: w.Addresses(),
		Outages: outage.Declarer{Store: w.Store, Estimator: refund.Estimator{Policy: w}, Looks: w}, Runs: outage.Starter{Store: w.Store, Runs: w},
		Drafts: kept{}, Links: linker{}, Uploads: w.Shelf, Pictures: "https://kept.example", Now: func() time.Time { return w.Now },
	}
}

// as returns the console before another person.
func (o office) as(name string, roles ...access.StaffRole) office {
	o.t.Helper()
	o.cookie = ""
	if len(roles) > 0 {
		token, _, err := access.StaffSessions{Secrets: secrets}.Open(o.t.Context(), access.StaffSession{Name: name, Roles: roles}, o.Now)
		require.NoError(o.t, err)
		o.cookie = token
	}
	return o
}

// gets asks for a page.
func (o office) gets(path string) *httptest.ResponseRecorder {
	return o.sends(httptest.NewRequest(http.MethodGet, path, nil))
}

// posts sends a form as a page of ours does.
func (o office) posts(path string, fields url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return o.sends(r)
}

func (o office) sends(r *http.Request) *httptest.ResponseRecorder {
	if o.cookie != "" {
		r.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: o.cookie})
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w
}

func TestAPageLoadsNothingButOursAndTheKeptPictures(t *testing.T) {
	for _, path := range []string{"/console", "/console/none", console.Asset("console.css")} {
		header := opens(t, access.StaffRoleAdmin).gets(path).Header()
		csp := header.Get("Content-Security-Policy")
		assert.Contains(t, csp, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https://kept.example;", path)
		assert.NotContains(t, csp, "unsafe", path)
		assert.Contains(t, csp, "frame-ancestors 'none'; require-trusted-types-for 'script'", path)
		assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), path)
	}
}

var inline = regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:|<script(?: [^>]*)?>[^<]`)

func TestNoTemplateHasAnInlineScriptOrStyle(t *testing.T) {
	files, err := os.ReadDir("templates")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile("templates/" + file.Name())
		require.NoError(t, err)
		assert.Empty(t, inline.FindString(string(text)), file.Name())
	}
}

func TestAnAssetIsKeptForEverUnderThePathOfItsContent(t *testing.T) {
	o := opens(t)
	for _, name := range []string{"console.css", "console.js", "icon.svg"} {
		answer := o.gets(console.Asset(name))
		assert.Equal(t, http.StatusOK, answer.Code, name)
		assert.Equal(t, "public, max-age=31536000, immutable", answer.Header().Get("Cache-Control"))
	}
	assert.Equal(t, http.StatusNotFound, o.gets("/console/assets/000000000000-console.css").Code)
	assert.Equal(t, http.StatusNotFound, o.gets("/console/assets/console.css").Code)
}

func TestAPageIsForWhomItsPermissionIs(t *testing.T) {
	assert.Less(t, opens(t, access.StaffRoleReviewer).gets("/console").Code, 400)
	nobody := opens(t).gets("/console?x=1")
	assert.Equal(t, http.StatusSeeOther, nobody.Code)
	assert.Equal(t, "/console/sign-in?to=%2Fconsole%3Fx%3D1", nobody.Header().Get("Location"))
	o := opens(t, access.StaffRoleReviewer)
	o.Pass(access.StaffSessionLife)
	assert.Equal(t, http.StatusSeeOther, o.gets("/console").Code, "the session has ended")
}

func TestWhatIsNotThereIsAPageThatSaysSo(t *testing.T) {
	answer := opens(t, access.StaffRoleReviewer).gets("/console/nothing-here")
	assert.Equal(t, http.StatusNotFound, answer.Code)
	assert.Contains(t, answer.Body.String(), "<h1>Not found</h1>")
}
