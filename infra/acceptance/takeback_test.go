package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// TestARulingIsTakenBackBeforeItsMessageComes: the queue holds a message for as long as its ruling
// may be taken back.
func TestARulingIsTakenBackBeforeItsMessageComes(t *testing.T) {
	t.Parallel()
	price := shops[policy].price
	taken, left := customer(t, price), customer(t, price)
	cases, ruled := map[string]string{}, time.Now()
	for _, who := range []string{taken, left} {
		cases[who] = reported(t, who, nil, shown(), object{"issue": "distortion"})
		decided(t, cases[who], "in_review", "R8")
	}
	key := unique("key")
	for _, who := range []string{taken, left} {
		answer := ask(t, "POST", "/v1/cases/"+cases[who]+"/verdict", local.OperatorKey,
			object{"outcome": "approved", "note": "six fingers", "take_back": true}, "Idempotency-Key", key+who)
		require.Equal(t, object{"case": cases[who], "state": "approved"}, answer.body)
	}
	takeBack := func(who string) answer {
		return ask(t, "POST", "/v1/cases/"+cases[who]+"/take-back", local.OperatorKey, object{"key": key + who})
	}
	for _, again := range []string{"", "true"} {
		answer := takeBack(taken)
		require.Equal(t, object{"case": cases[taken], "state": "in_review"}, answer.body)
		require.Equal(t, again, answer.header.Get("Idempotent-Replayed"))
	}
	require.NotNil(t, onDesk(t, cases[taken]), "it waits again")
	require.Nil(t, onDesk(t, cases[left]))
	wantBalance(t, left, balance{})

	require.Eventually(t, func() bool {
		return ask(t, "GET", "/v1/cases/"+cases[left], local.OperatorKey, nil).body["state"] == "approved"
	}, time.Minute, time.Second)
	require.Greater(t, time.Since(ruled), 29*time.Second, "it had its half minute")
	wantBalance(t, left, balance{available: float64(price)})
	require.Equal(t, "take_back_late", takeBack(left).body["code"])
	require.NotNil(t, onDesk(t, cases[taken]))
	wantBalance(t, taken, balance{})
}
