package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

const (
	keptFor     = 30 * 24 * time.Hour // how long events can be listed, as at Stripe
	postTries   = 20                  // of one event, 27 s in all; Stripe's own go on for three days
	postPause   = 100 * time.Millisecond
	postLongest = 2 * time.Second
	postTimeout = 35 * time.Second // of one post: the API in front gives its function 30
)

// event is one event of the list: heard of, planted, or our own.
type event struct {
	provider string
	id       string
	kind     string
	at       time.Time
	raw      []byte
	ours     bool
	payment  string // of our own that was to be posted: whom it is about
	state    string // of our own: posting, posted, lost, undelivered
}

// The states of an own event.
const (
	eventPosting     = "posting"
	eventPosted      = "posted"
	eventLost        = "lost"
	eventUndelivered = "undelivered"
)

// list adds an event; the caller holds the lock. Under an id that is taken the first stays what the
// id names.
func (p *Provider) list(e *event) {
	p.events = append(p.events, e)
	p.record(e)
	if p.known[e.id] == nil {
		p.known[e.id] = e
	}
}

// newestFirst gives a provider's events that can still be listed; the caller holds the lock.
func (p *Provider) newestFirst(provider string) []*event {
	// Thirty days, as at Stripe: what is older was told, or is lost.
	oldest := p.now().Add(-keptFor)
	var all []*event
	for _, e := range slices.Backward(p.events) {
		if e.provider == provider && !e.at.Before(oldest) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b *event) int { return b.at.Compare(a.at) })
	return all
}

// newEvent makes an event of Stripe's about an object and lists it; the caller holds the lock.
func (p *Provider) newEvent(kind string, about map[string]any) *event {
	e := &event{provider: providerStripe, id: newID("evt_"), kind: kind, at: p.now(), ours: true}
	// The bytes are made once: every post and every list shows the same ones.
	e.raw = marshal(map[string]any{
		"id": e.id, "object": "event", "api_version": stripe.APIVersion, "created": e.at.Unix(), "livemode": false, "pending_webhooks": 1,
		"request": map[string]any{"id": nil, "idempotency_key": nil}, "type": kind, "data": map[string]any{"object": about},
	})
	p.list(e)
	return e
}

// newMessage makes an event of an adapter; the caller holds the lock.
func (p *Provider) newMessage(provider, kind string, data map[string]any) *event {
	e := &event{provider: provider, id: newID("msg_"), kind: kind, at: p.options.Now().UTC().Truncate(time.Millisecond), ours: true}
	e.raw = marshal(map[string]any{"type": kind, "timestamp": e.at.Format(time.RFC3339Nano), "data": data})
	p.list(e)
	return e
}

// post sends own events about a payment to the stack, in order, unless a fault says otherwise. It
// returns at once.
func (p *Provider) post(payment string, events ...*event) {
	p.mu.Lock()
	// A fault of events is used up here, once for all events of one step.
	f := p.take(false, payment, webhookFaults)
	for _, e := range events {
		e.payment = payment
	}
	p.mu.Unlock()
	// A lost event stays in the list: only the webhook never comes.
	if f.Kind == FaultWebhookLost || p.options.Stack == "" {
		p.mark(eventLost, events...)
		return
	}
	times := 1
	if f.Kind == FaultWebhookTwice {
		times = 2
	}
	// Marked before the goroutine starts, so that Settled cannot look in between and see nothing.
	p.mark(eventPosting, events...)
	p.posting.Go(func() {
		if f.Kind == FaultWebhookLate && !p.pause(f.Delay) {
			p.mark(eventUndelivered, events...)
			return
		}
		// In order: Stripe does not promise that, and the stack must not need it, but a test wants
		// to read it.
		for _, e := range events {
			state := eventPosted
			for range times {
				if err := p.deliver(e); err != nil {
					state = eventUndelivered
				}
			}
			p.mark(state, e)
		}
	})
}

func (p *Provider) mark(state string, events ...*event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		e.state = state
	}
}

// deliver posts one event until the stack accepts it, a bounded number of times.
func (p *Provider) deliver(e *event) error {
	// Twice as long each time, up to two seconds: a stack that restarts needs some.
	wait := postPause
	var last error
	for range postTries {
		if last = p.attempt(e); last == nil {
			return nil
		}
		if !p.pause(wait) {
			return p.ctx.Err()
		}
		wait = min(2*wait, postLongest)
	}
	return last
}

// attempt posts the event once, signed at this instant: what Options.Now says may be far from the
// stack's clock.
func (p *Provider) attempt(e *event) error {
	adapter, adapted := p.adapter(e.provider)
	path := stripeWebhook
	if adapted {
		path = adapter.Webhook
	}
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.options.Stack+path, bytes.NewReader(e.raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	// The signature carries the machine's instant: the stack refuses one that is older than five
	// minutes.
	at := time.Now()
	if !adapted {
		signature := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: e.raw, Secret: p.options.StripeSecret, Timestamp: at})
		req.Header.Set("Stripe-Signature", signature.Header)
	} else {
		signer, err := standardwebhooks.NewWebhook(adapter.Secret)
		if err != nil {
			return err
		}
		signature, err := signer.Sign(e.id, at, e.raw)
		if err != nil {
			return err
		}
		req.Header.Set(standardwebhooks.HeaderWebhookID, e.id)
		req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
		req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	// Anything but 200 is not accepted, and posted again.
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("standin: the stack answered %d", resp.StatusCode)
	}
	return nil
}

// pause waits, unless the stand-in ends first: then it returns false.
func (p *Provider) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.ctx.Done():
		return false
	}
}

// Settled waits until every own event about the payment is posted, lost by a fault, or given up;
// one that was given up is an error.
func (p *Provider) Settled(ctx context.Context, payment string) error {
	for {
		// Counted anew in each round: an event may be added by what an earlier one caused.
		states := map[string]int{}
		p.mu.Lock()
		for _, e := range p.events {
			if e.ours && e.payment == payment {
				states[e.state]++
			}
		}
		p.mu.Unlock()
		switch {
		case states[eventUndelivered] > 0:
			return fmt.Errorf("standin: the stack never took some events about payment %s", payment)
		case states[eventPosting] == 0:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(postPause / 10):
		}
	}
}

func marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprint("texts, numbers and maps of them always marshal: ", err))
	}
	return raw
}
