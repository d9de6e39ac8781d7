package browsertest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/browsertest"
)

// told is a test within a test, which keeps what it fails by.
type told struct {
	testing.TB
	ctx   context.Context
	said  []string
	after []func()
}

func (t *told) Helper()                        {}
func (t *told) Context() context.Context       { return t.ctx }
func (t *told) Cleanup(do func())              { t.after = append(t.after, do) }
func (t *told) Failed() bool                   { return len(t.said) > 0 }
func (t *told) Errorf(format string, a ...any) { t.said = append(t.said, fmt.Sprintf(format, a...)) }
func (t *told) FailNow()                       { runtime.Goexit() }

// failures runs a test on a page of its own and returns what it failed by.
func failures(t *testing.T, test func(page *browsertest.Page)) []string {
	t.Helper()
	inner := &told{TB: t, ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, do := range slices.Backward(inner.after) {
				do()
			}
		}()
		test(browser.Page(inner))
	}()
	<-done
	return inner.said
}

// page is a page with that in its middle.
func page(body string) string {
	return `<!doctype html><html lang=en><title>A page</title><main><h1>A page</h1>` + body + `</main></html>`
}

func TestWhatIsWrongWithAPageFailsItsTest(t *testing.T) {
	open := func(*browsertest.Page) {}
	cases := map[string]struct {
		body, script string
		then         func(*browsertest.Page)
		want         string
	}{
		"an inline script":               {body: `<script>document.title = "x"</script>`, then: open, want: "inline script violates"},
		"a handler in the HTML":          {body: `<button onclick="alert(1)">Go</button>`, then: func(p *browsertest.Page) { p.Click("button") }, want: "inline event handler violates"},
		"an inline style":                {body: `<p style="color: red">Red</p>`, then: open, want: "inline style violates"},
		"a picture from elsewhere":       {body: `<img alt="" src="https://pictures.example/a.png">`, then: open, want: "img-src"},
		"a script that is not there":     {body: `<script src="/none.js"></script>`, then: open, want: "status of 404"},
		"an exception":                   {script: `undefined.word`, then: open, want: "uncaught: TypeError"},
		"a broken promise":               {script: `Promise.reject(new Error("broken"))`, then: open, want: "uncaught: Error: broken"},
		"a line of the console":          {script: `console.error("no", 7)`, then: open, want: "console.error: \"no\" 7"},
		"a dialog":                       {script: `alert("hello")`, then: open, want: `a dialog: alert "hello"`},
		"text written as HTML":           {script: `document.querySelector("h1").innerHTML = "<b>x</b>"`, then: open, want: "TrustedHTML"},
		"what is too wide":               {body: `<p class="wide">Wide</p><link rel="stylesheet" href="/page.css">`, then: (*browsertest.Page).Fits, want: "scrolls sideways"},
		"a picture without words":        {body: `<img src="data:,">`, then: (*browsertest.Page).Axe, want: "image-alt"},
		"a forgiven one that never came": {then: func(p *browsertest.Page) { p.Forgive("status of 409") }, want: "never came"},
		"a key that is none":             {then: func(p *browsertest.Page) { p.Press("Entre") }, want: "no key is called"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.script != "" {
				c.body = `<script src="/wrong.js" defer></script>`
			}
			address := site(t, map[string]string{"/wrong": page(c.body), "/wrong.js": c.script})
			said := strings.Join(failures(t, func(p *browsertest.Page) {
				p.Open(address + "/wrong")
				c.then(p)
			}), "\n")
			assert.Contains(t, said, c.want)
		})
	}
}

func TestWhatIsForgivenPasses(t *testing.T) {
	address := site(t, nil)
	assert.Empty(t, failures(t, func(p *browsertest.Page) {
		p.Forgive("status of 404")
		p.Open(address + "/nowhere")
	}))
	assert.Empty(t, failures(t, func(p *browsertest.Page) { p.Open(address) }))
}
