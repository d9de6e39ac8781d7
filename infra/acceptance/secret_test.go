package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestASecretTooShortAndAParameterThatNamesNoneAreRefusedAtTheStartByTheParametersName(t *testing.T) {
	const short, long = "mk_hunter2", "mk_hunter2_0123456789abcdef01234567"
	wrong := map[string]struct{ variable, value, parameter string }{ // by function
		"grant-credits":    {"APP_KEYS", "literal:" + short, "AppKeys"},
		"read-account":     {"APP_KEYS", long, "AppKeys"}, // the key itself, where its name belongs
		"open-session":     {"SESSION_SECRETS", "literal:sesame", "SessionSecrets"},
		"receive-purchase": {"STRIPE_WEBHOOK_SECRETS", "literal:whsec_short", "StripeWebhookSecrets"},
		"pay-refund":       {"STRIPE_KEY", "literal:rk_short", "StripeRefundKey"},
		"notify-customer":  {"NOTICE_SECRETS", "literal:whsec_c2hvcnQ=", "NoticeSecrets"},
	}
	env := map[string]map[string]string{"start-generation": {"APP_KEYS": "literal:" + long}}
	for function, c := range wrong {
		env[function] = map[string]string{c.variable: c.value}
	}
	folder := t.TempDir()
	other, err := local.Start(t.Context(), local.Options{
		Endpoints: street.services, Prefix: fmt.Sprintf("secrets-%d-", os.Getpid()), ManualSchedules: true, Env: env, LogDir: folder, Log: os.Stderr,
	})
	require.NoError(t, err)
	defer other.Stop()
	before := stack
	stack = other
	defer func() { stack = before }()

	alice, event := unique("alice"), session(unique("alice"), unique("pi"))
	given := object{"customer": alice, "credits": 1, "reason": "promotion"}
	assert.NotEqual(t, 201, ask(t, "POST", "/v1/grants", short, given, "Idempotency-Key", unique("key")).status)
	assert.NotEqual(t, 200, ask(t, "GET", "/v1/customers/"+alice, long, nil).status)
	assert.Equal(t, 402, ask(t, "POST", "/v1/generations", long, order(alice), "Idempotency-Key", unique("key")).status, "one that is long enough is a key")
	assert.NotEqual(t, 201, ask(t, "POST", "/v1/sessions", local.AppKey, object{"customer": alice}).status)
	assert.Equal(t, 503, ask(t, "POST", "/webhooks/stripe", "", event, "Stripe-Signature", sign("whsec_short", time.Now(), event)).status)
	for function, c := range wrong {
		var log []byte
		soon(t, function+" says what is wrong", func() bool {
			log, _ = os.ReadFile(filepath.Join(folder, function+".log"))
			return strings.Contains(string(log), "stack parameter is wrong") && strings.Contains(string(log), c.parameter)
		})
		assert.NotContains(t, string(log), strings.TrimPrefix(c.value, "literal:"), function)
	}
}
