package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// listing names a customer's rows in a table or an index of it, newest first, after a position
// (nil: from the newest).
type listing struct {
	table, index, customerKey string
	after                     item
}

// list returns at most limit rows of the listing and whether there are more. Rows of an index hold
// keys only and may lag.
func (s *Store) list(ctx context.Context, l listing, limit int) ([]item, bool, error) {
	request := &dynamodb.QueryInput{
		TableName: aws.String(l.table), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(l.customerKey)},
		ExclusiveStartKey: l.after,
	}
	if l.index != "" {
		request.IndexName = aws.String(l.index)
	} else {
		request.ConsistentRead = aws.Bool(true)
	}
	rows, _, more, err := s.query(ctx, request, limit+1) // one more tells whether there are more
	if len(rows) > limit {
		return rows[:limit], true, err
	}
	return rows, more, err
}

// query returns at most limit rows, or where the request selects but their number that, and whether
// it ended before the rows did.
func (s *Store) query(ctx context.Context, request *dynamodb.QueryInput, limit int) (rows []item, count int, more bool, err error) {
	// DynamoDB ends a page at 1 MB: the rest is asked for, but never more than the limit.
	for range maxPages {
		request.Limit = aws.Int32(int32(limit - count))
		output, err := s.api.Query(ctx, request)
		if err != nil {
			return nil, 0, false, classify(err)
		}
		for _, row := range output.Items {
			rows = append(rows, row)
		}
		count += int(output.Count)
		if more = len(output.LastEvaluatedKey) > 0; !more || count >= limit {
			break
		}
		request.ExclusiveStartKey = output.LastEvaluatedKey
	}
	return rows, count, more, nil
}

// ListEntries implements statement.Store.
func (s *Store) ListEntries(ctx context.Context, customer ledger.CustomerID, after string, limit int) ([]ledger.Entry, bool, error) {
	l := listing{table: s.tables.Entries, customerKey: customer.Key()}
	if after != "" {
		l.after = item{attrPK: text(l.customerKey), attrSK: text(after)}
	}
	rows, more, err := s.list(ctx, l, limit)
	if err != nil {
		return nil, false, fault.At("dynamo.ListEntries", customer.Key(), err)
	}
	entries := make([]ledger.Entry, len(rows))
	for i, row := range rows {
		entries[i] = decodeEntry(row)
	}
	return entries, more, nil
}

// ListGenerations implements statement.Store.
func (s *Store) ListGenerations(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]generation.Generation, bool, error) {
	refs, more, err := s.listHistory(ctx, s.tables.Generations, attrStartedAt, customer, after, limit)
	if err != nil {
		return nil, false, fault.At("dynamo.ListGenerations", customer.Key(), err)
	}
	generations, err := readPage(ctx, s, refs, decodeGeneration)
	if err != nil {
		return nil, false, fault.At("dynamo.ListGenerations", customer.Key(), err)
	}
	return generations, more, nil
}

// ListCases returns at most limit of the customer's cases after a position, newest first, and
// whether there are more.
func (s *Store) ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error) {
	refs, more, err := s.listHistory(ctx, s.tables.Cases, attrOpenedAt, customer, after, limit)
	if err != nil {
		return nil, false, fault.At("dynamo.ListCases", customer.Key(), err)
	}
	cases, err := readPage(ctx, s, refs, decodeCase)
	return cases, more, fault.At("dynamo.ListCases", customer.Key(), err)
}

// listHistory finds a customer's items by the history index: where they lie in their table.
func (s *Store) listHistory(
	ctx context.Context, table, attribute string, customer ledger.CustomerID, after *statement.Position, limit int,
) ([]ref, bool, error) {
	l := listing{table: table, index: indexHistory, customerKey: customer.Key()}
	if after != nil {
		l.after = item{attrPK: text(l.customerKey), attrSK: text(after.ID), attribute: number(after.At)}
	}
	keys, more, err := s.list(ctx, l, limit)
	at := func(key item) ref { return ref{table: table, pk: l.customerKey, sk: key.text(attrSK)} }
	return refsOf(keys, at), more, err
}
