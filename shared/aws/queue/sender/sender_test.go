package sender_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/queue/sender"
	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/message"
)

// queue is a stand-in for SQS: answer says what each call gets; a nil answer takes the message.
type queue struct {
	answer atomic.Pointer[func(call int64, w http.ResponseWriter) bool]
	calls  atomic.Int64
	bodies chan string
	trace  atomic.Value
	sent   atomic.Value // the last message as it came, text
}

var stand = &queue{bodies: make(chan string, 100)}

func (q *queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var sent struct{ QueueUrl, MessageBody string } //nolint:revive // SQS's own names
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Header.Get("X-Amz-Target") != "AmazonSQS.SendMessage" || json.Unmarshal(body, &sent) != nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	q.sent.Store(string(body))
	q.trace.Store(r.Header.Get("X-Amzn-Trace-Id"))
	if answer := q.answer.Load(); answer != nil && (*answer)(q.calls.Add(1), w) {
		return
	}
	q.bodies <- sent.MessageBody
	sum := md5.Sum([]byte(sent.MessageBody))
	fmt.Fprintf(w, `{"MessageId":"m1","MD5OfMessageBody":%q}`, hex.EncodeToString(sum[:]))
}

func TestMain(m *testing.M) {
	server := httptest.NewServer(stand)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SQS": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret",
		"NOTICES_QUEUE_URL": server.URL + "/000000000000/notices",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	server.Close()
	os.Exit(code)
}

// answering makes SQS answer so for the length of the test.
func answering(t *testing.T, answer func(call int64, w http.ResponseWriter) bool) {
	t.Helper()
	stand.answer.Store(&answer)
	stand.calls.Store(0)
	t.Cleanup(func() { stand.answer.Store(nil) })
}

func refusing(status int, code string) func(int64, http.ResponseWriter) bool {
	return func(_ int64, w http.ResponseWriter) bool {
		w.Header().Set("X-Amzn-Query-Error", code+";Sender")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":"com.amazonaws.sqs#%s","message":"no"}`, code)
		return true
	}
}

func TestAMessageIsSentAsJSON(t *testing.T) {
	require.NoError(t, sender.Open("NOTICES_QUEUE_URL").Send(context.Background(), message.NewRefundDecided("cas_1")))
	assert.JSONEq(t, `{"type":"refund.decided","version":1,"case":"cas_1"}`, <-stand.bodies)
}

func TestAMessageIsDelayedByWholeSecondsOfWhichNoneIsTooFew(t *testing.T) {
	notices := sender.Open("NOTICES_QUEUE_URL")
	require.NoError(t, notices.SendAfter(t.Context(), message.NewRefundDecided("cas_1"), 29*time.Second+time.Millisecond))
	<-stand.bodies
	assert.Contains(t, stand.sent.Load(), `"DelaySeconds":30`)
	require.NoError(t, notices.Send(t.Context(), message.NewRefundDecided("cas_1")))
	<-stand.bodies
	assert.NotContains(t, stand.sent.Load(), "DelaySeconds", "at once is the queue's own delay")
	require.Error(t, notices.SendAfter(t.Context(), message.NewRefundDecided("cas_1"), 16*time.Minute), "SQS delays no longer")
}

func TestAMessageCarriesTheIDOfItsWorkBesideItsText(t *testing.T) {
	notices, url := sender.Open("NOTICES_QUEUE_URL"), os.Getenv("NOTICES_QUEUE_URL")
	require.NoError(t, notices.Send(correlation.With(t.Context(), "LV7fzho-PHcEJPw="), message.NewRefundDecided("cas_1")))
	assert.JSONEq(t, `{"type":"refund.decided","version":1,"case":"cas_1"}`, <-stand.bodies, "its text is the same")
	assert.JSONEq(t, `{"QueueUrl":"`+url+`","MessageBody":"{\"type\":\"refund.decided\",\"version\":1,\"case\":\"cas_1\"}",
		"MessageAttributes":{"correlation-id":{"DataType":"String","StringValue":"LV7fzho-PHcEJPw="}}}`, stand.sent.Load().(string))
	require.NoError(t, notices.Send(t.Context(), message.NewRefundDecided("cas_1")))
	<-stand.bodies
	assert.NotContains(t, stand.sent.Load(), "MessageAttributes", "an empty attribute would be refused")
}

func TestAPassingFaultIsMendedByTheSDKOrReadsAsBusy(t *testing.T) {
	notices := sender.Open("NOTICES_QUEUE_URL")
	answering(t, func(call int64, w http.ResponseWriter) bool {
		return call == 1 && refusing(500, "InternalFailure")(call, w)
	})
	require.NoError(t, notices.Send(context.Background(), message.NewRefundDecided("cas_1")))
	<-stand.bodies

	for _, c := range []struct {
		status int
		code   string
	}{{500, "InternalFailure"}, {503, "ServiceUnavailable"}, {400, "RequestThrottled"}, {429, "TooMany"}} {
		answering(t, refusing(c.status, c.code))
		err := notices.Send(context.Background(), message.NewRefundDecided("cas_1"))
		require.Error(t, err, c.code)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), c.code)
	}
}

func TestARefusalIsNotWorthTryingAgain(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
	}{{400, "QueueDoesNotExist"}, {403, "AccessDeniedException"}, {400, "InvalidMessageContents"}} {
		answering(t, refusing(c.status, c.code))
		err := sender.Open("NOTICES_QUEUE_URL").Send(context.Background(), message.NewRefundDecided("cas_1"))
		require.Error(t, err, c.code)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err), c.code)
		assert.EqualValues(t, 1, stand.calls.Load(), c.code)
	}
}

func TestNoAnswerReadsAsBusy(t *testing.T) {
	answering(t, func(_ int64, w http.ResponseWriter) bool {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = connection.Close()
		}
		return true
	})
	err := sender.Open("NOTICES_QUEUE_URL").Send(context.Background(), message.NewRefundDecided("cas_1"))
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))

	past, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	err = sender.Open("NOTICES_QUEUE_URL").Send(past, message.NewRefundDecided("cas_1"))
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestAMissingURLFailsTheSendAndNamesTheVariable(t *testing.T) {
	err := sender.Open("NO_SUCH_QUEUE_URL").Send(context.Background(), message.NewRefundDecided("cas_1"))
	require.ErrorContains(t, err, "NO_SUCH_QUEUE_URL")
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
}

func TestAnAnswerForAnotherTextIsNotBelieved(t *testing.T) {
	answering(t, func(_ int64, w http.ResponseWriter) bool {
		fmt.Fprint(w, `{"MessageId":"m1","MD5OfMessageBody":"d41d8cd98f00b204e9800998ecf8427e"}`)
		return true
	})
	err := sender.Open("NOTICES_QUEUE_URL").Send(context.Background(), message.NewRefundDecided("cas_1"))
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.EqualValues(t, 3, stand.calls.Load())
}

func TestTheTraceGoesOn(t *testing.T) {
	t.Setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
	require.NoError(t, sender.Open("NOTICES_QUEUE_URL").Send(context.Background(), message.NewRefundDecided("cas_1")))
	<-stand.bodies
	assert.Equal(t, "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", stand.trace.Load())
}

func TestNoClientOfSQSIsLinked(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(listed), "aws-sdk-go-v2/service/")
}

func TestWhatIsNoJSONFailsTheSend(t *testing.T) {
	require.Error(t, sender.Open("NOTICES_QUEUE_URL").Send(context.Background(), func() {}))
}
