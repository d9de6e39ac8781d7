package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// claimed is the API over a world in which carol claimed a payment, by her address.
func claimed(t *testing.T) counter {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 20)
	_, err := w.Claimer().File(t.Context(), refund.Request{
		Kind: policy.KindNotCredited, Customer: "carol", Payment: "pi_1", Principal: "app", Key: w.Key(), Actor: ledger.ActorApp,
		Claim: refund.Claim{Email: "ann@Example.com", PaidAt: w.Now, Amount: money.Amount{Currency: "USD", Minor: 999}, Reason: "nothing came"},
	}, w.Now)
	require.NoError(t, err)
	h := handler{store: w.Store, now: func() time.Time { return w.Now }, policy: w.Policy, addresses: w.Addresses()}
	return counter{World: w, Client: httptest.New(t, "read-account", h.now, h.routes), t: t}
}

func TestStaffFindAClaimByItsAddressAndWhoMadeIt(t *testing.T) {
	c := claimed(t)
	hits := c.gets("find-address")["hits"].([]any)
	require.Len(t, hits, 2)
	require.Equal(t, map[string]any{"kind": "customer", "id": "carol", "customer": "carol"}, hits[0])
	require.Equal(t, []any{"case", "carol"}, []any{hits[1].(map[string]any)["kind"], hits[1].(map[string]any)["customer"]})
	require.Equal(t, []any{map[string]any{"kind": "customer", "id": "alice", "customer": "alice"}}, c.gets("find-customer")["hits"])
	require.Equal(t, []any{}, c.gets("find-nothing")["hits"])
}

func TestStaffAloneSearchAndForSomething(t *testing.T) {
	c := claimed(t)
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("find-by-app").Refusal())
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("find-customer", c.As("alice")).Refusal(), "not even themselves")
	require.Equal(t, httptest.Refusal{400, "missing_fields", "q"}, c.Ask("find-without-q").Refusal())
}
