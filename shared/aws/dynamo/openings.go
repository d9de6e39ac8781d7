package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

// A day's claims of a customer are counted in one row among the cases, which nobody reads: the
// condition asks it.
const (
	claimsPrefix = "claims#"
)

func (s *Store) claimsRef(customerKey string, at time.Time) ref {
	return ref{table: s.tables.Cases, pk: customerKey, sk: claimsPrefix + at.UTC().Format(time.DateOnly)}
}

// OpenCase implements refund.Openings: one write outside of any transaction, which costs half of
// one within.
func (s *Store) OpenCase(ctx context.Context, c refund.Case) (*refund.Case, error) {
	_, err := s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.tables.Cases), Item: s.newCaseRow(c), ConditionExpression: aws.String(conditionNew),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var exists *types.ConditionalCheckFailedException
	if errors.As(err, &exists) && len(exists.Item) > 0 {
		return decodeCase(exists.Item)
	}
	return nil, fault.At("dynamo.OpenCase", string(c.ID), classify(err))
}

// OpenClaim implements refund.Claims: the case and the count, without a read. The case that stands
// in the way comes with the refusal.
func (s *Store) OpenClaim(ctx context.Context, c refund.Case, most int) (*refund.Case, error) {
	// The case that is there already comes with the refusal, which saves a read.
	write := create(s.tables.Cases, s.newCaseRow(c))
	write.Put.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	u := countUpTo(attrOpened, most)
	_, err := s.api.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{write, u.inTransaction(s.claimsRef(c.ID.CustomerKey(), c.OpenedAt))},
	})
	var cancellation *types.TransactionCanceledException
	if errors.As(err, &cancellation) && len(cancellation.CancellationReasons) == 2 {
		ofCase, ofCount := cancellation.CancellationReasons[0], cancellation.CancellationReasons[1]
		switch {
		// A replay is answered before the count is: it opens nothing.
		case len(ofCase.Item) > 0:
			return decodeCase(ofCase.Item)
		// The count failed alone: the day is full.
		case aws.ToString(ofCase.Code) == reasonNone && aws.ToString(ofCount.Code) == reasonCondition:
			return nil, refund.TooManyClaims(c.OpenedAt)
		}
	}
	return nil, fault.At("dynamo.OpenClaim", string(c.ID), classify(err))
}
