package local

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBatchResponsesAreReadAsAWSReadsThem(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		failed       []string // nil with all: the whole batch
		all          bool
	}{
		{"no answer", ``, nil, false},
		{"null", `null`, nil, false},
		{"an empty response", `{}`, nil, false},
		{"a null list", `{"batchItemFailures":null}`, nil, false},
		{"an empty list", `{"batchItemFailures":[]}`, nil, false},
		{"one of three", `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, []string{"b"}, false},
		{"all by name", `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"},{"itemIdentifier":"c"}]}`, []string{"a", "b", "c"}, false},
		{"one twice", `{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}`, []string{"a"}, false},
		{"a wrong key at the top loses the report, as on AWS", `{"batchItemsFailed":[{"itemIdentifier":"b"}]}`, nil, false},
		{"an empty identifier", `{"batchItemFailures":[{"itemIdentifier":""}]}`, nil, true},
		{"a null identifier", `{"batchItemFailures":[{"itemIdentifier":null}]}`, nil, true},
		{"a wrong key inside", `{"batchItemFailures":[{"itemId":"a"}]}`, nil, true},
		{"an unknown identifier", `{"batchItemFailures":[{"itemIdentifier":"z"}]}`, nil, true},
		{"no JSON", `oops`, nil, true},
		{"another shape", `"done"`, nil, true},
		{"a list that is none", `{"batchItemFailures":"a"}`, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			failed, err := batchFailures([]byte(c.answer), []string{"a", "b", "c"})
			if c.all {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Len(t, failed, len(c.failed))
			for _, id := range c.failed {
				assert.True(t, failed[id])
			}
		})
	}
}

func TestEverySubsetOfABatchFailsAlone(t *testing.T) {
	ids := []string{"m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"}
	for subset := range 1 << len(ids) {
		answer, want := `{"batchItemFailures":[`, 0
		for n, id := range ids {
			if subset&(1<<n) != 0 {
				if want > 0 {
					answer += ","
				}
				answer += `{"itemIdentifier":"` + id + `"}`
				want++
			}
		}
		failed, err := batchFailures([]byte(answer+`]}`), ids)
		require.NoError(t, err)
		require.Len(t, failed, want)
		for n, id := range ids {
			require.Equal(t, subset&(1<<n) != 0, failed[id])
		}
	}
}

func TestOnlyRatesAreRunLocally(t *testing.T) {
	for expression, want := range map[string]time.Duration{"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(2 days)": 48 * time.Hour} {
		got, err := interval(expression)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, expression := range []string{"cron(0 12 * * ? *)", "rate(0 minutes)", "rate(1 second)", ""} {
		_, err := interval(expression)
		assert.Error(t, err, expression)
	}
}

func TestOnlyThisMachineMayBeCalled(t *testing.T) {
	for _, value := range []string{"", "http://127.0.0.1:3000/x", "http://localhost:1", "http://[::1]:5/", "http://127.9.9.9/"} {
		assert.NoError(t, staysHere("NOTICE_URL", value), value)
	}
	for _, value := range []string{
		"https://example.com/", "http://10.0.0.1/", "example.com", "//example.com", "http://localhost.example.com/", "http://127.0.0.1@example.com/",
		"http://[::ffff:8.8.8.8]/", "ftp://example.com", "http://0x7f.1.example/",
	} {
		assert.ErrorContains(t, staysHere("NOTICE_URL", value), "NOTICE_URL", value)
	}
	assert.ErrorContains(t, staysHere("GATEWAY", "https://api.stripe.com"), "calls only this machine")
	assert.ErrorContains(t, staysHere("APP_KEYS", "literal:a, ssm:/makegood/app-keys"), "reads no secret from AWS")
	assert.NoError(t, staysHere("APP_KEYS", "literal:mk_local_app"))
}
