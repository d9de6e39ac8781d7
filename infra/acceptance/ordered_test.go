package acceptance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// debit returns Stripe's two events of a slow debit: its session, ordered so long ago and unpaid, and the one by which the money came now.
func debit(alice, payment string, ago time.Duration) (unpaid, settled []byte) {
	at := time.Now().Add(-ago)
	unpaid = session(alice, payment, object{"payment_status": "unpaid", "created": at.Unix()})
	paid := string(session(alice, payment, object{"created": at.Unix()}))
	paid = strings.Replace(paid, "checkout.session.completed", "checkout.session.async_payment_succeeded", 1)
	return unpaid, []byte(paid)
}

func TestDoubleChargesGoByWhenTheyWereOrdered(t *testing.T) {
	under(t, "goopter")
	orders(2, func(order []int) {
		alice, slow, card, other := unique("alice"), unique("pi"), unique("pi"), unique("pi")
		unpaid, settled := debit(alice, slow, 72*time.Hour)
		_, both := debit(alice, other, 144*time.Hour) // settles with it
		events := [][]byte{unpaid, session(alice, card, object{"created": time.Now().Add(-72*time.Hour + 5*time.Minute).Unix()})}
		for _, i := range order {
			require.Equal(t, 200, tell(t, events[i]).status)
		}
		require.Equal(t, 200, tell(t, settled).status)
		require.Equal(t, 200, tell(t, both).status)
		require.Equal(t, []any{slow}, onRecord(t, card)["repeats"], "a card five minutes after a slow debit")
		require.NotNil(t, waitingPayment(t, "repeated", card))
		require.Empty(t, onRecord(t, slow)["repeats"])
		require.Empty(t, onRecord(t, other)["repeats"], "two debits that were ordered days apart")
		require.Nil(t, waitingPayment(t, "repeated", other))
		require.Equal(t, []any{card}, onRecord(t, slow)["repeated_by"])
	})
}

func TestBoughtTwiceWithinTheHourIsForAPersonAndBothAreShown(t *testing.T) {
	for name, clause := range doubleCharges {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := unique("alice")
			first := purchase(t, alice, time.Now().Add(-time.Hour))
			second := purchase(t, alice, time.Now().Add(-2*time.Minute))
			require.Nil(t, waitingPayment(t, "repeated", second), "people do buy twice")
			require.Equal(t, []any{first}, onRecord(t, second)["repeats"])
			decided(t, request(t, "duplicate_charge", alice, second), "in_review", clause)
			decided(t, request(t, "duplicate_charge", alice, first), "in_review", clause)
			wantBalance(t, alice, balance{available: 2 * kept(0).available})
			require.Empty(t, stack.Provider.Refunds(second))
		})
	}
}

func TestThePolicySaysWithinWhichSpansASecondChargeIsADoubleOne(t *testing.T) {
	require.Equal(t, object{"same": "10m", "look": "24h", "auto": false}, asApp(t, "GET", "/v1/policy", nil, 200)["duplicates"])
}
