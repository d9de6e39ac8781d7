package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func (s *shelf) decider(gateways ...payment.Gateway) refund.Decider {
	return refund.Decider{Store: s, Notices: s, Settlements: s, Policy: opened("goopter"), Gateways: gateways}
}

// paying returns a shelf of which staff gave 4 of 5 USD back: 40 of the 50 credits have left.
func paying(t *testing.T) *shelf {
	t.Helper()
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1", starter))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 50
	require.Equal(t, refund.StateInReview, s.deliver(t, "goopter", noon.Add(24*time.Hour)).State)
	s.approves(t, "k", noon.Add(25*time.Hour))
	return s
}

// approves has staff give 4 USD back.
func (s *shelf) approves(t *testing.T, key string, now time.Time) {
	t.Helper()
	order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 400}))
	order.Key = key
	answer, err := s.rule(t, "goopter", order, now)
	require.NoError(t, err)
	require.Equal(t, refund.StatePaying, answer.State)
	require.Equal(t, refund.StatePaying, s.deliver(t, "goopter", now).State)
	require.Equal(t, ledger.Credits(10), s.found.Wallet.Available(now))
}

// hears brings the payment's wallet level with an own refund of that id and status.
func (s *shelf) hears(t *testing.T, id string, status payment.RefundStatus) {
	t.Helper()
	p := *s.found.Payment
	refunds := map[string]payment.Refund{id: {Amount: money.Amount{Currency: "USD", Minor: 400}, Status: status, Case: string(s.found.Case.ID)}}
	for other, known := range p.Refunds {
		if other != id {
			refunds[other] = known
		}
	}
	p.Refunds = refunds
	s.levels(t, p)
}

func (s *shelf) levels(t *testing.T, p payment.Payment) {
	t.Helper()
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	change, err := payment.Rules{Catalog: published}.Reassess(payment.Snapshot{Payment: &p, Wallet: s.found.Wallet}, ledger.Cause{}, noon.Add(48*time.Hour))
	require.NoError(t, err)
	s.found.Payment = &change.After
	if !change.Posting.Empty() {
		s.found.Wallet = change.Posting.After
	}
}

// follows has the cases of pi_1 follow, n times.
func (s *shelf) follows(t *testing.T, n int) refund.Case {
	t.Helper()
	for range n {
		require.NoError(t, s.decider().Decide(t.Context(), message.NewPaymentRequested("pi_1"), noon.Add(49*time.Hour)))
	}
	return *s.found.Case
}

func TestACaseIsClosedOnceItsMoneyIsThereAndReviewedOnceItIsNot(t *testing.T) {
	s := paying(t)
	effects := len(s.effects)
	require.Equal(t, refund.StatePaying, s.follows(t, 2).State)
	s.hears(t, "re_1", payment.RefundPending)
	require.Equal(t, refund.StatePaying, s.follows(t, 2).State)
	require.Len(t, s.effects, effects, "nothing to tell")

	s.hears(t, "re_1", payment.RefundSucceeded)
	closed := s.follows(t, 3)
	require.Len(t, s.effects, effects+1, "once")
	require.Equal(t, refund.Event{At: noon.Add(49 * time.Hour), State: refund.StateClosed, Actor: ledger.ActorSystem, Note: "the money went back"}, closed.History[len(closed.History)-1])
	require.Nil(t, s.found.Payment.Todo)
	require.Equal(t, ledger.Credits(10), s.found.Wallet.Available(noon))

	s.hears(t, "re_1", payment.RefundFailed)
	require.Equal(t, ledger.Credits(50), s.found.Wallet.Available(noon))
	back := s.follows(t, 3)
	require.Len(t, s.effects, effects+2)
	require.True(t, back.Waiting())
	require.Equal(t, noon.Add(73*time.Hour), back.ReviewBy)
	require.Equal(t, "the money did not go back: a person will look again", back.History[len(back.History)-1].Note)
	require.Nil(t, s.found.Payment.Todo)

	s.approves(t, "again", noon.Add(50*time.Hour))
	require.Equal(t, 2, s.found.Payment.Promised[string(back.ID)].Attempts)
	require.Equal(t, []string{string(back.ID)}, s.found.Payment.Due())
	require.Equal(t, []string{"refunded", "refunded.2"}, []string{back.Notice, s.found.Case.Notice}, "told again")
	require.Equal(t, "refunded", s.found.Case.Decision.Notice)
	s.hears(t, "re_2", payment.RefundSucceeded)
	require.Equal(t, refund.StateClosed, s.follows(t, 1).State)
}

func TestACaseThatStaffDecidedOtherwiseOnlyNotesWhatBecameOfTheMoney(t *testing.T) {
	s := paying(t)
	s.hears(t, "re_1", payment.RefundFailed)
	s.follows(t, 1)
	order := refusal()
	order.Key = "no"
	_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StateDeclined, s.deliver(t, "goopter", noon.Add(50*time.Hour)).State)
	s.hears(t, "re_2", payment.RefundSucceeded) // it turns up after all
	noted := s.follows(t, 2)
	require.Equal(t, refund.StateDeclined, noted.State)
	require.Equal(t, refund.Event{
		At: noon.Add(49 * time.Hour), State: refund.StateDeclined, Actor: ledger.ActorSystem, Note: "the money went back",
	}, noted.History[len(noted.History)-1])
	require.Equal(t, ledger.Credits(10), s.found.Wallet.Available(noon))
}

func TestMoneyThatTurnsUpClosesACaseThatStaffHaveBeforeThem(t *testing.T) {
	for _, ruled := range []bool{false, true} {
		s := paying(t)
		s.hears(t, "re_1", payment.RefundFailed)
		s.follows(t, 1)
		if ruled {
			order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 100}))
			order.Key = "again"
			_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
			require.NoError(t, err)
			s.found.Case.Todo = todo.List{todo.StepRefund: noon, todo.StepNotice: noon}
		}
		s.hears(t, "re_2", payment.RefundSucceeded)
		closed := s.follows(t, 1)
		require.Equal(t, refund.StateClosed, closed.State)
		require.Zero(t, closed.ReviewBy)
		require.False(t, closed.Todo.Has(todo.StepRefund), "the ruling came too late: nothing waits for it")
		require.True(t, closed.Todo.Has(todo.StepNotice), "of the verdict before")
		effects := len(s.effects)
		s.deliver(t, "goopter", noon.Add(51*time.Hour))
		require.Len(t, s.effects, effects, "and it is not carried out")
	}
}

func TestARulingThatWaitsOutlivesOneMoreFailure(t *testing.T) {
	s := paying(t)
	s.hears(t, "re_1", payment.RefundFailed)
	s.follows(t, 1)
	order := refusal()
	order.Key = "no"
	_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
	require.NoError(t, err)
	p := s.found.Payment.Promised[string(s.found.Case.ID)]
	p.Synced = ""
	s.found.Payment.Promised[string(s.found.Case.ID)] = p
	require.NotNil(t, s.follows(t, 1).Ruling)
	require.Equal(t, refund.StateDeclined, s.deliver(t, "goopter", noon.Add(50*time.Hour)).State)
}

func TestMoneyThatIsOnItsWayAfterAllIsNoNewsYet(t *testing.T) {
	s := paying(t)
	s.hears(t, "re_1", payment.RefundFailed)
	failed := s.follows(t, 1)
	s.hears(t, "re_2", payment.RefundPending)
	require.Equal(t, failed, s.follows(t, 2))
	require.Empty(t, s.found.Payment.Promised[string(failed.ID)].Synced)
	require.Equal(t, todo.List{todo.StepLook: s.found.Payment.Todo.Due()}, s.found.Payment.Todo, "the provider is asked, should it take too long")
	s.hears(t, "re_2", payment.RefundSucceeded)
	require.Equal(t, refund.StateClosed, s.follows(t, 1).State)
}

func TestACaseWhoseMoneyWentBackByAnotherHandIsClosed(t *testing.T) {
	s := paying(t)
	p := *s.found.Payment
	promise := p.Promised[string(s.found.Case.ID)]
	promise.GivenUp = 1
	p.Promised = map[string]payment.Promise{string(s.found.Case.ID): promise}
	p.Disputes = map[string]payment.Dispute{"dp_1": {Amount: money.Amount{Currency: "USD", Minor: 500}, Status: payment.DisputeLost}}
	s.levels(t, p)
	closed := s.follows(t, 2)
	require.Equal(t, refund.StateClosed, closed.State)
	require.Equal(t, "the money had gone back already", closed.History[len(closed.History)-1].Note)
	require.Zero(t, s.found.Wallet.Available(noon))
}

func TestWhatIsNotOnRecordCannotBeFollowed(t *testing.T) {
	s := paying(t)
	for _, id := range []string{"pi_9", "p 9"} {
		err := s.decider().Decide(t.Context(), message.NewPaymentRequested(id), noon)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err), id)
	}
	s.hears(t, "re_1", payment.RefundSucceeded)
	s.found.Case = nil
	err := s.decider().Decide(t.Context(), message.NewPaymentRequested("pi_1"), noon)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestADisputeBetweenRulingAndVerdictSendsTheCaseBack(t *testing.T) {
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1", starter))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 50
	s.deliver(t, "goopter", noon.Add(24*time.Hour))
	order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 100}))
	_, err := s.rule(t, "goopter", order, noon.Add(25*time.Hour))
	require.NoError(t, err)
	p := *s.found.Payment
	p.Disputes = map[string]payment.Dispute{"dp_1": {Amount: money.Amount{Currency: "USD", Minor: 100}, Status: payment.DisputeOpen}}
	s.levels(t, p)
	back := s.deliver(t, "goopter", noon.Add(26*time.Hour))
	require.True(t, back.Waiting())
	require.Empty(t, s.found.Payment.Promised)
	replay, err := s.rule(t, "goopter", order, noon.Add(27*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.Opened{Case: back.ID, State: refund.StatePaying, Replayed: true}, replay, "a repeat rules nothing anew")
	require.Nil(t, s.found.Case.Ruling)
	order.Key = "another"
	_, err = s.rule(t, "goopter", order, noon.Add(27*time.Hour))
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{fault.CodeNotPossible, payment.CodeDisputed}, []string{refused.Code, refused.Waits}, "staff are told at once")
}

func TestNoMoreCreditsLeaveThanAreUnspent(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*shelf)
		taken ledger.Credits
	}{
		"all are there":  {func(*shelf) {}, 40},
		"some are spent": {func(s *shelf) { s.found.Wallet.Lots[0].Remaining = 15 }, 15},
		"all are spent":  {func(s *shelf) { s.found.Wallet.Lots = nil }, 0},
		"they joined a lot of which others are spent": {func(s *shelf) {
			s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 150, 120
		}, 20},
	} {
		s := claimed(t, policy.KindAbnormalCharge, granted("pi_1", starter))
		s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 50
		c.spoil(s)
		before := s.found.Wallet.Available(noon)
		s.deliver(t, "goopter", noon.Add(24*time.Hour))
		_, err := s.rule(t, "goopter", approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 400})), noon.Add(25*time.Hour))
		require.NoError(t, err)
		s.deliver(t, "goopter", noon.Add(25*time.Hour))
		require.Equal(t, c.taken, s.found.Payment.Promised[string(s.found.Case.ID)].Credits, name)
		require.Equal(t, before-c.taken, s.found.Wallet.Available(noon.Add(25*time.Hour)), name)
		require.Zero(t, s.found.Wallet.Owed(), "nobody owes what staff gave: %s", name)
		require.Equal(t, c.taken == 0, s.last().Unmoved != nil, name)
	}
}

func TestARepeatIsPaidBackUnaskedOnce(t *testing.T) {
	repay := func(p *payment.Payment) { p.Repay, p.Todo = true, todo.List{todo.StepRefund: noon} }
	unclaimed := func(t *testing.T, spent ledger.Credits) *shelf {
		s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", starter, repeats("pi_0"), repay))
		s.found.Case, s.requests, s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = nil, nil, 50, 50-spent
		s.purchases = []payment.Payment{*granted("pi_0", starter)}
		return s
	}
	s := unclaimed(t, 0)
	made := s.follows(t, 3)
	require.Len(t, s.effects, 1)
	require.Equal(t, refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindDuplicateCharge, "pi_1"), made.ID, "a claim's")
	require.Equal(t, refund.StatePaying, made.State)
	require.Equal(t, ledger.ActorSystem, made.History[0].Actor)
	require.False(t, s.found.Payment.Repay)
	require.Len(t, s.told, 1)
	require.Len(t, s.settling, 1)
	require.Zero(t, s.found.Wallet.Available(noon))

	s = unclaimed(t, 1)
	require.Equal(t, refund.StateInReview, s.follows(t, 2).State, "credits of it are spent")
	require.Len(t, s.effects, 1)
	require.False(t, s.found.Payment.Repay)
	require.Empty(t, s.found.Payment.Promised)

	s = unclaimed(t, 0)
	s.purchases = append(s.purchases, *s.found.Payment) // what was found is not so any more
	s.found.Payment.Repay = false
	require.Equal(t, fault.KindBusy, fault.KindOf(s.decider().Decide(t.Context(), message.NewPaymentRequested("pi_1"), noon)))
	require.Empty(t, s.effects)

	s = claimed(t, policy.KindDuplicateCharge, granted("pi_1", starter, repeats("pi_0"), repay))
	before := *s.found.Case
	require.Equal(t, before, s.follows(t, 2), "a claim was made: that is its case")
	require.False(t, s.found.Payment.Repay)
	require.Empty(t, s.found.Payment.Todo)
}

func TestARepeatThatStaffWantedBackWaitsAgainWhereItsClaimWasDeclined(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", starter, repeats("pi_0"), func(p *payment.Payment) {
		p.Repay, p.Todo = true, todo.List{todo.StepRefund: noon}
		p.Resolutions = []payment.Resolution{{Action: payment.ActionRefund, Reason: payment.ReasonDuplicate, Note: "twice", At: noon}}
	}))
	s.found.Case.State = refund.StateDeclined
	require.Equal(t, refund.StateDeclined, s.follows(t, 2).State, "a verdict stands")
	require.True(t, s.found.Payment.Resolutions[0].Undone)
	require.Equal(t, payment.ReasonDuplicate, s.found.Payment.Waits())
	require.Empty(t, s.found.Payment.Todo)
}

func TestARepeatThatGoesBackForNowIsNotPaidBackTwice(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", starter, repeats("pi_0"), func(p *payment.Payment) {
		p.Repay, p.Todo = true, todo.List{todo.StepRefund: noon}
		moneyBack(p, 1)
	}))
	s.found.Case, s.requests = nil, nil
	require.NoError(t, s.decider().Decide(t.Context(), message.NewPaymentRequested("pi_1"), noon))
	require.Empty(t, s.effects)
	require.True(t, s.found.Payment.Repay, "should that fail, it is")
}
