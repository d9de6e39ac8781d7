package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/shared/access"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/provider/stripe"
)

// The functions of the main path.
const (
	receivePurchase = "receive-purchase"
	grantCredits    = "grant-credits"
	startGeneration = "start-generation"
	settle          = "settle-generation"
	decide          = "decide-refund"
	notify          = "notify-customer"
	reportBadResult = "report-bad-result"
	assessResult    = "assess-result"
	requestRefund   = "request-refund"
	reviewRefund    = "review-refund"
	payRefund       = "pay-refund"
	sweepDue        = "sweep-due"
	readAccount     = "read-account"
)

// fleet is some processes of each function of the path. An event waits until one is free.
type fleet struct {
	free map[string]chan *process
	all  []*process

	invocations, requests atomic.Int64 // all events, and those of the HTTP API
}

// tally is what a fleet has done so far.
type tally struct{ invocations, requests, logBytes, metrics int }

func (f *fleet) tally() tally {
	// What a process printed last is still on its way.
	time.Sleep(printedWithin)
	sum := tally{invocations: int(f.invocations.Load()), requests: int(f.requests.Load())}
	for _, p := range f.all {
		bytes, metrics := p.collect.size()
		sum.logBytes += bytes
		sum.metrics += metrics
	}
	return sum
}

const printedWithin = 5 * time.Millisecond

// newFleet starts that many processes of each named function, and waits until they are ready.
func newFleet(ctx context.Context, s *stack, dynamoURL string, count int, names []string, more ...string) (*fleet, error) {
	f := &fleet{free: map[string]chan *process{}}
	// Start them all before waiting for any: they load side by side.
	for _, name := range names {
		f.free[name] = make(chan *process, count)
		for range count {
			p, _, err := launch(ctx, s.binary(name), s.env(name, dynamoURL, more...))
			if err != nil {
				f.stop()
				return nil, err
			}
			f.all = append(f.all, p)
			f.free[name] <- p
		}
	}
	for _, p := range f.all {
		if _, err := p.awaitReady(); err != nil {
			f.stop()
			return nil, err
		}
	}
	return f, nil
}

func (f *fleet) stop() {
	for _, p := range f.all {
		p.stop()
	}
}

// invoke gives the event to a free process of the function.
func (f *fleet) invoke(ctx context.Context, name string, event any) ([]byte, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, err
	}
	f.invocations.Add(1)
	if _, is := event.(events.APIGatewayV2HTTPRequest); is {
		f.requests.Add(1)
	}
	// The process goes back even after an error, or every later event would wait for it.
	p := <-f.free[name]
	defer func() { f.free[name] <- p }()
	return p.invoke(ctx, payload)
}

// story plays the path on a fleet: each step is one event to one function, and its answer is
// checked. The provider, if there is one, knows what its webhooks reported.
type story struct {
	fleet    *fleet
	revision policy.Revision
	provider *provider
}

// serial makes ids that no other step has.
var serial atomic.Int64

// fresh returns an id that no other step, and no other run, has.
func fresh(prefix string) string {
	return fmt.Sprintf("%s%d%06d", prefix, time.Now().UnixMilli(), serial.Add(1))
}

// purchase delivers a checkout of the first package that the customer paid at that instant, and
// returns the payment's id.
func (s story) purchase(ctx context.Context, customer string, paidAt time.Time) (string, error) {
	payment := fresh("pi_")
	product := s.revision.Packages()[0]
	return payment, s.deliverEvent(ctx, "checkout.session.completed", paidAt, map[string]any{
		"id": fresh("cs_test_"), "object": "checkout.session", "mode": "payment", "payment_status": "paid", "status": "complete",
		"payment_intent": payment, "client_reference_id": customer, "metadata": map[string]string{"package": product.Name},
		"amount_subtotal": product.Price.Minor, "amount_total": product.Price.Minor, "currency": strings.ToLower(product.Price.Currency),
		"created": paidAt.Unix(), "livemode": false,
	})
}

// deliverEvent delivers Stripe's event about an object, signed as Stripe signs.
func (s story) deliverEvent(ctx context.Context, kind string, at time.Time, object map[string]any) error {
	body, err := json.Marshal(map[string]any{
		"id": fresh("evt_"), "object": "event", "api_version": "2026-03-25.dahlia", "created": at.Unix(), "livemode": false,
		"type": kind, "data": map[string]any{"object": object},
	})
	if err != nil {
		return err
	}
	headers := map[string]string{"stripe-signature": stripe.Sign(sandbox.StripeSecret, time.Now(), body)}
	// The provider must know what its webhook says, for functions look the payment up there.
	if _, err = s.request(ctx, receivePurchase, http.MethodPost, "/webhooks/stripe", headers, body, http.StatusOK); err != nil || s.provider == nil {
		return err
	}
	return s.provider.Plant(body)
}

// grant gives the customer credits of the app's own, as many as the first package has.
func (s story) grant(ctx context.Context, customer string) error {
	_, err := s.command(ctx, grantCredits, "/v1/grants", map[string]any{
		"customer": customer, "credits": s.revision.Packages()[0].Credits, "source": "promotion",
	}, http.StatusCreated)
	return err
}

// grantUntil gives the customer credits that expire then.
func (s story) grantUntil(ctx context.Context, customer string, expiry time.Time) error {
	_, err := s.command(ctx, grantCredits, "/v1/grants", map[string]any{
		"customer": customer, "credits": s.revision.Packages()[0].Credits, "source": "promotion", "expires_at": expiry.UTC().Format(time.RFC3339),
	}, http.StatusCreated)
	return err
}

// hold starts a generation in the editor and returns its id.
func (s story) hold(ctx context.Context, customer string) (string, error) {
	return s.holdOn(ctx, customer, "editor", 1)
}

// holdOn starts a generation on a surface and returns its id.
func (s story) holdOn(ctx context.Context, customer, surface string, outputs int) (string, error) {
	return s.start(ctx, map[string]any{
		"customer": customer, "feature": s.revision.Features()[0].Name, "platform": "ios", "surface": surface, "outputs": outputs,
	})
}

// start starts a generation as the body has it, and returns its id.
func (s story) start(ctx context.Context, body map[string]any) (string, error) {
	// One start in ten is counted among its feature's, for two units. Its key decides which: what
	// is measured is one of the nine.
	customer, key := fmt.Sprint(body["customer"]), fresh("key-")
	for generation.Sampled(generation.NewID(ledger.CustomerID(customer), string(access.RoleApp), key)) {
		key = fresh("key-")
	}
	answer, err := s.commandUnder(ctx, key, startGeneration, "/v1/generations", body, http.StatusCreated)
	if err != nil {
		return "", err
	}
	// Later steps report on this id, so an answer without one ends the run here.
	var start struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &start); err != nil || start.ID == "" {
		return "", fmt.Errorf("a start without an id: %s", answer)
	}
	return start.ID, nil
}

// succeed delivers the worker's success, with one output.
func (s story) succeed(ctx context.Context, id string) error {
	return s.deliver(ctx, settle, message.NewGenerationFinished(message.GenerationFinished{
		Generation: id, Status: message.StatusSucceeded, FinishedAt: time.Now().UTC(),
		Outputs: []message.Output{{URL: "https://images.example/1.png", MediaType: "image/png"}},
	}))
}

// fail delivers the worker's failure.
func (s story) fail(ctx context.Context, id string) error { return s.deliver(ctx, settle, failure(id)) }

func failure(id string) message.GenerationFinished {
	return message.NewGenerationFinished(message.GenerationFinished{
		Generation: id, Status: message.StatusFailed, FinishedAt: time.Now().UTC(),
		Failure: &message.Failure{Cause: "platform", Code: "gpu_lost", Message: "the worker lost its GPU"},
	})
}

// decide delivers the request that a failure makes.
func (s story) decide(ctx context.Context, id string) error {
	return s.deliver(ctx, decide, message.NewTechnicalFailure(id, message.ReasonFailed))
}

// report files a report on the generation's first output, and returns the case.
func (s story) report(ctx context.Context, id string, commercially bool) (string, error) {
	answer, err := s.command(ctx, reportBadResult, "/v1/reports", map[string]any{
		"generation": id, "description": "the hand has six fingers, and the face is not hers",
		"usage": map[string]bool{"commercial_use": commercially},
	}, http.StatusAccepted)
	if err != nil {
		return "", err
	}
	return caseOf(answer)
}

// caseOf returns the case that an answer names.
func caseOf(answer string) (string, error) {
	var reply struct{ Case string }
	if err := json.Unmarshal([]byte(answer), &reply); err != nil || reply.Case == "" {
		return "", fmt.Errorf("an answer without a case: %s", answer)
	}
	return reply.Case, nil
}

// command posts to a route with an idempotency key of its own: as staff where only they may call
// the function, else as the app. Another status than wanted is an error.
func (s story) command(ctx context.Context, function, route string, body any, want int) (string, error) {
	return s.commandUnder(ctx, fresh("key-"), function, route, body, want)
}

// commandUnder is command under that idempotency key.
func (s story) commandUnder(ctx context.Context, key, function, route string, body any, want int) (string, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	// Rulings are staff's alone: the app's key would be refused.
	caller := local.AppKey
	if function == reviewRefund {
		caller = local.OperatorKey
	}
	headers := map[string]string{
		"authorization": "Bearer " + caller, "idempotency-key": key, "content-type": "application/json",
	}
	return s.request(ctx, function, http.MethodPost, route, headers, text, want)
}

// request sends an HTTP event to the function and returns the body; another status than wanted is
// an error.
func (s story) request(
	ctx context.Context, function, method, target string, headers map[string]string, body []byte, want int,
) (string, error) {
	// The event is what API Gateway would send, so that the function's own translation is measured
	// too.
	payload, err := s.fleet.invoke(ctx, function, httpEvent(method, target, headers, body))
	if err != nil {
		return "", err
	}
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(payload, &answer); err != nil {
		return "", fmt.Errorf("%s: %w: %s", function, err, payload)
	}
	if answer.StatusCode != want {
		return "", fmt.Errorf("%s answered %d, want %d: %s", function, answer.StatusCode, want, answer.Body)
	}
	return answer.Body, nil
}

// httpEvent is what API Gateway makes of a request.
func httpEvent(method, target string, headers map[string]string, body []byte) events.APIGatewayV2HTTPRequest {
	path, query, _ := strings.Cut(target, "?")
	return events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: method + " " + path, RawPath: path, RawQueryString: query, Headers: headers, Body: string(body),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: method + " " + path, Stage: "$default", RequestID: fresh("req-"), DomainName: "bench.example", TimeEpoch: time.Now().UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: method, Path: path, Protocol: "HTTP/1.1", SourceIP: "192.0.2.10", UserAgent: "bench/1",
			},
		},
	}
}

// sweep runs the minute's sweep.
func (s story) sweep(ctx context.Context) error {
	_, err := s.fleet.invoke(ctx, sweepDue, map[string]string{"detail-type": "Scheduled Event"})
	return err
}

// postResult tells a success over HTTP, which puts it on its queue.
func (s story) postResult(ctx context.Context, id string) error {
	_, err := s.command(ctx, startGeneration, "/v1/generations/"+id+"/result", map[string]any{
		"status": "succeeded", "finished_at": time.Now().UTC(),
	}, http.StatusAccepted)
	return err
}

// deliver hands the function one message of its queue. A message that comes back is an error.
func (s story) deliver(ctx context.Context, function string, message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return s.hand(ctx, function, string(text))
}

// hand is deliver for a message as it was sent.
func (s story) hand(ctx context.Context, function, text string) error {
	// One message a batch, as on a quiet queue, so that each message pays for its whole event.
	payload, err := s.fleet.invoke(ctx, function, events.SQSEvent{Records: []events.SQSMessage{{
		MessageId: fresh("msg-"), ReceiptHandle: "bench", Body: text, EventSource: "aws:sqs", AWSRegion: "us-east-1",
		Attributes: map[string]string{"ApproximateReceiveCount": "1"},
	}}})
	if err != nil {
		return err
	}
	var answer events.SQSEventResponse
	if err := json.Unmarshal(payload, &answer); err != nil || len(answer.BatchItemFailures) > 0 {
		return fmt.Errorf("%s gave the message back: %s", function, payload)
	}
	return nil
}
