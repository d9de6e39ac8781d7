package outage_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// errKilled ends a process: nothing that it would have done after that is done.
var errKilled = errors.New("killed")

// store keeps outages as JSON, as a real store does, and payments in order. Its cuts say what
// befalls each call in turn.
type store struct {
	t        require.TestingT
	outages  map[outage.ID]string
	versions map[outage.ID]int64
	payments []payment.Payment
	gifts    map[string]bool
	given    map[string]bool // asked for, and decided
	wallets  map[ledger.CustomerID]ledger.Wallet
	reads    int

	mu        sync.Mutex // decisions are asked for abreast
	cut       func() fate
	requests  []message.RefundRequested
	started   []message.OutageStarted
	changed   []message.OutageChanged
	meanwhile func() // happens before the next commit
}

// fate is what befalls a call.
type fate int

const (
	fateNone   fate = iota
	fateBusy        // nothing is done
	fateLost        // it is done, and the answer says busy
	fateKilled      // nothing is done, and whoever called is gone
	fateGone        // it is done, and whoever called is gone
)

func newStore(t require.TestingT) *store {
	return &store{
		t: t, outages: map[outage.ID]string{}, versions: map[outage.ID]int64{}, gifts: map[string]bool{}, given: map[string]bool{},
		wallets: map[ledger.CustomerID]ledger.Wallet{},
	}
}

// call does it, or not.
func (s *store) call(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fate := fateNone
	if s.cut != nil {
		fate = s.cut()
	}
	if fate == fateBusy || fate == fateKilled {
		do = func() error { return nil }
	}
	err := do()
	switch fate {
	case fateKilled, fateGone:
		return errKilled
	case fateBusy, fateLost:
		return fault.Busy(errors.New("answer lost"))
	case fateNone:
	}
	return err
}

func (s *store) DeclareOutage(_ context.Context, declared outage.Outage) (earlier *outage.Outage, err error) {
	err = s.call(func() error {
		if earlier = s.find(declared.ID); earlier == nil {
			s.put(declared)
		}
		return nil
	})
	return earlier, err
}

func (s *store) put(o outage.Outage) {
	text, err := json.Marshal(o)
	require.NoError(s.t, err)
	s.outages[o.ID] = string(text)
	s.versions[o.ID]++
}

func (s *store) find(id outage.ID) *outage.Outage {
	text, there := s.outages[id]
	if !there {
		return nil
	}
	var o outage.Outage
	require.NoError(s.t, json.Unmarshal([]byte(text), &o))
	o.Version = s.versions[id]
	return &o
}

func (s *store) FindOutage(_ context.Context, id outage.ID) (found *outage.Outage, err error) {
	err = s.call(func() error { found = s.find(id); return nil })
	return found, err
}

func (s *store) Outages(context.Context) (all []outage.Outage, err error) {
	err = s.call(func() error {
		for id := range s.outages {
			all = append(all, *s.find(id))
		}
		return nil
	})
	return all, err
}

func (s *store) ListOutages(ctx context.Context, _ *outage.Position, _ int) ([]outage.Outage, bool, error) {
	all, err := s.Outages(ctx)
	return all, false, err
}

func (s *store) CommitOutage(_ context.Context, after outage.Outage) error {
	if happens := s.meanwhile; happens != nil {
		s.meanwhile = nil
		happens()
	}
	return s.call(func() error {
		if s.versions[after.ID] != after.Version {
			return fault.Stale(nil)
		}
		s.put(after)
		return nil
	})
}

func (s *store) ListPayments(_ context.Context, cursor string, limit int) (page []payment.Payment, next string, err error) {
	err = s.call(func() error {
		s.reads++
		from := 0
		if cursor != "" {
			from = slices.IndexFunc(s.payments, func(p payment.Payment) bool { return string(p.ID) == cursor }) + 1
		}
		to := min(from+limit, len(s.payments))
		page = s.payments[from:to]
		if to < len(s.payments) {
			next = string(s.payments[to-1].ID)
		}
		return nil
	})
	return page, next, err
}

func (s *store) FindWallets(_ context.Context, customers ...ledger.CustomerID) (wallets []ledger.Wallet, err error) {
	require.NotContains(s.t, customers, ledger.CustomerID(""))
	require.Len(s.t, slices.Compact(slices.Clone(customers)), len(customers), "each once")
	err = s.call(func() error {
		for _, customer := range customers {
			wallet := s.wallets[customer]
			wallet.Customer = customer
			wallets = append(wallets, wallet)
		}
		return nil
	})
	return wallets, err
}

// outbox is the store's two queues.
type outbox struct{ *store }

func (o outbox) Request(_ context.Context, request message.RefundRequested) error {
	return o.call(func() error { o.requests = append(o.requests, request); return nil })
}

func (o outbox) Run(_ context.Context, started message.OutageStarted) error {
	return o.call(func() error { o.started = append(o.started, started); return nil })
}

func (o outbox) LookAgain(_ context.Context, changed message.OutageChanged) error {
	return o.call(func() error { o.changed = append(o.changed, changed); return nil })
}

// buys puts that many payments on record, of a customer each; what is granted of every third is
// spent, every fifth is not granted.
func (s *store) buys(count int) {
	for n := range count {
		p := payment.Payment{ID: payment.ID(fmt.Sprintf("pi_%04d", n)), State: payment.StateGranted}
		if n%5 == 4 {
			p.State = payment.StatePending
		}
		customer := ledger.CustomerID(fmt.Sprintf("customer-%d", n/2))
		p.Purchase = &payment.Purchase{Customer: customer, Subtotal: money.Amount{Currency: []string{"USD", "EUR"}[n%2], Minor: 500}, Paid: 500}
		if n%10 == 9 {
			p.Purchase = nil // only its refund was heard of
		}
		s.payments = append(s.payments, p)
		s.gifts[string(p.ID)] = p.State == payment.StateGranted && n%3 != 0
	}
}

// affected are the payments that the rules give something for.
func (s *store) affected() (ids []string) {
	for _, p := range s.payments {
		if s.gifts[string(p.ID)] {
			ids = append(ids, string(p.ID))
		}
	}
	return ids
}

// estimator lists two features, and gives half of the money for downtime of over a day to whom
// s.affected names, ten credits unspent.
type estimator struct{ *store }

func (estimator) Lists(feature string, _ time.Time) bool {
	return feature == "upscale" || feature == "recolor"
}

func (s estimator) Estimate(p payment.Payment, wallet ledger.Wallet, met policy.OutageFacts, at time.Time) (outage.Gift, bool) {
	require.Equal(s.t, p.Customer(), wallet.Customer)
	end := at
	if met.EndedAt != nil {
		end = *met.EndedAt
	}
	if end.Sub(met.StartedAt) <= 24*hour || !s.gifts[string(p.ID)] || s.given[string(p.ID)] {
		return outage.Gift{}, false
	}
	half := policy.InMoney(money.Amount{Currency: p.Purchase.Subtotal.Currency, Minor: p.Purchase.Paid / 2})
	return outage.Gift{Payment: p.ID, Remedy: *half, Unspent: 10}, true
}

func (s estimator) Gave(p payment.Payment, _ outage.ID) bool { return s.given[string(p.ID)] }

func (s *store) declarer() outage.Declarer {
	return outage.Declarer{Store: s, Estimator: estimator{s}, Looks: outbox{s}}
}
func (s *store) starter() outage.Starter { return outage.Starter{Store: s, Runs: outbox{s}} }
func (s *store) runner() outage.Runner {
	return outage.Runner{Store: s, Estimator: estimator{s}, Requests: outbox{s}, Runs: outbox{s}}
}

// declaration is of 25 hours that have just ended; edits change it.
func declaration(edits ...func(*outage.Declaration)) outage.Declaration {
	ended := noon.Add(25 * hour)
	d := outage.Declaration{StartedAt: noon, EndedAt: &ended, PreventedUse: true, Principal: "staff", Key: "k1"}
	for _, edit := range edits {
		edit(&d)
	}
	return d
}

var declaredAt = noon.Add(26 * hour)

// declares demands that it is declared, and not before.
func (s *store) declares(t *testing.T, edits ...func(*outage.Declaration)) outage.Outage {
	t.Helper()
	declared, replayed, err := s.declarer().Declare(t.Context(), declaration(edits...), declaredAt)
	require.NoError(t, err)
	require.False(t, replayed)
	return declared
}
