package acceptance_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// stack is shared: each test has customers of its own. hooks stand between each function and the services it calls.
var (
	stack *local.Stack
	hooks = map[string]*hook{}
)

// hooked lists the functions whose calls a test may touch.
var hooked = []string{"receive-purchase", "start-generation", "settle-generation", "decide-refund", "sweep-due"}

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
	options := local.Options{
		Policy: "photoroom", Endpoints: services, Prefix: fmt.Sprintf("acceptance-%d-", os.Getpid()), ManualSchedules: true,
		Env: map[string]map[string]string{}, Log: os.Stderr,
	}
	for _, name := range hooked {
		h, err := newHook(name, services)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		hooks[name] = h
		options.Env[name] = map[string]string{"AWS_ENDPOINT_URL_SQS": h.sqs.URL, "AWS_ENDPOINT_URL_DYNAMODB": h.dynamo.URL}
	}
	if stack, err = local.Start(ctx, options); err != nil {
		fmt.Fprintln(os.Stderr, "the stack does not start:", err)
		return 1
	}
	defer stack.Stop()
	return m.Run()
}

// hook stands between one function and its services. Without a deed every call goes through.
type hook struct {
	function    string
	sqs, dynamo *local.Proxy
	deed        atomic.Pointer[deed]
}

// deed is done to calls of one operation, a number of times.
type deed struct {
	operation string
	left      atomic.Int64
	done      atomic.Int64
	do        func(call local.Call, forward func() local.Reply) local.Reply
}

func newHook(function string, services *local.Endpoints) (*hook, error) {
	h := &hook{function: function}
	between := func(call local.Call, forward func() local.Reply) local.Reply {
		if d := h.deed.Load(); d != nil && d.operation == call.Operation && d.left.Add(-1) >= 0 {
			defer d.done.Add(1)
			return d.do(call, forward)
		}
		return forward()
	}
	var err error
	if h.sqs, err = local.NewProxy(services.SQSURL, between); err != nil {
		return nil, err
	}
	h.dynamo, err = local.NewProxy(services.DynamoDBURL, between)
	return h, err
}

// during does the deed to the function's next calls of that operation, and demands at the end of the test that it was done so often.
func during(t *testing.T, function, operation string, times int64, do func(call local.Call, forward func() local.Reply) local.Reply) *deed {
	t.Helper()
	d := &deed{operation: operation, do: do}
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

// soon demands that done becomes true while the queues work.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	require.Eventually(t, done, 20*time.Second, 50*time.Millisecond, what)
}

// sweep runs sweep-due once.
func sweep(t *testing.T) {
	t.Helper()
	require.NoError(t, stack.Trigger(t.Context(), "sweep-due"))
}
