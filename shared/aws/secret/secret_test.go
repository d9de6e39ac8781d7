package secret_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/secret"
	"makegood/shared/fault"
)

var ctx = context.Background()

// stores stands in for SSM and Secrets Manager: it checks each request's signature and answers from
// values, by "service/name".
type stores struct {
	t      *testing.T
	mutex  sync.Mutex
	values map[string]string
	refuse func(w http.ResponseWriter) bool
	calls  int
}

func open(t *testing.T, values map[string]string) *stores {
	t.Helper()
	s := &stores{t: t, values: values}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_SSM", server.URL)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "signing")
	t.Setenv("AWS_SESSION_TOKEN", "session")
	return s
}

func (s *stores) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.calls++
	if s.refuse != nil && s.refuse(w) {
		return
	}
	body, err := io.ReadAll(r.Body)
	assert.NoError(s.t, err)
	var ask struct {
		Name, SecretId string //nolint:revive // the stores' own names
		WithDecryption bool
	}
	assert.NoError(s.t, json.Unmarshal(body, &ask))
	switch r.Header.Get("X-Amz-Target") {
	case "AmazonSSM.GetParameter":
		s.checkSignature(r, body, "ssm")
		assert.True(s.t, ask.WithDecryption)
		s.answer(w, "ssm/"+ask.Name, `{"Parameter":{"Name":"x","Value":%s,"Type":"SecureString"}}`, "ParameterNotFound")
	case "secretsmanager.GetSecretValue":
		s.checkSignature(r, body, "secretsmanager")
		s.answer(w, "secretsmanager/"+ask.SecretId, `{"Name":"x","SecretString":%s}`, "com.amazonaws.secretsmanager#ResourceNotFoundException")
	default:
		s.t.Errorf("asked for %s", r.Header.Get("X-Amz-Target"))
	}
}

func (s *stores) answer(w http.ResponseWriter, name, form, missing string) {
	value, found := s.values[name]
	if !found {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"hunter2"}`, missing)
		return
	}
	text, _ := json.Marshal(value)
	fmt.Fprintf(w, form, text)
}

// checkSignature signs the request once more with what the SDK has and compares.
func (s *stores) checkSignature(r *http.Request, body []byte, service string) {
	assert.Equal(s.t, http.MethodPost, r.Method)
	assert.Equal(s.t, "application/x-amz-json-1.1", r.Header.Get("Content-Type"))
	assert.Equal(s.t, "session", r.Header.Get("X-Amz-Security-Token"))
	signedAt, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	assert.NoError(s.t, err)
	assert.WithinDuration(s.t, time.Now(), signedAt, time.Minute)
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.Path, bytes.NewReader(body))
	assert.NoError(s.t, err)
	again.Header.Set("Content-Type", r.Header.Get("Content-Type"))
	again.Header.Set("X-Amz-Target", r.Header.Get("X-Amz-Target"))
	sum := sha256.Sum256(body)
	keys := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "signing", SessionToken: "session"}
	assert.NoError(s.t, v4.NewSigner().SignHTTP(ctx, keys, again, hex.EncodeToString(sum[:]), service, "eu-central-1", signedAt))
	assert.Equal(s.t, again.Header.Get("Authorization"), r.Header.Get("Authorization"))
}

func TestMain(m *testing.M) {
	if err := os.Setenv("AWS_REGION", "eu-central-1"); err != nil { // read once, by the first call
		panic(err)
	}
	m.Run()
}

func TestEveryKindOfReferenceIsResolvedInOrder(t *testing.T) {
	open(t, map[string]string{"ssm//makegood/app": "one, two\n", "secretsmanager/keys": "three\r\nfour"})
	atHome(t)
	t.Setenv("KEYS", " ssm:/makegood/app, secretsmanager:keys ,literal:five")
	live, err := secret.FromEnvAt("KEYS", time.Now)(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"one", "two", "three", "four", "five"}, live)
}

func TestALiteralIsRefusedOutsideTheLocalStack(t *testing.T) {
	t.Setenv("MAKEGOOD_LOCAL", "")
	t.Setenv("KEYS", "literal:hunter2")
	live, err := secret.FromEnvAt("KEYS", time.Now)(ctx)
	require.ErrorContains(t, err, "stack parameter Keys (KEYS), reference 1")
	assert.NotContains(t, err.Error(), "hunter2")
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	assert.Empty(t, live)
}

func TestNoReferenceIsNoSecretAndNoError(t *testing.T) {
	for _, none := range []string{"", " ", ","} {
		t.Setenv("KEYS", none)
		live, err := secret.FromEnvAt("KEYS", time.Now)(ctx)
		require.NoError(t, err)
		assert.Empty(t, live)
	}
}

func TestAWrongReferenceNeverShowsAValue(t *testing.T) {
	open(t, map[string]string{"ssm/blank": " ,\n"})
	for _, wrong := range []string{"hunter2", "whsec:hunter2", "ssm:/none", "secretsmanager:none", "ssm:blank"} {
		t.Setenv("KEYS", wrong)
		live, err := secret.FromEnvAt("KEYS", time.Now)(ctx)
		require.ErrorContains(t, err, "KEYS", wrong)
		assert.NotContains(t, err.Error(), "hunter2", wrong)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err), wrong)
		assert.Empty(t, live, wrong)
	}
}

func TestOneWrongReferenceFailsTheList(t *testing.T) {
	open(t, map[string]string{"ssm/good": "one"})
	t.Setenv("KEYS", "ssm:good,ssm:none")
	live, err := secret.FromEnvAt("KEYS", time.Now)(ctx)
	require.ErrorContains(t, err, "reference 2: AmazonSSM.GetParameter: 400 ParameterNotFound")
	assert.Empty(t, live)
}

func TestAValueLivesFiveMinutes(t *testing.T) {
	s := open(t, map[string]string{"ssm/key": "one"})
	t.Setenv("KEYS", "ssm:key")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	keys := secret.FromEnvAt("KEYS", func() time.Time { return now })
	assert.Zero(t, s.calls, "nothing is asked before the first use")
	want := func(value string, calls int) {
		t.Helper()
		live, err := keys(ctx)
		require.NoError(t, err)
		assert.Equal(t, []string{value}, live)
		assert.Equal(t, calls, s.calls)
	}
	want("one", 1)
	s.values["ssm/key"] = "two"
	now = now.Add(299 * time.Second)
	want("one", 1)
	now = now.Add(time.Second)
	want("two", 2)
	want("two", 2)
}

func TestAStoreThatDoesNotAnswerIsBridgedForFiveMinutesMore(t *testing.T) {
	s := open(t, map[string]string{"ssm/key": "hunter2"})
	t.Setenv("KEYS", "ssm:key")
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	keys := secret.FromEnvAt("KEYS", func() time.Time { return now })
	_, err := keys(ctx)
	require.NoError(t, err)

	s.refuse = throttled
	now = now.Add(5 * time.Minute)
	live, err := keys(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"hunter2"}, live)
	assert.Contains(t, log.String(), "KEYS")
	assert.NotContains(t, log.String(), "hunter2")

	asked := s.calls
	now = now.Add(9 * time.Second)
	_, err = keys(ctx)
	require.NoError(t, err)
	assert.Equal(t, asked, s.calls, "a store that does not answer is left alone for ten seconds")

	now = now.Add(5 * time.Minute)
	live, err = keys(ctx)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.Empty(t, live)

	s.refuse = nil
	live, err = keys(ctx)
	require.NoError(t, err, "the store answers again")
	assert.Equal(t, []string{"hunter2"}, live)
}

func TestAWithdrawnSecretHasNoGrace(t *testing.T) {
	s := open(t, map[string]string{"ssm/key": "one"})
	t.Setenv("KEYS", "ssm:key")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	keys := secret.FromEnvAt("KEYS", func() time.Time { return now })
	_, err := keys(ctx)
	require.NoError(t, err)
	delete(s.values, "ssm/key")
	now = now.Add(5 * time.Minute)
	live, err := keys(ctx)
	require.Error(t, err)
	assert.Empty(t, live)
}

func TestAPassingFaultIsTriedAgain(t *testing.T) {
	s := open(t, map[string]string{"secretsmanager/key": "one"})
	t.Setenv("KEYS", "secretsmanager:key")
	s.refuse = func(w http.ResponseWriter) bool { return s.calls < 3 && throttled(w) }
	live, err := secret.FromEnvAt("KEYS", time.Now)(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"one"}, live)
	assert.Equal(t, 3, s.calls)
}

func TestManyAskersMakeOneCall(t *testing.T) {
	s := open(t, map[string]string{"ssm/key": "one"})
	t.Setenv("KEYS", "ssm:key")
	keys := secret.FromEnvAt("KEYS", time.Now)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			live, err := keys(ctx)
			assert.NoError(t, err)
			assert.Equal(t, []string{"one"}, live)
		})
	}
	all.Wait()
	assert.Equal(t, 1, s.calls)
}

func TestNoClientOfTheStoresIsLinked(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(listed), "aws-sdk-go-v2/service/")
}

func throttled(w http.ResponseWriter) bool {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
	return true
}
