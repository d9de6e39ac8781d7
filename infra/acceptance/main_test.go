package acceptance_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// stack is what the running test talks to, policy what it runs under: photoroom, unless the test
// says under another. Each test has customers of its own. No test runs beside another, except
// subtests that talk to one stack, and at the end those of the usual one that say so, so that one
// of them waits while the others work.
var (
	stack  *local.Stack
	policy = usual
	hooks  = map[string]*hook{}
)

const usual = "photoroom"

// hooked lists the functions whose calls a test may touch, under the usual policy; hookedEverywhere
// those under each.
var (
	hooked = []string{
		"receive-purchase", "start-generation", "settle-generation", "report-bad-result", "request-refund", "decide-refund", "review-refund", "sweep-due",
		"pay-refund",
	}
	hookedEverywhere = []string{"run-outage"}
)

// street is what all stacks have in common: the services, and how long they live.
var street struct {
	ctx      context.Context
	services *local.Endpoints
	stacks   map[string]*local.Stack
	hooked   map[string]map[string]string // the environment of hookedEverywhere
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	services, err := local.Shared(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests need DynamoDB Local and ElasticMQ:", err)
		return 1
	}
	defer services.Stop()
	street.ctx, street.services, street.stacks, street.hooked = ctx, services, map[string]*local.Stack{}, map[string]map[string]string{}
	env := map[string]map[string]string{}
	for _, name := range append(hooked, hookedEverywhere...) {
		h, err := newHook(name, services)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		hooks[name] = h
		env[name] = map[string]string{
			"AWS_ENDPOINT_URL_SQS": h.sqs.URL, "AWS_ENDPOINT_URL_DYNAMODB": h.dynamo.URL, "STRIPE_API_URL": h.provider.URL,
		}
	}
	for _, name := range hookedEverywhere {
		street.hooked[name] = env[name]
	}
	defer func() {
		for _, s := range street.stacks {
			s.Stop()
		}
	}()
	if stack, err = open(usual, env); err != nil {
		fmt.Fprintln(os.Stderr, "the stack does not start:", err)
		return 1
	}
	for _, h := range hooks {
		h.provider.To(stack.Provider.URL)
	}
	code := m.Run()
	for name, s := range street.stacks {
		if err := replayed(s); err != nil {
			fmt.Fprintf(os.Stderr, "not every verdict under %s is made again: %s\n", name, err)
			return 1
		}
	}
	return code
}

// contactEmail is what the stacks are told of the address that a page hides.
const contactEmail = "help@shop.example"

// open starts a stack with the policy.
func open(policy string, env map[string]map[string]string) (*local.Stack, error) {
	options := local.Options{
		Policy: policy, Parameters: map[string]string{"ContactEmail": contactEmail}, Endpoints: street.services, Prefix: fmt.Sprintf("acceptance-%d-%s-", os.Getpid(), policy), ManualSchedules: true,
		Env: env, Log: os.Stderr,
	}
	if stack != nil { // beside the usual one, whose logs lie where they always do
		options.LogDir = filepath.Join(stack.Root(), ".local", "logs", policy)
	}
	s, err := local.Start(street.ctx, options) //nolint:contextcheck // a stack outlives the test that starts it
	if err == nil {
		street.stacks[policy] = s
	}
	return s, err
}

// under has the test talk to a stack with that policy, which starts with the first test that asks
// for it.
func under(t *testing.T, name string) {
	t.Helper()
	was, before := policy, stack
	t.Cleanup(func() { policy, stack = was, before })
	other := street.stacks[name]
	if other == nil {
		var err error
		other, err = open(name, street.hooked)
		require.NoError(t, err)
	}
	policy, stack = name, other
}

// hook stands between one function and its services and the payment provider. Without a deed every
// call goes through.
type hook struct {
	function              string
	sqs, dynamo, provider *local.Proxy
	deed                  atomic.Pointer[deed]
}

// deed is done to calls of one operation, a number of times; then it is another's turn.
type deed struct {
	operation string
	about     []string // texts that the call's body holds, each
	left      atomic.Int64
	done      atomic.Int64
	do        func(call local.Call, forward func() local.Reply) local.Reply
	next      *deed
}

func (d *deed) meant(call local.Call) bool {
	silent := func(text string) bool { return !bytes.Contains(call.Body, []byte(text)) }
	return d.operation == call.Operation && !slices.ContainsFunc(d.about, silent)
}

func newHook(function string, services *local.Endpoints) (*hook, error) {
	h := &hook{function: function}
	between := func(call local.Call, forward func() local.Reply) local.Reply {
		if d := h.deed.Load(); d != nil && d.meant(call) && d.left.Add(-1) >= 0 {
			defer d.done.Add(1)
			if d.next != nil {
				h.deed.Store(d.next)
			}
			return d.do(call, forward)
		}
		return forward()
	}
	var err error
	if h.sqs, err = local.NewProxy(services.SQSURL, between); err != nil {
		return nil, err
	}
	if h.dynamo, err = local.NewProxy(services.DynamoDBURL, between); err != nil {
		return nil, err
	}
	h.provider, err = local.NewProxy("", between)
	return h, err
}

// during does the deed to the function's next calls of that operation, and demands at the end of
// the test that it was done so often. Calls whose body lacks a text of about, a payment's id or a
// case's, are others' and go through.
func during(
	t *testing.T, function, operation string, times int64, do func(call local.Call, forward func() local.Reply) local.Reply, about ...string,
) *deed {
	t.Helper()
	d := &deed{operation: operation, about: about, do: do}
	d.left.Store(times)
	hooks[function].deed.Store(d)
	t.Cleanup(func() {
		hooks[function].deed.Store(nil)
		require.Equal(t, times, d.done.Load(), "%s of %s was to be met", operation, function)
	})
	return d
}

// killBefore kills the function's processes with -9 when they make the call: it never arrives.
func killBefore(function string) func(local.Call, func() local.Reply) local.Reply {
	return func(local.Call, func() local.Reply) local.Reply {
		kill(function)
		return local.Reply{}
	}
}

// killAfter lets the call take effect and kills the function's processes before they hear of it.
func killAfter(function string) func(local.Call, func() local.Reply) local.Reply {
	return func(_ local.Call, forward func() local.Reply) local.Reply {
		forward()
		kill(function)
		return local.Reply{}
	}
}

// lose tells the function that its message was taken, and drops it.
func lose(call local.Call, _ func() local.Reply) local.Reply { return local.Lost(call) }

func kill(function string) {
	for _, pid := range stack.Processes(function) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// soon demands that done becomes true while the queues work. A loaded machine takes its time.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), what)
	}
}

// sweep runs sweep-due once.
func sweep(t *testing.T) {
	t.Helper()
	require.NoError(t, stack.Trigger(t.Context(), "sweep-due"))
}
