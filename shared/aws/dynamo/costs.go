package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
)

// What a customer's own key cost is one row among the generations for a month and a currency,
// "cost#2026-03#USD". A row holds two sums.
const (
	costPrefix = "cost#"
)

// addCost returns the write that adds a cost to the sums of its month.
// Why: infra/decisions/0033.
func (s *Store) addCost(id generation.ID, cost generation.Cost, at time.Time) types.TransactWriteItem {
	u := newUpdate()
	u.addTo(attrMicros, cost.Micros)
	u.addTo(attrGenerations, 1)
	return u.inTransaction(ref{table: s.tables.Generations, pk: id.CustomerKey(), sk: costPrefix + generation.MonthOf(at) + "#" + cost.Currency})
}

// recordWithCost makes the update and adds the cost in one commit, and returns the generation as it
// stands after it, or after whoever was quicker.
func (s *Store) recordWithCost(ctx context.Context, id generation.ID, u *update, cost generation.Cost, at time.Time) (*generation.Generation, error) {
	err := s.transact(ctx, []types.TransactWriteItem{u.inTransaction(s.generationRef(id)), s.addCost(id, cost, at)})
	// A failed condition means that another result was recorded first, or that this one may not be:
	// the generation as it is answers both.
	if err != nil && fault.KindOf(err) != fault.KindStale {
		return nil, err
	}
	return s.FindGeneration(ctx, id)
}

// ListCosts returns what the customer's own key cost, the newest months first, at most
// generation.MaxMonthCosts of them.
func (s *Store) ListCosts(ctx context.Context, customer ledger.CustomerID) ([]generation.MonthCost, error) {
	// The sort key begins with the month, so the newest come first when read backward.
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Generations), ScanIndexForward: aws.Bool(false), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :costs)"),
		ExpressionAttributeValues: item{":pk": text(customer.Key()), ":costs": text(costPrefix)},
	}, generation.MaxMonthCosts)
	if err != nil {
		return nil, fault.At("dynamo.ListCosts", customer.Key(), err)
	}
	var costs []generation.MonthCost
	for _, row := range rows {
		month, currency, _ := strings.Cut(strings.TrimPrefix(row.text(attrSK), costPrefix), "#")
		costs = append(costs, generation.MonthCost{
			Month: month, Currency: currency, Micros: row.number(attrMicros), Generations: int(row.number(attrGenerations)),
		})
	}
	return costs, nil
}
