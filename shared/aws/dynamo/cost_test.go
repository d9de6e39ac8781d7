package dynamo_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/dynamo"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// cost is the write units of a step by table, and by index of a table.
type cost map[string]float64

// meter adds up what calls cost, and counts the reads. Of a call alone, DynamoDB itself counts the
// units. Of a transaction DynamoDB Local knows only which indexes it writes, in doubled units; what
// it writes to a table is two units for each item of up to 1 KB.
type meter struct {
	cost  cost
	mu    sync.Mutex // shards are read side by side
	reads int
}

func (m *meter) install(options *dynamodb.Options) {
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("meter", m.handle), middleware.Before)
	})
}

func (m *meter) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	switch call := in.Parameters.(type) {
	case *dynamodb.PutItemInput:
		call.ReturnConsumedCapacity = types.ReturnConsumedCapacityIndexes
	case *dynamodb.UpdateItemInput:
		call.ReturnConsumedCapacity = types.ReturnConsumedCapacityIndexes
	case *dynamodb.TransactWriteItemsInput:
		call.ReturnConsumedCapacity = types.ReturnConsumedCapacityIndexes
		for _, written := range touched(call) {
			m.cost[short(written.table)] += 2
		}
	default:
		m.mu.Lock()
		m.reads++
		m.mu.Unlock()
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	if err != nil {
		return out, meta, err
	}
	switch result := out.Result.(type) {
	case *dynamodb.PutItemOutput:
		m.addAlone(*result.ConsumedCapacity)
	case *dynamodb.UpdateItemOutput:
		m.addAlone(*result.ConsumedCapacity)
	case *dynamodb.TransactWriteItemsOutput:
		for _, consumed := range result.ConsumedCapacity {
			m.addIndexes(consumed, 2)
		}
	}
	return out, meta, err
}

// short drops what tells the tables of one test from those of another.
func short(table string) string { return table[strings.LastIndex(table, "-")+1:] }

func (m *meter) addAlone(consumed types.ConsumedCapacity) {
	m.cost[short(*consumed.TableName)] += aws.ToFloat64(consumed.Table.CapacityUnits)
	m.addIndexes(consumed, 1)
}

func (m *meter) addIndexes(consumed types.ConsumedCapacity, doubled float64) {
	for name, index := range consumed.GlobalSecondaryIndexes {
		m.cost[short(*consumed.TableName)+"/"+name] += aws.ToFloat64(index.CapacityUnits) / doubled
	}
}

// of returns what a step costs.
func (m *meter) of(step func()) cost {
	m.cost, m.reads = cost{}, 0
	step()
	return m.cost
}

// usual makes a picture and returns the filing of a report on it, as people write them. A case that
// staff have ruled on fills its kilobyte to the last bytes: with a customer's id of more than some
// twenty-five letters, or more words, that ruling costs a unit more.
func usual(t *testing.T, w *storetest.World) (file func()) {
	t.Helper()
	al := w.Customer("al")
	w.Grants(al, 4000)
	report := refund.Report{
		Generation: w.Generated(al, 2), Output: 1, Principal: "app", Key: w.Key(), Actor: ledger.ActorCustomer,
		Statement: refund.Statement{Description: "The dog in the middle has five legs, and its collar melts into the grass.", Issue: policy.IssueDistortion},
	}
	return func() {
		_, err := w.Reporter().File(t.Context(), report, w.Now)
		require.NoError(t, err)
	}
}

func TestAWalletOfAsManyLotsAsThereMayBeHasTwoKilobytes(t *testing.T) {
	store, tables := openOn(t)
	w := storetest.NewWorldOf(t, store, "popcustoms")
	alice := w.Customer("alice-of-a-long-name@example.com")
	for n := range ledger.MaxLots {
		w.Grants(alice, 1_000_000, time.Duration(n+1)*24*time.Hour)
	}
	for n := range ledger.MaxPaidLots - ledger.MaxLots + 1 {
		w.Receives(w.Paid(payment.ID(fmt.Sprintf("pi_3PgafyB7WZ01zgkWSjxs%04d", n)), alice))
	}
	require.LessOrEqual(t, rewritten(t, tables)["Wallets"], 2.0)
}

func TestAHoldCostsSixUnitsAndASuccessOneMore(t *testing.T) {
	m := &meter{cost: cost{}}
	store, tables := openOn(t, m.install)
	w := storetest.NewWorldOf(t, store, "popcustoms")
	alice := w.Customer("alice")
	for range 20 {
		w.Grants(alice, 40000, time.Hour) // lots of their own
	}
	key := func(sampled bool) string {
		key := w.Key()
		for generation.Sampled(generation.NewID(alice, "app", key)) != sampled {
			key = w.Key()
		}
		return key
	}
	var id generation.ID
	start := func() { id = w.StartsUnder(alice, 2, key(false)) }
	require.Equal(t, cost{"Wallets": 2, "Generations": 2, "Generations/held": 1, "Generations/history": 1}, m.of(start))
	require.Equal(t, 1, m.reads)
	w.Pass(time.Second)
	require.Equal(t, cost{"Generations": 1, "Generations/held": 1}, m.of(func() { w.Settles(id, w.Success(2)) }))
	require.Equal(t, 0, m.reads)
	require.Equal(t, cost{"Wallets": 1, "Entries": 1}, rewritten(t, tables), "no row is larger than 1 KB")
	counted := m.of(func() { w.StartsUnder(alice, 1, key(true)) })
	require.Equal(t, cost{"Wallets": 2, "Generations": 4, "Generations/held": 1, "Generations/history": 1}, counted, "one in ten is counted, for two more")
}

func TestASuccessOfAPartCostsSixUnitsBesideARefusedWriteAndItsTellingTwo(t *testing.T) {
	m := &meter{cost: cost{}}
	w := storetest.NewWorldOf(t, open(t, m.install), "popcustoms")
	alice := w.Customer("alice")
	w.Grants(alice, 4000)
	id := w.Starts(alice, 2)
	w.Pass(time.Second)
	m.of(func() { w.Settles(id, w.Success(1)) })
	require.Equal(t, cost{"Wallets": 2, "Generations": 2, "Generations/held": 2}, m.cost)
	require.Equal(t, 1, m.reads)
	m.of(func() { require.NoError(t, w.Store.MarkPartialNotified(t.Context(), id)) })
	require.Equal(t, cost{"Generations": 1, "Generations/held": 1}, m.cost)
	require.Zero(t, m.reads)
}

func TestACountedRequestCostsOneUnit(t *testing.T) {
	m := &meter{cost: cost{}}
	w := storetest.NewWorld(t, open(t, m.install))
	require.Equal(t, cost{"Evidence": 1}, m.of(func() {
		counted, err := w.Store.CountRequest(t.Context(), w.Customer("alice"), w.Now.Truncate(time.Minute), 1)
		require.NoError(t, err)
		require.True(t, counted)
	}))
	require.Zero(t, m.reads)
}

func TestADeclinedReportCostsEightUnits(t *testing.T) {
	m := &meter{cost: cost{}}
	w := storetest.NewWorldOf(t, open(t, m.install), "goopter")
	file := usual(t, w)
	require.Equal(t, cost{"Cases": 1, "Cases/due": 1, "Cases/history": 1}, m.of(file))
	require.Equal(t, 1, m.reads)
	require.Empty(t, m.of(func() { w.Assesses() }), "no look could change the answer, so none is made")
	require.Equal(t, 1, m.reads)
	require.Equal(t, cost{"Cases": 4, "Cases/decided": 1}, m.of(func() { w.Deliver() }), "the case, that it is decided, and the recent requests; its due instant stays")
	require.Equal(t, 1, m.reads)
}

// Two units for each row of a kilobyte that a transaction writes: the record, and six by which it
// is found again. The record has some three, which the meter does not see within a transaction.
func TestALookCostsOneCallThatWritesAndItsReads(t *testing.T) {
	m := &meter{cost: cost{}}
	w := storetest.NewWorld(t, open(t, m.install))
	for n := range 2 {
		w.Pictures[fmt.Sprintf("https://images.example/%d.png", n)] = picture(t)
	}
	usual(t, w)()
	require.Equal(t, cost{"Cases": 2, "Evidence": 14}, m.of(func() { w.Assesses() }))
	require.Equal(t, 8, m.reads, "what the decision reads, six look-ups, and which signals were stopped")
	m.of(func() { w.Deliver() })
	require.Equal(t, 2, m.reads, "the record comes with the rest; the customer's generations are counted for staff")
}

// picture is one that shows something, large enough to be compared with others.
func picture(t *testing.T) []byte {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for n := range drawn.Pix {
		drawn.Pix[n] = uint8(n * n >> 8)
	}
	var body bytes.Buffer
	require.NoError(t, png.Encode(&body, drawn))
	return body.Bytes()
}

func TestWhoComesNearALimitIsNotedForOneUnitAndStaysSoForNone(t *testing.T) {
	m := &meter{cost: cost{}}
	w := storetest.NewWorldOf(t, open(t, m.install), "goopter")
	alice := w.Customer("alice")
	w.Grants(alice, 4000)
	var costs []float64
	for range 3 {
		id := w.Generated(alice, 8)
		for output := range 8 {
			w.Reports(id, output)
			costs = append(costs, m.of(func() { w.Deliver() })["Cases/frequent"])
			require.LessOrEqual(t, m.cost["Cases"], 4.0)
		}
	}
	want := make([]float64, 24)
	want[15] = 1 // sixteen of twenty
	require.Equal(t, want, costs)
}

// A step that is a call alone shows by its units how many kilobytes the case has, before and after
// it. The verdict of staff is the second that it keeps, with what both rest on: that is the second
// kilobyte, which the meter does not see within a transaction.
func TestAReportHasOneKilobyteUntilStaffHaveRuledAndTwoWithTheirVerdict(t *testing.T) {
	m := &meter{cost: cost{}}
	w := storetest.NewWorldOf(t, open(t, m.install), "popcustoms") // whose trace is the longest
	usual(t, w)()
	require.Equal(t, cost{"Cases": 2, "Evidence": 2}, m.of(func() { w.Assesses() }), "a picture that is gone is a sentence")
	require.Equal(t, cost{"Cases": 4, "Cases/waiting": 1, "Generations": 2}, m.of(func() { w.Deliver() }), "guarded by what was told of the picture's use")
	waiting := w.Waiting(10, w.Customer("al"))
	require.Len(t, waiting, 1)
	require.Len(t, waiting[0].Decision.Trace, 29)
	id := waiting[0].ID
	require.Equal(t, cost{"Cases": 1, "Cases/due": 1}, m.of(func() { w.Notifies(id, waiting[0].Notice) }))
	require.Equal(t, cost{"Cases": 2, "Cases/waiting": 1, "Cases/due": 1}, m.of(func() { w.Rules(id, policy.OutcomeApproved) }), "29 rules were tried: the ruling begins the second kilobyte")
	require.Equal(t, cost{"Cases": 4, "Cases/decided": 1, "Wallets": 2, "Entries": 2, "Generations": 2}, m.of(func() { w.Deliver() }))
	require.Equal(t, 1, m.reads)
	notice := w.CaseOf(id).Notice
	require.Equal(t, cost{"Cases": 2, "Cases/due": 1}, m.of(func() { w.Notifies(id, notice) }))
}

// rewritten returns what it costs to put each row of the tables back as it is.
func rewritten(t *testing.T, tables dynamo.Tables) cost {
	t.Helper()
	client, most := local.DynamoDB(endpoint), cost{}
	for _, table := range []string{tables.Wallets, tables.Payments, tables.Entries} {
		rows, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
		require.NoError(t, err)
		for _, row := range rows.Items {
			put, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
				TableName: &table, Item: row, ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
			})
			require.NoError(t, err)
			most[short(table)] = max(most[short(table)], *put.ConsumedCapacity.Table.CapacityUnits)
		}
	}
	return most
}

func TestAPurchaseCostsEightUnits(t *testing.T) {
	m := &meter{cost: cost{}}
	store, tables := openOn(t, m.install)
	w := storetest.NewWorldOf(t, store, "goopter")
	alice := w.Customer("alice")
	for range 9 {
		w.Grants(alice, 10) // lots of their own, since they are older
	}
	for n := range 11 { // one more than are remembered
		w.Pass(25 * time.Hour) // beyond what repeats the one before: each payment that it repeats, or is repeated by, is one more row
		bought := w.Paid(payment.ID(fmt.Sprintf("pi_3PgafyB7WZ01zgkWSjxs%04d", n)), alice)
		require.Equal(t, cost{"Payments": 2, "Wallets": 4, "Entries": 2}, m.of(func() { w.Receives(bought) }), "payment, wallet, recent purchases, line")
		require.Equal(t, 1, m.reads)
	}
	require.Equal(t, cost{"Payments": 1, "Wallets": 1, "Entries": 1}, rewritten(t, tables), "no row is larger than 1 KB")
	w.Pass(time.Minute)
	again := w.Paid("pi_3PgafyB7WZ01zgkWSjxsrept", alice)
	require.Equal(t, cost{"Payments": 4, "Wallets": 4, "Entries": 2, "Payments/attention": 1}, m.of(func() { w.Receives(again) }), "staff see a repeat, and the first payment knows of it")
	require.Equal(t, cost{}, m.of(func() { w.Receives(again) }), "heard twice")
	require.Equal(t, 1, m.reads)
}
