package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestACustomerIDIsOneTo200CharactersThatAPathCanHold(t *testing.T) {
	for _, good := range []string{"a", "alice@example.com", "user:42_-.", "auth0|5f7c", "a+b@example.com", "YWJj+ZA==", "$anon", ".a", "a..", strings.Repeat("x", 200)} {
		id, err := ledger.ParseCustomer(good)
		require.NoError(t, err)
		assert.Equal(t, ledger.CustomerID(good), id)
	}
	for _, bad := range []string{"", strings.Repeat("x", 201), "a b", "é", "a/b", "a\n", "\x00", "#", "a%2Fb", "a?b", ".", "..", "..."} {
		_, err := ledger.ParseCustomer(bad)
		wantKind(t, err, fault.KindInvalid, fault.CodeInvalidRequest)
	}
}

func TestACustomersKeyIsAFixedHash(t *testing.T) {
	// Stored in every key and id: another value here would lose every customer their wallet.
	assert.Equal(t, "66r5a4ce6yl6frliurr6", ledger.CustomerID("alice").Key())
	assert.Len(t, ledger.CustomerID("bob").Key(), 20)
	assert.NotEqual(t, ledger.CustomerID("alice").Key(), ledger.CustomerID("Alice").Key())
}

func TestALotIDDerivesFromItsParts(t *testing.T) {
	assert.Equal(t, ledger.LotID("lot_suanir5eeo"), ledger.NewLotID("purchase", "pi_1"))
	assert.Equal(t, "suanir5eeo", ledger.NewLotID("purchase", "pi_1").Key())
}

func TestHashedPartsDoNotRunTogether(t *testing.T) {
	a := ledger.HashID("x_", 52, "ab", "c")
	assert.Len(t, a, 54)
	assert.NotEqual(t, a, ledger.HashID("x_", 52, "a", "bc"))
	assert.NotEqual(t, a, ledger.HashID("x_", 52, "ab", "c", ""))
	assert.NotEqual(t, a[2:], ledger.HashID("y_", 52, "ab", "c")[2:])
	assert.Panics(t, func() { ledger.HashID("", 53) })
}

func TestEntriesSortByTimeAndAReplayWritesTheSameKeys(t *testing.T) {
	instants := rapid.Int64Range(1_000_000_000_000, 4_000_000_000_000) // 2001 to 2096, in milliseconds
	rapid.Check(t, func(t *rapid.T) {
		first, second := instants.Draw(t, "first"), instants.Draw(t, "second")
		idAt := func(ms int64) string {
			p, _, err := ledger.Grant(ledger.Wallet{Customer: "alice"}, ledger.Lot{ID: "lot_1", Source: ledger.SourceGoodwill, Granted: 5}, ledger.Cause{Event: "evt_1"}, time.UnixMilli(ms))
			require.NoError(t, err)
			return p.Entries[0].ID
		}
		require.Equal(t, idAt(first), idAt(first))
		require.Equal(t, first < second, idAt(first) < idAt(second))
	})
}

func TestEveryMovementIsBetweenTheAccountsOfLawOne(t *testing.T) {
	law := map[ledger.Movement]string{
		ledger.MovementGrant: "issued→available", ledger.MovementHold: "available→held", ledger.MovementCapture: "held→spent",
		ledger.MovementRelease: "held→available", ledger.MovementRefund: "spent→available", ledger.MovementRefundExpired: "spent→expired",
		ledger.MovementExpiry: "available→expired", ledger.MovementClawback: "available→issued", ledger.MovementClawExpired: "expired→issued",
		ledger.MovementShortfall: "owed→issued", ledger.MovementDebtPayment: "available→owed",
	}
	for movement, want := range law {
		from, to := ledger.Accounts(movement)
		assert.Equal(t, want, string(from)+"→"+string(to), movement)
	}
	reverses := map[ledger.Movement]ledger.Movement{
		ledger.MovementReinstatement: ledger.MovementClawback, ledger.MovementReexpiry: ledger.MovementClawExpired,
		ledger.MovementForgiveness: ledger.MovementShortfall, ledger.MovementDebtReversal: ledger.MovementDebtPayment,
	}
	for movement, of := range reverses {
		from, to := ledger.Accounts(movement)
		backFrom, backTo := ledger.Accounts(of)
		assert.Equal(t, []ledger.Account{backTo, backFrom}, []ledger.Account{from, to}, movement)
	}
	assert.Panics(t, func() { ledger.Accounts("gift") })
}

func TestADrawOrderIsSoonestExpiryThenOldestThenID(t *testing.T) {
	lots := []ledger.Lot{
		{ID: "soon-b", ExpiresAt: noon.Add(day), GrantedAt: noon},
		{ID: "soon-c", ExpiresAt: noon.Add(day), GrantedAt: noon},
		{ID: "soon-a", ExpiresAt: noon.Add(day), GrantedAt: noon.Add(time.Hour)},
		{ID: "later", ExpiresAt: noon.Add(2 * day)},
		{ID: "never", GrantedAt: noon},
	}
	rapid.Check(t, func(t *rapid.T) {
		w := ledger.Wallet{Lots: rapid.Permutation(lots).Draw(t, "lots")}
		w.Sort()
		require.Equal(t, lots, w.Lots)
		require.Equal(t, noon.Add(day), w.NextExpiry())
	})
	assert.True(t, slices.IsSortedFunc(lots[:2], func(a, b ledger.Lot) int { return strings.Compare(string(a.ID), string(b.ID)) }))
	assert.True(t, ledger.Wallet{Lots: lots[4:]}.NextExpiry().IsZero())
}
