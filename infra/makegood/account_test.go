package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
)

// rowAt is a row of alice's statement so many minutes after noon.
func (r *running) rowAt(minutes int, cause, reason, from, to string, amount int64, about ...string) {
	one := api.StatementEntry{
		ID: fmt.Sprintf("ent_%d", len(r.rows)), At: api.MomentOf(time.Date(2026, 3, 1, 12, minutes, 0, 0, time.UTC)), Cause: cause, Reason: reason, From: from, To: to, Amount: amount,
	}
	for i, at := range []*string{&one.Generation, &one.Payment, &one.Case} {
		if i < len(about) {
			*at = about[i]
		}
	}
	r.rows = append([]api.StatementEntry{one}, r.rows...) // newest first
}

// spent plays a purchase, a picture, and one that failed.
func (r *running) spent() {
	r.rowAt(0, "grant", "purchase", "issued", "available", 50, "", "pi_1")
	r.rowAt(1, "hold", "generation_started", "available", "held", 6, "gen_1")
	r.rowAt(2, "capture", "generation_succeeded", "held", "spent", 6, "gen_1")
	r.rowAt(3, "hold", "generation_started", "available", "held", 1, "gen_2")
	r.wallet.Balance = api.Balance{Available: 43, Held: 1}
}

func TestAStatementIsReadToItsLastPageAndAddedUp(t *testing.T) {
	r := runs(t)
	r.spent()
	got := call("", "statement", "alice")
	assert.Equal(t, result{code: exitDone, out: strings.TrimLeft(`
2026-03-01 12:00:00  +50  50  50 credits came in (payment pi_1): a purchase
2026-03-01 12:01:00   -6  44  6 credits set aside (generation gen_1)
2026-03-01 12:02:00    0  44  6 credits spent (generation gen_1): it succeeded
2026-03-01 12:03:00   -1  43  1 credit set aside (generation gen_2)
alice: 4 entries add up to 43 credits, 1 set aside, which is the balance; standing good
`, "\n")}, got)
	later := call("", "statement", "--since", "2026-03-02", "alice")
	assert.Contains(t, later.out, "43 credits after 4 earlier entries\nalice: 4 entries add up to 43 credits")
	assert.Equal(t, exitDone, later.code)

	var s account
	require.NoError(t, json.Unmarshal([]byte(call("", "statement", "alice", "--json").out), &s))
	require.Len(t, s.Entries, 4)
	assert.Equal(t, []any{"6 credits spent (generation gen_1): it succeeded", int64(44), "gen_1"}, []any{s.Entries[2].Text, s.Entries[2].Available, s.Entries[2].Generation})
	assert.True(t, s.Agrees)
}

func TestEntriesThatDoNotAddUpAreADifference(t *testing.T) {
	r := runs(t)
	r.spent()
	r.wallet.Balance.Available = 44
	got := call("", "statement", "alice")
	assert.Equal(t, exitMismatch, got.code)
	assert.Contains(t, got.out, "alice: 4 entries add up to 43 credits, 1 set aside, and the balance is 44 credits, 1 set aside; standing good")
	assert.Equal(t, exitMismatch, call("", "statement", "alice", "--json").code)
	reads := strings.Count(strings.Join(r.calls, "\n"), "GET /v1/customers/alice\n")
	assert.GreaterOrEqual(t, reads, looks, "what moved between two reads is looked at again")
}

func TestABalanceThatMovedMeanwhileIsReadAgain(t *testing.T) {
	r := runs(t)
	r.spent()
	r.lag = 2
	got := call("", "statement", "alice")
	assert.Equal(t, exitDone, got.code, got.out)
}

func TestACustomerWithoutEntriesHasNothing(t *testing.T) {
	runs(t)
	got := call("", "statement", "nobody")
	assert.Equal(t, result{code: exitDone, out: "nobody: 0 entries add up to 0 credits, which is the balance; standing good\n"}, got)
	assert.Equal(t, exitUndone, call("", "statement", "..").code)
}
