package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestOnTheCustomersOwnKeyNothingIsChargedAndTheCostIsShown(t *testing.T) {
	under(t, "popcustoms")
	require.Equal(t, []any{"paid", "free", "own_key"}, asApp(t, "GET", "/v1/policy", nil, 200)["modes"])
	alice := unique("alice") // without a wallet
	cost := object{"provider": "openrouter", "currency": "USD", "micros": 39500.0}
	started := asApp(t, "POST", "/v1/generations", order(alice, object{"mode": "own_key", "model": "nano-banana"}), 201)
	require.Equal(t, 0.0, started["price"])
	id := started["id"].(string)
	for range 2 {
		finish(t, id, with(success(), object{"finished_at": "2026-11-01T12:00:00Z", "cost": cost}))
	}
	becomes(t, id, "captured")
	shown := generation(t, id)
	require.Equal(t, []any{"own_key", 0.0, cost}, []any{shown["mode"], shown["charged"], shown["cost"]})
	rows := statement(t, alice)
	require.Len(t, rows, 1)
	require.Equal(t, []any{"own_key", "generation_succeeded", 0.0, cost, id},
		[]any{rows[0]["cause"], rows[0]["reason"], rows[0]["amount"], rows[0]["cost"], rows[0]["generation"]})

	failed := start(t, alice, object{"mode": "own_key"})
	finish(t, failed, with(failure("platform"), object{"cost": with(cost, object{"micros": 500})}))
	becomes(t, failed, "captured")
	sums := asApp(t, "GET", "/v1/customers/"+alice, nil, 200)["own_key_costs"]
	require.Equal(t, []any{
		object{"month": time.Now().UTC().Format("2006-01"), "currency": "USD", "micros": 40000.0, "generations": 2.0},
	}, sums)

	const words = "This was made with your own key, so we charged nothing for it and there is nothing to refund."
	for _, caseID := range []string{generation(t, failed)["case"].(string), report(t, id, object{"issue": "distortion"})} {
		require.Equal(t, words, decided(t, caseID, "declined", "X2")["decision"].(object)["reason"])
	}
	wantBalance(t, alice, balance{})
}

func TestOnlyAPolicyThatListsTheModeTakesTheCustomersOwnKey(t *testing.T) {
	for _, name := range []string{"photoroom", "goopter"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := customer(t, 100)
			refused := ask(t, "POST", "/v1/generations", local.AppKey, order(alice, object{"mode": "own_key"}), "Idempotency-Key", unique("key"))
			require.Equal(t, []any{400, "invalid_request", "mode"}, []any{refused.status, refused.body["code"], refused.body["field"]})
			paid := start(t, alice)
			cost := object{"provider": "google", "currency": "USD", "micros": 1}
			charged := ask(t, "POST", "/v1/generations/"+paid+"/result", local.AppKey, with(success(), object{"cost": cost}))
			require.Equal(t, []any{400, "cost"}, []any{charged.status, charged.body["field"]})
			require.NotContains(t, asApp(t, "GET", "/v1/customers/"+alice, nil, 200), "own_key_costs")
		})
	}
}
