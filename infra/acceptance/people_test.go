package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/shared/provider/stripe"
)

type object = map[string]any

// answer is what came back: status, JSON body, headers.
type answer struct {
	status int
	body   object
	header http.Header
}

var client = &http.Client{Timeout: 30 * time.Second}

// ask sends one request; body may be bytes to be sent as they are.
func ask(t *testing.T, method, path, bearer string, body any, headers ...string) answer {
	t.Helper()
	text, raw := body.([]byte)
	if !raw && body != nil {
		var err error
		text, err = json.Marshal(body)
		require.NoError(t, err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, stack.BaseURL+path, bytes.NewReader(text))
	require.NoError(t, err)
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	got := answer{status: response.StatusCode, header: response.Header, body: object{}}
	if len(read) > 0 {
		require.NoError(t, json.Unmarshal(read, &got.body), "%s %s: %s", method, path, read)
	}
	return got
}

var named atomic.Int64

// unique returns a name that no other test and no other run uses.
func unique(name string) string {
	return fmt.Sprintf("%s-%d-%d", name, time.Now().UnixNano(), named.Add(1))
}

// asApp sends a request with the app's key and a fresh idempotency key, and demands the status.
func asApp(t *testing.T, method, path string, body any, want int) object {
	t.Helper()
	got := ask(t, method, path, local.AppKey, body, "Idempotency-Key", unique("key"))
	require.Equal(t, want, got.status, "%s %s: %v", method, path, got.body)
	return got.body
}

// customer returns a customer who has that many credits.
func customer(t *testing.T, credits int) string {
	t.Helper()
	id := unique("alice")
	asApp(t, "POST", "/v1/grants", object{"customer": id, "credits": credits, "source": "promotion"}, 201)
	return id
}

// shop is what the app sells under a policy: a feature and its price, and a package at 10.00 USD
// and its credits.
type shop struct {
	feature string
	price   int
	bundle  string
	credits int
}

var shops = map[string]shop{
	"photoroom":  {"recolor", 4, "credits-100", 100},
	"goopter":    {"upscale", 3, "basic", 120},
	"popcustoms": {"pet", 395, "topup-10", 100_000},
}

// with returns the object with more fields, or others.
func with(base object, more ...object) object {
	all := maps.Clone(base)
	for _, fields := range more {
		maps.Copy(all, fields)
	}
	return all
}

// order is for one picture; under photoroom it costs 4 credits.
func order(customer string, more ...object) object {
	return with(object{"customer": customer, "feature": shops[policy].feature, "platform": "web"}, more...)
}

// start starts a generation of one picture.
func start(t *testing.T, customer string, more ...object) string {
	t.Helper()
	return asApp(t, "POST", "/v1/generations", order(customer, more...), 201)["id"].(string)
}

func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }

func success() object { return object{"status": "succeeded", "finished_at": now()} }

func failure(cause string) object {
	return object{"status": "failed", "finished_at": now(), "failure": object{"cause": cause, "code": "gpu_lost", "message": "gone"}}
}

// finish reports a result over HTTP, as the worker would.
func finish(t *testing.T, id string, result object) object {
	t.Helper()
	return asApp(t, "POST", "/v1/generations/"+id+"/result", result, 202)
}

func generation(t *testing.T, id string) object {
	t.Helper()
	return asApp(t, "GET", "/v1/generations/"+id, nil, 200)
}

// becomes waits until the generation is in the state.
func becomes(t *testing.T, id, state string) {
	t.Helper()
	soon(t, "the generation becomes "+state, func() bool { return generation(t, id)["state"] == state })
}

type balance struct{ available, held, owed float64 }

// wantBalance demands the balance, and that the statement adds up to it. held is read from an
// index, which may lag a moment.
func wantBalance(t *testing.T, customer string, want balance) {
	t.Helper()
	soon(t, fmt.Sprintf("the balance becomes %v", want), func() bool {
		got := asApp(t, "GET", "/v1/customers/"+customer, nil, 200)["balance"].(object)
		return balance{got["available"].(float64), got["held"].(float64), got["owed"].(float64)} == want
	})
	sums := map[string]float64{}
	for _, row := range statement(t, customer) {
		sums[row["from"].(string)] -= row["amount"].(float64)
		sums[row["to"].(string)] += row["amount"].(float64)
	}
	require.Equal(t, want, balance{sums["available"], sums["held"], -sums["owed"] + 0}, "the statement adds up")
}

// statement reads every page, newest first.
func statement(t *testing.T, customer string) []object {
	t.Helper()
	var rows []object
	path := "/v1/customers/" + customer + "/statement"
	for query := ""; ; {
		page := asApp(t, "GET", path+query, nil, 200)
		for _, row := range page["entries"].([]any) {
			rows = append(rows, row.(object))
		}
		next, more := page["next"].(string)
		if !more {
			return rows
		}
		query = "?cursor=" + next
	}
}

// session returns Stripe's event of a checkout session for the shop's package, with what the test
// changes in it.
func session(customer, payment string, change ...object) []byte {
	checkout := with(object{
		"id": "cs_" + payment, "object": "checkout.session", "mode": "payment", "payment_intent": payment, "client_reference_id": customer,
		"metadata": object{"package": shops[policy].bundle}, "amount_subtotal": 1000, "amount_total": 1000, "currency": "usd",
		"payment_status": "paid", "status": "complete", "livemode": false, "created": time.Now().Unix(),
	}, change...)
	return event("checkout.session.completed", checkout)
}

// refunded returns Stripe's event of a refund of the payment that was made at the provider, not by
// us.
func refunded(payment string, minor int) []byte {
	return event("refund.created", object{
		"id": unique("re"), "object": "refund", "amount": minor, "currency": "usd", "payment_intent": payment, "status": "succeeded",
		"created": time.Now().Unix(),
	})
}

// event returns Stripe's event about the object.
func event(kind string, about object) []byte {
	text, err := json.Marshal(object{
		"id": unique("evt"), "object": "event", "api_version": "2026-03-25.dahlia", "created": about["created"], "livemode": false,
		"type": kind, "data": object{"object": about},
	})
	if err != nil {
		panic(err)
	}
	return text
}

// tell posts a signed event as Stripe would.
func tell(t *testing.T, event []byte) answer {
	t.Helper()
	return ask(t, "POST", "/webhooks/stripe", "", event, stripe.Header, stripe.Sign(sandbox.StripeSecret, time.Now(), event))
}

func queue(logicalID string) (*sqs.Client, *string) {
	return local.SQS(stack.Endpoints.SQSURL), aws.String(stack.QueueURLs[logicalID])
}

// send puts a text on a queue, as a worker would.
func send(t *testing.T, logicalID, body string) {
	t.Helper()
	to, url := queue(logicalID)
	_, err := to.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(body)})
	require.NoError(t, err)
}

// waiting returns how many messages a queue holds, seen or not.
func waiting(t *testing.T, logicalID string) int {
	t.Helper()
	visible, inFlight, err := stack.QueueDepth(context.WithoutCancel(t.Context()), logicalID)
	require.NoError(t, err)
	return visible + inFlight
}
