package acceptance_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// wantInbox demands that the customer, by their own session, finds in their inbox what was posted
// about the case, under the same ids and in the same words, newest first, and marks it as read.
func wantInbox(t *testing.T, alice, caseID string) {
	t.Helper()
	own := token(t, alice)
	var posted []object
	seen := map[string]bool{}
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		data, id := post["data"].(object), sent.Header.Get("webhook-id")
		if data["case"] == caseID && !seen[id] {
			seen[id] = true
			posted = append(posted, object{"id": id, "type": post["type"], "at": post["timestamp"], "outcome": data["outcome"], "words": data["words"], "read": false})
		}
	}
	slices.Reverse(posted)
	inbox := func() []object {
		got := ask(t, "GET", "/v1/customers/"+alice+"/notices", own, nil)
		require.Equal(t, 200, got.status, got.body)
		var rows []object
		for _, row := range got.body["notices"].([]any) {
			notice := object{}
			for _, field := range []string{"id", "type", "at", "outcome", "words", "read"} {
				notice[field] = row.(object)[field]
			}
			rows = append(rows, notice)
		}
		return rows
	}
	require.Equal(t, posted, inbox())
	second := posted[1]["at"]
	marked := ask(t, "POST", "/v1/customers/"+alice+"/notices/read", own, object{"up_to": second})
	require.Equal(t, []any{200, object{"read_up_to": second}}, []any{marked.status, marked.body})
	for i := range posted {
		posted[i]["read"] = i > 0
	}
	require.Equal(t, posted, inbox(), "all but the newest are read")
}

// wantNoticed demands that the customer's inbox holds the message once, in those words.
func wantNoticed(t *testing.T, alice, id string, words any) {
	t.Helper()
	var said []any
	for _, row := range asApp(t, "GET", "/v1/customers/"+alice+"/notices", nil, 200)["notices"].([]any) {
		if notice := row.(object); notice["id"] == id {
			said = append(said, notice["words"])
		}
	}
	require.Equal(t, []any{words}, said, "%s", id)
}
