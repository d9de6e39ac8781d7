package acceptance_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

// planted is a purchase that the provider knows and has not told us of, with the event that is
// late.
func planted(t *testing.T, customer string, change ...object) (payment string, late []byte) {
	t.Helper()
	payment = unique("pi")
	late = session(customer, payment, change...)
	require.NoError(t, stack.Provider.Plant(late))
	return payment, late
}

func TestAPurchaseThatNeverArrivedIsFoundInTheProvidersListAndGrantedOnce(t *testing.T) {
	alice := unique("alice")
	payment, late := planted(t, alice)
	wantBalance(t, alice, balance{})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { _ = stack.Trigger(t.Context(), "sweep-due") })
	}
	all.Go(func() { tell(t, late) })
	all.Wait()
	wantBalance(t, alice, balance{available: 100})
	time.Sleep(1100 * time.Millisecond) // the list is read once a second
	sweep(t)
	require.Equal(t, 200, tell(t, late).status)
	wantBalance(t, alice, balance{available: 100})
	require.Len(t, statement(t, alice), 1)
	require.Equal(t, "granted", onRecord(t, payment)["state"])
}

func TestWhatNoWebhookToldIsHeardFromTheProvidersList(t *testing.T) {
	alice, bob := unique("alice"), unique("bob")
	refunded, disputed := purchase(t, alice, time.Now()), purchase(t, bob, time.Now())
	for _, payment := range []string{refunded, disputed} {
		meets(t, payment, standin.Fault{Kind: standin.FaultWebhookLost, Times: 9})
	}
	handed(t, refunded, 500)
	dispute(t, disputed, "needs_response")
	carol := unique("carol")
	planted(t, carol)
	wantBalance(t, alice, balance{available: 100})
	wantBalance(t, bob, balance{available: 100})
	time.Sleep(1100 * time.Millisecond)
	sweep(t)
	wantBalance(t, alice, balance{available: 50})
	wantBalance(t, bob, balance{})
	wantBalance(t, carol, balance{available: 100})
	stack.Provider.Heal()
}

func TestAClaimAboutAPurchaseThatNeverArrivedAsksTheProviderAndCreditsIt(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	payment, late := planted(t, alice)
	caseID := request(t, "not_credited", alice, payment)
	found := decided(t, caseID, "approved", "G2.1")
	require.Equal(t, object{"credits": 120.0, "to": "balance"}, found["decision"].(object)["remedy"])
	wantBalance(t, alice, kept(0))
	require.Equal(t, "granted", onRecord(t, payment)["state"])
	soon(t, "the app is told", func() bool { return told(t, caseID, "refunded") == 1 })

	require.Equal(t, 200, tell(t, late).status)
	sweep(t)
	wantBalance(t, alice, kept(0))
	require.Len(t, moved(t, alice, caseID), 1)
	handed(t, payment, 500)
	wantBalance(t, alice, kept(500)) // it is a purchase as any other

	mallory := unique("mallory")
	decided(t, request(t, "not_credited", mallory, payment), "in_review", "X3")
	wantBalance(t, mallory, balance{})
	unpaid, _ := planted(t, mallory, object{"payment_status": "unpaid"})
	require.NotContains(t, answered(t, request(t, "not_credited", mallory, unpaid)), "approved")
	wantBalance(t, mallory, balance{})
}
