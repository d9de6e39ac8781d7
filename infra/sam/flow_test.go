package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

func TestEveryStepHasItsEvent(t *testing.T) {
	for _, s := range steps {
		assert.FileExists(t, filepath.Join("..", "..", "events", s.function, s.event))
	}
}

func TestEveryFunctionOfTheTemplateIsAStep(t *testing.T) {
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	var deployed, played []string
	for _, f := range functions {
		deployed = append(deployed, filepath.Base(f.Folder))
	}
	for _, s := range flow("all") {
		played = append(played, s.function)
	}
	slices.Sort(deployed)
	slices.Sort(played)
	require.Equal(t, deployed, slices.Compact(played))
}

func TestOneInvocationIsLedToByTheShortFlowWhereItCan(t *testing.T) {
	require.Len(t, leadTo("decide-refund"), 3)
	last := leadTo("report-bad-result")
	require.Equal(t, "settle-generation", last[len(last)-1].function)
	require.Empty(t, leadTo("receive-purchase"))
}

func TestCIInvokesPurchaseStartAndRefund(t *testing.T) {
	var played []string
	for _, s := range flow("check") {
		played = append(played, s.function)
	}
	require.Subset(t, played, []string{"receive-purchase", "start-generation", "decide-refund"})
}

func TestAnAnswerOtherThanWantedIsAnError(t *testing.T) {
	http := step{status: 201, contains: `"held"`}
	require.NoError(t, http.wants(answer{Status: 201, Body: `{"state":"held"}`}))
	require.ErrorContains(t, http.wants(answer{Status: 402, Body: `{}`, Text: "…"}), "not status 201")
	require.ErrorContains(t, http.wants(answer{Status: 201, Body: `{"state":"failed"}`}), `without "held"`)

	consumer := step{}
	require.NoError(t, consumer.wants(answer{Text: "null"}))
	require.ErrorContains(t, consumer.wants(answer{}), "answered nothing", "it was cut off")
	failed := answer{Text: "…"}
	failed.Failed = append(failed.Failed, struct {
		Item string `json:"itemIdentifier"`
	}{"m1"})
	require.ErrorContains(t, consumer.wants(failed), "gave back 1 messages")
}

func TestIDsThatEarlierStepsMadeStandInForRecordedOnes(t *testing.T) {
	first, latest := "gen_"+strings.Repeat("b", 40), "gen_"+strings.Repeat("e", 40)
	k := known{}
	k.learn(`{"id":"` + first + `","state":"held"}`)
	k.learn(`{"id":"` + latest + `","other":"gen_` + strings.Repeat("c", 40) + `"}`)
	k.learn(`{"state":"good"}`)
	k.learn(`{"pay_by":"tomorrow"}`)
	require.Equal(t, `"pi_2" pay_3`, string(k.fill([]byte(`"pi_2" pay_3`))))
	k.learnPayment([]byte(`{"api_version":"1","data":{"object":{"payment_intent":"pi_1Abc","payment_status":"paid"}}}`))
	require.Equal(t, `"pi_1Abc" pi_1Abc out_x`, string(k.fill([]byte(`"pi_2" pay_3 out_x`))))
	got := k.fill([]byte(`{"generation":"gen_` + strings.Repeat("a", 40) + `","case":"cas_` + strings.Repeat("a", 40) + `"}`))
	require.JSONEq(t, `{"generation":"`+latest+`","case":"cas_`+strings.Repeat("a", 40)+`"}`, string(got))
}

func TestVariablesThatOnlyThisMachineHasAreDeclaredBesideTheTemplatesOwn(t *testing.T) {
	root := t.TempDir()
	built := filepath.Join(root, ".aws-sam", "build")
	require.NoError(t, os.MkdirAll(built, 0o755))
	text := "Globals:\n  Function:\n    Environment:\n      Variables:\n        METRICS_NAMESPACE:\n          Fn::Sub: Makegood/x\n"
	require.NoError(t, os.WriteFile(filepath.Join(built, "template.yaml"), []byte(text), 0o600))
	s := stage{root: root, host: "host:1", functions: []template.Function{{LogicalID: "AFunction", Folder: "functions/a", Env: map[string]string{"POLICY": "x"}}}}
	require.NoError(t, s.writeTemplate(t.Context()))

	written, err := template.Parse(s.template)
	require.NoError(t, err)
	variables := written.Document["Globals"].(map[string]any)["Function"].(map[string]any)["Environment"].(map[string]any)["Variables"].(map[string]any)
	for _, name := range append(localOnly, "METRICS_NAMESPACE") {
		assert.Contains(t, variables, name)
	}
	values, err := os.ReadFile(s.variables)
	require.NoError(t, err)
	assert.Contains(t, string(values), `"AWS_ENDPOINT_URL_DYNAMODB": "http://host:1/a"`)
	assert.Contains(t, string(values), `"POLICY": "x"`)
}

func TestWithoutABuildThePersonIsToldToBuild(t *testing.T) {
	s := stage{root: t.TempDir()}
	require.ErrorContains(t, s.writeTemplate(t.Context()), "make sam-build")
}
