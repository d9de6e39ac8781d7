package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// tally counts like a table: by customer and minute.
type tally struct {
	counts map[string]int
	err    error
	slow   bool
}

func (c *tally) CountRequest(ctx context.Context, customer ledger.CustomerID, minute time.Time, most int) (bool, error) {
	if c.slow {
		<-ctx.Done()
		return false, ctx.Err()
	}
	key := string(customer) + minute.String()
	if c.err != nil || c.counts[key] >= most {
		return false, c.err
	}
	c.counts[key]++
	return true, nil
}

func TestACustomersRequestsAreCountedByTheMinute(t *testing.T) {
	now := noon.Add(20 * time.Second)
	counter := &tally{counts: map[string]int{}}
	gate := access.Gate{Counter: counter, PerMinute: 3, Now: func() time.Time { return now }}
	alice := access.Caller{Role: access.RoleCustomer, Customer: "alice"}
	for range 3 {
		require.NoError(t, gate.Count(t.Context(), alice))
	}
	var refusal *fault.Error
	require.ErrorAs(t, gate.Count(t.Context(), alice), &refusal)
	require.Equal(t, []any{fault.KindThrottled, fault.CodeThrottled, 40 * time.Second}, []any{refusal.Kind, refusal.Code, refusal.RetryAfter})
	require.NoError(t, gate.Count(t.Context(), access.Caller{Role: access.RoleCustomer, Customer: "bob"}))
	for range 10 {
		require.NoError(t, gate.Count(t.Context(), access.Caller{Role: access.RoleApp}), "keys are not counted")
		require.NoError(t, gate.Count(t.Context(), access.Caller{Role: access.RoleStaff, Name: "ann"}))
	}
	now = now.Add(40 * time.Second)
	require.NoError(t, gate.Count(t.Context(), alice))
	gate.PerMinute = 0
	for range 10 {
		require.NoError(t, gate.Count(t.Context(), alice))
	}
}

func TestARequestThatCannotBeCountedGoesOn(t *testing.T) {
	alice := access.Caller{Role: access.RoleCustomer, Customer: "alice"}
	for _, counter := range []access.Counter{nil, &tally{err: errors.New("refused")}, &tally{slow: true}} {
		gate := access.Gate{Counter: counter, PerMinute: 1, Now: func() time.Time { return noon }}
		began := time.Now()
		require.NoError(t, gate.Count(t.Context(), alice))
		require.Less(t, time.Since(began), 5*time.Second)
	}
}
