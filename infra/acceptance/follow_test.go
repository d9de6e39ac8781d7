package acceptance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// logLine is a line that a function logged.
type logLine struct {
	function string
	at       time.Time
	fields   object
}

// lines returns the lines of all functions that hold the text and were logged since, in order.
func lines(t *testing.T, text string, since time.Time) []logLine {
	t.Helper()
	var all []logLine
	for _, function := range stack.Functions() {
		log, err := os.ReadFile(filepath.Join(stack.Root(), ".local", "logs", function+".log"))
		require.NoError(t, err)
		for line := range bytes.Lines(log) {
			if !bytes.Contains(line, []byte(text)) {
				continue
			}
			read := logLine{function: function}
			require.NoError(t, json.Unmarshal(line, &read.fields), "%s: %s", function, line)
			read.at, err = time.Parse(time.RFC3339Nano, fmt.Sprint(read.fields["timestamp"]))
			require.NoError(t, err, "%s: %s", function, line)
			if read.at.After(since) {
				all = append(all, read)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b logLine) int { return a.at.Compare(b.at) })
	return all
}

// says returns what the line says by the fields, in one text: those that it lacks are left out.
func (l logLine) says(fields ...string) string {
	words := []string{l.function, fmt.Sprint(l.fields["level"]), fmt.Sprint(l.fields["message"])}
	for _, field := range fields {
		if value := l.fields[field]; value != nil {
			words = append(words, fmt.Sprintf("%s=%v", field, value))
		}
	}
	return strings.Join(words, " ")
}

// follow demands that the id's lines, once they are complete, are exactly these, whichever of two
// queues is the faster, and that the notice of the type brings the id to the app.
func follow(t *testing.T, id, notice string, since time.Time, want ...string) []logLine {
	t.Helper()
	soon(t, "the notice of "+id, func() bool {
		return slices.ContainsFunc(stack.Notices(), func(n local.Notice) bool {
			return n.Header.Get("Correlation-Id") == id && bytes.Contains(n.Body, []byte(`"type":"`+notice+`"`))
		})
	})
	var all []logLine
	soon(t, "the last line of "+id, func() bool {
		all = lines(t, `"correlation_id":"`+id+`"`, since)
		return len(all) >= len(want)
	})
	var got []string
	for _, line := range all {
		got = append(got, line.says("step", "route", "status", "generation", "payment", "case", "attempt", "permanent"))
	}
	require.ElementsMatch(t, want, got)
	return all
}

// allUnder demands that every line about the subjects has one of the ids: nothing happened to them
// that is not found by an id.
func allUnder(t *testing.T, since time.Time, ids []string, subjects ...string) {
	t.Helper()
	for _, subject := range subjects {
		for _, line := range lines(t, subject, since) {
			require.Contains(t, ids, line.fields["correlation_id"], "%s: %v", line.function, line.fields)
		}
	}
}

// refuseAccess answers a call as AWS and the provider answer whom they do not let in.
func refuseAccess(local.Call, func() local.Reply) local.Reply {
	return local.Reply{
		Status: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"__type":"com.amazonaws#AccessDeniedException","message":"no","error":{"type":"invalid_request_error","code":"secret_key_required","message":"no"}}`),
	}
}

// fails hands in a failed generation's result under an id of the app's own.
func fails(t *testing.T, id, own string) (gateway string) {
	t.Helper()
	taken := ask(t, "POST", "/v1/generations/"+id+"/result", local.AppKey, failure("platform"), "Correlation-Id", own)
	require.Equal(t, []any{202, own}, []any{taken.status, taken.header.Get("Correlation-Id")})
	return taken.header.Get("Apigw-Requestid")
}

func TestAFailedGenerationIsFollowedFromItsRequestToItsNoticeByOneID(t *testing.T) {
	alice := customer(t, 4)
	id, own, since := start(t, alice), unique("follow"), time.Now()
	during(t, "decide-refund", "TransactWriteItems", 1, refuseAccess, id)
	gateway := fails(t, id, own)
	becomes(t, id, "released")
	caseID := generation(t, id)["case"].(string)
	all := follow(t, own, "refund.decided", since,
		"start-generation INFO request answered route=POST /v1/generations/{id}/result status=202",
		"settle-generation INFO message handled step=record result generation="+id+" attempt=1",
		"decide-refund WARN DynamoDB did not take a call step=decide refund generation="+id+" attempt=1",
		"decide-refund ERROR message failed step=decide refund generation="+id+" attempt=1 permanent=true",
		"decide-refund INFO message handled step=decide refund generation="+id+" attempt=2",
		"notify-customer INFO message handled step=notify of verdict case="+caseID+" attempt=1",
	)
	require.Equal(t, gateway, all[0].fields["request"], "the gateway's own line has this id alone")
	require.Contains(t, all[3].fields["error"], "AccessDenied", "the cause")
	allUnder(t, since, []string{own}, id, caseID)
}

func TestAMessageThatWasLostIsFollowedByWhatItWasAbout(t *testing.T) {
	alice := customer(t, 4)
	id, own, since := start(t, alice), unique("follow"), time.Now()
	during(t, "settle-generation", "SendMessage", 1, lose, id)
	fails(t, id, own)
	becomes(t, id, "failed")
	soon(t, "the queue drains", func() bool { return waiting(t, "GenerationResultsQueue") == 0 })
	age(t, id, "refund")
	sweep(t)
	becomes(t, id, "released")
	caseID := generation(t, id)["case"].(string)

	// The id ends where the message was lost. What it was about leads to the id under which it goes
	// on.
	first := lines(t, own, since)
	require.Equal(t, "settle-generation INFO message handled step=record result generation="+id, first[len(first)-1].says("step", "generation"))
	var next string
	for _, line := range lines(t, id, since) {
		if line.function == "sweep-due" {
			next = line.fields["correlation_id"].(string)
		}
	}
	require.NotEmpty(t, next)
	follow(t, next, "refund.decided", since,
		"sweep-due INFO an overdue step is asked for again step=decide refund generation="+id+" attempt=1",
		"decide-refund INFO message handled step=decide refund generation="+id+" attempt=1",
		"notify-customer INFO message handled step=notify of verdict case="+caseID+" attempt=1",
	)
	allUnder(t, since, []string{own, next}, id, caseID)
}

func TestMoneyThatGoesBackIsFollowedFromTheRulingAndFromTheProvidersWebhook(t *testing.T) {
	_, payment, caseID := claimed(t)
	soon(t, "that a person will look is told", func() bool { return told(t, caseID, "in_review") == 1 })
	soon(t, "the queue drains", func() bool { return waiting(t, "NoticesQueue") == 0 })
	own, since := unique("follow"), time.Now()
	// The provider keeps it for a while, and tells of its end alone: what it says meanwhile would
	// race with what it answers.
	meets(t, payment, standin.Fault{Kind: standin.FaultPending}, standin.Fault{Kind: standin.FaultWebhookLost})
	during(t, "pay-refund", "POST /v1/refunds", 1, refuseAccess, payment)
	ruled := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, with(threeDollars(), object{"note": "seen"}),
		"Idempotency-Key", unique("key"), "Correlation-Id", own)
	require.Equal(t, 200, ruled.status, ruled.body)
	soon(t, "the provider takes it", func() bool { return len(stack.Provider.Refunds(payment)) == 1 })
	ordered := follow(t, own, "refund.decided", since,
		"review-refund INFO request answered route=POST /v1/cases/{id}/verdict status=200",
		"decide-refund INFO message handled step=decide refund payment="+payment+" case="+caseID+" attempt=1",
		"pay-refund ERROR message failed step=settle payment payment="+payment+" attempt=1 permanent=true",
		"notify-customer INFO message handled step=notify of verdict case="+caseID+" attempt=1",
		"pay-refund INFO message handled step=settle payment payment="+payment+" attempt=2",
	)
	for _, line := range ordered {
		if line.fields["level"] == "ERROR" {
			require.Contains(t, line.fields["error"], "403", "the cause")
		}
	}

	// The provider's webhook is a door of its own. Its line names the case, which leads to its id.
	moveRefund(t, stack.Provider.Refunds(payment)[0].ID, "succeeded")
	decided(t, caseID, "closed", "X3")
	var webhook string
	for _, line := range lines(t, caseID, since) {
		if line.function == "receive-purchase" {
			webhook = line.fields["correlation_id"].(string)
			require.Equal(t, line.fields["request"], webhook, "the provider brings no id of its own")
		}
	}
	require.NotEmpty(t, webhook)
	follow(t, webhook, "refund.paid", since,
		"receive-purchase INFO event applied step=apply event route=POST /webhooks/stripe payment="+payment+" case="+caseID,
		"decide-refund INFO message handled step=decide refund payment="+payment+" attempt=1",
		"notify-customer INFO message handled step=notify of verdict case="+caseID+" attempt=1",
	)
	allUnder(t, since, []string{own, webhook}, payment, caseID)
}
