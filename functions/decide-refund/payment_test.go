package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/memory"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// charged is the payment that the fixtures name.
const charged = payment.ID("pi_1PgafyB7WZ01zgkWSjxsAJo3")

// selling returns a world of goopter, where a purchase is 50 credits for 5 dollars, and the handler
// over it.
func selling(t *testing.T) (*storetest.World, handler) {
	t.Helper()
	w := storetest.NewWorldOf(t, memory.New(), "goopter")
	return w, handler{decider: w.Decider(), now: func() time.Time { return w.Now }}
}

func TestACaseFollowsWhatBecameOfItsMoney(t *testing.T) {
	for name, c := range map[string]struct {
		broken    storetest.Fault
		state     refund.State
		available int64
	}{
		"paid":    {"", refund.StateClosed, 50},
		"pending": {storetest.FaultPending, refund.StatePaying, 50},
		"refused": {storetest.FaultRefusal, refund.StateInReview, 100},
	} {
		t.Run(name, func(t *testing.T) {
			w, h := selling(t)
			w.Receives(w.Paid("pi_3NqFirst", "alice"))
			w.Pass(time.Minute)
			w.Receives(w.Paid(charged, "alice"))
			claimed := w.Claims(policy.KindDuplicateCharge, "alice", charged)
			w.Deliver()
			require.Equal(t, refund.StatePaying, w.CaseOf(claimed).State)
			w.Provider.Has(c.broken)
			w.Pays()
			for range 3 {
				require.Empty(t, invoke(t, h, "followed"))
				require.Equal(t, c.state, w.CaseOf(claimed).State)
				require.EqualValues(t, c.available, w.Wallet("alice").Available(w.Now))
			}
			w.WantLaws("alice")
		})
	}
}

func TestAPaymentWithoutCasesIsFollowedByNobody(t *testing.T) {
	w, h := selling(t)
	w.Receives(w.Paid(charged, "alice"))
	before := w.PaymentOf(charged)
	require.Empty(t, invoke(t, h, "followed"))
	require.Equal(t, before, w.PaymentOf(charged))
}

func TestAPurchaseThatOnlyItsProviderKnowsIsCreditedWithTheVerdict(t *testing.T) {
	w, h := selling(t)
	const lost = payment.ID("pi_3NqNotCredited")
	w.Misses(w.Paid(lost, "alice"))
	claimed := w.Claims(policy.KindNotCredited, "alice", lost)
	require.Equal(t, "cas_66r5a4ce6yl6frliurr6sprkvto6g2qqcax66jho", string(claimed), "the fixture's")
	for range 2 {
		require.Empty(t, invoke(t, h, "claimed"))
		require.Equal(t, refund.StateApproved, w.CaseOf(claimed).State)
		w.WantAvailable("alice", 50)
	}
	w.Receives(w.Paid(lost, "alice")) // and then the webhook comes
	w.WantAvailable("alice", 50)
	w.WantLaws("alice")
}

func TestAnOutageMakesOneCaseForAPurchase(t *testing.T) {
	w, h := selling(t)
	w.Receives(w.Paid(charged, "alice"))
	w.Pass(time.Hour)
	started := w.Now
	w.Pass(50 * time.Hour)
	declared := outage.Outage{
		ID: "out_66r5a4ce6yl6frliurr6", StartedAt: started, EndedAt: w.Now, PreventedUse: true, DeclaredAt: w.Now, Run: &outage.Run{Give: outage.GiveMoney, StartedAt: w.Now},
	}
	existing, err := w.Store.DeclareOutage(t.Context(), declared)
	require.NoError(t, err)
	require.Nil(t, existing)
	// 1 and 2 are about a generation and a case of another world.
	require.Equal(t, []string{"1", "2"}, invoke(t, h, "before-about"), "a message of the older shape is read as well")
	for range 2 {
		require.Empty(t, invoke(t, h, "outage"))
		w.WantAvailable("alice", 0)
		require.Len(t, w.PaymentOf(charged).Promised, 1)
	}
	for caseID, promise := range w.PaymentOf(charged).Promised {
		require.Equal(t, int64(500), promise.Minor)
		made := w.CaseOf(refund.CaseID(caseID))
		require.Equal(t, []any{policy.KindOutage, string(declared.ID), refund.StatePaying}, []any{made.Kind, made.Outage, made.State})
	}
	w.WantLaws("alice")
}
