package acceptance_test

import (
	"bytes"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// response is a status of the app's server, and its Retry-After.
type response struct {
	status     int
	retryAfter string
}

// answers has the app's server answer the posts about a customer with these, the last one for ever; others' are taken. It returns what
// tells when the posts came.
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
