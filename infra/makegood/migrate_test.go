package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"makegood/infra/makegood/migrate"
	"makegood/shared/aws/dynamo"
)

// brokenTable lists five hundred rows without a shard and then breaks.
type brokenTable struct{ pages int }

func (b *brokenTable) ListUnsharded(_ context.Context, table string, after *dynamo.RowKey, _ int) (dynamo.BackfillPage, error) {
	if b.pages++; b.pages == 2 {
		return dynamo.BackfillPage{}, errors.New("the line is cut")
	}
	page := dynamo.BackfillPage{Read: migrate.PageRows, Rows: []dynamo.RowKey{{Table: table, Partition: "alice", Sort: "wallet"}}}
	if after == nil && table == dynamo.TableWallets {
		page.Next = &page.Rows[0]
	}
	return page, nil
}

func (b *brokenTable) GiveShard(context.Context, dynamo.RowKey) (bool, float64, error) {
	return true, 2, nil
}

func TestTheCursorOfAnInterruptedMigrationIsKeptAndGoneOnWith(t *testing.T) {
	m := migration{wallets: "w", cases: "c", generations: "g", shards: 8, cursor: filepath.Join(t.TempDir(), "cursor.json")}
	var said bytes.Buffer
	store := &brokenTable{}
	_, err := m.walk(t.Context(), terminal{err: &said}, store)
	require.ErrorContains(t, err, "the line is cut")
	at, err := m.load()
	require.NoError(t, err)
	require.Equal(t, migrate.Position{
		After: &dynamo.RowKey{Table: dynamo.TableWallets, Partition: "alice", Sort: "wallet"}, Count: migrate.Count{Read: migrate.PageRows, Given: 1, Units: 2},
	}, at)

	end, err := m.walk(t.Context(), terminal{err: &said}, store)
	require.NoError(t, err)
	require.Equal(t, migrate.Count{Read: 3 * migrate.PageRows, Given: 3, Units: 6}, end)
	require.Contains(t, said.String(), "going on from "+m.cursor+": 500 rows read, 1 given a shard")
	require.NoFileExists(t, m.cursor, "the next one begins anew")
}

func TestADryRunLeavesTheCursorAlone(t *testing.T) {
	m := migration{wallets: "w", cases: "c", shards: 8, cursor: filepath.Join(t.TempDir(), "cursor.json"), dryRun: true}
	require.NoError(t, m.save(migrate.Position{Done: 1}))
	end, err := m.walk(t.Context(), terminal{err: &bytes.Buffer{}}, &brokenTable{pages: 2})
	require.NoError(t, err)
	require.Equal(t, 3, end.Left, "it counts from the first row on")
	at, err := m.load()
	require.NoError(t, err)
	require.Equal(t, migrate.Position{Done: 1}, at)
}

func TestACursorOfOtherTablesIsRefused(t *testing.T) {
	m := migration{wallets: "w", cases: "c", shards: 8, cursor: filepath.Join(t.TempDir(), "cursor.json")}
	require.NoError(t, m.save(migrate.Position{Done: 1}))
	for _, other := range []migration{
		{wallets: "x", cases: "c", shards: 8, cursor: m.cursor}, {wallets: "w", cases: "x", shards: 8, cursor: m.cursor}, {wallets: "w", cases: "c", shards: 9, cursor: m.cursor},
	} {
		_, err := other.load()
		require.ErrorContains(t, err, "other tables or shards")
	}
	require.NoError(t, os.WriteFile(m.cursor, []byte("nonsense"), 0o600))
	_, err := m.load()
	require.ErrorContains(t, err, "is not a cursor")
}

func TestTwoMigrationsAtOnceLeaveACursorThatIsWhole(t *testing.T) {
	m := migration{wallets: "w", cases: "c", shards: 8, cursor: filepath.Join(t.TempDir(), "cursor.json")}
	var both errgroup.Group
	for range 2 {
		both.Go(func() error {
			for n := range 200 {
				if err := m.save(migrate.Position{Done: 1, Count: migrate.Count{Read: n}}); err != nil {
					return err
				}
				if _, err := m.load(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, both.Wait())
	left, err := os.ReadDir(filepath.Dir(m.cursor))
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing lies beside it")
}

func TestWhatIsLeftIsTheExitCode(t *testing.T) {
	for _, c := range []struct {
		result migrated
		want   error
	}{
		{migrated{Read: 3, Given: 2}, nil},
		{migrated{Read: 3, Left: 1}, errMismatch},
		{migrated{Inactive: []string{"Cases/due"}}, errMismatch},
	} {
		for _, asJSON := range []bool{false, true} {
			var out bytes.Buffer
			assert.Equal(t, c.want, terminal{out: &out, err: &bytes.Buffer{}}.migrated(c.result, asJSON), c.result)
			assert.NotEmpty(t, out.String())
		}
	}
}
