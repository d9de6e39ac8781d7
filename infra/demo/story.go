// Package demo plays a story against a running stack, over HTTP only, and says what happened.
//
// It owns the playing of events/stories and the printed statement. It refuses to know how a stack
// is made, and every rule of credits: it knows the HTTP contract, takes package and feature from
// the policy in force, and compares.
//
// Invariants: the first thing that is not as the story wants ends the play with an error; nothing
// is waited for longer than 5 s, unless the client says so.
//
// Words: a story is an ordered list of steps; what a step wants is counted in purchases and
// generations, so that one story fits every policy.
package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// The kinds of step.
const (
	// DoPurchase posts Event, signed, with the policy's first package in it, as Payment.
	DoPurchase = "purchase"
	// DoStart starts Generation, with what Body adds to the order.
	DoStart = "start"
	// DoResult reports Body for Generation.
	DoResult = "result"
	// DoOutcome waits until Generation is in State, with a case so decided where Decision is set.
	DoOutcome = "settled"
	// DoNotice waits until the customer has the notice of the case of Generation or Payment.
	DoNotice = "notice"
	// DoReport has the customer report Generation in the words of Body. The policy answers, as in
	// Answers where it is there.
	DoReport = "report"
	// DoClaim has the customer claim the money of Payment back in the words of Body. The policy
	// answers, as in Answers where it is there.
	DoClaim = "claim"
	// DoVerdict has staff look at the case of Generation or Payment, if it waits for them, and give
	// the verdict of Body.
	DoVerdict = "verdict"
	// DoPaid waits until the provider's webhook has closed the case of Payment.
	DoPaid = "paid"
	// DoAgain has the customer report Generation once more, which is a conflict.
	DoAgain = "again"
	// DoStatement prints the statement and checks its sums.
	DoStatement = "statement"
)

// Story is one file of events/stories.
type Story struct {
	Title    string `json:"title"`    // one sentence, printed first
	Customer string `json:"customer"` // whose wallet it is about
	Steps    []Step `json:"steps"`    // in order
}

// Step is one thing done.
type Step struct {
	Do         string          `json:"do"`                   // one of the kinds above
	Event      string          `json:"event,omitempty"`      // a path under events/
	Generation string          `json:"generation,omitempty"` // its name within the story
	Payment    string          `json:"payment,omitempty"`    // its name within the story
	Body       json.RawMessage `json:"body,omitempty"`       // what is sent, without ids
	State      string          `json:"state,omitempty"`      // to be awaited; "": any
	Decision   string          `json:"decision,omitempty"`   // the outcome to be awaited; "": no case
	Want       *Want           `json:"want,omitempty"`       // the balance afterwards; nil: not compared

	// Answers are states and clauses by policy. A policy that is not among them may answer what it
	// likes.
	Answers map[string]string `json:"answers,omitempty"`
}

// about is what the step's case is about.
func (s Step) about() string { return s.Generation + s.Payment }

// Want is the balance after a step. What the answers to reports gave back is added: it depends on
// the policy.
type Want struct {
	Bought int `json:"bought"` // packages bought and not paid back
	Held   int `json:"held"`   // generations on hold
	Spent  int `json:"spent"`  // generations captured
}

// Client says where a stack is and how to sign in.
type Client struct {
	BaseURL      string        // of the HTTP API
	AdminURL     string        // where received notices are listed; "": they are not checked
	AppKey       string        // of the app's server
	OperatorKey  string        // of staff
	StripeSecret string        // signs the purchases
	Customer     string        // whose wallet it is about; "": the story's own
	Out          io.Writer     // gets the story
	Within       time.Duration // what each step takes at most; 0: 5 s
}

// load reads a story; an unknown kind of step is an error.
func load(events fs.FS, name string) (Story, error) {
	var s Story
	text, err := fs.ReadFile(events, name)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	for n, step := range s.Steps {
		switch step.Do {
		case DoPurchase, DoStart, DoResult, DoOutcome, DoNotice, DoReport, DoClaim, DoVerdict, DoPaid, DoAgain, DoStatement:
		default:
			return s, fmt.Errorf("%s: step %d: %q is not a kind of step", name, n+1, step.Do)
		}
	}
	return s, nil
}
