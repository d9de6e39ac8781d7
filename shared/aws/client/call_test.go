package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/client"
	"makegood/shared/fault"
)

var operation = client.Operation{Service: "ssm", Env: "TESTED", Target: "AmazonSSM.GetParameter", Version: "1.1"}

// answering serves every call with that status and text.
func answering(t *testing.T, status int, text string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_TESTED", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
}

func TestRefusalsArePassingOrNot(t *testing.T) {
	for _, c := range []struct {
		status int
		word   string
		want   fault.Kind
	}{
		{400, "ParameterNotFound", fault.KindInternal},
		{400, "com.amazonaws.sqs#QueueDoesNotExist", fault.KindInternal},
		{400, "AccessDeniedException", fault.KindInternal},
		{403, "", fault.KindInternal},
		{302, "", fault.KindInternal},
		{400, "ThrottlingException", fault.KindBusy},
		{400, "com.amazonaws.sqs#RequestThrottled", fault.KindBusy},
		{400, "InternalServerError", fault.KindBusy},
		{400, "com.amazonaws.sqs#KmsThrottled", fault.KindBusy},
		{429, "", fault.KindBusy},
		{500, "InternalFailure", fault.KindBusy},
		{503, "", fault.KindBusy},
	} {
		answering(t, c.status, fmt.Sprintf(`{"__type":%q,"message":"hunter2"}`, c.word))
		err := client.Call(context.Background(), operation, map[string]string{"Name": "hunter2"}, &struct{}{})
		require.Error(t, err, "%d %s", c.status, c.word)
		assert.Equal(t, c.want, fault.KindOf(err), "%d %s", c.status, c.word)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func TestAnAnswerThatIsNoJSONIsAnError(t *testing.T) {
	answering(t, 200, "hunter2")
	err := client.Call(context.Background(), operation, nil, &struct{}{})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestACallWithoutCredentialsIsNotMade(t *testing.T) {
	answering(t, 200, "{}")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	require.ErrorContains(t, client.Call(context.Background(), operation, nil, &struct{}{}), "no credentials")
}
