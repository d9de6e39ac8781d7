package dynamo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/insight"
	"makegood/shared/refund"
)

// A case stands in the index decided at its last final verdict. Where it gets another, as after an
// appeal, a row of its own keeps the place of the one before: "fin_", the case without its prefix,
// and how many there were.
const (
	finalPrefix = "fin_"
	finalGap    = "."
)

// keepFinal returns the write of the row that keeps the place of the final verdict before; none
// where there was none, or where it stays the last.
func (s *Store) keepFinal(effect refund.Effect) []types.TransactWriteItem {
	if effect.Before == nil {
		return nil
	}
	before := effect.Before.FinalAt()
	// Two may share an instant: their number tells that there is another.
	if before.IsZero() || len(effect.Case.Finals()) == len(effect.Before.Finals()) {
		return nil
	}
	id := effect.Case.ID
	sk := finalPrefix + strings.TrimPrefix(string(id), casePrefix) + finalGap + strconv.Itoa(len(effect.Before.Finals()))
	at := s.shardedRef(s.tables.Cases, id.CustomerKey(), sk)
	row := at.key()
	row.putInstant(attrDecidedAt, before)
	row.putShard(at.shard)
	return []types.TransactWriteItem{create(s.tables.Cases, row)}
}

// caseOfFinal returns the case that an entry of the index decided is about.
func caseOfFinal(sk string) refund.CaseID {
	if kept, ok := strings.CutPrefix(sk, finalPrefix); ok {
		id, _, _ := strings.Cut(kept, finalGap)
		return refund.CaseID(casePrefix + id)
	}
	return refund.CaseID(sk)
}

// placeOfFinal returns which of its case's final verdicts a row keeps, from 0; false for the case's
// own entry.
func placeOfFinal(sk string) (int, bool) {
	kept, ok := strings.CutPrefix(sk, finalPrefix)
	_, word, _ := strings.Cut(kept, finalGap)
	count, err := strconv.Atoi(word)
	return count - 1, ok && err == nil && count > 0
}

// Parts implements insight.Store: a part is a shard.
func (s *Store) Parts() int { return s.shards }

// ListFinals implements insight.Store: the index tells which cases, the table what was decided.
func (s *Store) ListFinals(
	ctx context.Context, part int, from, until time.Time, after string, limit int,
) ([]insight.Verdict, string, error) {
	// DynamoDB refuses a span without an instant.
	if !from.Before(until) {
		return nil, "", nil
	}
	request := &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Cases), IndexName: aws.String(indexDecided), Limit: aws.Int32(int32(limit)), //nolint:gosec // a page
		KeyConditionExpression:   aws.String("#shard = :shard AND " + attrDecidedAt + " BETWEEN :from AND :until"),
		ExpressionAttributeNames: map[string]string{"#shard": attrShard},
		ExpressionAttributeValues: item{
			":shard": text(strconv.Itoa(part)), ":from": instant(from), ":until": instant(until.Add(-time.Millisecond)),
		},
	}
	if after != "" {
		key, err := finalKey(after)
		if err != nil {
			return nil, "", err
		}
		key[attrShard] = text(strconv.Itoa(part))
		request.ExclusiveStartKey = key
	}
	output, err := s.api.Query(ctx, request)
	if err != nil {
		if isMissingIndex(err) {
			err = fault.Busy(err)
		}
		return nil, "", fault.At("dynamo.ListFinals", "", classify(err))
	}
	verdicts, err := s.finalsOf(ctx, output.Items)
	if err != nil || len(output.LastEvaluatedKey) == 0 {
		return verdicts, "", fault.At("dynamo.ListFinals", "", err)
	}
	last := item(output.LastEvaluatedKey)
	return verdicts, fmt.Sprintf("%d %s %s", last.number(attrDecidedAt), last.text(attrPK), last.text(attrSK)), nil
}

// finalKey reads a place of ListFinals. KindInvalid naming cursor for what is none.
func finalKey(place string) (item, error) {
	parts := strings.Split(place, cursorGap)
	if len(parts) == 3 { //nolint:mnd // the instant and the two parts of a key
		if at, err := strconv.ParseInt(parts[0], 10, 64); err == nil && parts[1] != "" && parts[2] != "" {
			return item{attrDecidedAt: number(at), attrPK: text(parts[1]), attrSK: text(parts[2])}, nil
		}
	}
	return nil, fault.Invalid("cursor", "is none of ours")
}

// finalsOf returns the final verdicts that entries of the index show, in their order.
func (s *Store) finalsOf(ctx context.Context, entries []map[string]types.AttributeValue) ([]insight.Verdict, error) {
	ids := make([]refund.CaseID, len(entries))
	for i, row := range entries {
		ids[i] = caseOfFinal(item(row).text(attrSK))
	}
	// A case of which two verdicts lie in one page is read once.
	cases, err := readPage(ctx, s, refsOf(ids, s.caseRef), decodeCase)
	if err != nil {
		return nil, err
	}
	byID := map[refund.CaseID]refund.Case{}
	for _, c := range cases {
		byID[c.ID] = c
	}
	var verdicts []insight.Verdict
	for i, row := range entries {
		if c, ok := byID[ids[i]]; ok {
			verdict := insight.Verdict{Case: c, At: item(row).instant(attrDecidedAt)}
			verdict.Place, verdict.Earlier = placeOfFinal(item(row).text(attrSK))
			verdicts = append(verdicts, verdict)
		}
	}
	return verdicts, nil
}
