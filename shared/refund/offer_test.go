package refund_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// offeredTo has an outage offered to alice, who has 20 of the 50 credits left that she bought for 5
// USD.
func offeredTo(t *testing.T, edits ...func(*payment.Payment)) (*shelf, message.RefundRequested) {
	s := claimed(t, policy.KindOutage, granted("pi_1", append(edits, starter)...))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
	request := hitBy(s, 49, true)
	s.outages[0].Run.Give = ""
	return s, request
}

func TestARunOffersWhatAClaimWouldGiveAndMovesNothing(t *testing.T) {
	s, request := offeredTo(t)
	at := noon.Add(96 * time.Hour)
	for range 3 {
		require.NoError(t, s.decider().Decide(t.Context(), request, at))
		at = at.Add(time.Hour)
	}
	require.Empty(t, s.effects)
	ended := noon.Add(50 * time.Hour)
	require.Equal(t, outage.Offer{
		ID: outage.NewOfferID("alice", "pi_1", noon.Add(time.Hour)), Customer: "alice", Payment: "pi_1", Outage: "out_aaaaaaaaaaaaaaaaaaaa",
		PaidAt: s.found.Payment.Purchase.PaidAt,
		Met:    policy.OutageFacts{StartedAt: noon.Add(time.Hour), EndedAt: &ended, PreventedUse: true},
		Remedy: *policy.InMoney(money.Amount{Currency: "USD", Minor: 200}),
		Policy: s.offer.Policy, MadeAt: noon.Add(96 * time.Hour), ClaimUntil: s.found.Payment.Purchase.PaidAt.Add(30 * 24 * time.Hour),
		Todo: todo.List{todo.StepOffer: noon.Add(96*time.Hour + todo.Resend)},
	}, *s.offer)
	require.Equal(t, "goopter", s.offer.Policy.Name)
	require.Len(t, s.offered, 3, "a repeat asks again that it be told, while it is not")
	s.offer.Todo = nil
	require.NoError(t, s.decider().Decide(t.Context(), request, at))
	require.Len(t, s.offered, 3)
	require.Equal(t, message.NewOutageOffered(string(s.offer.ID)), s.offered[0])
}

func TestAnOfferMayBeClaimedUntilItsLastInstantAndNoLonger(t *testing.T) {
	for after, clause := range map[time.Duration]string{0: "G2.3", time.Millisecond: "G3.3"} {
		s, request := offeredTo(t)
		require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)))
		at := s.offer.ClaimUntil.Add(after)
		claim := claimOf(policy.KindOutage, string(s.offer.Payment))
		claim.Outage = s.offer.Outage
		_, err := refund.Claimer{Store: s, Requests: s}.File(t.Context(), claim, at)
		require.NoError(t, err)
		require.Equal(t, clause, s.deliver(t, "goopter", at).Decision.Clause)
	}
}

func TestNothingIsOfferedThatAClaimWouldNotGive(t *testing.T) {
	for name, spoil := range map[string]func(s *shelf){
		"too short":     func(s *shelf) { s.outages[0].EndedAt = noon.Add(49 * time.Hour) },
		"could be used": func(s *shelf) { s.outages[0].PreventedUse = false },
		"refunded":      func(s *shelf) { moneyBack(s.found.Payment, 1) },
		"nobody's":      func(s *shelf) { s.found.Payment.Purchase = nil },
		"not recorded": func(s *shelf) {
			s.found.Payment.State, s.found.Payment.Purchase.Subtotal.Minor = payment.StateParked, 1
		},
		"all spent":  func(s *shelf) { s.found.Wallet.Lots[0].Remaining = 0 },
		"terminated": func(s *shelf) { s.found.Wallet.Standing = ledger.StandingTerminated },
		"in dispute": func(s *shelf) {
			s.found.Payment.Disputes = map[string]payment.Dispute{"dp_1": {Status: payment.DisputeOpen, Amount: money.Amount{Currency: "USD", Minor: 1}}}
		},
		"bought after the run began": func(s *shelf) { s.found.Payment.Purchase.PaidAt = noon.Add(72*time.Hour + time.Millisecond) },
		"claimed already": func(s *shelf) {
			subject := "pi_1/out_aaaaaaaaaaaaaaaaaaaa"
			s.found.Case = &refund.Case{ID: refund.NewCaseID(ledger.CustomerID("alice").Key(), policy.KindOutage, subject), Customer: "alice", State: refund.StateReceived}
		},
	} {
		s, request := offeredTo(t)
		s.outages[0].EndedAt = noon.Add(50 * time.Hour)
		spoil(s)
		require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)), name)
		require.Nil(t, s.offer, name)
		require.Empty(t, s.effects, name)
		require.Empty(t, s.offered, name)
	}
	s, request := offeredTo(t, func(p *payment.Payment) { p.Purchase.PaidAt = noon.Add(73 * time.Hour) })
	s.outages[0].EndedAt = time.Time{} // it goes on
	require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(200*time.Hour)))
	require.Nil(t, s.offer)
}

// leaky is a shelf whose offers fail so often before they are written, then so often after.
type leaky struct {
	*shelf
	before, after int
}

func (l *leaky) MakeOffer(ctx context.Context, offer outage.Offer) (*outage.Offer, error) {
	if l.before > 0 {
		l.before--
		return nil, fault.Busy(errors.New("not written"))
	}
	stands, err := l.shelf.MakeOffer(ctx, offer)
	if l.after > 0 {
		l.after--
		return nil, fault.Busy(errors.New("written, and not answered"))
	}
	return stands, err
}

func TestAnOfferWhoseAnswerWasLostIsToldOnce(t *testing.T) {
	s, request := offeredTo(t)
	decider := s.decider()
	decider.Store = &leaky{s, 2, 2}
	require.NoError(t, decider.Decide(t.Context(), request, noon.Add(96*time.Hour)))
	require.NotNil(t, s.offer)
	require.Len(t, s.offered, 1)
}

func TestARunGivesCreditsForTheMoneyThatItDoesNotGive(t *testing.T) {
	s, request := offeredTo(t)
	s.outages[0].Run.Give = outage.GiveCredits
	for range 2 {
		require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)))
	}
	require.Len(t, s.effects, 1)
	require.Equal(t, refund.StateApproved, s.found.Case.State)
	require.Equal(t, policy.InCredits(20), s.found.Case.Decision.Remedy)
	require.Equal(t, ledger.Credits(40), s.found.Wallet.Available(noon.Add(96*time.Hour)), "what was left stays")
	require.Equal(t, int64(200), s.found.Payment.RefundTotal())
	require.Nil(t, s.offer)
}
