package signin_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/signin"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func live(context.Context) ([]string, error) { return []string{"a secret"}, nil }

// browser is one person's: it keeps cookies, and sees the page that it was answered with last.
type browser struct {
	t       *testing.T
	handler http.Handler
	now     *time.Time
	cookies map[string]string
	page    signin.Page
	refusal error
}

// desk is a console that has that provider, and a browser before it.
func desk(t *testing.T, provider *played, change ...func(*signin.SignIn)) *browser {
	t.Helper()
	b := &browser{t: t, now: new(time.Time), cookies: map[string]string{}}
	*b.now = noon
	clock := func() time.Time { return *b.now }
	door := signin.SignIn{Secrets: live, Now: clock}
	if provider != nil {
		roles, err := signin.ParseRoles("reviewer=support, money=finance,admin=ops,reviewer=finance")
		require.NoError(t, err)
		door.Provider = &signin.Provider{
			Issuer: provider.URL, ClientID: clientID, Scopes: []string{"openid", "email"}, Now: clock,
			Names: signin.Names{NameClaim: "email", RolesClaim: "roles", Roles: roles},
		}
	}
	for _, one := range change {
		one(&door)
	}
	b.handler = door.Handler(func(w http.ResponseWriter, _ *http.Request, page signin.Page, refusal error) {
		b.page, b.refusal = page, refusal
		w.WriteHeader(http.StatusTeapot)
	})
	return b
}

// sends returns where it is redirected to, "" where it got a page.
func (b *browser) sends(method, target string, form url.Values) string {
	b.t.Helper()
	b.refusal = nil
	r := httptest.NewRequest(method, "https://makegood.example.com"+target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		require.True(b.t, strings.HasPrefix(cookie.Name, "__Host-") && cookie.Secure && cookie.HttpOnly && cookie.Path == "/" && cookie.Domain == "", cookie.Name)
		require.Equal(b.t, http.SameSiteLaxMode, cookie.SameSite)
		if b.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	if w.Code == http.StatusTeapot {
		return ""
	}
	require.Equal(b.t, http.StatusSeeOther, w.Code)
	return w.Header().Get("Location")
}

func (b *browser) gets(target string) string { return b.sends(http.MethodGet, target, nil) }

// caller is who is signed in.
func (b *browser) caller() (access.Caller, error) {
	return access.StaffSessions{Secrets: live}.Caller(context.Background(), b.cookies[signin.SessionCookie], *b.now)
}

// wantRefused checks that nobody is signed in, and for what reason.
func (b *browser) wantRefused(kind fault.Kind, sentence string) {
	b.t.Helper()
	require.Error(b.t, b.refusal)
	assert.Equal(b.t, kind, fault.KindOf(b.refusal))
	cause := (*fault.Error)(nil)
	require.ErrorAs(b.t, b.refusal, &cause)
	assert.Contains(b.t, cause.Detail, sentence)
	assert.NotContains(b.t, cause.Detail, "<", "nothing that the provider says is shown")
	assert.NotContains(b.t, b.cookies, signin.SessionCookie)
}

// begins returns where the provider sends the browser back to.
func (b *browser) begins(provider *played, to string) string {
	b.t.Helper()
	address := b.gets(signin.PathBegin + "?" + url.Values{"to": {to}}.Encode())
	require.NotEmpty(b.t, address, b.refusal)
	return provider.signIn(b.t, address).RequestURI()
}

func TestAPersonSignsInAtTheProviderAndGoesWhereTheyWanted(t *testing.T) {
	provider := newProvider(t, noon)
	b := desk(t, provider)
	assert.Empty(t, b.gets(signin.PathSignIn+"?to=/console/cases?state=x"))
	assert.Equal(t, "127.0.0.1", b.page.Provider)
	assert.Equal(t, "/console/sign-in/begin?to=%2Fconsole%2Fcases%3Fstate%3Dx", b.page.Begin)
	assert.Empty(t, b.page.People)

	back := b.begins(provider, "/console/cases/c1?note=a+b")
	assert.Equal(t, "/console/cases/c1?note=a+b", b.gets(back))
	caller, err := b.caller()
	require.NoError(t, err)
	assert.Equal(t, "ann@example.com", caller.Name)
	assert.Equal(t, []access.StaffRole{access.StaffRoleReviewer}, caller.StaffRoles)
	assert.Equal(t, "https://makegood.example.com/console/sign-in/callback", provider.posted.Get("redirect_uri"))
	assert.Equal(t, clientID, provider.posted.Get("client_id"), "an open client names itself")
	assert.Len(t, b.cookies, 1, "the attempt is over")
}

func TestAClientWithASecretProvesItself(t *testing.T) {
	provider := newProvider(t, noon)
	b := desk(t, provider, func(s *signin.SignIn) {
		s.Provider.ClientSecrets = func(context.Context) ([]string, error) { return []string{"new", "old"}, nil }
	})
	require.Equal(t, "/console", b.gets(b.begins(provider, "")))
	assert.Equal(t, "new", provider.basic)
	assert.Empty(t, provider.posted.Get("client_secret"))
	b = desk(t, provider, func(s *signin.SignIn) {
		s.Provider.ClientSecrets = func(context.Context) ([]string, error) { return nil, errors.New("the vault is shut") }
	})
	b.gets(b.begins(provider, ""))
	b.wantRefused(fault.KindBusy, "try again")
}

func TestATokenThatIsNotQuiteOursLetsNobodyIn(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change   func(*played)
		kind     fault.Kind
		sentence string
	}{
		"another nonce":         {func(p *played) { p.but("nonce", "another") }, fault.KindUnauthenticated, "of another sign-in"},
		"no nonce":              {func(p *played) { p.but("nonce", nil) }, fault.KindUnauthenticated, "of another sign-in"},
		"expired":               {func(p *played) { p.but("exp", noon.Add(-1).Unix()) }, fault.KindUnauthenticated, "has expired"},
		"another audience":      {func(p *played) { p.but("aud", "another") }, fault.KindUnauthenticated, "for another application"},
		"issued to another":     {func(p *played) { p.but("azp", "another") }, fault.KindUnauthenticated, "for another application"},
		"another issuer":        {func(p *played) { p.but("iss", "https://elsewhere.example.com") }, fault.KindUnauthenticated, "for another application"},
		"signed by another":     {func(p *played) { p.signer = other }, fault.KindUnauthenticated, "not signed by it"},
		"no roles":              {func(p *played) { p.but("roles", nil) }, fault.KindForbidden, "no role here"},
		"roles of others":       {func(p *played) { p.but("roles", []string{"reviewer", "admin"}) }, fault.KindForbidden, "no role here"},
		"roles that are none":   {func(p *played) { p.but("roles", map[string]any{"support": true}) }, fault.KindForbidden, "no role here"},
		"no name":               {func(p *played) { p.but("email", nil) }, fault.KindForbidden, "did not say your name"},
		"a name of many":        {func(p *played) { p.but("email", []string{"ann"}) }, fault.KindForbidden, "did not say your name"},
		"a name that is markup": {func(p *played) { p.but("email", "<b>") }, fault.KindForbidden, "does not do"},
		"an address not theirs": {func(p *played) { p.but("email_verified", false) }, fault.KindForbidden, "not verified"},
		"nobody":                {func(p *played) { p.but("nonce", make(chan int)) }, fault.KindBusy, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			provider := newProvider(t, noon)
			b := desk(t, provider)
			back := b.begins(provider, "/console/cases")
			c.change(provider)
			if name == "nobody" {
				provider.Close()
			}
			assert.Empty(t, b.gets(back))
			b.wantRefused(c.kind, c.sentence)
			assert.Equal(t, "/console/cases", b.page.To, "the next try leads there, too")
		})
	}
}

func TestRolesAreReadFromWhatTheirClaimHolds(t *testing.T) {
	reviewer, money, admin := access.StaffRoleReviewer, access.StaffRoleMoney, access.StaffRoleAdmin
	for name, c := range map[string]struct {
		claim, at string
		value     any
		want      []access.StaffRole
	}{
		"one text":              {"roles", "roles", "ops", []access.StaffRole{admin}},
		"a text of two roles":   {"roles", "roles", []any{"finance", 7}, []access.StaffRole{reviewer, money}},
		"twice the same":        {"roles", "roles", []string{"support", "finance"}, []access.StaffRole{reviewer, money}},
		"a name with dots":      {"https://example.com/roles", "https://example.com/roles", []string{"ops"}, []access.StaffRole{admin}},
		"a path":                {"realm_access", "realm_access.roles", map[string]any{"roles": []string{"ops"}}, []access.StaffRole{admin}},
		"a path that leads off": {"realm_access", "realm_access.roles", []string{"ops"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			provider := newProvider(t, noon)
			provider.but(c.claim, c.value)
			b := desk(t, provider, func(s *signin.SignIn) { s.Provider.Names.RolesClaim = c.at })
			b.gets(b.begins(provider, ""))
			if c.want == nil {
				b.wantRefused(fault.KindForbidden, "no role here")
				return
			}
			caller, err := b.caller()
			require.NoError(t, err, "refused: %v", b.refusal)
			assert.Equal(t, c.want, caller.StaffRoles)
		})
	}
	for _, text := range []string{"", "reviewer", "reviewer=", "owner=ops", "admin=ops,,", "=ops"} {
		_, err := signin.ParseRoles(text)
		assert.Error(t, err, text)
	}
}

func TestACallbackEndsTheSignInOfItsOwnBrowserOnce(t *testing.T) {
	provider := newProvider(t, noon)
	b := desk(t, provider)

	stranger := desk(t, provider)
	stranger.gets(b.begins(provider, ""))
	stranger.wantRefused(fault.KindUnauthenticated, "this sign-in is over")

	stranger.begins(provider, "")
	stranger.gets(b.begins(provider, ""))
	stranger.wantRefused(fault.KindUnauthenticated, "of another sign-in")

	back := b.begins(provider, "")
	kept := b.cookies["__Host-makegood-sign-in"]
	require.NotEmpty(t, kept)
	require.Equal(t, "/console", b.gets(back))
	delete(b.cookies, signin.SessionCookie)
	b.gets(back)
	b.wantRefused(fault.KindUnauthenticated, "this sign-in is over")
	b.cookies["__Host-makegood-sign-in"] = kept
	b.gets(back)
	b.wantRefused(fault.KindUnauthenticated, "used or over")

	back = b.begins(provider, "")
	*b.now = noon.Add(access.AttemptLife)
	b.gets(back)
	b.wantRefused(fault.KindUnauthenticated, "took more than ten minutes")
}

func TestAnAttemptThatWasChangedIsOver(t *testing.T) {
	provider := newProvider(t, noon)
	for name, forge := range map[string]func(b *browser) string{
		"without state": func(b *browser) string { return signin.PathCallback + "?code=1" },
		"another state": func(b *browser) string {
			back, err := url.Parse(b.begins(provider, ""))
			require.NoError(b.t, err)
			query := back.Query()
			query.Set("state", "another")
			return back.Path + "?" + query.Encode()
		},
		"a session in its place": func(b *browser) string {
			back := b.begins(provider, "")
			token, _, err := access.StaffSessions{Secrets: live}.Open(context.Background(), access.StaffSession{Name: "ann", Roles: access.StaffRoles()}, noon)
			require.NoError(b.t, err)
			b.cookies["__Host-makegood-sign-in"] = token
			return back
		},
		"no error's state": func(b *browser) string {
			b.begins(provider, "")
			return signin.PathCallback + "?error=access_denied"
		},
	} {
		b := desk(t, provider)
		b.gets(forge(b))
		b.wantRefused(fault.KindUnauthenticated, "")
		assert.Empty(t, provider.posted, "%s: nothing was asked of the provider", name)
	}
}

func TestAProviderThatRefusesOrIsDownIsSaidToBe(t *testing.T) {
	provider := newProvider(t, noon)
	b := desk(t, provider)
	back, err := url.Parse(b.begins(provider, ""))
	require.NoError(t, err)
	query := back.Query()
	query.Del("code")
	query.Set("error", "access_denied")
	query.Set("error_description", "<b>call this number</b>")
	b.gets(back.Path + "?" + query.Encode())
	b.wantRefused(fault.KindUnauthenticated, "did not let you in")

	for _, path := range []string{"/token", "/keys"} {
		back := b.begins(provider, "")
		provider.down[path] = true
		b.gets(back)
		b.wantRefused(fault.KindBusy, "does not answer")
		provider.down[path] = false
	}

	provider.down["/.well-known/openid-configuration"] = true
	*b.now = noon.Add(2 * time.Hour)
	assert.NotEmpty(t, b.gets(signin.PathBegin), "what it said of itself is used on")
	b = desk(t, provider)
	assert.Empty(t, b.gets(signin.PathBegin))
	b.wantRefused(fault.KindBusy, "does not answer")
	provider.down["/.well-known/openid-configuration"] = false
	assert.NotEmpty(t, b.gets(signin.PathBegin), "and asked again, since it did not answer")
}

func TestNobodyIsSentToAnotherSite(t *testing.T) {
	provider := newProvider(t, noon)
	for _, to := range []string{
		"https://evil.example.com", "//evil.example.com/console", "/\\evil.example.com", "/console/..//evil.example.com", "javascript:alert(1)",
		"/v1/cases", "/consoles", "console", "/console/sign-out", "/console/sign-in", "/console/%2e%2e/x", "\x00", "/console/" + strings.Repeat("a", 1100),
	} {
		b := desk(t, provider)
		assert.Equal(t, "/console", b.gets(b.begins(provider, to)), to)
	}
}

func TestSigningOutEndsTheSessionOfThisBrowser(t *testing.T) {
	provider := newProvider(t, noon)
	b := desk(t, provider)
	b.gets(b.begins(provider, ""))
	require.Equal(t, "/console/sign-in?left", b.sends(http.MethodPost, signin.PathSignOut, nil))
	assert.NotContains(t, b.cookies, signin.SessionCookie)
	b.gets("/console/sign-in?left")
	assert.True(t, b.page.Left)
}

func TestTheLocalStackHasPeopleOfItsOwn(t *testing.T) {
	b := desk(t, nil, func(s *signin.SignIn) { s.Local = true })
	b.gets(signin.PathSignIn)
	require.Len(t, b.page.People, 3)
	assert.Empty(t, b.page.Begin)
	for _, person := range b.page.People {
		assert.Equal(t, "/console/cases", b.sends(http.MethodPost, signin.PathSignIn, url.Values{"person": {person.Name}, "to": {"/console/cases"}}))
		caller, err := b.caller()
		require.NoError(t, err)
		assert.Equal(t, person.Name, caller.Name)
		assert.Equal(t, person.Roles, caller.StaffRoles)
	}
	delete(b.cookies, signin.SessionCookie)
	b.sends(http.MethodPost, signin.PathSignIn, url.Values{"person": {"mallory"}})
	b.wantRefused(fault.KindInvalid, "nobody here")
}

func TestWithoutAProviderNobodySignsIn(t *testing.T) {
	provider := newProvider(t, noon)
	for name, b := range map[string]*browser{
		"deployed":                   desk(t, nil),
		"with a provider, and local": desk(t, provider, func(s *signin.SignIn) { s.Local = true }),
	} {
		b.gets(signin.PathSignIn)
		assert.Empty(t, b.page.People, name)
		b.sends(http.MethodPost, signin.PathSignIn, url.Values{"person": {"eve"}})
		b.wantRefused(fault.KindForbidden, "no identity provider")
	}
	b := desk(t, nil)
	for _, target := range []string{signin.PathBegin, signin.PathCallback + "?code=1&state=1"} {
		b.gets(target)
		b.wantRefused(fault.KindForbidden, "no identity provider")
	}
	b.gets(signin.PathSignIn + "/elsewhere")
	b.wantRefused(fault.KindNotFound, "no such page")
}

func TestWithoutASecretNobodySignsIn(t *testing.T) {
	provider := newProvider(t, noon)
	b := desk(t, provider, func(s *signin.SignIn) {
		s.Secrets = func(context.Context) ([]string, error) { return nil, errors.New("the vault is shut") }
	})
	b.gets(signin.PathBegin)
	b.wantRefused(fault.KindBusy, "try again")
	b = desk(t, nil, func(s *signin.SignIn) { s.Local, s.Secrets = true, nil })
	b.sends(http.MethodPost, signin.PathSignIn, url.Values{"person": {"ann"}})
	require.Error(t, b.refusal)
	assert.Empty(t, b.cookies)
}
