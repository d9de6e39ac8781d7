package local_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"makegood/infra/local"
)

func TestAProcessSeesItsInvocationAndAnEnvironmentOfItsOwn(t *testing.T) {
	t.Setenv("HOME", "/somewhere")
	e := echo(t, running(t), http.MethodGet, "/echo/x", nil)
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-`, e.RequestID)
	assert.Equal(t, "arn:aws:lambda:us-east-1:000000000000:function:makegood-echo", e.ARN)
	assert.InDelta(t, 2000, e.RemainingMS, 1000)
	const nowhere = "http://127.0.0.1:9"
	assert.Equal(t, map[string]string{
		"GREETING": "good day", "ITEMS_TABLE": "Items", "APP_KEYS": "literal:mk_local_app", "MAKEGOOD_LOCAL": "1",
		"HTTPS_PROXY": nowhere, "AWS_LAMBDA_FUNCTION_NAME": "makegood-echo", "HOME": "",
		"AWS_ENDPOINT_URL": nowhere, "AWS_ENDPOINT_URL_SSM": nowhere, "AWS_ENDPOINT_URL_SECRETS_MANAGER": nowhere, "AWS_ENDPOINT_URL_SESV2": nowhere,
	}, e.Env)
}

func TestSixtyRequestsAtOnceQueueUpOnEightProcesses(t *testing.T) {
	s := another(t, "load-", nil)
	var all errgroup.Group
	for range 60 {
		all.Go(func() error {
			resp, err := http.Get(s.BaseURL + "/echo/x?sleep=100ms")
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			assert.Equal(t, http.StatusOK, resp.StatusCode, string(body))
			return err
		})
	}
	require.NoError(t, all.Wait())
	assert.Len(t, s.Processes("echo"), 8)
}

func TestOneRequestAfterAnotherNeedsOneProcess(t *testing.T) {
	s := another(t, "calm-", nil)
	for range 20 {
		echo(t, s, http.MethodGet, "/echo/x", nil)
	}
	assert.Len(t, s.Processes("echo"), 1)
}

func TestAKilledProcessIsReplacedAndItsRequestAnswered(t *testing.T) {
	s := another(t, "killed-", func(o *local.Options) { o.Parameters["Seconds"] = "60" }) // no answer comes by the timeout
	before := s.Processes("echo")
	require.Len(t, before, 1)
	mark := filepath.Join(t.TempDir(), "at work")
	status := make(chan int, 1)
	go func() {
		resp, err := http.Get(s.BaseURL + "/echo/x?sleep=50s&mark=" + url.QueryEscape(mark))
		if !assert.NoError(t, err) {
			return
		}
		defer resp.Body.Close()
		status <- resp.StatusCode
	}()
	eventually(t, "the process at work", func() bool { _, err := os.Stat(mark); return err == nil })
	require.NoError(t, syscall.Kill(before[0], syscall.SIGKILL))
	select {
	case code := <-status:
		assert.Equal(t, http.StatusServiceUnavailable, code)
	case <-time.After(patience):
		t.Fatal("the request of a killed process waits")
	}
	after := echo(t, s, http.MethodGet, "/echo/x", nil)
	assert.NotEqual(t, before[0], after.PID)

	require.NoError(t, syscall.Kill(after.PID, syscall.SIGKILL)) // an idle one is replaced too
	eventually(t, "another process", func() bool {
		now := s.Processes("echo")
		return len(now) == 1 && now[0] != after.PID
	})
	echo(t, s, http.MethodGet, "/echo/x", nil)
}

func TestAFunctionOutOfTimeIsKilledAndAnswered(t *testing.T) {
	s := another(t, "late-", nil)
	before := s.Processes("echo")
	started := time.Now()
	resp, body := call(t, s, http.MethodGet, "/echo/x?sleep=20s", nil)
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	assert.JSONEq(t, `{"message":"Service Unavailable"}`, string(body))
	assert.InDelta(t, 5, time.Since(started).Seconds(), 2.1)
	eventually(t, "the end of the process", func() bool { return syscall.Kill(before[0], 0) != nil })
	echo(t, s, http.MethodGet, "/echo/x", nil)
}

func TestStopEndsEveryProcess(t *testing.T) {
	s := another(t, "stopped-", nil)
	ids := append(s.Processes("echo"), s.Processes("work")...)
	require.Len(t, ids, 2)
	s.Stop()
	for _, id := range ids {
		assert.Error(t, syscall.Kill(id, 0), "process %d is still there", id)
	}
	_, err := http.Get(s.BaseURL + "/echo/x") //nolint:bodyclose // there is none
	assert.Error(t, err)
}

func TestEnvironmentOfATestLiesOverTheTemplates(t *testing.T) {
	s := another(t, "env-", func(o *local.Options) {
		o.Env = map[string]map[string]string{"*": {"GREETING": "from all"}, "echo": {"GREETING": "from one"}}
	})
	assert.Equal(t, "from one", echo(t, s, http.MethodGet, "/echo/x", nil).Env["GREETING"])
}
