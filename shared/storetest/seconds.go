package storetest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// alonePays is what one person gives back alone in the stories of two.
const alonePays = 300

// NeedsTwo has a second person confirm answers to appeals, and money above 3.00 USD.
func (w *World) NeedsTwo() {
	w.t.Helper()
	revisions := slices.Clone(w.Revisions())
	for i := range revisions {
		revisions[i].SecondPerson = policy.SecondPerson{Appeals: true, MoneyAbove: map[string]int64{"USD": alonePays}}
	}
	p, err := policy.New(revisions...)
	require.NoError(w.t, err)
	w.Policy = p
}

// Answers gives a second person's answer to what is proposed.
func (w *World) Answers(id refund.CaseID, order refund.SecondOrder) (refund.Opened, error) {
	return commanded(w, "answer a proposal", asOpened, func() (refund.Opened, error) { return w.Reviewer().Answer(w.ctx(), id, order, w.Now) })
}

// of returns the person's answer to a proposal.
func of(proposal, by string, answer refund.SecondAnswer) refund.SecondOrder {
	order := refund.SecondOrder{Proposal: proposal, Answer: answer, By: by}
	if answer == refund.SecondSentBack {
		order.Note = "the day is wrong"
	}
	return order
}

// charged has a claim of the customer's 5.00 USD wait for staff, where two decide.
func charged(w *World) (payment.ID, refund.CaseID) {
	w.t.Helper()
	w.NeedsTwo()
	alice, id := w.Customer("alice"), w.Payment("a")
	w.Receives(w.Paid(id, alice))
	caseID := w.Claims(policy.KindAbnormalCharge, alice, id)
	w.Deliver()
	return id, caseID
}

// givesBack returns the person's approval of so much money.
func (w *World) givesBack(by string, minor int64) refund.RulingOrder {
	order := w.ruling(policy.OutcomeApproved)
	order.By, order.Principal = by, "staff:"+by
	order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: minor})
	return order
}

// proposes has the person propose the ruling, and returns its name.
func (w *World) proposes(id refund.CaseID, order refund.RulingOrder) string {
	w.t.Helper()
	answer, err := w.rule(id, order)
	require.NoError(w.t, err)
	require.Equal(w.t, refund.StateInReview, answer.State)
	require.NotEmpty(w.t, answer.Proposal)
	return answer.Proposal
}

// refusesAnswer demands that an answer is refused with that code and changes nothing.
func (w *World) refusesAnswer(id refund.CaseID, order refund.SecondOrder, code string) {
	w.t.Helper()
	current := w.CaseOf(id)
	_, err := w.Answers(id, order)
	require.Equal(w.t, code, fault.CodeOf(err), "%v", err)
	require.Equal(w.t, current, w.CaseOf(id))
}

var secondStories = map[string]func(*testing.T, *World){
	"money above the limit moves once a second person confirms it, and its case waits until then": inGoopter(func(t *testing.T, w *World) {
		paid, id := charged(w)
		before, order := w.CaseOf(id), w.givesBack("ann", 500)
		require.True(t, w.previews(id, order).Second)
		proposal := w.proposes(id, order)
		w.Drain()
		c := w.CaseOf(id)
		require.Equal(t, []any{true, before.ReviewBy, before.Todo, before.Decision}, []any{c.Waiting(), c.ReviewBy, c.Todo, c.Decision}, "its clocks go on")
		require.Equal(t, []any{"ann", order.Note, w.Now}, []any{c.Proposed.By, c.Proposed.Note, c.Proposed.At})
		require.Empty(t, c.Finals())
		require.Equal(t, []refund.CaseID{id}, idsOf(w.Waiting(10, w.Customer("alice"))))
		w.wantPaidBack(paid, id, 0)
		w.refusesAnswer(id, of(proposal, "Ann", refund.SecondConfirmed), refund.CodeSamePerson)
		w.refusesAnswer(id, of(proposal, "ann", refund.SecondSentBack), refund.CodeSamePerson)
		w.refusesAnswer(id, of(proposal, "bob", refund.SecondWithdrawn), refund.CodeSamePerson)
		w.refusesAnswer(id, of("another", "bob", refund.SecondConfirmed), fault.CodeNotFound)
		w.Pass(time.Hour)
		answer, err := w.Answers(id, of(proposal, "bob", refund.SecondConfirmed))
		require.NoError(t, err)
		require.Equal(t, refund.StatePaying, answer.State)
		require.Empty(t, w.Waiting(10, w.Customer("alice")))
		w.Drain()
		w.settlesBack(id)
		w.wantPaidBack(paid, id, 500)
		c = w.CaseOf(id)
		require.Equal(t, refund.Second{Answer: refund.SecondConfirmed, By: "bob", At: c.Ruling.Second.At}, *c.Ruling.Second)
		require.Nil(t, c.Proposed)
		var lines []string
		for _, line := range c.History[len(before.History):] {
			lines = append(lines, string(line.State)+" "+line.By+" "+line.Note)
		}
		require.Equal(t, []string{"in_review ann looked at it", "in_review bob confirmed it", "paying ann looked at it"}, lines[:3])
		// Whoever asks again gets the first answers.
		w.refusesAnswer(id, of(proposal, "eve", refund.SecondSentBack), refund.CodeProposalGone)
		w.WantLaws(w.Customer("alice"))
	}),
	"money up to the limit, and a decline, are one person's": inGoopter(func(t *testing.T, w *World) {
		paid, id := charged(w)
		answer, err := w.rule(id, w.givesBack("ann", alonePays))
		require.NoError(t, err)
		require.Equal(t, []any{refund.StatePaying, ""}, []any{answer.State, answer.Proposal})
		w.Drain()
		w.settlesBack(id)
		w.wantPaidBack(paid, id, alonePays)
	}),
	"money of one payment counts in all: nobody passes the limit in slices": inGoopter(func(t *testing.T, w *World) {
		paid, id := charged(w)
		_, err := w.rule(id, w.givesBack("ann", alonePays))
		require.NoError(t, err)
		w.Drain()
		w.settlesBack(id)
		other := w.Claims(policy.KindOutage, w.Customer("alice"), paid)
		w.Deliver()
		proposal := w.proposes(other, w.givesBack("ann", 200))
		w.Drain()
		w.wantPaidBack(paid, other, 0)
		_, err = w.Answers(other, of(proposal, "bob", refund.SecondConfirmed))
		require.NoError(t, err)
		w.Drain()
		w.settlesBack(other)
		w.wantPaidBack(paid, other, 200)
	}),
	"a proposal outlives a verdict that leaves its case with staff": inGoopter(func(t *testing.T, w *World) {
		w.NeedsTwo()
		alice, paid := w.Customer("alice"), w.Payment("a")
		w.Receives(w.Paid(paid, alice))
		b := w.blackout()
		id := b.waitsFor(alice, paid, "X3") // nobody has declared the outage
		proposal := w.proposes(id, w.givesBack("ann", 500))
		w.Pass(10 * time.Hour)
		b.declares()
		w.until(id, refund.StateInReview, "G2.3")
		require.Equal(t, proposal, w.CaseOf(id).Proposed.Proposal())
		require.Empty(t, w.CaseOf(id).Overruled)
		_, err := w.Answers(id, of(proposal, "bob", refund.SecondConfirmed))
		require.NoError(t, err)
		w.Drain()
		w.settlesBack(id)
		w.wantPaidBack(paid, id, 500)
	}),
	"who may give back no money rules on credits alone, and confirms no money": inGoopter(func(t *testing.T, w *World) {
		_, id := charged(w)
		noMoney := fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "this needs the role money")
		before, order := w.CaseOf(id), w.givesBack("ann", 200)
		order.NoMoney = noMoney
		_, err := w.rule(id, order)
		require.ErrorIs(t, err, noMoney)
		require.Equal(t, before, w.CaseOf(id))
		confirm := of(w.proposes(id, w.givesBack("ann", 500)), "bob", refund.SecondConfirmed)
		confirm.NoMoney = noMoney
		w.refusesAnswer(id, confirm, fault.CodeForbidden)
		back := of(confirm.Proposal, "bob", refund.SecondSentBack)
		back.NoMoney = noMoney
		_, err = w.Answers(id, back)
		require.NoError(t, err)
		order = w.ruling(policy.OutcomeDeclined)
		order.NoMoney = noMoney
		answer, err := w.rule(id, order)
		require.NoError(t, err)
		require.Equal(t, refund.StateDeclined, answer.State)
	}),
	"the first proposal stands: another ruling is refused until that is answered": inGoopter(func(t *testing.T, w *World) {
		_, id := charged(w)
		order := w.givesBack("ann", 500)
		proposal := w.proposes(id, order)
		for _, rival := range []refund.RulingOrder{w.givesBack("bob", 400), w.givesBack("bob", 1), w.ruling(policy.OutcomeDeclined), w.givesBack("ann", 500)} {
			_, err := w.rule(id, rival)
			require.Equal(t, refund.CodeProposed, fault.CodeOf(err))
		}
		replay, err := w.rule(id, order)
		require.NoError(t, err)
		require.Equal(t, []any{true, refund.StateInReview, proposal}, []any{replay.Replayed, replay.State, replay.Proposal})
	}),
	"a proposal that is sent back is kept with its reason, and the case waits for another": inGoopter(func(t *testing.T, w *World) {
		paid, id := charged(w)
		before, order := w.CaseOf(id), w.givesBack("ann", 500)
		proposal := w.proposes(id, order)
		_, err := w.Answers(id, refund.SecondOrder{Proposal: proposal, Answer: refund.SecondSentBack, By: "bob"})
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), "without a reason")
		_, err = w.Answers(id, of(proposal, "bob", refund.SecondSentBack))
		require.NoError(t, err)
		c := w.CaseOf(id)
		require.Equal(t, []any{true, before.ReviewBy, (*refund.Ruling)(nil)}, []any{c.Waiting(), c.ReviewBy, c.Proposed})
		require.Equal(t, refund.Second{Answer: refund.SecondSentBack, By: "bob", At: w.Now}, *c.Overruled[0].Second)
		require.Equal(t, refund.Event{At: w.Now, State: refund.StateInReview, Actor: ledger.ActorStaff, By: "bob", Note: "sent it back: the day is wrong"}, c.History[len(c.History)-1])
		w.refusesAnswer(id, of(proposal, "eve", refund.SecondConfirmed), refund.CodeProposalGone)
		replay, err := w.rule(id, order)
		require.NoError(t, err)
		require.True(t, replay.Replayed, "its request proposes nothing again")
		require.Nil(t, w.CaseOf(id).Proposed)
		// What ann proposes next is another one: a page that shows the first confirms nothing.
		second := w.proposes(id, w.givesBack("ann", 400))
		w.refusesAnswer(id, of(proposal, "eve", refund.SecondConfirmed), refund.CodeProposalGone)
		_, err = w.Answers(id, of(second, "ann", refund.SecondWithdrawn))
		require.NoError(t, err)
		require.Equal(t, "withdrew it", w.CaseOf(id).History[len(w.CaseOf(id).History)-1].Note)
		w.refusesAnswer(id, of(second, "bob", refund.SecondConfirmed), refund.CodeProposalGone)
		w.Drain()
		w.wantPaidBack(paid, id, 0)
		require.Len(t, w.CaseOf(id).Overruled, 2)
	}),
	"an answer to an appeal is confirmed, by nobody who gave the first one": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id, _ := turnedDown(w, alice)
		w.NeedsTwo()
		w.Appeals(id)
		tally := w.tally("R8")
		order := w.ruling(policy.OutcomeDeclined)
		order.By = "bob"
		proposal := w.proposes(id, order)
		require.True(t, w.CaseOf(id).Appealing())
		w.refusesAnswer(id, of(proposal, "Ann", refund.SecondConfirmed), refund.CodeSameReviewer)
		_, err := w.Answers(id, of(proposal, "ann", refund.SecondSentBack))
		require.NoError(t, err, "whoever gave the first answer may say what is wrong with the second")
		order = w.ruling(policy.OutcomeApproved)
		order.By = "bob"
		proposal = w.proposes(id, order)
		require.Equal(t, tally, w.tally("R8"), "nothing is found while it is proposed")
		_, err = w.Answers(id, of(proposal, "eve", refund.SecondConfirmed))
		require.NoError(t, err)
		w.Deliver()
		w.WantAvailable(alice, 4)
		require.Equal(t, refund.FindingOverturned, w.CaseOf(id).Appeal.Finding)
		require.Equal(t, "bob", w.CaseOf(id).Ruling.By)
		w.WantLaws(alice)
	},
	"a confirmed ruling may be taken back by either person, and its message may be lost": inGoopter(func(t *testing.T, w *World) {
		paid, id := charged(w)
		for _, by := range []string{"bob", "ann"} {
			order := w.givesBack("ann", 500)
			confirm := of(w.proposes(id, order), "bob", refund.SecondConfirmed)
			confirm.TakeBack = true
			_, err := w.Answers(id, confirm)
			require.NoError(t, err)
			w.Drain()
			takes := refund.TakeBackOrder{By: by, Principal: "staff:" + by, Key: order.Key}
			if by == "bob" {
				takes.Key = confirm.Proposal
			}
			require.NoError(t, again(func() error { _, err := w.Reviewer().TakeBack(w.ctx(), id, takes, w.Now); return err }))
			require.True(t, w.CaseOf(id).Waiting())
		}
		confirm := of(w.proposes(id, w.givesBack("ann", 500)), "bob", refund.SecondConfirmed)
		confirm.TakeBack = true
		w.Pass(48 * time.Hour) // it waits for days
		_, err := w.Answers(id, confirm)
		require.NoError(t, err)
		w.Lose()
		w.SweepUntil(func() bool { return w.CaseOf(id).State != refund.StateInReview })
		w.settlesBack(id)
		w.wantPaidBack(paid, id, 500)
	}),
	"a proposal on a claim that ends otherwise is kept, and confirmed by nobody": inGoopter(func(t *testing.T, w *World) {
		w.NeedsTwo()
		alice := w.Customer("alice")
		paid := parks(w, "a", alice)
		id := w.Claims(policy.KindNotCredited, alice, paid)
		w.Deliver()
		proposal := w.proposes(id, w.givesBack("ann", 500))
		w.Resolves(paid, payment.Resolution{Action: payment.ActionGrant})
		w.SweepUntil(func() bool { w.Drain(); return w.CaseOf(id).State == refund.StateApproved })
		c := w.CaseOf(id)
		require.Equal(t, []any{(*refund.Ruling)(nil), (*refund.Ruling)(nil), 1}, []any{c.Proposed, c.Ruling, len(c.Overruled)})
		require.Equal(t, refund.Second{}, *c.Overruled[0].Second)
		w.refusesAnswer(id, of(proposal, "bob", refund.SecondConfirmed), refund.CodeProposalGone)
		w.wantPaidBack(paid, id, 0)
		w.WantAvailable(alice, 50)
		w.WantLaws(alice)
	}),
	"what is noted on a proposal is erased, and it is confirmed all the same": inGoopter(func(t *testing.T, w *World) {
		_, id := charged(w)
		order := w.givesBack("ann", 500)
		order.Note = canary
		sentBack := of(w.proposes(id, order), "bob", refund.SecondSentBack)
		sentBack.Note = canary
		_, err := w.Answers(id, sentBack)
		require.NoError(t, err)
		order.Key = w.Key()
		proposal := w.proposes(id, order)
		w.erases(w.Customer("alice"), false)
		text, err := json.Marshal(w.CaseOf(id))
		require.NoError(t, err)
		require.NotContains(t, string(text), canary)
		require.Equal(t, "ann", w.CaseOf(id).Proposed.By)
		_, err = w.Answers(id, of(proposal, "bob", refund.SecondConfirmed))
		require.NoError(t, err)
		w.Drain()
		w.settlesBack(id)
	}),
	"whoever writes on a case as it was before a proposal is stale": inGoopter(func(t *testing.T, w *World) {
		_, id := charged(w)
		before := *w.CaseOf(id)
		w.proposes(id, w.givesBack("ann", 500))
		proposed := *w.CaseOf(id)
		noted := proposed
		noted.History = append(slices.Clone(proposed.History), proposed.History[0])
		for name, write := range map[string]func() error{
			"a proposal":             func() error { return w.Store.RecordProposal(w.ctx(), before, proposed) },
			"a ruling":               func() error { return w.Store.RecordRuling(w.ctx(), before, *proposed.Proposed, w.Now) },
			"a take-back":            func() error { return w.Store.RecordTakeBack(w.ctx(), before, before) },
			"a verdict":              func() error { return w.Store.CommitDecision(w.ctx(), refund.Effect{Before: &before, Case: before}) },
			"one that misses a line": func() error { return w.Store.RecordProposal(w.ctx(), noted, noted) },
		} {
			require.Equal(t, fault.KindStale, fault.KindOf(again(write)), name)
			require.Equal(t, &proposed, w.CaseOf(id), name)
		}
	}),
	"of so many proposals that were sent back the last can only be confirmed": inGoopter(func(t *testing.T, w *World) {
		_, id := charged(w)
		for range refund.MaxRulings {
			_, err := w.Answers(id, of(w.proposes(id, w.givesBack("ann", 500)), "bob", refund.SecondSentBack))
			require.NoError(t, err)
		}
		_, err := w.rule(id, w.givesBack("ann", 500))
		require.Equal(t, refund.CodeTooManyRulings, fault.CodeOf(err))
		w.Rules(id, policy.OutcomeDeclined)
	}),
}
