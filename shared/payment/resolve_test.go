package payment_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/todo"
)

// resolves resolves pi_1 with a note, an hour after noon.
func (d *desk) resolves(action payment.Action, edits ...func(*payment.Order)) (payment.Payment, error) {
	answer, err := d.orders(action, edits...)
	return answer.Answer, err
}

// orders gives staff's order about pi_1: for the reason that it waits for, else the last one that
// such an order was for; the same order has the same key.
func (d *desk) orders(action payment.Action, edits ...func(*payment.Order)) (payment.Resolved, error) {
	order := payment.Order{Resolution: payment.Resolution{Action: action, Note: "seen", By: "operator"}, Principal: "staff:operator"}
	if p := d.payment("pi_1"); p != nil {
		for _, r := range p.Resolutions {
			if r.Action == action {
				order.Reason = r.Reason
			}
		}
		order.Reason = cmp.Or(p.Waits(), order.Reason, payment.ReasonUnpaid)
	}
	for _, edit := range edits {
		edit(&order)
	}
	order.Key = cmp.Or(order.Key, fmt.Sprint(action, order.Reason, strings.TrimSpace(order.Note), order.Customer, order.Package))
	return d.Resolve(context.Background(), "pi_1", order, noon.Add(time.Hour))
}

// sameAnswer reports whether two payments look the same to staff: what a payment owes is not theirs
// to see.
func sameAnswer(first, again payment.Payment) bool {
	for _, p := range []*payment.Payment{&first, &again} {
		p.Todo, p.Attempts, p.KnownAt = nil, 0, nil
	}
	return first.Equal(again)
}

func forCustomer(customer ledger.CustomerID) func(*payment.Order) {
	return func(r *payment.Order) { r.Customer = customer }
}

func asPackage(name string) func(*payment.Order) {
	return func(r *payment.Order) { r.Package = name }
}

func TestStaffGrantWhatIsParkedForAnyReasonThatTheyCanVouchFor(t *testing.T) {
	live := true
	for reason, c := range map[payment.Reason]struct {
		spoil   func(*payment.Purchase)
		edits   []func(*payment.Order)
		without string // the field that is at fault without them
	}{
		payment.ReasonWrongAmount:       {func(p *payment.Purchase) { p.Subtotal.Minor = 1 }, nil, ""},
		payment.ReasonWrongCurrency:     {func(p *payment.Purchase) { p.Subtotal.Currency = "CAD" }, nil, ""},
		payment.ReasonWrongMode:         {func(p *payment.Purchase) { p.Livemode = &live }, nil, ""},
		payment.ReasonUnpaid:            {func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }, nil, ""},
		payment.ReasonNoPaymentRequired: {func(p *payment.Purchase) { p.Status, p.Paid = payment.StatusNotRequired, 0 }, nil, ""},
		payment.ReasonNoCustomer:        {func(p *payment.Purchase) { p.Customer = "" }, with(forCustomer("alice")), "customer"},
		payment.ReasonUnknownPackage:    {func(p *payment.Purchase) { p.Package = "gold" }, with(asPackage("starter")), "package"},
	} {
		t.Run(string(reason), func(t *testing.T) {
			d := newDesk(t)
			d.Rules.Livemode = new(bool)
			d.hears(paid(c.spoil))
			require.Equal(t, reason, d.payment("pi_1").Waits())
			if c.without != "" {
				_, err := d.resolves(payment.ActionGrant)
				require.Equal(t, []any{fault.KindInvalid, c.without}, kindAndField(t, err))
			}
			grant, err := d.resolves(payment.ActionGrant, c.edits...)
			require.NoError(t, err)
			require.Equal(t, payment.StateGranted, grant.State)
			require.Equal(t, reason, grant.Resolutions[0].Reason)
			require.Empty(t, grant.Waits())
			d.wants(t, 50, 0, 50, 0)
			again, err := d.resolves(payment.ActionGrant, append(c.edits, func(r *payment.Order) { r.Note = " seen\n" })...)
			require.NoError(t, err, "a replay")
			require.True(t, sameAnswer(grant, again))
			_, err = d.resolves(payment.ActionIgnore)
			require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
			d.hears(paid(c.spoil), refunded("re_1", 250, payment.RefundSucceeded))
			d.wants(t, 50-d.payment("pi_1").Clawback.Total(), 0, 50, d.payment("pi_1").Clawback.Total())
		})
	}
}

func kindAndField(t *testing.T, err error) []any {
	t.Helper()
	var refusal *fault.Error
	require.ErrorAs(t, err, &refusal)
	return []any{refusal.Kind, refusal.Field}
}

func TestAResolutionThatCannotBeIsRefusedByItsField(t *testing.T) {
	for field, edit := range map[string]func(*payment.Order){
		"waits":     func(r *payment.Order) { r.Reason = "" },
		"action":    func(r *payment.Order) { r.Action = "shrug" },
		"note":      func(r *payment.Order) { r.Note = " " },
		"note ":     func(r *payment.Order) { r.Note = strings.Repeat("é", payment.MaxNote+1) },
		"customer":  func(r *payment.Order) { r.Action, r.Customer = payment.ActionIgnore, "alice" },
		"customer ": func(r *payment.Order) { r.Customer = "a customer" },
		"package":   func(r *payment.Order) { r.Action, r.Package = payment.ActionRefund, "starter" },
		"package ":  func(r *payment.Order) { r.Package = strings.Repeat("p", 129) },
	} {
		d := newDesk(t)
		d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }))
		_, err := d.resolves(payment.ActionGrant, edit)
		require.Equal(t, []any{fault.KindInvalid, strings.TrimSpace(field)}, kindAndField(t, err), field)
	}
	for name, edit := range map[string]func(*payment.Order){
		"the longest note":    func(r *payment.Order) { r.Note = strings.Repeat("é", payment.MaxNote) },
		"the longest package": func(r *payment.Order) { r.Package = strings.Repeat("é", 128) },
	} {
		require.NoError(t, func() error {
			r := payment.Order{Resolution: payment.Resolution{Action: payment.ActionGrant, Reason: payment.ReasonUnpaid, Note: "seen"}}
			edit(&r)
			return r.Validate()
		}(), name)
	}
	d := newDesk(t)
	for _, id := range []payment.ID{"pi_1", "", "p 1"} {
		_, err := d.Resolve(context.Background(), id, payment.Order{Resolution: payment.Resolution{Action: payment.ActionIgnore, Reason: payment.ReasonUnpaid, Note: "n"}}, noon)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	}
}

func TestAGrantThatDoesNotFitThePurchaseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*payment.Purchase)
		edit  func(*payment.Order)
		field string
	}{
		"another customer than is named": {func(p *payment.Purchase) { p.Subtotal.Minor = 1 }, forCustomer("bob"), "customer"},
		"another package than is named":  {func(p *payment.Purchase) { p.Subtotal.Minor = 1 }, asPackage("monthly"), "package"},
		"a package that was not sold":    {func(p *payment.Purchase) { p.Package = "gold" }, asPackage("new"), "package"},
	} {
		d := newDesk(t)
		d.hears(paid(c.spoil))
		_, err := d.resolves(payment.ActionGrant, c.edit)
		require.Equal(t, []any{fault.KindInvalid, c.field}, kindAndField(t, err), name)
		require.Empty(t, d.payment("pi_1").Resolutions)
	}
	d := newDesk(t)
	d.hears(paid())
	_, err := d.resolves(payment.ActionGrant)
	require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err), "it waits for nobody")
}

func TestAGrantIntoAFullWalletIsRefusedUntilThereIsRoom(t *testing.T) {
	d := newDesk(t)
	d.wallets["alice"] = full(t)
	d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }))
	_, err := d.resolves(payment.ActionGrant)
	require.Equal(t, []any{fault.KindConflict, string(payment.ReasonWalletFull)}, []any{fault.KindOf(err), fault.CodeOf(err)})
	require.Equal(t, payment.ReasonWrongAmount, d.payment("pi_1").Waits(), "it waits as before")
	d.wallets["alice"] = ledger.Wallet{Customer: "alice"}
	_, err = d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	d.wants(t, 50, 0, 50, 0)
}

func TestAGrantOfWhatWentBackByHalfGivesTheOtherHalf(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }), refunded("re_1", 250, payment.RefundSucceeded))
	_, err := d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	d.wants(t, 25, 0, 50, 25)
}

func TestMoneyThatStaffWantBackIsPromisedOnceAndComesUpAgainWhenItDoesNotGo(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }), refunded("re_1", 100, payment.RefundSucceeded))
	p, err := d.resolves(payment.ActionRefund)
	require.NoError(t, err)
	require.Len(t, p.Due(), 1)
	res := p.Due()[0]
	require.True(t, strings.HasPrefix(res, "res_"))
	require.Equal(t, payment.Promise{Minor: 400, Money: true, Attempts: 1}, p.Promised[res])
	require.Empty(t, p.Waits())
	require.Equal(t, []todo.Step{todo.StepPay}, d.owes())
	again, err := d.resolves(payment.ActionRefund)
	require.NoError(t, err)
	require.True(t, sameAnswer(p, again), "a replay")
	_, err = d.resolves(payment.ActionGrant)
	require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
	d.hears(paid())
	d.wants(t, 0, 0, 0, 0) // its money goes back: nothing is granted any more

	fails := func(id string) {
		f := refunded(id, 400, payment.RefundFailed)
		f.Refund.Case = res
		d.hears(f)
	}
	fails("re_2")
	require.Equal(t, payment.ReasonNotRefunded, d.payment("pi_1").Waits())
	require.Empty(t, d.owes(), "it has no case that would follow")
	d.wants(t, 0, 0, 0, 0)
	p, err = d.resolves(payment.ActionRefund)
	require.NoError(t, err, "no replay: they are asked again")
	require.Equal(t, 1, p.Promised[res].Keys)
	require.Equal(t, []string{res}, p.Due())
	require.Empty(t, p.Waits())
	fails("re_3")
	require.Equal(t, payment.ReasonNotRefunded, d.payment("pi_1").Waits())
	p, err = d.resolves(payment.ActionIgnore)
	require.NoError(t, err)
	require.Empty(t, p.Waits())
	require.Equal(t, payment.StateParked, p.State)
}

func TestWhatCouldNotBePaidBackCanBeGrantedInstead(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 }))
	p, err := d.resolves(payment.ActionRefund)
	require.NoError(t, err)
	back := refunded("re_1", 500, payment.RefundFailed)
	back.Refund.Case = p.Due()[0]
	d.hears(back, paid())
	d.wants(t, 0, 0, 0, 0) // staff wanted it back: no later fact grants it
	_, err = d.resolves(payment.ActionGrant)
	require.NoError(t, err)
	d.wants(t, 50, 0, 50, 0)
	require.Empty(t, d.payment("pi_1").Waits())
	ghost := refunded("re_2", 250, payment.RefundSucceeded)
	ghost.Refund.Case = back.Refund.Case
	d.hears(ghost)
	d.wants(t, 25, 0, 50, 25)
}

func TestNoMoneyIsGivenBackThatABankHoldsOrThatIsGone(t *testing.T) {
	wrong := paid(func(p *payment.Purchase) { p.Subtotal.Minor = 1 })
	d := newDesk(t)
	d.hears(wrong, disputed("dp_1", 100, payment.DisputeOpen))
	_, err := d.resolves(payment.ActionRefund)
	require.Equal(t, payment.CodeDisputed, fault.CodeOf(err))
	d.hears(disputed("dp_1", 100, payment.DisputeWon))
	_, err = d.resolves(payment.ActionRefund)
	require.NoError(t, err)

	for _, spoil := range []func(*payment.Purchase){
		func(p *payment.Purchase) { p.Status, p.Paid = payment.StatusNotRequired, 0 },
		func(p *payment.Purchase) { p.Status = payment.StatusUnpaid },
	} {
		d = newDesk(t)
		d.hears(paid(spoil))
		_, err = d.resolves(payment.ActionRefund)
		require.Equal(t, []any{fault.KindInvalid, "action"}, kindAndField(t, err))
	}
}

func TestWhatStaffLeaveUnpaidIsStillGrantedOnceItIsPaid(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(func(p *payment.Purchase) { p.Status = payment.StatusUnpaid }))
	answer, err := d.resolves(payment.ActionIgnore)
	require.NoError(t, err)
	require.Empty(t, answer.Waits())
	d.hears(paid())
	d.wants(t, 50, 0, 50, 0)
}

func TestStaffPayARepeatBackByItsCaseOrLeaveIt(t *testing.T) {
	repeated := func() *desk {
		d := repeatDesk(t, false)
		d.hears(buys("pi_0", time.Minute), buys("pi_1", 0))
		return d
	}
	d := repeated()
	p, err := d.resolves(payment.ActionRefund)
	require.NoError(t, err)
	require.True(t, p.Repay)
	require.Equal(t, []todo.Step{todo.StepRefund}, d.owes())
	require.Empty(t, p.Waits())
	d.judges(p.ClearRepay(noon))
	require.Empty(t, d.payment("pi_1").Waits(), "the case says how it went")
	again, err := d.orders(payment.ActionRefund)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.True(t, again.Answer.Repay, "as it was answered first")
	require.False(t, again.Payment.Repay)

	d = repeated()
	_, err = d.resolves(payment.ActionGrant)
	require.Equal(t, []any{fault.KindInvalid, "action"}, kindAndField(t, err))
	p, err = d.resolves(payment.ActionIgnore)
	require.NoError(t, err)
	require.Empty(t, p.Waits())
	require.Equal(t, payment.ReasonDuplicate, p.Resolutions[0].Reason)
	_, err = d.resolves(payment.ActionRefund)
	require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
}

func TestAGrantThatIsReplayedAfterTheChargeProvedARepeatIsStillOne(t *testing.T) {
	d := repeatDesk(t, false)
	d.hears(buys("pi_0", time.Minute), buys("pi_1", 0, func(p *payment.Purchase) { p.Subtotal.Minor = 501 }))
	granting := func(r *payment.Order) { r.Key, r.Reason = "key", payment.ReasonWrongAmount }
	_, err := d.resolves(payment.ActionGrant, granting)
	require.NoError(t, err)
	d.hears(buys("pi_2", time.Second, func(p *payment.Purchase) { p.Subtotal.Minor = 501 }))
	require.Empty(t, d.payment("pi_1").DuplicateOf, "pi_2 is parked: another price than the package's")
	d.put(func() payment.Payment {
		p := *d.payment("pi_1")
		p.DuplicateOf, p.Duplicate = []payment.ID{"pi_0"}, true
		return p
	}())
	require.Equal(t, payment.ReasonDuplicate, d.payment("pi_1").Waits())
	_, err = d.resolves(payment.ActionGrant, granting)
	require.NoError(t, err)
	_, err = d.resolves(payment.ActionGrant, func(r *payment.Order) { r.Note = "another" })
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

func TestWhatIsIgnoredComesUpAgainForAnotherReason(t *testing.T) {
	d := newDesk(t)
	d.hears(paid(), refunded("re_1", 300, payment.RefundSucceeded), disputed("dp_1", 300, payment.DisputeOpen))
	require.Equal(t, payment.ReasonOverRefunded, d.payment("pi_1").Waits())
	_, err := d.resolves(payment.ActionRefund)
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	_, err = d.resolves(payment.ActionIgnore)
	require.NoError(t, err)
	require.Empty(t, d.payment("pi_1").Waits())
	p := *d.payment("pi_1")
	p.Parked = payment.ReasonNotClawedBack
	require.Equal(t, payment.ReasonNotClawedBack, p.Waits())
}
