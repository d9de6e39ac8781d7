package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/infra/standin"
	"makegood/shared/api"
)

func TestABusyStackIsAskedAgain(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"))
	r.busy = 3
	_, got := r.found()
	assert.Equal(t, exitDone, got.code, got.err)
}

func TestWhoCannotBeAskedIsNamedAndNoKeyIsShown(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no operator":       {map[string]string{"MAKEGOOD_KEY": ""}, "MAKEGOOD_KEY is not set"},
		"no provider":       {map[string]string{"STRIPE_KEY": " , "}, "no provider can be asked: set STRIPE_KEY"},
		"another's key":     {map[string]string{"MAKEGOOD_KEY": "mk_test_app_key"}, `401 "unauthenticated": MAKEGOOD_KEY must be an operator's`},
		"a wrong key":       {map[string]string{"STRIPE_KEY": "rk_test_wrong"}, "stripe: its events cannot be listed: "},
		"no adapter there":  {map[string]string{"STANDARD_API_URL": "http://127.0.0.1:1", "STANDARD_WEBHOOK_SECRETS": "whsec_c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10ZXN0cw=="}, "standard: its events cannot be listed: "},
		"adapter, unsigned": {map[string]string{"STANDARD_API_URL": "http://127.0.0.1:1"}, "standard: its events cannot be listed: "},
		"Stripe over http":  {map[string]string{"STRIPE_API_URL": "http://stripe.example"}, "STRIPE_API_URL is no plain https address"},
		"us over http":      {map[string]string{"MAKEGOOD_URL": "http://makegood.example"}, "MAKEGOOD_URL is no plain https address"},
		"nobody there":      {map[string]string{"MAKEGOOD_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1 does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			r := runs(t)
			r.happens(paid("pi_1"))
			var secrets []string
			for name, value := range c.env {
				t.Setenv(name, value)
				if len(strings.TrimSpace(value)) > 5 && !strings.HasSuffix(name, "_URL") {
					secrets = append(secrets, value)
				}
			}
			for _, flags := range [][]string{{"reconcile"}, {"reconcile", "--json"}, {"reconcile", "--help"}} {
				got := call("", flags...)
				if flags[len(flags)-1] != "--help" {
					assert.Equal(t, exitUndone, got.code)
					assert.Contains(t, got.err, c.want)
				}
				for _, secret := range append(secrets, operatorKey, standin.ReadKey) {
					assert.NotContains(t, got.out+got.err, secret)
				}
			}
		})
	}
}

func TestAPolicyThatThisBuildDoesNotHaveIsNotGuessed(t *testing.T) {
	r := runs(t)
	r.story()
	for _, policy := range []api.Policy{{Name: "acme"}, {Name: "goopter", Revision: "2026-02-13", Digest: "sha256:other"}} {
		r.policy = policy
		for _, args := range [][]string{{"reconcile"}, {"evidence", "pi_1", "--out", t.TempDir()}} {
			got := call("", args...)
			assert.Equal(t, exitUndone, got.code)
			assert.Contains(t, got.err, "this build")
			assert.Empty(t, got.out)
		}
	}
}

func TestAListThatDoesNotEndIsNotRead(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"), paid("pi_2"), paid("pi_3"))
	r.stuck = true
	got := call("", "reconcile")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "a list goes round in circles")
}

func TestTheKeyGoesNowhereElse(t *testing.T) {
	r := runs(t)
	r.away = "http://127.0.0.1:1/elsewhere"
	got := call("", "reconcile")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "a redirect is not followed")
}
