package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// noon is when every story begins.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// worlds numbers the worlds of this process, so that each has customers of its own in a shared
// store.
var worlds atomic.Int64

// TB is what a world needs of a test: *testing.T and *rapid.T both are one.
type TB interface {
	require.TestingT
	Helper()
	Name() string
}

// World is a store and the use cases around it, at an hour that stands still until it is moved.
// Messages wait in its queues until Deliver. Its policy is both the catalog and the judge.
type World struct {
	*policy.Policy
	t     TB
	Store Store
	Now   time.Time
	// Provider is where its payments are made.
	Provider *Provider
	// SecondLooks is how many percent of the verdicts are looked at again: none, unless a story
	// says so.
	SecondLooks int
	// Pictures are what its links lead to.
	Pictures Pictures
	// Shelf is where pictures are kept.
	Shelf *Shelf
	// AddressSecrets mark claims by their e-mail address.
	AddressSecrets []string

	suffix string
	keys   atomic.Int64

	mu        sync.Mutex
	reports   []message.ResultReported
	expired   []message.AttachmentExpired
	requests  []message.RefundRequested
	later     []later
	notices   []message.RefundDecided
	partials  []message.GenerationPartial
	offers    []message.OutageOffered
	standings []message.StandingChanged
	unsettled []message.PaymentUnsettled
	runs      []message.OutageStarted
	changes   []message.OutageChanged
	commands  []command
	notified  []string // the offers and changes of standing of which a customer was notified
}

// NewWorld returns a world over the store with the photoroom policy: a picture costs 4 credits.
func NewWorld(t TB, store Store) *World {
	t.Helper()
	return NewWorldOf(t, store, "photoroom")
}

// pictures names the feature that a world's customers use.
var pictures = map[string]string{"photoroom": "recolor", "popcustoms": "pet", "goopter": "upscale"}

// NewWorldOf returns a world over the store with a published policy.
func NewWorldOf(t TB, store Store, name string) *World {
	t.Helper()
	// Policies are the published ones, so a change of a published rule shows in the stories too.
	p, err := policy.Open(name)
	require.NoError(t, err)
	return &World{
		Policy: p, t: t, Store: store, Now: noon, Provider: &Provider{}, Pictures: Pictures{}, Shelf: NewShelf(),
		AddressSecrets: []string{"the first address secret of a world"},
		suffix:         fmt.Sprintf("%d-%d", time.Now().UnixNano(), worlds.Add(1)),
	}
}

// Customer returns the name's customer id in this world.
func (w *World) Customer(name string) ledger.CustomerID {
	return ledger.CustomerID(name + "-" + w.suffix)
}

func (w *World) ctx() context.Context { return context.Background() }

// Key returns an idempotency key that was never used.
func (w *World) Key() string { return fmt.Sprintf("key-%d", w.keys.Add(1)) }

// Starter returns the use case over the world's store and catalog.
func (w *World) Starter() generation.Starter {
	return generation.Starter{Store: w.Store, Catalog: w}
}

// ResultRecorder returns the use case over the world's store and queues.
func (w *World) ResultRecorder() generation.ResultRecorder {
	return generation.ResultRecorder{Store: w.Store, Requests: w, Notices: w, Terms: w.ExpiredLot}
}

// Recorder returns the use case over the world's store.
func (w *World) Recorder() generation.Recorder { return generation.Recorder{Store: w.Store} }

// Decider returns the use case over the world's store, policy and queues.
func (w *World) Decider() refund.Decider {
	return refund.Decider{
		Store: w.Store, Policy: w.Policy, Notices: w, Settlements: w, Gateways: []payment.Gateway{w.Provider}, SecondLooks: w.SecondLooks,
	}
}

// again repeats a call that the store answered busy, as SQS or the caller would: some runs of the
// suite draw faults often. A listing of many pages saves its place after each, and goes on from
// there.
func again(call func() error) error {
	var err error
	// A hundred tries: even a run that fails every third call gets through, and one that never does
	// fails.
	for range 100 {
		if err = call(); err == nil || fault.KindOf(err) != fault.KindBusy {
			return err
		}
	}
	return err
}

// read returns what a call of the store reads, trying again while a fault keeps it busy.
func read[T any](w *World, call func() (T, error)) T {
	w.t.Helper()
	var value T
	require.NoError(w.t, again(func() (err error) {
		value, err = call()
		return err
	}))
	return value
}

// Grants gives the customer credits that never expire, or expire after a term.
func (w *World) Grants(customer ledger.CustomerID, credits ledger.Credits, term ...time.Duration) ledger.Lot {
	w.t.Helper()
	// A term is counted from now, as the app would promise it.
	order := w.gift(customer, credits)
	if len(term) > 0 {
		expiresAt := w.Now.Add(term[0])
		order.ExpiresAt = &expiresAt
	}
	gift, err := w.give(order)
	require.NoError(w.t, err)
	return gift.Lot
}

func (w *World) give(order grant.Order) (grant.Answer, error) {
	return commanded(w, "grant", asGiven, func() (grant.Answer, error) {
		return grant.Granter{Store: w.Store}.Give(w.ctx(), order, w.Now)
	})
}

// Fills gives the customer as many credits as a wallet holds.
func (w *World) Fills(customer ledger.CustomerID) {
	w.t.Helper()
	// The ledger is called straight: a gift through the use case could not be that large.
	lot := ledger.Lot{ID: ledger.NewLotID("full", string(customer)), Source: ledger.SourcePromotion, Granted: ledger.MaxCredits}
	require.NoError(w.t, settled(func() error {
		posting, lot, err := ledger.Grant(w.Wallet(customer), lot, ledger.Cause{Reason: "promotion"}, w.Now)
		if err != nil {
			return err
		}
		return w.Store.CommitGrant(w.ctx(), grant.Grant{ID: lot.ID, Customer: customer}, posting)
	}))
}

func (w *World) gift(customer ledger.CustomerID, credits ledger.Credits) grant.Order {
	return grant.Order{Customer: customer, Credits: credits, Source: ledger.SourcePromotion, Principal: "app", Key: w.Key()}
}

func (w *World) order(customer ledger.CustomerID, outputs int) generation.Order {
	return generation.Order{Customer: customer, Feature: pictures[w.Name()], Platform: "web", Outputs: outputs, Principal: "app", Key: w.Key()}
}

func (w *World) start(order generation.Order) (generation.Started, error) {
	return commanded(w, "start", asStarted, func() (generation.Started, error) { return w.Starter().Start(w.ctx(), order, w.Now) })
}

// Starts holds the credits of that many pictures and returns the generation.
func (w *World) Starts(customer ledger.CustomerID, outputs int) generation.ID {
	w.t.Helper()
	start, err := w.start(w.order(customer, outputs))
	require.NoError(w.t, err)
	return start.ID
}

// StartsUnder is Starts under a key that the caller knows; the principal is "app".
func (w *World) StartsUnder(customer ledger.CustomerID, outputs int, key string) generation.ID {
	w.t.Helper()
	// The caller knows the key, so it can name the generation before it is started.
	order := w.order(customer, outputs)
	order.Key = key
	start, err := w.start(order)
	require.NoError(w.t, err)
	return start.ID
}

// Success returns a result in which that many pictures came; all of them when it is negative.
func (w *World) Success(count int) generation.Result {
	result := generation.Result{Status: generation.StatusSucceeded, FinishedAt: w.Now}
	if count >= 0 {
		// An empty list means that none came, an absent one that all did.
		result.Outputs = []generation.Output{}
	}
	for i := range max(count, 0) {
		result.Outputs = append(result.Outputs, generation.Output{URL: fmt.Sprintf("https://images.example/%d.png", i)})
	}
	return result
}

// Failure returns a failed result of that cause.
func (w *World) Failure(cause generation.Cause) generation.Result {
	return generation.Result{
		Status: generation.StatusFailed, FinishedAt: w.Now, Failure: &generation.Failure{Cause: cause, Code: "model_error"},
	}
}

// Settles reports a result.
func (w *World) Settles(id generation.ID, result generation.Result) {
	w.t.Helper()
	require.NoError(w.t, again(func() error { return w.ResultRecorder().Record(w.ctx(), id, result, w.Now) }))
}

// Deliver has every report that waits looked at, then delivers every refund request that waits, and
// returns how many of those there were.
func (w *World) Deliver() int {
	w.t.Helper()
	w.Assesses()
	w.due()
	// Take them all first: what a decision sends waits for the next delivery.
	batch := take(w, &w.requests)
	for _, request := range batch {
		require.NoError(w.t, again(func() error { return w.Decider().Decide(w.ctx(), request, w.Now) }))
	}
	return len(batch)
}

// Lose drops every message that waits, as a queue or a crash may.
func (w *World) Lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expired, w.reports, w.requests, w.later, w.notices, w.partials, w.standings, w.offers, w.unsettled, w.runs, w.changes = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
}

// Sweep runs one sweep.
func (w *World) Sweep() due.Report {
	w.t.Helper()
	// A sweep that fails half-way has claimed some items; the repeat finds the others.
	return read(w, func() (due.Report, error) { return due.Sweeper{Store: w.Store, Queues: w}.Sweep(w.ctx(), w.Now) })
}

// SweepUntil sweeps, delivers and lets time pass until done, as the minutes would. A sweep that met
// a fault leaves its work to the next.
func (w *World) SweepUntil(until func() bool) {
	w.t.Helper()
	// Forty rounds of two minutes: enough for a step that doubles its delay at each attempt.
	for range 40 {
		w.Nudge()
		w.Sweep()
		w.Deliver()
		if until() {
			return
		}
		w.Pass(2 * time.Minute)
	}
	require.Fail(w.t, "swept for ever")
}

// Pass moves the clock.
func (w *World) Pass(d time.Duration) { w.Now = w.Now.Add(d) }

// settled is again for a write that must succeed. When an answer was lost, the repeat finds its own
// work done.
func settled(call func() error) error {
	// After a busy answer the write may have been made. Only then does a stale one mean success.
	maybeDone := false
	return again(func() error {
		err := call()
		if err != nil && maybeDone && fault.KindOf(err) == fault.KindStale {
			return nil
		}
		maybeDone = maybeDone || err != nil && fault.KindOf(err) == fault.KindBusy
		return err
	})
}

// Nudge writes something that concerns nobody. After it, an index that lags by one write shows
// everything else.
func (w *World) Nudge() { w.t.Helper(); w.Grants(w.Customer("bystander"), 1) }

var _ TB = (*testing.T)(nil)
