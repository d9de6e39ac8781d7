package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// disputed returns the shelf's payment with a dispute of that many minor units.
func (s *shelf) disputed(minor int64, status payment.DisputeStatus) payment.Payment {
	p := *s.found.Payment
	p.Disputes = map[string]payment.Dispute{"dp_1": {Amount: money.Amount{Currency: "USD", Minor: minor}, Status: status}}
	return p
}

// owed returns the messages that the case owes.
func (s *shelf) owed() (types []refund.MessageType) {
	for _, message := range s.found.Case.Owed() {
		types = append(types, message.Type)
	}
	return types
}

func TestTwoMessagesOfOneCaseNeverShareAnID(t *testing.T) {
	s := paying(t)
	var ids []string
	tell := func() {
		for _, message := range s.found.Case.Owed() {
			require.True(t, s.found.Case.HasDue(message))
			if message.Step() == todo.StepNotice {
				continue
			}
			ids = append(ids, message.Key())
			delete(s.found.Case.Todo, message.Step())
		}
	}
	s.hears(t, "re_1", payment.RefundSucceeded)
	s.follows(t, 1)
	first := s.found.Case.Owed()[1]
	tell()
	s.hears(t, "re_1", payment.RefundFailed)
	s.follows(t, 1)
	tell()
	s.levels(t, s.disputed(500, payment.DisputeLost))
	s.follows(t, 1)
	require.False(t, s.found.Case.HasDue(first), "the money that came first, and went back to the provider")
	tell()
	require.Equal(t, []string{"refund.paid.refunded", "refund.failed.refunded", "refund.paid.refunded.2"}, ids)
	var news []string
	for _, one := range s.found.Case.News() {
		news = append(news, one.Message.Key())
		require.Equal(t, one.At, one.Case.MessageAt(one.Message))
	}
	require.Equal(t, append([]string{"refund.received.in_review", "refund.decided.refunded"}, ids...), news)
}

func TestThatMoneyFailedIsToldThoughARulingOnItCameToNothing(t *testing.T) {
	for name, told := range map[string]bool{"the approval is told": true, "it is not": false} {
		t.Run(name, func(t *testing.T) {
			s := paying(t)
			want := []refund.MessageType{refund.MessageDecided, refund.MessageFailed}
			s.found.Case.NotifiedAt = time.Time{}
			if told {
				want = want[1:]
				s.found.Case.Todo, s.found.Case.NotifiedAt = nil, noon.Add(26*time.Hour)
			}
			s.hears(t, "re_1", payment.RefundFailed)
			s.follows(t, 1)
			require.Equal(t, want, s.owed())
			order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 100}))
			order.Key = "again"
			_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
			require.NoError(t, err)
			require.Equal(t, []refund.MessageType{refund.MessageFailed}, s.owed(), "the ruling's own notice will come")
			s.levels(t, s.disputed(100, payment.DisputeOpen))
			require.True(t, s.deliver(t, "goopter", noon.Add(51*time.Hour)).Waiting())
			require.Equal(t, want, s.owed())
		})
	}
}

func TestMoneyThatComesByHandClosesAnAppealAndIsWhatWasApproved(t *testing.T) {
	s := paying(t)
	s.hears(t, "re_1", payment.RefundFailed)
	s.follows(t, 1)
	order := refusal()
	order.Key = "no"
	_, err := s.rule(t, "goopter", order, noon.Add(50*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StateDeclined, s.deliver(t, "goopter", noon.Add(50*time.Hour)).State)
	d := &drawer{found: s.found.Case}
	_, err = refund.Appealer{Store: d, Policy: opened("goopter"), Requests: d}.Appeal(
		t.Context(), s.found.Case.ID, refund.AppealOrder{Words: "You approved it.", Actor: ledger.ActorCustomer}, noon.Add(51*time.Hour))
	require.NoError(t, err)
	s.found.Case = d.recorded
	require.Nil(t, s.found.Case.Decision.Remedy, "a receipt")

	s.levels(t, s.disputed(500, payment.DisputeLost))
	closed := s.follows(t, 1)
	require.Equal(t, refund.StateClosed, closed.State)
	require.Contains(t, s.owed(), refund.MessagePaid)
	require.Equal(t, int64(400), closed.MoneyBack().Money().Minor)
}
