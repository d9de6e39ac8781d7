package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"makegood/infra/template"
)

// invokeWithin bounds one invocation: the start of the container, the first time with the building
// of its image, and the function.
const invokeWithin = 3 * time.Minute

// answer is what a function returned: of an HTTP function Status and Body, of a consumer Failed, of
// any Text.
type answer struct {
	Status int    `json:"statusCode"`
	Body   string `json:"body"`
	Failed []struct {
		Item string `json:"itemIdentifier"`
	} `json:"batchItemFailures"`
	ErrorMessage string `json:"errorMessage"`
	Text         string `json:"-"`
}

// known are the ids that earlier steps made, the latest of each prefix. They take the place of the
// ids in a later step's event.
type known map[string]string

var (
	ids        = regexp.MustCompile(`\b((?:gen|cas)_[A-Za-z0-9]{40}|out_[A-Za-z0-9]{20})\b`)
	paymentIDs = regexp.MustCompile(`\b(?:pi|pay)_[A-Za-z0-9]+\b`) // as providers name payments: whichever
)

const payment = "payment"

// learn keeps the ids of an answer, of each prefix the one that it names first.
func (k known) learn(text string) {
	matches := ids.FindAllString(text, -1)
	// Backwards, so that the first of a prefix is written last and stays.
	slices.Reverse(matches)
	for _, id := range matches {
		k[id[:3]] = id
	}
}

// learnPayment keeps the payment of a webhook's event.
func (k known) learnPayment(event []byte) {
	if id := paymentIDs.Find(event); id != nil {
		k[payment] = string(id)
	}
}

// fill puts the known ids into an event.
func (k known) fill(event []byte) []byte {
	event = ids.ReplaceAllFunc(event, func(id []byte) []byte { return k.in(string(id[:3]), id) })
	return paymentIDs.ReplaceAllFunc(event, func(id []byte) []byte { return k.in(payment, id) })
}

// in returns the id that is known for a place, the event's own where none is.
func (k known) in(place string, id []byte) []byte {
	if fresh, ok := k[place]; ok {
		return []byte(fresh)
	}
	return id
}

// invoke runs one function in its container with one event. Its log lines go to log.
func (s *stage) invoke(ctx context.Context, function string, event []byte, log io.Writer) (answer, error) {
	f, err := s.function(function)
	if err != nil {
		return answer{}, err
	}
	limit, cancel := context.WithTimeout(ctx, invokeWithin)
	defer cancel()
	cmd := s.sam(limit, "invoke", f.LogicalID, "--event", "-")
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(event), &out, log
	if err := cmd.Run(); err != nil {
		return answer{}, fmt.Errorf("%s: sam local invoke: %w", function, err)
	}
	// SAM prints the function's result to standard output, and nothing else.
	a := answer{Text: strings.TrimSpace(out.String())}
	if a.Text != "" && a.Text != "null" {
		if err := json.Unmarshal([]byte(a.Text), &a); err != nil {
			return a, fmt.Errorf("%s answered %q: %w", function, a.Text, err)
		}
	}
	// Lambda reports an error of the handler as a result of its own shape; SAM ends with 0 all the
	// same.
	if a.ErrorMessage != "" {
		return a, fmt.Errorf("%s failed: %s", function, a.ErrorMessage)
	}
	return a, nil
}

// sam prepares a `sam local` command on this stage's template, variables and engine.
func (s *stage) sam(ctx context.Context, args ...string) *exec.Cmd {
	args = append([]string{"local"}, args...)
	args = append(args, "--template", s.template, "--env-vars", s.variables, "--add-host", containerHost+":host-gateway",
		"--parameter-overrides", "Architecture="+architecture())
	if s.standIn {
		args = append(args, "--skip-pull-image")
	}
	cmd := exec.CommandContext(ctx, s.script("cli.sh"), args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that SAM removes its container
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir, cmd.Env = s.root, s.environ()
	return cmd
}

// architecture returns this machine's architecture by Lambda's name: the containers run what was
// built here.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// function returns the function of a folder of functions/. An unknown name is an error that lists
// the known ones.
func (s *stage) function(name string) (template.Function, error) {
	var all []string
	for _, f := range s.functions {
		folder := filepath.Base(f.Folder)
		if folder == name {
			return f, nil
		}
		all = append(all, folder)
	}
	return template.Function{}, fmt.Errorf("no function %q; there are %s", name, strings.Join(all, ", "))
}

// event returns a file of events/ with the known ids in it. A webhook is signed now, for a recorded
// signature is refused after 300 seconds. Its payment is what later events are about.
func (s *stage) event(ctx context.Context, function, path string, k known) ([]byte, error) {
	if function != webhook {
		raw, err := os.ReadFile(path)
		return k.fill(raw), err
	}
	sign := exec.CommandContext(ctx, "go", "run", "./infra/sign-event", path)
	sign.Dir, sign.Stderr = s.root, os.Stderr
	raw, err := sign.Output()
	k.learnPayment(raw)
	return raw, err
}

// one plays the flow up to a function, so that its event finds what it names, then invokes the
// function and prints its answer.
func (s *stage) one(ctx context.Context, function, path string) error {
	// Slips of the command line are found before minutes of containers are spent.
	if _, err := s.function(function); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	k := known{}
	for _, before := range leadTo(function) {
		if err := s.step(ctx, before, k); err != nil {
			return err
		}
	}
	event, err := s.event(ctx, function, path, k)
	if err != nil {
		return err
	}
	a, err := s.invoke(ctx, function, event, os.Stderr)
	if err != nil {
		return err
	}
	fmt.Println(a.Text)
	return s.refusals()
}

// serve runs `sam local start-api` until it is interrupted.
func (s *stage) serve(ctx context.Context) error {
	cmd := s.sam(ctx, "start-api", "--port", "3001", "--host", "127.0.0.1", "--warm-containers", "LAZY")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = nil, os.Stdout, os.Stderr
	if err := cmd.Run(); ctx.Err() == nil {
		return err
	}
	return nil // it was asked to end
}

// refusals is an error when a function needed more than its role allows.
func (s *stage) refusals() error {
	if refusals := s.guard.Refused(); len(refusals) > 0 {
		return errors.New("template.yaml allows too little:\n  " + strings.Join(refusals, "\n  "))
	}
	return nil
}
