package dynamo_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// faults are what DynamoDB Local never does and AWS does: a middleware of the SDK draws them, in
// percent of calls.
type faults struct {
	conflicts, throttles, lostAnswers int
	staleIndexes                      bool

	mu   sync.Mutex
	past *write // the last write, undone in what an index shows
	raw  *dynamodb.Client
}

// write is the last write of items: how each stood before it.
type write struct{ before []row }

type row struct {
	table  string
	key    map[string]types.AttributeValue
	before map[string]types.AttributeValue
}

// install puts the faults around every call of the client, outside the SDK's own retries, so that
// our code sees each of them.
func (f *faults) install(options *dynamodb.Options) {
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("faults", f.handle), middleware.Before)
	})
}

func draw(percent int) bool { return rand.IntN(100) < percent } //nolint:gosec // faults need no secrecy

func (f *faults) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	var out middleware.InitializeOutput
	var meta middleware.Metadata
	written := touched(in.Parameters)
	if len(written) > 0 && draw(f.conflicts) {
		if _, transaction := in.Parameters.(*dynamodb.TransactWriteItemsInput); transaction {
			return out, meta, cancelled(len(written), "TransactionConflict")
		}
		return out, meta, &types.TransactionConflictException{}
	}
	if draw(f.throttles) {
		return out, meta, &types.ThrottlingException{Message: aws.String("injected")}
	}
	if len(written) > 0 && f.staleIndexes {
		if err := f.remember(ctx, written); err != nil {
			return out, meta, err
		}
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	if err == nil && len(written) > 0 && draw(f.lostAnswers) {
		return middleware.InitializeOutput{}, meta, context.DeadlineExceeded // it is done, and nobody knows
	}
	if err == nil && f.staleIndexes {
		f.lag(in.Parameters, out.Result)
	}
	return out, meta, err
}

// cancelled is a transaction cancelled for one item, in the first of n places.
func cancelled(n int, code string) error {
	reasons := make([]types.CancellationReason, n)
	for i := range reasons {
		reasons[i].Code = aws.String("None")
	}
	reasons[0].Code = aws.String(code)
	return &types.TransactionCanceledException{Message: aws.String("injected"), CancellationReasons: reasons}
}

func keyOf(item map[string]types.AttributeValue) map[string]types.AttributeValue {
	key := map[string]types.AttributeValue{"pk": item["pk"]}
	if sk, ok := item["sk"]; ok {
		key["sk"] = sk
	}
	return key
}

// touched returns the items that a call writes.
func touched(input any) []row {
	switch call := input.(type) {
	case *dynamodb.PutItemInput:
		return []row{{table: *call.TableName, key: keyOf(call.Item)}}
	case *dynamodb.UpdateItemInput:
		return []row{{table: *call.TableName, key: call.Key}}
	case *dynamodb.TransactWriteItemsInput:
		var rows []row
		for _, item := range call.TransactItems {
			switch {
			case item.Put != nil:
				rows = append(rows, row{table: *item.Put.TableName, key: keyOf(item.Put.Item)})
			case item.Update != nil:
				rows = append(rows, row{table: *item.Update.TableName, key: item.Update.Key})
			case item.ConditionCheck != nil:
				rows = append(rows, row{table: *item.ConditionCheck.TableName, key: item.ConditionCheck.Key})
			}
		}
		return rows
	}
	return nil
}

// remember keeps how the items stand before a write.
func (f *faults) remember(ctx context.Context, rows []row) error {
	for i := range rows {
		found, err := f.raw.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(rows[i].table), Key: rows[i].key, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return err
		}
		rows[i].before = found.Item
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.past = &write{before: rows}
	return nil
}

// sparse names the keys of the indexes that an item leaves, and what they carry beside them.
var sparse = map[string][]string{
	"open": {"pk", "dueAt"}, "stuck": {"pk", "stuckAt"}, "review": {"pk", "reviewBy"}, "attention": {"attention", "attentionAt"},
	"due": {"shard", "dueAt"}, "waiting": {"shard", "reviewBy"}, "frequent": {"shard", "nearUntil"}, "held": {"pk", "dueAt", "state", "price"},
}

// lag makes an index read show the world before the last write. It drops what that write changed
// and shows an item again that the write took out; an item that moved within the index is shown
// late, by being left out.
func (f *faults) lag(input, output any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.past == nil {
		return
	}
	switch call := input.(type) {
	case *dynamodb.QueryInput:
		if call.IndexName == nil {
			return
		}
		result := output.(*dynamodb.QueryOutput)
		if call.Select == types.SelectCount {
			result.Count = max(0, result.Count-f.made(*call.TableName, call.ExpressionAttributeValues[":pk"]))
			return
		}
		result.Items = f.undo(*call.TableName, sparse[*call.IndexName], result.Items, call.ExpressionAttributeValues[":pk"])
		result.Count = int32(len(result.Items))
	case *dynamodb.BatchGetItemInput:
		f.lagItems(call.RequestItems, output.(*dynamodb.BatchGetItemOutput).Responses)
	case *dynamodb.ScanInput:
		if call.IndexName == nil {
			return
		}
		result := output.(*dynamodb.ScanOutput)
		result.Items = f.undo(*call.TableName, sparse[*call.IndexName], result.Items, nil)
	}
}

// lagItems makes an inconsistent read show the items as they stood before the last write.
func (f *faults) lagItems(request map[string]types.KeysAndAttributes, result map[string][]map[string]types.AttributeValue) {
	for _, changed := range f.past.before {
		if aws.ToBool(request[changed.table].ConsistentRead) {
			continue
		}
		for i, item := range result[changed.table] {
			same := sameText(item["pk"], changed.key["pk"]) && (changed.key["sk"] == nil || sameText(item["sk"], changed.key["sk"]))
			if same && changed.before != nil {
				result[changed.table][i] = changed.before
			}
		}
	}
}

// made counts what the last write put into a partition of the table: not more of it is counted than
// there was before.
func (f *faults) made(table string, partition types.AttributeValue) (n int32) {
	for _, changed := range f.past.before {
		if changed.table == table && changed.before == nil && sameText(changed.key["pk"], partition) {
			n++
		}
	}
	return n
}

// undo shows the items as they stood before the last write, as far as the keys of a sparse index
// and a partition of it (nil: any) list them.
func (f *faults) undo(table string, shows []string, items []map[string]types.AttributeValue, partition types.AttributeValue) []map[string]types.AttributeValue {
	for _, changed := range f.past.before {
		if changed.table != table {
			continue
		}
		items = slices.DeleteFunc(items, func(item map[string]types.AttributeValue) bool {
			return sameText(item["pk"], changed.key["pk"]) && sameText(item["sk"], changed.key["sk"])
		})
		if shows != nil && changed.before[shows[1]] != nil && (partition == nil || sameText(changed.before[shows[0]], partition)) {
			shown := keyOf(changed.before)
			for _, name := range shows {
				shown[name] = changed.before[name]
			}
			items = append(items, shown)
		}
	}
	return items
}

func sameText(a, b types.AttributeValue) bool {
	x, ok := a.(*types.AttributeValueMemberS)
	y, also := b.(*types.AttributeValueMemberS)
	return ok && also && x.Value == y.Value
}
