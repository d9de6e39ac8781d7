package acceptance_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// connected returns the event as one of a connected account of Stripe Connect.
func connected(event []byte) []byte {
	return bytes.Replace(event, []byte(`"object":"event"`), []byte(`"object":"event","account":"acct_mallory"`), 1)
}

func TestTheOwnerOfAConnectedAccountGrantsAndTakesNothing(t *testing.T) {
	mallory, alice := unique("mallory"), unique("alice")
	theirs, listed := unique("pi"), unique("pi")
	bought := connected(session(mallory, theirs))
	require.Contains(t, string(bought), "acct_mallory")
	require.Equal(t, 200, tell(t, bought).status, "it is acknowledged, so that it is not sent again")
	later := []byte(strings.Replace(string(bought), "checkout.session.completed", "checkout.session.async_payment_succeeded", 1))
	require.Equal(t, 200, tell(t, later).status)
	wantBalance(t, mallory, balance{})
	require.Equal(t, 404, ask(t, "GET", "/v1/payments/"+theirs, local.OperatorKey, nil).status)

	hers := purchase(t, alice, time.Now())
	about := object{"id": unique("dp"), "object": "dispute", "amount": 1000, "currency": "usd", "payment_intent": hers, "status": "lost"}
	for _, event := range [][]byte{refunded(hers, 1000), event("charge.dispute.created", about), event("charge.dispute.closed", about)} {
		require.Equal(t, 200, tell(t, connected(event)).status)
	}
	wantBalance(t, alice, balance{available: 100})

	require.NoError(t, stack.Provider.Plant(connected(session(mallory, listed))))
	bob := unique("bob")
	planted(t, bob)
	time.Sleep(1100 * time.Millisecond) // the list is read once a second
	sweep(t)
	wantBalance(t, bob, balance{available: 100})
	wantBalance(t, mallory, balance{})
}

func TestAmountsOfACurrencyThatStripeCountsInHundredthsAreItsWholeUnits(t *testing.T) {
	payment := unique("pi")
	require.Equal(t, 200, tell(t, session(unique("alice"), payment, object{"currency": "isk", "amount_subtotal": 50000, "amount_total": 50000})).status)
	shown := waitingPayment(t, "parked", payment)
	require.Equal(t, "wrong_currency", shown["waits"])
	bought := shown["purchase"].(object)
	require.Equal(t, object{"currency": "ISK", "minor": 500.0}, bought["paid"], "500 krónur, of which there are no hundredths")
	require.Equal(t, object{"currency": "ISK", "minor": 500.0}, bought["subtotal"])
	resolve(t, payment, object{"action": "refund"}, 200)
	soon(t, "the money goes back", func() bool { return stack.Provider.RefundedMinor(payment) == 50000 })
	soon(t, "its refund is on record", func() bool { return len(onRecord(t, payment)["refunds"].([]any)) == 1 })
	require.Equal(t, object{"currency": "ISK", "minor": 500.0}, onRecord(t, payment)["refunds"].([]any)[0].(object)["amount"])
}

func TestTheConfiguredConnectedAccountSellsAndTheKeysOwnDoesNot(t *testing.T) {
	other, err := local.Start(t.Context(), local.Options{
		Endpoints: street.services, Prefix: fmt.Sprintf("account-%d-", os.Getpid()), ManualSchedules: true, LogDir: t.TempDir(), Log: os.Stderr,
		Policy: policy, Parameters: map[string]string{"StripeAccount": "acct_mallory"},
	})
	require.NoError(t, err)
	defer other.Stop()
	before := stack
	stack = other
	defer func() { stack = before }()

	alice, bob := unique("alice"), unique("bob")
	require.Equal(t, 200, tell(t, connected(session(alice, unique("pi")))).status)
	wantBalance(t, alice, balance{available: 100})
	require.Equal(t, 200, tell(t, session(bob, unique("pi"))).status)
	foreign := bytes.Replace(connected(session(bob, unique("pi"))), []byte("acct_mallory"), []byte("acct_other"), 1)
	require.Equal(t, 200, tell(t, foreign).status)
	wantBalance(t, bob, balance{})
}
