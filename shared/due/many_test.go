package due_test

import (
	"context"
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/todo"
)

// planted is how many wallets expire: make nightly plants a million.
var planted = flag.Int("wallets", 20_000, "how many wallets expire at once")

// metered counts the calls of a sweep.
type metered struct {
	due.Store
	calls atomic.Int64
}

func (m *metered) Stuck(ctx context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error) {
	m.calls.Add(1)
	return m.Store.Stuck(ctx, after, limit)
}

func (m *metered) OverdueReviews(ctx context.Context, now time.Time, limit int) (int, error) {
	m.calls.Add(1)
	return m.Store.OverdueReviews(ctx, now, limit)
}

func (m *metered) Overdue(ctx context.Context, now time.Time, limit int) ([]due.Key, int, error) {
	m.calls.Add(1)
	return m.Store.Overdue(ctx, now, limit)
}

func (m *metered) LoadItem(ctx context.Context, key due.Key) (*due.Item, error) {
	m.calls.Add(1)
	return m.Store.LoadItem(ctx, key)
}

func (m *metered) Claim(ctx context.Context, item due.Item, next todo.List, attempts int) error {
	m.calls.Add(1)
	return m.Store.Claim(ctx, item, next, attempts)
}

func (m *metered) CommitExpiry(ctx context.Context, posting ledger.Posting) error {
	m.calls.Add(1)
	return m.Store.CommitExpiry(ctx, posting)
}

func TestHoweverManyWalletsExpireAtOnceEachSweepTakesItsShareByBoundedCalls(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	store, wallets := memory.New(), *planted
	// Each has one lot, which expires tomorrow: all at one instant, as an allowance does.
	for n := range wallets {
		customer := ledger.CustomerID(fmt.Sprint("customer-", n))
		lot := ledger.Lot{ID: "lot_a", Source: ledger.SourceAllowance, Granted: 5, Remaining: 5, ExpiresAt: start.Add(24 * time.Hour)}
		posting, lot, err := ledger.Grant(ledger.Wallet{Customer: customer, Standing: ledger.StandingGood}, lot, ledger.Cause{Event: "grant"}, start)
		require.NoError(t, err)
		require.NoError(t, store.CommitGrant(t.Context(), grant.Grant{ID: lot.ID, Customer: customer}, posting))
	}
	metered := &metered{Store: store}
	now, sweeps := start.Add(25*time.Hour), 0
	for cuts := 1; cuts > 0; sweeps++ {
		require.LessOrEqual(t, sweeps, wallets/due.MaxItems, "each sweep expires as many as it may")
		metered.calls.Store(0)
		report, err := due.Sweeper{Store: metered}.Sweep(t.Context(), now)
		require.NoError(t, err)
		require.Equal(t, due.MaxItems, report.Claimed)
		require.EqualValues(t, 3+4*due.MaxItems, metered.calls.Load(), "three lists, and of each wallet two reads, a claim and its expiry")
		cuts, now = report.Cuts, now.Add(time.Minute)
	}
	require.Equal(t, wallets/due.MaxItems, sweeps)
	keys, _, err := store.Overdue(t.Context(), now.Add(1000*time.Hour), due.MaxItems)
	require.NoError(t, err)
	require.Empty(t, keys)
	for _, n := range []int{0, wallets / 2, wallets - 1} {
		wallet, err := store.FindWallet(t.Context(), ledger.CustomerID(fmt.Sprint("customer-", n)))
		require.NoError(t, err)
		require.Empty(t, wallet.Lots)
	}
}
