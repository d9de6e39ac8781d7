package dynamo

import (
	"context"
	"errors"
	"slices"
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

// OpenCase implements refund.Cases: one write outside of any transaction, which costs half of one
// within. A case that an address finds or that takes attachments is several rows, and needs one.
func (s *Store) OpenCase(ctx context.Context, c refund.Case) (*refund.Case, error) {
	if c.AddressMark != "" || len(c.Taken()) > 0 {
		existing, _, err := s.openWith(ctx, c)
		return existing, fault.At("dynamo.OpenCase", string(c.ID), err)
	}
	existing, err := s.putNew(ctx, s.tables.Cases, s.newCaseRow(c))
	if err != nil {
		return nil, fault.At("dynamo.OpenCase", string(c.ID), err)
	}
	return decodeCase(existing)
}

// OpenClaim implements refund.Claims: the case and the count, without a read. The case that stands
// in the way comes with the refusal.
func (s *Store) OpenClaim(ctx context.Context, c refund.Case, most int) (*refund.Case, error) {
	u := countUpTo(attrOpened, most)
	existing, full, err := s.openWith(ctx, c, u.inTransaction(s.claimsRef(c.ID.CustomerKey(), c.OpenedAt)))
	if full {
		return nil, refund.TooManyClaims(c.OpenedAt)
	}
	return existing, fault.At("dynamo.OpenClaim", string(c.ID), err)
}

// openWith creates the case with the row of its address, with what it takes, and with one write
// more at most, in one transaction. It returns the case that is there already, or whether the
// condition of that write failed alone.
func (s *Store) openWith(ctx context.Context, c refund.Case, also ...types.TransactWriteItem) (existing *refund.Case, refused bool, err error) {
	there, failed, err := s.createWith(ctx, s.tables.Cases, s.newCaseRow(c), slices.Concat(also, s.writeTaken(c), s.writeAddress(c)))
	if len(there) > 0 {
		existing, err = decodeCase(there)
		return existing, false, err
	}
	return nil, len(also) > 0 && slices.Equal(failed, []int{0}), err
}

// putNew puts an item that must not exist yet, by one write outside of any transaction. It returns
// the item that is there already, which saves a read.
func (s *Store) putNew(ctx context.Context, table string, row item) (existing item, err error) {
	_, err = s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &table, Item: row, ConditionExpression: aws.String(conditionNew),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var exists *types.ConditionalCheckFailedException
	if errors.As(err, &exists) && len(exists.Item) > 0 {
		return exists.Item, nil
	}
	return nil, classify(err)
}

// createWith puts an item that must not exist yet, and makes the other writes, in one transaction.
// It returns the item that is there already, which saves a read. Else, where conditions of the
// others failed and nothing else did, it returns which of them, beside the KindStale error.
func (s *Store) createWith(ctx context.Context, table string, row item, also []types.TransactWriteItem) (existing item, failed []int, err error) {
	write := create(table, row)
	write.Put.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	err = s.transact(ctx, append([]types.TransactWriteItem{write}, also...))
	var cancellation *types.TransactionCanceledException
	if !errors.As(err, &cancellation) || len(cancellation.CancellationReasons) == 0 {
		return nil, nil, err
	}
	// A replay is answered before the other writes are: it opens nothing.
	if first := cancellation.CancellationReasons[0]; len(first.Item) > 0 {
		return first.Item, nil, nil
	}
	if fault.KindOf(err) != fault.KindStale {
		return nil, nil, err
	}
	for n, reason := range cancellation.CancellationReasons[1:] {
		if aws.ToString(reason.Code) == reasonCondition {
			failed = append(failed, n)
		}
	}
	return nil, failed, err
}
