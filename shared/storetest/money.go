package storetest

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
)

func (w *World) receiver() payment.Receiver {
	return payment.Receiver{Store: w.Store, Rules: payment.Rules{Catalog: w}}
}

func (w *World) gateways() map[string]payment.Gateway {
	return map[string]payment.Gateway{providerName: w.Provider}
}

func (w *World) outbox() payment.Outbox { return payment.Outbox{Requests: w, Settlements: w} }

// Payer returns the use case that settles payments with their provider.
func (w *World) Payer() payment.Settler {
	return payment.Settler{Receiver: w.receiver(), Gateways: w.gateways(), Requests: w}
}

// Listener returns the use case over the world's store and provider: it lists every ten minutes.
func (w *World) Listener() payment.Listener {
	return payment.Listener{
		Receiver: w.receiver(), Marks: w.Store, Gateways: map[string]payment.Gateway{"listed-" + w.suffix: w.Provider}, // a mark of its own in a shared store
		Outbox: w.outbox(), Every: 10 * time.Minute,
	}
}

// rules is the policy as outages ask it.
func (w *World) rules() (outage.Rules, error) { return refund.OutageRules(w), nil }

// Hears receives what a provider says, and what then is owed is sent.
func (w *World) Hears(facts payment.Facts) payment.Result {
	w.t.Helper()
	w.Misses(facts)
	return w.hears(facts)
}

func (w *World) hears(facts payment.Facts) payment.Result {
	w.t.Helper()
	var result payment.Result
	require.NoError(w.t, again(func() (err error) {
		result, err = w.receiver().Receive(w.ctx(), facts, w.Now)
		return err
	}))
	require.NoError(w.t, w.outbox().Send(w.ctx(), result.Payment))
	return result
}

// Misses lets something happen at the provider that nobody hears of.
func (w *World) Misses(facts payment.Facts) { w.Provider.happens(facts, w.Now) }

// Webhooks brings the events that wait at the provider, and returns how many.
func (w *World) Webhooks() int {
	w.t.Helper()
	brought := w.Provider.brought()
	for _, facts := range brought {
		w.hears(facts)
	}
	return len(brought)
}

// Pays settles every payment that waits for it, and returns how many did. One that the provider kept busy waits for the sweep.
func (w *World) Pays() int {
	w.t.Helper()
	waiting := take(w, &w.unsettled)
	for _, message := range waiting {
		err := again(func() error { return w.Payer().Settle(w.ctx(), payment.ID(message.Payment), w.Now) })
		if err != nil {
			require.Equal(w.t, fault.KindBusy, fault.KindOf(err), "%v", err)
		}
	}
	return len(waiting)
}

// Runs does the pages of outages that wait, and returns how many.
func (w *World) Runs() int {
	w.t.Helper()
	waiting := take(w, &w.runs)
	runner := outage.Runner{Store: w.Store, Rules: w.rules, Requests: w, Runs: w}
	for _, message := range waiting {
		require.NoError(w.t, again(func() error { return runner.Run(w.ctx(), outage.ID(message.Outage), message.Page, w.Now) }))
	}
	return len(waiting)
}

// Looks looks at the claims that wait for downtime, a page for each outage that changed, and returns how many there were.
func (w *World) Looks() int {
	w.t.Helper()
	waiting := take(w, &w.changes)
	looker := refund.Looker{Store: w.Store, Requests: w, Looks: w}
	for _, changed := range waiting {
		require.NoError(w.t, again(func() error { return looker.Look(w.ctx(), changed, w.Now) }))
	}
	return len(waiting)
}

// Drain hands over everything that waits anywhere, until nothing does.
func (w *World) Drain() {
	w.t.Helper()
	for range 100 {
		if w.Deliver()+w.Pays()+w.Webhooks()+w.Runs()+w.Looks() == 0 {
			return
		}
	}
	require.Fail(w.t, "messages for ever")
}

// Listens hears what the provider lists, and returns how many events were missed until then.
func (w *World) Listens() (missed int) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		count, err := w.Listener().Listen(w.ctx(), w.Now)
		missed += count
		return err
	}))
	return missed
}

// resolve gives an order about a payment: for the reason that it waits for, where the resolution names none, under a key of its own.
func (w *World) resolve(id payment.ID, resolution payment.Resolution) (payment.Resolved, error) {
	return w.orders(id, w.about(id, resolution))
}

// about returns the order that resolve gives.
func (w *World) about(id payment.ID, resolution payment.Resolution) payment.Order {
	order := payment.Order{Resolution: resolution, Principal: "staff", Key: w.Key()}
	if order.Note = "looked at it"; order.Reason == "" {
		order.Reason = payment.ReasonRepeated // of a payment that waits for nobody, or is not there
		if found := w.paymentsOf(id); len(found) > 0 {
			order.Reason = cmp.Or(found[0].Waits(), order.Reason)
		}
	}
	return order
}

// resolution returns staff's order about a parked purchase of another price.
func (w *World) resolution(action payment.Action) payment.Order {
	return payment.Order{
		Resolution: payment.Resolution{Action: action, Reason: payment.ReasonWrongAmount, Note: "looked at it", By: "ann"},
		Principal:  "staff:ann", Key: w.Key(),
	}
}

// orders gives the order about a payment.
func (w *World) orders(id payment.ID, order payment.Order) (payment.Resolved, error) {
	resolved, err := commanded(w, "resolution", asResolved, func() (payment.Resolved, error) {
		return w.receiver().Resolve(w.ctx(), id, order, w.Now)
	})
	if err == nil {
		err = w.outbox().Send(w.ctx(), resolved.Payment)
	}
	return resolved, err
}

// Resolves does what staff decide about a payment that waits for them.
func (w *World) Resolves(id payment.ID, resolution payment.Resolution) payment.Payment {
	w.t.Helper()
	resolved, err := w.resolve(id, resolution)
	require.NoError(w.t, err)
	return resolved.Payment
}

// Declares declares that nobody could use the app from started to ended.
func (w *World) Declares(started, ended time.Time) outage.Outage {
	w.t.Helper()
	return w.declares(outage.Declaration{StartedAt: started, EndedAt: &ended, PreventedUse: true, Principal: "staff", Key: w.Key() + w.suffix})
}

func (w *World) declares(declaration outage.Declaration) outage.Outage {
	w.t.Helper()
	made, err := commanded(w, "outage", asDeclared, func() (declared, error) {
		o, replayed, err := w.declarer().Declare(w.ctx(), declaration, w.Now)
		return declared{o, replayed}, err
	})
	require.NoError(w.t, err)
	return made.Outage
}

func (w *World) declarer() outage.Declarer {
	return outage.Declarer{Store: w.Store, Rules: w.rules, Looks: w}
}

// MakesGood starts the run of an outage, in that way.
func (w *World) MakesGood(id outage.ID, give outage.Give) {
	w.t.Helper()
	require.NoError(w.t, w.startsRun(id, give))
}

func (w *World) startsRun(id outage.ID, give outage.Give) error {
	return again(func() error {
		_, _, err := outage.Starter{Store: w.Store, Runs: w}.Start(w.ctx(), id, give, w.Now)
		return err
	})
}

// PaymentOf reads a payment, which must be there.
func (w *World) PaymentOf(id payment.ID) payment.Payment {
	w.t.Helper()
	found := w.paymentsOf(id)
	require.Len(w.t, found, 1, "payment %s", id)
	return found[0]
}

func (w *World) paymentsOf(ids ...payment.ID) (found []payment.Payment) {
	w.t.Helper()
	require.NoError(w.t, again(func() (err error) {
		found, err = w.Store.FindPayments(w.ctx(), ids...)
		return err
	}))
	return found
}

// WaitingPayments reads the payments on a desk, page by page, as far as it is about those.
func (w *World) WaitingPayments(desk payment.Desk, limit int, mine ...payment.ID) []payment.ID {
	w.t.Helper()
	w.Nudge()
	found := []payment.ID{}
	var after *payment.WaitPosition
	for more := true; more; more = after != nil {
		var page []payment.Payment
		require.NoError(w.t, again(func() (err error) {
			var next *payment.WaitPosition
			if page, next, err = w.Store.ListWaiting(w.ctx(), desk, after, limit); err == nil {
				after = next
			}
			return err
		}))
		require.LessOrEqual(w.t, len(page), limit)
		for _, p := range page {
			require.Equal(w.t, desk, p.Desk())
			if slices.Contains(mine, p.ID) {
				found = append(found, p.ID)
			}
		}
	}
	return found
}

// Uses spends the credits of that many pictures.
func (w *World) Uses(customer ledger.CustomerID, pictures int) {
	w.t.Helper()
	for ; pictures > 0; pictures -= 8 {
		w.Settles(w.Starts(customer, min(pictures, 8)), generation.Result{Status: generation.StatusSucceeded, FinishedAt: w.Now})
	}
}
