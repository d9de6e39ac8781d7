package dynamo_test

import (
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/dynamo"
	"makegood/shared/golden"
)

// putFormer writes the golden rows of the table as a release without shards wrote them, and returns
// them as they should be after the backfill.
func putFormer(t *testing.T, name, table string) (want []plainRow) {
	t.Helper()
	golden.Read(t, rowsFile(name), &want)
	for _, row := range want {
		former := maps.Clone(row)
		delete(former, "shard")
		_, err := local.DynamoDB(endpoint).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: former.attributes(t)})
		require.NoError(t, err)
	}
	return want
}

// everyUnsharded lists the rows without a shard, some rows a page.
func everyUnsharded(t *testing.T, store *dynamo.Store) (rows []dynamo.RowKey, read int) {
	t.Helper()
	for _, table := range dynamo.ShardedTables() {
		for after, pages := (*dynamo.RowKey)(nil), 0; ; pages++ {
			require.Less(t, pages, 100)
			page, err := store.ListUnsharded(t.Context(), table, after, 2)
			require.NoError(t, err)
			rows, read = append(rows, page.Rows...), read+page.Read
			if after = page.Next; after == nil {
				break
			}
		}
	}
	return rows, read
}

func TestRowsOfAReleaseWithoutShardsBecomeThoseOfThisOneAndNothingElseChanges(t *testing.T) {
	store, tables := openOn(t)
	want := map[string][]plainRow{
		tables.Wallets: putFormer(t, "wallets", tables.Wallets), tables.Cases: putFormer(t, "cases", tables.Cases),
	}
	lacking := 0
	for _, rows := range want {
		for _, row := range rows {
			if row["shard"].S != nil {
				lacking++
			}
		}
	}
	rows, read := everyUnsharded(t, store)
	require.Equal(t, len(want[tables.Wallets])+len(want[tables.Cases]), read, "every row is looked at once")
	require.Len(t, rows, lacking)
	for _, row := range rows {
		given, units, err := store.GiveShard(t.Context(), row)
		require.NoError(t, err)
		require.True(t, given)
		require.Positive(t, units)
	}
	for table, rows := range want {
		require.Equal(t, rows, scan(t, table))
	}
	rows, _ = everyUnsharded(t, store)
	require.Empty(t, rows)
}

func TestARowThatHasAShardKeepsItAndOneThatIsGoneIsNotMade(t *testing.T) {
	store, tables := openOn(t)
	row := dynamo.RowKey{Table: dynamo.TableCases, Partition: "alice", Sort: "cas_1"}
	given, _, err := store.GiveShard(t.Context(), row)
	require.NoError(t, err)
	require.False(t, given)
	require.Empty(t, scan(t, tables.Cases))

	putCase(t, tables, "7")
	given, _, err = store.GiveShard(t.Context(), row)
	require.NoError(t, err)
	require.False(t, given)
	require.Equal(t, "7", scan(t, tables.Cases)[0].text("shard"))
}

func TestARowOfAShardThatIsAskedNoMoreComesBackIntoOneThatIs(t *testing.T) {
	store, tables := openOn(t) // of eight shards
	putCase(t, tables, "8")
	rows, _ := everyUnsharded(t, store)
	require.Equal(t, []dynamo.RowKey{{Table: dynamo.TableCases, Partition: "alice", Sort: "cas_1"}}, rows)
	given, _, err := store.GiveShard(t.Context(), rows[0])
	require.NoError(t, err)
	require.True(t, given)
	require.Equal(t, dynamo.ShardOf("alice", 8), scan(t, tables.Cases)[0].text("shard"))
	rows, _ = everyUnsharded(t, store)
	require.Empty(t, rows)
}

// putCase writes a row that owes a step, in a shard.
func putCase(t *testing.T, tables dynamo.Tables, shard string) {
	t.Helper()
	_, err := local.DynamoDB(endpoint).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(tables.Cases), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "alice"}, "sk": &types.AttributeValueMemberS{Value: "cas_1"},
		"shard": &types.AttributeValueMemberS{Value: shard}, "dueAt": &types.AttributeValueMemberN{Value: "1"},
	}})
	require.NoError(t, err)
}
