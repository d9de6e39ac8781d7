package stack_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/infra/makegood/stack"
	"makegood/shared/api/view"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// somePayment is one with refunds, disputes and promises of every sort.
func somePayment() *rapid.Generator[payment.Payment] {
	return rapid.Custom(func(t *rapid.T) payment.Payment {
		usd := func(name string) money.Amount {
			return money.Amount{Currency: "USD", Minor: rapid.Int64Range(0, 600).Draw(t, name)}
		}
		cases := rapid.SampledFrom([]string{"", "cas_1", "cas_2"})
		p := payment.Payment{
			ID: "pi_1", Provider: "stripe", State: payment.StateGranted, GrantedAt: noon,
			Purchase: &payment.Purchase{Customer: "alice", Package: "starter", Subtotal: money.Amount{Currency: "USD", Minor: 500}, Paid: 500, Status: payment.StatusPaid, OrderedAt: noon, PaidAt: noon},
			Clawback: ledger.Clawback{Payment: "pi_1", Granted: 50, OwnLot: ledger.Credits(rapid.Int64Range(0, 50).Draw(t, "taken"))},
			Refunds:  map[string]payment.Refund{}, Disputes: map[string]payment.Dispute{}, Promised: map[string]payment.Promise{},
		}
		for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"re_1", "re_2", "re_3"}), rapid.ID).Draw(t, "refunds") {
			p.Refunds[id] = payment.Refund{Amount: usd(id), Status: rapid.SampledFrom([]payment.RefundStatus{
				payment.RefundPending, payment.RefundSucceeded, payment.RefundFailed, payment.RefundCanceled,
			}).Draw(t, "status"), Case: cases.Draw(t, "case")}
		}
		for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"dp_1", "dp_2"}), rapid.ID).Draw(t, "disputes") {
			p.Disputes[id] = payment.Dispute{Amount: usd(id), Status: rapid.SampledFrom([]payment.DisputeStatus{
				payment.DisputeInquiryOpen, payment.DisputeOpen, payment.DisputeLost, payment.DisputeWon,
			}).Draw(t, "status")}
		}
		for _, id := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"cas_1", "cas_2"}), rapid.ID).Draw(t, "promises") {
			p.Promised[id] = payment.Promise{
				Minor: usd(id).Minor, Credits: ledger.Credits(rapid.Int64Range(0, 50).Draw(t, "credits")), Money: rapid.Bool().Draw(t, "money"),
				Attempts: rapid.IntRange(0, 3).Draw(t, "attempts"), GivenUp: rapid.IntRange(0, 2).Draw(t, "given up"),
			}
		}
		return p
	})
}

func TestAPaymentIsReadAsItIsRecorded(t *testing.T) {
	var shown payment.Payment
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(view.Payment(shown))
	}))
	t.Cleanup(server.Close)
	client, err := stack.Open(server.URL, "mk_test")
	require.NoError(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		shown = somePayment().Draw(rt, "payment")
		read, err := client.Payment(t.Context(), shown.ID)
		require.NoError(rt, err)
		require.Equal(rt, shown.Purchase, read.Purchase)
		require.Equal(rt, shown.Refunds, read.Refunds)
		require.Equal(rt, shown.Disputes, read.Disputes)
		require.Equal(rt, payment.Target(shown), payment.Target(read.Payment))
		require.Equal(rt, shown.Clawback.Total(), read.Clawback.Total())
		require.Equal(rt, shown.Due(), read.Due())
		require.Equal(rt, shown.RefundTotal(), read.RefundTotal())
		require.Equal(rt, shown.Waits(), read.Waiting)
		for caseID := range shown.Promised {
			require.Equal(rt, shown.Progress(caseID), read.Progress(caseID))
		}
	})
}

func TestACustomersIDIsEscapedWholeInAPath(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.RequestURI)
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(server.Close)
	client, err := stack.Open(server.URL, "mk_test")
	require.NoError(t, err)
	for _, customer := range []string{"auth0|5f", "a+b@example.com", "$a=", ".", ".."} {
		_, err := client.Cases(t.Context(), customer)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"/v1/customers/auth0%7C5f/cases", "/v1/customers/a%2Bb%40example.com/cases", "/v1/customers/%24a%3D/cases"}, asked)
}

func TestWhomACheckoutNamedIsRead(t *testing.T) {
	bought := payment.Purchase{Named: "Alice / 42", Package: "starter", Subtotal: money.Amount{Currency: "USD", Minor: 500}, Status: payment.StatusPaid, OrderedAt: noon, PaidAt: noon}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(view.Payment(payment.Payment{ID: "pi_1", State: payment.StateParked, Parked: payment.ReasonNoCustomer, Purchase: &bought}))
	}))
	t.Cleanup(server.Close)
	client, err := stack.Open(server.URL, "mk_test")
	require.NoError(t, err)
	read, err := client.Payment(t.Context(), "pi_1")
	require.NoError(t, err)
	require.Equal(t, &bought, read.Purchase)
}
