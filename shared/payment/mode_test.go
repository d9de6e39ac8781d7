package payment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
)

func TestModeIsLiveTestOrEither(t *testing.T) {
	either, err := payment.ParseMode("")
	require.NoError(t, err)
	assert.Nil(t, either)
	for mode, live := range map[string]bool{"live": true, "test": false} {
		got, err := payment.ParseMode(mode)
		require.NoError(t, err)
		assert.Equal(t, live, *got)
	}
	_, err = payment.ParseMode("Live")
	assert.Error(t, err)
}
