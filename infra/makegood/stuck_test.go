package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
)

// gaveUp puts three items among what is stuck.
func (r *running) gaveUp() {
	at := func(minutes int) api.Moment {
		return api.MomentOf(time.Date(2026, 3, 1, 12, minutes, 0, 0, time.UTC))
	}
	r.givenUp = []api.StuckItem{
		{Kind: "case", ID: "cas_1", Customer: "alice", Steps: []string{"notice"}, Attempts: 12, StuckAt: at(0)},
		{Kind: "wallet", ID: "wallet", Customer: "bob", Attempts: 12, StuckAt: at(1)},
		{Kind: "payment", ID: "pi_1", Customer: "carol", Steps: []string{"look", "pay"}, Attempts: 12, StuckAt: at(2)},
	}
}

func TestNothingStuckIsDone(t *testing.T) {
	runs(t)
	assert.Equal(t, result{code: exitDone, out: "0 stuck, 0 payments wait for staff\n"}, call("", "stuck"))
}

func TestWhatIsStuckAndWhatWaitsIsListedWithWhatItOwes(t *testing.T) {
	r := runs(t)
	r.gaveUp()
	r.happens(bought{subtotal: 100, customer: "dave"}.of("pi_cheap"))
	got := call("", "stuck")
	assert.Equal(t, exitMismatch, got.code)
	for _, want := range []string{
		"stuck since 2026-03-01 12:00:00  case     cas_1     the customer is to be notified\n",
		"stuck since 2026-03-01 12:01:00  wallet   bob       nothing that it names\n",
		"pi_1      the provider is to be asked what became of money on its way; money is due at the provider\n",
		"pi_cheap  wrong amount\n", "3 stuck, 1 payments wait for staff\n",
	} {
		assert.Contains(t, got.out, want)
	}
	var w waiting
	require.NoError(t, json.Unmarshal([]byte(call("", "stuck", "--json").out), &w))
	assert.Equal(t, []int{3, 1}, []int{len(w.Stuck), len(w.Parked)})
}

func TestARetryIsDryUntilItIsMeant(t *testing.T) {
	r := runs(t)
	r.gaveUp()
	got := call("", "stuck", "--retry", "cas_1")
	assert.Equal(t, result{code: exitMismatch, out: "case cas_1 would be due again: the customer is to be notified\n1 items; nothing was done: --yes does it\n"}, got)
	assert.Empty(t, r.retries)
	got = call("", "stuck", "--retry", "cas_1", "--yes")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.out, "case cas_1 is due again: the customer is to be notified\n1 items; the next sweep, within a minute, takes what is due\n")
	got = call("", "stuck", "--yes", "--json", "--retry", "all")
	assert.Equal(t, exitDone, got.code, got.err)
	var all retried
	require.NoError(t, json.Unmarshal([]byte(got.out), &all))
	assert.Len(t, all.Items, 1, "the wallet is tried by itself")
	assert.Equal(t, []string{`cas_1 {"kind":"case"}`, `pi_1 {"kind":"payment"}`}, r.retries)
}

func TestWhatCannotBeTriedAgainIsNamed(t *testing.T) {
	r := runs(t)
	r.gaveUp()
	for id, want := range map[string]string{"cas_2": "cas_2 is not stuck", "bob": "bob is a wallet, which is tried again each hour by itself"} {
		got := call("", "stuck", "--retry", id, "--yes")
		assert.Equal(t, exitUndone, got.code)
		assert.Contains(t, got.err, want)
		assert.Empty(t, got.out)
	}
	assert.Equal(t, exitUndone, call("", "stuck", "--yes").code)
	r.refuseRetry = "pi_1"
	got := call("", "stuck", "--retry", "all", "--yes")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.out, "case cas_1 is due again", "what was done is said")
	assert.Contains(t, got.err, "POST /v1/stuck/pi_1/retry")
	assert.NotContains(t, got.out+got.err, operatorKey)
}

func TestWhatWasDoneSinceItWasListedKeepsNothingFromBeingTriedAgain(t *testing.T) {
	r := runs(t)
	r.gaveUp()
	r.doneSince = "cas_1"
	got := call("", "stuck", "--retry", "all", "--yes")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.NotEmpty(t, r.retries)
	assert.Contains(t, got.err, r.doneSince+" owes nothing any more")
	assert.NotContains(t, got.out, r.doneSince+" is due again")
}
