package acceptance_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// Each test plants what an alarm tells of, types what the alarm's entry shows, and demands that it
// shows the fault and mends it.
func TestTheRunbookMendsWhatItsAlarmsTellOf(t *testing.T) {
	w := openWard(t)
	for _, entry := range []struct {
		name string
		test func(t *testing.T, w *ward)
	}{
		{"A message was given up, and refunds come late", aMessageWasGivenUp},
		{"Items are stuck", itemsAreStuck},
		{"Reviews are overdue", reviewsAreOverdue},
		{"A signal has stopped", aSignalHasStopped},
		{"A webhook was missed", aWebhookWasMissed},
		{"Webhooks are refused", webhooksAreRefused},
		{"Webhooks are not answered", webhooksAreNotAnswered},
		{"A mail was refused", aMailWasRefused},
		{"sweep-due does not work", theSweepDoesNotWork},
		{"Tables are ill, and the API answers 5xx", theTablesAreIll},
	} {
		t.Run(entry.name, func(t *testing.T) {
			t.Cleanup(w.open)
			entry.test(t, w)
		})
	}
	for _, entry := range byNight {
		if !*whole {
			w.followed[entry.heading] = true
			continue
		}
		t.Run(entry.heading, func(t *testing.T) {
			t.Cleanup(w.open)
			entry.test(t, w)
		})
	}
	_, missing, found := strings.Cut(page(t), "\nNot followed there, ")
	require.True(t, found)
	for _, heading := range regexp.MustCompile(`\n### (.+)`).FindAllStringSubmatch(page(t), -1) {
		require.NotEqual(t, strings.Contains(missing, heading[1]), w.followed[heading[1]], "the page says which entries were not followed: %s", heading[1])
	}
}

// deadLetters are the dead-letter queues' logical ids, by the queue's name.
var deadLetters = map[string]string{
	"generation-results": "GenerationResultsDeadLetterQueue", "refund-requests": "RefundRequestsDeadLetterQueue",
	"payment-refunds": "PaymentRefundsDeadLetterQueue", "outage-runs": "OutageRunsDeadLetterQueue", "notices": "NoticesDeadLetterQueue",
}

// givenUp waits until each queue has a dead letter.
func givenUp(t *testing.T, queues ...string) {
	t.Helper()
	soon(t, "messages are given up", func() bool {
		return !slices.ContainsFunc(queues, func(queue string) bool { return waiting(t, deadLetters[queue]) == 0 })
	})
}

// beside does it to all at once: a redrive watches its queue for a while.
func beside(all []string, do func(one string)) {
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(func() { do(one) })
	}
	group.Wait()
}

// well demands that the doctor finds nothing wrong any more.
func (w *ward) well(t *testing.T) {
	t.Helper()
	printed, code := w.types(t, "makegood doctor")
	require.Zero(t, code, printed)
}

func aMessageWasGivenUp(t *testing.T, w *ward) {
	// What each queue's message is about is there before its function loses its tables.
	alice, payment, paid := claimed(t)
	drawn, held := picture(t, customer(t, 4)), start(t, customer(t, 4))
	outage := declare(t, 50*time.Hour, 50*time.Hour)["id"].(string)
	w.shut(refusal, "pay-refund", "run-outage", "notify-customer")
	rule(t, paid, threeDollars())
	decided(t, paid, "paying", "X3")
	asStaff(t, "POST", "/v1/outages/"+outage+"/run", nil, 202)
	w.shut(refusal, "settle-generation", "decide-refund")
	finish(t, held, failure("platform"))
	reported := report(t, drawn)
	about := map[string]string{
		"generation-results": held, "refund-requests": reported, "payment-refunds": payment, "outage-runs": outage, "notices": paid,
	}
	queues := slices.Sorted(maps.Keys(about))
	givenUp(t, queues...)

	blocks := w.runbook(t, "A message was given up")
	beside(queues, func(queue string) {
		printed, _ := w.types(t, blocks[0], "QUEUE="+queue)
		assert.Contains(t, printed, about[queue])
		assert.Contains(t, printed, "AccessDenied", "why it lies there")
	})
	printed, _ := w.types(t, w.runbook(t, "Refunds come late")[0])
	require.Contains(t, printed, held)
	require.Contains(t, printed, reported)
	w.open()
	beside(queues, func(queue string) {
		printed, code := w.types(t, blocks[1], "QUEUE="+queue)
		assert.Zero(t, code, printed)
	})
	becomes(t, held, "released")
	decided(t, reported, "in_review", "R8")
	ran(t, outage)
	paidBack(t, alice, payment, paid)
	w.well(t)
}

// strands has the sweep give a case up, which owes that step: its message is lost, and twelve
// attempts came to nothing.
func strands(t *testing.T, caseID, step string) {
	t.Helper()
	change(t, "CasesTable", caseID, "SET attempts = :n", map[string]types.AttributeValue{":n": number(12)})
	age(t, caseID, step)
	sweep(t)
}

// change writes on the row of a case or generation.
func change(t *testing.T, table, id, update string, values map[string]types.AttributeValue) {
	t.Helper()
	_, err := local.DynamoDB(stack.Endpoints.DynamoDBURL).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(stack.Tables[table]), UpdateExpression: aws.String(update), ExpressionAttributeValues: values,
		Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: id[4:24]}, "sk": &types.AttributeValueMemberS{Value: id}},
	})
	require.NoError(t, err)
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func itemsAreStuck(t *testing.T, w *ward) {
	drawn := picture(t, customer(t, 4))
	w.shut(local.Lost, "report-bad-result")
	caseID := report(t, drawn)
	strands(t, caseID, "assess")
	require.True(t, w.says(t, "sweep-due", `"StuckItems":1`), "what the alarm counts")

	blocks := w.runbook(t, "Items are stuck")
	printed, _ := w.types(t, blocks[0])
	require.Contains(t, printed, caseID)
	printed, _ = w.types(t, blocks[1], "CASE="+caseID)
	require.Contains(t, printed, "received")
	w.open()
	printed, code := w.types(t, blocks[2], "CASE="+caseID)
	require.Zero(t, code, printed)
	sweep(t)
	decided(t, caseID, "in_review", "R8")
	w.well(t)
}

func reviewsAreOverdue(t *testing.T, w *ward) {
	caseID := report(t, picture(t, customer(t, 4)))
	decided(t, caseID, "in_review", "R8")
	change(t, "CasesTable", caseID, "SET reviewBy = :past", map[string]types.AttributeValue{":past": number(time.Now().Add(-time.Hour).UnixMilli())})
	sweep(t)
	require.True(t, w.says(t, "sweep-due", `"OverdueReviews":1`), "what the alarm counts")

	blocks := w.runbook(t, "Reviews are overdue")
	printed, _ := w.types(t, blocks[0], "CASE="+caseID)
	require.Contains(t, printed, caseID)
	printed, code := w.types(t, blocks[1], "CASE="+caseID)
	require.Zero(t, code)
	require.Equal(t, "approved\n", printed)
	w.well(t)
}

func aSignalHasStopped(t *testing.T, w *ward) {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	_, err := local.DynamoDB(stack.Endpoints.DynamoDBURL).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(stack.Tables["EvidenceTable"]),
		Item: map[string]types.AttributeValue{
			"pk": text("signals"), "sk": text("truncated"), "version": number(3), "latest": text("111"),
			"stop": text(`{"at":"2026-03-01T12:00:00Z","case":"cas_1","wrongly_paid":3,"looks":3,"percent":2,"from":3}`),
		},
	})
	require.NoError(t, err)
	sweep(t)
	require.True(t, w.says(t, "sweep-due", `"StoppedSignals":1`), "what the alarm counts")

	blocks := w.runbook(t, "A signal has stopped")
	printed, _ := w.types(t, blocks[0])
	require.Contains(t, printed, `"truncated"`)
	require.Contains(t, printed, "wrongly paid")
	for range 2 { // the same request lifts once
		printed, code := w.types(t, blocks[1], "SIGNAL=truncated")
		require.Zero(t, code)
		require.Contains(t, printed, "the template was mended")
	}
	printed, _ = w.types(t, blocks[0])
	require.NotContains(t, printed, "truncated")
	w.well(t)
}

func aWebhookWasMissed(t *testing.T, w *ward) {
	alice := unique("alice")
	planted(t, alice, object{"created": time.Now().Add(-7 * time.Minute).Unix()}) // no webhook takes so long
	soon(t, "the provider's list is read", func() bool {
		sweep(t)
		return len(statement(t, alice)) > 0
	})
	require.True(t, w.says(t, "sweep-due", `"MissedEvents":1`), "what the alarm counts")
	wantBalance(t, alice, balance{available: 100})

	printed, code := w.types(t, w.runbook(t, "A webhook was missed")[0])
	require.Zero(t, code, printed)
}

// unheard has the provider know of a purchase whose webhook was answered so.
func unheard(t *testing.T, w *ward, heading string, status int, post func(event []byte) answer) {
	t.Helper()
	alice := unique("alice")
	payment, late := planted(t, alice)
	require.Equal(t, status, post(late).status, "the webhook")
	printed, _ := w.types(t, w.runbook(t, heading)[0])
	require.Regexp(t, payment+` +missing`, printed)
	w.open()
	// Resent, as from the provider's dashboard.
	require.Equal(t, 200, tell(t, late).status)
	wantBalance(t, alice, balance{available: 100})
	printed, code := w.types(t, w.runbook(t, heading)[0])
	require.Zero(t, code, printed)
}

func webhooksAreRefused(t *testing.T, w *ward) {
	unheard(t, w, "Webhooks are refused", 400, func(event []byte) answer {
		return ask(t, "POST", "/webhooks/stripe", "", event, "Stripe-Signature", sign("whsec_of_another_endpoint_altogether", time.Now(), event))
	})
}

func webhooksAreNotAnswered(t *testing.T, w *ward) {
	w.shut(refusal, "receive-purchase")
	unheard(t, w, "Webhooks are not answered", 503, func(event []byte) answer { return tell(t, event) })
}

func aMailWasRefused(t *testing.T, w *ward) {
	_, _, caseID := claimed(t)
	rule(t, caseID, object{"outcome": "declined"})
	soon(t, "the mail is refused", func() bool { return w.says(t, "notify-customer", `"NoticeMailsRefused":1`) })
	soon(t, "it is given up", func() bool { return w.says(t, "notify-customer", "mail given up", caseID) })
	printed, code := w.types(t, w.runbook(t, "A mail was refused")[0], "CASE="+caseID)
	require.Zero(t, code, printed)
	require.Contains(t, printed, "declined")
}

func theSweepDoesNotWork(t *testing.T, w *ward) {
	w.shut(refusal, "sweep-due")
	require.Error(t, stack.Trigger(t.Context(), "sweep-due"))
	require.True(t, w.says(t, "sweep-due", `"FunctionErrors":1`), "what the alarm counts")
	for _, heading := range []string{"sweep-due does not work", "A function fails"} {
		w.types(t, w.runbook(t, heading)[0])
	}
	w.open()
	sweep(t)
	w.well(t)
}

// theTablesAreIll has every read of an account end as its tables do.
func theTablesAreIll(t *testing.T, w *ward) {
	for heading, ill := range map[string]struct {
		reply  func(local.Call) local.Reply
		metric string
	}{
		"Tables refuse calls":  {refusal, "TableRefusals"},
		"Tables fail":          {failing, "TableFailures"},
		"Tables are throttled": {overload, "TableThrottles"},
	} {
		w.shut(ill.reply, "read-account")
		require.GreaterOrEqual(t, ask(t, "GET", "/v1/stuck", local.OperatorKey, nil).status, 500)
		require.True(t, w.says(t, "read-account", `"`+ill.metric+`":`), "what the alarm of %q counts", heading)
		block := w.runbook(t, heading)[0]
		// What DynamoDB may take later is tried again, by functions and by the command.
		if *whole || heading == "Tables refuse calls" {
			printed, code := w.types(t, block)
			require.NotZero(t, code, printed)
		}
		w.open()
	}
	require.Equal(t, []string{"makegood doctor"}, w.runbook(t, "The API answers 5xx"), "as that of the tables")
	w.well(t)
}
