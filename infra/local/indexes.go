package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/infra/template"
)

// Backfill brings rows that an earlier stack wrote into the indexes that its tables have now. It
// gets the tables' names by logical id.
type Backfill func(ctx context.Context, client *dynamodb.Client, tables map[string]string) error

// indexReadyWithin bounds how long one index is made or dropped: the emulator does it at once, and
// fills it with the rows that are there.
const indexReadyWithin = 60 * time.Second

// upgrade brings the indexes of an earlier stack's tables to the template's: first the new ones,
// then what their rows lack, then the former ones go. Nothing runs yet, so it is done in one go.
func (s *Stack) upgrade(ctx context.Context, tables []template.Table) error {
	changes, former := 0, map[string][]string{}
	for _, table := range tables {
		name := s.Tables[table.LogicalID]
		missing, extra, err := indexChanges(ctx, s.dynamo, name, table)
		if err == nil {
			err = makeIndexes(ctx, s.dynamo, name, missing)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		changes, former[name] = changes+len(missing)+len(extra), extra
	}
	// Where no index comes or goes, every row stands where it is looked for. A start that was cut
	// off left the new ones made and the former ones there: its rows are still to be brought.
	if changes > 0 && s.options.Backfill != nil {
		fmt.Fprintln(s.options.Log, "giving rows of an earlier stack what the new indexes ask for")
		if err := s.options.Backfill(ctx, s.dynamo, s.Tables); err != nil {
			return fmt.Errorf("rows of an earlier stack: %w", err)
		}
	}
	for _, table := range tables {
		name := s.Tables[table.LogicalID]
		if err := dropIndexes(ctx, s.dynamo, name, former[name]); err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
	}
	return nil
}

// Deploy brings the running stack to its template with other parameters, as a deployment does: the
// tables' indexes first, of each table one at the most, then the rules by which pages reach the
// buckets, then the functions, whose processes end when they have answered what they are at.
// Queues, routes and schedules stay.
func (s *Stack) Deploy(ctx context.Context, parameters map[string]string) error {
	all := maps.Clone(s.options.Parameters)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, parameters)
	s.options.Parameters = all
	if err := s.checkParameters(); err != nil {
		return err
	}
	tables, err := s.template.Tables(s.scope())
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := s.deployTable(ctx, table); err != nil {
			return fmt.Errorf("table %s: %w", s.Tables[table.LogicalID], err)
		}
	}
	if _, err = CreateBucketsOf(ctx, S3(s.s3URL), s.template, s.scope(), s.options.Prefix); err != nil {
		return err
	}
	return s.eachFunction(func(f template.Function, env []string) error {
		if s.functions[f.Name] == nil {
			return fmt.Errorf("%s is new: a running stack gets no more functions", f.LogicalID)
		}
		if err := s.functions[f.Name].replace(ctx, env); err != nil {
			return fmt.Errorf("%s: %w", f.LogicalID, err)
		}
		return nil
	})
}

// errTwoIndexes is CloudFormation's own refusal, in its words.
var errTwoIndexes = errors.New("cannot perform more than one GSI creation or deletion in a single update")

func (s *Stack) deployTable(ctx context.Context, table template.Table) error {
	name := s.Tables[table.LogicalID]
	missing, extra, err := indexChanges(ctx, s.dynamo, name, table)
	if err != nil {
		return err
	}
	// A deployment that AWS would refuse must not pass here.
	if len(missing)+len(extra) > 1 {
		return errTwoIndexes
	}
	if err := makeIndexes(ctx, s.dynamo, name, missing); err != nil {
		return err
	}
	return dropIndexes(ctx, s.dynamo, name, extra)
}

// indexChanges returns the indexes that a table lacks, and the names of those that the template has
// not. One of the same name with other keys is an error: it would have to go before it could come.
func indexChanges(
	ctx context.Context, client *dynamodb.Client, name string, table template.Table,
) (missing []template.Index, extra []string, err error) {
	out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return nil, nil, err
	}
	got := map[string]string{}
	for _, index := range out.Table.GlobalSecondaryIndexes {
		got[aws.ToString(index.IndexName)] = indexShape(index.KeySchema, index.Projection)
	}
	for _, index := range table.Indexes {
		shape, there := got[index.Name]
		switch want := indexShape(keySchema(index.Partition, index.Sort), projection(index)); {
		case !there:
			missing = append(missing, index)
		case shape != want:
			return nil, nil, fmt.Errorf("an earlier stack left the index %s with %s, the template has %s: choose another data folder", index.Name, shape, want)
		}
		delete(got, index.Name)
	}
	return missing, slices.Sorted(maps.Keys(got)), nil
}

// makeIndexes makes the indexes that a table lacks, one after the other, as DynamoDB demands.
func makeIndexes(ctx context.Context, client *dynamodb.Client, name string, missing []template.Index) error {
	for _, index := range missing {
		err := changeIndex(ctx, client, &dynamodb.UpdateTableInput{
			TableName: &name, AttributeDefinitions: definitions(index.Partition, index.Sort),
			GlobalSecondaryIndexUpdates: []dynamodbtypes.GlobalSecondaryIndexUpdate{{Create: &dynamodbtypes.CreateGlobalSecondaryIndexAction{
				IndexName: &index.Name, KeySchema: keySchema(index.Partition, index.Sort), Projection: projection(index),
			}}},
		})
		if err != nil {
			return fmt.Errorf("making the index %s: %w", index.Name, err)
		}
	}
	return nil
}

// dropIndexes drops indexes of a table, one after the other.
func dropIndexes(ctx context.Context, client *dynamodb.Client, name string, extra []string) error {
	for _, index := range extra {
		err := changeIndex(ctx, client, &dynamodb.UpdateTableInput{
			TableName: &name,
			GlobalSecondaryIndexUpdates: []dynamodbtypes.GlobalSecondaryIndexUpdate{{Delete: &dynamodbtypes.DeleteGlobalSecondaryIndexAction{
				IndexName: &index,
			}}},
		})
		if err != nil {
			return fmt.Errorf("dropping the index %s: %w", index, err)
		}
	}
	return nil
}

// changeIndex makes or drops one index, and waits until the table and all its indexes are usable.
func changeIndex(ctx context.Context, client *dynamodb.Client, in *dynamodb.UpdateTableInput) error {
	limit, cancel := context.WithTimeout(ctx, indexReadyWithin)
	defer cancel()
	if _, err := client.UpdateTable(limit, in); err != nil {
		return err
	}
	for {
		out, err := client.DescribeTable(limit, &dynamodb.DescribeTableInput{TableName: in.TableName})
		if err != nil {
			return err
		}
		busy := func(index dynamodbtypes.GlobalSecondaryIndexDescription) bool {
			return index.IndexStatus != dynamodbtypes.IndexStatusActive
		}
		if out.Table.TableStatus == dynamodbtypes.TableStatusActive && !slices.ContainsFunc(out.Table.GlobalSecondaryIndexes, busy) {
			return nil
		}
		select {
		case <-limit.Done():
			return limit.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// keyShape and indexShape write what two tables are compared by: attributes that no key names are
// not part of a table.
func keyShape(keys []dynamodbtypes.KeySchemaElement) []string {
	var names []string
	for _, key := range keys {
		names = append(names, string(key.KeyType)+" "+aws.ToString(key.AttributeName))
	}
	return names
}

func indexShape(keys []dynamodbtypes.KeySchemaElement, p *dynamodbtypes.Projection) string {
	return fmt.Sprint(keyShape(keys), p.ProjectionType, slices.Sorted(slices.Values(p.NonKeyAttributes)))
}
