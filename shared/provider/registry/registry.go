// Package registry owns the list of payment providers, and how a function's environment tells to
// reach each.
//
// It refuses to know what is asked, and which right a key has: that is the template's to choose,
// function by function.
//
// Invariants: every provider is there, set up or not; one that is not accepts no event, answers
// that it knows nothing, and refuses a refund.
//
// Words: as in provider.
package registry

import (
	"os"

	"makegood/shared/aws/secret"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
)

// Providers are all that Makegood knows. README.md of shared/provider says what else a new one
// needs. Why one list: infra/decisions/0045.
var Providers = []provider.Registration{
	stripe.Registration,
	standard.Registration,
}

// environment is a function's: its variables name secrets, which are fetched in the background.
var environment = provider.Settings{
	Secrets: func(s provider.Secret) provider.Secrets {
		return secret.FromEnv(s.Variable, s.Fit, s.Parameters...)
	},
	Text: os.Getenv,
}

// OpenGateways returns the gateways by their providers' names, set up by the environment.
func OpenGateways() map[string]payment.Gateway {
	// All of them, set up or not: a payment of a provider that was switched off still gets an
	// answer, and not a missing key of this map.
	gateways := map[string]payment.Gateway{}
	for _, p := range Providers {
		gateways[p.Name] = p.Gateway(environment)
	}
	return gateways
}

// OpenWebhooks returns the verifiers of the providers' events by their routes, set up by the
// environment.
func OpenWebhooks() map[string]provider.Webhook { return Webhooks(environment) }

// Webhooks returns the verifiers of the providers' events by their routes.
func Webhooks(settings provider.Settings) map[string]provider.Webhook {
	webhooks := map[string]provider.Webhook{}
	for _, p := range Providers {
		webhooks[p.Path] = p.Webhook(settings)
	}
	return webhooks
}
