// Package gateways owns which providers a function asks, and how the environment tells to reach each.
//
// It refuses to know what is asked, and which right a key has: that is the template's to choose, function by function.
//
// Invariants: every provider is there, set up or not; one that is not answers that it knows nothing, and refuses a refund.
//
// Words: as in provider.
package gateways

import (
	"os"

	"makegood/shared/aws/secret"
	"makegood/shared/payment"
	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
)

// Open returns the gateways by their providers' names. STRIPE_KEY and STANDARD_WEBHOOK_SECRETS name secrets (see secret.FromEnv), STRIPE_API_URL
// and STANDARD_API_URL addresses, STRIPE_ACCOUNT a connected account: see the providers' own OpenGateway for what is left empty, or is wrong.
func Open() map[string]payment.Gateway {
	return map[string]payment.Gateway{
		stripe.Name:   stripe.OpenGateway(secret.FromEnv("STRIPE_KEY", stripe.FitKey), os.Getenv("STRIPE_API_URL"), os.Getenv("STRIPE_ACCOUNT")),
		standard.Name: standard.OpenGateway(secret.FromEnv("STANDARD_WEBHOOK_SECRETS", standard.FitSecret), os.Getenv("STANDARD_API_URL")),
	}
}
