package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/origin"
	"makegood/shared/policy"
)

// Second looks lie in partitions of the table Evidence that no customer has: those that wait, and
// those with an answer, by their case; how each signal fares; and the counts, by week, feature and
// signal. People write them, at people's pace, and a share of the verdicts.
//
// An answer marks the row that waited, which DynamoDB drops a day later: no function may delete.
const (
	looksPartition    = "looks"
	answersPartition  = "looked"
	signalsPartition  = "signals"
	countsPartition   = "counts"
	countGap          = "#"
	answeredLookStays = 24 * time.Hour
)

// maxSignals bounds how many signals are read: many times what there are.
const maxSignals = 100

// writeLook returns the write that puts the look of a verdict.
func (s *Store) writeLook(look audit.Look) types.TransactWriteItem {
	return create(s.tables.Evidence, s.encodeLook(looksPartition, look))
}

func (s *Store) encodeLook(partition string, look audit.Look) item {
	row := s.evidenceRef(partition, look.Case).key()
	row.putText(attrFeature, look.Feature)
	row.putText(attrOutcome, string(look.Outcome))
	row.putText(attrClause, look.Clause)
	row.putInstant(attrDecidedAt, look.DecidedAt)
	if len(look.Signals) > 0 {
		row[attrSignals] = list(eachOf(look.Signals, func(name evidence.Name) types.AttributeValue { return text(string(name)) })...)
	}
	if answer := look.Answer; answer != nil {
		row.putText(attrFinding, string(answer.Finding))
		row.putText(attrNote, answer.Note)
		row.putText(attrBy, answer.By)
		row.putInstant(attrAt, answer.At)
		row.putText(attrKey, answer.Origin.Key)
		row.putText(attrInput, answer.Origin.Input)
	}
	return row
}

func decodeLook(row item) audit.Look {
	look := audit.Look{
		Case: row.text(attrSK), Feature: row.text(attrFeature), Outcome: policy.Outcome(row.text(attrOutcome)), Clause: row.text(attrClause),
		DecidedAt: row.instant(attrDecidedAt),
	}
	for _, name := range row.list(attrSignals) {
		look.Signals = append(look.Signals, evidence.Name(asText(name)))
	}
	if finding := row.text(attrFinding); finding != "" {
		look.Answer = &audit.Answer{
			Finding: evidence.Verdict(finding), Note: row.text(attrNote), By: row.text(attrBy), At: row.instant(attrAt),
			Origin: origin.Origin{Key: row.text(attrKey), Input: row.text(attrInput)},
		}
	}
	return look
}

// FindLook implements audit.Looks. A row that waits and the answer are one commit, so whoever reads
// the mark of the first finds the second.
func (s *Store) FindLook(ctx context.Context, caseID string) (*audit.Look, error) {
	rows, err := s.get(ctx, s.evidenceRef(looksPartition, caseID))
	if err != nil {
		return nil, fault.At("dynamo.FindLook", caseID, err)
	}
	if row := rows[0]; row != nil && row.number(attrExpiresAt) == 0 {
		return new(decodeLook(row)), nil
	}
	// It was answered, and the row that waited may be dropped by now; or there never was one.
	if rows, err = s.get(ctx, s.evidenceRef(answersPartition, caseID)); err != nil || rows[0] == nil {
		return nil, fault.At("dynamo.FindLook", caseID, err)
	}
	return new(decodeLook(rows[0])), nil
}

// ListLooks implements audit.Looks.
func (s *Store) ListLooks(ctx context.Context, after string, limit int) ([]audit.Look, string, error) {
	request := &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Evidence), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk"),
		FilterExpression:          aws.String("attribute_not_exists(" + attrExpiresAt + ")"),
		ExpressionAttributeValues: item{":pk": text(looksPartition)},
	}
	if after != "" {
		request.ExclusiveStartKey = s.evidenceRef(looksPartition, after).key()
	}
	// One more than fits tells whether there are more. Rows of answered looks count for the limit
	// of a read and not for that of the list, so it is read on, within bounds.
	var looks []audit.Look
	for range maxPages {
		request.Limit = aws.Int32(int32(limit + 1))
		output, err := s.api.Query(ctx, request)
		if err != nil {
			return nil, "", fault.At("dynamo.ListLooks", "", classify(err))
		}
		for _, row := range output.Items {
			if len(looks) == limit {
				return looks, looks[limit-1].Case, nil
			}
			looks = append(looks, decodeLook(row))
		}
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 {
			return looks, "", nil
		}
	}
	return looks, item(request.ExclusiveStartKey).text(attrSK), nil
}

// FindAnswers implements audit.Looks.
func (s *Store) FindAnswers(ctx context.Context, cases ...string) ([]audit.Look, error) {
	refs := refsOf(cases, func(id string) ref { return s.evidenceRef(answersPartition, id) })
	looks, err := readAll(ctx, s, refs, func(row item) (*audit.Look, error) {
		if row == nil {
			return nil, nil
		}
		return new(decodeLook(row)), nil
	})
	return looks, fault.At("dynamo.FindAnswers", "", err)
}

// ListSignals implements audit.Looks.
func (s *Store) ListSignals(ctx context.Context) ([]audit.Signal, error) {
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Evidence), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(signalsPartition)},
	}, maxSignals)
	if err != nil {
		return nil, fault.At("dynamo.ListSignals", "", err)
	}
	var signals []audit.Signal
	for _, row := range rows {
		signal, err := decodeSignal(row)
		if err != nil {
			return nil, fault.At("dynamo.ListSignals", row.text(attrSK), err)
		}
		signals = append(signals, signal)
	}
	return signals, nil
}

// ListStopped implements audit.Stops.
func (s *Store) ListStopped(ctx context.Context) ([]evidence.Name, error) {
	signals, err := s.ListSignals(ctx)
	return audit.Stopped(signals), err
}

// CommitAnswer implements audit.Looks.
func (s *Store) CommitAnswer(ctx context.Context, look audit.Look, signals []audit.Change) error {
	// The row that waited is marked: nobody answers twice, and the answer stands beside it.
	wait := newUpdate()
	wait.require(conditionThere)
	wait.require("attribute_not_exists(" + wait.path(attrExpiresAt) + ")")
	wait.setTo(attrExpiresAt, number(look.Answer.At.Add(answeredLookStays).Unix()))
	writes := []types.TransactWriteItem{
		wait.inTransaction(s.evidenceRef(looksPartition, look.Case)),
		create(s.tables.Evidence, s.encodeLook(answersPartition, look)),
	}
	// The counts are sums, which the mark of the row keeps from being added twice.
	for _, count := range look.Counts() {
		writes = append(writes, s.addCount(count))
	}
	for _, change := range signals {
		writes = append(writes, s.writeSignal(change))
	}
	return fault.At("dynamo.CommitAnswer", look.Case, s.transact(ctx, writes))
}

// CommitLift implements audit.Looks.
func (s *Store) CommitLift(ctx context.Context, signal audit.Change) error {
	return fault.At("dynamo.CommitLift", string(signal.After.Name), s.transact(ctx, []types.TransactWriteItem{s.writeSignal(signal)}))
}

// addCount returns the write that adds a look's count to that of its week.
func (s *Store) addCount(count audit.Count) types.TransactWriteItem {
	u := newUpdate()
	u.setTo(attrFeature, text(count.Feature))
	for attribute, n := range map[string]int{
		attrPaid: count.Paid, attrWronglyPaid: count.WronglyPaid, attrDeclined: count.Declined, attrWronglyDeclined: count.WronglyDeclined,
		attrUnsure: count.Unsure,
	} {
		if n > 0 {
			u.addTo(attribute, int64(n))
		}
	}
	return u.inTransaction(s.evidenceRef(countsPartition, count.Week+countGap+count.Feature+countGap+string(count.Signal)))
}

// ListCounts implements audit.Looks.
func (s *Store) ListCounts(ctx context.Context, since, after string, limit int) ([]audit.Count, string, error) {
	request := &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Evidence), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("pk = :pk AND sk >= :since"),
		ExpressionAttributeValues: item{":pk": text(countsPartition), ":since": text(since + countGap)},
	}
	if after != "" {
		request.ExclusiveStartKey = s.evidenceRef(countsPartition, after).key()
	}
	rows, _, _, err := s.query(ctx, request, limit+1) // one more tells whether there are more
	if err != nil {
		return nil, "", fault.At("dynamo.ListCounts", since, err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].text(attrSK)
	}
	var counts []audit.Count
	for _, row := range rows {
		counts = append(counts, decodeCount(row))
	}
	return counts, next, nil
}

func decodeCount(row item) audit.Count {
	// A feature or a signal may hold the gap: the week and the feature are known by themselves.
	week, rest, _ := strings.Cut(row.text(attrSK), countGap)
	feature := row.text(attrFeature)
	return audit.Count{
		Week: week, Feature: feature, Signal: evidence.Name(strings.TrimPrefix(rest, feature+countGap)),
		Tally: audit.Tally{
			Paid: int(row.number(attrPaid)), WronglyPaid: int(row.number(attrWronglyPaid)),
			Declined: int(row.number(attrDeclined)), WronglyDeclined: int(row.number(attrWronglyDeclined)), Unsure: int(row.number(attrUnsure)),
		},
	}
}
