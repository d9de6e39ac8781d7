package api_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/golden"
)

// bodies returns what an answer holds, by the name of its schema, with every field that it may
// have.
func bodies() map[string]any {
	return map[string]any{
		"Acknowledged":      golden.Fill[api.Acknowledged](),
		"AppealList":        golden.Fill[api.AppealList](),
		"AccuracyList":      golden.Fill[api.AccuracyList](),
		"Case":              golden.Fill[api.Case](),
		"CaseAssignment":    golden.Fill[api.CaseAssignment](),
		"CaseList":          golden.Fill[api.CaseList](),
		"CaseState":         golden.Fill[api.CaseState](),
		"InboxPage":         golden.Fill[api.InboxPage](),
		"NoticesRead":       golden.Fill[api.NoticesRead](),
		"InsightCaseList":   golden.Fill[api.InsightCaseList](),
		"Insights":          golden.Fill[api.Insights](),
		"Customer":          golden.Fill[api.Customer](),
		"CustomerStanding":  golden.Fill[api.CustomerStanding](),
		"DecidingSignal":    golden.Fill[api.DecidingSignal](),
		"Generation":        golden.Fill[api.Generation](),
		"GenerationList":    golden.Fill[api.GenerationList](),
		"LabelList":         golden.Fill[api.LabelList](),
		"SkipList":          golden.Fill[api.SkipList](),
		"Lot":               golden.Fill[api.Lot](),
		"NearLimitList":     golden.Fill[api.NearLimitList](),
		"OpenedAttachment":  golden.Fill[api.OpenedAttachment](),
		"Outage":            golden.Fill[api.Outage](),
		"OutageList":        golden.Fill[api.OutageList](),
		"OutputUse":         golden.Fill[api.OutputUse](),
		"Payment":           golden.Fill[api.Payment](),
		"PaymentList":       golden.Fill[api.PaymentList](),
		"PersonalData":      golden.Fill[api.PersonalData](),
		"Policy":            golden.Fill[api.Policy](),
		"Problem":           golden.Fill[api.Problem](),
		"HitList":           golden.Fill[api.HitList](),
		"ResultTaken":       golden.Fill[api.ResultTaken](),
		"RetriedItem":       golden.Fill[api.RetriedItem](),
		"SecondLook":        golden.Fill[api.SecondLook](),
		"SecondLookAnswer":  golden.Fill[api.SecondLookAnswer](),
		"SecondLookList":    golden.Fill[api.SecondLookList](),
		"Session":           golden.Fill[api.Session](),
		"SignalList":        golden.Fill[api.SignalList](),
		"StartedGeneration": golden.Fill[api.StartedGeneration](),
		"Statement":         golden.Fill[api.Statement](),
		"StuckList":         golden.Fill[api.StuckList](),
		"VerdictPreview":    golden.Fill[api.VerdictPreview](),
		"VerdictList":       golden.Fill[api.VerdictList](),
	}
}

// TestEveryAnswerIsAsItsGoldenBodyHasIt freezes which body each route answers with by each status,
// and every field of those bodies.
func TestEveryAnswerIsAsItsGoldenBodyHasIt(t *testing.T) {
	answers, all := map[string]map[string]string{}, bodies()
	operations(contract(t), func(route string, operation *openapi3.Operation) {
		answers[route] = map[string]string{}
		for status, response := range operation.Responses.Map() {
			for mediaType, content := range response.Value.Content {
				if mediaType == api.MediaCSV || status >= "400" && mediaType != "application/problem+json" {
					continue // the same as a table; API Gateway's own
				}
				name := strings.TrimPrefix(content.Schema.Ref, "#/components/schemas/")
				require.Contains(t, all, name, "%s %s", route, status)
				answers[route][status] = name
			}
		}
	})
	golden.Equal(t, "testdata/answers.golden.json", answers)
	golden.Equal(t, "testdata/bodies.golden.json", all)
}
