// Package sandbox owns what each payment provider is on a developer's machine: the secrets that are
// worth nothing elsewhere, where the stand-in plays it, and how its events are signed.
//
// It refuses to know what an event means. It is for tools and tests: no function may link it.
//
// Invariants: every provider of the registry is here once, in the registry's order, with a value
// for each parameter that its secrets have.
//
// Words: literal (the value of a secret itself, where a deployed stack has a reference), to sign
// (to put a provider's signature into the headers of an event, as the provider would).
package sandbox

import (
	"context"
	"maps"
	"net/http"
	"time"

	"makegood/infra/standin"
	"makegood/shared/provider"
)

// Provider is a payment provider as a developer's machine has it.
type Provider struct {
	provider.Registration
	// Literals are its secrets, by the template's parameter.
	Literals map[string]string
	// Below is where it is asked, below the stand-in's address.
	Below string
	// Adapter reports whether the stand-in plays it as an app's own adapter, below Below. One that
	// is played otherwise needs a wire of its own in infra/standin.
	Adapter bool
	// Sign puts the signature of an event's bytes into its headers, with a secret, at an instant.
	Sign func(header http.Header, secret string, at time.Time, body []byte) error
}

// SigningSecret is what signs its events here.
func (p Provider) SigningSecret() string { return p.Literals[p.WebhookSecret.Parameters[0]] }

// Literals returns every provider's secrets by the template's parameter, as a local function reads
// them.
func Literals() map[string]string {
	literals := map[string]string{}
	for _, p := range Providers {
		for parameter, value := range p.Literals {
			literals[parameter] = "literal:" + value
		}
	}
	return literals
}

// Addresses returns where each provider is asked if the stand-in is at url: by the setting that
// says so.
func Addresses(url string) map[provider.Setting]string {
	addresses := map[provider.Setting]string{}
	for _, p := range Providers {
		addresses[p.Address] = url + p.Below
	}
	return addresses
}

// Standin returns the options of a stand-in that plays every provider.
func Standin(o standin.Options) standin.Options {
	o.StripeSecret = StripeSecret
	for _, p := range Providers {
		if p.Adapter {
			o.Adapters = append(o.Adapters, standin.Adapter{Name: p.Name, Webhook: p.Path, Below: p.Below, Secret: p.SigningSecret()})
		}
	}
	return o
}

// Of returns the provider whose webhook has the route.
func Of(path string) (Provider, bool) {
	for _, p := range Providers {
		if p.Path == path {
			return p, true
		}
	}
	return Provider{}, false
}

// Settings returns settings that have every provider's literals, and no address: for tests.
func Settings() provider.Settings {
	literals := map[string]string{}
	for _, p := range Providers {
		maps.Copy(literals, p.Literals)
	}
	return provider.Settings{
		Secrets: func(secret provider.Secret) provider.Secrets {
			return func(context.Context) ([]string, error) { return []string{literals[secret.Parameters[0]]}, nil }
		},
		Text: func(string) string { return "" },
	}
}
