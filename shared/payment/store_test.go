package payment_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// store keeps payments as JSON, as a real store does. It refuses torn commits and postings that the
// ledger cannot explain.
type store struct {
	t        require.TestingT
	payments map[payment.ID]string
	wallets  map[ledger.CustomerID]ledger.Wallet
	expired  map[ledger.LotID]ledger.Credits
	recent   map[ledger.CustomerID]payment.Recent
	kept     map[payment.ID]payment.Payment // in place of payments, where light
	light    bool                           // trust that nobody changes what was read
	loads    int
	commits  int
	rivals   int                  // this many commits find that something has changed
	fails    map[payment.ID]error // of the load of a payment
	meddle   func()               // runs once, between a load and its commit
}

func newStore(t require.TestingT) *store {
	return &store{
		t: t, payments: map[payment.ID]string{}, wallets: map[ledger.CustomerID]ledger.Wallet{}, expired: map[ledger.LotID]ledger.Credits{},
		recent: map[ledger.CustomerID]payment.Recent{}, kept: map[payment.ID]payment.Payment{},
	}
}

func (s *store) payment(id payment.ID) *payment.Payment {
	if p, ok := s.kept[id]; ok {
		return &p
	}
	raw, ok := s.payments[id]
	if !ok {
		return nil
	}
	var p payment.Payment
	require.NoError(s.t, json.Unmarshal([]byte(raw), &p))
	return &p
}

func (s *store) put(p payment.Payment) {
	if s.light {
		s.kept[p.ID] = p
		return
	}
	raw, err := json.Marshal(p)
	require.NoError(s.t, err)
	s.payments[p.ID] = string(raw)
}

func (s *store) wallet(customer ledger.CustomerID) ledger.Wallet {
	w, ok := s.wallets[customer]
	if !ok {
		return ledger.Wallet{Customer: customer}
	}
	return w.Clone()
}

func (s *store) LoadPayment(_ context.Context, id payment.ID, customer ledger.CustomerID) (payment.Snapshot, error) {
	if s.loads++; s.fails[id] != nil {
		return payment.Snapshot{}, s.fails[id]
	}
	snapshot := payment.Snapshot{Payment: s.payment(id)}
	if snapshot.Payment != nil {
		if customer == "" {
			customer = snapshot.Payment.Customer()
		}
		snapshot.Expired = s.expired[id.Lot()]
	}
	if customer != "" {
		snapshot.Wallet, snapshot.Recent = s.wallet(customer), slices.Clone(s.recent[customer])
	}
	if meddle := s.meddle; meddle != nil {
		s.meddle = nil
		meddle()
	}
	return snapshot, nil
}

func (s *store) FindPayments(_ context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	var all []payment.Payment
	for _, id := range ids {
		if p := s.payment(id); p != nil {
			all = append(all, *p)
		}
	}
	return all, nil
}

func (s *store) CommitPayment(_ context.Context, snapshot payment.Snapshot, change payment.Change) error {
	if s.rivals > 0 {
		s.rivals--
		return fault.Stale(nil)
	}
	after, posting := change.After, change.Posting
	current := s.payment(after.ID)
	if (snapshot.Payment == nil) != (current == nil) || current != nil && !s.light && !snapshot.Payment.Equal(*current) {
		return fault.Stale(nil)
	}
	if customer := after.Customer(); change.Recent != nil {
		if !equal(s.t, snapshot.Recent, s.recent[customer]) {
			return fault.Stale(nil)
		}
		s.recent[customer] = change.Recent
	}
	if !posting.Empty() {
		require.NoError(s.t, ledger.Check(posting))
		if owner := posting.Before.Customer; !s.light && !equal(s.t, s.wallet(owner), posting.Before) {
			return fault.Stale(nil)
		}
		s.wallets[posting.After.Customer] = posting.After.Clone()
	}
	for lot, n := range posting.Expired {
		s.expired[lot] += n
	}
	for _, p := range append(change.Duplicates, after) {
		s.put(p)
	}
	for _, debt := range posting.DebtsPaid {
		other := s.payment(payment.ID(debt.Payment))
		other.Clawback.DebtPaid = append(other.Clawback.DebtPaid, debt.Draw)
		s.put(*other)
	}
	s.commits++
	return nil
}

func equal(t require.TestingT, a, b any) bool {
	one, err := json.Marshal(a)
	require.NoError(t, err)
	two, err := json.Marshal(b)
	require.NoError(t, err)
	return string(one) == string(two)
}

// shop sells starter, 50 credits for 5.00 USD, and monthly, 100 credits of a month for 10.00 USD.
// Purchases for the same repeat each other within the window; from noon on it is a minute longer.
type shop struct {
	givesUnpaid, repays bool
	window              time.Duration
	looks               time.Duration // so much longer than the window a person looks
}

func (shop) Package(name string, at time.Time) (payment.Package, bool) {
	switch name {
	case "starter":
		return payment.Package{Name: name, Credits: 50, Price: usd(500)}, true
	case "monthly":
		return payment.Package{Name: name, Credits: 100, Price: usd(1000), ExpiresAfter: 30 * 24 * time.Hour}, true
	case "new":
		return payment.Package{Name: name, Credits: 7, Price: usd(70)}, !at.Before(noon)
	}
	return payment.Package{}, false
}

func (s shop) GrantsUnpaid(time.Time) bool { return s.givesUnpaid }

func (s shop) DuplicateRule(at time.Time) payment.DuplicateRule {
	spans := payment.DuplicateRule{Same: s.window, Look: s.window + s.looks, Repay: s.repays}
	if s.window > 0 && !at.Before(noon) {
		spans.Same, spans.Look = spans.Same+time.Minute, spans.Look+time.Minute
	}
	return spans
}

func (shop) ExpiredLot(time.Time) ledger.ExpiredLot {
	return ledger.ExpiredLot{Rule: ledger.ExpiredRuleExpire, ExtendDays: 30}
}

func usd(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }

// paid is alice's paid starter session; edits change it.
func paid(edits ...func(*payment.Purchase)) payment.Facts {
	purchase := payment.Purchase{
		Customer: "alice", Package: "starter", Subtotal: usd(500), Paid: 500, Status: payment.StatusPaid, PaidAt: noon.Add(-time.Minute),
	}
	for _, edit := range edits {
		edit(&purchase)
	}
	return payment.Facts{Payment: "pi_1", Provider: "stripe", Event: "evt_1", Purchase: &purchase}
}

func refunded(id string, minor int64, status payment.RefundStatus) payment.Facts {
	return payment.Facts{
		Payment: "pi_1", Provider: "stripe", Event: "evt_" + id, RefundID: id, Refund: &payment.Refund{Amount: usd(minor), Status: status},
	}
}

func disputed(id string, minor int64, status payment.DisputeStatus) payment.Facts {
	return payment.Facts{
		Payment: "pi_1", Provider: "stripe", Event: "evt_" + id, DisputeID: id, Dispute: &payment.Dispute{Amount: usd(minor), Status: status},
	}
}

// desk is a receiver over a fresh store, at noon. Alice's wallet held gifts before; rivalry says
// how often another commit comes first.
type desk struct {
	*store
	payment.Receiver
	gifts   ledger.Credits
	rivalry pick
}

func newDesk(t require.TestingT) *desk {
	s := newStore(t)
	return &desk{store: s, Receiver: payment.Receiver{Store: s, Rules: payment.Rules{Catalog: shop{}}}}
}

func (d *desk) hears(facts ...payment.Facts) payment.Result {
	var last payment.Result
	for _, one := range facts {
		result, err := d.Receive(context.Background(), one, noon)
		require.NoError(d.t, err)
		last = result
	}
	return last
}

// wants checks what alice can spend and owes, and what pi_1 has granted and taken back.
func (d *desk) wants(t *testing.T, available, debt, grant, clawback ledger.Credits) {
	t.Helper()
	p := d.payment("pi_1")
	require.NotNil(t, p)
	w := d.wallet("alice")
	require.Equal(t, []ledger.Credits{available, debt, grant, clawback}, []ledger.Credits{w.Available(noon), w.Owed(), p.Granted(), p.Clawback.Total()},
		"available, owed, granted, taken")
}
