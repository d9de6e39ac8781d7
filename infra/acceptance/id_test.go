package acceptance_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// escaped returns an id as a part of a path, with everything escaped that may be.
func escaped(id string) string { return url.QueryEscape(id) }

func TestCustomersOfEveryKindOfSignInHaveWalletsThatPathsReach(t *testing.T) {
	for _, form := range []string{"auth0|%s", "%s+news@example.com", "%s==", "$%s", "%s.", strings.Repeat("x", 150) + "-%s"} {
		alice := strings.Replace(form, "%s", unique("alice"), 1)
		alice += strings.Repeat("x", min(200-len(alice), 200*strings.Count(form, "xxx")))
		require.Equal(t, 200, tell(t, session(alice, unique("pi"))).status, alice)
		require.Equal(t, 201, ask(t, "POST", "/v1/grants", local.AppKey, object{"customer": alice, "credits": 5, "source": "promotion"},
			"Idempotency-Key", unique("key")).status, alice)
		hers := token(t, alice)
		for _, path := range []string{escaped(alice), url.PathEscape(alice)} {
			read := ask(t, "GET", "/v1/customers/"+path, hers, nil)
			require.Equal(t, 200, read.status, path)
			require.Equal(t, 105.0, read.body["balance"].(object)["available"], read.body)
			require.Len(t, asApp(t, "GET", "/v1/customers/"+path+"/statement", nil, 200)["entries"], 2, path)
		}
		id := start(t, alice)
		require.Equal(t, alice, generation(t, id)["customer"])
		path := "/v1/customers/" + escaped(alice) + "/standing"
		asStaff(t, "PUT", path, object{"standing": "restricted", "note": "seen"}, 200)
		require.Equal(t, "restricted", asStaff(t, "GET", path, nil, 200)["standing"])
	}
	for _, none := range []string{"a/b", "a?b", "a#b", "a%2Fb", "a b", ".", "..", "...", strings.Repeat("x", 201)} {
		refused := ask(t, "POST", "/v1/sessions", local.AppKey, object{"customer": none})
		require.Equal(t, []any{400, "customer"}, []any{refused.status, refused.body["field"]}, none)
	}
}

func TestAPaymentThatNoPathReachesIsRefusedWhereItIsNamed(t *testing.T) {
	alice := unique("alice")
	for _, none := range []string{"pi/1", "pi?1", "pi#1", "pi%41", ".", "..", "..."} {
		got := tell(t, session(alice, none))
		assert.Equal(t, []any{400, "payment"}, []any{got.status, got.body["field"]}, none)
		claimed := ask(t, "POST", "/v1/refund-requests", local.AppKey, claim("outage", alice, none), "Idempotency-Key", unique("key"))
		assert.Equal(t, []any{400, "payment"}, []any{claimed.status, claimed.body["field"]}, none)
	}
	odd := unique("pi") + `|+=$~"<>^[]{}\;,:@&!*'()` + "`"
	require.Equal(t, 200, tell(t, session(alice, odd)).status)
	require.Equal(t, odd, asStaff(t, "GET", "/v1/payments/"+escaped(odd), nil, 200)["id"])
}

func TestStaffSeeWhomACheckoutNamedEvenWhereThatIsNoCustomer(t *testing.T) {
	payment := unique("pi")
	require.Equal(t, 200, tell(t, session("Alice / 42\u0000", payment)).status)
	shown := waitingPayment(t, "parked", payment)
	require.Equal(t, []any{"no_customer", "Alice / 42\ufffd", nil}, []any{shown["waits"], shown["named"], shown["customer"]})
	require.Equal(t, "Alice / 42\ufffd", onRecord(t, payment)["named"])
}
