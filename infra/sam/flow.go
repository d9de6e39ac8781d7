package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// webhook is the function that a payment provider posts to.
const webhook = "receive-purchase"

// step is one function with one event and the answer that it must give.
type step struct {
	function string
	event    string // a file of events/<function>
	check    bool   // played in CI too, where every second of it counts
	status   int    // of an HTTP function; 0 where no HTTP answer is expected
	contains string // must stand in the body; "" for anything
	notices  int    // how many must have been posted by then
}

// steps are the main story: a purchase, a hold, a failure, credits given back, a notice; then a
// report, a claim and staff's verdict, money paid back, a payment that staff look at, an outage.
// Each step finds in the tables what the steps before it left there.
var steps = []step{
	{function: "receive-purchase", event: "stripe-paid-photoroom.json", check: true, status: http.StatusOK},
	{function: "grant-credits", event: "promotion.json", status: http.StatusCreated},
	{function: "open-session", event: "open.json", status: http.StatusCreated, contains: "token"},
	{function: "serve-console", event: "door.json", status: http.StatusSeeOther}, // to sign in
	{function: "start-generation", event: "start.json", check: true, status: http.StatusCreated, contains: `"held"`},
	{function: "settle-generation", event: "failed.json", check: true},
	{function: "decide-refund", event: "failed.json", check: true},
	{function: "read-account", event: "generation.json", check: true, status: http.StatusOK, contains: `"released"`},
	{function: "notify-customer", event: "decided.json", notices: 1},
	{function: "start-generation", event: "start-free.json", status: http.StatusCreated, contains: `"held"`},
	{function: "settle-generation", event: "one-of-two-came.json"},
	{function: "report-bad-result", event: "report-first-output.json", status: http.StatusAccepted, contains: `"received"`},
	{function: "assess-result", event: "reported.json"},
	{function: "decide-refund", event: "reported.json"},
	// Declined, since nothing was charged for a free generation.
	{function: "read-account", event: "case.json", status: http.StatusOK, contains: `"declined"`},
	{function: "request-refund", event: "duplicate-charge.json", status: http.StatusAccepted, contains: `"received"`},
	{function: "decide-refund", event: "claimed.json"},
	{function: "review-refund", event: "list.json", status: http.StatusOK, contains: `"X3"`},
	{function: "review-refund", event: "decline.json", status: http.StatusOK, contains: `"declined"`},
	{function: "decide-refund", event: "ruled.json"},
	{function: "read-account", event: "case.json", status: http.StatusOK, contains: `"declined"`},
	{function: "request-refund", event: "abnormal-charge.json", status: http.StatusAccepted, contains: `"received"`},
	{function: "decide-refund", event: "claimed.json"},
	{function: "review-refund", event: "approve-money.json", status: http.StatusOK, contains: `"paying"`},
	{function: "decide-refund", event: "ruled.json"},
	{function: "pay-refund", event: "unsettled.json"},
	{function: "decide-refund", event: "followed.json"},
	{function: "read-account", event: "case.json", status: http.StatusOK, contains: `"closed"`},
	{function: "review-refund", event: "restrict.json", status: http.StatusOK, contains: `"restricted"`},
	{function: "receive-purchase", event: "standard-wrong-amount.json", status: http.StatusOK},
	{function: "review-refund", event: "payments.json", status: http.StatusOK, contains: `"parked"`},
	{function: "review-refund", event: "resolve.json", status: http.StatusOK, contains: `"ignore"`},
	{function: "forget-customer", event: "show.json", status: http.StatusOK, contains: `"complete":true`},
	{function: "declare-outage", event: "declare.json", status: http.StatusCreated, contains: `"preview"`},
	{function: "declare-outage", event: "run.json", status: http.StatusAccepted},
	{function: "run-outage", event: "started.json"},
	{function: "declare-outage", event: "show.json", status: http.StatusOK, contains: `"done_at"`},
	{function: "sweep-due", event: "minute.json"},
}

// flow returns the steps of "check" or of "all".
func flow(which string) []step {
	var chosen []step
	for _, s := range steps {
		if s.check || which == "all" {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// leadTo returns the steps that come before a function's first: those of the short flow where the
// function is in it.
func leadTo(function string) []step {
	// The short flow first: each step costs the start of a container.
	for _, which := range []string{"check", "all"} {
		chosen := flow(which)
		if at := slices.IndexFunc(chosen, func(s step) bool { return s.function == function }); at >= 0 {
			return chosen[:at]
		}
	}
	return nil
}

// play plays the steps and prints what each answered. It fails at the first step that answers
// otherwise, or that needs more than its role allows.
func (s *stage) play(ctx context.Context, chosen []step) error {
	k := known{}
	for _, one := range chosen {
		if err := s.step(ctx, one, k); err != nil {
			return err
		}
	}
	fmt.Printf("%d invocations in SAM's containers, each with what its role allows\n", len(chosen))
	return nil
}

// step invokes one function and compares its answer with what the step wants.
func (s *stage) step(ctx context.Context, one step, k known) error {
	start := time.Now()
	path := filepath.Join(s.root, "events", one.function, one.event)
	event, err := s.event(ctx, one.function, path, k)
	if err != nil {
		return err
	}
	// The function's log is kept back: it is of use only where the step fails.
	var log bytes.Buffer
	a, err := s.invoke(ctx, one.function, event, &log)
	// The guard's refusals come with the answer's fault, since a missing right is the usual reason
	// for it.
	err = errors.Join(err, one.wants(a), s.refusals())
	if one.notices > 0 && err == nil && len(s.notices) < one.notices {
		err = fmt.Errorf("%s posted %d notices, not %d", one.function, len(s.notices), one.notices)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s\n", &log)
		return fmt.Errorf("%s with %s: %w", one.function, path, err)
	}
	// Later events name what this step made.
	k.learn(a.Body)
	if err := s.plant(one.function, event); err != nil {
		return err
	}
	fmt.Printf("%-18s %-28s %5.1f s  %s\n", one.function, one.event, time.Since(start).Seconds(), short(a))
	return nil
}

// plant gives the provider's stand-in the payment of a webhook that was accepted: a real provider
// knows what it sent.
func (s *stage) plant(function string, event []byte) error {
	if function != webhook {
		return nil
	}
	var request events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(event, &request); err != nil {
		return err
	}
	return s.provider.Plant([]byte(request.Body))
}

// wants returns what is wrong with an answer; nil when it is as the step says.
func (one step) wants(a answer) error {
	switch {
	case a.Status != one.status:
		return fmt.Errorf("answered %s, not status %d", a.Text, one.status)
	case !strings.Contains(a.Body, one.contains):
		return fmt.Errorf("answered %s, without %s", a.Body, one.contains)
	// A function that was killed at its timeout prints nothing; one that ends returns at least
	// null.
	case one.status == 0 && a.Text == "":
		return errors.New("answered nothing: its time was up")
	case len(a.Failed) > 0:
		return fmt.Errorf("gave back %d messages: %s", len(a.Failed), a.Text)
	}
	return nil
}

// short returns an answer's first characters, on one line.
func short(a answer) string {
	const most = 100
	text := a.Text
	if a.Status != 0 {
		text = strings.TrimSpace(fmt.Sprint(a.Status, " ", a.Body))
	}
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ReplaceAll(text, "\n", " ")
}
