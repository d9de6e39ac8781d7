package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/outage"
)

// What customers read of an outage that goes on, and of what becomes of it.
const (
	nobodyKnows  = "We couldn't decide this automatically, so our team will review it."
	longEnough   = "Our platform was down for more than 48 hours in a row, so we've approved a refund of 10.00 USD for the unused part of your purchase."
	tooShort     = "This downtime doesn't qualify: it didn't last more than 48 hours in a row after you bought your credits."
	refusedByUs  = "We reviewed this downtime and couldn't approve a refund."
	stillGoingOn = `^Our platform is still down\. We'll decide as soon as the downtime ends or has lasted more than 48 hours, and aim to reply by [A-Z][a-z]+ \d+, \d{4}\.$`
)

// blackout is an outage that began so long ago and goes on, of one feature, so that it touches
// those of no other test. Its id is known before it is declared. Whoever declared it withdraws it.
func blackout(t *testing.T, began time.Duration) (id string, declares, withdraws func()) {
	t.Helper()
	key := unique("key")
	id = string(outage.NewID("staff:operator", key))
	said := object{"started_at": ago(began), "features": []string{"upscale"}, "prevented_use": true}
	declares = func() {
		t.Helper()
		got := ask(t, "POST", "/v1/outages", local.OperatorKey, said, "Idempotency-Key", key)
		require.Equal(t, []any{201, id}, []any{got.status, got.body["id"]}, got.body)
	}
	return id, declares, func() { asStaff(t, "DELETE", "/v1/outages/"+id, nil, 200) }
}

// waitsForDowntime has a customer who bought 50 hours ago, so late that no outage of an era gives
// anything for it, claim for the outage, and waits until the claim is in review by the clause.
func waitsForDowntime(t *testing.T, outage, clause string) (customer, caseID, payment string) {
	t.Helper()
	customer = unique("alice")
	payment = purchase(t, customer, time.Now().Add(-50*time.Hour))
	opened := asApp(t, "POST", "/v1/refund-requests", claim("outage", customer, payment, object{"outage": outage}), 202)
	caseID = opened["case"].(string)
	decided(t, caseID, "in_review", clause)
	return customer, caseID, payment
}

func TestAClaimInAnOutageThatGoesOnIsDecidedByItself(t *testing.T) {
	under(t, "goopter")
	const left = 6 * time.Second // until it is long enough
	id, declares, withdraws := blackout(t, 48*time.Hour-left)
	alice, before, payment := waitsForDowntime(t, id, "X3")
	require.Equal(t, nobodyKnows, sentence(t, alice, before))
	soon(t, "she is told once", func() bool { return told(t, before, "in_review") == 1 })

	declares()
	defer withdraws()
	soon(t, "her claim waits for it", func() bool { return matter(t, before)["decision"].(object)["clause"] == "G2.3" })
	require.Regexp(t, stillGoingOn, sentence(t, alice, before))
	bob, after, _ := waitsForDowntime(t, id, "G2.3")
	require.Regexp(t, stillGoingOn, sentence(t, bob, after))
	carol, refused, unpaid := waitsForDowntime(t, id, "G2.3")
	rule(t, refused, object{"outcome": "declined"})
	decided(t, refused, "declined", "G2.3")

	for _, caseID := range []string{before, after} {
		soon(t, "the outage is long enough", func() bool { sweep(t); return matter(t, caseID)["state"] == "closed" })
		decided(t, caseID, "closed", "G2.3")
	}
	require.Equal(t, []string{longEnough, longEnough}, []string{sentence(t, alice, before), sentence(t, bob, after)})
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(payment))
	wantBalance(t, alice, balance{})
	soon(t, "the app is told", func() bool { return told(t, before, "refunded") == 1 })
	require.Equal(t, 1, told(t, before, "in_review"), "of the review once, though its reason was another meanwhile")
	require.Equal(t, refusedByUs, sentence(t, carol, refused), "what staff ruled stands")
	require.Zero(t, stack.Provider.RefundedMinor(unpaid))
}

func TestAClaimInAnOutageThatEndsTooSoonIsDeclinedByItself(t *testing.T) {
	under(t, "goopter")
	id, declares, withdraws := blackout(t, 10*time.Hour)
	declares()
	defer withdraws()
	alice, caseID, payment := waitsForDowntime(t, id, "G2.3")
	ended := object{"started_at": ago(10 * time.Hour), "ended_at": ago(time.Minute), "features": []string{"upscale"}, "prevented_use": true}
	asStaff(t, "PUT", "/v1/outages/"+id, ended, 200)
	decided(t, caseID, "declined", "G2.3")
	require.Equal(t, tooShort, sentence(t, alice, caseID))
	soon(t, "the app is told", func() bool { return told(t, caseID, "not_refunded") == 1 })
	require.Zero(t, stack.Provider.RefundedMinor(payment))
	wantBalance(t, alice, kept(0))

	bob, waits, _ := waitsForDowntime(t, string(outage.NewID("staff:operator", unique("key"))), "X3")
	require.Equal(t, nobodyKnows, sentence(t, bob, waits))
	withdraws()
	require.Equal(t, tooShort, sentence(t, alice, caseID), "what was decided by it stands")
}

func TestTheLookAtClaimsSurvivesTheLossOfItsMessage(t *testing.T) {
	under(t, "goopter")
	id, declares, withdraws := blackout(t, 60*time.Hour)
	_, caseID, payment := waitsForDowntime(t, id, "X3")
	dead := during(t, "run-outage", "SendMessage", 1, killBefore("run-outage"))
	declares()
	defer withdraws()
	soon(t, "it died", func() bool { return dead.done.Load() == 1 })
	soon(t, "the claim is decided", func() bool {
		if waiting(t, "OutageRunsQueue") == 0 && overdue(t, "OutagesTable", "claims", map[string]string{"pk": id}) {
			sweep(t)
		}
		return matter(t, caseID)["state"] == "closed"
	})
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(payment))
	require.Len(t, stack.Provider.Refunds(payment), 1)
}
