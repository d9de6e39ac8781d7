package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/shared/payment"
)

// How far a provider was listed is a row among the payments, under a key that no payment has: there are no spaces in their ids.
const (
	listingPrefix = "listing "
	attrListing   = "listing"
)

func (s *Store) listingRef(provider string) ref {
	return ref{table: s.tables.Payments, pk: listingPrefix + provider}
}

// LoadMark implements payment.Marks.
func (s *Store) LoadMark(ctx context.Context, provider string) (payment.Mark, error) {
	rows, err := s.get(ctx, s.listingRef(provider))
	if err != nil {
		return payment.Mark{}, err
	}
	mark := payment.Mark{Version: rows[0].number(attrVersion)}
	err = rows[0].document(attrListing, &mark)
	return mark, err
}

// SaveMark implements payment.Marks: one UpdateItem.
func (s *Store) SaveMark(ctx context.Context, provider string, mark payment.Mark) error {
	read := item{}
	read.putNumber(attrVersion, mark.Version)
	u := newUpdate()
	u.requireSame(attrVersion, read[attrVersion])
	u.setTo(attrListing, document(mark))
	u.setTo(attrVersion, number(mark.Version+1))
	_, err := s.api.UpdateItem(ctx, u.alone(s.listingRef(provider)))
	return classify(err)
}

// ListWaiting returns at most limit of the payments that wait for staff after a position (nil: from the first), who waits longest first,
// and whether there are more: a scan of the sparse index, which holds only what waits.
func (s *Store) ListWaiting(ctx context.Context, after *payment.WaitPosition, limit int) ([]payment.Payment, bool, error) {
	keys, err := s.scanIndex(ctx, s.tables.Payments, indexAttention, attrAttentionAt, nil, maxWaiting)
	if err != nil {
		return nil, false, err
	}
	positions := make([]payment.WaitPosition, 0, len(keys))
	for _, key := range keys {
		at := payment.WaitPosition{At: key.number(attrAttentionAt), Payment: payment.ID(key.text(attrPK))}
		if after == nil || at.Compare(*after) > 0 {
			positions = append(positions, at)
		}
	}
	slices.SortFunc(positions, payment.WaitPosition.Compare)
	at := func(position payment.WaitPosition) ref { return s.paymentRef(position.Payment) }
	waits := func(p payment.Payment) bool { return !p.WaitsSince.IsZero() }
	return firstOf(ctx, s, refsOf(positions, at), limit, decodePayment, waits)
}

// firstOf reads what is there of refs, in their order and consistently, until limit of it is wanted: an index may show what is not any
// more. It returns whether refs are left.
func firstOf[T any](
	ctx context.Context, s *Store, refs []ref, limit int, decode func(item) (*T, error), wanted func(T) bool,
) (found []T, more bool, err error) {
	for len(refs) > 0 && len(found) < limit {
		n := min(len(refs), limit-len(found))
		page, err := readAll(ctx, s, refs[:n:n], decode)
		if err != nil {
			return nil, false, err
		}
		for _, one := range page {
			if wanted(one) {
				found = append(found, one)
			}
		}
		refs = refs[n:]
	}
	return found, len(refs) > 0, nil
}

// ListPayments returns a page of all payments, in no order that means anything but one that stays, at most limit of them from cursor on
// ("" is the first), and the next cursor, "" after the last page: a consistent scan.
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
			return nil, "", classify(err)
		}
		for _, row := range output.Items {
			found, err := decodePayment(row)
			if err != nil {
				return nil, "", err
			}
			if found != nil {
				payments = append(payments, *found)
			}
		}
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 || len(payments) == limit {
			break
		}
	}
	return payments, asText(request.ExclusiveStartKey[attrPK]), nil
}
