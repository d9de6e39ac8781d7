package api_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

// operations calls f for each route of the contract, in order.
func operations(doc *openapi3.T, f func(route string, operation *openapi3.Operation)) {
	for _, path := range doc.Paths.InMatchingOrder() {
		for method, operation := range doc.Paths.Value(path).Operations() {
			f(method+" "+path, operation)
		}
	}
}

func TestTheTypesAreThoseOfTheContract(t *testing.T) {
	made := filepath.Join(t.TempDir(), "api.gen.go")
	run := exec.Command("go", "tool", "-modfile=../../infra/tools/go.mod", "oapi-codegen", "-config", "oapi-codegen.yaml", "-o", made, "openapi.yaml")
	output, err := run.CombinedOutput()
	require.NoError(t, err, "%s", output)
	want, err := os.ReadFile(made)
	require.NoError(t, err)
	got, err := os.ReadFile("api.gen.go")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "api.gen.go is not what openapi.yaml says: generate it again (see README.md)")
}

func TestTheContractHoldsTheRoutesOfTheFunctions(t *testing.T) {
	var routes []string
	operations(contract(t), func(route string, _ *openapi3.Operation) { routes = append(routes, route) })
	slices.Sort(routes)
	assert.Equal(t, []string{
		"GET /v1/cases/{id}",
		"GET /v1/customers/{id}",
		"GET /v1/customers/{id}/cases",
		"GET /v1/customers/{id}/statement",
		"GET /v1/generations/{id}",
		"GET /v1/policy",
		"GET /v1/stuck",
		"POST /v1/generations",
		"POST /v1/generations/{id}/result",
		"POST /v1/grants",
		"POST /v1/sessions",
		"POST /webhooks/standard",
		"POST /webhooks/stripe",
	}, routes)
}

func TestEveryRouteSaysWhatMayGoWrong(t *testing.T) {
	operations(contract(t), func(route string, operation *openapi3.Operation) {
		has := func(status string) bool { return operation.Responses.Value(status) != nil }
		webhook := strings.Contains(route, " /webhooks/")
		assert.True(t, has("503"), route)
		assert.NotEqual(t, webhook, has("401"), route)
		assert.Equal(t, webhook, operation.Security != nil && len(*operation.Security) == 0, "only a webhook needs no credential: %s", route)
		assert.Equal(t, operation.RequestBody != nil, has("413"), route)
		assert.Equal(t, strings.Contains(route, "{id}"), has("404"), route)
		idempotent := operation.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
		assert.Equal(t, route == "POST /v1/grants" || route == "POST /v1/generations", idempotent, route)
		assert.Equal(t, idempotent, has("409"), route)
		for status, response := range operation.Responses.Map() {
			_, problem := response.Value.Content["application/problem+json"]
			assert.Equal(t, status >= "400", problem, "%s %s", route, status)
		}
	})
}

func TestBodiesUnderV1TakeNoOtherFields(t *testing.T) {
	var closed func(name string, schema *openapi3.Schema)
	closed = func(name string, schema *openapi3.Schema) {
		if schema.Type.Is("object") {
			require.NotNil(t, schema.AdditionalProperties.Has, name)
			assert.False(t, *schema.AdditionalProperties.Has, name)
		}
		for field, property := range schema.Properties {
			closed(name+"."+field, property.Value)
		}
		if schema.Items != nil {
			closed(name+"[]", schema.Items.Value)
		}
	}
	operations(contract(t), func(route string, operation *openapi3.Operation) {
		if operation.RequestBody != nil && strings.Contains(route, " /v1/") {
			closed(route, operation.RequestBody.Value.Content["application/json"].Schema.Value)
		}
	})
}
