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
	clients   = 8
	processes = 4
	rounds    = 5
)

// cycleFunctions are those that the cycle goes through.
var cycleFunctions = []string{grantCredits, startGeneration, settle, decide}

// throughput is cycles a second of each round: ours, and the replay of the very calls that ours
// make; and bare transactions a second. All on the same DynamoDB Local, in turn.
type throughput struct {
	ours, replay, bare []float64
	calls              int // of one cycle to DynamoDB
}

// race runs the cycle through the built functions, its calls without them, and the bare
// transaction, in turn.
func race(ctx context.Context, s *stack, each time.Duration) (throughput, error) {
	tape, err := record(ctx, s)
	if err != nil {
		return throughput{}, err
	}
	fleet, err := newFleet(ctx, s, s.dynamoURL, processes, cycleFunctions)
	if err != nil {
		return throughput{}, err
	}
	defer fleet.stop()
	// The bare transaction says what the emulator itself can do on this machine, today.
	floor, err := newBare(ctx, s)
	if err != nil {
		return throughput{}, err
	}
	path := story{fleet: fleet, revision: s.revision}
	result := throughput{calls: len(tape.calls)}
	// In turn, so that a slow minute of the machine hits all figures.
	for round := range rounds + 1 {
		for _, one := range []struct {
			rates *[]float64
			step  func(ctx context.Context, client int) error
		}{
			{&result.ours, func(ctx context.Context, _ int) error { return path.cycle(ctx, fresh("bench-")) }},
			{&result.replay, func(ctx context.Context, _ int) error { return tape.play(ctx) }},
			{&result.bare, floor.transact},
		} {
			rate, err := load(ctx, each, one.step)
			if err != nil {
				return throughput{}, err
			}
			// The first round warms all and is not counted.
			if round > 0 {
				*one.rates = append(*one.rates, rate)
			}
		}
		s.outbox.empty()
	}
	return result, nil
}

// load runs the step on every client until the time is over and returns steps a second.
func load(ctx context.Context, each time.Duration, step func(ctx context.Context, client int) error) (float64, error) {
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
				count.Add(1)
			}
			return nil
		})
	}
	err := group.Wait()
	return float64(count.Load()) / time.Since(startedAt).Seconds(), err
}

// cycle is one customer's grant → hold → capture → hold → release, by failure and verdict.
// Each cycle has a customer of its own, so that no two wait for one wallet.
func (s story) cycle(ctx context.Context, customer string) error {
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

// replayAim is how many of the cycles ours should do whose bare calls are replayed.
const replayAim = 0.85

// ratios returns ours ÷ replay of each round, sorted: what slows one of a round slows the other,
// while rounds may be minutes apart.
func (t throughput) ratios() []float64 {
	all := make([]float64, len(t.ours))
	for round := range all {
		all[round] = t.ours[round] / t.replay[round]
	}
	slices.Sort(all)
	return all
}

func writeThroughput(w io.Writer, t throughput) {
	ratios := t.ratios()
	middle := len(ratios) / 2
	fmt.Fprintf(w, "## Throughput on this machine's emulator\n\n%d clients, %d rounds in turn on one DynamoDB Local. "+
		"Ours: grant → hold → capture → hold → release (failure, verdict) through %d processes of each function, a new customer each cycle. "+
		"Replay: the very %d DynamoDB calls of such a cycle, recorded once and sent for other customers, without functions, events and SDK. "+
		"The bare transaction of two items is the emulator's pace, and no floor of ours.\n\n", clients, rounds, processes, t.calls)
	fmt.Fprintln(w, "| a second | min | median | max |")
	fmt.Fprintln(w, "| --- | --- | --- | --- |")
	for _, row := range []struct {
		name  string
		rates []float64
	}{{"cycles, ours", t.ours}, {"cycles, replay of their calls", t.replay}, {"bare two-item transactions", t.bare}} {
		slices.Sort(row.rates)
		fmt.Fprintf(w, "| %s | %.1f | %.1f | %.1f |\n", row.name, row.rates[0], row.rates[middle], row.rates[len(row.rates)-1])
	}
	fmt.Fprintf(w, "\nOurs ÷ replay of the same calls, the median of the rounds' ratios: **%.2f** (%.2f to %.2f; aim ≥ %.2f).\n\n",
		ratios[middle], ratios[0], ratios[len(ratios)-1], replayAim)
}
