package acceptance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"makegood/infra/local"
)

// byNight are the entries that only make nightly follows: together they take more than a minute.
// What CloudWatch alone has (ages, shares, percentiles) is looked at where it comes from.
var byNight = []struct {
	heading string
	test    func(t *testing.T, w *ward)
}{
	{"The API refuses much", theAPIRefusesMuch},
	{"The API is slow", theAPIIsSlow},
	{"A queue is behind", aQueueIsBehind},
	{"Many messages are in flight", manyMessagesAreInFlight},
	{"A function is near its time-out", aFunctionIsNearItsTimeOut},
	{"Sweeps leave work behind", sweepsLeaveWorkBehind},
}

// later has each call take so long before it is made.
func later(delay time.Duration) between {
	return func(_ local.Call, forward func() local.Reply) local.Reply {
		time.Sleep(delay)
		return forward()
	}
}

func theAPIRefusesMuch(t *testing.T, w *ward) {
	const wrongKey = "mk_of_before_the_rotation"
	for range 4 {
		require.Equal(t, 401, ask(t, "POST", "/v1/generations", wrongKey, order("alice"), "Idempotency-Key", unique("key")).status)
	}
	block := w.runbook(t, "The API refuses much")[0]
	printed, _ := w.types(t, block, "APP_KEY="+wrongKey)
	require.Equal(t, "401\n", printed, "the server's key")
	printed, _ = w.types(t, block, "APP_KEY="+local.AppKey)
	require.Equal(t, "200\n", printed, "the key that it should have")
}

func theAPIIsSlow(t *testing.T, w *ward) {
	w.put(later(700*time.Millisecond), "read-account")
	start := time.Now()
	require.Equal(t, 200, ask(t, "GET", "/v1/stuck", local.OperatorKey, nil).status)
	require.Greater(t, time.Since(start), 3*time.Second, "more than AlarmLatency")
	block := w.runbook(t, "The API is slow")[0]
	printed, code := w.types(t, block)
	require.Equal(t, 1, code)
	require.Regexp(t, `wrong +stack +it took 3\.\d s to read its tables`, printed)
	w.open()
	w.well(t)
}

func aQueueIsBehind(t *testing.T, w *ward) {
	former, drawn := picture(t, customer(t, 4)), picture(t, customer(t, 4))
	w.put(func(call local.Call, forward func() local.Reply) local.Reply {
		if call.Operation == "ReceiveMessage" && strings.Contains(string(call.Body), "refund-requests\"") {
			return refusal(call)
		}
		return forward()
	}, gateQueues)
	// The poll under way takes one more message.
	decided(t, report(t, former), "in_review", "R8")
	caseID := report(t, drawn)
	require.Equal(t, 1, waiting(t, "RefundRequestsQueue"))

	printed, code := w.types(t, w.runbook(t, "A queue is behind")[0])
	require.Equal(t, 1, code)
	require.Contains(t, printed, "1 message waits, and decide-refund takes none")
	w.open()
	decided(t, caseID, "in_review", "R8")
	w.well(t)
}

func manyMessagesAreInFlight(t *testing.T, w *ward) {
	ids := make([]string, 3)
	for i := range ids {
		ids[i] = start(t, customer(t, 4))
	}
	w.put(later(3*time.Second), "settle-generation")
	for _, id := range ids {
		finish(t, id, failure("platform"))
	}
	printed, code := w.types(t, w.runbook(t, "Many messages are in flight")[0])
	require.Zero(t, code)
	require.Regexp(t, `generation-results +0 waiting, 3 in flight`, printed)
	w.open()
	for _, id := range ids {
		becomes(t, id, "released")
	}
	w.well(t)
}

// aFunctionIsNearItsTimeOut has a table answer too late for settle-generation, and the provider for
// pay-refund.
func aFunctionIsNearItsTimeOut(t *testing.T, w *ward) {
	alice, payment, paid := claimed(t)
	held := start(t, customer(t, 4))
	w.put(later(10*time.Second), gateProvider)
	w.put(later(5*time.Second), "settle-generation")
	rule(t, paid, threeDollars())
	decided(t, paid, "paying", "X3")
	finish(t, held, failure("platform"))
	for _, function := range []string{"settle-generation", "pay-refund"} {
		soon(t, function+" is slow", func() bool { return w.says(t, function, `"SlowInvocations":1`) })
	}
	printed, _ := w.types(t, w.runbook(t, "A function is near its time-out")[0])
	require.Regexp(t, `payment-refunds +0 waiting, 1 in flight`, printed)
	w.open()
	becomes(t, held, "released")
	paidBack(t, alice, payment, paid)
	w.well(t)
}

// sweepsLeaveWorkBehind has the credits of more wallets expire than one sweep deals with, and then
// each try at them fail.
func sweepsLeaveWorkBehind(t *testing.T, w *ward) {
	const left = `"UnfinishedWalks":1`
	var group errgroup.Group
	group.SetLimit(16)
	for range 1100 {
		group.Go(func() error {
			asApp(t, "POST", "/v1/grants", object{
				"customer": unique("alice"), "credits": 4, "source": "allowance", "expires_at": time.Now().Add(5 * time.Second).UTC().Format(time.RFC3339),
			}, 201)
			return nil
		})
	}
	require.NoError(t, group.Wait())
	time.Sleep(5 * time.Second)
	w.put(func(call local.Call, forward func() local.Reply) local.Reply {
		if strings.HasPrefix(call.Operation, "TransactWrite") || call.Operation == "UpdateItem" {
			return refusal(call)
		}
		return forward()
	}, "sweep-due")
	for range 2 {
		require.Error(t, stack.Trigger(t.Context(), "sweep-due"))
	}
	require.Equal(t, 2, w.lines(t, "sweep-due", left), "what the alarm counts")
	require.True(t, w.says(t, "sweep-due", "an overdue item could not be dealt with", "AccessDenied"), "as the entry says")
	printed, code := w.types(t, w.runbook(t, "Sweeps leave work behind")[0])
	require.Zero(t, code, printed)
	w.open()
	sweep(t)
	require.Equal(t, 3, w.lines(t, "sweep-due", left), "a thousand of them")
	sweep(t)
	require.Equal(t, 3, w.lines(t, "sweep-due", left), "nothing is left")
	w.well(t)
}
