package templatetest

import (
	"slices"
	"strings"

	"makegood/infra/template"
	"makegood/shared/provider"
	"makegood/shared/provider/registry"
)

// The functions that hear of payments, and those that ask about them.
const hearer = "ReceivePurchaseFunction"

var askers = []string{"PayRefundFunction", "DecideRefundFunction", "SweepDueFunction"}

// providersAreThoseOfTheRegistry: each has its route, its parameters, and in each function that
// hears it or asks it the variables that its registration names. No other webhook is taken.
func providersAreThoseOfTheRegistry(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	var routes []string
	for _, f := range functions {
		for _, route := range f.Routes {
			if strings.HasPrefix(route.Path, "/webhooks/") {
				routes = append(routes, f.LogicalID+" "+route.Method+" "+route.Path)
			}
		}
	}
	var want []string
	for _, one := range registry.Providers {
		want = append(want, hearer+" POST "+one.Path)
		p = append(p, providerIsSetUp(t, one)...)
	}
	if !sameSet(want, routes) {
		p.addf("webhooks are taken by %v, and the registry has %v", routes, want)
	}
	return p, nil
}

func providerIsSetUp(t *template.Template, one provider.Registration) problems {
	var p problems
	for _, secret := range []provider.Secret{one.WebhookSecret, one.GatewaySecret} {
		if !isSecret(secret.Variable) {
			p.addf("%s: %q is not called as a secret is, so nothing would keep its value out of the file", one.Name, secret.Variable)
		}
	}
	holds := func(function, variable string, parameters ...string) {
		value, _ := t.Resource(function).Lookup("Environment", "Variables", variable)
		parameter := named(value)
		if _, ok := t.Parameter(parameter); !ok || !slices.Contains(parameters, parameter) {
			p.addf("%s: %s of %s is not one of the parameters %v", one.Name, variable, function, parameters)
		}
	}
	holds(hearer, one.WebhookSecret.Variable, one.WebhookSecret.Parameters...)
	for _, function := range askers {
		holds(function, one.GatewaySecret.Variable, one.GatewaySecret.Parameters...)
		holds(function, one.Address.Variable, one.Address.Parameter)
	}
	if one.Account.Variable != "" {
		for _, function := range append(askers, hearer) {
			holds(function, one.Account.Variable, one.Account.Parameter)
		}
	}
	return p
}
