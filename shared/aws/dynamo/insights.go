package dynamo

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/insight"
)

// The summary of a day and a shard is a row among the cases, "insights 3" and "2026-11-30": no
// customer's key has a space. How many generations were started on a day is counted among the
// generations, by a sample of them: "started 3" and "2026-11-30 restyle".
const (
	insightsPartition = "insights "
	startedPartition  = "started "
)

// maxSummaries bounds how many summaries of a shard are read, maxStarted how many counts.
const (
	maxSummaries = 2 * insight.MaxDays
	maxStarted   = 100 * insight.MaxDays
)

// FindSummaries implements insight.Store: one query for each shard, side by side.
func (s *Store) FindSummaries(ctx context.Context, first, last insight.Day) ([]insight.Summary, error) {
	rows, err := s.eachShard(ctx, s.tables.Cases, insightsPartition, string(first), string(last), maxSummaries)
	if err != nil {
		return nil, fault.At("dynamo.FindSummaries", string(first), err)
	}
	var summaries []insight.Summary
	for shard, found := range rows {
		for _, row := range found {
			summary := insight.Summary{Day: insight.Day(row.text(attrSK)), Part: shard}
			if err := row.document(attrSums, &summary.Rows); err != nil {
				return nil, fault.At("dynamo.FindSummaries", row.text(attrSK), err)
			}
			summaries = append(summaries, summary)
		}
	}
	return summaries, nil
}

// eachShard returns the rows of each shard's partition whose sort key lies between two, by
// consistent reads.
func (s *Store) eachShard(ctx context.Context, table, partition, first, last string, limit int) ([][]item, error) {
	rows := make([][]item, s.shards)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(besides)
	for shard := range rows {
		group.Go(func() (err error) {
			rows[shard], _, _, err = s.query(ctx, &dynamodb.QueryInput{
				TableName: aws.String(table), ConsistentRead: aws.Bool(true),
				KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
				ExpressionAttributeValues: item{
					":pk": text(partition + strconv.Itoa(shard)), ":first": text(first), ":last": text(last),
				},
			}, limit)
			return err
		})
	}
	return rows, group.Wait()
}

// PutSummary implements insight.Store: one PutItem.
func (s *Store) PutSummary(ctx context.Context, summary insight.Summary) error {
	row := ref{pk: insightsPartition + strconv.Itoa(summary.Part), sk: string(summary.Day)}.key()
	row[attrSums] = document(summary.Rows)
	_, err := s.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.tables.Cases), Item: row, ConditionExpression: aws.String(conditionNew),
	})
	// Whoever was quicker has written the same.
	if err = classify(err); fault.KindOf(err) == fault.KindStale {
		return nil
	}
	return fault.At("dynamo.PutSummary", string(summary.Day), err)
}

// countStart returns the write that counts a sampled start, and those that it stands for.
func (s *Store) countStart(g generation.Generation) types.TransactWriteItem {
	u := newUpdate()
	u.addTo(attrGenerations, generation.SampleOf)
	return u.inTransaction(ref{
		table: s.tables.Generations, pk: startedPartition + ShardOf(g.ID.CustomerKey(), s.shards),
		sk: string(insight.DayOf(g.StartedAt)) + cursorGap + g.Feature,
	})
}

// CountStarted implements insight.Store.
func (s *Store) CountStarted(ctx context.Context, first, last insight.Day) ([]insight.Row, error) {
	// All that begins with the last day sorts before what begins with the next.
	shards, err := s.eachShard(ctx, s.tables.Generations, startedPartition, string(first), string(last.Add(1)), maxStarted)
	if err != nil {
		return nil, fault.At("dynamo.CountStarted", string(first), err)
	}
	var rows []insight.Row
	for _, shard := range shards {
		for _, row := range shard {
			day, feature, _ := strings.Cut(row.text(attrSK), cursorGap)
			rows = append(rows, insight.Row{
				Key: insight.Key{Day: insight.Day(day), Feature: feature}, Sums: insight.Sums{Generations: row.number(attrGenerations)},
			})
		}
	}
	return rows, nil
}
