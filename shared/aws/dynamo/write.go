package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// transact commits the writes as one transaction.
func (s *Store) transact(ctx context.Context, writes []types.TransactWriteItem) error {
	if len(writes) == 0 {
		return nil
	}
	_, err := s.api.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	return classify(err)
}

// The conditions on whether an item is there at all: every item has the attribute pk.
const (
	conditionNew   = "attribute_not_exists(pk)"
	conditionThere = "attribute_exists(pk)"
)

// create puts an item that must not exist yet.
func create(table string, row item) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: aws.String(table), Item: row, ConditionExpression: aws.String(conditionNew),
	}}
}

// update builds one update expression: its clauses, its conditions, and the placeholders that both
// use.
type update struct {
	set, remove, add, conditions []string
	names                        map[string]string
	values                       item
	walks                        bool // it sets an instant of an index of shards
}

func newUpdate() *update { return &update{names: map[string]string{}, values: item{}} }

// path returns the expression for an attribute path, each part behind a placeholder.
func (u *update) path(parts ...string) string {
	names := make([]string, len(parts))
	for i, part := range parts {
		name := fmt.Sprintf("#n%d", len(u.names))
		// One name has one placeholder, however often an expression uses it.
		for placeholder, attribute := range u.names {
			if attribute == part {
				name = placeholder
			}
		}
		u.names[name] = part
		names[i] = name
	}
	return strings.Join(names, ".")
}

// value returns the placeholder of a value.
func (u *update) value(v types.AttributeValue) string {
	name := fmt.Sprintf(":v%d", len(u.values))
	u.values[name] = v
	return name
}

func (u *update) setTo(attribute string, v types.AttributeValue) {
	u.set = append(u.set, u.path(attribute)+" = "+u.value(v))
	u.walks = u.walks || slices.Contains(walked, attribute)
}

// addTo adds n to an attribute, which counts as 0 while it is not there.
func (u *update) addTo(attribute string, n int64) {
	u.add = append(u.add, u.path(attribute)+" "+u.value(number(n)))
}

func (u *update) drop(attribute string) { u.remove = append(u.remove, u.path(attribute)) }

// replace makes the attributes what row has, removing those that row leaves out.
func (u *update) replace(row item, attributes ...string) {
	for _, attribute := range attributes {
		if v, present := row[attribute]; present {
			u.setTo(attribute, v)
		} else {
			u.drop(attribute)
		}
	}
}

func (u *update) require(condition string) { u.conditions = append(u.conditions, condition) }

func (u *update) requireEqual(attribute string, v types.AttributeValue) {
	u.require(u.path(attribute) + " = " + u.value(v))
}

// requireSame holds an attribute as it was read, nil for one that was not there.
func (u *update) requireSame(attribute string, v types.AttributeValue) {
	if v == nil {
		u.require(fmt.Sprintf("attribute_not_exists(%s)", u.path(attribute)))
		return
	}
	u.requireEqual(attribute, v)
}

func (u *update) expression() *string {
	var clauses []string
	// Each kind of clause may appear once in an expression.
	if len(u.set) > 0 {
		clauses = append(clauses, "SET "+strings.Join(u.set, ", "))
	}
	if len(u.remove) > 0 {
		clauses = append(clauses, "REMOVE "+strings.Join(u.remove, ", "))
	}
	if len(u.add) > 0 {
		clauses = append(clauses, "ADD "+strings.Join(u.add, ", "))
	}
	return aws.String(strings.Join(clauses, " "))
}

func (u *update) condition() *string {
	if len(u.conditions) == 0 {
		return nil
	}
	return aws.String(strings.Join(u.conditions, " AND "))
}

func (u *update) valuesOrNil() item {
	if len(u.values) == 0 {
		return nil
	}
	return u.values
}

func (u *update) namesOrNil() map[string]string {
	if len(u.names) == 0 {
		return nil
	}
	return u.names
}

// inTransaction returns the update as one write of a transaction.
func (u *update) inTransaction(r ref) types.TransactWriteItem {
	u.place(r)
	return types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(r.table), Key: r.key(), UpdateExpression: u.expression(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.namesOrNil(), ExpressionAttributeValues: u.valuesOrNil(),
	}}
}

// check returns the update's conditions alone as one write of a transaction.
func (u *update) check(r ref) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: aws.String(r.table), Key: r.key(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.namesOrNil(), ExpressionAttributeValues: u.valuesOrNil(),
	}}
}

// removal returns the deletion of the item, under the update's conditions alone, as one write of a
// transaction.
func (u *update) removal(r ref) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{
		TableName: aws.String(r.table), Key: r.key(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.namesOrNil(), ExpressionAttributeValues: u.valuesOrNil(),
	}}
}

// alone returns the update as a call of its own; a failed condition returns the item as it stands.
func (u *update) alone(r ref) *dynamodb.UpdateItemInput {
	u.place(r)
	return &dynamodb.UpdateItemInput{
		TableName: aws.String(r.table), Key: r.key(), UpdateExpression: u.expression(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.namesOrNil(), ExpressionAttributeValues: u.valuesOrNil(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}
