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

// receiver returns the use case over the world's store and catalog.
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

// Listener returns the use case over the world's store and provider. It polls every ten minutes.
func (w *World) Listener() payment.EventPoller {
	return payment.EventPoller{
		// The store may be shared, so each world has a poll state of its own.
		Receiver: w.receiver(), PollStates: w.Store, Gateways: map[string]payment.Gateway{"listed-" + w.suffix: w.Provider},
		Outbox: w.outbox(), Every: 10 * time.Minute,
	}
}

// estimator returns the policy as outages ask it.
func (w *World) estimator() outage.Estimator { return refund.Estimator{Policy: w} }

// Receives makes the facts happen at the provider and receives them, and sends what is then due.
func (w *World) Receives(facts payment.Facts) payment.Result {
	w.t.Helper()
	w.Misses(facts)
	return w.receive(facts)
}

// receive receives the facts and sends what is then due.
func (w *World) receive(facts payment.Facts) payment.Result {
	w.t.Helper()
	result := read(w, func() (payment.Result, error) { return w.receiver().Receive(w.ctx(), facts, w.Now) })
	require.NoError(w.t, w.outbox().Send(w.ctx(), result.Payment))
	// Send after the commit, as the function does: a message that is lost here is sent again by the
	// sweep.
	return result
}

// Misses makes the facts happen at the provider without a webhook.
func (w *World) Misses(facts payment.Facts) { w.Provider.Happens(facts, w.Now) }

// Webhooks delivers the events that wait at the provider, and returns how many.
func (w *World) Webhooks() int {
	w.t.Helper()
	brought := w.Provider.bring()
	// They are delivered in the order in which they happened; the laws shuffle them.
	for _, facts := range brought {
		w.receive(facts)
	}
	return len(brought)
}

// Pays settles every payment whose message waits, and returns how many did. A payment that the
// provider kept busy waits for the sweep.
func (w *World) Pays() int {
	w.t.Helper()
	// Messages that this round sends wait for the next call, as on a queue.
	batch := take(w, &w.unsettled)
	for _, message := range batch {
		err := again(func() error { return w.Payer().Settle(w.ctx(), payment.ID(message.Payment), w.Now) })
		if err != nil {
			require.Equal(w.t, fault.KindBusy, fault.KindOf(err), "%v", err)
		}
	}
	return len(batch)
}

// Runs does the pages of outage runs whose messages wait, and returns how many.
func (w *World) Runs() int {
	w.t.Helper()
	// Take the batch first: each page sends the message of the next one.
	batch := take(w, &w.runs)
	runner := outage.Runner{Store: w.Store, Estimator: w.estimator(), Requests: w, Runs: w}
	for _, message := range batch {
		require.NoError(w.t, again(func() error { return runner.Run(w.ctx(), outage.ID(message.Outage), message.Page, w.Now) }))
	}
	return len(batch)
}

// Looks decides again the claims that wait for downtime, a page for each outage that changed, and
// returns how many messages there were.
func (w *World) Looks() int {
	w.t.Helper()
	// One page of claims for each message, and each page sends the next.
	batch := take(w, &w.changes)
	looker := refund.Looker{Store: w.Store, Requests: w, Looks: w}
	for _, message := range batch {
		require.NoError(w.t, again(func() error { return looker.Look(w.ctx(), message, w.Now) }))
	}
	return len(batch)
}

// Drain delivers every message that waits anywhere, until none does.
func (w *World) Drain() {
	w.t.Helper()
	// One delivery may send more messages. A hundred rounds are more than any story needs, so more
	// are a loop.
	for range 100 {
		if w.Deliver()+w.Pays()+w.Webhooks()+w.Runs()+w.Looks() == 0 {
			return
		}
	}
	require.Fail(w.t, "messages for ever")
}

// Polls polls the provider, and returns how many events were missed until then.
func (w *World) Polls() (total int) {
	w.t.Helper()
	require.NoError(w.t, again(func() error {
		count, err := w.Listener().Poll(w.ctx(), w.Now)
		// A poll that was cut off by a fault has received some events already, which count.
		total += count
		return err
	}))
	return total
}

// resolve orders a resolution of a payment under a key of its own. Where the resolution names no
// reason, it takes the one that the payment waits for.
func (w *World) resolve(id payment.ID, resolution payment.Resolution) (payment.Resolved, error) {
	return w.orders(id, w.about(id, resolution))
}

// about returns the order that resolve gives.
func (w *World) about(id payment.ID, resolution payment.Resolution) payment.Order {
	order := payment.Order{Resolution: resolution, Principal: "staff", Key: w.Key()}
	// The order must name the reason that staff saw, else it is refused as stale.
	if order.Note = "looked at it"; order.Reason == "" {
		order.Reason = payment.ReasonDuplicate // of a payment that waits for nobody, or is not there
		if payments := w.paymentsOf(id); len(payments) > 0 {
			order.Reason = cmp.Or(payments[0].Waits(), order.Reason)
		}
	}
	return order
}

// resolution returns staff's order about a parked purchase at another price.
func (w *World) resolution(action payment.Action) payment.Order {
	return payment.Order{
		Resolution: payment.Resolution{Action: action, Reason: payment.ReasonWrongAmount, Note: "looked at it", By: "ann"},
		Principal:  "staff:ann", Key: w.Key(),
	}
}

// orders gives the order about a payment, and sends what is then due.
func (w *World) orders(id payment.ID, order payment.Order) (payment.Resolved, error) {
	result, err := commanded(w, "resolution", asResolved, func() (payment.Resolved, error) {
		return w.receiver().Resolve(w.ctx(), id, order, w.Now)
	})
	// The answer is the commit's. What is due goes out after it, as the function does it.
	if err == nil {
		err = w.outbox().Send(w.ctx(), result.Payment)
	}
	return result, err
}

// Resolves has staff resolve a payment that waits for them.
func (w *World) Resolves(id payment.ID, resolution payment.Resolution) payment.Payment {
	w.t.Helper()
	result, err := w.resolve(id, resolution)
	require.NoError(w.t, err)
	return result.Payment
}

// Declares declares that nobody could use the app between the two instants.
func (w *World) Declares(start, end time.Time) outage.Outage {
	w.t.Helper()
	return w.declares(outage.Declaration{StartedAt: start, EndedAt: &end, PreventedUse: true, Principal: "staff", Key: w.Key() + w.suffix})
}

func (w *World) declares(declaration outage.Declaration) outage.Outage {
	w.t.Helper()
	result, err := commanded(w, "outage", asDeclared, func() (declared, error) {
		// The estimate that the declaration answers with is part of what its replay must repeat.
		o, replay, err := w.declarer().Declare(w.ctx(), declaration, w.Now)
		return declared{o, replay}, err
	})
	require.NoError(w.t, err)
	return result.Outage
}

func (w *World) declarer() outage.Declarer {
	return outage.Declarer{Store: w.Store, Estimator: w.estimator(), Looks: w}
}

// MakesGood starts the run of an outage, which gives in that way.
func (w *World) MakesGood(id outage.ID, give outage.Give) {
	w.t.Helper()
	require.NoError(w.t, w.startsRun(id, give))
}

func (w *World) startsRun(id outage.ID, give outage.Give) error {
	return again(func() error {
		_, _, err := outage.Starter{Store: w.Store, Runs: w}.Start(w.ctx(), id, give, "operator", w.Now)
		return err
	})
}

// PaymentOf returns a payment, which must exist.
func (w *World) PaymentOf(id payment.ID) payment.Payment {
	w.t.Helper()
	payments := w.paymentsOf(id)
	require.Len(w.t, payments, 1, "payment %s", id)
	return payments[0]
}

func (w *World) paymentsOf(ids ...payment.ID) []payment.Payment {
	w.t.Helper()
	// An unknown payment is no error here, so that callers can ask before it has come.
	return read(w, func() ([]payment.Payment, error) { return w.Store.FindPayments(w.ctx(), ids...) })
}

// WaitingPayments returns those of the payments that are in staff's list of that name, page by
// page.
func (w *World) WaitingPayments(list payment.ReviewQueue, limit int, mine ...payment.ID) []payment.ID {
	w.t.Helper()
	// The list may lag by one write.
	w.Nudge()
	ids := []payment.ID{}
	var after *payment.WaitPosition
	// Other tests' payments are in the list too, so the pages are walked to the end.
	for more := true; more; more = after != nil {
		var page []payment.Payment
		require.NoError(w.t, again(func() (err error) {
			var next *payment.WaitPosition
			if page, next, err = w.Store.ListWaiting(w.ctx(), list, after, limit); err == nil {
				after = next
			}
			return err
		}))
		require.LessOrEqual(w.t, len(page), limit)
		for _, p := range page {
			_, in := p.PositionIn(list)
			require.True(w.t, in, "%s is not in %s", p.ID, list)
			if slices.Contains(mine, p.ID) {
				ids = append(ids, p.ID)
			}
		}
	}
	return ids
}

// Uses spends the credits of that many pictures, eight a generation.
func (w *World) Uses(customer ledger.CustomerID, pictures int) {
	w.t.Helper()
	// Eight pictures are the most of one generation.
	for ; pictures > 0; pictures -= 8 {
		w.Settles(w.Starts(customer, min(pictures, 8)), generation.Result{Status: generation.StatusSucceeded, FinishedAt: w.Now})
	}
}
