package permission_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/demo"
	"makegood/infra/local"
	"makegood/infra/permission"
	"makegood/infra/sandbox"
	"makegood/infra/template"
	"makegood/shared/aws/bucket"
)

// stacks counts those that this run has started.
var stacks int

// guarded starts the whole stack on the real binaries under a policy, each function's calls going
// through the guard.
func guarded(t *testing.T, policy string) (*local.Stack, *permission.Guard) {
	t.Helper()
	stacks++
	prefix := fmt.Sprintf("permission-%d-%d-%s-", os.Getpid(), stacks, policy)
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
	buckets, err := local.CreateBuckets(t.Context(), local.S3(services.S3URL), parsed, prefix)
	require.NoError(t, err)
	guard, err := permission.NewGuard(parsed, services.DynamoDBURL, services.SQSURL, tables, queues, buckets)
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
		// Whoever is told of the bucket has an address of S3 of its own.
		if f.Env[bucket.Variable] != "" {
			objects, err := guard.Objects(name, services.S3URL)
			require.NoError(t, err)
			door := httptest.NewServer(objects)
			t.Cleanup(door.Close)
			env[name]["AWS_ENDPOINT_URL_S3"] = door.URL
		}
	}
	// Each verdict on a picture is looked at again: of a share, one story might have none.
	env["decide-refund"]["SECOND_LOOKS"] = "100"
	stack, err := local.Start(t.Context(), local.Options{
		Root: root, Policy: policy, Prefix: prefix, Endpoints: services, Env: env, ManualSchedules: true, LogDir: filepath.Join(root, ".local", "logs", "permission-"+policy),
	})
	require.NoError(t, err)
	t.Cleanup(stack.Stop)
	require.NoError(t, stack.AwaitPolicy(t.Context()))
	return stack, guard
}

// The parts of the story that need a policy's own rules: photoroom's looks at results, goopter's
// gives money back.

func playsWithResults(t *testing.T) (*local.Stack, *permission.Guard) {
	t.Helper()
	stack, guard := guarded(t, "photoroom")
	var said bytes.Buffer
	require.NoError(t, demo.Play(t.Context(), demo.Client{
		BaseURL: stack.BaseURL, AdminURL: stack.AdminURL, AppKey: local.AppKey, OperatorKey: local.OperatorKey,
		StripeSecret: sandbox.StripeSecret, Out: &said, Within: settlesWithin,
	}, os.DirFS("../../events")))
	require.Equal(t, masked(promised(t)), masked(said.String()), "infra/demo/README.md shows what `make demo` prints")
	c := caller{t: t, stack: stack}
	for _, read := range []string{"/v1/customers/alice", "/v1/customers/alice/statement", "/v1/customers/alice/cases", "/v1/stuck"} {
		c.gets(read)
	}
	c.staysWithoutResult("bob")
	c.letsCreditsExpire("dave")
	c.owesAndPaysByEveryDoor("carol")
	c.startsPastAnExpiry("erin")
	c.reportsAndIsHeard("eve")
	c.claimsAndIsHeard("frank")
	c.asksOften("heidi")
	c.isJudgedInTheConsole("judy")
	c.isRestricted("grace")
	c.leaves("mallory")
	c.isForgotten("ivan")
	stack.Stop()
	return stack, guard
}

// promised returns the story as the demo's README shows it.
func promised(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../demo/README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "# The story\n")
	require.True(t, found, "infra/demo/README.md has no story")
	parts := strings.SplitN(section, "```", 3)
	require.Len(t, parts, 3)
	return parts[1]
}

// changing is what differs between two plays of one story: ids, times, and the width of the
// columns.
var changing = regexp.MustCompile(`pi_\w+|\w*…\w+|\d\d:\d\d:\d\d\.\d{3}|\d[\d.]*m?s later| +`)

func masked(story string) []string {
	lines := strings.Split(strings.TrimSpace(story), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(changing.ReplaceAllStringFunc(line, func(found string) string {
			switch {
			case strings.TrimSpace(found) == "":
				return " "
			case strings.HasSuffix(found, "later"):
				return "- later"
			default:
				return "-"
			}
		}))
	}
	return lines
}

func playsWithMoney(t *testing.T) *permission.Guard {
	t.Helper()
	stack, guard := guarded(t, "goopter")
	c := caller{t: t, stack: stack}
	c.isChargedTwice("anna")
	c.isRefundedByHand("ben")
	c.boughtUnheard("cleo")
	c.parksAndIsResolved("dora")
	c.worksAtTheDesks("gina")
	c.sitsOutAnOutage("emil")
	c.waitsForAProvider("fay")
	stack.Stop()
	return guard
}

func TestTheWholeStoryNeedsNoMoreThanTheTemplateAllows(t *testing.T) {
	stack, guard := playsWithResults(t)
	guards := []*permission.Guard{guard, playsWithMoney(t)}
	for _, guard := range guards {
		assert.Empty(t, guard.Refused(), "template.yaml allows too little")
	}
	spare := map[string][]permission.Grant{
		"assess-result": {
			{Action: "dynamodb:Query", Resource: "GenerationsTable.Arn/index/history"}, // as decide-refund: of how many generations many refunds are
		},
		"forget-customer": { // a row that changes while it is erased is read again
			{Action: "dynamodb:BatchGetItem", Resource: "CasesTable.Arn"},
			{Action: "dynamodb:BatchGetItem", Resource: "GenerationsTable.Arn"},
			{Action: "dynamodb:BatchGetItem", Resource: "WalletsTable.Arn"},
			{Action: "dynamodb:BatchGetItem", Resource: "EvidenceTable.Arn"},
		},
		"decide-refund": {
			{Action: "dynamodb:ConditionCheckItem", Resource: "GenerationsTable.Arn"}, // of a policy whose rules ask what was done with a picture (popcustoms)
		},
		"read-account": {
			{Action: "dynamodb:Query", Resource: "GenerationsTable.Arn"}, // of a policy that takes own_key (popcustoms): what that cost
		},
		"serve-console": {
			{Action: "dynamodb:UpdateItem", Resource: "OutagesTable.Arn"},         // a run is begun, or withdrawn
			{Action: "dynamodb:UpdateItem", Resource: "GenerationsTable.Arn"},     // one that is stuck is let be due again
			{Action: "dynamodb:ConditionCheckItem", Resource: "WalletsTable.Arn"}, // as review-refund, below
		},
		"review-refund": {
			{Action: "dynamodb:ConditionCheckItem", Resource: "WalletsTable.Arn"}, // staff look at a payment whose credits could not be taken back
			{Action: "dynamodb:Query", Resource: "EntriesTable.Arn"},              // whose unit is money (popcustoms) pays for a picture in money
		},
	}
	for _, name := range stack.Functions() {
		assert.ElementsMatch(t, spare[name], unused(t, name, guards...), "template.yaml allows %s more than the story needs", name)
	}
}

// unused gives what a function may do with tables, and send, and never did.
func unused(t *testing.T, function string, guards ...*permission.Guard) (left []permission.Grant) {
	t.Helper()
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	var used []permission.Grant
	for _, guard := range guards {
		used = append(used, guard.Used(function)...)
	}
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
