package stripe_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider/stripe"
)

// asking returns a gateway whose every request serve answers.
func asking(t *testing.T, serve http.HandlerFunc) stripe.Gateway {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	return stripe.OpenGateway(keys, server.URL, "")
}

// showing returns a gateway over lists of these objects.
func showing(t *testing.T, sessions, refunds, disputes string) stripe.Gateway {
	t.Helper()
	return asking(t, func(w http.ResponseWriter, r *http.Request) {
		list := map[string]string{"/v1/checkout/sessions": sessions, "/v1/refunds": refunds, "/v1/disputes": disputes}[r.URL.Path]
		_, _ = w.Write([]byte(`{"object":"list","has_more":false,"data":[` + list + `]}`))
	})
}

const paidSession = `{"id":"cs_1","mode":"payment","status":"complete","created":1772362800,"livemode":true,"amount_subtotal":500,"amount_total":400,
	"currency":"usd","client_reference_id":"alice","metadata":{"package":"starter"},"payment_intent":"pi_1","payment_status":"paid"}`

func TestPurchaseIsOfWhenItsMoneyWasTaken(t *testing.T) {
	for intent, want := range map[string]time.Time{
		`"pi_1"`: noon.Add(-time.Hour),
		`{"id":"pi_1","latest_charge":{"id":"ch_1","created":1772366400}}`: noon,
		`{"id":"pi_1","latest_charge":"ch_1"}`:                             noon.Add(-time.Hour),
		`{"id":"pi_1","latest_charge":null}`:                               noon.Add(-time.Hour),
	} {
		found, err := showing(t, strings.Replace(paidSession, `"pi_1"`, intent, 1), "", "").Look(t.Context(), "pi_1")
		require.NoError(t, err)
		require.Len(t, found, 1)
		live := true
		assert.Equal(t, payment.Facts{Payment: "pi_1", Provider: "stripe", Livemode: &live, Aliases: []payment.ID{"cs_1"}, Purchase: &payment.Purchase{
			Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 400, Status: payment.StatusPaid, Livemode: &live, OrderedAt: noon.Add(-time.Hour), PaidAt: want,
		}}, found[0], intent)
	}
}

func TestWhatIsNotOursIsNotLookedAtFurther(t *testing.T) {
	for name, session := range map[string]string{
		"none": "", "open": strings.Replace(paidSession, `"complete"`, `"open"`, 1), "expired": strings.Replace(paidSession, `"complete"`, `"expired"`, 1),
		"no package":      strings.Replace(paidSession, `{"package":"starter"}`, `{}`, 1),
		"a subscription":  strings.Replace(paidSession, `"payment"`, `"subscription"`, 1),
		"another payment": strings.Replace(paidSession, `"pi_1"`, `"pi_2"`, 1),
	} {
		refund := `{"id":"re_1","amount":1,"currency":"usd","status":"succeeded","payment_intent":"pi_1"}`
		found, err := showing(t, session, refund, "").Look(t.Context(), "pi_1")
		require.NoError(t, err, name)
		assert.Empty(t, found, name)
	}
}

func TestRefundOrDisputeOfAnotherPaymentIsLeftOut(t *testing.T) {
	found, err := showing(t, paidSession,
		`{"id":"re_1","amount":1,"currency":"usd","status":"succeeded","payment_intent":"pi_2"},{"id":"re_2","amount":1,"currency":"usd","status":"succeeded","payment_intent":null}`,
		`{"id":"dp_1","amount":1,"currency":"usd","status":"lost","payment_intent":"pi_2"}`,
	).Look(t.Context(), "pi_1")
	require.NoError(t, err)
	require.Len(t, found, 2)
	assert.Equal(t, "re_2", found[1].RefundID, "listed by the intent that it does not show")
	assert.Equal(t, payment.ID("pi_1"), found[1].Payment)
}

func TestLookThatShowsWhatCannotBeUnderstoodIsAnError(t *testing.T) {
	for name, gateway := range map[string]stripe.Gateway{
		"a session": showing(t, strings.Replace(paidSession, `"paid"`, `""`, 1), "", ""),
		"a refund":  showing(t, paidSession, `{"id":"re_1","amount":1,"currency":"usd","status":""}`, ""),
		"a dispute": showing(t, paidSession, "", `{"id":"dp_1","amount":"1","status":"lost"}`),
	} {
		found, err := gateway.Look(t.Context(), "pi_1")
		require.Error(t, err, name)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err), name)
		assert.Empty(t, found, name)
	}
}

func TestSessionIsLookedUpByItsOwnID(t *testing.T) {
	paths := map[string]string{
		"/v1/checkout/sessions/cs_1": paidSession,
		"/v1/checkout/sessions/cs_2": strings.Replace(strings.Replace(paidSession, `"pi_1"`, "null", 1), `"cs_1"`, `"cs_2"`, 1),
		"/v1/refunds":                `{"data":[{"id":"re_1","amount":1,"currency":"usd","status":"succeeded","payment_intent":"pi_1"}]}`,
		"/v1/disputes":               `{"data":[]}`,
	}
	var asked []string
	gateway := asking(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.EscapedPath()+" "+r.URL.Query().Get("payment_intent"))
		if body := paths[r.URL.Path]; body != "" {
			_, _ = w.Write([]byte(body))
			return
		}
		fail(w, http.StatusNotFound, "invalid_request_error", "resource_missing")
	})
	found, err := gateway.Look(t.Context(), "cs_1")
	require.NoError(t, err)
	require.Len(t, found, 2)
	assert.Equal(t, []payment.ID{"pi_1", "pi_1"}, []payment.ID{found[0].Payment, found[1].Payment})
	assert.Equal(t, []string{"/v1/checkout/sessions/cs_1 ", "/v1/refunds pi_1", "/v1/disputes pi_1"}, asked)

	found, err = gateway.Look(t.Context(), "cs_2")
	require.NoError(t, err)
	require.Len(t, found, 1, "no money was taken")
	assert.Equal(t, payment.ID("cs_2"), found[0].Payment)
	assert.Len(t, asked, 4)

	found, err = gateway.Look(t.Context(), "cs_../../balance")
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Len(t, asked, 4, "what no path holds is no payment's id")
	_, err = gateway.Look(t.Context(), "cs_;..")
	require.NoError(t, err)
	assert.Equal(t, "/v1/checkout/sessions/cs_%3B.. ", asked[4])
}

func TestSessionIsNotAskedForByACallerWhoIsGone(t *testing.T) {
	gateway := asking(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := gateway.Look(ctx, "cs_1")
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestRefundDoesNotSayItsMode(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"re_1","amount":200,"currency":"usd","status":null,"metadata":{"case":"cas_1"}}`))
	})
	_, err := gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: usd(200), Case: "cas_1", Key: "cas_1"})
	assert.Equal(t, fault.KindBusy, fault.KindOf(err), "nothing is known of it")
	gateway = asking(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"re_1","amount":200,"currency":"usd","status":"succeeded","metadata":{"case":"cas_1"}}`))
	})
	facts, err := gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: usd(200), Case: "cas_1", Key: "cas_1"})
	require.NoError(t, err)
	assert.Equal(t, payment.Facts{
		Payment: "pi_1", Provider: "stripe", RefundID: "re_1", Refund: &payment.Refund{Amount: usd(200), Status: payment.RefundSucceeded, Case: "cas_1"},
	}, facts)
}

func TestListThatDoesNotEndIsNotTakenForAll(t *testing.T) {
	pages := 0
	gateway := asking(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/checkout/sessions":
			_, _ = w.Write([]byte(`{"data":[` + paidSession + `]}`))
		default:
			pages++
			_, _ = w.Write([]byte(`{"has_more":true,"data":[{"id":"re_1","amount":1,"currency":"usd","status":"succeeded","payment_intent":"pi_1"}]}`))
		}
	})
	_, err := gateway.Look(t.Context(), "pi_1")
	require.Error(t, err)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	assert.Equal(t, 10, pages)
}

func TestCursorThatStripeForgotEndsTheListing(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusBadRequest, "invalid_request_error", "resource_missing")
	})
	listing, err := gateway.List(t.Context(), noon, "evt_gone")
	require.NoError(t, err, "what comes after it is older, and forgotten too")
	assert.Equal(t, payment.Listing{}, listing)
}

func TestQuestionThatStripeRefusesIsAMistakeOfOurs(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusBadRequest, "invalid_request_error", "parameter_unknown")
	})
	_, err := gateway.Look(t.Context(), "pi_1")
	require.Error(t, err)
	assert.Equal(t, fault.KindInternal, fault.KindOf(err))
	assert.Contains(t, err.Error(), "parameter_unknown")
}

func TestAnAnswerAboutAnotherPaymentIsNotBelieved(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"re_1","amount":200,"currency":"usd","status":"succeeded","payment_intent":"pi_2"}`))
	})
	_, err := gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: usd(200), Case: "cas_1", Key: "cas_1"})
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestRefusalShowsStripesWordAlone(t *testing.T) {
	gateway := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusBadRequest, "invalid_request_error", "balance_insufficient")
	})
	_, err := gateway.Refund(t.Context(), payment.RefundOrder{Payment: "pi_1", Amount: usd(200), Case: "cas_1", Key: "cas_1"})
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "the provider makes no such refund: balance_insufficient", refused.Detail)
}

func TestAKeyThatCannotBeHadLeavesItOpen(t *testing.T) {
	cause := errors.New("throttled")
	gateway := stripe.OpenGateway(func(context.Context) ([]string, error) { return nil, cause }, "http://127.0.0.1:1", "")
	_, err := gateway.Look(t.Context(), "pi_1")
	assert.ErrorIs(t, err, cause)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestTheFirstKeyAsks(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer server.Close()
	_, _ = stripe.OpenGateway(secrets("rk_first", "rk_second"), server.URL+"/", "").Look(t.Context(), "pi_1")
	assert.Equal(t, "Bearer rk_first", got.Get("Authorization"))
	assert.Equal(t, "2026-03-25.dahlia", got.Get("Stripe-Version"))
}
