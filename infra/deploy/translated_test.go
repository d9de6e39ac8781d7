package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/limit"
	"makegood/infra/template"
)

// translator returns the Python of the SAM CLI, which SAM_PYTHON names: make sam-validate, as CI
// does. Without it these tests are passed over, since each template takes SAM seconds.
func translator(t *testing.T) string {
	t.Helper()
	python := os.Getenv("SAM_PYTHON")
	if python == "" {
		t.Skip("what SAM makes of the template is looked at by make sam-validate")
	}
	return python
}

// job is a template and the parameters that SAM is given with it.
type job struct{ text, parameters string }

// translate returns what SAM makes of each: all in one process, which takes seconds to begin.
func translate(t *testing.T, jobs ...job) []map[string]any {
	t.Helper()
	folder := t.TempDir()
	arguments := []string{filepath.Join("..", "limit", "translate.py")}
	for i, one := range jobs {
		file := filepath.Join(folder, strconv.Itoa(i)+".yaml")
		require.NoError(t, os.WriteFile(file, []byte(one.text), 0o600))
		arguments = append(append(append(arguments, file), strings.Fields(one.parameters)...), "--")
	}
	sam := exec.CommandContext(t.Context(), translator(t), arguments...)
	var stderr bytes.Buffer
	sam.Stderr = &stderr
	output, err := sam.Output()
	require.NoError(t, err, stderr.String())
	var all []map[string]any
	require.NoError(t, json.Unmarshal(output, &all))
	require.Len(t, all, len(jobs))
	return all
}

func sources(t *testing.T) (string, *template.Template) {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	require.NoError(t, err)
	parsed, err := template.ParseBytes("template.yaml", text)
	require.NoError(t, err)
	return string(text), parsed
}

// ofType returns the logical ids of a type in a translated template.
func ofType(document map[string]any, kind string) []string {
	var ids []string
	for id, body := range document["Resources"].(map[string]any) {
		if body.(map[string]any)["Type"] == kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func properties(document map[string]any, id string) map[string]any {
	body, _ := document["Resources"].(map[string]any)[id].(map[string]any)
	of, _ := body["Properties"].(map[string]any)
	return of
}

func TestTranslatedTheStackIsWithinItsLimits(t *testing.T) {
	text, _ := sources(t)
	document := translate(t, job{text, ""})[0]
	require.Empty(t, limit.Translated(document, len(text)))
	require.True(t, limit.NeedsUpload(len(text)), "resolve_s3 of samconfig.toml could go")
	assert.Empty(t, ofType(document, "AWS::Lambda::Alias"))
	assert.Empty(t, ofType(document, "AWS::CodeDeploy::DeploymentGroup"))
	assert.Empty(t, ofType(document, "AWS::Lambda::Url"))
	assert.Len(t, ofType(document, "AWS::Lambda::EventSourceMapping"), 6)
	assert.Len(t, ofType(document, "AWS::Lambda::Function"), 18)
}

func TestTranslatedACanaryMovesTheCallsAndNotTheQueues(t *testing.T) {
	text, parsed := sources(t)
	changed, err := withCanary(text, parsed, strings.Repeat("ab", 32))
	require.NoError(t, err)
	next, err := withCanary(text, parsed, strings.Repeat("cd", 32))
	require.NoError(t, err)
	const canary = "Canary=Canary10Percent10Minutes"
	documents := translate(t, job{changed, canary}, job{changed, canary + " Policy=goopter"}, job{next, canary})
	document := documents[0]
	require.Empty(t, limit.Translated(document, len(changed)))
	require.Len(t, ofType(document, "AWS::Lambda::Alias"), 11)
	require.Len(t, ofType(document, "AWS::Lambda::Version"), 11)
	groups := ofType(document, "AWS::CodeDeploy::DeploymentGroup")
	require.Len(t, groups, 11)
	for _, id := range groups {
		group, err := json.Marshal(properties(document, id))
		require.NoError(t, err)
		assert.Contains(t, string(group), `"ConfigName":"Canary10Percent10Minutes"`, id)
		for _, alarm := range alarms {
			_, name, _ := strings.Cut(alarm, ": ")
			assert.Contains(t, string(group), name, id)
		}
		assert.Contains(t, string(group), "DEPLOYMENT_STOP_ON_ALARM", "it goes back by itself")
	}
	// The API calls the alias, or the calls would not move.
	api, err := json.Marshal(properties(document, "HttpApi"))
	require.NoError(t, err)
	assert.Contains(t, string(api), "GrantCreditsFunctionAliaslive")
	assert.NotContains(t, string(api), "${GrantCreditsFunction.Arn}")
	for _, id := range ofType(document, "AWS::Lambda::EventSourceMapping") {
		function, err := json.Marshal(properties(document, id)["FunctionName"])
		require.NoError(t, err)
		assert.NotContains(t, string(function), "Alias", id)
	}
	// Of the parameters SAM knows nothing here: the release is what tells two versions apart.
	require.Equal(t, ofType(documents[0], "AWS::Lambda::Version"), ofType(documents[1], "AWS::Lambda::Version"))
	for _, version := range ofType(documents[2], "AWS::Lambda::Version") {
		require.NotContains(t, ofType(document, "AWS::Lambda::Version"), version, "each release has versions of its own")
	}
}

// TestTranslatedSAMPublishesNothingWhereAParameterAloneChanges is why the canary is not in the
// template: infra/decisions/0050. Where it fails, SAM has learned it.
func TestTranslatedSAMPublishesNothingWhereAParameterAloneChanges(t *testing.T) {
	text, _ := sources(t)
	properties := "  ReadAccountFunction:\n    Type: AWS::Serverless::Function\n    Metadata: {BuildMethod: go1.x}\n    Properties:\n"
	require.Contains(t, text, properties)
	aliased := strings.Replace(text, properties, properties+"      AutoPublishAlias: live\n      AutoPublishAliasAllProperties: true\n", 1)
	documents := translate(t, job{aliased, "Policy=photoroom"}, job{aliased, "Policy=goopter"})
	require.Equal(t, ofType(documents[0], "AWS::Lambda::Version"), ofType(documents[1], "AWS::Lambda::Version"))
}

func TestTranslatedWhatSAMLetsInIsFound(t *testing.T) {
	text, _ := sources(t)
	const function, secondDoor = "      CodeUri: functions/open-session/\n", "  HttpApiLogGroup:\n"
	defects := []struct{ says, instead, wrong string }{
		{function, function + "      FunctionUrlConfig: {AuthType: NONE}\n", "an address of its own"},
		{"Principal: {Service: lambda.amazonaws.com}", "Principal: {AWS: \"*\"}", "may be taken on by"},
		{secondDoor, "  Anyone:\n    Type: AWS::Lambda::Permission\n    Properties: {Action: lambda:InvokeFunction, FunctionName: !Ref GrantCreditsFunction, Principal: \"*\"}\n\n" + secondDoor, "from anywhere"},
		{"CONTACT_EMAIL: !Ref ContactEmail", "CONTACT_EMAIL: !GetAtt HttpApi.ApiEndpoint", "wait for each other"},
	}
	var jobs []job
	for _, d := range defects {
		require.Contains(t, text, d.says)
		jobs = append(jobs, job{strings.Replace(text, d.says, d.instead, 1), ""})
	}
	for i, document := range translate(t, jobs...) {
		wrong := limit.Translated(document, len(text))
		require.NotEmpty(t, wrong, defects[i].wrong)
		assert.Contains(t, strings.Join(wrong, "\n"), defects[i].wrong)
	}
}
