package browsertest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Page is one tab of a test, of one person: its cookies are its own, and those of the tabs that the
// person opens from it.
type Page struct {
	t       testing.TB
	ctx     context.Context
	browser *Browser
	how     settings
	noted   notes
}

// Setting is how a person looks at pages.
type Setting func(*settings)

type settings struct {
	width, height int64
	dark          bool
	forced        bool
	scriptless    bool
}

// Width sets the width of the window, in pixels; 1280 otherwise.
func Width(pixels int64) Setting { return func(s *settings) { s.width = pixels } }

// Dark has the person prefer dark colours.
func Dark() Setting { return func(s *settings) { s.dark = true } }

// ForcedColors has the person's system paint pages in the few colours that it has for them.
func ForcedColors() Setting { return func(s *settings) { s.forced = true } }

// WithoutScript turns the page's own JavaScript off. What this package asks of a page works all the
// same, but for Axe.
func WithoutScript() Setting { return func(s *settings) { s.scriptless = true } }

// Page opens a tab for the test, which ends with it.
func (b *Browser) Page(t testing.TB, how ...Setting) *Page {
	t.Helper()
	s := settings{width: 1280, height: 800}
	for _, set := range how {
		set(&s)
	}
	return b.tab(t, s, b.ctx, chromedp.WithNewBrowserContext())
}

// Tab opens another tab of the same person, which ends with the test.
func (p *Page) Tab() *Page {
	p.t.Helper()
	return p.browser.tab(p.t, p.how, p.ctx)
}

// tab opens a tab within a browser or beside another tab.
func (b *Browser) tab(t testing.TB, s settings, within context.Context, options ...chromedp.ContextOption) *Page { //nolint:revive // a test comes first
	t.Helper()
	ctx, cancel := chromedp.NewContext(within, options...)
	p := &Page{t: t, ctx: ctx, browser: b, how: s}
	t.Cleanup(func() {
		p.noted.judge(t, p.flush)
		cancel()
	})
	require.NoError(t, chromedp.Do(ctx), "a tab opens") // first without a limit, which would be the tab's
	require.NoError(t, p.listen(), "the tab tells what goes wrong")
	scheme, forced := "light", "none"
	if s.dark {
		scheme = "dark"
	}
	if s.forced {
		forced = "active"
	}
	p.do("the tab is as the test wants it",
		chromedp.EmulateViewport(s.width, s.height),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "forced-colors", Value: forced}},
		}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.scriptless}),
	)
	return p
}

// Open goes to an address and waits until the page has loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do("opening "+url, chromedp.Navigate(url))
}

// Load does what leads to another page, and waits until that has loaded.
func (p *Page) Load(do func()) {
	p.t.Helper()
	before := p.noted.loaded.Load()
	do()
	p.wait("another page loads", func() bool { return p.noted.loaded.Load() > before })
}

// Press presses keys one after the other: "j", "Enter", "Shift+Tab", "Control+k".
func (p *Page) Press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		text, modifiers, err := keyOf(key)
		require.NoError(p.t, err)
		p.do("pressing "+key, chromedp.KeyEvent(text, chromedp.KeyModifiers(modifiers...)))
	}
}

// maxTabs is how often a person presses Tab to come to something on a page, at most.
const maxTabs = 100

// TabTo presses Tab until what the selector finds has the focus, as a person comes there who has no
// mouse.
func (p *Page) TabTo(selector string) {
	p.t.Helper()
	for range maxTabs {
		p.Press("Tab")
		if Value[bool](p, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			return
		}
	}
	require.Fail(p.t, "no Tab leads to "+selector, p.state())
}

// Type types a text into what has the focus.
func (p *Page) Type(text string) {
	p.t.Helper()
	p.do("typing "+text, chromedp.KeyEvent(text))
}

// Fill comes to the field by Tab, types a text into it, and leaves it by Escape: keys are the
// page's again.
func (p *Page) Fill(field, text string) {
	p.t.Helper()
	p.TabTo(field)
	p.Type(text)
	p.Press("Escape")
}

// Click clicks on the first thing that the CSS selector finds, once it is seen.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("clicking on "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Text waits for the selector's first element and returns its words as they are shown, spaces
// joined.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	p.Holds(selector+" is there", exists(selector))
	return strings.Join(strings.Fields(Value[string](p, fmt.Sprintf("document.querySelector(%q).innerText", selector))), " ")
}

// Texts returns the words of each element that the selector finds now, in the page's order.
func (p *Page) Texts(selector string) []string {
	p.t.Helper()
	all := Value[[]string](p, fmt.Sprintf("Array.from(document.querySelectorAll(%q), e => e.innerText)", selector))
	for i := range all {
		all[i] = strings.Join(strings.Fields(all[i]), " ")
	}
	return all
}

// Sees waits until the selector's first element shows the text.
func (p *Page) Sees(selector, text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("%s says %q", selector, text), func() bool {
		return Value[bool](p, fmt.Sprintf("(document.querySelector(%q)?.innerText ?? '').replace(/\\s+/g, ' ').includes(%q)", selector, text))
	})
}

// Gone waits until the selector finds nothing.
func (p *Page) Gone(selector string) {
	p.t.Helper()
	p.Holds(selector+" is gone", "!"+exists(selector))
}

// Holds waits until a JavaScript expression is true; what says so in words.
func (p *Page) Holds(what, expression string) {
	p.t.Helper()
	p.wait(what, func() bool { return Value[bool](p, "!!("+expression+")") })
}

// Fits demands that nothing sticks out sideways, and names what does.
func (p *Page) Fits() {
	p.t.Helper()
	wide := Value[[]string](p, `(() => {
		const room = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= room) return [];
		return Array.from(document.body.querySelectorAll("*")).filter(e => e.getBoundingClientRect().right > room + 1)
			.map(e => e.outerHTML.slice(0, 120)).concat("the page scrolls sideways");
	})()`)
	require.Empty(p.t, wide, "wider than the window")
}

// URL returns the address of the page.
func (p *Page) URL() string { return Value[string](p, "document.location.href") }

// Focus returns the opening of the element that keys go to, as HTML.
func (p *Page) Focus() string {
	return Value[string](p, "document.activeElement?.cloneNode(false).outerHTML ?? ''")
}

// DropCookies has the browser forget this person's cookies, as a session ends.
func (p *Page) DropCookies() {
	p.t.Helper()
	id := chromedp.FromContext(p.ctx).BrowserContextID
	p.within("forgetting the cookies", func(ctx context.Context) error {
		_, err := chromedp.CallBrowser(ctx, storage.ClearCookies, storage.ClearCookiesParams{BrowserContextID: id})
		return err
	})
}

// Offline takes the network from the tab, or gives it back; the page is told.
func (p *Page) Offline(gone bool) {
	p.t.Helper()
	p.do("the network comes and goes",
		command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: gone}},
		}),
		command(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: gone, DownloadThroughput: -1, UploadThroughput: -1}),
	)
}

// Screenshot returns what the window shows, as PNG.
func (p *Page) Screenshot() (png []byte) {
	p.t.Helper()
	p.within("a screenshot", func(ctx context.Context) (err error) {
		png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		return err
	})
	return png
}

// WebP returns what the window shows, as a picture that is small enough to be read on the web.
func (p *Page) WebP() (picture []byte) {
	p.t.Helper()
	p.within("a picture", func(ctx context.Context) error {
		answer, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(60))})
		picture = answer.Data
		return err
	})
	return picture
}

// Value returns what a JavaScript expression is now.
func Value[T any](p *Page, expression string) (value T) {
	p.t.Helper()
	p.within(expression, func(ctx context.Context) (err error) {
		value, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression))
		return err
	})
	return value
}

func exists(selector string) string { return fmt.Sprintf("document.querySelector(%q)", selector) }

// do runs actions within Patience, and fails the test otherwise.
func (p *Page) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.within(what, func(ctx context.Context) error { return chromedp.Do(ctx, actions...) })
}

func (p *Page) within(what string, do func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	require.NoError(p.t, do(ctx), what)
}

// wait asks until it holds.
func (p *Page) wait(what string, holds func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(Patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			require.Fail(p.t, "not within "+Patience.String()+": "+what, p.state())
		}
	}
}

// state tells where a page was when a wait ended in vain.
func (p *Page) state() string {
	return p.URL() + "\n" + Value[string](p, "document.body?.innerText.slice(0, 2000) ?? ''")
}

// command is a call of the browser's protocol among actions.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}
