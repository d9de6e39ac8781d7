package acceptance_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/sandbox"
)

// between is done to each call on its way through a gate.
type between func(call local.Call, forward func() local.Reply) local.Reply

// gate stands between a function and a service, or between consumers and their queues. While
// something is put there, it is done to each call.
type gate struct {
	proxy *local.Proxy
	does  atomic.Pointer[between]
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	g := &gate{}
	var err error
	g.proxy, err = local.NewProxy(target, func(call local.Call, forward func() local.Reply) local.Reply {
		if do := g.does.Load(); do != nil {
			return (*do)(call, forward)
		}
		return forward()
	})
	require.NoError(t, err)
	t.Cleanup(g.proxy.Stop)
	return g
}

// What DynamoDB says where something is wrong.
var (
	refusal  = dynamoReply(http.StatusBadRequest, "com.amazon.coral.service#AccessDeniedException", "User: … is not authorized to perform this on resource: …")
	overload = dynamoReply(http.StatusBadRequest, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "too many requests")
	failing  = dynamoReply(http.StatusInternalServerError, "com.amazonaws.dynamodb.v20120810#InternalServerError", "internal")
)

func dynamoReply(status int, kind, text string) func(local.Call) local.Reply {
	return func(local.Call) local.Reply {
		return local.Reply{
			Status: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body: []byte(fmt.Sprintf(`{"__type":%q,"message":%q}`, kind, text)),
		}
	}
}

// ward is a stack that things go wrong on: functions have a gate before their tables, and
// report-bad-result before its queue, pay-refund also before the payment provider; SES refuses
// every mail.
type ward struct {
	stack *local.Stack
	gates map[string]*gate
	logs  string // the folder of the functions' logs

	followed map[string]bool // headings of the runbook
}

// gated are the functions with a gate before their tables.
var gated = []string{
	"receive-purchase", "settle-generation", "decide-refund", "pay-refund", "run-outage", "notify-customer", "sweep-due", "read-account",
}

// The other gates: of pay-refund to the payment provider, and of all consumers to their queues.
const (
	gateProvider = "the provider"
	gateQueues   = "the queues"
)

// openWard starts the stack, and has the test talk to it.
func openWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{gates: map[string]*gate{}, followed: map[string]bool{}, logs: filepath.Join(stack.Root(), ".local", "logs", "ward")}
	// A line of an earlier run would look like one of this.
	require.NoError(t, os.RemoveAll(w.logs))
	ses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-ErrorType", "MessageRejected")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"message":"Email address is not verified."}`)
	}))
	t.Cleanup(ses.Close)
	env := map[string]map[string]string{"notify-customer": {"AWS_ENDPOINT_URL_SESV2": ses.URL}}
	set := func(function, variable, name, target string) {
		w.gates[name] = newGate(t, target)
		if env[function] == nil {
			env[function] = map[string]string{}
		}
		env[function][variable] = w.gates[name].proxy.URL
	}
	for _, function := range gated {
		set(function, "AWS_ENDPOINT_URL_DYNAMODB", function, street.services.DynamoDBURL)
	}
	set("report-bad-result", "AWS_ENDPOINT_URL_SQS", "report-bad-result", street.services.SQSURL)
	set("pay-refund", "STRIPE_API_URL", gateProvider, "")
	w.gates[gateQueues] = newGate(t, street.services.SQSURL)
	endpoints := &local.Endpoints{DynamoDBURL: street.services.DynamoDBURL, SQSURL: w.gates[gateQueues].proxy.URL}
	var err error
	w.stack, err = local.Start(street.ctx, local.Options{ //nolint:contextcheck // it ends with the test, by Stop
		Policy: usual, Parameters: map[string]string{"NoticeEmailFrom": "shop@example.com"}, Endpoints: endpoints,
		Prefix: fmt.Sprintf("ward-%d-", os.Getpid()), ManualSchedules: true, RetryDelay: 100 * time.Millisecond, Env: env, LogDir: w.logs, Log: os.Stderr,
	})
	require.NoError(t, err)
	t.Cleanup(w.stack.Stop)
	w.gates[gateProvider].proxy.To(w.stack.Provider.URL)
	if !*whole {
		w.givesUp(t, 1)
	}
	before := stack
	stack = w.stack
	t.Cleanup(func() { stack = before })
	return w
}

// whole has every entry typed, and messages given up as the template says.
var whole = flag.Bool("runbook", false, "follow the runbook whole, as make nightly does")

// givesUp has messages given up after so many receives: the five of the template take a second
// each.
func (w *ward) givesUp(t *testing.T, receives int) {
	t.Helper()
	api := local.SQS(w.stack.Endpoints.SQSURL)
	name := types.QueueAttributeNameRedrivePolicy
	for id, url := range w.stack.QueueURLs {
		if strings.HasSuffix(id, "DeadLetterQueue") {
			continue
		}
		out, err := api.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{name}})
		require.NoError(t, err)
		var policy object
		require.NoError(t, json.Unmarshal([]byte(out.Attributes[string(name)]), &policy))
		policy["maxReceiveCount"] = strconv.Itoa(receives)
		text, err := json.Marshal(policy)
		require.NoError(t, err)
		_, err = api.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: map[string]string{string(name): string(text)}})
		require.NoError(t, err)
	}
}

// shut has the functions' gates reply so, until they are opened again.
func (w *ward) shut(reply func(local.Call) local.Reply, functions ...string) {
	w.put(func(call local.Call, _ func() local.Reply) local.Reply { return reply(call) }, functions...)
}

// put has it done to each call through the gates, until they are opened again.
func (w *ward) put(do between, gates ...string) {
	for _, name := range gates {
		w.gates[name].does.Store(&do)
	}
}

// open lets every call through.
func (w *ward) open() {
	for _, g := range w.gates {
		g.does.Store(nil)
	}
}

// says reports whether a function's log has a line with all the texts.
func (w *ward) says(t *testing.T, function string, texts ...string) bool {
	t.Helper()
	return w.lines(t, function, texts...) > 0
}

// lines counts the lines of a function's log with all the texts.
func (w *ward) lines(t *testing.T, function string, texts ...string) int {
	t.Helper()
	count := 0
	log, err := os.ReadFile(filepath.Join(w.logs, function+".log"))
	require.NoError(t, err)
	for line := range strings.Lines(string(log)) {
		all := true
		for _, text := range texts {
			all = all && strings.Contains(line, text)
		}
		if all {
			count++
		}
	}
	return count
}

// page returns the page with the runbook.
func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stack.Root(), "infra/operate/README.md"))
	require.NoError(t, err)
	return string(text)
}

// runbook returns the blocks of an entry that are typed, in their order, and notes that it was
// followed.
func (w *ward) runbook(t *testing.T, heading string) []string {
	t.Helper()
	_, entry, found := strings.Cut(page(t), "\n### "+heading+"\n")
	require.True(t, found, "the runbook has no entry %q", heading)
	entry, _, _ = strings.Cut(entry, "\n### ")
	entry, _, _ = strings.Cut(entry, "\n## ")
	w.followed[heading] = true
	var blocks []string
	for _, block := range strings.Split(entry, "\n```sh\n")[1:] {
		block, _, _ = strings.Cut(block, "\n```")
		blocks = append(blocks, block)
	}
	return blocks
}

// types runs one block of an entry as an operator would, with the variables that it names, and
// returns what it prints and how its last command exits.
func (w *ward) types(t *testing.T, block string, variables ...string) (printed string, code int) {
	t.Helper()
	limit, cancel := context.WithTimeout(t.Context(), pastedWithin)
	defer cancel()
	_, err := built()
	require.NoError(t, err)
	shell := exec.CommandContext(limit, "bash", "-uo", "pipefail", "-c", block)
	shell.Dir = stack.Root()
	shell.Env = append(os.Environ(), "PATH="+filepath.Join(stack.Root(), ".build")+":"+os.Getenv("PATH"), "API="+stack.BaseURL,
		"STAFF=Authorization: Bearer "+local.OperatorKey)
	env, err := stack.CommandEnv()
	require.NoError(t, err)
	for name, value := range env {
		shell.Env = append(shell.Env, name+"="+value)
	}
	shell.Env = append(append(shell.Env, "STANDARD_WEBHOOK_SECRETS="+sandbox.StandardSecret), variables...)
	out, _ := shell.CombinedOutput()
	t.Logf("%s\n%s", block, out)
	return string(out), shell.ProcessState.ExitCode()
}
