package dynamo_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/template"
)

// left are the tables, by their logical ids, that tests have ended with, the longest ago first: to
// make and drop them takes DynamoDB Local several times as long as what a test does on them.
var left struct {
	mu     sync.Mutex
	tables []map[string]string
}

var made atomic.Int64

// emptyTables returns tables by their logical ids, which are the test's alone until it ends. They
// are emptied when they are taken, not when they are left: a call that a test cut off has long come
// to its end by then.
func emptyTables(t *testing.T, client *dynamodb.Client, scope template.Scope) map[string]string {
	t.Helper()
	usual := reflect.ValueOf(scope).IsZero()
	if usual {
		if names := takeTables(); names != nil {
			t.Cleanup(func() { leaveTables(names) })
			for _, name := range names {
				require.NoError(t, empty(t.Context(), client, name))
			}
			return names
		}
	}
	names, err := local.CreateTablesOf(t.Context(), client, described, scope, fmt.Sprintf("dynamo-%d-%d-", os.Getpid(), made.Add(1)))
	require.NoError(t, err)
	t.Cleanup(func() {
		if usual {
			leaveTables(names)
			return
		}
		for _, name := range names { // each call takes DynamoDB Local longer, the more tables there are
			_, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: &name})
			require.NoError(t, err)
		}
	})
	return names
}

func takeTables() map[string]string {
	left.mu.Lock()
	defer left.mu.Unlock()
	if len(left.tables) == 0 {
		return nil
	}
	names := left.tables[0]
	left.tables = left.tables[1:]
	return names
}

func leaveTables(names map[string]string) {
	left.mu.Lock()
	defer left.mu.Unlock()
	left.tables = append(left.tables, names)
}

// empty deletes every item of a table, page by page, and looks again until it finds none.
func empty(ctx context.Context, client *dynamodb.Client, table string) error {
	for {
		page, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
		if err != nil || len(page.Items) == 0 {
			return err
		}
		const most = 25 // items of a batch
		for len(page.Items) > 0 {
			n := min(most, len(page.Items))
			var deletes []types.WriteRequest
			for _, item := range page.Items[:n] {
				deletes = append(deletes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: keyOf(item)}})
			}
			page.Items = page.Items[n:]
			if _, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: deletes}}); err != nil {
				return err
			}
		}
	}
}

func TestTablesThatATestHasLeftAreEmptyForTheNext(t *testing.T) {
	client := local.DynamoDB(endpoint)
	names := emptyTables(t, client, template.Scope{})
	for _, name := range names {
		table, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
		require.NoError(t, err)
		for n := range 30 { // more than a batch, and more than a page of a megabyte
			item := map[string]types.AttributeValue{"load": &types.AttributeValueMemberS{Value: strings.Repeat("x", 50_000)}}
			for _, key := range table.Table.KeySchema {
				item[*key.AttributeName] = &types.AttributeValueMemberS{Value: fmt.Sprint("row-", n)}
			}
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: item})
			require.NoError(t, err, name)
		}
		require.NoError(t, empty(t.Context(), client, name))
		found, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &name, ConsistentRead: aws.Bool(true)})
		require.NoError(t, err)
		assert.Empty(t, found.Items, name)
	}
}
