package secret_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/secret"
	"makegood/shared/fault"
)

// atHome has the test run in the local stack.
func atHome(t *testing.T) {
	t.Helper()
	t.Setenv("MAKEGOOD_LOCAL", "1")
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")
}

// long takes what has eight bytes or more.
func long(value string) error {
	if len(value) < 8 {
		return errors.New("it is short")
	}
	return nil
}

func TestASecretThatDoesNotFitIsNeverGivenOut(t *testing.T) {
	for _, reference := range []string{"ssm:/k", "secretsmanager:k", "literal:hunter2"} {
		atHome(t)
		open(t, map[string]string{"ssm//k": "hunter2", "secretsmanager/k": "hunter2"})
		t.Setenv("APP_KEYS", reference)
		live, err := secret.Reading("APP_KEYS", long)(ctx)
		require.ErrorContains(t, err, "stack parameter AppKeys (APP_KEYS), reference 1")
		assert.ErrorContains(t, err, "it is short")
		assert.NotContains(t, err.Error(), "hunter2")
		assert.Equal(t, fault.KindInternal, fault.KindOf(err))
		assert.Empty(t, live, reference)
	}
}

func TestOneThatDoesNotFitIsLeftOutAndLoggedBesideOneThatDoes(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	open(t, map[string]string{"ssm//k": "hunter2,hunter2hunter2"})
	t.Setenv("SESSION_SECRETS", "ssm:/k")
	live, err := secret.Reading("SESSION_SECRETS", long)(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"hunter2hunter2"}, live)
	assert.Contains(t, log.String(), "stack parameter SessionSecrets")
	assert.NotContains(t, log.String(), "hunter2")
}

func TestTheLocalStacksOwnValuesAreAcceptedByItAlone(t *testing.T) {
	for name, c := range map[string]struct {
		local, tables, reference string
		accepted                 bool
	}{
		"the local stack":                          {"1", "http://127.0.0.1:8000", "literal:mk_local_app", true},
		"by name":                                  {"1", "http://localhost:8000", "literal:mk_local_app", true},
		"IPv6":                                     {"1", "http://[::1]:8000", "literal:mk_local_app", true},
		"one of its containers":                    {"1", "http://host.docker.internal:41111/decide-refund", "literal:mk_local_app", true},
		"another value":                            {"1", "http://127.0.0.1:8000", "literal:short", false},
		"another value that fits":                  {"1", "http://127.0.0.1:8000", "literal:hunter2hunter2", true},
		"on AWS":                                   {"", "", "literal:mk_local_app", false},
		"on AWS, one variable set":                 {"1", "", "literal:mk_local_app", false},
		"on AWS, tables set to themselves":         {"1", "https://dynamodb.eu-central-1.amazonaws.com", "literal:mk_local_app", false},
		"tables elsewhere":                         {"1", "http://10.0.0.1:8000", "literal:mk_local_app", false},
		"tables nowhere":                           {"1", "://", "literal:mk_local_app", false},
		"tables here, but not said to be local":    {"", "http://127.0.0.1:8000", "literal:mk_local_app", false},
		"tables here, and long, not said local":    {"", "http://127.0.0.1:8000", "literal:hunter2hunter2", false},
		"a local value from a store is no secret":  {"1", "http://127.0.0.1:8000", "ssm:/short", false},
		"a host that begins as this machine's own": {"1", "http://127.0.0.1.example.com", "literal:mk_local_app", false},
	} {
		t.Run(name, func(t *testing.T) {
			open(t, map[string]string{"ssm//short": "_local_"})
			t.Setenv("MAKEGOOD_LOCAL", c.local)
			t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", c.tables)
			t.Setenv("APP_KEYS", c.reference)
			live, err := secret.Reading("APP_KEYS", func(value string) error { return errors.Join(long(value), longer(value)) })(ctx)
			assert.Equal(t, c.accepted, err == nil, "%v", err)
			assert.Equal(t, c.accepted, len(live) == 1)
		})
	}
}

// longer is short of what the local stack's own values have.
func longer(value string) error {
	if len(value) < 14 {
		return errors.New("it is short")
	}
	return nil
}

func TestTheStartSaysWhatCanNeverWorkByTheParametersName(t *testing.T) {
	open(t, map[string]string{"ssm//short": "hunter2", "ssm//blank": " ,", "ssm//fit": "hunter2hunter2"})
	parameters := map[string][]string{"STRIPE_KEY": {"StripeRefundKey", "StripeReadKey"}}
	for variable, c := range map[string]struct{ value, parameter string }{
		"APP_KEYS":               {"hunter2", "AppKeys"},
		"OPERATOR_KEYS":          {"arn:aws:secretsmanager:eu-central-1:1:secret:x", "OperatorKeys"},
		"SESSION_SECRETS":        {"literal:hunter2", "SessionSecrets"},
		"STRIPE_WEBHOOK_SECRETS": {"ssm:/short", "StripeWebhookSecrets"},
		"STRIPE_KEY":             {"rk_live_hunter2", "StripeRefundKey or StripeReadKey"},
		"NOTICE_SECRETS":         {"ssm:/blank", "NoticeSecrets"},
		"FIT":                    {"ssm:/fit", ""},
		"MISSING":                {"ssm:/nowhere", ""},
		"UNSET":                  {"", ""},
	} {
		t.Setenv(variable, c.value)
		var log bytes.Buffer
		secret.Start(variable, long, &log, parameters[variable]...)
		if c.parameter == "" {
			assert.Empty(t, log.String(), variable)
			continue
		}
		require.Equal(t, 1, strings.Count(log.String(), "stack parameter is wrong"), variable)
		assert.Contains(t, log.String(), `"parameter":"`+c.parameter+`"`)
		assert.NotContains(t, log.String(), "hunter2")
	}
}

func TestSecretsAreReadWhileAFunctionStarts(t *testing.T) {
	s := open(t, map[string]string{"ssm//k": "hunter2hunter2"})
	t.Setenv("STARTING", "ssm:/k")
	keys := secret.FromEnv("STARTING", long)
	require.Eventually(t, func() bool {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return s.calls == 1
	}, 5*time.Second, time.Millisecond)
	live, err := keys(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"hunter2hunter2"}, live)
	assert.Equal(t, 1, s.calls, "the first caller need not ask again")
}
