package view_test

import (
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api/view"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

func shownMoney(minor float64) map[string]any {
	return map[string]any{"currency": "USD", "minor": minor}
}

// given is a purchase of which one case gave money back that the provider paid, another gave
// credits, and a bank held some for a while.
func given() payment.Payment {
	test := false
	return payment.Payment{
		ID: "pi_2", Provider: "stripe", State: payment.StateGranted, GrantedAt: noon.Add(time.Second),
		Purchase: &payment.Purchase{
			Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 400, Status: payment.StatusPaid, Livemode: &test, OrderedAt: noon, PaidAt: noon,
		},
		Refunds: map[string]payment.Refund{
			"re_2": {Amount: usd(100), Status: payment.RefundSucceeded, Case: "cas_money"},
			"re_1": {Amount: money.Amount{Minor: 40}, Status: payment.RefundFailed},
		},
		Disputes: map[string]payment.Dispute{"dp_1": {Amount: usd(400), Status: payment.DisputeWon}},
		Promised: map[string]payment.Promise{
			"cas_money":   {Minor: 100, Credits: 12, Money: true, Attempts: 1},
			"cas_credits": {Minor: 40},
			"cas_failed":  {Minor: 60, Credits: 5, Money: true, Attempts: 1, GivenUp: 1, Note: "the provider refused the refund"},
		},
		DuplicateOf: []payment.ID{"pi_1"},
		Clawback: ledger.Clawback{
			Lot: ledger.Lot{ID: "lot_1"}, Granted: 50, OwnLot: 8, Owed: 4, DebtPaid: []ledger.Draw{{Credits: 1}},
		},
	}
}

func TestAPaymentIsShownWithAllThatIsHeardAndPromised(t *testing.T) {
	require.Equal(t, map[string]any{
		"id": "pi_2", "provider": "stripe", "state": "granted", "customer": "alice", "granted_at": "2026-03-01T12:00:01.000Z", "lot": "lot_1",
		"granted": 50.0, "taken": 12.0, "owed": 3.0,
		"purchase": map[string]any{
			"package": "starter", "subtotal": shownMoney(500), "paid": shownMoney(400), "status": "paid", "livemode": false,
			"ordered_at": "2026-03-01T12:00:00Z", "paid_at": "2026-03-01T12:00:00Z",
		},
		"refunds": []any{
			map[string]any{"id": "re_1", "amount": shownMoney(40), "status": "failed"},
			map[string]any{"id": "re_2", "amount": shownMoney(100), "status": "succeeded", "case": "cas_money"},
		},
		"disputes": []any{map[string]any{"id": "dp_1", "amount": shownMoney(400), "status": "won"}},
		"promised": []any{
			map[string]any{"case": "cas_credits", "amount": shownMoney(40), "credits": 0.0, "money": false},
			map[string]any{
				"case": "cas_failed", "amount": shownMoney(60), "credits": 5.0, "money": true, "progress": "failed",
				"note": "the provider refused the refund",
			},
			map[string]any{"case": "cas_money", "amount": shownMoney(100), "credits": 12.0, "money": true, "progress": "paid"},
		},
		"gone_back": shownMoney(140), "resolutions": []any{}, "repeats": []any{"pi_1"},
	}, shown(t, view.Payment(given())))
}

func TestAPaymentThatWaitsSaysWhyAndSinceWhenAndThenWhatWasDecided(t *testing.T) {
	waits := payment.Payment{
		ID: "pi_1", Provider: "stripe", State: payment.StateParked, Parked: payment.ReasonWrongAmount, WaitsSince: noon.Add(time.Minute),
		Purchase: &payment.Purchase{Package: "starter", Subtotal: usd(1), Paid: 1, Status: payment.StatusPaid, OrderedAt: noon, PaidAt: noon},
	}
	got := shown(t, view.Payment(waits))
	assert.Equal(t, []any{"parked", "wrong_amount", "2026-03-01T12:01:00.000Z"}, []any{got["state"], got["waits"], got["waits_since"]})
	assert.Empty(t, got["resolutions"])
	assert.NotContains(t, got, "gone_back")
	assert.NotContains(t, got, "customer")

	waits.WaitsSince = time.Time{}
	waits.Resolutions = []payment.Resolution{{
		Action: payment.ActionIgnore, Reason: payment.ReasonWrongAmount, Note: "a test", By: "ann", At: noon.Add(time.Hour), Key: "k", Input: "i",
	}}
	got = shown(t, view.Payment(waits))
	assert.NotContains(t, got, "waits")
	assert.NotContains(t, got, "waits_since")
	assert.Equal(t, map[string]any{"action": "ignore", "reason": "wrong_amount", "note": "a test", "by": "ann", "at": "2026-03-01T13:00:00.000Z"},
		got["resolutions"].([]any)[0], "hashes are not shown")

	waits.Resolutions = append(waits.Resolutions, payment.Resolution{
		Action: payment.ActionGrant, Reason: payment.ReasonNoCustomer, Note: "n", Customer: "alice", Package: "pro", At: noon, Undone: true,
	})
	assert.Equal(t, map[string]any{
		"action": "grant", "reason": "no_customer", "note": "n", "customer": "alice", "package": "pro", "at": "2026-03-01T12:00:00.000Z", "undone": true,
	}, shown(t, view.Payment(waits))["resolutions"].([]any)[1])
}

func TestMoneyThatWentBackBeforeItsPurchaseIsShownAsItWasHeard(t *testing.T) {
	early := payment.Payment{
		ID: "pi_1", Provider: "stripe", State: payment.StatePending,
		Refunds: map[string]payment.Refund{"re_1": {Amount: usd(100), Status: payment.RefundPending}},
	}
	require.Equal(t, map[string]any{
		"id": "pi_1", "provider": "stripe", "state": "pending", "granted": 0.0, "taken": 0.0, "owed": 0.0,
		"refunds":  []any{map[string]any{"id": "re_1", "amount": shownMoney(100), "status": "pending"}},
		"disputes": []any{}, "promised": []any{}, "repeats": []any{}, "resolutions": []any{},
	}, shown(t, view.Payment(early)))
}

func TestWhatIsShownOfAPaymentIsAsTheContractSays(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromFile("../openapi.yaml")
	require.NoError(t, err)
	schema := doc.Components.Schemas["Payment"].Value
	for state, p := range map[string]payment.Payment{
		"given":  given(),
		"early":  {ID: "pi_1", Provider: "standard", State: payment.StatePending},
		"parked": {ID: "pi_1", Provider: "stripe", State: payment.StateParked, Parked: payment.ReasonNoPaymentRequired, WaitsSince: noon, Purchase: &payment.Purchase{}},
	} {
		got := shown(t, view.Payment(p))
		require.NoError(t, schema.VisitJSON(got), state)
		for field := range got {
			require.Contains(t, schema.Properties, field, state)
		}
	}
}
