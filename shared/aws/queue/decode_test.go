package queue_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/queue"
	"makegood/shared/fault"
	"makegood/shared/message"
)

func TestAMessageIsReadAndItsUnknownFieldsIgnored(t *testing.T) {
	read, err := queue.Decode[message.RefundDecided](
		[]byte(` {"type":"refund.decided","version":1,"case":"cas_1","tone":"kind","nested":{"a":[1,2]}} `), message.TypeRefundDecided)
	require.NoError(t, err)
	assert.Equal(t, message.NewRefundDecided("cas_1"), read)
}

func TestWhatIsNoMessageOfOursIsInvalid(t *testing.T) {
	for _, body := range []string{
		``, `null`, `[]`, `"refund.decided"`, `hello world`, `{`, `{}`,
		`{"type":"refund.decided","case":"cas_1"}`,
		`{"type":"refund.decided","version":0,"case":"cas_1"}`,
		`{"type":"refund.decided","version":-1,"case":"cas_1"}`,
		`{"type":"refund.decided","version":2,"case":"cas_1"}`,
		`{"type":"refund.decided","version":2,"case":{"id":"cas_1"}}`,
		`{"type":"refund.decided","version":"1","case":"cas_1"}`,
		`{"type":"refund.decided","version":1.5,"case":"cas_1"}`,
		`{"type":"refund.decided","version":99999999999999999999,"case":"cas_1"}`,
		`{"type":"refund.requested","version":1,"case":"cas_1"}`,
		`{"type":"","version":1,"case":"cas_1"}`,
		`{"version":1,"case":"cas_1"}`,
		`{"type":"refund.decided","version":1,"case":7}`,
		`{"type":"refund.decided","version":1,"case":"cas_1"} {}`,
		strings.Repeat("[", 100_000),
	} {
		read, err := queue.Decode[message.RefundDecided]([]byte(body), message.TypeRefundDecided)
		require.Error(t, err, "%.60s", body)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), "%.60s", body)
		assert.Zero(t, read, "%.60s", body)
	}
}

func TestAnErrorNeverQuotesTheBody(t *testing.T) {
	for _, body := range []string{`alice@example.com`, `{"type":"alice@example.com"}`, `{"type":"refund.decided","version":1,"case":{"alice@example.com":1}}`} {
		_, err := queue.Decode[message.RefundDecided]([]byte(body), message.TypeRefundDecided)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "alice")
	}
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add([]byte(`{"type":"generation.finished","version":1,"generation":"gen_1","outputs":[{"url":"x"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		read, err := queue.Decode[message.GenerationFinished](body, message.TypeGenerationFinished)
		if err == nil && (read.Type != message.TypeGenerationFinished || read.Version != message.Version) {
			t.Fatalf("took %q for a message", body)
		}
	})
}

func TestTheConsumerLinksNoSDK(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(listed), "aws-sdk-go-v2")
}
