package acceptance_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// token signs the customer in.
func token(t *testing.T, customer string) string {
	t.Helper()
	return asApp(t, "POST", "/v1/sessions", object{"customer": customer}, 201)["token"].(string)
}

// asStaff sends a request with the operator's key and a fresh idempotency key, and demands the
// status.
func asStaff(t *testing.T, method, path string, body any, want int) object {
	t.Helper()
	got := ask(t, method, path, local.OperatorKey, body, "Idempotency-Key", unique("key"))
	require.Equal(t, want, got.status, "%s %s: %v", method, path, got.body)
	return got.body
}

// ago is an instant as the wire has it.
func ago(span time.Duration) string { return time.Now().Add(-span).UTC().Format(time.RFC3339Nano) }

// picture makes a picture for the customer, and has its result recorded.
func picture(t *testing.T, customer string, more ...object) string {
	t.Helper()
	id := start(t, customer, more...)
	finish(t, id, success())
	becomes(t, id, "captured")
	return id
}

// complaint is the body of a report about a picture, with what the test changes in it.
func complaint(generation string, change ...object) object {
	return with(object{"generation": generation, "description": "the hand has six fingers"}, change...)
}

// report reports a bad result by the app and returns its case.
func report(t *testing.T, generation string, change ...object) string {
	t.Helper()
	opened := asApp(t, "POST", "/v1/reports", complaint(generation, change...), 202)
	require.Equal(t, "received", opened["state"])
	return opened["case"].(string)
}

// claim is the body of a claim about a purchase, with what the test changes in it.
func claim(kind, customer, payment string, change ...object) object {
	body := object{"kind": kind, "customer": customer, "claim": object{
		"email": "alice@example.com", "paid_at": ago(time.Minute), "amount": object{"currency": "USD", "minor": 1000}, "reason": "please look",
		"transaction_ids": []string{"seen on my bank's statement"},
	}}
	if payment != "" {
		body["payment"] = payment
	}
	return with(body, change...)
}

// request claims by the app and returns the case.
func request(t *testing.T, kind, customer, payment string) string {
	t.Helper()
	opened := asApp(t, "POST", "/v1/refund-requests", claim(kind, customer, payment), 202)
	require.Equal(t, "received", opened["state"])
	return opened["case"].(string)
}

// purchase has the provider tell of a purchase of the shop's package, and returns the payment.
func purchase(t *testing.T, customer string, paid time.Time) string {
	t.Helper()
	payment := unique("pi")
	require.Equal(t, 200, tell(t, session(customer, payment, object{"created": paid.Unix()})).status)
	return payment
}

func matter(t *testing.T, caseID string) object {
	t.Helper()
	return asApp(t, "GET", "/v1/cases/"+caseID, nil, 200)
}

// outcomes are those that a state shows; money takes an approved case further.
var outcomes = map[string]string{"paying": "approved", "closed": "approved"}

// decided waits until the case is in the state and returns it, decided by the clause.
func decided(t *testing.T, caseID, state, clause string) object {
	t.Helper()
	var found object
	soon(t, "the case is "+state, func() bool {
		found = matter(t, caseID)
		return found["state"] == state
	})
	decision := found["decision"].(object)
	require.Equal(t, []any{cmp.Or(outcomes[state], state), clause}, []any{decision["outcome"], decision["clause"]})
	require.NotEmpty(t, decision["reason"])
	require.NotEmpty(t, found["notice"])
	require.Equal(t, policy, decision["policy"].(object)["name"])
	trace := decision["trace"].([]any)
	last := trace[len(trace)-1].(object)
	require.Equal(t, []any{clause, true}, []any{last["clause"], last["matched"]}, "the last rule tried")
	if decision["rule"] != nil {
		require.Equal(t, last["rule"], decision["rule"])
	}
	return found
}

// answered waits for the policy's answer and returns state and clause.
func answered(t *testing.T, caseID string) string {
	t.Helper()
	var found object
	soon(t, "the policy answers", func() bool {
		found = matter(t, caseID)
		return found["state"] != "received"
	})
	return fmt.Sprintf("%s %s", found["state"], found["decision"].(object)["clause"])
}

// rule gives staff's verdict, and demands that it is recorded and leads to the state of its
// outcome: money is still to be paid.
func rule(t *testing.T, caseID string, verdict object) {
	t.Helper()
	ruled := asStaff(t, "POST", "/v1/cases/"+caseID+"/verdict", with(object{"note": "seen"}, verdict), 200)
	state := verdict["outcome"]
	if remedy, given := verdict["remedy"].(object); given && remedy["money"] != nil {
		state = "paying"
	}
	require.Equal(t, object{"case": caseID, "state": state}, ruled)
}

// stand puts the customer in a standing.
func stand(t *testing.T, customer, standing string) object {
	t.Helper()
	return asStaff(t, "PUT", "/v1/customers/"+customer+"/standing", object{"standing": standing, "note": "because of " + standing}, 200)
}

// waitingForStaff returns every case that waits for staff, in the order of their list.
func waitingForStaff(t *testing.T) []object {
	t.Helper()
	var cases []object
	for query := "?state=in_review"; ; {
		page := asStaff(t, "GET", "/v1/cases"+query, nil, 200)
		for _, found := range page["cases"].([]any) {
			cases = append(cases, found.(object))
		}
		next, more := page["next"].(string)
		if !more {
			return cases
		}
		query = "?state=in_review&cursor=" + next
	}
}

// onDesk returns the case as staff's list has it, nil when it is not there.
func onDesk(t *testing.T, caseID string) object {
	t.Helper()
	for _, found := range waitingForStaff(t) {
		if found["id"] == caseID {
			return found
		}
	}
	return nil
}

// told counts the messages of a case with that notice that the app's server took; the id of one has
// a number where money did not go back before. Copies of one message count once: two functions that
// tell a case at the same moment post it under one id.
func told(t *testing.T, caseID, notice string) int {
	t.Helper()
	name, _, _ := strings.Cut(notice, ".")
	messages := map[string]bool{}
	for _, sent := range stack.Notices() {
		var body object
		require.NoError(t, json.Unmarshal(sent.Body, &body))
		data := body["data"].(object)
		switch id := sent.Header.Get("webhook-id"); id {
		case caseID + ".refund.decided." + notice, caseID + ".refund.received." + notice:
			require.Equal(t, []any{caseID, name}, []any{data["case"], data["notice"]})
			messages[id] = true
		}
	}
	return len(messages)
}

// moved returns the rows of the customer's statement that name the case.
func moved(t *testing.T, customer, caseID string) []object {
	t.Helper()
	var rows []object
	for _, row := range statement(t, customer) {
		if row["case"] == caseID {
			rows = append(rows, row)
		}
	}
	return rows
}

// age makes a generation or a case older: what it owes the world, and a generation's deadline, lie
// in the past.
func age(t *testing.T, id, step string) {
	t.Helper()
	table := "CasesTable"
	if id[:4] == "gen_" {
		table = "GenerationsTable"
	}
	require.True(t, overdue(t, table, step, map[string]string{"pk": id[4:24], "sk": id}), "%s owes %s", id, step)
}

// overdue makes an item older, and reports whether it owes the step at all.
func overdue(t *testing.T, table, step string, key map[string]string) bool {
	t.Helper()
	item := map[string]types.AttributeValue{}
	for name, value := range key {
		item[name] = &types.AttributeValueMemberS{Value: value}
	}
	update := "SET dueAt = :past, todo.#step = :past"
	if table == "GenerationsTable" {
		update += ", deadline = :past"
	}
	past := strconv.FormatInt(time.Now().Add(-time.Second).UnixMilli(), 10)
	_, err := local.DynamoDB(stack.Endpoints.DynamoDBURL).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(stack.Tables[table]), Key: item,
		UpdateExpression:          aws.String(update),
		ConditionExpression:       aws.String("attribute_exists(todo.#step)"),
		ExpressionAttributeNames:  map[string]string{"#step": step},
		ExpressionAttributeValues: map[string]types.AttributeValue{":past": &types.AttributeValueMemberN{Value: past}},
	})
	if failed := new(types.ConditionalCheckFailedException); errors.As(err, &failed) {
		return false
	}
	require.NoError(t, err)
	return true
}
