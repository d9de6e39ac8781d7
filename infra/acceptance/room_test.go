package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPurchaseIsGrantedAtOnceBesideAsManyFreeLotsAsThereMayBe(t *testing.T) {
	alice := unique("alice")
	gift := func(day int) object {
		return object{
			"customer": alice, "credits": 1, "source": "allowance", "expires_at": time.Now().Add(time.Duration(day) * 24 * time.Hour).UTC().Format(time.RFC3339),
		}
	}
	for day := range 40 {
		asApp(t, "POST", "/v1/grants", gift(day+1), 201)
	}
	require.Equal(t, "too_many_lots", asApp(t, "POST", "/v1/grants", gift(41), 409)["code"])
	payments := []string{unique("pi"), unique("pi"), unique("pi"), unique("pi")}
	for n, payment := range payments {
		require.Equal(t, 200, tell(t, session(alice, payment)).status)
		wantBalance(t, alice, balance{available: float64(40 + 100*(n+1))})
		require.Equal(t, "granted", asStaff(t, "GET", "/v1/payments/"+payment, nil, 200)["state"])
		require.Equal(t, "too_many_lots", asApp(t, "POST", "/v1/grants", gift(50+n), 409)["code"], "what is free finds no more room by it")
	}
	require.Equal(t, 200, tell(t, refunded(payments[3], 1000)).status)
	wantBalance(t, alice, balance{available: 340})
}

func TestAPurchaseThatFoundNoRoomIsGrantedWhenRoomComes(t *testing.T) {
	t.Parallel()
	alice, payment := unique("alice"), unique("pi")
	for range 1000 { // as much as a wallet holds
		asApp(t, "POST", "/v1/grants", object{"customer": alice, "credits": 1_000_000_000_000, "source": "allowance"}, 201)
	}
	require.Equal(t, 200, tell(t, session(alice, payment)).status)
	require.Equal(t, "wallet_full", asStaff(t, "GET", "/v1/payments/"+payment, nil, 200)["waits"])
	for range 4 {
		start(t, alice, object{"outputs": 8}) // 32 credits each
	}
	soon(t, "it is granted by the sweep", func() bool {
		overdue(t, "PaymentsTable", "room", map[string]string{"pk": payment})
		sweep(t)
		return asStaff(t, "GET", "/v1/payments/"+payment, nil, 200)["state"] == "granted"
	})
}
