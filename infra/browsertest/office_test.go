package browsertest_test

import (
	"context"
	"image/color"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
	"makegood/shared/access"
	"makegood/shared/console"
	"makegood/shared/fault"
	"makegood/shared/memory"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/signin"
	"makegood/shared/storetest"
)

// The pictures that the stories are about, by their links.
const (
	inputLink  = "https://images.example/me.png"
	outputLink = "https://images.example/hand.png"
)

// drawn are their bytes.
var drawn = sync.OnceValue(func() map[string][]byte {
	return map[string][]byte{
		inputLink:  hand(5, color.RGBA{R: 120, G: 150, B: 170, A: 255}),
		outputLink: hand(6, color.RGBA{R: 190, G: 120, B: 110, A: 255}),
	}
})

// links lead to the pictures beside the console.
type links struct{}

func (links) Link(_ context.Context, key, _ string) (string, error) {
	return "/pictures/" + url.PathEscape(key), nil
}

// kept is a bucket in memory.
type kept map[string][]byte

func (k kept) Put(_ context.Context, key, _ string, body []byte) error {
	k[key] = body
	return nil
}

func (k kept) Get(_ context.Context, key string, _ int64) ([]byte, error) {
	if body, there := k[key]; there {
		return body, nil
	}
	return nil, fault.NotFound("object")
}

// office is the console in a browser's reach, over a world in memory whose clock stands still.
// Why: infra/decisions/0076.
type office struct {
	*storetest.World
	t    *testing.T
	base string
	// drafts are the simulations that are kept.
	drafts kept
	// write is what somebody writes who means the words.
	write func(words string) string
}

// opens serves the console of a stack with photoroom's policy.
func opens(t *testing.T) *office {
	t.Helper()
	return opensUnder(t, "photoroom")
}

// opensUnder serves the console of a stack with that policy, after changes. Under /enter people are
// let in by the name that they give.
func opensUnder(t *testing.T, name string, changes ...func(*storetest.World)) *office {
	t.Helper()
	o := &office{World: storetest.NewWorldOf(t, memory.New(), name), t: t, drafts: kept{}, write: func(words string) string { return words }}
	for _, change := range changes {
		change(o.World)
	}
	for link, picture := range drawn() {
		o.Pictures[link] = picture
	}
	secrets := func(context.Context) ([]string, error) { return []string{"a secret of thirty-two bytes, or so"}, nil }
	now := func() time.Time { return o.Now }
	sessions := access.StaffSessions{Secrets: secrets}
	mux := http.NewServeMux()
	mux.Handle("/", console.Console{
		Sessions: sessions, SignIn: signin.SignIn{Local: true, Secrets: secrets, Now: now}, Store: o.Store, Reviewer: o.Reviewer(), Published: o.Policy,
		Payments: payment.Receiver{Store: o.Store, Rules: payment.Rules{Catalog: o}}, Outbox: payment.Outbox{Requests: o, Settlements: o},
		Standings: o.Setter(), Addresses: o.Addresses(), Outages: o.declarer(), Runs: outage.Starter{Store: o.Store, Runs: o},
		Links: links{}, Uploads: o.Shelf, Drafts: o.drafts, Now: now,
	}.Handler())
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /pictures/{key...}", func(w http.ResponseWriter, r *http.Request) {
		picture := drawn()[outputLink]
		if strings.Contains(r.PathValue("key"), "input") {
			picture = drawn()[inputLink]
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(picture)
	})
	mux.HandleFunc("GET /enter", func(w http.ResponseWriter, r *http.Request) {
		token, _, err := sessions.Open(r.Context(), access.StaffSession{Name: r.FormValue("as"), Roles: access.StaffRoles()}, o.Now)
		assert.NoError(t, err)
		http.SetCookie(w, &http.Cookie{Name: console.SessionCookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/console", http.StatusSeeOther)
	})
	served := httptest.NewServer(mux)
	t.Cleanup(served.Close)
	o.base = served.URL
	return o
}

// lets somebody in who may do everything, in a tab of their own.
func (o *office) lets(t *testing.T, name string, how ...browsertest.Setting) *browsertest.Page {
	t.Helper()
	page := browser.Page(t, how...)
	page.Open(o.base + "/enter?as=" + url.QueryEscape(name))
	return page
}
