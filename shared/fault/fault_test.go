package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
)

func TestAnErrorNobodyClassifiedIsInternal(t *testing.T) {
	plain := errors.New("row 7 of table x")
	require.Equal(t, fault.KindInternal, fault.KindOf(plain))
	require.Equal(t, fault.CodeInternal, fault.CodeOf(plain))
	wrapped := fmt.Errorf("while reading: %w", fault.NotFound("case"))
	require.Equal(t, fault.KindNotFound, fault.KindOf(wrapped))
	require.Equal(t, fault.CodeNotFound, fault.CodeOf(wrapped))
}

func TestMissingFieldsAreAllNamed(t *testing.T) {
	missing := fault.Missing("customer", "feature")
	require.Equal(t, "customer", missing.Field)
	require.Equal(t, []string{"customer", "feature"}, missing.Fields)
}

func TestOnlyWhatMayPassIsTriedAgainAndNotForEver(t *testing.T) {
	for name, c := range map[string]struct {
		err      error
		attempts int
		kind     fault.Kind
	}{
		"a conflict of the table": {fault.Stale(errors.New("x")), fault.MaxAttempts, fault.KindBusy},
		"a busy table":            {fault.Busy(errors.New("x")), fault.MaxAttempts, fault.KindBusy},
		"a wrong input":           {fault.Invalid("field", "wrong"), 1, fault.KindInvalid},
		"a bug":                   {errors.New("x"), 1, fault.KindInternal},
	} {
		attempts := 0
		err := fault.Retry(context.Background(), func(context.Context) error {
			attempts++
			return c.err
		})
		require.Equal(t, c.attempts, attempts, name)
		require.Equal(t, c.kind, fault.KindOf(err), name)
		require.ErrorIs(t, err, c.err)
	}
}

func TestARetryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	attempts := 0
	err := fault.Retry(ctx, func(context.Context) error {
		attempts++
		cancel()
		return fault.Busy(errors.New("x"))
	})
	require.Equal(t, 1, attempts)
	require.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestASecondAttemptMaySucceed(t *testing.T) {
	attempts := 0
	require.NoError(t, fault.Retry(context.Background(), func(context.Context) error {
		if attempts++; attempts < 3 {
			return fault.Stale(errors.New("x"))
		}
		return nil
	}))
}

func TestARepeatTriesOnlyWhatIsBusyAndReturnsTheLastErrorAsItIs(t *testing.T) {
	busy := fault.Busy(errors.New("x"))
	for _, c := range []struct {
		err      error
		attempts int
	}{{busy, 3}, {fault.Stale(errors.New("x")), 1}, {errors.New("x"), 1}, {nil, 1}} {
		attempts := 0
		err := fault.Repeat(context.Background(), 3, 1, func(context.Context) error {
			attempts++
			return c.err
		})
		require.Equal(t, c.attempts, attempts, "%v", c.err)
		require.Equal(t, c.err, err)
	}
}

func TestARepeatComesNoSoonerThanItIsAskedTo(t *testing.T) {
	later := fault.Busy(errors.New("x"))
	later.RetryAfter = 200 * time.Millisecond
	var at []time.Time
	err := fault.Repeat(context.Background(), 2, 1, func(context.Context) error {
		at = append(at, time.Now())
		return fmt.Errorf("wrapped: %w", later)
	})
	require.ErrorIs(t, err, later)
	require.Len(t, at, 2)
	require.GreaterOrEqual(t, at[1].Sub(at[0]), later.RetryAfter)
}

func TestARepeatThatWouldComeTooLateIsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	later := fault.Busy(errors.New("x"))
	later.RetryAfter = 2 * time.Hour
	attempts := 0
	require.ErrorIs(t, fault.Repeat(ctx, 3, 1, func(context.Context) error {
		attempts++
		return later
	}), later)
	require.Equal(t, 1, attempts)
}
