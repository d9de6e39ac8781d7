package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/account"
)

// open opens an account whose environment is that.
func open(t *testing.T, env map[string]string) *account.Account {
	t.Helper()
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	a, err := account.Open(t.Context(), "", func(name string) string { return env[name] })
	require.NoError(t, err)
	return a
}

func TestNamesAreThoseThatFunctionsHave(t *testing.T) {
	a := open(t, map[string]string{
		"NOTICES_QUEUE_URL": "https://sqs.example/1/staging-notices", "CASES_TABLE": "shop-Cases", "METRICS_NAMESPACE": "Makegood/shop",
	})
	url, err := a.QueueURL("notices")
	require.NoError(t, err)
	require.Equal(t, "https://sqs.example/1/staging-notices", url)
	require.Equal(t, []any{"shop", "shop-Cases"}, []any{a.Stack, a.Tables["CASES_TABLE"]})
	_, err = a.QueueURL("refund-requests")
	require.ErrorContains(t, err, "REFUND_REQUESTS_QUEUE_URL")
	_, err = a.QueueURL("refunds")
	require.ErrorContains(t, err, "generation-results, assessments, refund-requests")
}

func TestAStackThatIsNamedIsNotTakenForTheLocalOne(t *testing.T) {
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env := map[string]string{"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:3005", "NOTICES_QUEUE_URL": "http://127.0.0.1:3005/000000000000/notices"}
	_, err := account.Open(t.Context(), "shop", func(name string) string { return env[name] })
	require.ErrorContains(t, err, "the stack shop cannot be read")
}

// TestWhereOneServiceIsLocalNoOtherIsAskedAtAWS: whoever looks at the local stack must not see
// another one.
func TestWhereOneServiceIsLocalNoOtherIsAskedAtAWS(t *testing.T) {
	aws := open(t, nil)
	require.False(t, aws.Local())
	require.True(t, aws.Reaches(account.Lambda))
	here := open(t, map[string]string{"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:3005"})
	require.True(t, here.Local())
	require.True(t, here.Reaches(account.SQS))
	require.False(t, here.Reaches(account.Lambda))
	require.ErrorIs(t, here.FailedMessages(t.Context(), "decide-refund", time.Time{}, nil), account.ErrNoLog)
	emulator := open(t, map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"})
	require.True(t, emulator.Local())
	require.True(t, emulator.Reaches(account.Lambda))
}
