package dynamo

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/payment"
)

// How far a provider was listed is a row among the payments, under a key that no payment has: there
// are no spaces in their ids. So is the row by which a payment is listed for its disputes: for
// itself, a payment may be in another list at the same time. Why: infra/decisions/0074.
const (
	listingPrefix = "listing "
	disputePrefix = "dispute "
)

// writeDisputed returns the write of the row that lists the payment for its disputes: none where
// they are as they were read (nil: was not there).
func (s *Store) writeDisputed(before *payment.Payment, after payment.Payment) []types.TransactWriteItem {
	was := payment.ReviewQueue("")
	if before != nil {
		if maps.Equal(before.Disputes, after.Disputes) {
			return nil
		}
		was, _ = before.DisputeQueue()
	}
	queue, _ := after.DisputeQueue()
	if was == "" && queue == "" {
		return nil
	}
	row := item{}
	if position, listed := after.PositionIn(queue); listed {
		row[attrAttention], row[attrAttentionAt] = text(string(queue)), number(position.At)
	}
	u := newUpdate()
	u.replace(row, attrAttention, attrAttentionAt)
	return []types.TransactWriteItem{u.inTransaction(ref{table: s.tables.Payments, pk: disputePrefix + string(after.ID)})}
}

func (s *Store) listingRef(provider string) ref {
	return ref{table: s.tables.Payments, pk: listingPrefix + provider}
}

// LoadPollState implements payment.PollStates.
func (s *Store) LoadPollState(ctx context.Context, provider string) (payment.PollState, error) {
	rows, err := s.get(ctx, s.listingRef(provider))
	if err != nil {
		return payment.PollState{}, fault.At("dynamo.LoadPollState", provider, err)
	}
	var row pollRow
	err = rows[0].document(attrListing, &row)
	return row.mark(rows[0].number(attrVersion)), err
}

// SavePollState implements payment.PollStates: one UpdateItem.
func (s *Store) SavePollState(ctx context.Context, provider string, mark payment.PollState) error {
	before := item{}
	before.putNumber(attrVersion, mark.Version)
	u := newUpdate()
	// Two sweeps may list at once: the second would put the cursor back.
	u.requireSame(attrVersion, before[attrVersion])
	u.setTo(attrListing, document(newPollRow(mark)))
	u.setTo(attrVersion, number(mark.Version+1))
	_, err := s.api.UpdateItem(ctx, u.alone(s.listingRef(provider)))
	return fault.At("dynamo.SavePollState", provider, classify(err))
}

// ListWaiting returns at most limit of the payments in a review queue after a position (nil: from
// the first), the longest wait or the soonest answer first, and where to go on, nil at the end: the
// index tells who, the table whether they still wait there.
func (s *Store) ListWaiting(ctx context.Context, queue payment.ReviewQueue, after *payment.WaitPosition, limit int) ([]payment.Payment, *payment.WaitPosition, error) {
	prefix := ""
	if queue.OfDisputes() {
		prefix = disputePrefix
	}
	place := func(p payment.Payment) payment.WaitPosition { at, _ := p.PositionIn(queue); return at }
	request := &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Payments), IndexName: aws.String(indexAttention),
		KeyConditionExpression: aws.String(attrAttention + " = :pk"), ExpressionAttributeValues: item{":pk": text(string(queue))},
	}
	if after != nil {
		request.ExclusiveStartKey = item{attrPK: text(prefix + string(after.Payment)), attrAttention: text(string(queue)), attrAttentionAt: number(after.At)}
	}
	var all []payment.Payment
	// The index holds keys only, and may lag: the payments themselves are read and checked again.
	for range maxPages {
		request.Limit = aws.Int32(int32(limit - len(all)))
		output, err := s.api.Query(ctx, request)
		if err != nil {
			return nil, nil, fault.At("dynamo.ListWaiting", "", classify(err))
		}
		var refs []ref
		for _, row := range output.Items {
			refs = append(refs, s.paymentRef(payment.ID(strings.TrimPrefix(item(row).text(attrPK), prefix))))
		}
		page, err := readAll(ctx, s, refs, decodePayment)
		if err != nil {
			return nil, nil, fault.At("dynamo.ListWaiting", "", err)
		}
		all = append(all, slices.DeleteFunc(page, func(p payment.Payment) bool { _, in := p.PositionIn(queue); return !in })...)
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 || len(all) == limit {
			break
		}
	}
	// Equal instants have no order in an index: they are put in that of their ids.
	slices.SortFunc(all, func(a, b payment.Payment) int { return place(a).Compare(place(b)) })
	if len(request.ExclusiveStartKey) == 0 {
		return all, nil, nil
	}
	last := item(request.ExclusiveStartKey)
	return all, &payment.WaitPosition{At: last.number(attrAttentionAt), Payment: payment.ID(strings.TrimPrefix(last.text(attrPK), prefix))}, nil
}

// ListPayments returns a page of all payments, in no order that means anything but one that stays,
// at most limit of them from cursor on ("" is the first), and the next cursor, "" after the last
// page: a consistent scan.
func (s *Store) ListPayments(ctx context.Context, cursor string, limit int) ([]payment.Payment, string, error) {
	request := &dynamodb.ScanInput{TableName: aws.String(s.tables.Payments), ConsistentRead: aws.Bool(true)}
	if cursor != "" {
		request.ExclusiveStartKey = item{attrPK: text(cursor)}
	}
	var payments []payment.Payment
	for range maxPages {
		request.Limit = aws.Int32(int32(limit - len(payments)))
		output, err := s.api.Scan(ctx, request)
		if err != nil {
			return nil, "", fault.At("dynamo.ListPayments", "", classify(err))
		}
		for _, row := range output.Items {
			p, err := decodePayment(row)
			if err != nil {
				return nil, "", fault.At("dynamo.ListPayments", "", err)
			}
			// Aliases and listing positions lie among the payments and are none.
			if p != nil {
				payments = append(payments, *p)
			}
		}
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 || len(payments) == limit {
			break
		}
	}
	return payments, asText(request.ExclusiveStartKey[attrPK]), nil
}
