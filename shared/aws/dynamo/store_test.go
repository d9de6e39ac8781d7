package dynamo_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/infra/local"
	"makegood/infra/template"
	"makegood/shared/aws/dynamo"
	"makegood/shared/storetest"
)

// DynamoDB Local, which this package shares or starts, and the template that describes the tables;
// see TestMain.
var (
	endpoint  string
	described *template.Template
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	services, err := local.Shared(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "these tests need DynamoDB Local:", err)
		return 1
	}
	defer services.Stop()
	endpoint = services.DynamoDBURL
	if described, err = template.Parse(filepath.Join("..", "..", "..", "template.yaml")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// open returns a store on empty tables of its own, with what changes its client.
func open(t *testing.T, change ...func(*dynamodb.Options)) *dynamo.Store {
	t.Helper()
	store, _ := openOn(t, change...)
	return store
}

// openOn is open, with the names of the tables.
func openOn(t *testing.T, change ...func(*dynamodb.Options)) (*dynamo.Store, dynamo.Tables) {
	t.Helper()
	return openIn(t, template.Scope{}, change...)
}

// openIn is openOn, with the tables as they are in that scope of the template.
func openIn(t *testing.T, scope template.Scope, change ...func(*dynamodb.Options)) (*dynamo.Store, dynamo.Tables) {
	t.Helper()
	client := local.DynamoDB(endpoint)
	names := emptyTables(t, client, scope)
	tables := dynamo.Tables{
		Wallets: names["WalletsTable"], Entries: names["EntriesTable"], Payments: names["PaymentsTable"],
		Generations: names["GenerationsTable"], Cases: names["CasesTable"], Outages: names["OutagesTable"],
		Evidence: names["EvidenceTable"],
	}
	return dynamo.New(dynamodb.New(client.Options(), change...), tables), tables
}

func TestTheStoreOnDynamoDBKeepsEveryPromise(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t) })
}

func TestTheStoreKeepsEveryPromiseWhenCallsConflictThrottleAndLoseTheirAnswer(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		return losing{open(t, troubled().install)}
	})
}

// losing is a store whose answers are lost now and then.
type losing struct{ storetest.Store }

// LosesAnswers implements storetest.LosingAnswers.
func (losing) LosesAnswers() {}

// troubled returns the faults that the promises are kept under.
func troubled() *faults {
	return &faults{conflicts: 30, throttles: 5, lostAnswers: 10, staleIndexes: true, raw: local.DynamoDB(endpoint)}
}

func TestManyAtOnceGetWhatOneWouldGet(t *testing.T) {
	storetest.Races(t, open(t), 100)
}

func TestTheLawsHoldOnDynamoDB(t *testing.T) {
	store := open(t)
	storetest.Laws(t, func() storetest.Store { return store }, 5)
}

func TestTheLawsHoldOnDynamoDBWhenCallsConflictThrottleAndLoseTheirAnswer(t *testing.T) {
	store := open(t, troubled().install)
	storetest.Laws(t, func() storetest.Store { return store }, 1) // make nightly plays 200
}

func TestMoneyGoesBackOnceThoughItsPayerIsCutOffAtAnyPoint(t *testing.T) {
	store := open(t)
	storetest.Crashes(t, func() storetest.Store { return store }, false)
}
