package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"makegood/infra/local"
)

// The load of a round: so many clients, each awaiting every answer, and so many processes of each
// function.
const (
	clients     = 8
	processes   = 4
	rounds      = 3
	cycleLength = 5 // operations of one cycle: grant, hold, capture, hold, release
)

// throughput is operations a second of each round, of ours and of the bare transaction on the same
// DynamoDB Local, in turn.
type throughput struct{ ours, bare []float64 }

// race runs the cycle through the built functions, and the bare transaction, in turn.
func race(ctx context.Context, s *stack, each time.Duration) (throughput, error) {
	fleet, err := newFleet(ctx, s, s.dynamoURL, processes, []string{grantCredits, startGeneration, settle, decide})
	if err != nil {
		return throughput{}, err
	}
	defer fleet.stop()
	// The floor says what the emulator itself can do on this machine, today.
	floor, err := newBare(ctx, s)
	if err != nil {
		return throughput{}, err
	}
	path := story{fleet: fleet, revision: s.revision}
	var result throughput
	// In turn, so that a slow minute of the machine hits both figures.
	for round := range rounds + 1 {
		ours, err := load(ctx, each, cycleLength, func(ctx context.Context, _ int) error { return path.cycle(ctx) })
		if err != nil {
			return throughput{}, err
		}
		bare, err := load(ctx, each, 1, floor.transact)
		if err != nil {
			return throughput{}, err
		}
		// The first round warms both and is not counted.
		if round > 0 {
			result.ours, result.bare = append(result.ours, ours), append(result.bare, bare)
		}
		s.outbox.empty()
	}
	slices.Sort(result.ours)
	slices.Sort(result.bare)
	return result, nil
}

// load runs the step on every client until the time is over and returns operations a second.
func load(ctx context.Context, each time.Duration, operations int, step func(ctx context.Context, client int) error) (float64, error) {
	var count atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	startedAt := time.Now()
	// Each client waits for its answer, as a customer would: more clients, not longer queues, make
	// the load.
	for client := range clients {
		group.Go(func() error {
			for time.Since(startedAt) < each {
				if err := step(ctx, client); err != nil {
					return err
				}
				count.Add(int64(operations))
			}
			return nil
		})
	}
	err := group.Wait()
	return float64(count.Load()) / time.Since(startedAt).Seconds(), err
}

// cycle is one customer's grant → hold → capture → hold → release, by failure and verdict.
func (s story) cycle(ctx context.Context) error {
	// A new customer each time, so that no two cycles wait for one wallet.
	customer := fresh("bench-")
	if err := s.grant(ctx, customer); err != nil {
		return err
	}
	first, err := s.hold(ctx, customer)
	if err != nil {
		return err
	}
	if err := s.succeed(ctx, first); err != nil {
		return err
	}
	second, err := s.hold(ctx, customer)
	if err != nil {
		return err
	}
	if err := s.fail(ctx, second); err != nil {
		return err
	}
	return s.decide(ctx, second)
}

// bare is the floor: one transaction of two items an operation, an entry put and a balance moved by
// condition, and nothing around it.
type bare struct {
	client *dynamodb.Client
	table  string
	serial atomic.Int64
}

// newBare creates the floor's own table, with a wallet for each client.
func newBare(ctx context.Context, s *stack) (*bare, error) {
	b := &bare{client: local.DynamoDB(s.dynamoURL), table: fresh("bench-bare-")}
	_, err := s.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &b.table, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: dynamodbtypes.KeyTypeHash}},
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
	})
	if err != nil {
		return nil, err
	}
	// A wallet for each client: they would else fight over one item, which ours do not.
	for client := range clients {
		if _, err := b.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &b.table, Item: map[string]dynamodbtypes.AttributeValue{
			"pk": wallet(client), "available": number(1_000_000_000),
		}}); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// transact is one operation for a client's own wallet.
func (b *bare) transact(ctx context.Context, client int) error {
	// An entry and a balance are the least that any ledger writes for one movement.
	entry := &dynamodbtypes.AttributeValueMemberS{Value: fmt.Sprintf("entry-%d", b.serial.Add(1))}
	_, err := b.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []dynamodbtypes.TransactWriteItem{
		{Put: &dynamodbtypes.Put{
			TableName: &b.table, ConditionExpression: aws.String("attribute_not_exists(pk)"),
			Item: map[string]dynamodbtypes.AttributeValue{"pk": entry, "wallet": wallet(client), "credits": number(1), "movement": &dynamodbtypes.AttributeValueMemberS{Value: "hold"}},
		}},
		{Update: &dynamodbtypes.Update{
			TableName: &b.table, Key: map[string]dynamodbtypes.AttributeValue{"pk": wallet(client)},
			UpdateExpression: aws.String("SET available = available - :n"), ConditionExpression: aws.String("available >= :n"),
			ExpressionAttributeValues: map[string]dynamodbtypes.AttributeValue{":n": number(1)},
		}},
	}})
	return err
}

func wallet(client int) dynamodbtypes.AttributeValue {
	return &dynamodbtypes.AttributeValueMemberS{Value: fmt.Sprintf("wallet-%d", client)}
}

func number(n int) dynamodbtypes.AttributeValue {
	return &dynamodbtypes.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

func writeThroughput(w io.Writer, t throughput) {
	middle := len(t.ours) / 2
	fmt.Fprintf(w, "## Throughput on this machine's emulator\n\n%d clients, %d rounds in turn on one DynamoDB Local. "+
		"Ours: grant → hold → capture → hold → release (failure, verdict) through %d processes of each function, a new customer each cycle. "+
		"Bare: one transaction of two items.\n\n", clients, rounds, processes)
	fmt.Fprintln(w, "| | operations/s min | median | max |")
	fmt.Fprintln(w, "| --- | --- | --- | --- |")
	fmt.Fprintf(w, "| ours | %.0f | %.0f | %.0f |\n", t.ours[0], t.ours[middle], t.ours[len(t.ours)-1])
	fmt.Fprintf(w, "| bare two-item transaction | %.0f | %.0f | %.0f |\n", t.bare[0], t.bare[middle], t.bare[len(t.bare)-1])
	fmt.Fprintf(w, "\nOurs ÷ bare, medians: **%.2f**.\n", t.ours[middle]/t.bare[middle])
}
