package due

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/todo"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestEachAttemptWaitsTwiceAsLongUpToAnHour(t *testing.T) {
	var delays []time.Duration
	for attempts := range MaxAttempts {
		item := Item{Attempts: attempts, Todo: todo.List{todo.StepRefund: noon}}
		overdue, next := split(item, noon)
		require.Equal(t, []todo.Step{todo.StepRefund}, overdue)
		delays = append(delays, next[todo.StepRefund].Sub(noon)/time.Minute)
	}
	require.Equal(t, []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60}, delays)
}

func TestAStepThatIsNotOverdueKeepsItsInstant(t *testing.T) {
	later := noon.Add(time.Hour)
	overdue, next := split(Item{Todo: todo.List{todo.StepNotice: noon, todo.StepRefund: later}}, noon)
	require.Equal(t, []todo.Step{todo.StepNotice}, overdue)
	require.Equal(t, later, next[todo.StepRefund])
	require.Equal(t, noon.Add(time.Minute), next[todo.StepNotice])
	require.Equal(t, noon.Add(time.Minute), next.Due())
}
