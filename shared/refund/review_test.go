package refund_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

func (s *shelf) rule(t *testing.T, name string, order refund.RulingOrder, now time.Time) (refund.Opened, error) {
	t.Helper()
	return refund.Reviewer{Store: s, Requests: s, Policy: opened(name)}.Rule(t.Context(), s.found.Case.ID, order, now)
}

func approval(remedy *policy.Remedy) refund.RulingOrder {
	return refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: policy.OutcomeApproved, Remedy: remedy}, Note: "melted indeed", Principal: "staff", Key: "k",
	}
}

func refusal() refund.RulingOrder {
	order := approval(nil)
	order.Ruling.Outcome = policy.OutcomeDeclined
	return order
}

// reviewed returns a shelf of two pictures whose first was reported, and waits for staff under
// photoroom.
func reviewed(t *testing.T) *shelf {
	t.Helper()
	s := made(2)
	require.Equal(t, refund.StateInReview, s.judged(t, "photoroom", time.Hour).State)
	s.told, s.counted = nil, nil
	return s
}

func TestAnApprovalGivesTheOutputsShareBackOnce(t *testing.T) {
	s := reviewed(t)
	answer, err := s.rule(t, "photoroom", approval(nil), noon.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.Opened{Case: s.found.Case.ID, State: refund.StateApproved}, answer)
	require.Equal(t, refund.StateInReview, s.found.Case.State, "recorded, and not carried out yet")
	decided := s.deliver(t, "photoroom", noon.Add(2*time.Hour))
	require.Equal(t, refund.StateApproved, decided.State)
	require.Equal(t, policy.InCredits(4), decided.Decision.Remedy)
	require.Equal(t, "R2", decided.Decision.Clause, "the clause that approves, not the one that sent it to a person")
	require.Equal(t, "refunded", decided.Notice)
	require.Equal(t, &refund.Returned{Restored: 4}, decided.Returned)
	require.Equal(t, refund.Event{At: noon.Add(2 * time.Hour), State: refund.StateApproved, Actor: ledger.ActorStaff, Note: "melted indeed"}, decided.History[2])
	require.Zero(t, decided.ReviewBy)
	effect := s.last()
	require.Equal(t, ledger.Credits(4), effect.Posting.After.Available(noon))
	require.Equal(t, ledger.MovementRefund, effect.Posting.Entries[0].Movement)
	require.Equal(t, string(decided.ID), effect.Posting.Entries[0].Cause.Case)
	require.Equal(t, generation.StateCaptured, effect.Generation.After.State, "the other picture stays spent")
	require.Equal(t, ledger.Credits(4), effect.Generation.After.Refunded)
	require.True(t, effect.Recent.After[0].Refunded)
	require.Len(t, s.told, 1)
}

func TestAGenerationIsRefundedWhenItsLastOutputIs(t *testing.T) {
	s := made(1)
	s.judged(t, "photoroom", time.Hour)
	_, err := s.rule(t, "photoroom", approval(nil), noon.Add(2*time.Hour))
	require.NoError(t, err)
	s.deliver(t, "photoroom", noon.Add(2*time.Hour))
	require.Equal(t, generation.StateRefunded, s.last().Generation.After.State)
}

func TestARefusalMovesNothing(t *testing.T) {
	s := reviewed(t)
	answer, err := s.rule(t, "photoroom", refusal(), noon.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StateDeclined, answer.State)
	decided := s.deliver(t, "photoroom", noon.Add(2*time.Hour))
	require.Equal(t, refund.StateDeclined, decided.State)
	require.Equal(t, "thanks_for_feedback", decided.Notice)
	require.Nil(t, decided.Decision.Remedy)
	require.Nil(t, s.last().Generation)
	require.False(t, s.last().Recent.After[0].Refunded)
}

func TestOnlyTheFirstRulingCountsAndItsRepeatGetsTheFirstAnswer(t *testing.T) {
	s := reviewed(t)
	_, err := s.rule(t, "photoroom", approval(nil), noon.Add(2*time.Hour))
	require.NoError(t, err)
	other := refusal()
	other.Key = "other"
	_, err = s.rule(t, "photoroom", other, noon.Add(2*time.Hour))
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, fault.CodeAlreadyDecided, refused.Code)
	require.Equal(t, string(s.found.Case.ID), refused.Case)
	_, err = s.rule(t, "photoroom", refusal(), noon.Add(2*time.Hour))
	require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	for range 2 {
		again, err := s.rule(t, "photoroom", approval(nil), noon.Add(3*time.Hour))
		require.NoError(t, err)
		require.Equal(t, refund.Opened{Case: s.found.Case.ID, State: refund.StateApproved, Replayed: true}, again)
		s.deliver(t, "photoroom", noon.Add(3*time.Hour))
	}
	require.Empty(t, s.requests, "a repeat after the verdict asks for nothing")
	require.Len(t, s.effects, 2)
}

func TestEveryRulingOfACaseKeepsItsAnswerWhateverCameSince(t *testing.T) {
	s := paying(t)
	s.hears(t, "re_0", payment.RefundFailed)
	s.follows(t, 1)
	given := map[string]refund.RulingOrder{}
	for n, minor := range []int64{300, 200, 100} {
		order := approval(policy.RemedyOf(0, &money.Amount{Currency: "USD", Minor: minor}, ""))
		order.Key, order.By = fmt.Sprint(n), "ann"
		given[order.Key] = order
		_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
		require.NoError(t, err)
		s.deliver(t, "goopter", noon.Add(50*time.Hour))
		s.hears(t, fmt.Sprint("re_", n+1), payment.RefundFailed)
		require.True(t, s.follows(t, 1).Waiting())
	}
	require.Len(t, s.found.Case.Overruled, 4, "with the one before")
	stands, effects := *s.found.Case, len(s.effects)
	for key, order := range given {
		again, err := s.rule(t, "goopter", order, noon.Add(51*time.Hour))
		require.NoError(t, err, key)
		require.Equal(t, refund.Opened{Case: stands.ID, State: refund.StatePaying, Replayed: true}, again, key)
		for name, change := range map[string]func(*refund.RulingOrder){
			"another note":    func(o *refund.RulingOrder) { o.Note = "on second thought" },
			"another outcome": func(o *refund.RulingOrder) { o.Ruling = policy.Ruling{Outcome: policy.OutcomeDeclined} },
			"another remedy": func(o *refund.RulingOrder) {
				o.Ruling.Remedy = policy.InMoney(o.Ruling.Remedy.Money()) // where it goes is said now
			},
		} {
			other := order
			change(&other)
			_, err = s.rule(t, "goopter", other, noon.Add(51*time.Hour))
			require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err), name)
		}
	}
	require.Empty(t, s.requests)
	require.Len(t, s.effects, effects)
	require.Equal(t, stands, *s.found.Case)
	staff := []refund.Event{}
	for _, event := range stands.History {
		if event.Actor == ledger.ActorStaff && event.By == "ann" {
			staff = append(staff, event)
		}
	}
	require.Len(t, staff, 3, "history says who")
}

func TestAfterSoManyRulingsThatDidNotStandACaseCanOnlyBeDeclined(t *testing.T) {
	s := paying(t)
	s.hears(t, "re_0", payment.RefundFailed)
	s.follows(t, 1)
	s.found.Case.Overruled = make([]refund.Ruling, refund.MaxRulings-1)
	approves := func(key string) error {
		order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 100}))
		order.Key = key
		_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
		return err
	}
	require.NoError(t, approves("last"))
	s.deliver(t, "goopter", noon.Add(50*time.Hour))
	s.hears(t, "re_1", payment.RefundFailed)
	s.follows(t, 1)
	require.Equal(t, refund.CodeTooManyRulings, fault.CodeOf(approves("further")))
	require.NoError(t, approves("last"), "a replay is none")
	order := refusal()
	order.Key = "no"
	_, err := s.rule(t, "goopter", order, noon.Add(51*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StateDeclined, s.deliver(t, "goopter", noon.Add(51*time.Hour)).State)
}

func TestACaseThatThePolicyDecidedIsNotStaffs(t *testing.T) {
	s := made(1)
	s.judged(t, "goopter", time.Hour)
	_, err := s.rule(t, "goopter", approval(nil), noon.Add(2*time.Hour))
	require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
	s = made(1)
	_, err = s.file(t, s.reported(0, "k"), noon)
	require.NoError(t, err)
	ctx := t.Context()
	_, err = refund.Reviewer{Store: s, Requests: s, Policy: opened("photoroom")}.Rule(ctx, s.found.Case.ID, approval(nil), noon)
	require.Equal(t, fault.KindBusy, fault.KindOf(err), "in a moment")
	_, err = refund.Reviewer{Store: &shelf{}, Policy: opened("photoroom")}.Rule(ctx, s.found.Case.ID, approval(nil), noon)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestARulingNeverGivesMoreThanWasCharged(t *testing.T) {
	for name, c := range map[string]struct {
		order refund.RulingOrder
		field string
	}{
		"more credits":       {approval(policy.InCredits(5)), "remedy.credits"},
		"no credits":         {approval(policy.RemedyOf(0, nil, "")), "remedy"},
		"money for credits":  {approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 1})), "remedy.money"},
		"a declined remedy":  {refund.RulingOrder{Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined, Remedy: policy.InCredits(1)}, Note: "n"}, "remedy"},
		"no such outcome":    {refund.RulingOrder{Ruling: policy.Ruling{Outcome: "in_review"}, Note: "n"}, "outcome"},
		"no note":            {refund.RulingOrder{Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined}, Note: " "}, "note"},
		"too long a note":    {refund.RulingOrder{Ruling: policy.Ruling{Outcome: policy.OutcomeDeclined}, Note: strings.Repeat("n", 501)}, "note"},
		"fewer than nothing": {approval(policy.InCredits(-1)), "remedy.credits"},
	} {
		s := reviewed(t)
		_, err := s.rule(t, "photoroom", c.order, noon.Add(2*time.Hour))
		var refused *fault.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, fault.KindInvalid, refused.Kind, name)
		require.Equal(t, c.field, refused.Field, name)
		require.Nil(t, s.found.Case.Ruling, name)
	}
}

func TestARulingThatCannotBeIsRefusedBeforeItsCaseIsLookedFor(t *testing.T) {
	order := refusal()
	order.Ruling.Remedy = policy.InCredits(1)
	id := refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindBadResult, "never opened")
	_, err := refund.Reviewer{Store: &shelf{}, Policy: opened("photoroom")}.Rule(t.Context(), id, order, noon)
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	s := made(1)
	s.judged(t, "goopter", time.Hour)
	_, err = s.rule(t, "goopter", order, noon.Add(2*time.Hour))
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

func TestAPartOfAnOutputsCreditsCanBeGivenBack(t *testing.T) {
	s := reviewed(t)
	_, err := s.rule(t, "photoroom", approval(policy.InCredits(3)), noon.Add(2*time.Hour))
	require.NoError(t, err)
	s.deliver(t, "photoroom", noon.Add(2*time.Hour))
	require.Equal(t, ledger.Credits(3), s.last().Posting.After.Available(noon))
	require.Equal(t, ledger.Credits(3), s.last().Generation.After.Refunded)
}

func TestAFailureInReviewEndsItsHoldByTheRuling(t *testing.T) {
	for _, c := range []struct {
		order              refund.RulingOrder
		state              generation.State
		released, captured ledger.Credits
	}{
		{approval(nil), generation.StateReleased, 4, 0},
		{approval(policy.InCredits(1)), generation.StateCaptured, 1, 3},
		{refusal(), generation.StateCaptured, 0, 4},
	} {
		s := failed(generation.CausePlatform)
		decider := refund.Decider{Store: s, Notices: s, Policy: must(unruled())}
		require.NoError(t, decider.Decide(t.Context(), failureRequest(s), noon.Add(time.Second)))
		require.Equal(t, refund.StateInReview, s.found.Case.State)
		require.Equal(t, generation.StateFailed, s.found.Generation.State)
		require.True(t, s.found.Generation.Todo.Has(todo.StepReview))
		_, err := refund.Reviewer{Store: s, Requests: s, Policy: must(unruled())}.Rule(t.Context(), s.found.Case.ID, c.order, noon.Add(time.Hour))
		require.NoError(t, err)
		require.NoError(t, decider.Decide(t.Context(), s.requests[0], noon.Add(time.Hour)))
		after := s.last().Generation.After
		require.Equal(t, c.state, after.State)
		require.Equal(t, c.released, after.Released)
		require.Equal(t, c.captured, after.Captured)
		require.Empty(t, after.Todo)
		require.Nil(t, s.last().Recent, "technical failures never count")
	}
}

func TestARulingThatWhatIsOnRecordForbidsByNowGoesBackToStaff(t *testing.T) {
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1"))
	s.deliver(t, "popcustoms", noon.Add(time.Second))
	require.Equal(t, refund.StateInReview, s.found.Case.State)
	_, err := s.rule(t, "popcustoms", approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 1000})), noon.Add(time.Hour))
	require.NoError(t, err)
	moneyBack(s.found.Payment, 600)
	back := s.deliver(t, "popcustoms", noon.Add(time.Hour))
	require.Equal(t, refund.StateInReview, back.State)
	require.Nil(t, back.Ruling)
	require.Equal(t, *back.Decision.RespondBy, back.ReviewBy)
	require.Equal(t, "melted indeed", back.History[2].Note)
	require.Equal(t, ledger.ActorSystem, back.History[3].Actor)
	require.True(t, back.Todo.Has(todo.StepNotice), "nobody was told of the review yet")
	second := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 400}))
	second.Key = "another"
	answer, err := s.rule(t, "popcustoms", second, noon.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StatePaying, answer.State)
}
