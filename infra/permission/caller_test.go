package permission_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/shared/provider/standard"
)

// settlesWithin is the design's: each step settles within 5 s, and four times that on a busy
// machine.
const settlesWithin = 20 * time.Second

// caller is the app's server and its staff.
type caller struct {
	t     *testing.T
	stack *local.Stack
	keys  int
}

func (c *caller) calls(method, path, body string, header http.Header) (int, map[string]any) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.stack.BaseURL+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header = header.Clone()
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	answer := map[string]any{}
	require.NoError(c.t, json.Unmarshal(text, &answer), string(text))
	return resp.StatusCode, answer
}

// gets reads as staff, who may read everything.
func (c *caller) gets(path string) map[string]any {
	c.t.Helper()
	status, answer := c.calls(http.MethodGet, path, "", http.Header{"Authorization": {"Bearer " + local.OperatorKey}})
	require.Equal(c.t, http.StatusOK, status, "%s: %v", path, answer)
	return answer
}

// as asks with a credential; each call has an idempotency key of its own.
func (c *caller) as(credential, method, path, body string, want int) map[string]any {
	c.t.Helper()
	c.keys++
	status, answer := c.calls(method, path, body, http.Header{
		"Authorization": {"Bearer " + credential}, "Idempotency-Key": {"permission-" + strconv.Itoa(c.keys)},
	})
	require.Equal(c.t, want, status, "%s: %v", path, answer)
	return answer
}

// posts asks as the app.
func (c *caller) posts(path, body string, want int) map[string]any {
	c.t.Helper()
	return c.as(local.AppKey, http.MethodPost, path, body, want)
}

// asStaff asks as staff.
func (c *caller) asStaff(method, path, body string, want int) map[string]any {
	c.t.Helper()
	return c.as(local.OperatorKey, method, path, body, want)
}

func (c *caller) starts(customer string, outputs int) string {
	c.t.Helper()
	body := fmt.Sprintf(`{"customer":%q,"feature":"recolor","platform":"web","outputs":%d}`, customer, outputs)
	return c.posts("/v1/generations", body, http.StatusCreated)["id"].(string)
}

// ends reports a result and waits for the state that follows from it.
func (c *caller) ends(id, result, state string) {
	c.t.Helper()
	body := strings.Replace(result, "{", fmt.Sprintf(`{"finished_at":%q,`, time.Now().UTC().Format(time.RFC3339)), 1)
	c.posts("/v1/generations/"+id+"/result", body, http.StatusAccepted)
	c.becomes(id, state)
}

func (c *caller) becomes(id, state string) {
	c.t.Helper()
	require.Eventually(c.t, func() bool { return c.gets("/v1/generations/" + id)["state"] == state }, settlesWithin, 100*time.Millisecond, "%s is not %s", id, state)
}

// decidesOn waits until the case stands there, and gives it.
func (c *caller) decidesOn(id any, state string) map[string]any {
	c.t.Helper()
	var found map[string]any
	require.Eventually(c.t, func() bool {
		found = c.gets("/v1/cases/" + id.(string))
		return found["state"] == state
	}, settlesWithin, 100*time.Millisecond, "%s is not %s", id, state)
	return found
}

// event posts a payment event, signed now.
func (c *caller) event(body string) {
	c.t.Helper()
	c.keys++
	now, id := time.Now(), "msg_permission_"+strconv.Itoa(c.keys)
	signature, err := standard.Sign(sandbox.StandardSecret, id, now, []byte(body))
	require.NoError(c.t, err)
	status, answer := c.calls(http.MethodPost, "/webhooks/standard", body, http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)}, "Webhook-Signature": {signature},
	})
	require.Equal(c.t, http.StatusOK, status, "%v", answer)
}

// staysWithoutResult holds credits for a worker that never reports; the hold's deadline is moved
// into the past, and the sweep finds it.
func (c *caller) staysWithoutResult(customer string) {
	c.t.Helper()
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	id := c.starts(customer, 1)
	c.owesSomethingOld("GenerationsTable", "settle", 0)
	c.sweeps()
	c.becomes(id, "released")
	// Of another the sweep has given up, until staff say that it is to be tried again.
	id = c.starts(customer, 1)
	c.owesSomethingOld("GenerationsTable", "settle", givesUpAfter)
	c.sweeps()
	c.retries("generation", id)
	c.sweeps()
	c.becomes(id, "released")
}

// retries has staff let an item that is stuck be due again.
func (c *caller) retries(kind, id string) {
	c.t.Helper()
	require.Contains(c.t, fmt.Sprint(c.gets("/v1/stuck")), id)
	c.asStaff(http.MethodPost, "/v1/stuck/"+id+"/retry", fmt.Sprintf(`{"kind":%q}`, kind), http.StatusOK)
	require.NotContains(c.t, fmt.Sprint(c.gets("/v1/stuck")), id)
}

// givesUpAfter is how many attempts a sweep makes.
const givesUpAfter = 12

// settled are the tables whose items owe nothing for long, with what such an item has: there, each
// is made to owe.
var settled = map[string]string{"CasesTable": "state", "OutagesTable": "outage"}

// owesSomethingOld moves what every item of a table owes the world into the past, as if a sweep had
// asked for it that often.
func (c *caller) owesSomethingOld(table, step string, attempts int) {
	c.t.Helper()
	client, name := local.DynamoDB(c.stack.Endpoints.DynamoDBURL), aws.String(c.stack.Tables[table])
	past := &types.AttributeValueMemberN{Value: "1"}
	found, err := client.Scan(c.t.Context(), &dynamodb.ScanInput{TableName: name})
	require.NoError(c.t, err)
	moved := 0
	for _, item := range found.Items {
		key := map[string]types.AttributeValue{"pk": item["pk"]}
		if item["sk"] != nil {
			key["sk"] = item["sk"]
		}
		if _, owes := item["dueAt"]; !owes && item[settled[table]] == nil {
			continue
		}
		// A look is owed by cases of results alone.
		if kind, _ := item["kind"].(*types.AttributeValueMemberS); step == "assess" && (kind == nil || kind.Value != "bad_result") {
			continue
		}
		moved++
		_, err := client.UpdateItem(c.t.Context(), &dynamodb.UpdateItemInput{
			TableName: name, Key: key,
			UpdateExpression: aws.String("SET dueAt = :past, todo = :todo, deadline = :past, attempts = :attempts"),
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":past": past, ":todo": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{step: past}},
				":attempts": &types.AttributeValueMemberN{Value: strconv.Itoa(attempts)},
			},
		})
		require.NoError(c.t, err)
	}
	require.NotZero(c.t, moved, "nothing of %s owes anything", table)
}

// letsCreditsExpire has a lot run out unspent; the sweep posts it.
func (c *caller) letsCreditsExpire(customer string) {
	c.t.Helper()
	const term = 2 * time.Second
	body := fmt.Sprintf(`{"customer":%q,"credits":7,"source":"allowance","expires_at":%q}`, customer, time.Now().Add(term).UTC().Format(time.RFC3339Nano))
	c.posts("/v1/grants", body, http.StatusCreated)
	time.Sleep(term)
	require.NoError(c.t, c.stack.Trigger(c.t.Context(), "sweep-due"))
	entries := c.gets("/v1/customers/" + customer + "/statement")["entries"].([]any)
	require.Len(c.t, entries, 2)
	require.Equal(c.t, "expired", entries[0].(map[string]any)["to"])
}

// startsPastAnExpiry starts a generation, and one for nothing, beside a lot that ran out and that
// no sweep has posted yet.
func (c *caller) startsPastAnExpiry(customer string) {
	c.t.Helper()
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	const term = 3 * time.Second
	body := fmt.Sprintf(`{"customer":%q,"credits":7,"source":"allowance","expires_at":%q}`, customer, time.Now().Add(term).UTC().Format(time.RFC3339Nano))
	c.posts("/v1/grants", body, http.StatusCreated)
	time.Sleep(term)
	c.starts(customer, 1)
	free := fmt.Sprintf(`{"customer":%q,"feature":"recolor","platform":"web","mode":"free"}`, customer)
	c.ends(c.posts("/v1/generations", free, http.StatusCreated)["id"].(string), `{"status":"succeeded"}`, "captured")
}

// owesAndPaysByEveryDoor spends, loses the money to a dispute, and pays the debt by outputs that
// did not come, a failure and a gift.
func (c *caller) owesAndPaysByEveryDoor(customer string) {
	c.t.Helper()
	paid := fmt.Sprintf(`"payment":"pay_%s","customer":%[1]q,"package":"credits-100","amount":{"currency":"USD","minor":1000}`, customer)
	c.event(`{"type":"payment.paid","data":{` + paid + `}}`)
	spent, short, failing := c.starts(customer, 8), c.starts(customer, 2), c.starts(customer, 2)
	c.ends(spent, `{"status":"succeeded"}`, "captured")
	c.event(`{"type":"payment.disputed","data":{` + paid + `,"dispute":{"id":"dp_1","amount":{"currency":"USD","minor":1000},"status":"lost"}}}`)
	owed := func() float64 {
		return c.gets("/v1/customers/" + customer)["balance"].(map[string]any)["owed"].(float64)
	}
	all := owed()
	require.Positive(c.t, all)
	c.ends(short, `{"status":"succeeded","outputs":[{"url":"https://images.example/1.png"}]}`, "captured")
	require.Eventually(c.t, func() bool { return owed() == all-4 }, settlesWithin, 100*time.Millisecond)
	c.ends(failing, `{"status":"failed","failure":{"cause":"platform","code":"worker_lost","message":"gone"}}`, "released")
	require.Eventually(c.t, func() bool { return owed() == all-4-8 }, settlesWithin, 100*time.Millisecond)
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":5,"source":"promotion"}`, customer), http.StatusCreated)
	require.InDelta(c.t, all-4-8-5, owed(), 0)
}
