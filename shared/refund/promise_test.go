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
)

// again files a claim of another kind about the shelf's payment and returns the case as goopter
// leaves it.
func (s *shelf) again(t *testing.T, kind policy.Kind) refund.Case {
	t.Helper()
	_, err := refund.Claimer{Store: s, Requests: s}.File(t.Context(), claimOf(kind, "pi_1"), noon.Add(48*time.Hour))
	require.NoError(t, err)
	return s.deliver(t, "goopter", noon.Add(48*time.Hour))
}

func starter(p *payment.Payment) {
	p.Purchase.Package, p.Purchase.Subtotal.Minor, p.Purchase.Paid, p.Clawback.Granted = "starter", 500, 500, 50
}

func TestWhatOneCaseGivesBackOfAPaymentNoOtherDoes(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", starter, repeats("pi_0")))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 50
	s.purchases = []payment.Payment{*granted("pi_0", starter)}
	require.Equal(t, refund.StatePaying, s.deliver(t, "goopter", noon.Add(24*time.Hour)).State)
	require.Equal(t, []message.PaymentUnsettled{message.NewPaymentUnsettled("pi_1")}, s.settling)
	require.Equal(t, "X1", s.again(t, policy.KindNotCredited).Decision.Clause)
	require.Equal(t, "X3", s.again(t, policy.KindAbnormalCharge).Decision.Clause)
	_, err := s.rule(t, "goopter", approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 1})), noon.Add(72*time.Hour))
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	_, err = s.rule(t, "goopter", approval(policy.InCredits(1)), noon.Add(72*time.Hour))
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

func TestCreditsInPlaceOfMoneyAreTheirShareOfIt(t *testing.T) {
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1"))
	s.deliver(t, "popcustoms", noon.Add(24*time.Hour))
	_, err := s.rule(t, "popcustoms", approval(policy.InCredits(50001)), noon.Add(25*time.Hour))
	require.NoError(t, err)
	s.deliver(t, "popcustoms", noon.Add(25*time.Hour))
	require.Equal(t, map[string]payment.Promise{string(s.found.Case.ID): {Minor: 501, Attempts: 1}}, s.found.Payment.Promised, "rounded up")
	require.Empty(t, s.settling, "no provider keeps it")
	require.Equal(t, int64(501), s.found.Payment.RefundTotal())
}

func TestADuplicateOfWhatIsPromisedBackIsNone(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", repeats("pi_0")))
	s.purchases = []payment.Payment{granted("pi_0").Promise("cas_other", payment.Promise{Minor: 1}, noon)}
	require.Equal(t, refund.StateInReview, s.deliver(t, "popcustoms", noon.Add(24*time.Hour)).State)
}

func TestAnUncreditedPurchaseIsCreditedOrPaidBackNeverBoth(t *testing.T) {
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", starter, func(p *payment.Payment) {
		p.State, p.Parked, p.Clawback, p.GrantedAt = payment.StateParked, payment.ReasonWalletFull, ledger.Clawback{}, time.Time{}
	}))
	original := *granted("pi_0", starter)
	s.purchases = []payment.Payment{original}
	s.found.Purchases = payment.Recent{{ID: "pi_0", Package: "starter", Price: original.Purchase.Subtotal, Paid: 500, OrderedAt: noon}}
	require.Equal(t, refund.StatePaying, s.deliver(t, "goopter", noon.Add(24*time.Hour)).State)
	require.Empty(t, s.last().Payment.Posting.Entries, "no credits were given that could leave")
	require.Equal(t, "X1", s.again(t, policy.KindNotCredited).Decision.Clause)
}

func TestARulingThatTheWalletCannotTakeGoesBackToStaff(t *testing.T) {
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1"))
	s.deliver(t, "popcustoms", noon.Add(24*time.Hour))
	_, err := s.rule(t, "popcustoms", approval(policy.InCredits(1)), noon.Add(25*time.Hour))
	require.NoError(t, err)
	for i := range ledger.MaxLots {
		s.found.Wallet.Lots = append(s.found.Wallet.Lots, ledger.Lot{
			ID: ledger.NewLotID("lot", string(rune('a'+i))), Source: ledger.SourcePromotion, Granted: 1, Remaining: 1, GrantedAt: noon,
			ExpiresAt: noon.Add(time.Duration(i+48) * time.Hour),
		})
	}
	back := s.deliver(t, "popcustoms", noon.Add(25*time.Hour))
	require.Equal(t, refund.StateInReview, back.State)
	require.Nil(t, back.Ruling)
	full := approval(policy.InCredits(1))
	full.Key = "once more"
	_, err = s.rule(t, "popcustoms", full, noon.Add(25*time.Hour))
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{fault.CodeNotPossible, ledger.CodeTooManyLots}, []string{refused.Code, refused.Waits}, "what is known to be impossible is refused")
	second := refusal()
	second.Key = "another"
	_, err = s.rule(t, "popcustoms", second, noon.Add(26*time.Hour))
	require.NoError(t, err)
}

func TestACaseIsToldOfItsVerdictNotOfItsReview(t *testing.T) {
	s := claimed(t, policy.KindAbnormalCharge, granted("pi_1"))
	s.deliver(t, "popcustoms", noon.Add(24*time.Hour))
	s.found.Case.NotifiedAt = noon.Add(24 * time.Hour)
	_, err := s.rule(t, "popcustoms", refusal(), noon.Add(25*time.Hour))
	require.NoError(t, err)
	require.Zero(t, s.deliver(t, "popcustoms", noon.Add(25*time.Hour)).NotifiedAt)
}

func TestNoMoneyGoesBackThatNeverCame(t *testing.T) {
	for status, state := range map[payment.Status]refund.State{
		payment.StatusPaid: refund.StatePaying, payment.StatusUnpaid: refund.StateInReview, payment.StatusFailed: refund.StateInReview,
	} {
		t.Run(string(status), func(t *testing.T) {
			s := claimed(t, policy.KindAbnormalCharge, granted("pi_1"))
			require.Equal(t, refund.StateInReview, s.deliver(t, "popcustoms", noon.Add(24*time.Hour)).State)
			_, err := s.rule(t, "popcustoms", approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 1})), noon.Add(25*time.Hour))
			require.NoError(t, err)
			s.found.Payment.Purchase.Status = status // as it is by then
			require.Equal(t, state, s.deliver(t, "popcustoms", noon.Add(25*time.Hour)).State)
			require.Equal(t, state == refund.StatePaying, len(s.found.Payment.Promised) == 1)
			require.Equal(t, state == refund.StatePaying, len(s.settling) == 1)
		})
	}
}

func TestARulingThatTheStateForbidsIsRefusedWithWhatWaits(t *testing.T) {
	minor := int64(1)
	parked := func(reason payment.Reason, more ...func(*payment.Payment)) *payment.Payment {
		return granted("pi_1", append(more, func(p *payment.Payment) {
			p.State, p.Parked, p.Clawback, p.GrantedAt = payment.StateParked, reason, ledger.Clawback{}, time.Time{}
		})...)
	}
	status := func(status payment.Status) func(*payment.Payment) {
		return func(p *payment.Payment) { p.Purchase.Status = status }
	}
	for name, c := range map[string]struct {
		p      *payment.Payment
		waits  string
		detail string
	}{
		"money that has not come": {parked(payment.ReasonUnpaid, status(payment.StatusUnpaid)), "unpaid", "its money has not come"},
		"money that never came":   {granted("pi_1", status(payment.StatusFailed)), "payment_failed", "its money has not come"},
		"a purchase of another's": {granted("pi_1", func(p *payment.Payment) { p.Purchase.Customer = "bob" }), "", "another customer's"},
	} {
		t.Run(name, func(t *testing.T) {
			s := claimed(t, policy.KindAbnormalCharge, c.p)
			s.deliver(t, "popcustoms", noon.Add(24*time.Hour))
			stands := *s.found.Case
			reviewer := refund.Reviewer{Store: s, Requests: s, Policy: opened("popcustoms"), Livemode: new(bool)}
			_, err := reviewer.Rule(t.Context(), stands.ID, approval(policy.InMoney(money.Amount{Currency: "USD", Minor: minor})), noon.Add(25*time.Hour))
			var refused *fault.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []any{fault.KindConflict, fault.CodeNotPossible, c.waits}, []any{refused.Kind, refused.Code, refused.Waits})
			require.Contains(t, refused.Detail, c.detail)
			require.Equal(t, stands, *s.found.Case)
			require.Empty(t, s.requests)
			_, err = reviewer.Rule(t.Context(), stands.ID, refusal(), noon.Add(25*time.Hour))
			require.NoError(t, err, "it can be declined")
		})
	}
}
