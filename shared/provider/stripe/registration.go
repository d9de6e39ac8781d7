package stripe

import (
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// Registration is Stripe as one value. Its key has two parameters: that of pay-refund may pay back,
// the other only reads.
var Registration = provider.Registration{
	Name:          Name,
	Path:          "/webhooks/stripe",
	WebhookSecret: provider.Secret{Variable: "STRIPE_WEBHOOK_SECRETS", Parameters: []string{"StripeWebhookSecrets"}, Fit: FitSecret},
	GatewaySecret: provider.Secret{Variable: "STRIPE_KEY", Parameters: []string{"StripeRefundKey", "StripeReadKey"}, Fit: FitKey},
	Address:       provider.Setting{Variable: "STRIPE_API_URL", Parameter: "StripeApiUrl"},
	Account:       provider.Setting{Variable: "STRIPE_ACCOUNT", Parameter: "StripeAccount"},
	Switch:        "STRIPE_KEY",
	OpenWebhook: func(secrets provider.Secrets, account string) provider.Webhook {
		return New(secrets, account)
	},
	OpenGateway: func(keys provider.Secrets, address, account string) payment.Gateway {
		return OpenGateway(keys, address, account)
	},
}
