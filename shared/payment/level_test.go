package payment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/payment"
	"makegood/shared/storetest"
	"makegood/shared/todo"
)

func TestAFactThatCannotBeBroughtLevelIsKeptAndTriedAgainWithTheNext(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	alice := ledger.CustomerID("alice")
	ids := make([]payment.ID, ledger.MaxDebts+1)
	for i := range ids {
		ids[i] = w.Payment(fmt.Sprint(i))
		w.Receives(w.Paid(ids[i], alice))
		for range 25 { // 100 credits, at 4 a picture
			w.Settles(w.Starts(alice, 1), w.Success(-1))
		}
		w.Pass(time.Second)
	}
	last := ids[ledger.MaxDebts]
	for i, id := range ids {
		w.Receives(w.Refunded(id, "re_"+string(id), 1000, payment.RefundSucceeded))
		w.WantOwed(alice, ledger.Credits(100*min(i+1, ledger.MaxDebts)))
	}
	current := w.Snapshot(last, alice).Payment
	require.Equal(t, []any{payment.StateGranted, payment.ReasonNotClawedBack}, []any{current.State, current.Parked})
	require.Len(t, current.Refunds, 1, "it is durable")
	require.True(t, current.Todo.Has(todo.StepRoom), "and is tried again without news")

	w.Receives(w.Refunded(ids[0], "re_"+string(ids[0]), 1000, payment.RefundFailed)) // one debt less
	w.Receives(w.Refunded(last, "re_"+string(last), 1000, payment.RefundSucceeded))
	require.Empty(t, w.Snapshot(last, alice).Payment.Parked)
	w.WantOwed(alice, 100*ledger.MaxDebts)
	w.WantLaws(alice)
}
