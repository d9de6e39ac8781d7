package acceptance_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// letters is how many dead letters the redrive is tried with; make nightly takes a thousand.
var letters = flag.Int("letters", 12, "dead letters of the redrive's test")

// night is a stack of its own, whose functions can be broken and mended one by one.
type night struct {
	broken map[string]*atomic.Bool // by function
	eras   int
	logs   string
}

// consumers are the functions that take messages off queues.
// The last is the one whose outage is run after all others.
var consumers = []string{"settle-generation", "decide-refund", "pay-refund", "notify-customer", "run-outage"}

// queues are the queues' names by the stems of their logical ids.
var queues = map[string]string{
	"GenerationResults": "generation-results", "RefundRequests": "refund-requests", "PaymentRefunds": "payment-refunds",
	"OutageRuns": "outage-runs", "Notices": "notices",
}

// openNight starts the stack, under the policy whose messages are of every kind, and has the test
// talk to it.
func openNight(t *testing.T) *night {
	t.Helper()
	n := &night{broken: map[string]*atomic.Bool{}, logs: filepath.Join(stack.Root(), ".local", "logs", "night")}
	env, providers := map[string]map[string]string{}, []*local.Proxy{}
	for _, function := range consumers {
		n.broken[function] = new(atomic.Bool)
		dynamo, err := local.NewProxy(street.services.DynamoDBURL, n.between(function, denied))
		require.NoError(t, err)
		provider, err := local.NewProxy("", n.between(function, revoked))
		require.NoError(t, err)
		t.Cleanup(dynamo.Stop)
		t.Cleanup(provider.Stop)
		env[function], providers = map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": dynamo.URL, "STRIPE_API_URL": provider.URL}, append(providers, provider)
	}
	// Money cannot go back because the provider refuses the key, not because a table is shut.
	delete(env["pay-refund"], "AWS_ENDPOINT_URL_DYNAMODB")
	delete(env["notify-customer"], "AWS_ENDPOINT_URL_DYNAMODB")
	other, err := local.Start(t.Context(), local.Options{
		Endpoints: street.services, Prefix: fmt.Sprintf("night-%d-", os.Getpid()), ManualSchedules: true, LogDir: n.logs, Log: os.Stderr,
		Policy: "goopter", MaxProcesses: 2, RetryDelay: time.Millisecond, Env: env,
	})
	require.NoError(t, err)
	for _, provider := range providers {
		provider.To(other.Provider.URL)
	}
	other.AnswerNotices(func(local.Notice) (int, string) {
		if n.broken["notify-customer"].Load() {
			return http.StatusBadRequest, ""
		}
		return http.StatusNoContent, ""
	})
	before, was := stack, policy
	stack, policy = other, "goopter"
	t.Cleanup(func() {
		other.Stop()
		stack, policy = before, was
	})
	return n
}

// between answers in the service's place while the function is broken.
func (n *night) between(function string, answer local.Reply) func(local.Call, func() local.Reply) local.Reply {
	return func(_ local.Call, forward func() local.Reply) local.Reply {
		if n.broken[function].Load() {
			return answer
		}
		return forward()
	}
}

// denied is DynamoDB's answer to a role that lost its permission, revoked the provider's to a key
// that was taken back.
var (
	denied = local.Reply{
		Status: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: []byte(`{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"not authorized"}`),
	}
	revoked = local.Reply{
		Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}`),
	}
)

// breaks has the function fail while play runs and until so many letters lie in the dead-letter
// queue.
func (n *night) breaks(t *testing.T, function, queue string, letters int, play func()) {
	t.Helper()
	n.broken[function].Store(true)
	play()
	soon(t, fmt.Sprintf("%s leaves %d letters", function, letters), func() bool {
		return waiting(t, queue+"DeadLetterQueue") >= letters && waiting(t, queue+"Queue") == 0
	})
	n.broken[function].Store(false)
	require.Equal(t, letters, waiting(t, queue+"DeadLetterQueue"), function)
}

// queuesDrained waits until every queue is empty.
func queuesDrained(t *testing.T) {
	t.Helper()
	soon(t, "the queues drain", func() bool {
		count := 0
		for id := range queues {
			count += waiting(t, id+"Queue")
		}
		return count == 0
	})
}

// command is the command against the night's stack, whose SQS answers at the address.
func (n *night) command(t *testing.T, sqs string, args ...string) *exec.Cmd {
	t.Helper()
	binary, err := built()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), binary, args...)
	command.Env = append(os.Environ(), "AWS_PROFILE=", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	variables, err := stack.CommandEnv()
	require.NoError(t, err)
	variables["AWS_ENDPOINT_URL_SQS"] = sqs
	for name, value := range variables {
		command.Env = append(command.Env, name+"="+value)
	}
	return command
}

// era is how long ago an outage of 49 hours began that touches none of the night's others.
func (n *night) era(t *testing.T) time.Duration {
	t.Helper()
	n.eras++
	began := time.Duration(n.eras) * 3 * day
	require.Less(t, began, 30*day, "goopter makes good what was bought within 30 days (G3.3)")
	return began
}
