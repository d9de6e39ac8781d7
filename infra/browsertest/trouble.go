package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// notes are what a tab has told.
type notes struct {
	loaded atomic.Int64 // pages whose load event came

	mu       sync.Mutex
	troubles []string
	forgiven []string
}

// Forgive lets troubles pass whose text holds this one, such as "status of 409". One at least must
// come by the end of the test.
func (p *Page) Forgive(text string) {
	p.noted.mu.Lock()
	defer p.noted.mu.Unlock()
	p.noted.forgiven = append(p.noted.forgiven, text)
}

// Troubles returns what the browser has had against the pages of this tab so far.
func (p *Page) Troubles() []string {
	p.flush()
	p.noted.mu.Lock()
	defer p.noted.mu.Unlock()
	return slices.Clone(p.noted.troubles)
}

// flush returns when everything that has happened is noted: events come before the answer to a
// later call.
func (p *Page) flush() { Value[int](p, "1") }

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.troubles = append(n.troubles, fmt.Sprintf(format, args...))
}

// judge fails the test for each trouble that is not forgiven, and for what was forgiven in vain.
func (n *notes) judge(t testing.TB, flush func()) {
	t.Helper()
	if !t.Failed() {
		flush()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	met := map[string]bool{}
	for _, trouble := range n.troubles {
		pardon := slices.IndexFunc(n.forgiven, func(text string) bool { return strings.Contains(trouble, text) })
		if pardon < 0 {
			t.Errorf("the browser: %s", trouble)
			continue
		}
		met[n.forgiven[pardon]] = true
	}
	for _, text := range n.forgiven {
		if !met[text] {
			t.Errorf("forgiven, and never came: %s", text)
		}
	}
}

// listen notes what goes wrong in the tab from now on.
func (p *Page) listen() error {
	if err := chromedp.Listen(p.ctx, p.note); err != nil {
		return err
	}
	return chromedp.Do(p.ctx, command(log.Enable, cdp.Empty{}), command(page.Enable, page.EnableParams{}))
}

// note runs in the loop that reads from the browser: it must be quick, and call nothing.
func (p *Page) note(event any) {
	switch e := event.(type) {
	case *page.EventLoadEventFired:
		p.noted.loaded.Add(1)
	case *page.EventJavascriptDialogOpening:
		if e.Type != page.DialogTypeBeforeunload { // leaving a page with typed words
			p.noted.add("a dialog: %s %q", e.Type, e.Message)
		}
		go func() { // the page stands still until it is answered
			_ = chromedp.Do(p.ctx, command(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}))
		}()
	case *runtime.EventExceptionThrown:
		p.noted.add("uncaught: %s", exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.noted.add("console.%s: %s", e.Type, arguments(e.Args))
		}
	case *log.EventEntryAdded: // breaches of the content security policy too, and answers of 400 and above
		if e.Entry.Level == log.EntryLevelError {
			p.noted.add("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

func exception(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}

func arguments(args []*runtime.RemoteObject) string {
	var all []string
	for _, arg := range args {
		if arg.Description != "" {
			all = append(all, arg.Description)
			continue
		}
		all = append(all, string(arg.Value))
	}
	return strings.Join(all, " ")
}
