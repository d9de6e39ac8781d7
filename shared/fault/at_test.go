package fault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
)

func TestNothingHappenedNowhere(t *testing.T) {
	require.NoError(t, fault.At("refund.Decide: load", "cas_1", nil))
}

func TestAnErrorSaysWhereItWasMet(t *testing.T) {
	cause := errors.New("connection reset")
	at := fault.At
	for text, err := range map[string]error{
		"refund.Decide cas_1: connection reset": at("refund.Decide", "cas_1", cause),
		"refund.Decide: connection reset":       at("refund.Decide", "", cause),
		// Each place adds only what the one around it has not named.
		"refund.Decide cas_1: load: connection reset":       at("refund.Decide", "cas_1", at("load", "cas_1", cause)),
		"refund.Decide cas_1: pi_2: connection reset":       at("refund.Decide", "cas_1", at("refund.Decide", "pi_2", cause)),
		"refund.Decide cas_1: load: find: connection reset": at("refund.Decide", "cas_1", at("load", "", at("find", "cas_1", cause))),
		"refund.Decide cas_2: connection reset":             at("refund.Decide", "cas_2", at("refund.Decide", "cas_2", cause)),
		"refund.Decide cas_3: connection reset":             at("refund.Decide", "cas_3", at("refund.Decide", "", cause)),
		"refund.Decide cas_1: busy: try again shortly: dynamo.Commit: connection reset": at("refund.Decide", "cas_1",
			fault.Busy(at("dynamo.Commit", "", cause))),
	} {
		require.EqualError(t, err, text)
		require.ErrorIs(t, err, cause)
	}
}

func TestAPlaceChangesNothingThatACallerSees(t *testing.T) {
	known := fault.Invalid("amount", "must be positive")
	known.Case, known.RetryAfter = "cas_1", time.Second
	err := fault.At("api.Decode", "", fault.At("money.Parse", "", known))
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	require.Equal(t, fault.CodeInvalidRequest, fault.CodeOf(err))
	var found *fault.Error
	require.ErrorAs(t, err, &found)
	require.Same(t, known, found)

	require.Equal(t, fault.KindInternal, fault.KindOf(fault.At("dynamo.Put", "pi_1", errors.New("x"))))
}

func TestWhatIsStaleIsTriedAgainWhereverItWasMet(t *testing.T) {
	attempts := 0
	count, err := fault.RetryFor(context.Background(), func(context.Context) (int, error) {
		if attempts++; attempts < 3 {
			return attempts, fault.At("dynamo.Commit", "pi_1", fault.Stale(errors.New("x")))
		}
		return attempts, nil
	})
	require.NoError(t, err)
	require.Equal(t, 3, count)
}

func TestARetryReturnsTheValueOfItsLastAttemptWithTheError(t *testing.T) {
	wrong := fault.NotFound("case")
	count, err := fault.RetryFor(context.Background(), func(context.Context) (int, error) { return 7, wrong })
	require.Equal(t, wrong, err)
	require.Equal(t, 7, count)

	attempts := 0
	count, err = fault.ContendFor(context.Background(), func(context.Context) (int, error) {
		if attempts++; attempts < fault.MaxAttempts+1 {
			return 0, fault.Stale(errors.New("x"))
		}
		return attempts, nil
	})
	require.NoError(t, err)
	require.Equal(t, fault.MaxAttempts+1, count, "a contended step has more turns than another")
}
