package soak

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/shared/provider/stripe"
)

// kind is one operation of the mixture, and how often it comes of a hundred.
type kind struct {
	name   string
	weight int
	run    func(*load, context.Context) (string, error)
}

// The mixture: of a hundred generations three buyers come, a tenth of the successes is reported,
// and staff keep up.
var kinds = []kind{
	{"purchase", 3, (*load).purchase},
	{"hold", 30, (*load).hold},
	{"result", 30, (*load).finish},
	{"balance", 20, (*load).balance},
	{"statement", 9, (*load).statement},
	{"report", 4, (*load).report},
	{"staff's list and verdict", 4, (*load).rule},
}

var totalWeight = func() int {
	sum := 0
	for _, one := range kinds {
		sum += one.weight
	}
	return sum
}()

// draw returns the kind that a number below totalWeight falls on.
func draw(n int) kind {
	for _, one := range kinds {
		if n < one.weight {
			return one
		}
		n -= one.weight
	}
	return kinds[0]
}

// perform runs the operation and returns what it was: where what it needs is not there yet, it is
// the one before it in the flow.
func (l *load) perform(ctx context.Context, k kind) (string, error) { return k.run(l, ctx) }

// purchase has a new buyer pay for the first package, and delivers the webhook.
func (l *load) purchase(ctx context.Context) (string, error) {
	const name = "purchase"
	at, product := time.Now(), l.revision.Packages()[0]
	customer, payment := l.fresh(), "pi_"+strings.ReplaceAll(l.fresh(), "-", "")
	event, err := json.Marshal(map[string]any{
		"id": "evt_" + payment, "object": "event", "api_version": "2026-03-25.dahlia", "created": at.Unix(), "livemode": false,
		"type": "checkout.session.completed", "data": map[string]any{"object": map[string]any{
			"id": "cs_test_" + payment, "object": "checkout.session", "mode": "payment", "payment_status": "paid", "status": "complete",
			"payment_intent": payment, "client_reference_id": customer, "metadata": map[string]string{"package": product.Name},
			"amount_subtotal": product.Price.Minor, "amount_total": product.Price.Minor, "currency": strings.ToLower(product.Price.Currency),
			"created": at.Unix(), "livemode": false,
		}},
	})
	if err != nil {
		return name, err
	}
	signed := map[string]string{"Stripe-Signature": stripe.Sign(sandbox.StripeSecret, at, event)}
	err = l.ask(ctx, request{method: http.MethodPost, path: "/webhooks/stripe", body: event, header: signed, want: http.StatusOK}, nil)
	if err != nil {
		return name, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.buyers = append(l.buyers, &buyer{customer, int64(product.Credits)})
	return name, nil
}

// hold starts a generation of a buyer who can pay for it; where nobody can, somebody buys.
func (l *load) hold(ctx context.Context) (string, error) {
	const name = "hold"
	feature := l.revision.Features()[0]
	outputs := 1 + rand.IntN(2) //nolint:gosec // any number will do
	customer := l.pays(int64(feature.Price) * int64(outputs))
	if customer == "" {
		return l.purchase(ctx)
	}
	var start struct{ ID string }
	err := l.asApp(ctx, "/v1/generations", map[string]any{
		"customer": customer, "feature": feature.Name, "platform": "ios", "surface": "editor", "outputs": outputs,
	}, http.StatusCreated, &start)
	if err != nil {
		return name, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.held = append(l.held, start.ID)
	return name, nil
}

// pays takes the credits from a buyer who has them, "" where none has.
func (l *load) pays(credits int64) string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	// A few draws find somebody while anybody has credits to speak of.
	for range min(len(l.buyers), 50) {
		one := l.buyers[rand.IntN(len(l.buyers))] //nolint:gosec // any buyer will do
		if one.credits >= credits {
			one.credits -= credits
			return one.id
		}
	}
	return ""
}

// finish tells how the oldest generation ended: of twenty, three failed and one came in part.
func (l *load) finish(ctx context.Context) (string, error) {
	const name = "result"
	generation := l.oldestHeld()
	if generation == "" {
		return l.hold(ctx)
	}
	body := map[string]any{"status": "succeeded", "finished_at": time.Now().UTC()}
	outcome := rand.IntN(20) //nolint:gosec // shares, not secrets
	switch {
	case outcome < 3:
		body["status"], body["failure"] = "failed", map[string]string{"cause": "platform", "code": "gpu_lost", "message": "the worker lost its GPU"}
	case outcome < 4:
		body["outputs"] = []map[string]string{{"url": "https://images.example/1.png", "media_type": "image/png"}}
	}
	if err := l.asApp(ctx, "/v1/generations/"+generation+"/result", body, http.StatusAccepted, nil); err != nil {
		return name, err
	}
	if outcome >= 4 {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		l.spent = append(l.spent, result{generation, time.Now().Add(settleWithin)})
	}
	return name, nil
}

// finishAll tells the ends of all generations that still wait for one.
func (l *load) finishAll(ctx context.Context) error {
	for {
		generation := l.oldestHeld()
		if generation == "" {
			return nil
		}
		body := map[string]any{"status": "succeeded", "finished_at": time.Now().UTC()}
		if err := l.asApp(ctx, "/v1/generations/"+generation+"/result", body, http.StatusAccepted, nil); err != nil {
			return err
		}
	}
}

func (l *load) oldestHeld() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.held) == 0 {
		return ""
	}
	oldest := l.held[0]
	l.held = l.held[1:]
	return oldest
}

// anyBuyer returns one of those who have bought, "" before the first has.
func (l *load) anyBuyer() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.buyers) == 0 {
		return ""
	}
	return l.buyers[rand.IntN(len(l.buyers))].id //nolint:gosec // any buyer will do
}

func (l *load) balance(ctx context.Context) (string, error) {
	customer := l.anyBuyer()
	if customer == "" {
		return l.purchase(ctx)
	}
	return "balance", l.read(ctx, local.AppKey, "/v1/customers/"+customer, nil)
}

func (l *load) statement(ctx context.Context) (string, error) {
	customer := l.anyBuyer()
	if customer == "" {
		return l.purchase(ctx)
	}
	return "statement", l.read(ctx, local.AppKey, "/v1/customers/"+customer+"/statement", nil)
}

// report reports a success that is settled by now.
func (l *load) report(ctx context.Context) (string, error) {
	l.mutex.Lock()
	ripe := len(l.spent) > 0 && time.Now().After(l.spent[0].ripe)
	var generation string
	if ripe {
		generation, l.spent = l.spent[0].generation, l.spent[1:]
	}
	l.mutex.Unlock()
	if !ripe {
		return l.finish(ctx)
	}
	return "report", l.asApp(ctx, "/v1/reports", map[string]any{
		"generation": generation, "description": "the hand has six fingers, and the face is not hers",
	}, http.StatusAccepted, nil)
}

// rule has staff read their list, and approve or decline what waits longest. Two may rule at once:
// the second learns of it.
func (l *load) rule(ctx context.Context) (string, error) {
	const name = "staff's list and verdict"
	var page struct{ Cases []struct{ ID string } }
	if err := l.read(ctx, local.OperatorKey, "/v1/cases?state=in_review", &page); err != nil || len(page.Cases) == 0 {
		return name, err
	}
	outcome := []string{"approved", "declined"}[rand.IntN(2)] //nolint:gosec // halves, not secrets
	err := l.post(ctx, local.OperatorKey, "/v1/cases/"+page.Cases[0].ID+"/verdict", map[string]any{"outcome": outcome, "note": "seen"}, http.StatusOK, nil)
	var other *unwanted
	if errors.As(err, &other) && other.status == http.StatusConflict {
		return name, nil
	}
	return name, err
}
