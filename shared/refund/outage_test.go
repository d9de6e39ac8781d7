package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// hitBy has alice's pi_1 met by an outage of so many hours before noon, whose run began a day
// after.
func hitBy(s *shelf, hours int, prevented bool) message.RefundRequested {
	s.found.Case, s.requests = nil, nil
	s.outages = []outage.Outage{{
		ID: "out_aaaaaaaaaaaaaaaaaaaa", StartedAt: noon.Add(time.Hour), EndedAt: noon.Add(time.Duration(1+hours) * time.Hour),
		PreventedUse: prevented, Run: &outage.Run{Give: outage.GiveMoney, StartedAt: noon.Add(72 * time.Hour)},
	}}
	return message.NewOutageRequested("out_aaaaaaaaaaaaaaaaaaaa", "pi_1")
}

func TestAnOutageMakesACaseOnlyWhereItGivesSomethingOrAPersonMustLook(t *testing.T) {
	whole := func(t *testing.T, edits ...func(*payment.Payment)) *shelf {
		s := claimed(t, policy.KindOutage, granted("pi_1", append(edits, starter)...))
		s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
		return s
	}
	s := whole(t)
	request := hitBy(s, 49, true)
	for range 3 {
		require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)))
	}
	require.Len(t, s.effects, 1)
	require.Equal(t, refund.StatePaying, s.found.Case.State)
	require.Equal(t, "out_aaaaaaaaaaaaaaaaaaaa", s.found.Case.Outage)
	require.Equal(t, noon.Add(72*time.Hour), s.found.Case.OpenedAt, "judged by the instant of the run")
	require.Equal(t, int64(200), s.found.Case.Decision.Remedy.Money().Minor, "20 of 50 credits of 5 USD")
	require.Zero(t, s.found.Wallet.Available(noon))
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	gave := refund.Estimator{Policy: published}.Gave
	require.True(t, gave(*s.found.Payment, "out_aaaaaaaaaaaaaaaaaaaa"))
	require.False(t, gave(*s.found.Payment, "out_bbbbbbbbbbbbbbbbbbbb"))
	require.Len(t, s.settling, 3, "a repeat sends what is owed again")

	for name, c := range map[string]struct {
		shelf *shelf
		hours int
		use   bool
		cases int
	}{
		"too short":             {whole(t), 48, true, 0},
		"it could be used":      {whole(t), 49, false, 0},
		"refunded before":       {whole(t, func(p *payment.Payment) { moneyBack(p, 1) }), 49, true, 0},
		"bought after it ended": {whole(t, func(p *payment.Payment) { p.Purchase.PaidAt = noon.Add(51 * time.Hour) }), 49, true, 0},
		"disputed, and won": {whole(t, func(p *payment.Payment) {
			p.Disputes = map[string]payment.Dispute{"dp_1": {Status: payment.DisputeWon}}
		}), 49, true, 1},
	} {
		request := hitBy(c.shelf, c.hours, c.use)
		require.NoError(t, c.shelf.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)), name)
		require.Len(t, c.shelf.effects, c.cases, name)
	}

	late := func(p *payment.Payment) { p.Purchase.PaidAt = noon.Add(73 * time.Hour) }
	s = whole(t, late)
	request = hitBy(s, 49, true)
	s.outages[0].EndedAt = time.Time{}
	require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)))
	require.Empty(t, s.effects, "bought after the run began, of an outage without an end")
	_, ok := refund.Estimator{Policy: published}.Estimate(*granted("pi_1", starter, late), s.found.Wallet, policy.OutageFacts{StartedAt: noon, PreventedUse: true}, noon.Add(72*time.Hour))
	require.False(t, ok)

	s = whole(t)
	request = hitBy(s, 49, true)
	s.outages[0].Run = nil
	require.Equal(t, fault.KindNotFound, fault.KindOf(s.decider().Decide(t.Context(), request, noon)), "nobody has it run")
	request = hitBy(s, 49, true)
	s.found.Payment.Purchase = nil
	require.NoError(t, s.decider().Decide(t.Context(), request, noon))
	require.Empty(t, s.effects)
	request.Payment = "pi_9"
	require.Equal(t, fault.KindNotFound, fault.KindOf(s.decider().Decide(t.Context(), request, noon)))
}

func TestWhatAnOutageWouldGiveIsEstimatedWithoutACase(t *testing.T) {
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	ended := noon.Add(50 * time.Hour)
	met := policy.OutageFacts{StartedAt: noon.Add(time.Hour), EndedAt: &ended, PreventedUse: true}
	s := claimed(t, policy.KindOutage, granted("pi_1", starter))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
	estimate := refund.Estimator{Policy: published}.Estimate
	gift, ok := estimate(*s.found.Payment, s.found.Wallet, met, noon.Add(72*time.Hour))
	require.True(t, ok)
	require.Equal(t, int64(200), gift.Remedy.Money().Minor)
	require.Equal(t, ledger.Credits(20), gift.Unspent)
	for name, spoil := range map[string]func(*payment.Payment){
		"disputed": func(p *payment.Payment) {
			p.Disputes = map[string]payment.Dispute{"dp_1": {Status: payment.DisputeOpen}}
		},
		"nobody's": func(p *payment.Payment) { p.Purchase = nil },
		"parked":   func(p *payment.Payment) { p.State, p.Purchase.Subtotal.Minor = payment.StateParked, 1 },
		"refunded": func(p *payment.Payment) { moneyBack(p, 1) },
	} {
		gift, ok := estimate(*granted("pi_1", starter, spoil), s.found.Wallet, met, noon.Add(72*time.Hour))
		require.False(t, ok, name)
		require.Zero(t, gift, name)
	}
	lists := refund.Estimator{Policy: published}.Lists
	require.True(t, lists("upscale", noon))
	require.False(t, lists("teleport", noon))
}

func TestAnOutageThatNewerOnesHideIsStillMadeGood(t *testing.T) {
	s := claimed(t, policy.KindOutage, granted("pi_1", starter))
	s.found.Wallet.Lots[0].Granted, s.found.Wallet.Lots[0].Remaining = 50, 20
	request := hitBy(s, 49, true)
	s.outages, s.older = nil, s.outages
	require.NoError(t, s.decider().Decide(t.Context(), request, noon.Add(96*time.Hour)))
	require.Equal(t, refund.StatePaying, s.found.Case.State)
}
