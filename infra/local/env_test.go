package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/infra/template"
)

// unstarted is a stack that only knows what its functions would see.
func unstarted(t *testing.T, text string) *Stack {
	t.Helper()
	at := "../../template.yaml"
	if text != "" {
		at = filepath.Join(t.TempDir(), "template.yaml")
		require.NoError(t, os.WriteFile(at, []byte(text), 0o600))
	}
	parsed, err := template.Parse(at)
	require.NoError(t, err)
	return &Stack{
		template: parsed, AdminURL: nowhere, Endpoints: &Endpoints{DynamoDBURL: nowhere, SQSURL: nowhere},
		Provider: &standin.Provider{URL: "http://127.0.0.1:4"},
	}
}

// environments are what each function would see; references to tables and queues are of no matter
// here.
func environments(t *testing.T, s *Stack) (map[string]map[string]string, error) {
	t.Helper()
	names := map[string]string{}
	for _, r := range s.template.Resources() {
		names[r.LogicalID] = "http://127.0.0.1/" + r.LogicalID
	}
	s.QueueURLs = names
	functions, err := s.template.Functions(s.scope(names))
	require.NoError(t, err)
	require.NotEmpty(t, functions)
	all := map[string]map[string]string{}
	for _, f := range functions {
		list, err := s.environment(f)
		if err != nil {
			return nil, err
		}
		all[f.Name] = map[string]string{}
		for _, entry := range list {
			name, value, _ := strings.Cut(entry, "=")
			all[f.Name][name] = value
		}
	}
	return all, nil
}

func TestEveryFunctionAsksTheStandInAndNobodyElse(t *testing.T) {
	all, err := environments(t, unstarted(t, ""))
	require.NoError(t, err)
	for name, env := range all {
		assert.Equal(t, "http://127.0.0.1:4", env["STRIPE_API_URL"], name)
		assert.Equal(t, "http://127.0.0.1:4/standard", env["STANDARD_API_URL"], name)
		assert.Equal(t, listingInterval, env["LISTING_INTERVAL"], name)
		if key, ok := env["STRIPE_KEY"]; ok {
			assert.NotEmpty(t, env["STANDARD_WEBHOOK_SECRETS"], "%s asks the adapter too, and signs", name)
			assert.Contains(t, []string{"literal:" + standin.RefundKey, "literal:" + standin.ReadKey}, key, name)
		}
	}
}

func TestAnotherLoopbackAddressMayStandBeforeTheStandIn(t *testing.T) {
	s := unstarted(t, "")
	s.options.Env = map[string]map[string]string{"*": {"STRIPE_API_URL": "http://127.0.0.1:5"}}
	all, err := environments(t, s)
	require.NoError(t, err)
	for name, env := range all {
		assert.Equal(t, "http://127.0.0.1:5", env["STRIPE_API_URL"], name)
	}
}

const oneFunction = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  PayFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/pay/
      Handler: bootstrap
      Environment: {Variables: {KEY: VALUE}}
`

func TestAProvidersOwnAddressOrKeyStopsTheStart(t *testing.T) {
	for _, pair := range []string{
		"STRIPE_API_URL https://api.stripe.com", "STRIPE_API_URL http://api.stripe.com:443/v1", "STRIPE_API_URL api.stripe.com",
		"STRIPE_API_URL https://127.0.0.1@api.stripe.com", "STANDARD_API_URL https://pay.example.com", "STRIPE_HOST api.example.com",
		"STRIPE_BASE API.Stripe.com", "STRIPE_KEY literal:sk_live_abc", "STRIPE_KEY literal:rk_test_abc", "STRIPE_KEY ssm:/makegood/stripe",
	} {
		name, value, _ := strings.Cut(pair, " ")
		text := strings.Replace(oneFunction, "KEY: VALUE", name+": \""+value+"\"", 1)
		_, err := environments(t, unstarted(t, text))
		assert.ErrorContains(t, err, name, "in the template: %s", pair)

		s := unstarted(t, oneFunction)
		s.options.Env = map[string]map[string]string{"pay": {name: value}}
		_, err = environments(t, s)
		assert.ErrorContains(t, err, name, "in the options: %s", pair)
	}
}

func TestAnEmptyAddressWouldBeStripesOwn(t *testing.T) {
	for setting := range sandbox.Addresses("") {
		name := setting.Variable
		s := unstarted(t, oneFunction)
		s.options.Env = map[string]map[string]string{"*": {name: ""}}
		_, err := environments(t, s)
		assert.ErrorContains(t, err, name)
	}
	all, err := environments(t, unstarted(t, strings.Replace(oneFunction, "KEY: VALUE", `STRIPE_API_URL: ""`, 1)))
	require.NoError(t, err, "a template may leave it empty: deployed, that is Stripe")
	assert.Equal(t, "http://127.0.0.1:4", all["pay"]["STRIPE_API_URL"])
}

func TestAParameterOfSecretsThatHoldsNoLiteralStopsTheStartByItsName(t *testing.T) {
	for value, refused := range map[string]bool{"mk_hunter2": true, "whsec_hunter2": true, "literal:mk_hunter2": false} {
		s := unstarted(t, "")
		s.options.Parameters = map[string]string{"AppKeys": value}
		err := s.checkParameters()
		if !refused {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "parameter AppKeys", value)
		assert.NotContains(t, err.Error(), value)
	}
}
