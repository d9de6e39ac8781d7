package browsertest_test

import (
	"embed"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
)

var browser *browsertest.Browser

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m, &browser)) }

//go:embed testdata
var files embed.FS

// site serves the page of testdata as the console is served: nothing but its own files is let in.
// The word of a cookie is shown, what is posted leads to a page that says it, and what stands in
// more is served as it is written.
func site(t *testing.T, more map[string]string) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, file := range map[string]string{"/{$}": "page.html", "/page.css": "page.css", "/page.js": "page.js"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "testdata/"+file) })
	}
	mux.HandleFunc("POST /done", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/done?note="+r.FormValue("note"), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><html lang=en><title>Done</title><main><h1>Decided: ` + r.FormValue("note") + `</h1></main>`))
	})
	mux.HandleFunc("GET /sign-in", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "__Host-who", Value: r.FormValue("who"), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/who", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if cookie, err := r.Cookie("__Host-who"); err == nil {
			name = cookie.Value
		}
		_, _ = w.Write([]byte(`<!doctype html><title>Who</title><h1>` + name + `</h1>`))
	})
	for path, html := range more {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			if strings.HasPrefix(html, "<") {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
			} else {
				w.Header().Set("Content-Type", "text/javascript")
			}
			_, _ = w.Write([]byte(html))
		})
	}
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	return served.URL
}

func TestAPersonReadsAPageAndDecidesByKeys(t *testing.T) {
	page := browser.Page(t)
	page.Open(site(t, nil))
	assert.Equal(t, "Two cases", page.Text("h1"))
	assert.Equal(t, []string{"the older", "the younger"}, page.Texts("li"))
	page.Sees("#late", "here at last")
	page.Gone("#nothing")
	page.Press("Control+k")
	assert.Contains(t, page.Focus(), `id="note"`)
	page.Type("fine, d")
	page.Press("Tab")
	page.Load(func() { page.Press("d") })
	assert.Equal(t, "Decided: fine, d", page.Text("h1"))
	assert.Contains(t, page.URL(), "/done?note=fine")
}

func TestAPageIsAsWideAndAsDarkAsItsReaderWants(t *testing.T) {
	address := site(t, nil)
	for _, width := range []int64{320, 1920} {
		page := browser.Page(t, browsertest.Width(width))
		page.Open(address)
		page.Fits()
		assert.Equal(t, width, browsertest.Value[int64](page, "window.innerWidth"))
		assert.Equal(t, "rgb(255, 255, 255)", browsertest.Value[string](page, "getComputedStyle(document.documentElement).backgroundColor"))
	}
	page := browser.Page(t, browsertest.Dark())
	page.Open(address)
	assert.Equal(t, "rgb(17, 17, 17)", browsertest.Value[string](page, "getComputedStyle(document.documentElement).backgroundColor"))
	assert.NotEmpty(t, page.Screenshot())
	page = browser.Page(t, browsertest.ForcedColors())
	page.Open(address)
	page.Holds("the colours are the system's", "matchMedia('(forced-colors: active)').matches")
}

func TestAPageIsToldThatTheNetworkIsGoneAndBack(t *testing.T) {
	page := browser.Page(t)
	page.Forgive("ERR_INTERNET_DISCONNECTED")
	page.Open(site(t, nil))
	answers := func(path string) bool {
		browsertest.Value[any](page, "(window.answered = null, import('"+path+"').then(() => window.answered = true, () => window.answered = false), null)")
		page.Holds("an answer or none", "window.answered !== null")
		return browsertest.Value[bool](page, "window.answered")
	}
	page.Offline(true)
	page.Holds("it is offline", "!navigator.onLine")
	assert.False(t, answers("/page.js?gone"))
	page.Offline(false)
	page.Holds("it is back", "navigator.onLine")
	assert.True(t, answers("/page.js?back"))
}

func TestAPageIsUsedWithoutItsScript(t *testing.T) {
	page := browser.Page(t, browsertest.WithoutScript())
	page.Open(site(t, nil))
	assert.Empty(t, page.Text("#width"), "its script did not run")
	page.Click("#note")
	page.Type("by hand")
	page.Load(func() { page.Click("button") })
	page.Sees("h1", "Decided: by hand")
}

func TestTwoPeopleAtOnceHaveCookiesOfTheirOwn(t *testing.T) {
	address := site(t, nil)
	ann, bob := browser.Page(t), browser.Page(t)
	ann.Open(address + "/sign-in?who=ann")
	bob.Open(address + "/sign-in?who=bob")
	ann.Open(address + "/who")
	ann.Sees("h1", "ann")
	bob.Sees("h1", "bob")
	ann.DropCookies()
	ann.Open(address + "/who")
	ann.Sees("h1", "nobody")
	bob.Open(address + "/who")
	bob.Sees("h1", "bob")
}

func TestAxeFindsNothingAgainstASoundPage(t *testing.T) {
	page := browser.Page(t, browsertest.Dark())
	page.Open(site(t, nil))
	page.Axe()
}
