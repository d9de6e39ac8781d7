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

	"makegood/shared/correlation"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/registry"
	"makegood/shared/refund"
	"makegood/shared/standing"
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
	// A provider's webhook has the route that its registration names.
	var webhooks []string
	for _, p := range registry.Providers {
		webhooks = append(webhooks, "POST "+p.Path)
	}
	slices.Sort(webhooks)
	assert.Equal(t, slices.Concat([]string{
		"DELETE /v1/cases/{id}/assignment",
		"DELETE /v1/customers/{id}/personal",
		"DELETE /v1/outages/{id}",
		"GET /v1/accuracy",
		"GET /v1/appeals",
		"GET /v1/cases",
		"GET /v1/cases/{id}",
		"GET /v1/customers",
		"GET /v1/customers/{id}",
		"GET /v1/customers/{id}/cases",
		"GET /v1/customers/{id}/generations",
		"GET /v1/customers/{id}/notices",
		"GET /v1/customers/{id}/personal",
		"GET /v1/customers/{id}/standing",
		"GET /v1/customers/{id}/statement",
		"GET /v1/find",
		"GET /v1/generations/{id}",
		"GET /v1/insights",
		"GET /v1/insights/cases",
		"GET /v1/labels",
		"GET /v1/outages",
		"GET /v1/outages/{id}",
		"GET /v1/payments",
		"GET /v1/payments/{id}",
		"GET /v1/policy",
		"GET /v1/second-looks",
		"GET /v1/second-looks/{id}",
		"GET /v1/signals",
		"GET /v1/skips",
		"GET /v1/stuck",
		"GET /v1/verdicts",
		"POST /v1/attachments",
		"POST /v1/cases/{id}/appeal",
		"POST /v1/cases/{id}/preview",
		"POST /v1/cases/{id}/proposal",
		"POST /v1/cases/{id}/skips",
		"POST /v1/cases/{id}/take-back",
		"POST /v1/cases/{id}/verdict",
		"POST /v1/customers/{id}/notices/read",
		"POST /v1/generations",
		"POST /v1/generations/{id}/result",
		"POST /v1/generations/{id}/usage",
		"POST /v1/grants",
		"POST /v1/outages",
		"POST /v1/outages/{id}/run",
		"POST /v1/payments/{id}/resolve",
		"POST /v1/refund-requests",
		"POST /v1/reports",
		"POST /v1/second-looks/{id}",
		"POST /v1/sessions",
		"POST /v1/signals/{id}/lift",
		"POST /v1/stuck/{id}/retry",
	}, webhooks, []string{
		"PUT /v1/cases/{id}/assignment",
		"PUT /v1/customers/{id}/standing",
		"PUT /v1/outages/{id}",
	}), routes)
}

// idempotentRoutes are the commands that a caller may send again under the same key.
var idempotentRoutes = []string{
	"POST /v1/attachments", "POST /v1/cases/{id}/appeal", "POST /v1/cases/{id}/verdict", "POST /v1/generations", "POST /v1/grants", "POST /v1/outages", "POST /v1/refund-requests",
	"POST /v1/payments/{id}/resolve", "POST /v1/reports", "POST /v1/generations/{id}/usage",
	"POST /v1/second-looks/{id}", "POST /v1/signals/{id}/lift",
}

// onceOnly are the commands without a key that are refused once another was given.
var onceOnly = []string{
	"POST /v1/outages/{id}/run", "PUT /v1/outages/{id}", "DELETE /v1/outages/{id}", "POST /v1/cases/{id}/preview", "POST /v1/cases/{id}/take-back",
	"POST /v1/cases/{id}/proposal", "PUT /v1/cases/{id}/assignment", "DELETE /v1/cases/{id}/assignment", "POST /v1/cases/{id}/skips",
}

// namesInBody are the routes whose body names something that may not be there, or not be theirs.
var namesInBody = []string{"POST /v1/attachments", "POST /v1/refund-requests", "POST /v1/reports"}

func TestEveryRouteSaysWhatMayGoWrong(t *testing.T) {
	operations(contract(t), func(route string, operation *openapi3.Operation) {
		has := func(status string) bool { return operation.Responses.Value(status) != nil }
		webhook := strings.Contains(route, " /webhooks/")
		for _, always := range []string{"429", "500", "503", "default"} {
			assert.True(t, has(always), "%s: %s", route, always)
		}
		assert.NotEqual(t, webhook, has("401"), route)
		assert.Equal(t, webhook, operation.Security != nil && len(*operation.Security) == 0, "only a webhook needs no credential: %s", route)
		assert.Equal(t, operation.RequestBody != nil, has("413"), route)
		assert.Equal(t, strings.Contains(route, "{id}") || slices.Contains(namesInBody, route), has("404"), route)
		idempotent := operation.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
		assert.Equal(t, slices.Contains(idempotentRoutes, route), idempotent, route)
		assert.Equal(t, idempotent || slices.Contains(onceOnly, route), has("409"), route)
		assert.NotEqual(t, webhook, has("403"), "a page of another origin: %s", route)
		for status, response := range operation.Responses.Map() {
			_, problem := response.Value.Content["application/problem+json"]
			assert.Equal(t, status >= "400", problem, "%s %s", route, status)
		}
	})
}

func TestEveryAnswerBringsTheIDOfItsLogLines(t *testing.T) {
	doc := contract(t)
	operations(doc, func(route string, operation *openapi3.Operation) {
		for status, response := range operation.Responses.Map() {
			assert.NotNil(t, response.Value.Headers[correlation.Header], "%s %s", route, status)
		}
	})
	bound := doc.Components.Headers["CorrelationId"].Value.Schema.Value
	assert.True(t, correlation.Fits(strings.Repeat("x", int(*bound.MaxLength))))
	assert.False(t, correlation.Fits(strings.Repeat("x", int(*bound.MaxLength)+1)))
}

func TestTheContractsBoundsAreThoseOfTheUseCases(t *testing.T) {
	schemas := contract(t).Components.Schemas
	field := func(schema, name string) *openapi3.Schema { return schemas[schema].Value.Properties[name].Value }
	for at, c := range map[string]struct {
		declared *uint64
		kept     int
	}{
		"description":     {field("ReportBadResult", "description").MaxLength, refund.MaxWords},
		"email":           {field("Claim", "email").MaxLength, refund.MaxEmail},
		"words":           {field("AppealCase", "words").MaxLength, refund.MaxWords},
		"reason":          {field("Claim", "reason").MaxLength, refund.MaxWords},
		"transaction_ids": {field("Claim", "transaction_ids").MaxItems, refund.MaxProofs},
		"attachments":     {field("Claim", "attachments").MaxItems, refund.MaxProofs},
		"a transaction":   {field("Claim", "transaction_ids").Items.Value.MaxLength, refund.MaxProof},
		"an attachment":   {field("Claim", "attachments").Items.Value.MaxLength, refund.MaxProof},
		"verdict note":    {field("Verdict", "note").MaxLength, refund.MaxNote},
		"skip reason":     {field("SkipCase", "reason").MaxLength, refund.MaxReason},
		"proposal note":   {field("AnswerProposal", "note").MaxLength, refund.MaxNote},
		"resolution note": {field("ResolvePayment", "note").MaxLength, payment.MaxNote},
		"standing note":   {field("SetStanding", "note").MaxLength, standing.MaxNote},
		"prompt":          {field("StartGeneration", "prompt").MaxLength, generation.MaxPrompt},
		"template":        {field("StartGeneration", "template").MaxLength, generation.MaxTemplate},
	} {
		require.NotNil(t, c.declared, at)
		assert.Equal(t, uint64(c.kept), *c.declared, at)
	}
	assert.Equal(t, float64(generation.MaxOutputs-1), *field("ReportBadResult", "output").Max)
	assert.Equal(t, float64(generation.MaxSide), *field("AskedSize", "width").Max)
	assert.Equal(t, float64(generation.MaxSide), *field("AskedSize", "height").Max)
}

func TestTheContractsWordsAreThoseOfTheNouns(t *testing.T) {
	schemas := contract(t).Components.Schemas
	words := func(schema string) (all []string) {
		for _, word := range schemas[schema].Value.Enum {
			all = append(all, word.(string))
		}
		require.NotEmpty(t, all)
		return all
	}
	for _, issue := range words("Issue") {
		assert.NoError(t, policy.Issue(issue).Validate("issue"))
	}
	for _, kind := range words("ClaimKind") {
		assert.True(t, policy.Kind(kind).AboutPurchase(), kind)
	}
	assert.Equal(t, []string{string(ledger.StandingGood), string(ledger.StandingRestricted), string(ledger.StandingTerminated)}, words("Standing"))
	assert.Equal(t, []string{string(policy.OutcomeApproved), string(policy.OutcomeDeclined)}, words("VerdictOutcome"))
	for _, action := range words("ResolveAction") {
		assert.NoError(t, payment.Resolution{Action: payment.Action(action), Reason: payment.ReasonUnpaid, Note: "why"}.Validate(), action)
	}
	assert.Equal(t, []string{
		string(payment.StatePending), string(payment.StateFailed), string(payment.StateParked), string(payment.StateGranted),
	}, words("PaymentState"))
	assert.Equal(t, []string{
		string(payment.ReasonUnpaid), string(payment.ReasonPaymentFailed), string(payment.ReasonNoCustomer), string(payment.ReasonUnknownPackage),
		string(payment.ReasonWrongCurrency), string(payment.ReasonWrongAmount),
		string(payment.ReasonWrongMode), string(payment.ReasonNoPaymentRequired), string(payment.ReasonWalletFull), string(payment.ReasonNotClawedBack),
		string(payment.ReasonDuplicate), string(payment.ReasonOverRefunded), string(payment.ReasonUnknownRefund),
		string(payment.ReasonUnknownStatus), string(payment.ReasonOtherProvider), string(payment.ReasonNotRefunded),
	}, words("WaitReason"))
}

// Generated clients name each closed word, and have no name for none: Kotlin's does not compile.
func TestNoClosedWordIsEmpty(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	assert.NotRegexp(t, `enum: *\[[^]]*(""|'')`, string(text))
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

func TestEveryAnswerThatShowsCasesSaysInWhichLanguagesTheirReasonsAre(t *testing.T) {
	operations(contract(t), func(route string, operation *openapi3.Operation) {
		shown := operation.Responses.Value("200")
		if shown == nil || shown.Value.Content["application/json"] == nil {
			return
		}
		schema := shown.Value.Content["application/json"].Schema.Ref
		if schema == "#/components/schemas/Case" || schema == "#/components/schemas/CaseList" {
			assert.Contains(t, shown.Value.Headers, "Content-Language", route)
			assert.Contains(t, shown.Value.Headers, "Vary", route)
		}
	})
}
