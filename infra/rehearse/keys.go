package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"makegood/infra/sandbox"
	"makegood/infra/template"
)

// keys are the secrets of one rehearsal, by the template's parameter.
type keys struct {
	app, operator string            // as callers send them
	values        map[string]string // as the parameter store holds them
}

// makeKeys makes secrets as an operator makes them: random, and long enough for a deployed
// function.
func makeKeys() keys {
	k := keys{app: random(), operator: random(), values: map[string]string{}}
	k.values["AppKeys"], k.values["OperatorKeys"] = k.app, "rehearsal:"+k.operator
	k.values["SessionSecrets"], k.values["NoticeSecrets"], k.values["AddressSecrets"] = random(), signing(), random()
	for _, p := range sandbox.Providers {
		for parameter, literal := range p.Literals {
			if slices.Contains(p.WebhookSecret.Parameters, parameter) {
				k.values[parameter] = signing()
				continue
			}
			// The stand-in knows its own keys by how they begin.
			k.values[parameter] = literal + "_" + random()
		}
	}
	return k
}

// webhookOf returns what signs a provider's events.
func (k keys) webhookOf(provider string) string {
	for _, p := range sandbox.Providers {
		if p.Name == provider {
			return k.values[p.WebhookSecret.Parameters[0]]
		}
	}
	return ""
}

// reference returns where a parameter's secret lies: at the template's own default, or, where that
// is empty, at a name of the same kind.
func reference(t *template.Template, parameter string) string {
	if p, ok := t.Parameter(parameter); ok && p.Default != "" {
		return p.Default
	}
	var name strings.Builder
	for n, c := range parameter {
		if n > 0 && unicode.IsUpper(c) {
			name.WriteByte('-')
		}
		name.WriteRune(unicode.ToLower(c))
	}
	return "ssm:/" + stackName + "/" + name.String()
}

// random returns 32 random bytes as a key is written.
func random() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

// signing returns a secret that signs webhooks, good for Stripe and Standard Webhooks.
func signing() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(raw)
}
