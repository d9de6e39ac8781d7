package dynamo_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
	"makegood/shared/todo"
)

// between runs the hook, once, before an UpdateItem: between what was read and what is written.
type between struct{ hook func() }

func (b *between) install(options *dynamodb.Options) {
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("between", b.handle), middleware.Before)
	})
}

func (b *between) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	if _, update := in.Parameters.(*dynamodb.UpdateItemInput); update && b.hook != nil {
		hook := b.hook
		b.hook = nil
		hook()
	}
	return next.HandleInitialize(ctx, in)
}

// reported puts a report before staff.
func reported(w *storetest.World) refund.CaseID {
	alice := w.Customer("alice")
	w.Grants(alice, 4)
	id := w.Reports(w.Generated(alice, 1), 0)
	w.Deliver()
	return id
}

func TestTheNextVerdictIsNotToldByTheNoticeOfTheLastThoughBothAreDueAtOneInstant(t *testing.T) {
	b := &between{}
	w := storetest.NewWorld(t, open(t, b.install))
	id := reported(w)
	first := w.CaseOf(id)
	b.hook = func() {
		w.Rules(id, policy.OutcomeApproved)
		w.Deliver()
	}
	err := w.Store.MarkNotified(t.Context(), id, first.Owed()[0], w.Now)
	require.Equal(t, fault.KindStale, fault.KindOf(err))
	stands := w.CaseOf(id)
	require.Equal(t, first.Todo, stands.Todo, "the same step, due at the same instant, of another verdict")
	require.Zero(t, stands.NotifiedAt)
}

func TestANoticeThatTheSweeperClaimedMeanwhileIsMarkedOnASecondTry(t *testing.T) {
	b := &between{}
	w := storetest.NewWorld(t, open(t, b.install))
	id := reported(w)
	owed := w.CaseOf(id)
	w.Pass(2 * time.Minute)
	b.hook = func() { w.Sweep() }
	require.Equal(t, fault.KindStale, fault.KindOf(w.Store.MarkNotified(t.Context(), id, owed.Owed()[0], w.Now)))
	require.True(t, w.CaseOf(id).Todo.Has(todo.StepNotice))
	w.Notifies(id, owed.Notice)
	require.Empty(t, w.CaseOf(id).Todo)
}

func TestStaffsListLeavesOutWhatItsIndexStillShowsAndGoesOnToTheNext(t *testing.T) {
	f := &faults{staleIndexes: true, raw: local.DynamoDB(endpoint)}
	w := storetest.NewWorld(t, open(t, f.install))
	first := reported(w)
	w.Pass(time.Minute)
	second := reported(w)
	w.Rules(first, policy.OutcomeApproved) // the last write: the index shows the case as it stood before
	page, more, err := w.Store.ListReview(t.Context(), nil, 1)
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, page, 1, "no empty page while there is more")
	require.Equal(t, second, page[0].ID)
}

func TestWhatTheCustomerSaidIsErasedByOneRemoveAndNoVerdictBringsItBack(t *testing.T) {
	var table string
	watch := func(options *dynamodb.Options) {
		options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("watch", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				if put, ok := in.Parameters.(*dynamodb.PutItemInput); ok && strings.HasSuffix(*put.TableName, "-Cases") {
					table = *put.TableName
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	}
	w := storetest.NewWorld(t, open(t, watch))
	id := reported(w)
	asked := w.CaseOf(id)
	require.NotNil(t, asked.Statement)
	w.Rules(id, policy.OutcomeDeclined)
	_, err := local.DynamoDB(endpoint).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(table), UpdateExpression: aws.String("REMOVE asked"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: id.CustomerKey()}, "sk": &types.AttributeValueMemberS{Value: string(id)},
		},
	})
	require.NoError(t, err)
	w.Deliver()
	w.WantVerdict(id, refund.StateDeclined, "R8")
	decided := w.CaseOf(id)
	require.Nil(t, decided.Statement)
	require.Equal(t, asked.Generation, decided.Generation)
}
