package main

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"makegood/shared/aws/dynamo"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// row is an item as the SDK has it.
type row map[string]types.AttributeValue

// The attributes that a copy has of its own, and a wallet's sort key.
const (
	attrPK, attrSK, attrCustomer, attrShard = "pk", "sk", "customer", "shard"
	attrDueAt, attrStartedAt, attrReviewBy  = "dueAt", "startedAt", "reviewBy"
	walletRow                               = "wallet"
)

const (
	batchRows     = 25 // of one call
	batchTries    = 10
	batchesAtOnce = 4
	moments       = 1000 // different instants at which open generations are due
)

// planter fills tables with copies of rows that the functions have written, each with a key of its
// own. So what is planted is valid, whatever a row holds.
type planter struct {
	client *dynamodb.Client
	tables map[string]string // logical id → name
	shards int
}

func newPlanter(s *stack) (planter, error) {
	shards, err := dynamo.ParseShards(s.functions[sweepDue].Env["SHARDS"])
	return planter{s.client, s.tables, shards}, err
}

func textOf(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// find returns the customer's row whose sort key begins with that.
func (p planter) find(ctx context.Context, table, customer, sort string) (row, error) {
	found, err := p.client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(p.tables[table]), ConsistentRead: aws.Bool(true), Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: row{":pk": textOf(ledger.CustomerID(customer).Key()), ":sk": textOf(sort)},
	})
	if err == nil && len(found.Items) == 0 {
		err = fmt.Errorf("%s has no row %s… of %s", table, sort, customer)
	}
	if err != nil {
		return nil, err
	}
	return found.Items[0], nil
}

// of returns a copy of the row that is the customer's, under that sort key.
func (p planter) of(model row, customer, sort string) row {
	copied := maps.Clone(model)
	key := ledger.CustomerID(customer).Key()
	copied[attrPK], copied[attrSK] = textOf(key), textOf(sort)
	if copied[attrCustomer] != nil {
		copied[attrCustomer] = textOf(customer)
	}
	// A row that stands in an index of shards has that of its customer.
	if copied[attrShard] != nil {
		copied[attrShard] = textOf(dynamo.ShardOf(key, p.shards))
	}
	return copied
}

// later moves an instant of the row.
func (r row) later(attribute string, by time.Duration) {
	if was, is := r[attribute].(*types.AttributeValueMemberN); is {
		at, _ := strconv.ParseInt(was.Value, 10, 64)
		r[attribute] = &types.AttributeValueMemberN{Value: strconv.FormatInt(at+by.Milliseconds(), 10)}
	}
}

// wallets plants wallets of customers of their own, from that number up to that.
func (p planter) wallets(ctx context.Context, model row, from, to int) error {
	return p.plant(ctx, "WalletsTable", from, to, func(n int) row { return p.of(model, fmt.Sprintf("planted-%d", n), walletRow) })
}

// generations plants generations of the customer, each begun a second before the one before it.
func (p planter) generations(ctx context.Context, model row, customer string, from, to int) error {
	return p.plant(ctx, "GenerationsTable", from, to, func(n int) row {
		one := p.of(model, customer, string(generation.NewID(ledger.CustomerID(customer), "planted", strconv.Itoa(n))))
		one.later(attrStartedAt, -time.Duration(n)*time.Second)
		one.later(attrDueAt, time.Duration(n%moments)*time.Second)
		return one
	})
}

// cases plants cases of customers of their own that wait for staff, each a second longer.
func (p planter) cases(ctx context.Context, model row, from, to int) error {
	return p.plant(ctx, "CasesTable", from, to, func(n int) row {
		customer := fmt.Sprintf("waiting-%d", n)
		id := refund.NewCaseID(ledger.CustomerID(customer).Key(), policy.KindBadResult, strconv.Itoa(n))
		one := p.of(model, customer, string(id))
		one.later(attrReviewBy, time.Duration(n)*time.Second)
		return one
	})
}

// plant writes the rows of those numbers, some batches at once.
func (p planter) plant(ctx context.Context, table string, from, to int, make func(n int) row) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(batchesAtOnce)
	for start := from; start < to; start += batchRows {
		group.Go(func() error {
			var puts []types.WriteRequest
			for n := start; n < min(start+batchRows, to); n++ {
				puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: make(n)}})
			}
			return p.write(ctx, p.tables[table], puts)
		})
	}
	return group.Wait()
}

// write puts the rows, and again what was left unprocessed.
func (p planter) write(ctx context.Context, table string, puts []types.WriteRequest) error {
	left := map[string][]types.WriteRequest{table: puts}
	for range batchTries {
		written, err := p.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: left})
		if err != nil {
			return err
		}
		if left = written.UnprocessedItems; len(left) == 0 {
			return nil
		}
	}
	return fmt.Errorf("%s: rows were left unprocessed", table)
}
