package standin_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mock starts Stripe's own stripe-mock, which answers with Stripe's published examples and knows
// nothing of what it was told before.
func mock(t *testing.T) string {
	t.Helper()
	find := exec.CommandContext(t.Context(), "go", "tool", "-modfile=infra/tools/go.mod", "-n", "stripe-mock")
	find.Dir = "../.."
	path, err := find.Output()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), strings.TrimSpace(string(path)), "-http-addr", "127.0.0.1:")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(lines.Text()); at != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return "http://" + at
		}
	}
	t.Fatal("stripe-mock did not say where it listens")
	return ""
}

// example is what stripe-mock answers at a path.
func example(t *testing.T, mock, path string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer sk_test_123")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var shown map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&shown))
	require.Equal(t, http.StatusOK, resp.StatusCode, shown)
	return shown
}

// sameShape wants each of our fields among Stripe's, with a value of the same kind. Null is of
// every kind, and so is what Stripe shows empty.
func sameShape(t *testing.T, at string, want, got any) {
	t.Helper()
	if want == nil || got == nil {
		return
	}
	if !assert.IsType(t, want, got, at) {
		return
	}
	switch ours := got.(type) {
	case map[string]any:
		theirs := want.(map[string]any)
		for name, value := range ours {
			other, ok := theirs[name]
			if assert.True(t, ok || len(theirs) == 0, "Stripe has no %s.%s", at, name) {
				sameShape(t, at+"."+name, other, value)
			}
		}
	case []any:
		theirs := want.([]any)
		for n := range ours {
			if len(theirs) > 0 {
				sameShape(t, fmt.Sprintf("%s[%d]", at, n), theirs[0], ours[n])
			}
		}
	}
}

func TestWhatIsShownHasTheShapeOfStripesOwnExamples(t *testing.T) {
	stripes := mock(t)
	d := open(t)
	d.bought("pi_1")
	_, err := d.Dispute("pi_1", 0, "won")
	require.NoError(t, err)
	require.Len(t, d.told(), 4)
	refund := must(d.refund("pi_1", 200, "k"))(t)
	require.Equal(t, http.StatusOK, refund.status, refund.raw)

	examples := map[string]map[string]any{
		"refund": example(t, stripes, "/v1/refunds/re_1"), "dispute": example(t, stripes, "/v1/disputes/dp_1"),
		"charge": example(t, stripes, "/v1/charges/ch_1"), "payment_intent": example(t, stripes, "/v1/payment_intents/pi_1"),
		"checkout.session": example(t, stripes, "/v1/checkout/sessions/cs_1"), "event": example(t, stripes, "/v1/events/evt_1"),
	}
	sameShape(t, "refund", examples["refund"], any(refund.body))
	for path, kind := range map[string]string{
		"/v1/refunds": "refund", "/v1/disputes": "dispute", "/v1/checkout/sessions": "checkout.session", "/v1/events": "event",
	} {
		ours := must(d.ask(http.MethodGet, path, nil))(t).body
		sameShape(t, path, example(t, stripes, path), any(map[string]any{
			"object": ours["object"], "url": ours["url"], "has_more": ours["has_more"], "data": []any{},
		}))
		require.NotEmpty(t, ours["data"], path)
		for _, one := range ours["data"].([]any) {
			assert.Equal(t, kind, one.(map[string]any)["object"])
			if kind == "event" { // of any object
				object := one.(map[string]any)["data"].(map[string]any)["object"].(map[string]any)
				sameShape(t, "data.object", examples[object["object"].(string)], any(object))
				one.(map[string]any)["data"] = map[string]any{}
			}
			sameShape(t, path, examples[kind], one)
		}
	}
	intent := must(d.ask(http.MethodGet, "/v1/payment_intents/pi_1", nil))(t)
	sameShape(t, "payment_intent", examples["payment_intent"], any(intent.body))
}

func TestARefusalHasTheShapeOfStripesOwn(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, mock(t)+"/v1/refunds", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var theirs any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&theirs))
	ours := must(open(t).askWith(http.MethodGet, "/v1/refunds", nil))(t)
	assert.Equal(t, resp.StatusCode, ours.status)
	sameShape(t, "error", theirs, any(ours.body))
}
