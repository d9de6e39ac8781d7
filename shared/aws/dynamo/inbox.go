package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/erasure"
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// sortInbox is the row of how far a customer has read. It lies in the table whose rows an erasure
// may delete.
const sortInbox = "inbox"

func (s *Store) inboxRef(customer ledger.CustomerID) ref {
	return s.evidenceRef(customer.Key(), sortInbox)
}

// FindRead implements notice.Inbox: one read.
func (s *Store) FindRead(ctx context.Context, customer ledger.CustomerID) (time.Time, error) {
	rows, err := s.get(ctx, s.inboxRef(customer))
	if err != nil {
		return time.Time{}, fault.At("dynamo.FindRead", customer.Key(), err)
	}
	return rows[0].instant(attrReadAt), nil
}

// MarkRead implements notice.Inbox: one PutItem.
func (s *Store) MarkRead(ctx context.Context, customer ledger.CustomerID, upTo time.Time) (time.Time, error) {
	at := s.inboxRef(customer)
	row := at.key()
	row[attrReadAt] = instant(upTo)
	_, err := s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(at.table), Item: row,
		ConditionExpression:                 aws.String("attribute_not_exists(" + attrReadAt + ") OR " + attrReadAt + " < :at"),
		ExpressionAttributeValues:           item{":at": row[attrReadAt]},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refusal *types.ConditionalCheckFailedException
	if errors.As(err, &refusal) { // they have read as far, or farther
		return item(refusal.Item).instant(attrReadAt), nil
	}
	return upTo, fault.At("dynamo.MarkRead", customer.Key(), classify(err))
}

// forgetInbox deletes how far the customer has read.
func (s *Store) forgetInbox(ctx context.Context, at ref, _ item, dry bool) (erasure.Tally, error) {
	if dry {
		return erasure.Tally{}, nil
	}
	return erasure.Tally{}, s.transact(ctx, []types.TransactWriteItem{remove(at)})
}
