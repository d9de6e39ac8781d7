package standin_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

func TestAProviderThatKeepsKnowsAfterwardsWhatItKnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept", "provider.jsonl")
	first := open(t)
	require.NoError(t, first.Keep(path))
	first.bought("pi_1")
	require.Equal(t, http.StatusOK, must(first.refund("pi_1", 200, "k"))(t).status)
	_, err := first.Dispute("pi_1", 100, "needs_response")
	require.NoError(t, err)
	first.told()
	sale := first.buys(`{"customer":"bob","package":"starter"}`)
	first.Close()

	// A kill may leave half a line behind; what follows it starts a line of its own.
	journal, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = journal.WriteString(`{"provider":"stripe","id":"evt_ha`)
	require.NoError(t, err)
	require.NoError(t, journal.Close())

	for range 2 {
		again := standin.New(standin.Options{})
		require.NoError(t, again.Keep(path))
		payment, ok := again.Payment("pi_1")
		require.True(t, ok)
		assert.EqualValues(t, 500, payment.Paid)
		assert.EqualValues(t, 200, payment.Refunded)
		require.Len(t, again.Refunds("pi_1"), 1)
		assert.Equal(t, "cas_k", again.Refunds("pi_1")[0].Case)
		require.Len(t, again.Disputes("pi_1"), 1)
		sold, ok := again.Payment(sale.body["payment"].(string))
		assert.True(t, ok)
		assert.Equal(t, "bob", sold.Customer)
		again.Close()
	}

	require.NoError(t, os.WriteFile(path, []byte("not a line of ours\n"), 0o600))
	assert.ErrorContains(t, standin.New(standin.Options{}).Keep(path), "provider.jsonl:1:")
}
