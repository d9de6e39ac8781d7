package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/template"
)

// metered opens a client whose calls go through a meter over the template's tables.
func metered(t *testing.T) (*meter, *dynamodb.Client, map[string]string) {
	t.Helper()
	ctx := context.Background()
	services, err := local.Shared(ctx)
	require.NoError(t, err)
	t.Cleanup(services.Stop)
	read, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	direct := local.DynamoDB(services.DynamoDBURL)
	tables, err := local.CreateTables(ctx, direct, read, fresh("meter-")+"-")
	require.NoError(t, err)
	m, err := newMeter(ctx, services.DynamoDBURL, direct, slices.Collect(maps.Values(tables)))
	require.NoError(t, err)
	t.Cleanup(m.server.Close)
	return m, local.DynamoDB(m.server.URL), tables
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func walletKey(customer string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": text(customer), "sk": text("wallet")}
}

func TestSingleWritesCostWhatDynamoDBLocalReports(t *testing.T) {
	m, client, tables := metered(t)
	ctx := context.Background()
	update := func(expression string, values map[string]types.AttributeValue) *dynamodb.UpdateItemInput {
		return &dynamodb.UpdateItemInput{
			TableName: aws.String(tables["WalletsTable"]), Key: walletKey("a"), UpdateExpression: &expression, ExpressionAttributeValues: values,
			ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
		}
	}
	big := map[string]types.AttributeValue{":b": text(strings.Repeat("x", 2500))}
	for _, step := range []*dynamodb.UpdateItemInput{
		update("SET due = :n", map[string]types.AttributeValue{":n": number(1)}),
		update("SET dueAt = :n", map[string]types.AttributeValue{":n": number(1)}),
		update("SET dueAt = :n", map[string]types.AttributeValue{":n": number(2)}),
		update("SET dueAt = :n", map[string]types.AttributeValue{":n": number(2)}),
		update("SET stuckAt = :n REMOVE dueAt", map[string]types.AttributeValue{":n": number(3)}),
		update("SET big = :b", big),
		update("REMOVE big", nil),
		update("SET lots = :l", map[string]types.AttributeValue{":l": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
			"lot_1": &types.AttributeValueMemberL{Value: []types.AttributeValue{text(strings.Repeat("y", 990)), number(123456), &types.AttributeValueMemberBOOL{}}},
		}}}),
	} {
		var reported float64
		calls, err := m.during(func() error {
			answer, err := client.UpdateItem(ctx, step)
			if err == nil {
				reported = *answer.ConsumedCapacity.CapacityUnits
			}
			return err
		})
		require.NoError(t, err)
		spent := sum(calls, m.tables)
		assert.Equal(t, 1, spent.writes)
		assert.InDelta(t, reported, float64(spent.units()), 0, *step.UpdateExpression)
	}
}

func TestCallsAreCountedByKind(t *testing.T) {
	m, client, tables := metered(t)
	ctx := context.Background()
	name := tables["WalletsTable"]
	calls, err := m.during(func() error {
		_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{TableName: &name, Item: map[string]types.AttributeValue{"pk": text("t"), "sk": text("wallet"), "stuckAt": number(7)}}},
			{Update: &types.Update{TableName: aws.String(tables["EntriesTable"]), Key: walletKey("t"), UpdateExpression: aws.String("SET credits = :n"), ExpressionAttributeValues: map[string]types.AttributeValue{":n": number(1)}}},
			{ConditionCheck: &types.ConditionCheck{TableName: &name, Key: walletKey("u"), ConditionExpression: aws.String("attribute_not_exists(pk)")}},
		}})
		if err != nil {
			return err
		}
		_, err = client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{name: {Keys: []map[string]types.AttributeValue{walletKey("t"), walletKey("u")}}}})
		return err
	})
	require.NoError(t, err)
	spent := sum(calls, m.tables)
	assert.Equal(t, []int{1, 1, 6, 1}, []int{spent.reads, spent.writes, spent.base, spent.index})
}

func TestACallThatIsNotCountedIsAnError(t *testing.T) {
	m, client, _ := metered(t)
	_, err := m.during(func() error {
		_, err := client.ListTables(context.Background(), &dynamodb.ListTablesInput{})
		return err
	})
	require.ErrorContains(t, err, "ListTables is not counted")
}
