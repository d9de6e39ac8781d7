package dynamo_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/payment"
	"makegood/shared/storetest"
)

// torn reads what first says, runs the hook, then reads the rest: what one BatchGetItem may do.
type torn struct {
	first func(table string, key map[string]types.AttributeValue) bool
	hook  func()
}

func (f *torn) install(options *dynamodb.Options) {
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("torn", f.handle), middleware.Before)
	})
}

func (f *torn) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	call, ok := in.Parameters.(*dynamodb.BatchGetItemInput)
	if !ok || f.hook == nil {
		return next.HandleInitialize(ctx, in)
	}
	a, b := map[string]types.KeysAndAttributes{}, map[string]types.KeysAndAttributes{}
	for table, keys := range call.RequestItems {
		for _, key := range keys.Keys {
			to := b
			if f.first(table, key) {
				to = a
			}
			k := to[table]
			k.ConsistentRead = keys.ConsistentRead
			k.Keys = append(k.Keys, key)
			to[table] = k
		}
	}
	if len(a) == 0 || len(b) == 0 {
		return next.HandleInitialize(ctx, in)
	}
	hook := f.hook
	f.hook = nil
	out1, meta, err := next.HandleInitialize(ctx, middleware.InitializeInput{Parameters: &dynamodb.BatchGetItemInput{RequestItems: a}})
	if err != nil {
		return out1, meta, err
	}
	hook()
	out2, meta, err := next.HandleInitialize(ctx, middleware.InitializeInput{Parameters: &dynamodb.BatchGetItemInput{RequestItems: b}})
	if err != nil {
		return out2, meta, err
	}
	one, two := out1.Result.(*dynamodb.BatchGetItemOutput), out2.Result.(*dynamodb.BatchGetItemOutput)
	for table, rows := range one.Responses {
		two.Responses[table] = append(two.Responses[table], rows...)
	}
	return out2, meta, nil
}

func sk(key map[string]types.AttributeValue) string {
	if s, ok := key["sk"].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func TestAReplayIsNoRefusalThoughTheFirstStartTookTheLastCreditsMeanwhile(t *testing.T) {
	f := &torn{first: func(_ string, key map[string]types.AttributeValue) bool { return strings.HasPrefix(sk(key), "gen_") }}
	w := storetest.NewWorld(t, open(t, f.install))
	alice := w.Customer("alice")
	w.Grants(alice, 4)
	order := generation.Order{Customer: alice, Feature: "recolor", Platform: "web", Outputs: 1, Principal: "app", Key: "k"}
	f.hook = func() {
		_, err := w.Starter().Start(t.Context(), order, w.Now)
		require.NoError(t, err)
	}
	started, err := w.Starter().Start(t.Context(), order, w.Now)
	require.NoError(t, err)
	require.True(t, started.Replayed)
	w.WantAvailable(alice, 0)
}

func TestAClawbackTakesWhatExpiredWhileItWasReading(t *testing.T) {
	f := &torn{}
	w := storetest.NewWorld(t, open(t, f.install))
	alice, id := w.Customer("alice"), w.Payment("a")
	f.first = func(_ string, key map[string]types.AttributeValue) bool { return sk(key) == string(id.Lot()) }
	receiver := w.ShortLived()
	_, err := receiver.Receive(t.Context(), w.Paid(id, alice), w.Now)
	require.NoError(t, err)
	w.Pass(2 * time.Hour)
	f.hook = func() {
		w.Sweep()
		require.Empty(t, w.Wallet(alice).Lots)
	}
	_, err = receiver.Receive(t.Context(), w.Refunded(id, "re_1", 1000, payment.RefundSucceeded), w.Now)
	require.NoError(t, err)
	require.Nil(t, f.hook)
	w.WantOwed(alice, 0)
	w.WantLaws(alice)
}
