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

// declining returns the effect of a verdict on the case as it was read, which moves nothing else.
func declining(read refund.Snapshot) refund.Effect {
	after := *read.Case
	after.State, after.Todo, after.ReviewBy = refund.StateDeclined, nil, time.Time{}
	after.Decision = &policy.Decision{Outcome: policy.OutcomeDeclined, Clause: "R8", Notice: "thanks"}
	after.Notice = "thanks"
	return refund.Effect{Before: read.Case, Case: after}
}

// amending returns what a verdict makes of the payment that was read, without moving credits.
func amending(read refund.Snapshot, after payment.Payment) *refund.PaymentChange {
	return &refund.PaymentChange{
		Read:   payment.Snapshot{Payment: read.Payment, Wallet: read.Wallet, Expired: read.Expired, Recent: read.Purchases},
		Change: payment.Change{After: after},
	}
}

// giveBack adds to the effect what an approval of the output moves.
func giveBack(t *testing.T, w *World, effect refund.Effect, read refund.Snapshot) refund.Effect {
	t.Helper()
	posting, _, err := ledger.Refund(
		read.Wallet, read.Generation.OutputDraws(read.Case.Output), w.ExpiredLot(w.Now), ledger.Cause{Case: string(read.Case.ID)}, w.Now,
	)
	require.NoError(t, err)
	effect.Posting = posting
	return effect
}

// Each story changes one thing between the read and the commit, and commits what rests on that thing alone.
var committing = map[string]func(*testing.T, *World){
	"a case that exists is not made with its verdict": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		stands := w.CaseOf(id)
		effect := declining(w.snapshot(refund.Subject{Case: id}))
		effect.Before = nil
		w.wantStale(effect, "it is there")
		require.Equal(t, stands, w.CaseOf(id))
	},
	"a case that was never opened has no verdict to change": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Generated(alice, 1)
		never := &refund.Case{ID: refund.ReportCaseID(id, 0), Kind: policy.KindBadResult, Customer: alice, State: refund.StateReceived, OpenedAt: w.Now}
		w.wantStale(declining(refund.Snapshot{Case: never}), "nobody opened it")
		require.Nil(t, w.CaseOf(never.ID))
	},
	"a verdict is given on the state that was read": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 4)
		id := w.Reports(w.Generated(alice, 1), 0)
		read := w.snapshot(refund.Subject{Case: id})
		w.Deliver()
		stands := w.CaseOf(id)
		w.wantStale(declining(read), "it is in review")
		require.Equal(t, stands, w.CaseOf(id))
	},
	"a verdict is given on the ruling that was read, or on none": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		read := w.snapshot(refund.Subject{Case: id})
		w.Rules(id, policy.OutcomeApproved)
		w.wantStale(declining(read), "it is ruled")
		read = w.snapshot(refund.Subject{Case: id})
		another := *read.Case.Ruling
		another.Note = "another ruling"
		read.Case.Ruling = &another
		w.wantStale(declining(read), "it is ruled otherwise")
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
		read := w.snapshot(refund.Subject{Case: second, Generation: id})
		require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(first), w.Now) }))
		effect := declining(read)
		effect.Generation = &refund.Change[generation.Generation]{Before: *read.Generation, After: read.Generation.Refund(4)}
		w.wantStale(effect, "the other output went back first")
		read = w.snapshot(refund.Subject{Case: second, Generation: id})
		require.Equal(t, ledger.Credits(4), read.Generation.Refunded)
		before := *read.Generation
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
		read := w.snapshot(refund.Subject{Case: cases[2]})
		for _, rival := range cases[:2] {
			require.NoError(t, again(func() error { return w.Decider().Decide(w.ctx(), requested(rival), w.Now) }))
			stands := w.snapshot(refund.Subject{Case: cases[2]})
			effect := declining(read)
			effect.Recent = &refund.Change[refund.Recent]{
				Before: read.Recent, After: append(read.Recent[:len(read.Recent):len(read.Recent)], refund.RecentRequest{Case: cases[2], At: w.Now}),
			}
			w.wantStale(effect, "another was counted first")
			require.Equal(t, stands, w.snapshot(refund.Subject{Case: cases[2]}))
			read = stands
		}
	},
	"a payment is changed only as it was read": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Payment("a")
		w.Hears(w.Paid(id, alice))
		claimed := w.Claims(policy.KindAbnormalCharge, alice, id)
		read := w.snapshot(refund.Subject{Case: claimed, Payment: id})
		require.Equal(t, id, read.Payment.ID)
		w.Hears(w.Refunded(id, "re_1", 1, payment.RefundFailed)) // moves nothing
		effect := declining(read)
		effect.Payment = amending(read, *read.Payment)
		w.wantStale(effect, "more was heard of it")
		require.Equal(t, refund.StateReceived, w.CaseOf(claimed).State)
		read = w.snapshot(refund.Subject{Case: claimed, Payment: id})
		after := *read.Payment
		after.RefundedInAll = 7
		effect.Payment = amending(read, after)
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
		require.Equal(t, int64(7), w.Snapshot(id, alice).Payment.RefundedInAll)
	}),
	"a verdict that moves nothing may rest on the wallet all the same": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := w.Claims(policy.KindAbnormalCharge, alice, "")
		resting := func() refund.Effect {
			read := w.snapshot(refund.Subject{Case: id})
			effect := declining(read)
			effect.Unmoved = &read.Wallet
			return effect
		}
		unwritten := resting()
		w.Grants(alice, 6)
		w.wantStale(unwritten, "the wallet was written first")
		full := resting()
		w.Starts(alice, 1)
		w.wantStale(full, "credits were held")
		good := resting()
		w.SetsStanding(alice, ledger.StandingRestricted)
		w.wantStale(good, "the standing has changed")
		require.Equal(t, refund.StateReceived, w.CaseOf(id).State)
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), resting()) }))
		require.Equal(t, refund.StateDeclined, w.CaseOf(id).State)
		w.WantAvailable(alice, 3)
		w.WantLaws(alice)
	}),
	"a verdict may rest on another payment": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		original := w.Payment("original")
		w.Hears(w.Paid(original, alice))
		id := w.Claims(policy.KindAbnormalCharge, alice, "")
		effect := declining(w.snapshot(refund.Subject{Case: id}))
		effect.Original = w.Snapshot(original, alice).Payment
		w.Hears(w.Refunded(original, "re_1", 500, payment.RefundSucceeded))
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
		read := w.snapshot(refund.Subject{Case: id, Generation: about})
		w.Grants(alice, 1)
		w.wantStale(giveBack(t, w, declining(read), read), "the wallet has changed")
		read = w.snapshot(refund.Subject{Case: id, Generation: about})
		w.SetsStanding(alice, ledger.StandingTerminated)
		w.wantStale(giveBack(t, w, declining(read), read), "the standing has changed")
		require.Equal(t, refund.StateInReview, w.CaseOf(id).State)
		w.WantAvailable(alice, 1)
		w.WantLaws(alice)
	},
	"a verdict that moves nothing asks nothing of the wallet": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		read := w.snapshot(refund.Subject{Case: id})
		w.Grants(alice, 1)
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), declining(read)) }))
		w.WantVerdict(id, refund.StateDeclined, "R8")
		require.Empty(t, w.Waiting(10, alice))
	},
	"a verdict writes nothing to what was asked": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		read := w.snapshot(refund.Subject{Case: id})
		effect := declining(read)
		effect.Case.Asked = &refund.Asked{Description: "what stood there before it was erased"}
		require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
		require.Equal(t, read.Case.Asked, w.CaseOf(id).Asked)
	},
	"a wallet that nobody has written is the customer's whose matter it is": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		order := w.order(alice, 1)
		order.Mode = generation.ModeFree
		started, err := w.start(order)
		require.NoError(t, err)
		w.Settles(started.ID, w.Success(1))
		unwritten := ledger.Wallet{Customer: alice, Standing: ledger.StandingGood}
		require.Equal(t, unwritten, w.snapshot(refund.Subject{Case: refund.FailureCaseID(started.ID), Generation: started.ID}).Wallet)
		require.Equal(t, unwritten, w.snapshot(refund.Subject{Case: w.Reports(started.ID, 0)}).Wallet)
		w.Deliver()
		w.WantVerdict(refund.ReportCaseID(started.ID, 0), refund.StateDeclined, policy.ClauseNothingCharged)
	},
	"a matter that nobody knows is read as nothing": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := generation.NewID(alice, "app", "never")
		read := w.snapshot(refund.Subject{Case: refund.FailureCaseID(id), Generation: id, Payment: w.Payment("never")})
		require.Nil(t, read.Case)
		require.Nil(t, read.Generation)
		require.Nil(t, read.Payment)
		require.Empty(t, read.Recent)
		require.False(t, read.Wallet.Recorded)
	},
}
