package provider_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/provider"
)

func TestTimestampIsPlainDigits(t *testing.T) {
	at, ok := provider.Timestamp("1772366400")
	assert.True(t, ok)
	assert.Equal(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), at)
	for _, text := range []string{"", "+1772366400", "-1", " 1772366400", "1772366400.0", "0x10", "1e9", "9999999999999", "١٢٣"} {
		_, ok := provider.Timestamp(text)
		assert.False(t, ok, "%q", text)
	}
}

func TestInstantIsFreshWithinToleranceBothWays(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for away, fresh := range map[time.Duration]bool{
		0: true, provider.Tolerance: true, -provider.Tolerance: true, provider.Tolerance + 1: false, -provider.Tolerance - 1: false,
	} {
		assert.Equal(t, fresh, provider.Fresh(now.Add(away), now), "%s", away)
	}
	assert.False(t, provider.Fresh(time.Unix(0, 0), now))
}

func TestWithoutASecretNothingIsAcceptedForNow(t *testing.T) {
	_, err := provider.Live(context.Background(), func(context.Context) ([]string, error) { return nil, nil })
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	cause := errors.New("throttled")
	_, err = provider.Live(context.Background(), func(context.Context) ([]string, error) { return nil, cause })
	require.ErrorIs(t, err, cause)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
}

func TestIrrelevantSaysWhy(t *testing.T) {
	err := provider.Irrelevant("type %q", "plan.created")
	assert.ErrorIs(t, err, provider.ErrIrrelevant)
	assert.Contains(t, err.Error(), "plan.created")
}

func TestEventHappenedByItsOwnWordAsFarAsThatCanBe(t *testing.T) {
	signed := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	assert.Equal(t, signed.Add(-3*24*time.Hour), provider.Happened(signed.Add(-3*24*time.Hour), signed))
	assert.Equal(t, signed.Add(time.Millisecond), provider.Happened(signed.Add(1999*time.Microsecond), signed))
	for _, said := range []time.Time{{}, time.Unix(0, 0), time.Unix(-5, 0), signed.Add(301 * time.Second), time.Unix(1<<60, 0)} {
		assert.Equal(t, signed, provider.Happened(said, signed), "%s", said)
	}
}
