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
	"makegood/shared/outage"
	"makegood/shared/standing"
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

// ListOffers implements notice.Topics: one Query.
func (s *Store) ListOffers(ctx context.Context, customer ledger.CustomerID, limit int) ([]outage.Offer, error) {
	rows, err := s.listBeside(ctx, customer, offerPrefix, limit)
	if err != nil {
		return nil, fault.At("dynamo.ListOffers", customer.Key(), err)
	}
	offers, err := decodeAll(rows, decodeOffer)
	return offers, fault.At("dynamo.ListOffers", customer.Key(), err)
}

// ListChanges implements notice.Topics: one Query. Their ids sort by their instants.
func (s *Store) ListChanges(ctx context.Context, customer ledger.CustomerID, limit int) ([]standing.ChangeRecord, error) {
	rows, err := s.listBeside(ctx, customer, standingPrefix, limit)
	if err != nil {
		return nil, fault.At("dynamo.ListChanges", customer.Key(), err)
	}
	changes := make([]standing.ChangeRecord, len(rows))
	for i, row := range rows {
		changes[i] = decodeChangeRecord(row)
	}
	return changes, nil
}

// listBeside returns at most limit of the rows that lie among the customer's cases under that
// prefix, the last key first.
func (s *Store) listBeside(ctx context.Context, customer ledger.CustomerID, prefix string, limit int) ([]item, error) {
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Cases), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": text(customer.Key()), ":prefix": text(prefix)},
	}, limit)
	return rows, err
}
