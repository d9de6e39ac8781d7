package refund_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
)

// desk answers looks with what it knows.
type desk struct {
	payment.Gateway
	facts []payment.Facts
	err   error
	looks int
}

func (d *desk) Look(context.Context, payment.ID) ([]payment.Facts, error) {
	d.looks++
	return d.facts, d.err
}

// bought is what the provider says of a payment of alice's for goopter's starter.
func bought(edits ...func(*payment.Purchase)) payment.Facts {
	purchase := *granted("pi_1", starter).Purchase
	for _, edit := range edits {
		edit(&purchase)
	}
	return payment.Facts{Payment: "pi_1", Provider: "stripe", Purchase: &purchase}
}

func TestAPurchaseThatNeverArrivedIsAskedForAndCredited(t *testing.T) {
	back := payment.Facts{Payment: "pi_1", Provider: "stripe", RefundID: "re_1", Refund: &payment.Refund{
		Amount: money.Amount{Currency: "USD", Minor: 100}, Status: payment.RefundSucceeded,
	}}
	stranger := bought()
	stranger.Payment = "pi_2"
	onRecord := map[string]payment.State{
		"unpaid": payment.StateParked, "of another price": payment.StateParked, "partly gone back": payment.StateGranted,
	}
	for name, c := range map[string]struct {
		facts   []payment.Facts
		err     error
		state   refund.State
		credits ledger.Credits
	}{
		"paid":                    {[]payment.Facts{bought(), stranger}, nil, refund.StateApproved, 50},
		"nobody knows it":         {nil, nil, refund.StateInReview, 0},
		"of another's":            {[]payment.Facts{bought(func(p *payment.Purchase) { p.Customer = "bob" })}, nil, refund.StateInReview, 0},
		"unpaid":                  {[]payment.Facts{bought(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid })}, nil, refund.StateInReview, 0},
		"of another price":        {[]payment.Facts{bought(func(p *payment.Purchase) { p.Subtotal.Minor = 1 })}, nil, refund.StateInReview, 0},
		"partly gone back":        {[]payment.Facts{back, bought()}, nil, refund.StateDeclined, 0},
		"only a refund is known":  {[]payment.Facts{back}, nil, refund.StateInReview, 0},
		"the provider refuses us": {nil, errors.New("401"), refund.StateInReview, 0},
		"what it says cannot be":  {[]payment.Facts{{Payment: "pi_1", Purchase: &payment.Purchase{}}}, nil, refund.StateInReview, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := claimed(t, policy.KindNotCredited, nil)
			other, asked := &desk{}, &desk{facts: c.facts, err: c.err}
			for _, request := range s.requests {
				require.NoError(t, s.decider(other, asked).Decide(t.Context(), request, noon.Add(24*time.Hour)))
			}
			require.Equal(t, []int{1, 1}, []int{other.looks, asked.looks})
			require.Equal(t, c.state, s.found.Case.State)
			effect := s.last()
			if recorded, known := onRecord[name]; c.credits == 0 && known {
				require.Nil(t, effect.Payment.Read.Payment, "it is created, as its webhook would have")
				require.Equal(t, recorded, effect.Payment.After.State)
				require.Equal(t, recorded == payment.StateParked, effect.Payment.After.Waits() != "")
				return
			} else if c.credits == 0 {
				require.Nil(t, effect.Payment)
				return
			}
			require.Nil(t, effect.Payment.Read.Payment, "it is created")
			require.Equal(t, c.credits, effect.Payment.Posting.After.Available(noon))
			require.Equal(t, payment.ID("pi_1"), effect.Payment.Recent[0].ID)
			for _, request := range s.requests {
				require.NoError(t, s.decider(asked).Decide(t.Context(), request, noon.Add(25*time.Hour)))
			}
			require.Equal(t, 1, asked.looks, "it is on record now")
			require.Len(t, s.effects, 1)
		})
	}
}

func TestAProviderThatIsBusyIsAskedAgainAndOneClaimIsAskedAboutOnce(t *testing.T) {
	s := claimed(t, policy.KindNotCredited, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.decider(&desk{err: fault.Busy(errors.New("429"))}).Decide(ctx, s.requests[0], noon.Add(24*time.Hour))
	require.Equal(t, fault.KindBusy, fault.KindOf(err))
	require.Empty(t, s.effects)
	for _, kind := range []policy.Kind{policy.KindDuplicateCharge, policy.KindNotCredited, policy.KindOutage} {
		s := claimed(t, kind, nil)
		s.stale = 2
		asked := &desk{facts: []payment.Facts{bought()}}
		require.NoError(t, s.decider(asked).Decide(t.Context(), s.requests[0], noon.Add(24*time.Hour)))
		require.Equal(t, 1, asked.looks, "%s, however often its commit is tried", kind)
		require.NotEmpty(t, s.effects)
	}
	s = claimed(t, policy.KindNotCredited, granted("pi_1", starter))
	asked := &desk{}
	require.NoError(t, s.decider(asked).Decide(t.Context(), s.requests[0], noon.Add(24*time.Hour)))
	require.Zero(t, asked.looks, "it is on record")
}

func TestAPurchaseThatIsCreditedLateShowsWhichChargesRepeatIt(t *testing.T) {
	s := claimed(t, policy.KindNotCredited, nil)
	later := *granted("pi_2", starter, func(p *payment.Payment) {
		p.Purchase.PaidAt, p.Purchase.OrderedAt = noon.Add(time.Minute), noon.Add(time.Minute)
	})
	s.purchases = []payment.Payment{later}
	s.found.Purchases = payment.Recent{{ID: "pi_2", Package: "starter", Price: later.Purchase.Subtotal, Paid: 500, OrderedAt: later.Purchase.PaidAt}}
	require.NoError(t, s.decider(&desk{facts: []payment.Facts{bought()}}).Decide(t.Context(), s.requests[0], noon.Add(24*time.Hour)))
	require.Equal(t, refund.StateApproved, s.found.Case.State)
	twins := s.last().Payment.Duplicates
	require.Len(t, twins, 1)
	require.Equal(t, []payment.ID{"pi_1"}, twins[0].DuplicateOf)
	require.Len(t, s.last().Payment.Recent, 2)
}

func TestStaffMayPayAPurchaseBackThatWasNeverCredited(t *testing.T) {
	full := granted("pi_1", starter, func(p *payment.Payment) {
		p.State, p.Parked, p.Clawback, p.GrantedAt = payment.StateParked, payment.ReasonWalletFull, ledger.Clawback{}, time.Time{}
	})
	s := claimed(t, policy.KindAbnormalCharge, full)
	s.deliver(t, "goopter", noon.Add(24*time.Hour))
	_, err := s.rule(t, "goopter", approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 500})), noon.Add(25*time.Hour))
	require.NoError(t, err)
	require.Equal(t, refund.StatePaying, s.deliver(t, "goopter", noon.Add(25*time.Hour)).State)
	require.Equal(t, payment.Promise{Minor: 500, Money: true, Attempts: 1}, s.found.Payment.Promised[string(s.found.Case.ID)])
	require.Equal(t, payment.StateParked, s.found.Payment.State)
	require.Empty(t, s.found.Payment.Waits(), "staff have nothing more to decide")
	require.Len(t, s.settling, 1)
}

func TestAVerdictThatGrantsWritesAPaymentOnceThoughItRestsOnIt(t *testing.T) {
	text := bytes.Replace(minimal, []byte("rules: {}"), []byte("rules:\n  duplicate_charge: [{clause: X1, answer: approved, remedy: {give: purchase_credits, to: balance}}]"), 1)
	text = bytes.Replace(text, []byte("declined: Refunded before."), []byte("declined: Refunded before., approved: Credited."), 1)
	revision, err := policyfile.Parse("credits.yaml", text)
	require.NoError(t, err)
	published, err := policy.New(revision)
	require.NoError(t, err)
	ten := func(p *payment.Payment) {
		p.Purchase.Package, p.Purchase.Subtotal, p.Purchase.Paid = "ten", money.Amount{Currency: "EUR", Minor: 100}, 100
	}
	original := *granted("pi_0", ten)
	s := claimed(t, policy.KindDuplicateCharge, granted("pi_1", ten, func(p *payment.Payment) {
		p.State, p.Parked, p.Clawback = payment.StateParked, payment.ReasonWalletFull, ledger.Clawback{}
	}))
	s.purchases = []payment.Payment{original}
	s.found.Purchases = payment.Recent{{ID: "pi_0", Package: "ten", Price: original.Purchase.Subtotal, Paid: 100, OrderedAt: noon}}
	decider := s.decider()
	decider.Policy = published
	require.NoError(t, decider.Decide(t.Context(), s.requests[0], noon.Add(24*time.Hour)))
	require.Equal(t, payment.StateGranted, s.last().Payment.After.State)
	require.Len(t, s.last().Payment.Duplicates, 1, "paid in one second")
	require.Nil(t, s.last().Original, "it is written, if it is as it was read")
}

func TestAClaimMayNameItsPaymentByTheCheckout(t *testing.T) {
	s := claimed(t, policy.KindNotCredited, nil)
	facts := bought()
	facts.Payment = "pi_9"
	require.NoError(t, s.decider(&desk{facts: []payment.Facts{facts}}).Decide(t.Context(), s.requests[0], noon.Add(24*time.Hour)))
	require.Equal(t, refund.StateApproved, s.found.Case.State)
	require.Equal(t, "pi_9", s.found.Case.Payment)
	require.Equal(t, payment.ID("pi_9"), s.last().Payment.After.ID)
}
