package acceptance_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/shared/provider/standard"
)

// tellStandard posts a signed message as the app's adapter of another provider would.
func tellStandard(t *testing.T, kind string, data object) answer {
	t.Helper()
	raw, err := json.Marshal(object{"type": kind, "timestamp": now(), "data": data})
	require.NoError(t, err)
	id, at := unique("msg"), time.Now()
	signature, err := standard.Sign(sandbox.StandardSecret, id, at, raw)
	require.NoError(t, err)
	return ask(t, "POST", "/webhooks/standard", "", raw, standard.HeaderID, id,
		standard.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10), standard.HeaderSignature, signature)
}

// said returns Stripe's event that a refund or a dispute of the payment has a status.
func said(kind, id, payment, status string, at time.Time) []byte {
	return event(kind, object{
		"id": id, "object": "refund", "amount": 1000, "currency": "usd", "payment_intent": payment, "status": status, "created": at.Unix(),
	})
}

func TestNoProvidersEventMovesAnothersPayment(t *testing.T) {
	usd := object{"currency": "USD", "minor": 1000}
	for name, data := range map[string]object{
		"payment.refunded": {"refund": object{"id": "rf_1", "amount": usd, "status": "succeeded"}},
		"payment.disputed": {"dispute": object{"id": "dp_1", "amount": usd, "status": "lost"}},
		"payment.paid":     {"customer": unique("mallory"), "package": shops[policy].bundle},
	} {
		t.Run(name, func(t *testing.T) {
			alice := unique("alice")
			payment := purchase(t, alice, time.Now())
			require.Equal(t, 200, tellStandard(t, name, with(object{"payment": payment, "amount": usd}, data)).status)
			require.Equal(t, "other_provider", onRecord(t, payment)["waits"])
			wantBalance(t, alice, kept(0))
			require.NotNil(t, waitingPayment(t, "parked", payment))
			require.Equal(t, "stripe", onRecord(t, payment)["provider"])
			require.Equal(t, "standard", onRecord(t, payment)["others"].([]any)[0].(object)["provider"])

			first := unique("pi")
			bob := unique("bob")
			if name != "payment.paid" {
				require.Equal(t, 200, tellStandard(t, name, with(object{"payment": first, "amount": usd}, data)).status, "it comes before the purchase")
				require.Equal(t, 200, tell(t, session(bob, first)).status)
				wantBalance(t, bob, kept(0))
				require.Equal(t, "other_provider", onRecord(t, first)["waits"])
			}
		})
	}
}

func TestAStatusThatIsNotKnownMovesNothingAndWaitsForStaffUntilAKnownOneFollows(t *testing.T) {
	for kind, known := range map[string]string{"refund.updated": "failed", "charge.dispute.updated": "won"} {
		t.Run(kind, func(t *testing.T) {
			alice := unique("alice")
			payment := purchase(t, alice, time.Now())
			id := unique("re")
			require.Equal(t, 200, tell(t, said(kind, id, payment, "half_done", time.Now().Add(-5*time.Second))).status)
			require.Equal(t, "unknown_status", onRecord(t, payment)["waits"])
			require.NotNil(t, waitingPayment(t, "parked", payment))
			require.Contains(t, fmt.Sprint(onRecord(t, payment)), "half_done", "staff see the word")
			wantBalance(t, alice, kept(0))
			require.Equal(t, 200, tell(t, said(kind, id, payment, known, time.Now())).status)
			require.Nil(t, onRecord(t, payment)["waits"])
			require.Nil(t, waitingPayment(t, "parked", payment))
			wantBalance(t, alice, kept(0))
		})
	}
	t.Run("payment", func(t *testing.T) {
		alice, payment := unique("alice"), unique("pi")
		require.Equal(t, 200, tell(t, session(alice, payment, object{"payment_status": "half_done"})).status)
		require.Equal(t, "unknown_status", waitingPayment(t, "parked", payment)["waits"])
		wantBalance(t, alice, balance{})
		require.Equal(t, 200, tell(t, session(alice, payment)).status)
		require.Nil(t, waitingPayment(t, "parked", payment))
		wantBalance(t, alice, kept(0))
	})
	t.Run("standard", func(t *testing.T) {
		bob, payment := unique("bob"), unique("pay")
		usd := object{"currency": "USD", "minor": 1000}
		require.Equal(t, 200, tellStandard(t, "payment.paid", object{"payment": payment, "customer": bob, "package": shops[policy].bundle, "amount": usd}).status)
		back := object{"payment": payment, "refund": object{"id": "rf_1", "amount": usd, "status": "half_done"}}
		require.Equal(t, 200, tellStandard(t, "payment.refunded", back).status)
		require.Equal(t, "unknown_status", waitingPayment(t, "parked", payment)["waits"])
		wantBalance(t, bob, kept(0))
		back["refund"].(object)["status"] = "succeeded"
		require.Equal(t, 200, tellStandard(t, "payment.refunded", back).status)
		require.Nil(t, waitingPayment(t, "parked", payment))
		wantBalance(t, bob, balance{})
	})
}

func TestAWordThatStaffDidNotSeeComesUpAgain(t *testing.T) {
	alice, id := unique("alice"), unique("re")
	payment := purchase(t, alice, time.Now())
	looks := func(reason string) {
		require.Equal(t, reason, onRecord(t, payment)["waits"])
		require.NotNil(t, waitingPayment(t, "parked", payment))
		require.Equal(t, 200, settles(t, payment, object{"action": "ignore", "waits": reason}, unique("key")).status)
		require.Nil(t, onRecord(t, payment)["waits"])
		require.Nil(t, waitingPayment(t, "parked", payment))
	}
	word := func(status string, ago time.Duration) {
		require.Equal(t, 200, tell(t, said("refund.updated", id, payment, status, time.Now().Add(-ago))).status)
	}
	word("half_done", 9*time.Second)
	looks("unknown_status")
	word("half_done", 7*time.Second)
	require.Nil(t, onRecord(t, payment)["waits"], "the same word is settled")
	word("three_quarters_done", 5*time.Second)
	looks("unknown_status")

	foreign := func(id string) {
		back := object{"id": id, "amount": object{"currency": "USD", "minor": 1000}, "status": "succeeded"}
		require.Equal(t, 200, tellStandard(t, "payment.refunded", object{"payment": payment, "refund": back}).status)
	}
	foreign("rf_1")
	looks("other_provider")
	foreign("rf_1")
	require.Nil(t, onRecord(t, payment)["waits"], "the same word is settled")
	foreign("rf_2")
	looks("other_provider")
	wantBalance(t, alice, kept(0))
}
