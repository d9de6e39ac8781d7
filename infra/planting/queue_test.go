package planting_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/planting"
)

// mostFiles is what a queue may touch, its function, message and fixture included.
const mostFiles = 16

// TestAQueueIsPlantedByItsRecipe follows "A queue" of CONTRIBUTING.md, step by step.
func TestAQueueIsPlantedByItsRecipe(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	c := planting.New(t)

	// 1. The message, its schema, and one of it held against the schema.
	// 3. The function, its test and its fixture.
	c.Add("testdata/queue")
	c.Insert("shared/api/messages_test.go", "{message.TypePaymentUnsettled, message.NewPaymentUnsettled(\"pi_3Nq\")},\n",
		"\t\t{message.TypeReceiptRequested, message.NewReceiptRequested(\"pi_3Nq\")},\n")

	// 2. Its row, and the step that the sweep takes again by it.
	c.Insert("shared/message/route.go", "var Routes = []Route{\n", `	{Type: TypeReceiptRequested, Queue: "receipts", Function: "send-receipt", Step: "send receipt", Resends: []Resend{
		{todo.StepReceipt, todo.KindPayment, func(id, _ string) Message { return NewReceiptRequested(id) }},
	}},
`)
	c.Insert("shared/todo/todo.go", "var Steps = []Step{\n", "\tStepReceipt,\n")
	c.Insert("shared/todo/todo.go", "const (\n", "\tStepReceipt Step = \"receipt\" // the receipt of a payment waits to be sent\n")

	// 4. The resources: as those of outage-runs.
	plantResources(t, c)

	// 5. Its invocation in SAM's container.
	c.Insert("infra/sam/flow.go", "{function: \"run-outage\", event: \"started.json\"},\n", "\t{function: \"send-receipt\", event: \"requested.json\"},\n")

	// 6. The golden list of log lines.
	const lines = "shared/testdata/loglines.golden.json"
	c.Edit(lines, func(string) string {
		c.Run("go", "test", "./shared", "-run", "TestEveryLineOfTheLogIsKnown", "-update")
		list, err := os.ReadFile(filepath.Join(c.Dir, lines))
		require.NoError(t, err)
		return string(list)
	})

	assert.LessOrEqual(t, len(c.Touched()), mostFiles, c.Touched())
	c.Run("go", "vet", "./functions/send-receipt", "./shared/message", "./shared/aws/queue/sender")
	c.Run("go", "test", "./shared", "./shared/message", "./shared/todo", "./shared/api", "./shared/due", "./functions/send-receipt", "./functions/sweep-due", "./infra/sam")
	c.Run("go", "test", "-run", "TestTheTemplateKeepsEveryRule", "./infra/templatetest")
}

// TestAQueueThatIsHalfPlantedIsFoundOut leaves out one thing at a time.
func TestAQueueThatIsHalfPlantedIsFoundOut(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	c := planting.New(t)
	c.Add("testdata/queue")
	c.Insert("shared/message/route.go", "var Routes = []Route{\n", `	{Type: TypeReceiptRequested, Queue: "receipts", Function: "send-receipt", Step: "send receipt"},
`)
	output, err := c.Try("go", "test", "./shared/api", "./infra/templatetest", "./infra/sam")
	require.Error(t, err)
	assert.Contains(t, output, "receipt.requested travels on receipts: hold one of it against its schema here")
	assert.Contains(t, output, "receipt.requested travels on receipts, which the template does not have")
}

// plantResources copies the blocks of outage-runs and of run-outage under the new names, and lists
// them where those are listed.
func plantResources(t *testing.T, c *planting.Copy) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Dir, "template.yaml"))
	require.NoError(t, err)
	renamed := strings.NewReplacer("OutageRuns", "Receipts", "outage-runs", "receipts", "RunOutage", "SendReceipt", "run-outage", "send-receipt")
	for _, name := range []string{
		"OutageRunsQueue", "OutageRunsDeadLetterQueue", "RunOutageFunction", "RunOutageRole", "RunOutageLogGroup",
		"OutageRunsDeadLetterAlarm", "OutageRunsAgeAlarm", "OutageRunsQueueUrl", "OutageRunsDeadLetterQueueUrl",
	} {
		block := blockOf(t, string(text), name)
		c.Insert("template.yaml", block, ownOnly(renamed.Replace(block)))
	}
	for _, listed := range []string{
		"        - !Ref OutageRunsQueue\n        - !Ref OutageRunsDeadLetterQueue\n", // clear text is refused
		"                - !GetAtt OutageRunsQueue.Arn\n",                            // sweep-due may send
	} {
		c.Insert("template.yaml", listed, renamed.Replace(listed))
	}
	// Of all that hold the URL of outage-runs, sweep-due alone holds that of payment-refunds too.
	before, after := "          PAYMENT_REFUNDS_QUEUE_URL: !Ref PaymentRefundsQueue\n", "          OUTAGE_RUNS_QUEUE_URL: !Ref OutageRunsQueue\n"
	c.Replace("template.yaml", before+after, before+"          RECEIPTS_QUEUE_URL: !Ref ReceiptsQueue\n"+after)
	plantWatch(c, renamed)
}

// onDashboard is what the dashboard shows of outage-runs and of run-outage: their alarms, and their
// metrics.
var onDashboard = regexp.MustCompile(`"\$\{OutageRuns\w+Alarm\.Arn\}"|\["\.", "\.", "\.", "\$\{(?:OutageRuns|RunOutage)[\w.]+\}", \{"label": "[a-z-]+"\}\]`)

// inFlight is the metric of outage-runs in the alarm on messages in flight.
var inFlight = regexp.MustCompile(`        - Id: runs\n(?:          .*\n)+`)

// plantWatch lists the queue and its function in the one alarm that watches all queues, and on the
// dashboard.
func plantWatch(c *planting.Copy, renamed *strings.Replacer) {
	c.Edit("template.yaml", func(text string) string {
		text = onDashboard.ReplaceAllStringFunc(text, func(shown string) string { return renamed.Replace(shown) + ", " + shown })
		text = inFlight.ReplaceAllStringFunc(text, func(metric string) string {
			return strings.Replace(renamed.Replace(metric), "Id: runs", "Id: receipts", 1) + metric
		})
		return strings.Replace(text, "settlements, runs", "settlements, receipts, runs", 1)
	})
}

// blockOf returns the lines of a resource or output, from its name to the next, a blank line before
// that included.
func blockOf(t *testing.T, text, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "\n  "+name+":\n")
	require.True(t, found, "template.yaml has no %s", name)
	block := "  " + name + ":\n"
	for line := range strings.Lines(rest) {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") || !strings.HasPrefix(line, " ") && line != "\n" {
			break
		}
		block += line
	}
	return block
}

// ownOnly leaves out of a function and its role what send-receipt does not need: what it does not
// send, read or write.
func ownOnly(block string) string {
	block = strings.Replace(block, "      RecursiveLoop: Allow\n", "", 1)
	for _, cut := range [][2]string{
		{"      Environment:\n", "      Events:\n"},
		{"              - Effect: Allow\n                Action: [dynamodb:BatchGetItem", "              - Effect: Allow\n                Action: [sqs:ReceiveMessage"},
	} {
		before, rest, found := strings.Cut(block, cut[0])
		if _, after, ends := strings.Cut(rest, cut[1]); found && ends {
			block = before + cut[1] + after
		}
	}
	return block
}
