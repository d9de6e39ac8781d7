package function

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// tally is what was counted.
type tally map[string]int

func (t tally) Count(_ time.Time, counts map[string]int) error {
	for name, n := range counts {
		t[name] += n
	}
	return nil
}

// handling is a handler that is this function.
type handling func(ctx context.Context) error

func (h handling) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return payload, h(ctx)
}

func TestAnInvocationThatGoesWellCountsNothing(t *testing.T) {
	all := tally{}
	answer, err := watched{handling(func(context.Context) error { return nil }), all}.Invoke(t.Context(), []byte("x"))
	assert.NoError(t, err)
	assert.Equal(t, []byte("x"), answer)
	assert.Empty(t, all)
}

func TestAnErrorAndAPanicAreCountedAndGoOn(t *testing.T) {
	all, failure := tally{}, errors.New("no")
	_, err := watched{handling(func(context.Context) error { return failure }), all}.Invoke(t.Context(), nil)
	assert.Equal(t, failure, err)
	assert.Equal(t, tally{"FunctionErrors": 1}, all)
	assert.PanicsWithValue(t, "no", func() {
		_, _ = watched{handling(func(context.Context) error { panic("no") }), all}.Invoke(t.Context(), nil)
	})
	assert.Equal(t, tally{"FunctionErrors": 2}, all)
}

func TestAnInvocationThatUsesNearlyAllItsTimeIsCountedWhileItRuns(t *testing.T) {
	for took, want := range map[time.Duration]tally{
		8 * time.Second: {}, 9500 * time.Millisecond: {"SlowInvocations": 1}, time.Hour: {"SlowInvocations": 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			all := tally{}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			_, err := watched{handling(func(context.Context) error {
				time.Sleep(took)
				return nil
			}), all}.Invoke(ctx, nil)
			assert.NoError(t, err)
			time.Sleep(time.Minute)
			synctest.Wait()
			assert.Equal(t, want, all, took)
		})
	}
}
