package erasure_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/erasure"
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// rows is a store of so many rows a part, each of which has something personal once.
type rows map[erasure.Part]int

func (r rows) ErasePage(_ context.Context, _ ledger.CustomerID, part erasure.Part, after string, limit int, _ bool) (erasure.Page, error) {
	seen := len(after) // a key is as long as its place
	count := min(limit, r[part]-seen)
	page := erasure.Page{Rows: count, Tally: erasure.Tally{Cases: count}}
	if seen+count < r[part] {
		page.After = string(make([]byte, seen+count))
	}
	return page, nil
}

// shelf has what it does not delete at once.
type shelf struct {
	left, calls int
	err         error
}

func (s *shelf) DeletePrefix(_ context.Context, prefix string) (int, error) {
	if prefix != ledger.CustomerID("alice").Key()+"/" {
		return 0, errors.New("another customer's")
	}
	s.calls++
	s.left = max(0, s.left-1)
	return s.left, s.err
}

func TestEachRowIsLookedAtOnceBoundedlyAndThePicturesLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Keys are as long as their place, and no longer than a cursor takes.
		store, total := rows{}, 0
		for _, part := range []erasure.Part{erasure.PartCases, erasure.PartGenerations, erasure.PartStandings, erasure.PartEvidence} {
			store[part] = rapid.IntRange(0, 100).Draw(t, string(part))
			total += store[part]
		}
		pictures := &shelf{left: rapid.IntRange(0, 3).Draw(t, "left")}
		eraser, from, sum := erasure.Eraser{Store: store, Shelf: pictures}, erasure.Position{}, 0
		for range 20 {
			report, err := eraser.Erase(context.Background(), "alice", from, false)
			require.NoError(t, err)
			require.LessOrEqual(t, report.Tally.Cases, erasure.MaxRows)
			if sum += report.Tally.Cases; report.Next == nil {
				break
			}
			from = *report.Next
			require.True(t, sum == total || pictures.calls == 0, "pictures go last")
		}
		require.Equal(t, []int{total, 0}, []int{sum, pictures.left})
		require.NotZero(t, pictures.calls)
	})
}

func TestADryCallTouchesNoPicture(t *testing.T) {
	pictures := &shelf{left: 2}
	report, err := erasure.Eraser{Store: rows{}, Shelf: pictures}.Erase(t.Context(), "alice", erasure.Position{}, true)
	require.NoError(t, err)
	require.Nil(t, report.Next)
	require.Zero(t, pictures.calls)
}

func TestAPositionThatIsNoneOfOursIsRefused(t *testing.T) {
	for _, from := range []erasure.Position{{Part: "wallets"}, {After: "x"}, {Part: erasure.PartCases, After: string(make([]byte, 101))}} {
		_, err := erasure.Eraser{Store: rows{}, Shelf: &shelf{}}.Erase(t.Context(), "alice", from, false)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), "%+v", from)
	}
}
