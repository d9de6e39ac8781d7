// Package demo plays a story against a running stack, over HTTP only, and says what happened.
//
// It owns the playing of events/stories and the printed statement. It refuses to know how a stack is made, and every rule of
// credits: it knows the HTTP contract, takes package and feature from the policy in force, and compares.
//
// Invariants: the first thing that is not as the story wants ends the play with an error; nothing is waited for longer than 5 s,
// unless the client says so.
//
// Words: a story is an ordered list of steps; what a step wants is counted in purchases and generations, so that one story fits
// every policy.
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
	DoPurchase  = "purchase"  // post Event, signed, with the policy's first package in it, as Payment
	DoStart     = "start"     // start Generation, with what Body adds to the order
	DoResult    = "result"    // report Body for Generation
	DoSettled   = "settled"   // wait until Generation is in State, with a case so decided where Decision is set
	DoNotice    = "notice"    // wait until the customer has been told of the case of Generation or Payment
	DoReport    = "report"    // the customer reports Generation in the words of Body; the policy answers, as in Answers where it is there
	DoClaim     = "claim"     // the customer claims the money of Payment back in the words of Body; the policy answers, as in Answers where it is there
	DoVerdict   = "verdict"   // staff look at the case of Generation or Payment, if it waits for them, and give the verdict of Body
	DoPaid      = "paid"      // wait until the provider's webhook has closed the case of Payment
	DoAgain     = "again"     // the customer reports Generation once more, which is a conflict
	DoStatement = "statement" // print the statement and check its sums
)

// Story is one file of events/stories.
type Story struct {
	Title    string `json:"title"`
	Customer string `json:"customer"`
	Steps    []Step `json:"steps"`
}

// Step is one thing done. Generation and Payment are names within the story; Event a path under events/. Answers are states and clauses by
// policy; a policy that is not among them may answer what it likes.
type Step struct {
	Do         string          `json:"do"`
	Event      string          `json:"event,omitempty"`
	Generation string          `json:"generation,omitempty"`
	Payment    string          `json:"payment,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"`
	State      string          `json:"state,omitempty"`
	Decision   string          `json:"decision,omitempty"`
	Want       *Want           `json:"want,omitempty"`

	Answers map[string]string `json:"answers,omitempty"`
}

// about is what the step's case is about.
func (s Step) about() string { return s.Generation + s.Payment }

// Want is the balance after a step: packages bought and not paid back, less generations held and generations spent. What the answers to
// reports say was given back is added: it depends on the policy.
type Want struct {
	Bought int `json:"bought"`
	Held   int `json:"held"`
	Spent  int `json:"spent"`
}

// Client says where a stack is and how to sign in. AdminURL is where received notices are listed; without it they are not checked.
type Client struct {
	BaseURL      string
	AdminURL     string
	AppKey       string
	OperatorKey  string
	StripeSecret string
	Out          io.Writer
	Within       time.Duration // each step settles within this; 0: 5 s
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
		case DoPurchase, DoStart, DoResult, DoSettled, DoNotice, DoReport, DoClaim, DoVerdict, DoPaid, DoAgain, DoStatement:
		default:
			return s, fmt.Errorf("%s: step %d: %q is not a kind of step", name, n+1, step.Do)
		}
	}
	return s, nil
}
