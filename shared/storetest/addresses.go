package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// claimsFrom files a claim with an e-mail address and returns its case.
func (w *World) claimsFrom(customer ledger.CustomerID, address string, edits ...func(*refund.Request)) refund.CaseID {
	w.t.Helper()
	request := w.claim(policy.KindNotCredited, customer, w.Payment("of-"+w.Key()))
	request.Claim.Email = address
	for _, edit := range edits {
		edit(&request)
	}
	result, err := w.claims(request)
	require.NoError(w.t, err)
	return result.Case
}

// addressed returns the cases that an address finds, by every live secret, the newest of each
// first.
func (w *World) addressed(address string, limit int) (found []refund.CaseID) {
	w.t.Helper()
	marks, err := w.Addresses().Marks(w.ctx(), address)
	require.NoError(w.t, err)
	for _, mark := range marks {
		for _, one := range read(w, func() ([]refund.Addressed, error) { return w.Store.FindAddressed(w.ctx(), mark, limit) }) {
			c := w.CaseOf(one.Case)
			require.Equal(w.t, []any{c.Customer, c.OpenedAt}, []any{one.Customer, one.OpenedAt})
			found = append(found, one.Case)
		}
	}
	return found
}

var addressStories = map[string]func(*testing.T, *World){
	"a claim is found by its e-mail address, however that is written, and by no other": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		address := string(alice) + "@Example.com"
		first := w.claimsFrom(alice, address)
		w.Pass(time.Minute)
		// By the customer's own token, which is counted.
		second := w.claimsFrom(w.Customer("alice-too"), strings.ToUpper(address), func(r *refund.Request) { r.Actor = ledger.ActorCustomer })
		w.claimsFrom(alice, "other-"+address)
		require.Equal(t, []refund.CaseID{second, first}, w.addressed(strings.ToLower(address), 5), "the newest first")
		require.Equal(t, []refund.CaseID{second}, w.addressed(address, 1))
		require.Empty(t, w.addressed("nobody-"+address, 5))
	},
	"a claim that is filed again is found once": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		address := string(alice) + "@example.com"
		request := w.claim(policy.KindNotCredited, alice, w.Payment("once"))
		request.Claim.Email = address
		for _, actor := range []string{ledger.ActorApp, ledger.ActorCustomer} {
			request.Actor = actor
			for range 2 {
				_, err := w.claims(request)
				require.NoError(t, err)
				w.Pass(time.Second)
			}
		}
		require.Len(t, w.addressed(address, 5), 1)
	},
	"a change of the secret finds what the former one marked, while it is kept": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		address := string(alice) + "@example.com"
		former := w.claimsFrom(alice, address)
		old := w.AddressSecrets[0]
		w.AddressSecrets = []string{"another secret of the same world", old}
		later := w.claimsFrom(alice, address)
		require.ElementsMatch(t, []refund.CaseID{former, later}, w.addressed(address, 5))
		w.AddressSecrets = w.AddressSecrets[:1]
		require.Equal(t, []refund.CaseID{later}, w.addressed(address, 5))
		// Without a secret nothing is marked, and nothing fails.
		w.AddressSecrets = nil
		require.Empty(t, w.CaseOf(w.claimsFrom(alice, address)).AddressMark)
		require.Empty(t, w.addressed(address, 5))
		require.Empty(t, read(w, func() ([]refund.Addressed, error) { return w.Store.FindAddressed(w.ctx(), "", 5) }))
	},
	"an address that was erased finds nothing, whatever became of its secret": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		address := string(alice) + "@example.com"
		id, others := w.claimsFrom(alice, address), w.claimsFrom(bob, address)
		require.ElementsMatch(t, []refund.CaseID{id, others}, w.addressed(address, 5))
		w.erases(alice, true)
		require.Len(t, w.addressed(address, 5), 2, "a dry one changes nothing")
		secrets := w.AddressSecrets
		w.AddressSecrets = []string{"a new one, without the former"}
		w.erases(alice, false)
		w.AddressSecrets = secrets
		require.Equal(t, []refund.CaseID{others}, w.addressed(address, 5))
		require.Empty(t, w.CaseOf(id).AddressMark)
		require.Nil(t, w.CaseOf(id).Statement)
		// What comes afterwards is new, and found.
		later := w.claimsFrom(alice, address)
		require.ElementsMatch(t, []refund.CaseID{others, later}, w.addressed(address, 5))
	},
}
