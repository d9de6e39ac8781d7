package standin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
	"makegood/shared/payment"
)

func TestARefundByHandIsToldWithTheSumOfAll(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	first, err := d.DashboardRefund("pi_1", 100)
	require.NoError(t, err)
	require.Len(t, d.told(), 2)
	a := must(d.askWith(http.MethodPost, "/_standin/refunds", strings.NewReader(`{"payment":"pi_1","amount":150}`)))(t)
	assert.Equal(t, http.StatusOK, a.status, a.raw)
	told := d.told()
	require.Len(t, told, 4)
	assert.Equal(t, first.ID, told[0].Facts.RefundID)
	assert.Empty(t, told[0].Facts.Refund.Case)
	assert.Equal(t, "charge.refunded", told[3].Type)
	assert.EqualValues(t, 250, told[3].Facts.RefundedInAll)
	_, err = d.DashboardRefund("pi_1", 251)
	assert.Error(t, err)
	_, err = d.DashboardRefund("pi_none", 1)
	assert.Error(t, err)
	rest, err := d.DashboardRefund("pi_1", 0)
	require.NoError(t, err)
	assert.EqualValues(t, 250, rest.Minor, "0 is all that is left")
	a = must(d.askWith(http.MethodPost, "/_standin/refunds/"+rest.ID, strings.NewReader(`{"status":"failed"}`)))(t)
	assert.Equal(t, http.StatusOK, a.status, a.raw)
	assert.EqualValues(t, 250, d.RefundedMinor("pi_1"))
}

func TestADisputeIsToldAsStripeTellsIt(t *testing.T) {
	for name, c := range map[string]struct {
		moves []string
		want  []string
	}{
		"opened and lost":   {[]string{"needs_response", "lost"}, []string{"created needs_response", "funds_withdrawn needs_response", "closed lost"}},
		"opened and won":    {[]string{"needs_response", "won"}, []string{"created needs_response", "funds_withdrawn needs_response", "closed won", "funds_reinstated won"}},
		"reviewed":          {[]string{"needs_response", "under_review"}, []string{"created needs_response", "funds_withdrawn needs_response", "updated under_review"}},
		"an inquiry":        {[]string{"warning_needs_response", "warning_under_review", "warning_closed"}, []string{"created warning_needs_response", "updated warning_under_review", "closed warning_closed"}},
		"an inquiry grows":  {[]string{"warning_needs_response", "needs_response"}, []string{"created warning_needs_response", "updated needs_response", "funds_withdrawn needs_response"}},
		"lost at once":      {[]string{"lost"}, []string{"created needs_response", "funds_withdrawn needs_response", "closed lost"}},
		"won after lost":    {[]string{"lost", "won"}, []string{"created needs_response", "funds_withdrawn needs_response", "closed lost", "closed won", "funds_reinstated won"}},
		"again after a win": {[]string{"won", "needs_response"}, []string{"created needs_response", "funds_withdrawn needs_response", "closed won", "funds_reinstated won", "created needs_response", "funds_withdrawn needs_response"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			d.bought("pi_1")
			for _, status := range c.moves {
				_, err := d.Dispute("pi_1", 0, status)
				require.NoError(t, err)
				require.NotNil(t, d.told())
			}
			got := []string{}
			for _, p := range d.told() {
				require.NotNil(t, p.Facts.Dispute, p.Type)
				assert.Equal(t, payment.ID("pi_1"), p.Facts.Payment)
				assert.EqualValues(t, 500, p.Facts.Dispute.Amount.Minor)
				got = append(got, strings.TrimPrefix(p.Type, "charge.dispute.")+" "+string(p.Facts.Dispute.Status))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestADisputeGoesNoWayBack(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	dispute := func(status string) error {
		_, err := d.Dispute("pi_1", 200, status)
		return err
	}
	require.NoError(t, dispute("under_review"))
	assert.Error(t, dispute("under_review"))
	assert.Error(t, dispute("needs_response"))
	assert.Error(t, dispute("nonsense"))
	require.NoError(t, dispute("lost"))
	assert.Error(t, dispute("under_review"))
	_, err := d.Dispute("pi_none", 0, "needs_response")
	assert.Error(t, err)
	assert.EqualValues(t, 200, d.Disputes("pi_1")[0].Minor)
	a := must(d.askWith(http.MethodPost, "/_standin/disputes", strings.NewReader(`{"payment":"pi_1","status":"won"}`)))(t)
	assert.Equal(t, http.StatusOK, a.status, a.raw)
	assert.Equal(t, "won", d.Disputes("pi_1")[0].Status)
	shown := must(d.ask(http.MethodGet, "/v1/disputes?payment_intent=pi_1", nil))(t).body["data"].([]any)[0].(map[string]any)
	moved := []any{}
	for _, one := range shown["balance_transactions"].([]any) {
		moved = append(moved, one.(map[string]any)["amount"])
	}
	assert.Equal(t, []any{-200.0, 200.0}, moved, "taken, and given back")
}

func TestTheStateShowsBooksCallsAndWhatIsStillToHappen(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	must(d.refund("pi_1", 200, "k"))(t)
	d.told()
	d.fault(standin.Fault{Kind: standin.FaultPending})
	a := must(d.askWith(http.MethodGet, "/_standin/state", nil))(t)
	require.Equal(t, http.StatusOK, a.status)
	assert.Equal(t, []any{map[string]any{
		"id": "pi_1", "provider": "stripe", "customer": "alice", "package": "starter", "currency": "usd", "paid": 500.0, "refunded": 200.0,
	}}, a.body["payments"])
	assert.Len(t, a.body["refunds"], 1)
	assert.Empty(t, a.body["disputes"])
	assert.Equal(t, map[string]any{"pi_1": map[string]any{"refunds": 1.0, "replayed": 0.0, "overlapped": 0.0, "reads": 0.0}}, a.body["calls"])
	assert.Equal(t, map[string]any{"posted": 2.0}, a.body["posts"])
	assert.Len(t, a.body["faults"], 1)
}
