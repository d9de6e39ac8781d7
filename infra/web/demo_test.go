package web_test

import (
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
)

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

// visit opens the demo app as a new customer of it.
func visit(t *testing.T, s *local.Stack, how ...browsertest.Setting) *browsertest.Page {
	t.Helper()
	p := browser.Page(t, how...)
	p.Open(s.BaseURL + demo.Path + fmt.Sprintf("?customer=d%d", time.Now().UnixNano()))
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
	t.Run("fits a phone, and says what Makegood refuses", func(t *testing.T) { fitsAPhone(t, s) })
	t.Run("sells nothing to another site's page, nor what there is not", func(t *testing.T) { buysElsewhere(t, s) })
}

// playsToRefund buys, has pictures made that fail and show nothing, and gets all back.
func playsToRefund(t *testing.T, s *local.Stack) {
	p := visit(t, s)
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
	p.Press("Space", "Tab", "Tab", "Enter")
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

// fitsAPhone is what a customer without credits sees on a phone in the dark, and then with some.
func fitsAPhone(t *testing.T, s *local.Stack) {
	p := visit(t, s, browsertest.Width(320), browsertest.Dark())
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
