package dynamo_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/template"
	"makegood/shared/aws/dynamo"
	"makegood/shared/due"
	"makegood/shared/golden"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// planting puts rows into tables as a stack of so many shards wrote them, or one that knew none.
type planting struct {
	client *dynamodb.Client
	tables dynamo.Tables
}

func newPlanting(tables dynamo.Tables) planting {
	return planting{client: local.DynamoDB(endpoint), tables: tables}
}

// put writes one row of a customer; of 0 shards it has none.
func (p planting) put(t *testing.T, table string, customer ledger.CustomerID, sk string, shards int, instants map[string]int64) {
	t.Helper()
	row := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: customer.Key()}, "customer": &types.AttributeValueMemberS{Value: string(customer)},
	}
	if sk != "" {
		row["sk"] = &types.AttributeValueMemberS{Value: sk}
	}
	for name, at := range instants {
		row[name] = &types.AttributeValueMemberN{Value: strconv.FormatInt(at, 10)}
	}
	if shards > 0 {
		row["shard"] = &types.AttributeValueMemberS{Value: dynamo.ShardOf(customer.Key(), shards)}
	}
	_, err := p.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row})
	require.NoError(t, err)
}

// bothIndexes is a stack on its way from the former indexes to these: it has both.
var bothIndexes = template.Scope{Parameters: map[string]string{"IndexStage": "3"}}

// histories are the numbers of shards that a stack has had, 0 for rows without: the last is the
// present one.
var histories = [][]int{{1}, {8}, {8, 16}, {1, 8, 64}, {0, 8}, {0, 8, 16}, {0, 1}}

func TestWhateverTheShardsASweepFindsExactlyWhatIsDueAndListsKeepTheirOrder(t *testing.T) {
	for _, history := range histories {
		seed := rand.Uint64() //nolint:gosec // a draw, named where it fails
		t.Run(fmt.Sprint(history, " seed ", seed), func(t *testing.T) {
			t.Parallel()
			draw := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // likewise
			_, tables := openIn(t, bothIndexes)
			tables.Shards, tables.Former = history[len(history)-1], slices.Contains(history, 0)
			store, plant := dynamo.New(local.DynamoDB(endpoint), tables), newPlanting(tables)
			// Few instants, so that many rows share one.
			at := func() int64 { return golden.Hour(draw.IntN(8)).UnixMilli() }
			now := golden.Hour(4)
			var expired, overdue []string
			waits := map[refund.CaseID]int64{}
			var near []ledger.CustomerID
			for n := range 60 {
				customer := ledger.CustomerID(fmt.Sprint("customer-", n))
				key, shards := customer.Key(), history[draw.IntN(len(history))]
				expires, answer, until := at(), at(), at()
				plant.put(t, tables.Wallets, customer, "wallet", shards, map[string]int64{"dueAt": expires})
				c := golden.WaitingCase("x")
				c.Customer, c.ID = customer, refund.NewCaseID(key, policy.KindBadResult, "x")
				c.ReviewBy, c.Todo = time.UnixMilli(answer).UTC(), todo.List{todo.StepReview: golden.Hour(90)}
				plant.open(t, c, shards)
				plant.put(t, tables.Cases, customer, "recent", shards, map[string]int64{"nearUntil": until})
				if expires <= now.UnixMilli() {
					expired = append(expired, key)
				}
				if answer < now.UnixMilli() {
					overdue = append(overdue, key)
				}
				waits[c.ID] = answer
				if until > now.UnixMilli() {
					near = append(near, customer)
				}
			}
			for _, limit := range []int{1, 7, len(expired), len(expired) + 1} {
				keys, cuts, err := store.Overdue(t.Context(), now, limit)
				require.NoError(t, err)
				require.Len(t, keys, min(limit, len(expired)))
				require.True(t, limit >= len(expired) || cuts == 1)
				if !tables.Former { // whose scan may end with the last row
					require.Equal(t, limit < len(expired), cuts == 1)
					require.True(t, slices.IsSortedFunc(keys, func(a, b due.Key) int { return a.At.Compare(b.At) }))
				}
				for _, key := range keys {
					require.Contains(t, expired, key.Partition)
				}
			}
			count, err := store.OverdueReviews(t.Context(), now, 1000)
			require.NoError(t, err)
			require.Equal(t, len(overdue), count)
			want := slices.SortedFunc(maps.Keys(waits), func(a, b refund.CaseID) int {
				return refund.ReviewPosition{At: waits[a], Case: a}.Compare(refund.ReviewPosition{At: waits[b], Case: b})
			})
			for _, limit := range []int{1 + draw.IntN(9), 50, 100} {
				require.Equal(t, want, listed(t, store, limit), "%d a page", limit)
				require.ElementsMatch(t, near, frequent(t, store, now, limit), "%d a page", limit)
			}
		})
	}
}

// open puts a case that waits, as OpenCase writes it.
func (p planting) open(t *testing.T, c refund.Case, shards int) {
	t.Helper()
	tables := p.tables
	tables.Shards = max(shards, 1)
	exists, err := dynamo.New(p.client, tables).OpenCase(t.Context(), c)
	require.NoError(t, err)
	require.Nil(t, exists)
	if shards == 0 {
		_, err := p.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &p.tables.Cases, UpdateExpression: aws.String("REMOVE #s"), ExpressionAttributeNames: map[string]string{"#s": "shard"}, Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: c.ID.CustomerKey()}, "sk": &types.AttributeValueMemberS{Value: string(c.ID)},
			},
		})
		require.NoError(t, err)
	}
}

func TestAScanThatStopsAtItsLimitGoesOnThereUntilEachHadItsTurn(t *testing.T) {
	_, tables := openOn(t)
	store, plant := dynamo.New(local.DynamoDB(endpoint), tables), newPlanting(tables)
	var want []string
	for n := range 5 {
		customer := ledger.CustomerID(fmt.Sprint("customer-", n))
		plant.put(t, tables.Generations, customer, "gen_"+customer.Key(), 0, map[string]int64{"dueAt": golden.Hour(n).UnixMilli()})
		plant.put(t, tables.Payments, customer, "", 0, map[string]int64{"dueAt": golden.Hour(n).UnixMilli()})
		want = append(want, string(todo.KindGeneration)+customer.Key(), string(todo.KindPayment)+customer.Key())
	}
	// Nobody deals with them: each is met all the same, two at a time.
	met := map[string]bool{}
	for range 3 {
		keys, cuts, err := store.Overdue(t.Context(), golden.Hour(9), 2)
		require.NoError(t, err)
		require.Len(t, keys, 4)
		require.Equal(t, 2, cuts)
		for _, key := range keys {
			met[string(key.Kind)+key.Partition] = true
		}
	}
	require.ElementsMatch(t, want, slices.Collect(maps.Keys(met)))
	keys, cuts, err := store.Overdue(t.Context(), golden.Hour(9), 6)
	require.NoError(t, err)
	require.Len(t, keys, 10, "one that began in the midst goes round")
	require.Zero(t, cuts)
}

func TestAPageForStaffIsFilledBehindCasesThatTheIndexStillShows(t *testing.T) {
	_, tables := openOn(t)
	store, plant := dynamo.New(local.DynamoDB(endpoint), tables), newPlanting(tables)
	open := func(customer ledger.CustomerID, hour int) refund.Case {
		c := golden.WaitingCase("x")
		c.Customer, c.ID, c.ReviewBy = customer, refund.NewCaseID(customer.Key(), policy.KindBadResult, "x"), golden.Hour(hour)
		plant.open(t, c, dynamo.DefaultShards)
		return c
	}
	// Ten that were due before the one that waits have been declined.
	for n := range 10 {
		c := open(ledger.CustomerID(fmt.Sprint("customer-", n)), n)
		_, err := plant.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: &tables.Cases, UpdateExpression: aws.String("SET #s = :s"), ExpressionAttributeNames: map[string]string{"#s": "state"},
			ExpressionAttributeValues: map[string]types.AttributeValue{":s": &types.AttributeValueMemberS{Value: string(refund.StateDeclined)}},
			Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: c.ID.CustomerKey()}, "sk": &types.AttributeValueMemberS{Value: string(c.ID)},
			},
		})
		require.NoError(t, err)
	}
	want := open(golden.Alice, 90)
	page, more, err := store.ListReview(t.Context(), nil, 1)
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, page, 1)
	require.Equal(t, want.ID, page[0].ID)
}

// listed reads the list for staff to its end.
func listed(t *testing.T, store *dynamo.Store, limit int) (ids []refund.CaseID) {
	t.Helper()
	var after *refund.ReviewPosition
	for more := true; more; {
		var page []refund.Case
		var err error
		page, more, err = store.ListReview(t.Context(), after, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), limit)
		for _, c := range page {
			position := c.Position()
			ids, after = append(ids, c.ID), &position
		}
	}
	return ids
}

// frequent reads the list of who may be near a limit to its end.
func frequent(t *testing.T, store *dynamo.Store, now time.Time, limit int) (customers []ledger.CustomerID) {
	t.Helper()
	for cursor, first := "", true; first || cursor != ""; first = false {
		page, next, err := store.ListFrequent(t.Context(), now, cursor, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), limit)
		for _, one := range page {
			customers = append(customers, one.Customer)
		}
		cursor = next
	}
	return customers
}
