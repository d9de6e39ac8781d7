package standard_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	oracle "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/standard"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func sign(t require.TestingT, secret string, at time.Time, body string) string {
	signature, err := standard.Sign(secret, "msg_1", at, []byte(body))
	require.NoError(t, err)
	return signature
}

func verify(body string, h http.Header, all ...string) (payment.Facts, error) {
	return standard.New(secrets(all...)).Verify(context.Background(), []byte(body), h, noon)
}

// says verifies a body that is properly signed.
func says(t *testing.T, body string) (payment.Facts, error) {
	t.Helper()
	return verify(body, header("msg_1", unix(noon), sign(t, secret, noon, body)), secret)
}

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

func TestSpecificationsOwnVectorIsSignedTheSame(t *testing.T) {
	signature, err := standard.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	require.NoError(t, err)
	assert.Equal(t, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature)
}

func TestPaidPaymentIsAPurchase(t *testing.T) {
	facts, err := says(t, paid)
	require.NoError(t, err)
	assert.Equal(t, payment.Facts{
		Payment: "pay_1", Provider: "standard", Event: "msg_1", At: time.Date(2026, 3, 1, 11, 59, 55, 123e6, time.UTC),
		Purchase: &payment.Purchase{
			Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 500, Status: payment.StatusPaid,
			PaidAt: time.Date(2026, 3, 1, 11, 59, 55, 123e6, time.UTC),
		},
	}, facts)
	facts, err = says(t, strings.Replace(paid, `"timestamp":"2026-03-01T11:59:55.1239Z",`, "", 1))
	require.NoError(t, err)
	assert.Equal(t, noon, facts.Purchase.PaidAt, "the message's own timestamp stands in")
	lower, err := says(t, strings.Replace(paid, "2026-03-01T11:59:55.1239Z", "2026-03-01t11:59:55.1239z", 1))
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, 3, 1, 11, 59, 55, 123e6, time.UTC), lower.At)
}

func TestRefundAndDisputeAreFactsOfTheirPayment(t *testing.T) {
	whole := `{"type":"payment.refunded","data":{"payment":"pay_1","amount":{"currency":"USD","minor":500},"refund":{"id":"rf_1","amount":{"currency":"usd","minor":200},"status":"pending","case":"cas_1"}}}`
	facts, err := says(t, whole)
	require.NoError(t, err)
	assert.Equal(t, "rf_1", facts.RefundID)
	assert.Equal(t, &payment.Refund{Amount: usd(200), Status: payment.RefundPending, Case: "cas_1"}, facts.Refund)
	assert.Nil(t, facts.Purchase)

	bare := `{"type":"payment.refunded","data":{"payment":"pay_1","amount":{"currency":"USD","minor":500},"refund":{"id":"rf_1","amount":200}}}`
	facts, err = says(t, bare)
	require.NoError(t, err)
	assert.Equal(t, &payment.Refund{Amount: usd(200), Status: payment.RefundSucceeded}, facts.Refund)

	facts, err = says(t, `{"type":"payment.disputed","data":{"payment":"pay_1","dispute":{"id":"dp_1","amount":500,"status":"won"}}}`)
	require.NoError(t, err)
	assert.Equal(t, "dp_1", facts.DisputeID)
	assert.Equal(t, &payment.Dispute{Amount: money.Amount{Minor: 500}, Status: payment.DisputeWon}, facts.Dispute)

	for due, want := range map[string]time.Time{`"2026-03-08T00:00:00Z"`: time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), `"soon"`: {}, `7`: {}, `null`: {}} {
		facts, err = says(t, `{"type":"payment.disputed","data":{"payment":"pay_1","dispute":{"id":"dp_1","amount":500,"reason":"fraudulent","due_by":`+due+`}}}`)
		require.NoError(t, err, due)
		assert.Equal(t, &payment.Dispute{Amount: money.Amount{Minor: 500}, Status: payment.DisputeOpen, Reason: "fraudulent", DueBy: want}, facts.Dispute, due)
	}
}

func TestGenuineMessagesThatAreNotOursAreIrrelevant(t *testing.T) {
	for _, body := range []string{`{"type":"customer.created","data":{}}`, strings.Replace(paid, `"package":"starter",`, "", 1)} {
		_, err := says(t, body)
		assert.ErrorIs(t, err, provider.ErrIrrelevant)
	}
}

func TestSignedBodiesThatAreNoPaymentEventsAreRefused(t *testing.T) {
	cases := map[string]string{
		"not JSON":                 `hello`,
		"no type":                  `{}`,
		"no payment":               strings.Replace(paid, "pay_1", "", 1),
		"a payment of a number":    strings.Replace(paid, `"pay_1"`, "1", 1),
		"no refund":                `{"type":"payment.refunded","data":{"payment":"pay_1"}}`,
		"a refund without id":      `{"type":"payment.refunded","data":{"payment":"pay_1","refund":{"amount":1}}}`,
		"a refund without amount":  `{"type":"payment.refunded","data":{"payment":"pay_1","refund":{"id":"rf_1"}}}`,
		"a refund of a fraction":   `{"type":"payment.refunded","data":{"payment":"pay_1","refund":{"id":"rf_1","amount":1.5}}}`,
		"no dispute":               `{"type":"payment.disputed","data":{"payment":"pay_1"}}`,
		"a dispute without amount": `{"type":"payment.disputed","data":{"payment":"pay_1","dispute":{"id":"dp_1"}}}`,
		"a bad timestamp":          strings.Replace(paid, "2026-03-01T11:59:55.1239Z", "noon", 1),
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := says(t, body)
			require.Error(t, err)
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
		})
	}
}

func TestOnlyAGenuineFreshSignatureIsAccepted(t *testing.T) {
	genuine := sign(t, secret, noon, paid)
	at := func(d time.Duration) http.Header {
		return header("msg_1", unix(noon.Add(d)), sign(t, secret, noon.Add(d), paid))
	}
	other := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	nameless, err := standard.Sign(secret, "", noon, []byte(paid))
	require.NoError(t, err)
	cases := map[string]struct {
		header   http.Header
		accepted bool
	}{
		"genuine":               {header("msg_1", unix(noon), genuine), true},
		"300 s old":             {at(-300 * time.Second), true},
		"301 s old":             {at(-301 * time.Second), false},
		"300 s ahead":           {at(300 * time.Second), true},
		"301 s ahead":           {at(301 * time.Second), false},
		"in a list":             {header("msg_1", unix(noon), "v1,AAAA v1a,BBBB "+genuine), true},
		"under another id":      {header("msg_2", unix(noon), genuine), false},
		"at another second":     {header("msg_1", unix(noon.Add(time.Second)), genuine), false},
		"of another secret":     {header("msg_1", unix(noon), sign(t, other, noon, paid)), false},
		"of another body":       {header("msg_1", unix(noon), sign(t, secret, noon, paid+" ")), false},
		"without an id":         {header("", unix(noon), nameless), false},
		"without a timestamp":   {header("msg_1", "", genuine), false},
		"without a signature":   {header("msg_1", unix(noon), ""), false},
		"of another scheme":     {header("msg_1", unix(noon), "v2"+genuine[2:]), false},
		"without a scheme":      {header("msg_1", unix(noon), genuine[3:]), false},
		"half":                  {header("msg_1", unix(noon), genuine[:20]), false},
		"a signed timestamp":    {header("msg_1", "+"+unix(noon), genuine), false},
		"a timestamp of months": {header("msg_1", "March", genuine), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := verify(paid, c.header, secret)
			if c.accepted {
				assert.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
		})
	}
}

func TestAnyLiveSecretVerifiesAndNoWeakOneDoes(t *testing.T) {
	h := header("msg_1", unix(noon), sign(t, secret, noon, paid))
	other := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	_, err := verify(paid, h, other, secret)
	assert.NoError(t, err)
	_, err = verify(paid, h, "whsec_not base64", secret)
	assert.NoError(t, err, "a slip beside a good secret")
	_, err = verify(paid, h, "whsec_not base64")
	assert.Equal(t, fault.KindBusy, fault.KindOf(err), "a slip of ours is not the sender's fault")
	_, err = verify(paid, h)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	_, err = standard.New(func(context.Context) ([]string, error) { return nil, errors.New("throttled") }).Verify(context.Background(), []byte(paid), h, noon)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))

	weak, err := oracle.NewWebhook("whsec_")
	require.NoError(t, err)
	signature, err := weak.Sign("msg_1", noon, []byte(paid))
	require.NoError(t, err)
	_, err = verify(paid, header("msg_1", unix(noon), signature), "whsec_")
	assert.Error(t, err, "an empty key would let anyone sign")
	_, err = standard.Sign("whsec_c2hvcnQ=", "msg_1", noon, nil)
	assert.Error(t, err)
}

func TestVerdictAgreesWithTheLibrary(t *testing.T) {
	library, err := oracle.NewWebhook(secret)
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[!-~]{1,20}`).Draw(t, "id")
		at := noon.Add(time.Duration(rapid.IntRange(-300, 300).Draw(t, "seconds")) * time.Second)
		signature, err := library.Sign(id, at, []byte(paid))
		require.NoError(t, err)
		switch rapid.IntRange(0, 3).Draw(t, "tampering") {
		case 1:
			n := rapid.IntRange(0, len(signature)-1).Draw(t, "at")
			signature = signature[:n] + rapid.StringMatching(`[ -~]`).Draw(t, "byte") + signature[n+1:]
		case 2:
			signature = rapid.StringMatching(`([ -~]{0,9} )?`).Draw(t, "before") + signature
		case 3:
			id += "x"
		}
		h := header(id, unix(at), signature)
		_, ours := verify(paid, h, secret)
		require.Equal(t, library.VerifyIgnoringTimestamp([]byte(paid), h) == nil, ours == nil, "%q", signature)
	})
}

func FuzzVerify(f *testing.F) {
	f.Add(paid, "v1,AAAA")
	f.Add(`{"type":"payment.refunded","data":{"refund":{}}}`, " , ")
	f.Fuzz(func(t *testing.T, body, signature string) {
		if _, err := verify(body, header("msg_1", unix(noon), signature), secret); err == nil {
			t.Fatal("a signature made without the secret was accepted")
		}
		if facts, err := says(t, body); err == nil && facts.Payment == "" {
			t.Fatal("facts without a payment")
		}
	})
}
