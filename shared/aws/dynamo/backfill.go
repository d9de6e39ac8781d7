package dynamo

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
)

// What a release without shards wrote stands in none of the indexes that are walked, and what was
// written while there were more shards stands where no reader asks. A backfill gives each of those
// rows its shard, page by page, while the stack runs: whatever is written meanwhile has one
// already. Why: infra/decisions/0047.

// The names of tables as an operator reads them.
const (
	TableWallets     = "Wallets"
	TableCases       = "Cases"
	TableGenerations = "Generations"
)

// ShardedTables returns the tables of which rows stand in indexes of shards, in the order of a
// backfill.
func ShardedTables() []string { return []string{TableWallets, TableCases} }

// WalkedIndexes returns the indexes that replace those of a release without shards, by their table.
func WalkedIndexes() map[string][]string {
	return map[string][]string{
		TableWallets: {indexDue}, TableGenerations: {indexHeld}, TableCases: {indexDue, indexWaiting, indexFrequent},
	}
}

// RowKey names a row of a sharded table.
type RowKey struct {
	Table     string `json:"table"`     // TableWallets or TableCases
	Partition string `json:"partition"` // the customer's key
	Sort      string `json:"sort"`      // what it is of theirs
}

func (s *Store) rowRef(key RowKey) ref {
	table := s.tables.Wallets
	if key.Table == TableCases {
		table = s.tables.Cases
	}
	return s.shardedRef(table, key.Partition, key.Sort)
}

// BackfillPage is one page of a table.
type BackfillPage struct {
	Read int      // how many rows were looked at
	Rows []RowKey // those with an instant that is walked, and no shard that is asked
	Next *RowKey  // behind which the next page begins; nil: the table is at its end
}

// ListUnsharded reads the table's next rows, at most limit of them, consistently, from behind a row
// on, nil: from its first.
func (s *Store) ListUnsharded(ctx context.Context, table string, after *RowKey, limit int) (BackfillPage, error) {
	request := &dynamodb.ScanInput{
		TableName: aws.String(s.rowRef(RowKey{Table: table}).table), ConsistentRead: aws.Bool(true), Limit: aws.Int32(int32(limit)),
		ProjectionExpression: aws.String(attrPK + ", " + attrSK),
	}
	// The builder of conditions has placeholders for what is compared; nothing is updated here.
	u := newUpdate()
	u.require(s.outside(u) + " AND (" + strings.Join(walkedExist(), " OR ") + ")")
	request.FilterExpression, request.ExpressionAttributeNames, request.ExpressionAttributeValues = u.condition(), u.names, u.values
	if after != nil {
		request.ExclusiveStartKey = s.rowRef(*after).key()
	}
	output, err := s.api.Scan(ctx, request)
	if err != nil {
		return BackfillPage{}, fault.At("dynamo.ListUnsharded", table, classify(err))
	}
	key := func(row item) RowKey {
		return RowKey{Table: table, Partition: row.text(attrPK), Sort: row.text(attrSK)}
	}
	page := BackfillPage{Read: int(output.ScannedCount)}
	for _, row := range output.Items {
		page.Rows = append(page.Rows, key(row))
	}
	if len(output.LastEvaluatedKey) > 0 {
		page.Next = new(key(output.LastEvaluatedKey))
	}
	return page, nil
}

// outside returns the condition that a row has no shard, or one that no reader asks: it was written
// while there were more shards.
func (s *Store) outside(u *update) string {
	shards := make([]string, s.shards)
	for n := range shards {
		shards[n] = u.value(text(strconv.Itoa(n)))
	}
	path := u.path(attrShard)
	return "(attribute_not_exists(" + path + ") OR NOT " + path + " IN (" + strings.Join(shards, ", ") + "))"
}

// walkedExist returns the conditions of which one holds where a row stands in an index of shards.
func walkedExist() []string {
	conditions := make([]string, len(walked))
	for i, attribute := range walked {
		conditions[i] = "attribute_exists(" + attribute + ")"
	}
	return conditions
}

// GiveShard gives a row its shard, if it is still there and in none that is asked: a write of the
// stack may have come first. It returns the write units that this took, those of the indexes too.
// One UpdateItem.
func (s *Store) GiveShard(ctx context.Context, row RowKey) (given bool, units float64, err error) {
	at := s.rowRef(row)
	u := newUpdate()
	// Nothing else of the row is touched: no other write meets a row that it did not expect.
	u.require("attribute_exists(" + attrPK + ")")
	u.require(s.outside(u))
	u.setTo(attrShard, text(at.shard))
	request := u.alone(at)
	request.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	output, err := s.api.UpdateItem(ctx, request)
	if err = classify(err); err == nil {
		return true, unitsOf(output.ConsumedCapacity), nil
	}
	// A condition that fails costs a unit too.
	if fault.KindOf(err) == fault.KindStale {
		return false, 1, nil
	}
	return false, 0, fault.At("dynamo.GiveShard", row.Partition+" "+row.Sort, err)
}

// unitsOf returns the units that a call took, one where the service says nothing.
func unitsOf(consumed *types.ConsumedCapacity) float64 {
	if consumed == nil {
		return 1
	}
	return aws.ToFloat64(consumed.CapacityUnits)
}
