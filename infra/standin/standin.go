// Package standin plays the payment provider on a developer's machine: Stripe's API as far as
// Makegood calls it, and the app's own adapter for every other provider (as Options name them),
// over one set of books.
//
// It owns the wire of both, Stripe's rules of idempotency keys, the signed events that it posts to
// the stack, and the faults that a test asks for; its books are shared/provider/fake's. It refuses
// to know credits, policies, cases and what the stack makes of an answer: a refund's metadata is
// text to it.
//
// Invariants: of a payment never more goes back than was paid; a disputed payment is not refunded;
// what was accepted is told by an event, unless a fault loses it; a fault happens exactly as often
// as it was asked for; nothing but the stack's own address is ever called.
//
// Words: the books (what the provider knows), to observe (an event that the stack accepted enters
// the books), to plant (one enters them that the stack never got), by hand (done at the provider's
// dashboard, not by a call), the journal (its events in a file, where they are to outlive it).
package standin

import (
	"context"
	"net/http"
	"os"
	"sync"
	"time"
)

// Options says whom the stand-in talks to. Now is the clock, nil: the machine's.
type Options struct {
	Stack        string           // base URL of the HTTP API that events are posted to; "": none is posted
	AppKey       string           // reads the stack's GET /v1/policy, for the price of a checkout
	StripeSecret string           // signs what goes to Stripe's webhook
	Adapters     []Adapter        // the other providers that it plays, each with a name of its own
	Now          func() time.Time // the clock; nil: the machine's
}

// Adapter is an app's own adapter of a provider, as shared/provider's page asks for it.
type Adapter struct {
	Name    string // the provider's
	Webhook string // the stack's path that takes its events
	Below   string // the path below which it is asked
	Secret  string // of Standard Webhooks: signs its events, and what it is asked
}

// stripeWebhook is the stack's path that takes Stripe's events.
const stripeWebhook = "/webhooks/stripe"

// Provider is the stand-in; it is an http.Handler. Its methods may be called while it serves.
type Provider struct {
	URL string // where it is served; whoever serves it sets it

	options  Options
	webhooks map[string]string // the providers' names by the paths at which the stack takes their events
	handler  http.Handler
	client   *http.Client
	ctx      context.Context //nolint:containedctx // the life of what it posts, which no request bounds
	cancel   context.CancelFunc
	posting  sync.WaitGroup

	mu       sync.Mutex
	underway map[*[]byte]bool // events that the stack is at
	books    books
	events   []*event
	known    map[string]*event // by event id
	keys     map[string]*keys  // by provider
	faults   []*Fault
	calls    map[string]*Calls // by payment
	journal  *os.File          // nil: nothing is kept
}

// New returns a stand-in with empty books. Close ends what it posts.
func New(o Options) *Provider {
	if o.Now == nil {
		o.Now = time.Now
	}
	// What is posted outlives the request that caused it, and ends with the stand-in.
	ctx, cancel := context.WithCancel(context.Background())
	p := &Provider{
		options: o, client: &http.Client{Transport: &http.Transport{}, Timeout: postTimeout}, ctx: ctx, cancel: cancel,
		underway: map[*[]byte]bool{}, known: map[string]*event{}, keys: map[string]*keys{providerStripe: newKeys()}, calls: map[string]*Calls{},
		webhooks: map[string]string{stripeWebhook: providerStripe},
	}
	mux := http.NewServeMux()
	p.serveStripe(mux)
	for _, adapter := range o.Adapters {
		p.keys[adapter.Name], p.webhooks[adapter.Webhook] = newKeys(), adapter.Name
		p.serveStandard(mux, adapter)
	}
	p.serveAdmin(mux)
	p.handler = mux
	return p
}

// adapter returns the adapter of a provider; false for Stripe, which has none.
func (p *Provider) adapter(name string) (Adapter, bool) {
	for _, one := range p.options.Adapters {
		if one.Name == name {
			return one, true
		}
	}
	return Adapter{}, false
}

// ServeHTTP answers as the provider.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Request-Id", newID("req_"))
	p.handler.ServeHTTP(w, r)
}

// Close gives up what is not posted yet and waits until nothing is under way.
func (p *Provider) Close() {
	// Posts under way see the end and give up; only then is nothing written any more.
	p.cancel()
	p.posting.Wait()
	p.client.CloseIdleConnections()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.journal != nil {
		_ = p.journal.Close() // every line is written
		p.journal = nil
	}
}

// now is the instant of an event, a refund, a dispute: Stripe's are whole seconds.
func (p *Provider) now() time.Time { return p.options.Now().UTC().Truncate(time.Second) }
