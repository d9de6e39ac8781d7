package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

const file = "../../../template.yaml"

// printed returns what the command prints, read again.
func printed[V any](t *testing.T, args ...string) V {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(append([]string{"-template", file}, args...), &out))
	var value V
	require.NoError(t, json.Unmarshal(out.Bytes(), &value))
	return value
}

func TestTheTablesStandAloneWithTheIndexesOfTheirStage(t *testing.T) {
	for stage, indexes := range map[string]int{"8": 6, "7": 5, "0": 5, "3": 8} {
		got := printed[struct{ Resources map[string]resource }](t, "-stage", stage)
		cases := got.Resources["CasesTable"]
		require.Len(t, got.Resources, 7)
		require.Equal(t, []string{"AWS::DynamoDB::Table", "Retain", "Retain"}, []string{cases.Type, cases.DeletionPolicy, cases.UpdateReplacePolicy})
		require.Len(t, cases.Properties["GlobalSecondaryIndexes"], indexes, "stage %s", stage)
	}
}

func TestTheListOfAnImportNamesEveryTable(t *testing.T) {
	parsed, err := template.Parse(file)
	require.NoError(t, err)
	list := printed[[]existing](t, "-import", "makegood-restored-")
	require.Len(t, list, len(parsed.ResourcesOfType(template.TypeTable)))
	require.Contains(t, list, existing{"AWS::DynamoDB::Table", "WalletsTable", map[string]string{"TableName": "makegood-restored-Wallets"}})
}

func TestAWrongStageIsRefused(t *testing.T) {
	require.ErrorContains(t, run([]string{"-template", file, "-stage", "9"}, &bytes.Buffer{}), "IndexStage")
}
