package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Reading the contract checks each example against its schema.
func TestEveryOperationHasANameOfItsOwnAndExamplesOfWhatItTakesAndAnswers(t *testing.T) {
	names := map[string]string{}
	shown := func(route string, content openapi3.Content) {
		for media, body := range content {
			assert.True(t, body.Example != nil || len(body.Examples) > 0, "%s: no example of its %s", route, media)
		}
	}
	operations(contract(t), func(route string, operation *openapi3.Operation) {
		assert.NotEmpty(t, operation.OperationID, route)
		assert.NotEmpty(t, operation.Summary, route)
		assert.Empty(t, names[operation.OperationID], "%s has the name of another", route)
		names[operation.OperationID] = route
		if operation.RequestBody != nil {
			shown(route, operation.RequestBody.Value.Content)
		}
		for status, response := range operation.Responses.Map() {
			if status < "300" {
				shown(route, response.Value.Content)
			}
		}
	})
}

func TestTheContractSpeaksOfNoLanguageItIsGeneratedTo(t *testing.T) {
	var hints func(at string, ref *openapi3.SchemaRef)
	hints = func(at string, ref *openapi3.SchemaRef) {
		assert.Empty(t, ref.Extensions, at)
		if ref.Value == nil || ref.Ref != "" {
			return
		}
		assert.Empty(t, ref.Value.Extensions, "%s: what Go needs to know goes into openapi.go.yaml", at)
		for name, property := range ref.Value.Properties {
			hints(at+"."+name, property)
		}
		if ref.Value.Items != nil {
			hints(at+"[]", ref.Value.Items)
		}
	}
	for name, schema := range contract(t).Components.Schemas {
		hints(name, schema)
	}
}

// A generator names the type of a closed word in a field after both: it must not be another's name.
func TestNoFieldOfClosedWordsIsNamedAsASchemaIs(t *testing.T) {
	schemas := contract(t).Components.Schemas
	for name, schema := range schemas {
		for field, property := range schema.Value.Properties {
			if property.Ref != "" || property.Value.Enum == nil {
				continue
			}
			typeName := name
			for word := range strings.SplitSeq(field, "_") {
				typeName += strings.ToUpper(word[:1]) + word[1:]
			}
			assert.NotContains(t, schemas, typeName, "%s.%s: refer to the schema, or name it otherwise", name, field)
		}
	}
}

// A field of an answer is a Go string, so that only its noun lists its words: here both lists meet.
// What handlers really answer is held to the contract by shared/aws/http/httptest.
func TestTheClosedWordsOfAnswersAreThoseOfTheNouns(t *testing.T) {
	schemas := contract(t).Components.Schemas
	kinds := []any{}
	for _, kind := range []policy.Kind{
		policy.KindTechnicalFailure, policy.KindBadResult, policy.KindDuplicateCharge, policy.KindNotCredited, policy.KindOutage,
		policy.KindAbnormalCharge, policy.KindChangeOfMind,
	} {
		kinds = append(kinds, string(kind))
	}
	states := []any{
		string(refund.StateReceived), "assessing", string(refund.StateInReview), string(refund.StateApproved), string(refund.StateDeclined),
		string(refund.StatePaying), string(refund.StateClosed),
	}
	outcomes := []any{string(policy.OutcomeApproved), string(policy.OutcomeDeclined), string(policy.OutcomeInReview)}
	for schema, fields := range map[string]map[string][]any{
		"Case":         {"kind": kinds, "state": states},
		"CaseState":    {"state": states},
		"CaseVerdicts": {"kind": kinds},
		"Decision":     {"outcome": outcomes},
		"InsightCase":  {"kind": kinds, "state": states, "outcome": outcomes[:2]},
		"NoticeData":   {"kind": kinds, "outcome": outcomes},
		"Skip":         {"kind": kinds, "state": states},
		"Lot":          {"source": {string(ledger.SourcePurchase), string(ledger.SourceAllowance), string(ledger.SourcePromotion), string(ledger.SourceGoodwill)}},
		"CaseEvent":    {"actor": {ledger.ActorCustomer, ledger.ActorApp, ledger.ActorStaff, ledger.ActorProvider, ledger.ActorSystem}},
		"Promise": {"progress": {
			string(payment.ProgressDue), string(payment.ProgressPending), string(payment.ProgressPaid), string(payment.ProgressFailed),
			string(payment.ProgressExternal),
		}},
	} {
		for field, words := range fields {
			assert.Equal(t, words, schemas[schema].Value.Properties[field].Value.Enum, "%s.%s", schema, field)
		}
	}
}

// unsent are the codes of errors that no caller ever gets, and those that are no errors.
var unsent = []string{
	"stale",                                    // an edge shows it as busy
	"already_refunded", "key_spent", "refused", // a provider's refusals: they stand on a promise
	"result_overdue", // a failure's code
	"views_full",     // of the console, which is no API
}

func TestEveryCodeOfAProblemIsInTheContract(t *testing.T) {
	var codes []string
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".gen.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, is := node.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
				return true
			}
			if word, is := spec.Values[0].(*ast.BasicLit); is && word.Kind == token.STRING {
				code, err := strconv.Unquote(word.Value)
				assert.NoError(t, err)
				codes = append(codes, code)
			}
			return true
		})
		return nil
	}))
	var declared []string
	for _, code := range contract(t).Components.Schemas["ProblemCode"].Value.Enum {
		declared = append(declared, code.(string))
	}
	codes = slices.DeleteFunc(codes, func(code string) bool { return slices.Contains(unsent, code) })
	slices.Sort(codes)
	assert.Equal(t, slices.Compact(codes), declared)
}
