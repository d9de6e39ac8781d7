package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// declining returns the effect of a decline of the case as it was read. It moves nothing else.
func declining(snapshot refund.Snapshot) refund.Effect {
	// The state, the steps and the date leave together, as a real verdict takes them.
	after := *snapshot.Case
	after.State, after.Todo, after.ReviewBy = refund.StateDeclined, nil, time.Time{}
	after.Decision = &policy.Decision{Outcome: policy.OutcomeDeclined, Clause: "R8", Notice: "thanks"}
	after.Notice = "thanks"
	return refund.Effect{Before: snapshot.Case, Case: after}
}

// amending returns what a verdict writes to the payment that was read, without moving credits.
func amending(snapshot refund.Snapshot, after payment.Payment) *refund.PaymentChange {
	return &refund.PaymentChange{
		Read:   payment.Snapshot{Payment: snapshot.Payment, Wallet: snapshot.Wallet, Expired: snapshot.Expired, Recent: snapshot.Purchases},
		Change: payment.Change{After: after},
	}
}

// giveBack adds to the effect the credits that an approval of the output moves.
func giveBack(t *testing.T, w *World, effect refund.Effect, snapshot refund.Snapshot) refund.Effect {
	t.Helper()
	posting, _, err := ledger.Refund(
		snapshot.Wallet, snapshot.Generation.OutputDraws(snapshot.Case.Output), w.ExpiredLot(w.Now), ledger.Cause{Case: string(snapshot.Case.ID)}, w.Now,
	)
	require.NoError(t, err)
	// Nothing else of an approval is needed here: the story is about the wallet that the posting
	// rests on.
	effect.Posting = posting
	return effect
}

// Each story changes one thing between the read and the commit, and commits what rests on that
// thing alone.
var commitStories = map[string]func(*testing.T, *World){
	"a case that exists is not made with its verdict": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		current := w.CaseOf(id)
		effect := declining(w.snapshot(refund.Subject{Case: id}))
		// A verdict without a case before it creates one; here the case is there already.
		effect.Before = nil
		w.wantStale(effect, "it is there")
		require.Equal(t, current, w.CaseOf(id))
	},
	"a case that was never opened has no verdict to change": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Generated(alice, 1)
		never := &refund.Case{ID: refund.ReportCaseID(id, 0), Kind: policy.KindBadResult, Customer: alice, State: refund.StateReceived, OpenedAt: w.Now}
		// Whoever invents a case from its id alone must not be able to write it with a verdict.
		w.wantStale(declining(refund.Snapshot{Case: never}), "nobody opened it")
		require.Nil(t, w.CaseOf(never.ID))
	},
	"a verdict is given on the state that was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Reports(w.Generated(alice, 1), 0)
		snapshot := w.snapshot(refund.Subject{Case: id})
		// The message is delivered between the read and the commit: the policy has sent the case to
		// review meanwhile.
		w.Deliver()
		current := w.CaseOf(id)
		w.wantStale(declining(snapshot), "it is in review")
		require.Equal(t, current, w.CaseOf(id))
	},
	"a verdict is given on the ruling that was read, or on none": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		snapshot := w.snapshot(refund.Subject{Case: id})
		w.Rules(id, policy.OutcomeApproved)
		w.wantStale(declining(snapshot), "it is ruled")
		snapshot = w.snapshot(refund.Subject{Case: id})
		// Another ruling came in between: the verdict must not carry out one that it never read.
		another := *snapshot.Case.Ruling
		another.Note = "another ruling"
		snapshot.Case.Ruling = &another
		w.wantStale(declining(snapshot), "it is ruled otherwise")
		require.Equal(t, refund.StateInReview, w.CaseOf(id).State)
	},
	"credits of an output go back only as far as what went back of the generation was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 8)
		id := w.Generated(alice, 2)
		first := w.Reports(id, 0)
		w.Deliver()
		w.Rules(first, policy.OutcomeApproved)
		second := w.Reports(id, 1)
		snapshot := w.snapshot(refund.Subject{Case: second, Generation: id})
		// The rival output is refunded between the read and the commit.
		require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(first), w.Now) }))
		effect := declining(snapshot)
		effect.Generation = &refund.Change[generation.Generation]{Before: *snapshot.Generation, After: snapshot.Generation.Refund(4)}
		w.wantStale(effect, "the other output went back first")
		snapshot = w.snapshot(refund.Subject{Case: second, Generation: id})
		require.Equal(t, ledger.Credits(4), snapshot.Generation.Refunded)
		// A generation that claims more refunds than the row has is as stale as one with fewer.
		before := *snapshot.Generation
		before.Refunded = 8
		effect.Generation = &refund.Change[generation.Generation]{Before: before, After: before}
		w.wantStale(effect, "less went back")
		require.Equal(t, refund.StateReceived, w.CaseOf(second).State)
	},
	"a verdict counts towards the limits only from the requests that were read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 12)
		id := w.Generated(alice, 3)
		cases := []refund.CaseID{w.Reports(id, 0), w.Reports(id, 1), w.Reports(id, 2)}
		w.Assesses()
		// Three reports in one customer's list, of which each verdict appends one.
		snapshot := w.snapshot(refund.Subject{Case: cases[2]})
		for _, rival := range cases[:2] {
			require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(rival), w.Now) }))
			current := w.snapshot(refund.Subject{Case: cases[2]})
			effect := declining(snapshot)
			// The commit appends to the list that it read. After a rival's append it must not
			// replace the list.
			effect.Recent = &refund.Change[refund.Recent]{
				Before: snapshot.Recent, After: append(snapshot.Recent[:len(snapshot.Recent):len(snapshot.Recent)], refund.RecentRequest{Case: cases[2], At: w.Now}),
			}
			w.wantStale(effect, "another was counted first")
			require.Equal(t, current, w.snapshot(refund.Subject{Case: cases[2]}))
			snapshot = current
		}
	},
	"a payment is changed only as it was read": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Receives(w.Paid(id, alice))
		caseID := w.Claims(policy.KindAbnormalCharge, alice, id)
		snapshot := w.snapshot(refund.Subject{Case: caseID, Payment: id})
		require.Equal(t, id, snapshot.Payment.ID)
		// A failed refund changes no sum, so only the version of the payment can tell.
		w.Receives(w.Refunded(id, "re_1", 1, payment.RefundFailed)) // moves nothing
		effect := declining(snapshot)
		effect.Payment = amending(snapshot, *snapshot.Payment)
		w.wantStale(effect, "more was heard of it")
		require.Equal(t, refund.StateReceived, w.CaseOf(caseID).State)
		snapshot = w.snapshot(refund.Subject{Case: caseID, Payment: id})
		after := *snapshot.Payment
		after.RefundedInAll = 7
		effect.Payment = amending(snapshot, after)
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
		require.Equal(t, int64(7), w.Snapshot(id, alice).Payment.RefundedInAll)
	}),
	"a verdict that moves nothing may rest on the wallet all the same": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Claims(policy.KindAbnormalCharge, alice, "")
		// The wallet is read but not changed. The commit must still fail if another has changed it.
		effectOf := func() refund.Effect {
			snapshot := w.snapshot(refund.Subject{Case: id})
			effect := declining(snapshot)
			effect.Unmoved = &snapshot.Wallet
			return effect
		}
		unwritten := effectOf()
		w.Grants(alice, 6)
		w.wantStale(unwritten, "the wallet was written first")
		full := effectOf()
		w.Starts(alice, 1)
		w.wantStale(full, "credits were held")
		good := effectOf()
		w.SetsStanding(alice, ledger.StandingRestricted)
		w.wantStale(good, "the standing has changed")
		require.Equal(t, refund.StateReceived, w.CaseOf(id).State)
		// With everything read anew, the same decline passes and the wallet is left as it was.
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effectOf()) }))
		require.Equal(t, refund.StateDeclined, w.CaseOf(id).State)
		w.WantAvailable(alice, 3)
		w.WantLaws(alice)
	}),
	"a verdict may rest on another payment": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		original := w.Payment("original")
		w.Receives(w.Paid(original, alice))
		id := w.Claims(policy.KindAbnormalCharge, alice, "")
		// The verdict judges one charge by another, the original, which is refunded before the
		// commit.
		effect := declining(w.snapshot(refund.Subject{Case: id}))
		effect.Original = w.Snapshot(original, alice).Payment
		w.Receives(w.Refunded(original, "re_1", 500, payment.RefundSucceeded))
		w.wantStale(effect, "it went back")
		require.Equal(t, refund.StateReceived, w.CaseOf(id).State)
		effect.Original = w.Snapshot(original, alice).Payment
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
		require.Equal(t, effect.Original, w.Snapshot(original, alice).Payment, "it is left alone")
	}),
	"credits go back to the wallet and the standing that were read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		about := generation.ID(w.CaseOf(id).Generation)
		// The grant changes the wallet's version, the terminated standing the right to get
		// anything.
		snapshot := w.snapshot(refund.Subject{Case: id, Generation: about})
		w.Grants(alice, 1)
		w.wantStale(giveBack(t, w, declining(snapshot), snapshot), "the wallet has changed")
		snapshot = w.snapshot(refund.Subject{Case: id, Generation: about})
		w.SetsStanding(alice, ledger.StandingTerminated)
		w.wantStale(giveBack(t, w, declining(snapshot), snapshot), "the standing has changed")
		require.Equal(t, refund.StateInReview, w.CaseOf(id).State)
		w.WantAvailable(alice, 1)
		w.WantLaws(alice)
	},
	"a verdict that moves nothing asks nothing of the wallet": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		snapshot := w.snapshot(refund.Subject{Case: id})
		// Nothing is posted, so a grant in between is no reason to refuse the verdict.
		w.Grants(alice, 1)
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), declining(snapshot)) }))
		w.WantVerdict(id, refund.StateDeclined, "R8")
		require.Empty(t, w.Waiting(10, alice))
	},
	"a verdict writes nothing to what was asked": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		snapshot := w.snapshot(refund.Subject{Case: id})
		effect := declining(snapshot)
		// The words were erased while the verdict was made: the commit must not write them back.
		effect.Case.Statement = &refund.Statement{Description: "what stood there before it was erased"}
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
		require.Equal(t, snapshot.Case.Statement, w.CaseOf(id).Statement)
	},
	"a wallet that nobody has written is the customer's whose matter it is": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		order := w.order(alice, 1)
		order.Mode = generation.ModeFree
		// A free generation has never touched the wallet, so there is no row to read it from.
		start, err := w.start(order)
		require.NoError(t, err)
		w.Settles(start.ID, w.Success(1))
		unwritten := ledger.Wallet{Customer: alice, Standing: ledger.StandingGood}
		require.Equal(t, unwritten, w.snapshot(refund.Subject{Case: refund.FailureCaseID(start.ID), Generation: start.ID}).Wallet)
		require.Equal(t, unwritten, w.snapshot(refund.Subject{Case: w.Reports(start.ID, 0)}).Wallet)
		w.Deliver()
		w.WantVerdict(refund.ReportCaseID(start.ID, 0), refund.StateDeclined, policy.ClauseNothingCharged)
	},
	"a matter that nobody knows is read as nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := generation.NewID(alice, "app", "never")
		snapshot := w.snapshot(refund.Subject{Case: refund.FailureCaseID(id), Generation: id, Payment: w.Payment("never")})
		require.Nil(t, snapshot.Case)
		require.Nil(t, snapshot.Generation)
		require.Nil(t, snapshot.Payment)
		require.Empty(t, snapshot.Recent)
		require.False(t, snapshot.Wallet.Recorded)
	},
}
