package acceptance_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestEachOfManyStartsAtOnceIsToldTheBalanceThatItsOwnCommitLeft(t *testing.T) {
	alice := customer(t, 20*4)
	keys, told := make([]string, 20), make([]float64, 20)
	started := atOnce(len(keys), func(i int) int {
		keys[i] = unique("key")
		got := ask(t, "POST", "/v1/generations", local.AppKey, order(alice), "Idempotency-Key", keys[i])
		told[i] = got.body["balance"].(object)["available"].(float64)
		return got.status
	})
	require.Equal(t, map[int]int{201: 20}, started)
	for i, key := range keys {
		replay := ask(t, "POST", "/v1/generations", local.AppKey, order(alice), "Idempotency-Key", key)
		require.Equal(t, told[i], replay.body["balance"].(object)["available"], "as first answered")
	}
	slices.Sort(told)
	var want []float64
	for left := range 20 {
		want = append(want, float64(4*left))
	}
	require.Equal(t, want, told)
	free := asApp(t, "POST", "/v1/generations", order(alice, object{"mode": "free"}), 201)
	require.Equal(t, object{"available": 0.0}, free["balance"])
}

// wantCovered demands that the lines, by the text of their instants, take only what the lines
// before them brought.
func wantCovered(t *testing.T, customer string) {
	t.Helper()
	rows := statement(t, customer)
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b object) int {
		if a["at"].(string) < b["at"].(string) {
			return -1
		} else if a["at"].(string) > b["at"].(string) {
			return 1
		}
		return 0
	})
	sums := map[string]float64{}
	for _, row := range rows {
		require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, row["at"])
		sums[row["from"].(string)] -= row["amount"].(float64)
		sums[row["to"].(string)] += row["amount"].(float64)
		for _, account := range []string{"available", "held", "spent"} {
			require.GreaterOrEqual(t, sums[account], 0.0, "%s after %v", account, row)
		}
	}
}

func TestAHoldLiesAfterTheGrantThatItDrawsOnThoughItsClockWasReadBefore(t *testing.T) {
	alice := unique("alice")
	grant := sync.OnceFunc(func() { // what a start whose clock lags by as much would meet
		time.Sleep(1500 * time.Millisecond)
		asApp(t, "POST", "/v1/grants", object{"customer": alice, "credits": 4, "source": "promotion"}, 201)
	})
	during(t, "start-generation", "BatchGetItem", 1, func(_ local.Call, forward func() local.Reply) local.Reply {
		grant()
		return forward()
	})
	id := start(t, alice)
	wantCovered(t, alice)
	finish(t, id, success())
	becomes(t, id, "captured")
	wantCovered(t, alice)
}

func TestInstantsSortAsTextInTheOrderOfTime(t *testing.T) {
	alice := customer(t, 1)
	for range 12 { // one in ten ends in a zero, which is written all the same
		asApp(t, "POST", "/v1/grants", object{"customer": alice, "credits": 1, "source": "promotion"}, 201)
	}
	asApp(t, "POST", "/v1/generations", order(alice), 201)
	wantCovered(t, alice)
	rows := statement(t, alice)
	require.True(t, slices.IsSortedFunc(rows, func(a, b object) int {
		if a["at"].(string) > b["at"].(string) {
			return -1
		}
		return 1
	}), "newest first")
}
