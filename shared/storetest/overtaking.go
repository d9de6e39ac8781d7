package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// slow is a provider that answers with the facts, and while it is asked something else happens, once.
type slow struct {
	payment.Gateway
	facts []payment.Facts
	while func()
}

func (s *slow) Look(context.Context, payment.ID) ([]payment.Facts, error) {
	if happens := s.while; happens != nil {
		s.while = nil
		happens()
	}
	return s.facts, nil
}

// overtaken is a store in which something happens after a read of the decider's, once.
type overtaken struct {
	Store
	then func()
}

func (o *overtaken) LoadDecision(ctx context.Context, matter refund.Subject) (refund.Snapshot, error) {
	found, err := o.Store.LoadDecision(ctx, matter)
	if happens := o.then; happens != nil && err == nil {
		o.then = nil
		happens()
	}
	return found, err
}

// fieldOf returns the field that a refusal names.
func fieldOf(err error) string {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	return refusal.Field
}

var overtaking = map[string]func(*testing.T, *World){
	"of two who ask the provider about one claim, the first one's verdict stands": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		paid := w.Paid(w.Payment("a"), alice)
		checkout := payment.ID("cs_" + w.suffix)
		id := w.Claims(policy.KindNotCredited, alice, checkout)
		decide := func(gateway *slow) {
			d := w.Decider()
			d.Gateways = []payment.Gateway{gateway}
			require.NoError(t, again(func() error { return d.Decide(w.ctx(), requested(id), w.Now) }))
		}
		decide(&slow{facts: []payment.Facts{paid}, while: func() { decide(&slow{facts: []payment.Facts{paid}}) }})
		w.WantVerdict(id, refund.StateApproved, "G2.1")
		w.WantAvailable(alice, 50)
		w.WantLaws(alice)
	}),
	"a plain yes to a claim that the webhook overtook gives no credits on top": inGoopter(func(t *testing.T, w *World) {
		alice, paid := w.Customer("alice"), w.Payment("a")
		id := w.Claims(policy.KindNotCredited, alice, paid)
		w.Deliver()
		w.Hears(w.Paid(paid, alice))
		_, err := w.rule(id, w.ruling(policy.OutcomeApproved))
		require.Equal(t, []any{fault.KindInvalid, "remedy"}, []any{fault.KindOf(err), fieldOf(err)})
		w.Rules(id, policy.OutcomeDeclined)
		w.Deliver()
		w.WantAvailable(alice, 50)
	}),
	"a claim that comes too late is credited by what its provider knows, and by a plain yes not once more": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		paid := w.Paid(w.Payment("a"), alice)
		w.Misses(paid)
		w.Pass(31 * 24 * time.Hour)
		id := w.Claims(policy.KindNotCredited, alice, paid.Payment)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "G2.1")
		w.WantAvailable(alice, 50)
		_, err := w.rule(id, w.ruling(policy.OutcomeApproved))
		require.Equal(t, "remedy", fieldOf(err))
	}),
	"what was told while the case followed its money stays told": inGoopter(func(t *testing.T, w *World) {
		_, second, id := twice(w, w.Customer("alice"))
		w.Pays()
		w.Lose()
		d := w.Decider()
		d.Store = &overtaken{Store: w.Store, then: func() { w.Tells(id, w.CaseOf(id).Notice) }}
		require.NoError(t, again(func() error { return d.Decide(w.ctx(), message.NewPaymentRequested(string(second)), w.Now) }))
		closed := w.CaseOf(id)
		require.Equal(t, refund.StateClosed, closed.State)
		require.False(t, closed.Todo.Has(todo.StepNotice))
		require.Equal(t, w.Now, closed.ToldAt)
	}),
}
