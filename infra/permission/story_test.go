package permission_test

import (
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/local/demo"
	"makegood/infra/permission"
	"makegood/infra/template"
)

const prefix = "permission-"

// guarded starts the whole stack on the real binaries, each function's calls going through the guard.
func guarded(t *testing.T) (*local.Stack, *permission.Guard) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	parsed, err := template.Parse(filepath.Join(root, "template.yaml"))
	require.NoError(t, err)
	services, err := local.Shared(t.Context())
	require.NoError(t, err)
	t.Cleanup(services.Stop)

	tables, queues := map[string]string{}, map[string]string{}
	declaredTables, err := parsed.Tables(template.Scope{})
	require.NoError(t, err)
	for _, table := range declaredTables {
		tables[table.LogicalID] = prefix + table.Name
	}
	declaredQueues, err := parsed.Queues(template.Scope{})
	require.NoError(t, err)
	for _, queue := range declaredQueues {
		queues[queue.LogicalID] = prefix + queue.Name
	}
	guard, err := permission.NewGuard(parsed, services.DynamoDBURL, services.SQSURL, tables, queues)
	require.NoError(t, err)
	front := httptest.NewServer(guard)
	t.Cleanup(front.Close)

	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	env := map[string]map[string]string{}
	for _, f := range functions {
		name := filepath.Base(f.Folder)
		env[name] = map[string]string{
			"AWS_ENDPOINT_URL_DYNAMODB": front.URL + "/" + name, "AWS_ENDPOINT_URL_SQS": front.URL + "/" + name,
		}
	}
	stack, err := local.Start(t.Context(), local.Options{
		Root: root, Prefix: prefix, Endpoints: services, Env: env, ManualSchedules: true, LogDir: filepath.Join(root, ".local", "logs", "permission"),
	})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	require.NoError(t, stack.AwaitPolicy(t.Context()))
	return stack, guard
}

func TestTheWholeStoryNeedsNoMoreThanTheTemplateAllows(t *testing.T) {
	stack, guard := guarded(t)
	require.NoError(t, demo.Play(t.Context(), demo.Client{
		BaseURL: stack.BaseURL, AdminURL: stack.AdminURL, AppKey: local.AppKey, OperatorKey: local.OperatorKey,
		StripeSecret: local.StripeSecret, Out: io.Discard,
	}, os.DirFS("../../events")))
	c := caller{t: t, stack: stack}
	for _, read := range []string{"/v1/customers/alice", "/v1/customers/alice/statement", "/v1/customers/alice/cases", "/v1/stuck"} {
		c.gets(read)
	}
	c.staysWithoutResult("bob")
	c.letsCreditsExpire("dave")
	c.owesAndPaysByEveryDoor("carol")
	c.reportsAndIsHeard("eve")
	c.claimsAndIsHeard("frank")
	c.isRestricted("grace")

	assert.Empty(t, guard.Refused(), "template.yaml allows too little")
	for _, name := range stack.Functions() {
		if name != "open-session" { // it has no state
			assert.NotEmpty(t, guard.Used(name), "the story never came by %s, or it found a way around the guard", name)
		}
	}
	assert.Contains(t, guard.Used("sweep-due"), permission.Grant{Action: "sqs:SendMessage", Resource: "RefundRequestsQueue.Arn"})
	assert.Contains(t, guard.Used("sweep-due"), permission.Grant{Action: "dynamodb:PutItem", Resource: "EntriesTable.Arn"})
	for _, name := range []string{"grant-credits", "settle-generation", "decide-refund"} {
		assert.Contains(t, guard.Used(name), permission.Grant{Action: "dynamodb:UpdateItem", Resource: "PaymentsTable.Arn"}, name)
	}
	for _, name := range []string{"report-bad-result", "request-refund", "review-refund"} {
		assert.Empty(t, unused(t, guard, name), "template.yaml allows %s more than the story needs", name)
	}
	assert.ElementsMatch(t, []permission.Grant{
		{Action: "dynamodb:ConditionCheckItem", Resource: "PaymentsTable.Arn"}, // a double charge rests on its original: photoroom has no rule for one
	}, unused(t, guard, "decide-refund"))
}

// unused gives what a function may do with tables, and send, and never did.
func unused(t *testing.T, guard *permission.Guard, function string) (left []permission.Grant) {
	t.Helper()
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	used := guard.Used(function)
	for _, f := range functions {
		if f.Name != function {
			continue
		}
		grants, err := permission.Grants(parsed, template.Scope{}, f.LogicalID)
		require.NoError(t, err)
		for _, g := range grants {
			if (strings.HasPrefix(g.Action, "dynamodb:") || g.Action == "sqs:SendMessage") && !slices.Contains(used, g) {
				left = append(left, g)
			}
		}
	}
	return left
}
