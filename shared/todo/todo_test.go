package todo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/todo"
)

func TestAnItemIsDueAtItsSoonestStep(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	owed := todo.List{todo.StepNotice: noon.Add(time.Hour), todo.StepRefund: noon}
	require.Equal(t, noon, owed.Due())
	require.True(t, owed.Has(todo.StepNotice))
	require.False(t, owed.Has(todo.StepSettle))
	require.True(t, todo.List(nil).Due().IsZero(), "what owes nothing is never due")
}
