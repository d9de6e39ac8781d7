package main

import (
	"cmp"
	"context"
	"flag"
	"os"
	"strings"

	"makegood/infra/makegood/stack"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
)

// localStack is where the local stack listens.
const localStack = "http://127.0.0.1:3000"

// asking is the help of every command that asks a running stack.
const stackHelp = `The stack is asked by its HTTP API: --url or MAKEGOOD_URL is its address, MAKEGOOD_KEY the key of an operator.`

// stackURL declares the flag that names the stack.
func stackURL(flags *flag.FlagSet) *string {
	return flags.String("url", cmp.Or(os.Getenv("MAKEGOOD_URL"), localStack), "the stack's `ADDRESS`; else MAKEGOOD_URL, else "+localStack)
}

// openStack returns the client of the stack, with the key of the environment.
func openStack(address string) (stack.Client, error) {
	return stack.Open(address, os.Getenv("MAKEGOOD_KEY"))
}

// openProviders returns the gateways of the providers that the environment tells how to ask.
func openProviders(stripeURL string) map[string]payment.Gateway {
	gateways := map[string]payment.Gateway{}
	if keys := secrets("STRIPE_KEY"); len(keys) > 0 { // without one its gateway answers that nothing is known
		gateways[stripe.Name] = stripe.OpenGateway(always(keys), stripeURL, os.Getenv("STRIPE_ACCOUNT"))
	}
	if adapter := os.Getenv("STANDARD_API_URL"); adapter != "" {
		gateways[standard.Name] = standard.OpenGateway(always(secrets("STANDARD_WEBHOOK_SECRETS")), adapter)
	}
	return gateways
}

// secrets returns those of an environment variable, separated by commas or white space. They stand
// there as they are: references to a store of secrets are for functions.
func secrets(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' || r <= ' ' })
}

func always(all []string) provider.Secrets {
	return func(context.Context) ([]string, error) { return all, nil }
}
