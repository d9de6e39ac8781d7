// Package browsertest owns a real Chromium for tests of pages: one for a package, a tab with
// cookies of its own for each test.
//
//	var browser *browsertest.Browser
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Run(m, &browser)) }
//
//	func TestTheOldestPromiseIsFirst(t *testing.T) {
//		page := browser.Page(t, browsertest.Width(320), browsertest.Dark())
//		page.Open(stack.BaseURL + "/console")
//		page.Load(func() { page.Press("j", "Enter") }) // what leads to another page
//		page.Sees("h1", "Case")                        // waits for it
//		page.Fits()                                    // nothing sticks out sideways
//		page.Axe()                                     // axe-core has nothing against it
//	}
//
// A package that starts more than the browser calls Start and Close in its own TestMain. Two people
// at once are two pages of one test.
//
// It refuses to know what the pages are about, and sees what a person sees: words, keys, the width,
// light or dark, no JavaScript. Nothing beyond this machine can be reached from it.
//
// Invariants: a test fails on each error of the console, each breach of the content security
// policy, each uncaught exception and each dialog, at its end, unless it was forgiven; and on a
// forgiven one that never came. Every wait ends, and says what it waited for. No test sleeps: a
// wait asks the page again until it holds. A machine without Chromium fails, and is told what to
// install.
//
// Why a browser: infra/decisions/0071.
//
// Words: a page is one tab of one person; a trouble is what the browser has against a page.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long anything may take that a test waits for, on a loaded machine.
const Patience = 20 * time.Second

// names are those that Chromium goes by, on PATH or as a file.
var names = []string{
	"chromium", "chromium-browser", "google-chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// Browser is a running Chromium.
type Browser struct {
	ctx    context.Context
	cancel context.CancelFunc
	axe    func() (string, error) // its source
}

// Run starts a browser, runs the tests of a package that needs nothing else and ends the browser.
// It returns the exit code.
func Run(m *testing.M, into **Browser) int {
	browser, err := Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests need a browser:", err)
		return 1
	}
	defer browser.Close()
	*into = browser
	return m.Run()
}

// Start starts Chromium without a window. It ends with Close, with ctx, and with this process.
func Start(ctx context.Context) (*Browser, error) {
	path, err := find()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		// A page that refers to something outside is found by its failure, on every machine alike.
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	ctx, endProcess := chromedp.NewExecAllocator(ctx, options...)
	// What this library says of events newer than itself is nobody's concern.
	ctx, endBrowser := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	b := &Browser{ctx: ctx, cancel: func() { endBrowser(); endProcess() }, axe: axeOnce()}
	if err := chromedp.Do(ctx); err != nil {
		b.cancel()
		return nil, fmt.Errorf("%s does not start: %w", path, err)
	}
	return b, nil
}

// Close ends the browser and removes its files.
func (b *Browser) Close() { b.cancel() }

func find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium on PATH (Debian: apt-get install chromium; make test-deps with CI=true does it)")
}
