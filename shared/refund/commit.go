package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// commit writes the effect, and returns the decision with what stands after it.
func (d Decider) commit(ctx context.Context, v decision) (decision, error) {
	effect := v.effect.withFinding()
	if err := d.Store.CommitDecision(ctx, effect); err != nil {
		return v, fault.At("refund.Decide: commit "+string(effect.Case.State), string(effect.Case.ID), err)
	}
	if failedAt, ok := effect.released(v.actor); ok && d.Released != nil {
		d.Released(ctx, failedAt)
	}
	v.after = aftermath{c: &effect.Case}
	if effect.Payment != nil {
		v.after.payment = &effect.Payment.After
	}
	return v, nil
}

// released returns when a generation failed whose credits the policy gives back here. Where no
// result came there is no such instant, and what staff decide takes their time.
func (e Effect) released(actor string) (failedAt time.Time, ok bool) {
	if e.Generation == nil || actor != ledger.ActorSystem || e.Generation.Before.State != generation.StateFailed || e.Generation.After.Released == 0 {
		return time.Time{}, false
	}
	return e.Generation.After.Result.FinishedAt, true
}

// send sends what stands after the decision owes: the money first, then the notice. Neither is lost
// where this fails, since the sweep sends what is due.
func (d Decider) send(ctx context.Context, v decision) error {
	if p := v.after.payment; p != nil {
		outbox := payment.Outbox{Settlements: d.Settlements}
		if err := outbox.Send(ctx, *p); err != nil {
			return fault.At("refund.Decide: send settlement", string(p.ID), err)
		}
	}
	c := v.after.c
	if c == nil || len(c.Owed()) == 0 {
		return nil
	}
	return fault.At("refund.Decide: send notice", string(c.ID), d.Notices.Notify(ctx, message.NewRefundDecided(string(c.ID))))
}
