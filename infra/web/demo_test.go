package web_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	demo "makegood/infra/demo/shop"
	"makegood/infra/local"
	"makegood/shared/refund"
)

// screenshots is the folder that the pictures are written to, "" for none: make screenshots.
var screenshots = flag.String("screenshots", "", "write the pictures of the demo into this folder")

// maxScreenshot bounds a picture that is committed, in bytes.
const maxScreenshot = 60_000

// demoStack starts a stack as `make run` does: its own pages may call, and the demo is one of them.
func demoStack(t *testing.T) *local.Stack {
	t.Helper()
	s, err := local.Start(t.Context(), local.Options{
		Endpoints: services, Policy: "photoroom", Prefix: fmt.Sprintf("web-%d-demo-", os.Getpid()), Log: os.Stderr,
		LogDir: filepath.Join("..", "..", ".local", "logs", "web-demo"), Demo: demo.Open,
	})
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// visit opens the demo app as a customer who is new to it.
func visit(t *testing.T, s *local.Stack, customer string, how ...browsertest.Setting) *browsertest.Page {
	t.Helper()
	p := browser.Page(t, how...)
	p.Open(s.BaseURL + demo.Path + "?customer=" + customer)
	p.Sees("#balance", "0 credits")
	return p
}

// makes has the app make a picture of a kind.
func makes(p *browsertest.Page, kind string) {
	p.Holds("nothing is under way", "!document.querySelector('button:disabled')")
	browsertest.Value[any](p, fmt.Sprintf("document.querySelector('#kind').value = %q", kind))
	p.Click("#make button")
}

func TestTheDemo(t *testing.T) {
	s := demoStack(t)
	t.Run("is played from purchase to refund", func(t *testing.T) { playsToRefund(t, s) })
	t.Run("has what a machine cannot decide be decided in the console, in the next tab", func(t *testing.T) { isDecidedByStaff(t, s) })
	t.Run("takes a claim about a purchase, with its proof", func(t *testing.T) { takesAClaim(t, s) })
	t.Run("fits a phone, and says what Makegood refuses", func(t *testing.T) { fitsAPhone(t, s) })
	t.Run("sells nothing to another site's page, nor what there is not", func(t *testing.T) { buysElsewhere(t, s) })
}

// playsToRefund buys, has pictures made that fail and show nothing, and gets all back.
func playsToRefund(t *testing.T, s *local.Stack) {
	p := visit(t, s, "alice")
	p.Click("#packages button")
	p.Sees("#balance", "100 credits")

	// What fails is given back by itself, and its message arrives.
	makes(p, "none")
	p.Sees("#pictures", "It failed, and cost nothing")
	p.Sees("#notices", "Your 4 AI credits have been refunded.")
	p.Sees("#balance", "100 credits")

	// What shows nothing is reported, and refunded by a machine.
	makes(p, "blank")
	p.Sees("#balance", "96 credits")
	p.Click("makegood-report")
	p.Holds("the reasons are there", inside("input:focus"))
	p.Axe()
	p.Holds("the picture is there", inside("img")+"?.naturalWidth > 0")
	p.Press("Space", "Tab", "Tab", "Tab", "Enter")
	says(p, "clearly unusable, so we've refunded your 4 AI credits")
	p.Press("Escape")
	p.Sees("#pictures li", "Refunded: 4 credits are back")
	p.Sees("#balance", "100 credits")
	p.Holds("both messages are there", "document.querySelectorAll('#notices li').length === 2")
	p.Axe()
	keeps(t, p, "demo")

	// All of it is Makegood's: loaded anew, the page shows the same.
	before := p.Texts("#pictures li p")
	p.Open(p.URL())
	p.Holds("both are there again", "document.querySelectorAll('#pictures li').length === 2")
	assert.Equal(t, before, p.Texts("#pictures li p"))
}

// isDecidedByStaff reports a sound picture, of which a part is marked, has staff approve it, and
// gets the answer, the message and the credits.
func isDecidedByStaff(t *testing.T, s *local.Stack) {
	p := visit(t, s, "carla")
	p.Click("#packages button")
	p.Sees("#balance", "100 credits")
	makes(p, "sound")
	p.Sees("#balance", "96 credits")
	p.Click("makegood-report")
	p.Holds("the picture is there", inside("img")+"?.naturalWidth > 0")
	p.Press("Space")
	p.Drag(inside("[part=picture]"), browsertest.Point{X: 0.2, Y: 0.5}, browsertest.Point{X: 0.6, Y: 0.9})
	p.Holds("a part is marked", "!"+inside("[part=mark]")+".hidden")
	p.Axe()
	shows(t, p, "report")
	p.Press("Tab", "Tab")
	p.Type("There is no castle on the hill")
	p.Press("Tab", "Enter")
	says(p, "We're reviewing this result")
	p.Press("Escape")
	p.Sees("#notices", "We've received your request")

	bob := p.Tab()
	bob.Open(s.BaseURL + "/console")
	bob.Load(func() { bob.Press("b") })
	bob.Sees("h1", "Review queue")
	bob.Load(func() { bob.Press("n") })
	bob.Sees("main", "There is no castle on the hill")
	bob.Holds("it is where the customer marked it", `[...document.querySelectorAll(".region rect")].every(r => Math.abs(r.x.baseVal.value - 200) < 5 && Math.abs(r.height.baseVal.value - 400) < 5)`)
	bob.Holds("the picture is there", "document.querySelector('figure:has(.region) img').naturalWidth === 480")
	bob.Axe()
	bob.Load(func() { bob.Press("a") })
	bob.Sees(".notice", "Take it back")

	// Until then bob may take it back.
	require.Eventually(t, func() bool {
		return strings.Contains(strings.Join(p.Texts("#notices li"), ""), "Your 4 AI credits have been refunded.")
	}, refund.TakeBackWindow+browsertest.Patience, 100*time.Millisecond)
	p.Sees("#balance", "100 credits")
	p.Sees("#pictures li", "Refunded: 4 credits are back")
	p.Click("makegood-report")
	says(p, "This result is clearly unusable, so we've refunded your 4 AI credits.")
	night := browser.Page(t, browsertest.Dark())
	night.Open(p.URL())
	night.Sees("#pictures li", "Refunded: 4 credits are back")
	night.Click("makegood-report")
	says(night, "refunded your 4 AI credits")
	shows(t, night, "answered")
}

// takesAClaim claims a purchase with a bill, which goes to the stack's S3.
func takesAClaim(t *testing.T, s *local.Stack) {
	p := visit(t, s, "erin")
	p.Click("#packages button")
	p.Sees("#balance", "100 credits")
	p.Click("makegood-claim")
	p.Holds("the kinds are there", inside("[name=kind]:focus"))
	p.Press("Space")
	paidToday(p)
	types(p, "amount", "10")
	types(p, "email", "erin@example.com")
	types(p, "reason", "I bought one package, and paid for two.")
	chooses(p, chosen{"bill.pdf", "application/pdf", "%PDF-1.7 two of them"})
	p.Holds("the bill has come", inside("li small")+"?.innerText.includes('✓')")
	p.Axe()
	comes(p, "[part=submit]")
	p.Press("Enter")
	says(p, "our team will review it")
	p.Press("Escape")
	p.Sees("#notices", "We've received your request")

	bob := p.Tab()
	bob.Open(s.BaseURL + "/console")
	bob.Load(func() { bob.Press("b") })
	bob.Load(func() { bob.Press("n") })
	bob.Sees("main", "What the customer attached")
	bob.Sees("main", "PDF")
}

// shows writes what a page shows, as the README of the demo has it, where pictures are made anew.
func shows(t *testing.T, p *browsertest.Page, name string) {
	t.Helper()
	picture := p.WebP()
	assert.LessOrEqual(t, len(picture), maxScreenshot, name)
	if *screenshots != "" {
		require.NoError(t, os.WriteFile(filepath.Join(*screenshots, name+".webp"), picture, 0o644)) //nolint:gosec // it is published
	}
	assert.FileExists(t, filepath.Join("..", "demo", "screenshots", name+".webp"), "make screenshots")
}

// fitsAPhone is what a customer without credits sees on a phone in the dark, and then with some.
func fitsAPhone(t *testing.T, s *local.Stack) {
	p := visit(t, s, "dora", browsertest.Width(320), browsertest.Dark())
	p.Forgive("status of 402")
	makes(p, "sound")
	p.Sees("#problem", "credits")
	p.Click("#packages button")
	p.Sees("#balance", "100 credits")
	makes(p, "cut")
	p.Sees("#balance", "96 credits")
	makes(p, "sound")
	p.Sees("#balance", "92 credits")
	p.Holds("both are there", "document.querySelectorAll('#pictures img').length === 2")
	p.Fits()
	p.Axe()
	keeps(t, p, "demo-narrow")
}

// buysElsewhere posts an order as the page of another site could, and orders of nothing.
func buysElsewhere(t *testing.T, s *local.Stack) {
	for _, order := range []struct {
		path, body, origin string
		status             int
	}{
		{"/purchases", `{"customer":"eve","package":"credits-100"}`, "https://elsewhere.example", http.StatusForbidden},
		{"/session", `{"customer":"eve"}`, "https://elsewhere.example", http.StatusForbidden},
		{"/purchases", `none`, "", http.StatusBadRequest},
		{"/pictures", `{"customer":"eve","kind":"perfect"}`, "", http.StatusBadRequest},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.BaseURL+demo.Path+order.path, strings.NewReader(order.body))
		require.NoError(t, err)
		if order.origin != "" {
			req.Header.Set("Origin", order.origin)
		}
		answer, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, order.status, answer.StatusCode, order.path)
	}
}
