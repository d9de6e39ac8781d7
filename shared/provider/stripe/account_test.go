package stripe_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/stripe"
)

// everyType has one event of each type that says something of a payment.
func everyType() map[string]string {
	back := func(id string) string {
		return `{"id":"` + id + `","amount":200,"amount_refunded":200,"currency":"usd","status":"lost","payment_intent":"pi_1"}`
	}
	all := map[string]string{"charge.refunded": back("ch_1")}
	for _, kind := range []string{"completed", "async_payment_succeeded", "async_payment_failed"} {
		all["checkout.session."+kind] = session
	}
	for _, kind := range []string{"created", "updated", "failed"} {
		all["refund."+kind] = strings.Replace(back("re_1"), "lost", "pending", 1)
	}
	for _, kind := range []string{"created", "updated", "closed", "funds_withdrawn", "funds_reinstated"} {
		all["charge.dispute."+kind] = back("dp_1")
	}
	return all
}

// of puts the account into an event.
func of(account, body string) string {
	if account == "" {
		return body
	}
	return strings.Replace(body, `"object":"event"`, `"object":"event","account":"`+account+`"`, 1)
}

func TestOnlyEventsOfTheAccountThatSellsForUsCount(t *testing.T) {
	for kind, object := range everyType() {
		for _, c := range []struct {
			ours, theirs string
			counts       bool
		}{
			{"", "", true}, {"", "acct_1", false}, {"acct_1", "acct_1", true}, {"acct_1", "acct_2", false}, {"acct_1", "", false},
		} {
			body := of(c.theirs, event(kind, object))
			header := http.Header{}
			header.Set(stripe.Header, stripe.Sign(secret, noon, []byte(body)))
			facts, err := stripe.New(secrets(secret), c.ours).Verify(context.Background(), []byte(body), header, noon)
			if c.counts {
				require.NoError(t, err, "%s %v", kind, c)
				assert.Equal(t, payment.ID("pi_1"), facts.Payment)
				continue
			}
			require.ErrorIs(t, err, provider.ErrIrrelevant, "%s %v", kind, c)
			assert.ErrorContains(t, err, "is of account")
			assert.Zero(t, facts)
		}
	}
}

func TestAnAccountThatCannotBeOneStopsEverythingAndIsNamed(t *testing.T) {
	body := event("checkout.session.completed", session)
	header := http.Header{}
	header.Set(stripe.Header, stripe.Sign(secret, noon, []byte(body)))
	for _, wrong := range []string{"acct_", "1032D82eZvKYlo2C", "acct_1\r\nX: y", "acct_1 2"} {
		_, err := stripe.New(secrets(secret), wrong).Verify(context.Background(), []byte(body), header, noon)
		assert.Equal(t, fault.KindBusy, fault.KindOf(err), wrong)
		assert.ErrorContains(t, err, "STRIPE_ACCOUNT")
		_, err = stripe.OpenGateway(keys, "http://127.0.0.1:1", wrong).Look(t.Context(), "pi_1")
		assert.ErrorContains(t, err, "STRIPE_ACCOUNT")
		assert.Equal(t, fault.KindInternal, fault.KindOf(err), wrong)
	}
}

func TestEveryCallNamesTheAccount(t *testing.T) {
	for account, want := range map[string][]string{"acct_1": {"acct_1"}, "": nil} {
		asked := map[string][]string{}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked[r.Method+" "+r.URL.Path] = r.Header.Values("Stripe-Account")
			_, _ = w.Write([]byte(strings.Replace(paidSession, `{"id":"cs_1"`, `{"data":[`+paidSession+`],"id":"re_1","amount":200,"status":"pending"`, 1)))
		}))
		gateway := stripe.OpenGateway(keys, server.URL, account)
		_, _ = gateway.Look(t.Context(), "pi_1")
		_, _ = gateway.Look(t.Context(), "cs_1")
		_, _ = gateway.List(t.Context(), noon, "")
		_, _ = gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: usd(200), Case: "cas_1", Key: "cas_1"})
		server.Close()
		assert.Len(t, asked, 6, "%v", asked)
		for call, header := range asked {
			assert.Equal(t, want, header, call)
		}
	}
}

func TestAListedEventOfAnotherAccountIsLoggedAndLeftOut(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	for ours, want := range map[string]int{"": 1, "acct_1": 2, "acct_3": 1} {
		listed := []string{
			event("checkout.session.completed", session), of("acct_1", event("checkout.session.completed", session)), of("acct_2", event("checkout.session.completed", session)),
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"object":"list","has_more":false,"data":[` + strings.Join(listed, ",") + `]}`))
		}))
		listing, err := stripe.OpenGateway(keys, server.URL, ours).List(t.Context(), noon, "")
		server.Close()
		require.NoError(t, err)
		assert.Len(t, listing.Facts, want, ours)
		assert.Contains(t, log.String(), "is of account")
	}
}
