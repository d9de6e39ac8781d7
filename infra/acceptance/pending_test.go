package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestAReportBeforeItsResultIsRecordedIsToldToComeAgainAndThenTaken(t *testing.T) {
	alice := customer(t, 4)
	id, key := start(t, alice), unique("key")
	settled := make(chan struct{})
	during(t, "settle-generation", "UpdateItem", 1, func(_ local.Call, forward func() local.Reply) local.Reply {
		<-settled // handed in and queued, not recorded yet
		return forward()
	}, id)
	finish(t, id, success())
	early := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", key)
	close(settled)
	require.Equal(t, []any{409, "result_pending"}, []any{early.status, early.body["code"]})
	require.Equal(t, "1", early.header.Get("Retry-After"))
	becomes(t, id, "captured")
	taken := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id), "Idempotency-Key", key)
	require.Equal(t, 202, taken.status, "the same request: %v", taken.body)
}
