package provider_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/money"
	"makegood/shared/payment"
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

func TestAddressIsPlainHTTPSOrThisMachine(t *testing.T) {
	for address, want := range map[string]string{
		"https://api.example.com": "https://api.example.com", "https://example.com/pay/": "https://example.com/pay",
		"http://127.0.0.1:4000": "http://127.0.0.1:4000", "http://localhost": "http://localhost", "http://[::1]:1/": "http://[::1]:1",
	} {
		got, err := provider.Address("API_URL", address)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	wrong := []string{
		"", "example.com", "/refunds", "https://", "ftp://example.com", "http://example.com", "http://10.0.0.1", "http://localhost.example.com",
		"https://user:secret@example.com", "https://example.com/?key=secret", "https://example.com/#secret", "https://exa mple.com",
	}
	for _, address := range wrong {
		_, err := provider.Address("API_URL", address)
		require.Error(t, err, address)
		assert.Equal(t, fault.KindInternal, fault.KindOf(err))
		assert.Contains(t, err.Error(), "API_URL")
		assert.NotContains(t, err.Error(), "secret")
	}
	t.Setenv("MAKEGOOD_LOCAL", "1")
	_, err := provider.Address("API_URL", "http://host.docker.internal:4000")
	assert.NoError(t, err, "the local stack's own containers")
}

func TestOneCallEndsWellBeforeItsFunctionDoes(t *testing.T) {
	assert.LessOrEqual(t, provider.NewClient().Timeout, provider.Patience)
	assert.NotZero(t, provider.NewClient().Timeout)
	assert.Less(t, provider.Patience, 10*time.Second)
}

func TestUnansweredDoesNotShowTheAddress(t *testing.T) {
	cause := errors.New("connection reset")
	err := provider.Unanswered(&url.Error{Op: "Get", URL: "https://example.com/pi_1", Err: cause})
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.ErrorIs(t, err, cause)
	assert.NotContains(t, err.Error(), "example")
}

func TestNoRefundShowsPlainWordsOnly(t *testing.T) {
	for word, shown := range map[string]bool{
		"balance_insufficient": true, "e2e": true, "": false, "Bad": false, "a b": false, "sk-1": false, "é": false,
		strings.Repeat("a", 64): true, strings.Repeat("a", 65): false,
	} {
		err := provider.NoRefund(payment.CodeRefused, word)
		assert.Equal(t, fault.KindConflict, fault.KindOf(err))
		assert.Equal(t, payment.CodeRefused, fault.CodeOf(err))
		assert.Equal(t, shown, word != "" && strings.HasSuffix(err.Error(), ": "+word), word)
	}
}

func TestHearingKeepsWhatCanBeKeptAndLogsTheRest(t *testing.T) {
	var logged bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, nil)))
	defer slog.SetDefault(before)
	hear := func(facts payment.Facts, err error) []payment.Facts {
		return provider.AppendFacts(context.Background(), nil, "stripe", "evt_1", facts, err)
	}
	good := payment.Facts{Payment: "pi_1", RefundID: "re_1", Refund: &payment.Refund{Amount: money.Amount{Currency: "USD", Minor: 1}, Status: payment.RefundFailed}}
	assert.Equal(t, []payment.Facts{good}, hear(good, nil))
	assert.Empty(t, hear(payment.Facts{}, provider.Irrelevant("type")))
	assert.Empty(t, logged.String())
	assert.Empty(t, hear(payment.Facts{}, errors.New("broken")))
	assert.Empty(t, hear(payment.Facts{Payment: "pi_1", Refund: &payment.Refund{}}, nil), "nobody could keep it")
	assert.Equal(t, 2, strings.Count(logged.String(), "event=evt_1"))
}
