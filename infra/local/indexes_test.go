package local_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// indexes returns the names of the indexes of the stack's one table.
func indexes(t *testing.T, s *local.Stack) []string {
	t.Helper()
	out, err := local.DynamoDB(s.Endpoints.DynamoDBURL).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(s.Tables["ItemsTable"])})
	require.NoError(t, err)
	var names []string
	for _, index := range out.Table.GlobalSecondaryIndexes {
		names = append(names, aws.ToString(index.IndexName))
	}
	return names
}

// due returns how many rows stand in the new index.
func due(t *testing.T, s *local.Stack) int {
	t.Helper()
	out, err := local.DynamoDB(s.Endpoints.DynamoDBURL).Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(s.Tables["ItemsTable"]), IndexName: aws.String("due")})
	require.NoError(t, err)
	return len(out.Items)
}

func item(pk, dueAt string) map[string]dynamodbtypes.AttributeValue {
	return map[string]dynamodbtypes.AttributeValue{"pk": &dynamodbtypes.AttributeValueMemberS{Value: pk}, "dueAt": &dynamodbtypes.AttributeValueMemberN{Value: dueAt}}
}

func TestAStackBringsTheIndexesOfAnEarlierOnesTablesToItsTemplates(t *testing.T) {
	folder := t.TempDir()
	first, err := kept(t, folder, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"open"}, indexes(t, first))
	_, err = local.DynamoDB(first.Endpoints.DynamoDBURL).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(first.Tables["ItemsTable"]), Item: item("alice", "1"),
	})
	require.NoError(t, err)
	first.Stop()

	during := 0
	second, err := kept(t, folder, func(o *local.Options) {
		o.Parameters = map[string]string{"Indexes": "many"}
		o.Backfill = func(ctx context.Context, client *dynamodb.Client, tables map[string]string) error {
			out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(tables["ItemsTable"])})
			during = len(out.Table.GlobalSecondaryIndexes)
			return err
		}
	})
	require.NoError(t, err)
	require.Equal(t, 3, during, "the rows are brought into the new indexes while the former one is there")
	require.ElementsMatch(t, []string{"due", "spare"}, indexes(t, second))
	require.Equal(t, 1, due(t, second))
}

func TestAStartThatIsCutOffBetweenTheIndexesIsGoneOnWithByTheNext(t *testing.T) {
	folder := t.TempDir()
	first, err := kept(t, folder, nil)
	require.NoError(t, err)
	first.Stop()
	calls := 0
	start := func(outcome error) error {
		s, err := kept(t, folder, func(o *local.Options) {
			o.Parameters = map[string]string{"Indexes": "many"}
			o.Backfill = func(context.Context, *dynamodb.Client, map[string]string) error {
				calls++
				return outcome
			}
		})
		if err == nil {
			s.Stop()
		}
		return err
	}
	cut := errors.New("cut off")
	require.ErrorIs(t, start(cut), cut)
	require.NoError(t, start(nil))
	require.Equal(t, 2, calls, "the new indexes were there, but not all rows in them")
	require.NoError(t, start(nil))
	require.Equal(t, 2, calls, "what is done is not done again")
}

func TestADeploymentChangesIndexesAndEnvironmentAndLosesNoRequest(t *testing.T) {
	s := another(t, "deployed-", nil)
	_, err := local.DynamoDB(s.Endpoints.DynamoDBURL).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(s.Tables["ItemsTable"]), Item: item("alice", "1"),
	})
	require.NoError(t, err)
	var load sync.WaitGroup
	var stop atomic.Bool
	var answers, failures atomic.Int64
	for range 4 {
		load.Go(func() {
			for !stop.Load() {
				response, err := http.Get(s.BaseURL + "/echo/1") //nolint:noctx // the stack's own
				answers.Add(1)
				if err != nil || response.StatusCode != http.StatusOK {
					failures.Add(1)
				}
				if err == nil {
					_ = response.Body.Close()
				}
			}
		})
	}
	require.NoError(t, s.Deploy(t.Context(), map[string]string{"Indexes": "both", "Greeting": "good night"}))
	require.Equal(t, "good night", echo(t, s, "GET", "/echo/1", nil).Env["GREETING"])
	require.ElementsMatch(t, []string{"open", "due"}, indexes(t, s))
	require.Equal(t, 1, due(t, s))
	require.NoError(t, s.Deploy(t.Context(), map[string]string{"Indexes": "new"}))
	require.Equal(t, []string{"due"}, indexes(t, s))
	require.Equal(t, "good night", echo(t, s, "GET", "/echo/1", nil).Env["GREETING"], "what was deployed before stays")
	stop.Store(true)
	load.Wait()
	assert.Zero(t, failures.Load(), "of %d requests", answers.Load())
}

func TestADeploymentThatAWSWouldRefuseIsRefused(t *testing.T) {
	s := another(t, "refused-", nil)
	require.ErrorContains(t, s.Deploy(t.Context(), map[string]string{"Indexes": "new"}), "more than one GSI")
	require.Equal(t, []string{"open"}, indexes(t, s))
}
