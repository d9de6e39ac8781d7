package standard

import (
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// signing signs both ways: what the adapter posts, and what we ask it.
var signing = provider.Secret{Variable: "STANDARD_WEBHOOK_SECRETS", Parameters: []string{"StandardWebhookSecrets"}, Fit: FitSecret}

// Registration is the app's own adapter as one value. It knows no accounts.
var Registration = provider.Registration{
	Name:          Name,
	Path:          "/webhooks/standard",
	WebhookSecret: signing,
	GatewaySecret: signing,
	Address:       provider.Setting{Variable: "STANDARD_API_URL", Parameter: "StandardApiUrl"},
	Switch:        "STANDARD_API_URL",
	OpenWebhook: func(secrets provider.Secrets, _ string) provider.Webhook {
		return New(secrets)
	},
	OpenGateway: func(secrets provider.Secrets, address, _ string) payment.Gateway {
		return OpenGateway(secrets, address)
	},
}
