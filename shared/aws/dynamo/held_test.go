package dynamo_test

import (
	"flag"
	"fmt"
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/dynamo"
	"makegood/shared/due"
	"makegood/shared/golden"
	"makegood/shared/ledger"
	"makegood/shared/storetest"
)

// writeAll puts rows, 25 in a call.
func writeAll(t *testing.T, table string, rows []map[string]types.AttributeValue) {
	t.Helper()
	client := local.DynamoDB(endpoint)
	for len(rows) > 0 {
		var requests []types.WriteRequest
		for _, row := range rows[:min(25, len(rows))] {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: row}})
		}
		output, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: requests}})
		require.NoError(t, err)
		require.Empty(t, output.UnprocessedItems)
		rows = rows[len(requests):]
	}
}

func TestHeldIsRightBeyondAThousandOpenGenerationsAndReadsNoneOfThem(t *testing.T) {
	m := &meter{cost: cost{}}
	store, tables := openOn(t, m.install)
	open := 1100
	rows := make([]map[string]types.AttributeValue, open)
	for n := range rows {
		rows[n] = map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: golden.Alice.Key()}, "sk": &types.AttributeValueMemberS{Value: fmt.Sprint("gen_", n)},
			"state": &types.AttributeValueMemberS{Value: []string{"held", "failed", "captured"}[n%3]}, // a captured one owes a notice
			"price": &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
			"dueAt": &types.AttributeValueMemberN{Value: strconv.FormatInt(golden.Hour(n).UnixMilli(), 10)},
		}
	}
	writeAll(t, tables.Generations, rows)
	var want ledger.Credits
	for n := range open {
		if n%3 < 2 {
			want += ledger.Credits(n)
		}
	}
	var held ledger.Credits
	m.of(func() {
		var err error
		held, err = store.HeldBy(t.Context(), golden.Alice)
		require.NoError(t, err)
	})
	require.Equal(t, want, held)
	require.Equal(t, 2, m.reads, "what is open, and what is stuck")
}

// expiring is how many wallets expire at once on DynamoDB Local, 4 calls each: of 20,000 it takes
// some minutes.
var expiring = flag.Int("expiring", 250, "how many wallets expire at once")

func TestWalletsThatExpireAtOnceAreAllExpiredByBoundedSweeps(t *testing.T) {
	m := &meter{cost: cost{}}
	store, tables := openOn(t)
	w := storetest.NewWorldOf(t, store, "goopter")
	w.Grants("alice", 5, 24*time.Hour)
	got, err := local.DynamoDB(endpoint).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &tables.Wallets, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: ledger.CustomerID("alice").Key()}, "sk": &types.AttributeValueMemberS{Value: "wallet"},
	}})
	require.NoError(t, err)
	rows := make([]map[string]types.AttributeValue, *expiring-1)
	for n := range rows {
		customer := ledger.CustomerID(fmt.Sprint("customer-", n))
		rows[n] = maps.Clone(got.Item)
		rows[n]["pk"], rows[n]["customer"] = &types.AttributeValueMemberS{Value: customer.Key()}, &types.AttributeValueMemberS{Value: string(customer)}
		rows[n]["shard"] = &types.AttributeValueMemberS{Value: dynamo.ShardOf(customer.Key(), dynamo.DefaultShards)}
	}
	writeAll(t, tables.Wallets, rows)
	client := local.DynamoDB(endpoint)
	lists := dynamo.New(dynamodb.New(client.Options(), m.install), tables)
	w.Pass(25 * time.Hour)
	sweeps, left := 0, *expiring
	for ; left > 0; sweeps++ {
		require.LessOrEqual(t, sweeps, *expiring/due.MaxItems)
		// The lists of one sweep: 8 shards of wallets and of cases, and three small tables.
		var keys []due.Key
		m.of(func() {
			keys, _, err = lists.Overdue(t.Context(), w.Now, due.MaxItems)
			require.NoError(t, err)
		})
		require.Len(t, keys, min(left, due.MaxItems))
		require.Equal(t, 2*dynamo.DefaultShards+3, m.reads)
		left -= w.Sweep().Claimed
		w.Pass(time.Minute)
	}
	require.Equal(t, (*expiring+due.MaxItems-1)/due.MaxItems, sweeps)
	require.Zero(t, left)
	keys, _, err := store.Overdue(t.Context(), w.Now.Add(1000*time.Hour), due.MaxItems)
	require.NoError(t, err)
	require.Empty(t, keys)
}
