package search_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/search"
	"makegood/shared/storetest"
)

func found(t *testing.T, s search.Searcher, query string) []search.Hit {
	t.Helper()
	hits, err := s.Find(t.Context(), query)
	require.NoError(t, err, query)
	return hits
}

func TestOneFieldFindsWhateverHasAnID(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	s := search.Searcher{Store: w.Store, Addresses: w.Addresses()}
	w.Receives(w.Paid("pi_1", "alice"))
	made := w.Generated("alice", 1)
	report := w.Reports(made, 0)
	claim := w.Claims(policy.KindNotCredited, "carol", "pi_unheard") // who has no wallet
	down := w.Declares(w.Now.Add(-time.Hour), w.Now).ID
	lot := w.Wallet("alice").Lots[0].ID
	alice := search.Hit{Kind: search.KindCustomer, ID: "alice", Customer: "alice"}
	carol := search.Hit{Kind: search.KindCustomer, ID: "carol", Customer: "carol"}
	for query, want := range map[string][]search.Hit{
		"alice":                {alice},
		" alice\n":             {alice},
		"carol":                {carol},
		"pi_1":                 {{Kind: search.KindPayment, ID: "pi_1", Customer: "alice"}},
		string(made):           {{Kind: search.KindGeneration, ID: string(made), Customer: "alice"}},
		string(report):         {{Kind: search.KindCase, ID: string(report), Customer: "alice"}},
		string(down):           {{Kind: search.KindOutage, ID: string(down)}},
		"alice " + string(lot): {alice, {Kind: search.KindLot, ID: string(lot), Customer: "alice"}},
		"someone@example.com":  {carol, {Kind: search.KindCase, ID: string(claim), Customer: "carol"}},
		"SomeOne@example.com":  {carol, {Kind: search.KindCase, ID: string(claim), Customer: "carol"}},
		"nobody":               nil,
		"nobody@example.com":   nil,
		"cas_of_nobody":        nil,
		"alice lot_other":      nil,
		string(report) + "x":   nil,
	} {
		assert.Equal(t, want, found(t, s, query), query)
	}
}

func TestACustomerMayBeCalledAsAnAddressOrAsAnIDBegins(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	s := search.Searcher{Store: w.Store, Addresses: w.Addresses()}
	for _, name := range []ledger.CustomerID{"cas_par", "ann@example.com", "lot_te"} {
		w.Grants(name, 4)
		require.Equal(t, []search.Hit{{Kind: search.KindCustomer, ID: string(name), Customer: name}}, found(t, s, string(name)))
	}
}

func TestAQueryThatCanNameNothingSaysWhy(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	s := search.Searcher{Store: w.Store}
	for _, query := range []string{"", "  ", strings.Repeat("x", search.MaxQuery+1), "lot_abcdefghij", "al/ice lot_1"} {
		_, err := s.Find(t.Context(), query)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), query)
	}
}

func TestSecretsThatCannotBeReadAreBusy(t *testing.T) {
	w := storetest.NewWorld(t, memory.New())
	s := search.Searcher{Store: w.Store, Addresses: refund.Addresses{Secrets: func(context.Context) ([]string, error) {
		return nil, fault.Busy(errors.New("the vault is shut"))
	}}}
	_, err := s.Find(t.Context(), "ann@example.com")
	require.Equal(t, fault.KindBusy, fault.KindOf(err))
	require.NotContains(t, err.Error(), "ann@")
}
