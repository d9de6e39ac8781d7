package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// blackout is an outage of a feature that no other world has, because outages that touch are merged
// into one. It has an id before it is declared.
type blackout struct {
	w           *World
	declarer    outage.Declarer
	declaration outage.Declaration
	id          outage.ID
}

// anyFeature is a policy that lists every feature.
type anyFeature struct{ outage.Estimator }

func (anyFeature) Lists(string, time.Time) bool { return true }

// blackout returns an outage that began now and goes on.
func (w *World) blackout() *blackout {
	b := &blackout{w: w, declarer: w.declarer()}
	// Any feature counts as listed, so that the world's own name can be one.
	b.declarer.Estimator = anyFeature{w.estimator()}
	key := w.Key() + w.suffix
	b.declaration = outage.Declaration{StartedAt: w.Now, Features: []string{w.suffix}, PreventedUse: true, Principal: "staff", Key: key}
	b.id = outage.NewID("staff", key)
	return b
}

func (b *blackout) declares() {
	b.w.t.Helper()
	// The key is the blackout's own, so a repeat after a lost answer is a replay.
	require.NoError(b.w.t, again(func() error {
		_, _, err := b.declarer.Declare(b.w.ctx(), b.declaration, b.w.Now)
		return err
	}))
}

// ends corrects the outage: it was over then.
func (b *blackout) ends(at time.Time) {
	b.w.t.Helper()
	b.declaration.EndedAt = &at
	b.corrects()
}

func (b *blackout) corrects() {
	b.w.t.Helper()
	// A correction sends the message to look again at the claims that wait.
	require.NoError(b.w.t, again(func() error {
		_, err := b.declarer.Correct(b.w.ctx(), b.id, b.declaration, b.w.Now)
		return err
	}))
}

// waitsFor has a customer who bought claim for the outage, and demands that the claim is in review
// under the clause.
func (b *blackout) waitsFor(customer ledger.CustomerID, paymentID payment.ID, clause string) refund.CaseID {
	b.w.t.Helper()
	claim := b.w.ClaimsOutage(customer, paymentID, b.id)
	// What the policy answers now is the starting point: the outage is too short, or unknown.
	b.w.Drain()
	b.w.WantVerdict(claim, refund.StateInReview, clause)
	return claim
}

// until sweeps until the case has reached the state under the clause.
func (w *World) until(id refund.CaseID, state refund.State, clause string) {
	w.t.Helper()
	w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(id).State == state && w.CaseOf(id).Decision.Clause == clause })
	w.WantVerdict(id, state, clause)
}

var waitingForDowntime = map[string]func(*testing.T, *World){
	"a claim whose receipt could not be told is decided once its outage is long enough": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("untold")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		w.Pass(10 * time.Hour)
		b.declares()
		w.Drain()
		claim := w.ClaimsOutage(alice, paymentID, b.id)
		require.NoError(t, again(func() error {
			return w.Decider().Decide(w.ctx(), message.NewCaseRequested(string(claim), "", ""), w.Now)
		}))
		w.WantVerdict(claim, refund.StateInReview, "G2.3")
		// Each lost notice counts as an attempt. Twelve of them would strand the claim, were they
		// not bounded for a claim that waits for downtime.
		for range due.MaxAttempts + 3 { // the app is down, and takes no notice
			w.Lose()
			w.Pass(61 * time.Minute)
			w.Nudge()
			w.Sweep()
		}
		w.Lose()
		// The app is up again. The claim must have kept its turn through all of that.
		w.Now = b.declaration.StartedAt.Add(49 * time.Hour)
		w.until(claim, refund.StateClosed, "G2.3")
	}),
	"a claim in an outage that goes on is decided once that is long enough, though the message was lost": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("ripe")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		w.Pass(10 * time.Hour)
		b.declares()
		claim := b.waitsFor(alice, paymentID, "G2.3")
		// The policy asks for more than 48 hours. At exactly 48 the claim still waits.
		w.Now = b.declaration.StartedAt.Add(48 * time.Hour)
		w.Nudge()
		w.Sweep()
		w.Drain()
		w.WantVerdict(claim, refund.StateInReview, "G2.3") // 48 hours are not more
		// A millisecond more, and it is due. The message to decide it is lost, so that only the
		// next sweep can bring it.
		w.Pass(time.Millisecond)
		w.Nudge()
		w.Sweep()
		w.Lose()
		w.Pass(2 * time.Minute)
		w.until(claim, refund.StateClosed, "G2.3")
		require.EqualValues(t, 500, w.PaymentOf(paymentID).RefundTotal())
		w.WantAvailable(alice, 0)
		w.WantLaws(alice)
		w.WantSameVerdicts(*w.CaseOf(claim))
	}),
	"a claim of an outage that nobody declared is decided once somebody does, though every first message was lost": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("declared")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		w.Pass(10 * time.Hour)
		// Nobody has declared the outage, so the claim waits under no rule. Each message about it
		// is lost once, and only sweeps bring it on.
		claim := b.waitsFor(alice, paymentID, policy.ClauseNoRule)
		b.declares()
		w.Lose()
		w.Pass(2 * time.Minute)
		w.until(claim, refund.StateInReview, "G2.3")
		// The outage ends below the 48 hours, so the same claim is now declined under the same
		// clause.
		b.ends(w.Now.Add(-time.Minute))
		w.Lose()
		w.Pass(2 * time.Minute)
		w.until(claim, refund.StateDeclined, "G2.3")
		// The outage itself has nothing left to look for, and no lost message has counted towards
		// stuck.
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(b.id).Looking() })
		w.WantSameVerdicts(*w.CaseOf(claim))
		require.Zero(t, stuckOf(w, alice))
	}),
	"a claim that was being decided when an outage was declared is looked at after it": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("late")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		w.Pass(60 * time.Hour)
		claim := w.ClaimsOutage(alice, paymentID, b.id)
		// The decision reads before the outage is declared and commits after its recheck has
		// passed.
		snapshot := w.snapshot(refund.Subject{Case: claim, Payment: paymentID})
		b.declares()
		for w.Looks() > 0 { // the first look is over before the verdict that saw no outage
		}
		verdict := policy.Undecided(w.At(w.Now), policy.KindOutage, w.Now)
		// Commit that late verdict by hand: the recheck has gone, so a further one must find the
		// claim.
		after := *snapshot.Case
		after.State, after.Decision, after.Notice, after.ReviewBy, after.Todo = refund.StateInReview, &verdict, verdict.Notice, *verdict.RespondBy, nil
		w.Lose()
		require.NoError(t, settled(func() error {
			return w.Store.CommitDecision(w.ctx(), refund.Effect{Before: snapshot.Case, Case: after})
		}))
		w.Pass(2 * time.Minute)
		w.until(claim, refund.StateClosed, "G2.3")
		w.WantLaws(alice)
	}),
	"a claim is looked at again when the outage is withdrawn, and staff rule on it": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("withdrawn")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		b.declares()
		w.Pass(time.Hour)
		claim := b.waitsFor(alice, paymentID, "G2.3")
		require.NoError(t, again(func() error { _, err := b.declarer.Withdraw(w.ctx(), b.id, "ann", w.Now); return err }))
		// No declared outage is left to decide it by, so it falls back to no rule, and to staff.
		w.until(claim, refund.StateInReview, policy.ClauseNoRule)
		w.Rules(claim, policy.OutcomeDeclined)
		w.until(claim, refund.StateDeclined, policy.ClauseNoRule)
		w.WantSameVerdicts(*w.CaseOf(claim))
	}),
	"a ruling stands whatever becomes of the outage, and nothing is paid twice": inGoopter(func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		toRefuse, toGrant := w.Payment("refused"), w.Payment("granted")
		w.Receives(w.Paid(toRefuse, alice))
		w.Receives(w.Paid(toGrant, bob))
		b := w.blackout()
		b.declares()
		w.Pass(time.Hour)
		// Two claims, one declined and one approved by staff, before the outage is long enough.
		no, yes := b.waitsFor(alice, toRefuse, "G2.3"), b.waitsFor(bob, toGrant, "G2.3")
		w.Rules(no, policy.OutcomeDeclined)
		w.Rules(yes, policy.OutcomeApproved)
		w.Now = b.declaration.StartedAt.Add(49 * time.Hour) // the rulings are carried out after the outage is long enough
		w.until(no, refund.StateDeclined, "G2.3")
		w.until(yes, refund.StateClosed, "G2.3")
		// Another request for either is a replay: a verdict by staff is final.
		for _, id := range []refund.CaseID{no, yes} {
			require.Equal(t, ledger.ActorStaff, w.CaseOf(id).History[2].Actor)
			require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), message.NewCaseRequested(string(id), "", ""), w.Now) }))
		}
		require.Equal(t, refund.StateDeclined, w.CaseOf(no).State)
		require.Zero(t, w.PaymentOf(toRefuse).RefundTotal())
		require.EqualValues(t, 500, w.PaymentOf(toGrant).RefundTotal())
		w.WantLaws(alice)
		w.WantLaws(bob)
	}),
	"of a ruling and a look at once, one comes to stand": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("race")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		b.declares()
		w.Pass(time.Hour)
		claim := b.waitsFor(alice, paymentID, "G2.3")
		// The policy's verdict rests on the case before the ruling, so it is stale.
		before := *w.CaseOf(claim)
		w.Rules(claim, policy.OutcomeDeclined)
		after := before
		after.State = refund.StateApproved
		w.wantStale(refund.Effect{Before: &before, Case: after}, "staff ruled meanwhile")

		second := w.Payment("race-2")
		w.Receives(w.Paid(second, alice))
		claim = b.waitsFor(alice, second, "G2.3")
		before = *w.CaseOf(claim)
		// The other way round: the outage is long enough first, and the ruling is stale.
		w.Now = b.declaration.StartedAt.Add(100 * time.Hour)
		require.NoError(t, again(func() error {
			return w.Decider().Decide(w.ctx(), message.NewCaseRequested(string(claim), "", ""), w.Now)
		}))
		require.Equal(t, refund.StatePaying, w.CaseOf(claim).State)
		err := again(func() error {
			return w.Store.RecordRuling(w.ctx(), before, refund.Ruling{Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined}, Note: "no", At: w.Now}, w.Now.Add(time.Minute))
		})
		require.Equal(t, fault.KindStale, fault.KindOf(err))
	}),
	"a run and a look at its outage hinder each other by no page": inGoopter(func(t *testing.T, w *World) {
		alice, paymentID := w.Customer("alice"), w.Payment("both")
		w.Receives(w.Paid(paymentID, alice))
		b := w.blackout()
		w.Pass(49 * time.Hour)
		b.declares()
		// The run and the recheck are two steps of one row. Each must leave the other's step alone.
		w.MakesGood(b.id, outage.GiveMoney)
		// The run pays the customer; the recheck finds no open claim. In the end neither step is
		// left on the row.
		require.True(t, w.outage(b.id).Looking(), "the look is owed still")
		w.Drain()
		w.SweepUntil(func() bool { w.Drain(); return !w.outage(b.id).Looking() && !w.outage(b.id).Run.DoneAt.IsZero() })
		w.SweepUntil(func() bool { w.Drain(); return w.PaymentOf(paymentID).RefundTotal() == 500 })
		require.Empty(t, w.outage(b.id).Todo)
		w.WantLaws(alice)
	}),
}
