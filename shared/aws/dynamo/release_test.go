package dynamo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/dynamo"
	"makegood/shared/golden"
)

// TestRowsOfEachReleaseAreReadByTodaysCode: rows outlive every release.
func TestRowsOfEachReleaseAreReadByTodaysCode(t *testing.T) {
	for release, folder := range golden.Releases(t) {
		t.Run(release, func(t *testing.T) {
			store, tables := openOn(t)
			putRows(t, tables, func(table string) string {
				if !keeps(t, release, table) {
					return ""
				}
				return filepath.Join(folder, table+".json")
			}, nil)
			readRows(t, store, release)
		})
	}
}

// TestTheReleaseBeforeReadsTodaysRows: during a deployment, and after one that was taken back, its
// code reads what today's has written. It reads what it knows, so all of that must still be there.
func TestTheReleaseBeforeReadsTodaysRows(t *testing.T) {
	for release, folder := range golden.Releases(t) {
		for table := range byName(dynamo.Tables{}) {
			if !keeps(t, release, table) {
				continue
			}
			former, now := rowsOf(t, filepath.Join(folder, table+".json")), rowsOf(t, rowsFile(table))
			for key, row := range former {
				require.Contains(t, now, key, "%s: %s has no such row any more", release, table)
				golden.Holds(t, release+" "+table+" "+key, row, now[key])
			}
		}
	}
}

// TestARowOfALaterReleaseIsReadAsFarAsItIsKnown is what the test above rests on: an attribute more,
// and a member more in what is kept as JSON, are passed over.
func TestARowOfALaterReleaseIsReadAsFarAsItIsKnown(t *testing.T) {
	store, tables := openOn(t)
	more := "of a release to come"
	putRows(t, tables, rowsFile, func(row plainRow) {
		for name, value := range row {
			if value.S != nil && strings.HasPrefix(*value.S, "{") {
				later, _ := golden.Later(*value.S).(string)
				row[name] = plainValue{S: &later}
			}
		}
		row["later"] = plainValue{S: &more}
	})
	readRows(t, store, "")
}

// keeps reports whether the release has rows of the table: a later one may have added it.
func keeps(t *testing.T, release, table string) bool {
	t.Helper()
	if release == "" {
		return true
	}
	_, err := os.Stat(filepath.Join(golden.Releases(t)[release], table+".json"))
	return err == nil
}

// putRows fills the tables from files, each row changed first. A table without a file stays empty.
func putRows(t *testing.T, tables dynamo.Tables, file func(table string) string, change func(plainRow)) {
	t.Helper()
	client := local.DynamoDB(endpoint)
	for name, table := range byName(tables) {
		var rows []plainRow
		if file(name) == "" {
			continue
		}
		golden.Read(t, file(name), &rows)
		require.NotEmpty(t, rows, name)
		for _, row := range rows {
			if change != nil {
				change(row)
			}
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row.attributes(t)})
			require.NoError(t, err)
		}
	}
}

// rowsOf returns the rows of a file by their keys.
func rowsOf(t *testing.T, file string) map[string]any {
	t.Helper()
	var rows []map[string]any
	golden.Read(t, file, &rows)
	all := map[string]any{}
	for _, row := range rows {
		key := ""
		for _, name := range []string{"pk", "sk"} {
			if part, ok := row[name].(map[string]any); ok {
				key += part["S"].(string) + " "
			}
		}
		all[key] = row
	}
	return all
}
