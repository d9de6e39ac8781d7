package planting_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/planting"
)

// mostOfAProvider is how many files a provider may touch, its room and its fixture included.
const mostOfAProvider = 12

// planted gives what is said of the standard adapter the name of another provider. The
// specification keeps its own.
var planted = strings.NewReplacer(
	"Standard Webhooks", "Standard Webhooks", "standard-webhooks", "standard-webhooks", "Standard", "Planted", "standard", "planted", "STANDARD", "PLANTED",
)

// sandboxed is the provider on a developer's machine: its secret, and the address and the signature
// that it shares with the standard adapter.
const sandboxed = `
var plantedProvider = Provider{
	Registration: planted.Registration,
	Literals:     map[string]string{"PlantedWebhookSecrets": "whsec_bG9jYWwtcGxhbnRlZC1zZWNyZXQtb2YtMzItYnl0ZXM="},
	Below:        "/planted",
	Adapter:      true,
	Sign:         SignStandard,
}
`

// TestAProviderIsPlantedByItsRecipe follows "A provider with a room" of shared/provider/README.md,
// step by step. The provider speaks as the standard adapter does, under a name of its own.
func TestAProviderIsPlantedByItsRecipe(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	c := planting.New(t)

	// 1. The room, its registration, and 2. the suite on it.
	const room = "shared/provider/"
	for _, file := range []string{"event.go", "ask.go", "gateway.go", "conformance_test.go"} {
		c.Derive(room+"standard/"+file, room+"planted/"+file, planted)
	}
	c.Derive(room+"standard/standard.go", room+"planted/planted.go", planted)

	// 3. Its place in both lists.
	c.Edit(room+"registry/registry.go", func(text string) string {
		return doubled(text, `(?m)^\s+standard\.Registration,\n`, `(?m)^\s+"makegood/shared/provider/standard"\n`)
	})
	c.Edit("infra/sandbox/providers.go", func(text string) string {
		return doubled(text, `(?m)^\s+standardProvider,\n`, `(?m)^\s+"makegood/shared/provider/standard"\n`) + sandboxed
	})

	// 4. The template: parameters, a condition, the variables, the rights, the route.
	c.Edit("template.yaml", func(text string) string {
		return doubled(text,
			`(?m)^  StandardWebhookSecrets:\n(?:    .*\n)+`, `(?m)^  StandardApiUrl:\n(?:    .*\n)+`,
			`(?m)^  HasStandardApi: .*\n`,
			`(?m)^ +STANDARD_\w+: .*\n`,
			`(?m)^ +- !Sub\n.*\n +- Name: .*!Ref StandardWebhookSecrets\]\]\n`,
			`(?m)^ +- !If\n +- HasStandardApi\n(?:.*\n)*?.*AWS::NoValue\n`,
			`(?m)^        Standard:\n.*\n.*\n`)
	})
	c.Edit("samconfig.toml", func(text string) string { return doubled(text, `(?m)^.*StandardWebhookSecrets=.*\n`) })

	// 5. The contract, and the golden list of its answers.
	c.Edit("shared/api/openapi.yaml", func(text string) string {
		return doubled(text, `(?m)^  /webhooks/standard:\n(?:    .*\n)+`, `(?m)^    StandardEvent:\n(?:      .*\n)+`)
	})
	c.Edit("shared/api/testdata/answers.golden.json", func(string) string {
		c.Run("go", "test", "./shared/api", "-run", "TestEveryAnswerIsAsItsGoldenBodyHasIt", "-update")
		list, err := os.ReadFile(filepath.Join(c.Dir, "shared/api/testdata/answers.golden.json"))
		require.NoError(t, err)
		return string(list)
	})

	// 6. A purchase, signed.
	const fixture = "events/receive-purchase/planted-paid.json"
	c.Derive("events/receive-purchase/standard-paid.json", fixture, planted)
	c.Run("bash", "-c", "go run ./infra/sign-event -at 2026-03-01T12:00:00Z "+fixture+" > signed && mv signed "+fixture)

	assert.LessOrEqual(t, len(c.Touched()), mostOfAProvider, c.Touched())
	c.Run("go", "vet", "./shared/provider/...", "./infra/sandbox")
	c.Run("go", "test", "./shared", "./shared/provider/planted", "./shared/provider/registry", "./shared/api", "./functions/receive-purchase", "./infra/sandbox", "./infra/sign-event")
	c.Run("go", "test", "-run", "TestTheTemplateKeepsEveryRule", "./infra/templatetest")
}

// TestAProviderThatIsHalfPlantedIsFoundOut lists a provider, and does nothing else.
func TestAProviderThatIsHalfPlantedIsFoundOut(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the module anew")
	}
	c := planting.New(t)
	c.Replace("shared/provider/registry/registry.go", "	standard.Registration,\n", `	standard.Registration,
	{Name: "planted", Path: "/webhooks/planted", OpenWebhook: standard.Registration.OpenWebhook, OpenGateway: standard.Registration.OpenGateway},
`)
	output, err := c.Try("go", "test", "./shared/api", "./infra/templatetest", "./infra/sandbox", "./functions/receive-purchase")
	require.Error(t, err)
	for _, complaint := range []string{
		"ReceivePurchaseFunction POST /webhooks/planted", "TestTheContractHoldsTheRoutesOfTheFunctions",
		"TestEveryProviderOfTheRegistryHasItsPlaceHere", "events/receive-purchase has no planted-paid.json that grants",
	} {
		assert.Contains(t, output, complaint)
	}
}

// doubled returns the text with each place that a pattern matches followed by itself, under the
// planted name.
func doubled(text string, patterns ...string) string {
	for _, pattern := range patterns {
		text = regexp.MustCompile(pattern).ReplaceAllStringFunc(text, func(place string) string { return place + planted.Replace(place) })
	}
	return text
}
