// Package dynamo owns the tables: every key, row type, condition and index read of the system lives
// here, since one commit crosses nouns.
//
// It refuses to know rules: it writes what the nouns computed, under the conditions that their
// ports promise.
//
// Invariants: a step is one TransactWriteItems (or one conditional UpdateItem), so it happens whole
// or not at all; money is decided on consistent reads only; an index serves lists and sweeps and
// may lag; entries are put, never updated or deleted. Conditions name flat attributes, or map
// members that the same condition proves present; nested documents that nothing decides on are JSON
// text.
//
// Words: item, condition, stale (a condition failed: read again), busy (a conflict, a throttle, an
// unknown outcome: try again).
package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"makegood/shared/aws/client"
	"makegood/shared/aws/metric"
)

// API is what this package calls of DynamoDB.
type API interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Tables are the names of the tables; a function that does not use one leaves it empty.
type Tables struct {
	Wallets     string // wallets, and beside each its lots, purchases and changes of standing
	Entries     string // the ledger: put once, never touched
	Payments    string // payments, their aliases, and how far each provider was polled
	Generations string // generations, and the months' costs of customers' own keys
	Cases       string // cases, offers, and what counts a customer's requests
	Outages     string // declared outages
	Evidence    string // what was seen of bad results, the prints of their pictures, the marks of addresses

	Shards int  // into how many shards the indexes that are walked are cut; 0: DefaultShards
	Former bool // whether the former indexes are read too: rows may lack a shard
}

// Store keeps the nouns in DynamoDB. It is safe for concurrent use.
type Store struct {
	api    API
	tables Tables
	shards int
	former bool
	stops  stops
}

// New returns a store over the tables.
func New(api API, tables Tables) *Store {
	return &Store{api: api, tables: tables, shards: cmp.Or(tables.Shards, DefaultShards), former: tables.Former}
}

// Open returns a store over the tables that the environment names (WALLETS_TABLE, …), in the
// Lambda's region. It panics where SHARDS is no number of shards: rows written under a wrong one
// would be found by nobody.
func Open() *Store {
	shards, err := ParseShards(os.Getenv("SHARDS"))
	if err != nil {
		panic("dynamo: " + err.Error())
	}
	// The first call is every function's own, so its connection is opened while the rest is set up.
	client.Connect("dynamodb", "DYNAMODB")
	base := client.Base()
	api := dynamodb.New(dynamodb.Options{
		Region: base.Region, Credentials: base.Credentials, HTTPClient: base.HTTPClient, Retryer: base.Retryer,
		BaseEndpoint: client.Endpoint("DYNAMODB"),
		APIOptions:   []func(*middleware.Stack) error{counting(metric.OpenWhole(os.Stdout))},
	})
	return New(api, Tables{
		Wallets: os.Getenv("WALLETS_TABLE"), Entries: os.Getenv("ENTRIES_TABLE"), Payments: os.Getenv("PAYMENTS_TABLE"),
		Generations: os.Getenv("GENERATIONS_TABLE"), Cases: os.Getenv("CASES_TABLE"), Outages: os.Getenv("OUTAGES_TABLE"),
		Evidence: os.Getenv("EVIDENCE_TABLE"),
		Shards:   shards, Former: os.Getenv("FORMER_INDEXES") == "read",
	})
}

// The indexes. By shard and instant: due holds what has a dueAt, waiting the cases that wait for
// staff, frequent the customers who may be near a limit, decided the final verdicts. Then stuck
// holds what has a stuckAt, open the payments and outages with a dueAt, held the generations with
// one, history lists a customer's items by time, attention the payments that wait for staff, desk
// by desk. All are keys only but held.
const (
	indexDue       = "due"
	indexWaiting   = "waiting"
	indexFrequent  = "frequent"
	indexDecided   = "decided"
	indexStuck     = "stuck"
	indexOpen      = "open"
	indexHeld      = "held"
	indexHistory   = "history"
	indexAttention = "attention"
)

// The former indexes, beside open of wallets, generations and cases: see Tables.Former.
const (
	indexReview = "review"
	indexNear   = "near"
)

func missingAttribute(table, name string) error {
	return fmt.Errorf("dynamo: an item of %s has no usable %q", table, name)
}
