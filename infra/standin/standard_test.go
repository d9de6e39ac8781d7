package standin_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider/standard"
)

// adapter is the gateway that functions ask the adapter with, pointed at the stand-in.
func (d *desk) adapter(secret string) standard.Gateway {
	return standard.OpenGateway(func(context.Context) ([]string, error) { return []string{secret}, nil }, d.URL+"/standard")
}

// paid has the stack hear of a payment at the standard door.
func (d *desk) paid(id string) {
	d.t.Helper()
	require.NoError(d.t, d.Plant([]byte(fmt.Sprintf(`{"type":"payment.paid","timestamp":"%s","data":{"payment":"%s","customer":"alice",
		"package":"starter","amount":{"currency":"usd","minor":500}}}`, time.Now().UTC().Format(time.RFC3339), id))))
	d.payments = append(d.payments, id)
}

func order(id, key string, minor int64) payment.RefundOrder {
	return payment.RefundOrder{Payment: payment.ID(id), Amount: money.Amount{Currency: "USD", Minor: minor}, Case: "cas_" + key, Key: key}
}

func TestTheAdapterRefundsOnceAndTellsTheStack(t *testing.T) {
	d := open(t)
	d.paid("pay_1")
	first, err := d.adapter(standardSecret).Refund(t.Context(), order("pay_1", "k", 200))
	require.NoError(t, err)
	assert.Equal(t, &payment.Refund{Amount: money.Amount{Currency: "USD", Minor: 200}, Status: payment.RefundSucceeded, Case: "cas_k"}, first.Refund)
	second, err := d.adapter(standardSecret).Refund(t.Context(), order("pay_1", "k", 200))
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.EqualValues(t, 200, d.RefundedMinor("pay_1"))
	told := d.told()
	require.Len(t, told, 1)
	assert.Equal(t, "payment.refunded", told[0].Type)
	assert.Equal(t, first.RefundID, told[0].Facts.RefundID)
	assert.Equal(t, first.Refund, told[0].Facts.Refund)
}

func TestTheAdapterTellsAllOfAPayment(t *testing.T) {
	d := open(t)
	d.paid("pay_1")
	_, err := d.DashboardRefund("pay_1", 100)
	require.NoError(t, err)
	assert.Len(t, d.told(), 1)
	_, err = d.Dispute("pay_1", 0, "won")
	require.NoError(t, err)
	found, err := d.adapter(standardSecret).Look(t.Context(), "pay_1")
	require.NoError(t, err)
	require.Len(t, found, 3)
	assert.EqualValues(t, "alice", found[0].Purchase.Customer)
	assert.EqualValues(t, 100, found[1].Refund.Amount.Minor)
	assert.Equal(t, payment.DisputeWon, found[2].Dispute.Status)
	assert.Equal(t, []string{"payment.refunded", "payment.disputed", "payment.disputed"}, d.kinds(), "opened and closed")

	none, err := d.adapter(standardSecret).Look(t.Context(), "pay_none")
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestTheAdapterListsItsEventsInPages(t *testing.T) {
	d := open(t)
	for n := range 101 {
		d.paid(fmt.Sprint("pay_", n))
	}
	first, err := d.adapter(standardSecret).List(t.Context(), time.Now().Add(-time.Hour), "")
	require.NoError(t, err)
	assert.Len(t, first.Facts, 100)
	rest, err := d.adapter(standardSecret).List(t.Context(), time.Now().Add(-time.Hour), first.Next)
	require.NoError(t, err)
	assert.Len(t, rest.Facts, 1)
	assert.Empty(t, rest.Next)
	none, err := d.adapter(standardSecret).List(t.Context(), time.Now().Add(time.Hour), "")
	require.NoError(t, err)
	assert.Empty(t, none.Facts)
}

func TestTheAdapterRefusesInItsOwnWords(t *testing.T) {
	d := open(t)
	d.paid("pay_1")
	d.paid("pay_2")
	refused := func(minor int64, id, key, code string) {
		t.Helper()
		_, err := d.adapter(standardSecret).Refund(t.Context(), order(id, key, minor))
		require.Error(t, err)
		assert.Equal(t, fault.KindConflict, fault.KindOf(err), err)
		assert.Equal(t, code, fault.CodeOf(err), err)
	}
	_, err := d.Dispute("pay_2", 0, "lost")
	require.NoError(t, err)
	refused(1, "pay_2", "a", payment.CodeDisputed)
	refused(501, "pay_1", "b", payment.CodeRefused)
	refused(1, "pay_none", "c", payment.CodeRefused)
	_, err = d.DashboardRefund("pay_1", 0)
	require.NoError(t, err)
	refused(1, "pay_1", "d", payment.CodeAlreadyRefunded)
	d.paid("pay_3")
	d.fault(standin.Fault{Kind: standin.FaultServerErrorSaved})
	_, err = d.adapter(standardSecret).Refund(t.Context(), order("pay_3", "e", 1))
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	refused(1, "pay_3", "e", payment.CodeKeySpent)
	d.fault(standin.Fault{Kind: standin.FaultThrottled})
	_, err = d.adapter(standardSecret).Refund(t.Context(), order("pay_3", "f", 1))
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestTheAdapterAnswersOnlyWhoSignsWithTheSecret(t *testing.T) {
	d := open(t)
	d.paid("pay_1")
	_, err := d.adapter("whsec_"+strings.Repeat("A", 43)+"=").Look(t.Context(), "pay_1")
	assert.Error(t, err)
	for _, path := range []string{"/standard/payments/pay_1", "/standard/events"} {
		a := must(d.askWith(http.MethodGet, path, nil))(t)
		assert.Equal(t, http.StatusUnauthorized, a.status, path)
	}
	a := must(d.askWith(http.MethodPost, "/standard/refunds", strings.NewReader(`{"payment":"pay_1"}`)))(t)
	assert.Equal(t, http.StatusUnauthorized, a.status)
	assert.Empty(t, d.Refunds("pay_1"))
}

func TestAKeyOfOneDoorIsFreeAtTheOther(t *testing.T) {
	d := open(t)
	d.paid("pay_1")
	d.bought("pi_1")
	assert.Equal(t, http.StatusOK, must(d.refund("pi_1", 1, "k"))(t).status)
	_, err := d.adapter(standardSecret).Refund(t.Context(), order("pay_1", "k", 1))
	assert.NoError(t, err)
}

func TestAPaymentOfOneDoorIsNotShownAtTheOther(t *testing.T) {
	d := open(t)
	d.paid("pay_1")
	d.bought("pi_1")
	assert.Equal(t, "resource_missing", must(d.refund("pay_1", 1, "k"))(t).code())
	for _, id := range []string{"pi_1", "pay_1"} {
		_, err := d.DashboardRefund(id, 1)
		require.NoError(t, err)
	}
	found, err := d.adapter(standardSecret).Look(t.Context(), "pi_1")
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Len(t, must(d.ask(http.MethodGet, "/v1/refunds", nil))(t).body["data"], 1)
}
