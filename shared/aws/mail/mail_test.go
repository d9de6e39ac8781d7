package mail_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/mail"
	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/notice"
)

var (
	ctx    = context.Background()
	letter = notice.Mail{ID: "cas_1.refunded", To: "alice@example.com", Subject: "Your refund is approved — ü", Text: "Words.\n\nReason.\n"}
)

// ses serves SES on loopback, each call answered by handle, and returns a sender to it and the
// count of calls.
func ses(t *testing.T, handle http.HandlerFunc) (*mail.Sender, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return sender(t, server.URL), &calls
}

func sender(t *testing.T, url string) *mail.Sender {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL_SESV2", url)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	opened, err := mail.Open("refunds@app.example")
	require.NoError(t, err)
	return opened
}

// signature signs the call as it came by the SDK's own signer.
func signature(t *testing.T, r *http.Request, body []byte) string {
	t.Helper()
	again, err := http.NewRequestWithContext(ctx, r.Method, "http://"+r.Host+r.URL.Path, bytes.NewReader(body))
	assert.NoError(t, err)
	again.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	assert.NoError(t, err)
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hidden"}
	assert.NoError(t, v4.NewSigner().SignHTTP(ctx, credentials, again, hex.EncodeToString(sum[:]), "ses", os.Getenv("AWS_REGION"), at))
	return again.Header.Get("Authorization")
}

func answering(status int, header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if header != "" {
			w.Header().Set("x-amzn-ErrorType", header)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// dropping takes the whole call, and hangs up without an answer.
func dropping(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}

func TestAMailIsOneSignedSendEmail(t *testing.T) {
	sender, calls := ses(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "POST /v2/email/outbound-emails", r.Method+" "+r.URL.Path)
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		assert.Regexp(t, `^AWS4-HMAC-SHA256 Credential=AKID/\d{8}/[^/]*/ses/aws4_request, SignedHeaders=\S*content-type\S*, Signature=`,
			r.Header.Get("Authorization"))
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Equal(t, signature(t, r, body), r.Header.Get("Authorization"))
		assert.JSONEq(t, `{
			"FromEmailAddress": "refunds@app.example",
			"Destination": {"ToAddresses": ["alice@example.com"]},
			"Content": {"Simple": {
				"Subject": {"Data": "Your refund is approved — ü", "Charset": "UTF-8"},
				"Body": {"Text": {"Data": "Words.\n\nReason.\n", "Charset": "UTF-8"}},
				"Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}, {"Name": "Correlation-Id", "Value": "req-7"}]
			}}
		}`, string(body))
		_, _ = io.WriteString(w, `{"MessageId":"1"}`)
	})
	require.NoError(t, sender.Send(correlation.With(ctx, "req-7"), letter))
	assert.EqualValues(t, 1, calls.Load())
}

func TestARefusalSaysWhetherToTryAgain(t *testing.T) {
	for _, c := range []struct {
		status int
		word   string
		want   fault.Kind
	}{
		{400, "MessageRejected", fault.KindInvalid},
		{400, "MailFromDomainNotVerifiedException", fault.KindInvalid},
		{400, "SendingPausedException", fault.KindInvalid},
		{400, "AccountSuspendedException", fault.KindInvalid},
		{400, "BadRequestException", fault.KindInvalid},
		{403, "AccessDeniedException", fault.KindInvalid},
		{404, "NotFoundException", fault.KindInvalid},
		{400, "", fault.KindInvalid},
		{307, "", fault.KindInvalid},
		{429, "TooManyRequestsException", fault.KindBusy},
		{429, "", fault.KindBusy},
		{400, "ThrottlingException", fault.KindBusy},
		{400, "LimitExceededException", fault.KindBusy},
		{403, "ExpiredTokenException", fault.KindBusy},
		{408, "RequestTimeout", fault.KindBusy},
		{503, "ServiceUnavailable", fault.KindBusy},
		{500, "InternalServiceErrorException", fault.KindInternal},
		{502, "", fault.KindInternal},
		{504, "", fault.KindInternal},
	} {
		for place, handle := range map[string]http.HandlerFunc{
			"header":       answering(c.status, c.word, `{"message":"hunter2 alice@example.com"}`),
			"header + url": answering(c.status, c.word+":http://internal.amazon.com/coral/", "hunter2"),
			"body":         answering(c.status, "", fmt.Sprintf(`{"__type":"com.amazonaws.sesv2#%s","message":"hunter2 alice@example.com"}`, c.word)),
		} {
			sender, calls := ses(t, handle)
			err := sender.Send(ctx, letter)
			require.Error(t, err, "%d %s", c.status, c.word)
			assert.Equal(t, c.want, fault.KindOf(err), "%d %s in %s", c.status, c.word, place)
			assert.EqualValues(t, 1, calls.Load(), "one attempt")
			assert.Contains(t, err.Error(), c.word)
			assert.NotContains(t, err.Error(), "hunter2")
			assert.NotContains(t, err.Error(), "alice")
		}
	}
}

func TestACallThatReachedNobodyMayBeMadeAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	for name, address := range map[string]string{"nobody listens": "http://" + listener.Addr().String(), "no such host": "http://ses.invalid"} {
		err := sender(t, address).Send(ctx, letter)
		require.Error(t, err, name)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), name)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	reachable, calls := ses(t, answering(200, "", "{}"))
	assert.Equal(t, fault.KindBusy, fault.KindOf(reachable.Send(over, letter)))
	assert.Zero(t, calls.Load())
}

func TestACallWithoutAnAnswerIsNeverMadeAgain(t *testing.T) {
	for name, handle := range map[string]func(giveUp func()) http.HandlerFunc{
		"dropped after it was taken": func(func()) http.HandlerFunc { return dropping },
		"silent": func(giveUp func()) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				giveUp() // the call is surely here
				<-r.Context().Done()
			}
		},
	} {
		waiting, giveUp := context.WithCancel(ctx)
		sender, calls := ses(t, handle(giveUp))
		err := sender.Send(waiting, letter)
		giveUp()
		require.Error(t, err, name)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err), name)
		assert.NotContains(t, err.Error(), "alice", name)
		assert.EqualValues(t, 1, calls.Load(), name)
	}
}

func TestEachMailHasAConnectionOfItsOwn(t *testing.T) {
	addresses := make(chan string, 2)
	sender, _ := ses(t, func(_ http.ResponseWriter, r *http.Request) { addresses <- r.RemoteAddr })
	require.NoError(t, sender.Send(ctx, letter))
	require.NoError(t, sender.Send(ctx, letter))
	assert.NotEqual(t, <-addresses, <-addresses)
}

func TestAMailWithoutCredentialsIsNotSent(t *testing.T) {
	sender, calls := ses(t, answering(200, "", "{}"))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	err := sender.Send(ctx, letter)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err), "nothing went out, and the claim must come back")
	assert.Zero(t, calls.Load())
}

func TestTextCannotLeaveItsPlace(t *testing.T) {
	hostile := notice.Mail{To: "a@example.com", Subject: "x\"},\"From\":\"eve@example.com", Text: "\r\n.\r\nBcc: eve@example.com\xff"}
	sender, _ := ses(t, func(_ http.ResponseWriter, r *http.Request) {
		var got map[string]any
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&got))
		assert.Len(t, got, 3)
		assert.Equal(t, "refunds@app.example", got["FromEmailAddress"])
	})
	require.NoError(t, sender.Send(ctx, hostile))
}

func TestTheSenderIsOneBareAddress(t *testing.T) {
	for _, from := range []string{"refunds", "App <refunds@app.example>", "refunds@app.example, x@app.example", "refunds@app.example\r\nBcc: eve@example.com", ""} {
		_, err := mail.Open(from)
		require.Error(t, err, from)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), from)
	}
}

func TestSESsOwnSDKIsNotLinked(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(listed)) {
		assert.NotContains(t, path, "aws-sdk-go-v2/service/")
	}
}
