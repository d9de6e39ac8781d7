// Package gateways owns which providers a function asks, and how the environment tells to reach
// each.
//
// It refuses to know what is asked, and which right a key has: that is the template's to choose,
// function by function.
//
// Invariants: every provider is there, set up or not; one that is not answers that it knows
// nothing, and refuses a refund.
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

// Open returns the gateways by their providers' names. What is left empty, or is wrong, does what
// the providers' own OpenGateway says of it. The environment's settings:
// STRIPE_KEY and STANDARD_WEBHOOK_SECRETS name secrets (see secret.FromEnv), STRIPE_API_URL and
// STANDARD_API_URL addresses, STRIPE_ACCOUNT a connected account.
func Open() map[string]payment.Gateway {
	// All of them, set up or not: a payment of a provider that was switched off still gets an
	// answer, and not a missing key of this map. secret.FromEnv fetches in the background, so
	// nothing here waits.
	return map[string]payment.Gateway{
		stripe.Name:   stripe.OpenGateway(secret.FromEnv("STRIPE_KEY", stripe.FitKey), os.Getenv("STRIPE_API_URL"), os.Getenv("STRIPE_ACCOUNT")),
		standard.Name: standard.OpenGateway(secret.FromEnv("STANDARD_WEBHOOK_SECRETS", standard.FitSecret), os.Getenv("STANDARD_API_URL")),
	}
}
