package acceptance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// response is a status of the app's server, and its Retry-After.
type response struct {
	status     int
	retryAfter string
}

// answers has the app's server answer the posts about a customer with these, the last one for ever;
// others' are taken. It returns what tells when the posts came.
func answers(t *testing.T, customer string, each ...response) (came func() []time.Time) {
	t.Helper()
	var mu sync.Mutex
	var at []time.Time
	stack.AnswerNotices(func(n local.Notice) (int, string) {
		if !bytes.Contains(n.Body, []byte(customer)) {
			return http.StatusNoContent, ""
		}
		mu.Lock()
		defer mu.Unlock()
		at = append(at, time.Now())
		next := each[min(len(at), len(each))-1]
		return next.status, next.retryAfter
	})
	t.Cleanup(func() { stack.AnswerNotices(nil) })
	return func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return at[:len(at):len(at)]
	}
}

// toldAt returns when the customer was told of the generation's case, nil while that is owed.
func toldAt(t *testing.T, generation string) any {
	t.Helper()
	caseID, open := asApp(t, "GET", "/v1/generations/"+generation, nil, 200)["case"].(string)
	if !open {
		return nil
	}
	return asApp(t, "GET", "/v1/cases/"+caseID, nil, 200)["told_at"]
}

func TestAReceiverThatAsksForTimeGetsIt(t *testing.T) {
	alice := customer(t, 4)
	came := answers(t, alice, response{http.StatusServiceUnavailable, "2"}, response{http.StatusTooManyRequests, "2"}, response{http.StatusNoContent, ""})
	id := start(t, alice)
	finish(t, id, failure("platform"))
	soon(t, "the third post is taken", func() bool { return toldAt(t, id) != nil })
	posts := came()
	require.Len(t, posts, 3)
	for i := range 2 {
		require.GreaterOrEqual(t, posts[i+1].Sub(posts[i]), 1900*time.Millisecond, "not before it was asked for")
	}
}

func TestAReceiverThatIsGoneIsPostedToOnce(t *testing.T) {
	alice := customer(t, 4)
	came := answers(t, alice, response{http.StatusGone, ""})
	id := start(t, alice)
	finish(t, id, failure("platform"))
	soon(t, "the notice is given up", func() bool { return toldAt(t, id) != nil })
	soon(t, "the queue drains", func() bool { return waiting(t, "NoticesQueue") == 0 })
	require.Len(t, came(), 1)
}

// messages returns the types of the posts about a case, repeats left out, each as the contract has
// it: in the order in which they came.
func messages(t *testing.T, caseID string) []string {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile(filepath.Join(stack.Root(), "shared/api/messages/notice.v1.schema.json"))
	require.NoError(t, err)
	var types []string
	seen := map[string]bool{}
	for _, sent := range stack.Notices() {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(sent.Body))
		require.NoError(t, err)
		require.NoError(t, schema.Validate(value), "%s", sent.Body)
		post := value.(object)
		data := post["data"].(object)
		id := sent.Header.Get("webhook-id")
		if data["case"] != caseID || seen[id] {
			continue
		}
		require.True(t, strings.HasPrefix(id, fmt.Sprint(caseID, ".", post["type"], ".", data["notice"])), id)
		seen[id], types = true, append(types, post["type"].(string))
	}
	return types
}

func TestEachMessageOfACasesLifeIsPostedUnderItsOwnType(t *testing.T) {
	alice, payment, caseID := claimed(t)
	soon(t, "that a person will look is told", func() bool { return slices.Contains(messages(t, caseID), "refund.received") })
	require.NoError(t, stack.Provider.Fault(standin.Fault{Kind: standin.FaultRefused, Payment: payment}))
	rule(t, caseID, threeDollars())
	notPaid(t, caseID)
	soon(t, "that the money did not go back is told", func() bool { return slices.Contains(messages(t, caseID), "refund.failed") })
	rule(t, caseID, threeDollars())
	decided(t, caseID, "closed", "X3")
	want := []string{"refund.received", "refund.decided", "refund.failed", "refund.decided", "refund.paid"}
	soon(t, "all is told", func() bool { return len(messages(t, caseID)) == len(want) })
	require.Equal(t, want, messages(t, caseID))
	wantInbox(t, alice, caseID)
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		if data := post["data"].(object); data["case"] == caseID && post["type"] == "refund.paid" {
			words := "Your refund of 3.00 USD was paid to your original payment method on " + time.Now().UTC().Format("January 2, 2006") + "."
			require.Equal(t, []any{"abnormal_charge", payment, object{"currency": "USD", "minor": 300.0}, words}, []any{data["kind"], data["payment"], data["remedy"].(object)["money"], data["words"]})
			require.Equal(t, caseID+".refund.paid.refunded.2", sent.Header.Get("webhook-id"))
		}
	}
}
