package payment_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// mishap is what befalls one call for a refund.
type mishap string

const (
	mishapDropped mishap = "accepted, and the answer is lost"
	mishapSaved   mishap = "500, saved under the key"
	mishapTaken   mishap = "500, saved under the key, though it was accepted"
	mishapBusy    mishap = "409 or 429"
	mishapRefused mishap = "refused"
	mishapFails   mishap = "accepted, and failed at once"
	mishapSlow    mishap = "accepted, and pending"
	mishapOther   mishap = "an answer about another payment"
	mishapMute    mishap = "accepted, and the answer names no refund"
	mishapStrange mishap = "accepted, and the answer is about another payment's refund"
	mishapBare    mishap = "accepted, and the answer names neither our case nor our mode"
	mishapUnknown mishap = "the provider does not know us"
)

var errCut = errors.New("cut")

// bank is a provider of one payment of 500 cents. It keeps idempotency keys until it forgets them,
// gives back at most what was paid, and nothing of what is disputed.
type bank struct {
	refunds  map[string]payment.Refund
	dispute  *payment.Dispute
	keys     map[string]func() (payment.Facts, error)
	used     []string // the keys, as they came
	mishaps  []mishap // of the next calls
	looks    int
	blind    int    // so many looks do not show refunds yet
	lookErr  error  // of every look
	between  func() // runs once, while it is being looked
	during   func() // runs once, while it is asked for a refund
	requests []message.RefundRequested
}

func newBank() *bank {
	return &bank{refunds: map[string]payment.Refund{}, keys: map[string]func() (payment.Facts, error){}}
}

func (b *bank) Request(_ context.Context, request message.RefundRequested) error {
	b.requests = append(b.requests, request)
	return nil
}

func (b *bank) Look(_ context.Context, id payment.ID) ([]payment.Facts, error) {
	b.looks++
	if b.lookErr != nil {
		return nil, b.lookErr
	}
	facts := []payment.Facts{{Payment: "pi_1", RefundID: "re_x", Refund: &payment.Refund{Status: "perhaps"}}, paid(), {Payment: "pi_other", RefundedInAll: 7}}
	if b.blind--; b.blind < 0 {
		for _, refund := range slices.Sorted(maps.Keys(b.refunds)) {
			facts = append(facts, b.factsOf(refund))
		}
	}
	if b.dispute != nil {
		facts = append(facts, payment.Facts{Payment: id, Provider: "stripe", DisputeID: "dp_1", Dispute: b.dispute})
	}
	if between := b.between; between != nil {
		b.between = nil
		between()
	}
	return facts, nil
}

func (b *bank) factsOf(refund string) payment.Facts {
	r := b.refunds[refund]
	return payment.Facts{Payment: "pi_1", Provider: "stripe", Event: "evt_" + refund, RefundID: refund, Refund: &r}
}

// gone returns how much of the money is gone or on its way.
func (b *bank) gone() (minor int64) {
	for _, refund := range b.refunds {
		if refund.Counts() {
			minor += refund.Amount.Minor
		}
	}
	return minor
}

func (b *bank) Refund(_ context.Context, order payment.RefundOrder) (payment.Facts, error) {
	b.used = append(b.used, order.Key)
	if during := b.during; during != nil {
		b.during = nil
		during()
	}
	if answer, used := b.keys[order.Key]; used {
		return answer()
	}
	fate := mishap("")
	if len(b.mishaps) > 0 {
		fate, b.mishaps = b.mishaps[0], b.mishaps[1:]
	}
	switch {
	case fate == mishapUnknown:
		return payment.Facts{}, errors.New("401")
	case fate == mishapBusy:
		return payment.Facts{}, fault.Busy(errCut)
	case fate == mishapRefused:
		return payment.Facts{}, fault.Errorf(fault.KindConflict, payment.CodeRefused, "no")
	case b.dispute != nil && b.dispute.Counts():
		return payment.Facts{}, fault.Errorf(fault.KindConflict, payment.CodeDisputed, "disputed")
	case b.gone() == 500:
		return payment.Facts{}, fault.Errorf(fault.KindConflict, payment.CodeAlreadyRefunded, "all is gone")
	case b.gone()+order.Amount.Minor > 500:
		return payment.Facts{}, fault.Errorf(fault.KindConflict, payment.CodeRefused, "more than is left")
	}
	refusal := func() (payment.Facts, error) {
		return payment.Facts{}, fault.Errorf(fault.KindConflict, payment.CodeKeySpent, "500")
	}
	if fate == mishapSaved {
		b.keys[order.Key] = refusal
		return payment.Facts{}, fault.Busy(errCut)
	}
	id := fmt.Sprintf("re_%d", len(b.refunds)+1)
	status := map[mishap]payment.RefundStatus{mishapFails: payment.RefundFailed, mishapSlow: payment.RefundPending}[fate]
	if status == "" {
		status = payment.RefundSucceeded
	}
	b.refunds[id] = payment.Refund{Amount: order.Amount, Status: status, Case: order.Case}
	b.keys[order.Key] = func() (payment.Facts, error) { return b.factsOf(id), nil }
	switch fate {
	case mishapTaken:
		b.keys[order.Key] = refusal
		return payment.Facts{}, fault.Busy(errCut)
	case mishapDropped:
		return payment.Facts{}, fault.Busy(errCut)
	case mishapOther:
		return payment.Facts{Payment: "pi_other", Provider: "stripe"}, nil
	case mishapMute:
		return payment.Facts{Payment: "pi_1", Provider: "stripe"}, nil
	case mishapStrange:
		strange := b.factsOf(id)
		strange.Payment = "pi_other"
		return strange, nil
	case mishapBare:
		bare, other := b.factsOf(id), true
		bare.Livemode, bare.Refund.Case = &other, ""
		return bare, nil
	}
	return b.factsOf(id), nil
}

func (b *bank) becomes(refund string, status payment.RefundStatus) {
	r := b.refunds[refund]
	r.Status = status
	b.refunds[refund] = r
}

func (b *bank) List(context.Context, time.Time, string) (payment.Listing, error) {
	return payment.Listing{}, nil
}

// till is a desk with a bank behind it: alice's paid pi_1, of which 200 cents and 20 credits are
// promised for cas_1.
type till struct {
	*desk
	*bank
	settler payment.Settler
}

func newTill(d *desk) *till {
	b := newBank()
	d.hears(paid())
	d.judges(d.desk1().Promise("cas_1", payment.Promise{Minor: 200, Credits: 20, Money: true}, noon))
	return &till{desk: d, bank: b, settler: payment.Settler{
		Receiver: d.Receiver, Gateways: map[string]payment.Gateway{"stripe": b}, Requests: b,
	}}
}

// desk1 returns pi_1.
func (d *desk) desk1() payment.Payment { return *d.payment("pi_1") }

// settles settles pi_1 until nothing is due, or so often in vain.
func (t *till) settles(times int) error {
	var err error
	for range times {
		if err = t.settler.Settle(context.Background(), "pi_1", noon.Add(time.Minute)); err == nil {
			break
		}
	}
	return err
}

func (t *till) progress() payment.Progress { return t.desk1().Progress("cas_1") }
