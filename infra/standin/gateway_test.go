package standin_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider/stripe"
)

// gateway is what functions ask Stripe with, pointed at the stand-in.
func (d *desk) gateway(key string) stripe.Gateway {
	return stripe.OpenGateway(func(context.Context) ([]string, error) { return []string{key}, nil }, d.URL, "")
}

func TestOurOwnGatewayLooksRefundsAndLists(t *testing.T) {
	d := open(t)
	d.bought("pi_1")
	made, err := d.gateway(standin.RefundKey).Refund(t.Context(), order("pi_1", "k", 200))
	require.NoError(t, err)
	_, err = d.Dispute("pi_1", 0, "won")
	require.NoError(t, err)
	found, err := d.gateway(standin.ReadKey).Look(t.Context(), "pi_1")
	require.NoError(t, err)
	require.Len(t, found, 3)
	d.told()
	assert.Equal(t, d.posts[0].Facts.Purchase, found[0].Purchase, "a look ends level with the webhook")
	assert.Equal(t, made.Refund, found[1].Refund)
	assert.Equal(t, payment.DisputeWon, found[2].Dispute.Status)

	listing, err := d.gateway(standin.ReadKey).List(t.Context(), time.Now().Add(-time.Hour), "")
	require.NoError(t, err)
	heard := []payment.Facts{}
	for _, p := range d.posts {
		heard = append(heard, p.Facts)
	}
	assert.ElementsMatch(t, heard, listing.Facts, "a listing tells what the webhooks told")

	none, err := d.gateway(standin.ReadKey).Look(t.Context(), "pi_none")
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestOurOwnGatewaySeesEachFaultAsWhatItIs(t *testing.T) {
	for _, c := range []struct {
		fault standin.Fault
		again bool // asked once more under the key
		kind  fault.Kind
		code  string
	}{
		{standin.Fault{Kind: standin.FaultAcceptThenDrop}, false, fault.KindBusy, ""},
		{standin.Fault{Kind: standin.FaultInUse}, false, fault.KindBusy, ""},
		{standin.Fault{Kind: standin.FaultThrottled}, false, fault.KindBusy, ""},
		{standin.Fault{Kind: standin.FaultServerErrorSaved}, false, fault.KindBusy, ""},
		{standin.Fault{Kind: standin.FaultServerErrorSaved}, true, fault.KindConflict, payment.CodeKeySpent},
		{standin.Fault{Kind: standin.FaultRefused}, false, fault.KindConflict, payment.CodeRefused},
	} {
		d := open(t)
		d.bought("pi_1")
		gateway := d.gateway(standin.RefundKey)
		_, err := gateway.Look(t.Context(), "pi_1") // so that the connection is warm: the drop must not be hidden by the client
		require.NoError(t, err)
		d.fault(c.fault)
		wanted := payment.RefundOrder{Payment: "pi_1", Amount: money.Amount{Currency: "USD", Minor: 200}, Case: "cas_k", Key: "k"}
		_, err = gateway.Refund(t.Context(), wanted)
		if c.again {
			_, err = gateway.Refund(t.Context(), wanted)
		}
		require.Error(t, err, c.fault.Kind)
		assert.Equal(t, c.kind, fault.KindOf(err), c.fault.Kind)
		if c.code != "" {
			assert.Equal(t, c.code, fault.CodeOf(err), c.fault.Kind)
		}
	}
}
