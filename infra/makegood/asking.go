package main

import (
	"cmp"
	"context"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"makegood/infra/makegood/stack"
	"makegood/shared/payment"
	"makegood/shared/provider"
	"makegood/shared/provider/registry"
)

// localStack is where the local stack listens.
const localStack = "http://127.0.0.1:3000"

// stackHelp is the help of every command that asks a running stack.
const stackHelp = `The stack is asked by its HTTP API: --url or MAKEGOOD_URL is its address, MAKEGOOD_KEY the key of an operator.`

// stackURL declares the flag that names the stack.
func stackURL(flags *pflag.FlagSet, address *string) {
	flags.StringVar(address, "url", cmp.Or(os.Getenv("MAKEGOOD_URL"), localStack), "the stack's `ADDRESS`; else MAKEGOOD_URL, else "+localStack)
}

// openStack returns the client of the stack, with the key of the environment. It says how far it
// is where that takes long.
func (t terminal) openStack(address string) (stack.Client, error) {
	client, err := stack.Open(address, os.Getenv("MAKEGOOD_KEY"))
	far := t.progress()
	return client.WithProgress(func(answers int64) { far.at("%d answers of the stack's read", answers) }), err
}

// openProviders returns the gateways of the providers that the environment tells how to ask. Where
// it is set otherwise on the command line, a variable is that.
func openProviders(flags map[string]string) map[string]payment.Gateway {
	text := func(name string) string { return cmp.Or(flags[name], os.Getenv(name)) }
	settings := provider.Settings{Text: text, Secrets: func(s provider.Secret) provider.Secrets {
		all := secrets(text(s.Variable))
		return func(context.Context) ([]string, error) { return all, nil }
	}}
	gateways := map[string]payment.Gateway{}
	for _, p := range registry.Providers {
		// One that nobody set up is left out: its gateway would answer that nothing is known.
		if len(secrets(text(p.Switch))) > 0 {
			gateways[p.Name] = p.Gateway(settings)
		}
	}
	return gateways
}

// howToAsk says which variables would name a provider to ask.
func howToAsk() string {
	var ways []string
	for _, p := range registry.Providers {
		way := p.Switch
		if p.GatewaySecret.Variable != p.Switch {
			way += " and " + p.GatewaySecret.Variable
		}
		ways = append(ways, way)
	}
	return strings.Join(ways, ", or ")
}

// secrets returns those of an environment variable, separated by commas or white space. They stand
// there as they are: references to a store of secrets are for functions.
func secrets(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r <= ' ' })
}
