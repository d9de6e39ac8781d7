package sandbox

import (
	"net/http"
	"strconv"
	"time"

	"makegood/infra/standin"
	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
)

// The secrets that sign events here.
const (
	StripeSecret   = "whsec_local_stripe"
	StandardSecret = "whsec_bG9jYWwtc3RhbmRhcmQtc2VjcmV0LTMyYnl0ZXM="
)

// Providers are those of the registry.
var Providers = []Provider{
	stripeProvider,
	standardProvider,
}

var stripeProvider = Provider{
	Registration: stripe.Registration,
	Literals: map[string]string{
		"StripeWebhookSecrets": StripeSecret, "StripeRefundKey": standin.RefundKey, "StripeReadKey": standin.ReadKey,
	},
	Sign: func(header http.Header, secret string, at time.Time, body []byte) error {
		header.Set(stripe.Header, stripe.Sign(secret, at, body))
		return nil
	},
}

var standardProvider = Provider{
	Registration: standard.Registration,
	Literals:     map[string]string{"StandardWebhookSecrets": StandardSecret},
	Below:        "/standard",
	Adapter:      true,
	Sign:         SignStandard,
}

// SignStandard signs a message of Standard Webhooks. The message's id is signed, too: one that the
// header has is kept, so that a replay stays a replay.
func SignStandard(header http.Header, secret string, at time.Time, body []byte) error {
	id := header.Get(standard.HeaderID)
	if id == "" {
		id = "msg_local"
	}
	signature, err := standard.Sign(secret, id, at, body)
	if err != nil {
		return err
	}
	header.Set(standard.HeaderID, id)
	header.Set(standard.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standard.HeaderSignature, signature)
	return nil
}
