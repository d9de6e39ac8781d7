// Package memory owns the ports in memory: the same promises as the tables, for tests and for
// trying things out.
//
// It refuses to know rules, as the tables do: it checks the conditions that the ports name, and
// nothing more.
//
// Invariants: a commit happens whole or not at all, under one lock; what is read is a copy. The
// suite in storetest holds it and the DynamoDB store to one behaviour.
//
// Words: as in aws/dynamo.
package memory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"makegood/shared/adjudication"
	"makegood/shared/assessment"
	"makegood/shared/attachment"
	"makegood/shared/audit"
	"makegood/shared/due"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/insight"
	"makegood/shared/ledger"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/statement"
)

var errCondition = errors.New("memory: a condition failed")

func stale() error { return fault.Stale(errCondition) }

// claimDay names the claims of a customer and a day.
type claimDay struct {
	customer ledger.CustomerID
	day      string
}

// costKey names the costs of a customer's own key in a month and a currency.
type costKey struct{ customerKey, month, currency string }

// nearLimit is who may be near a limit, until when; zero: nobody.
type nearLimit struct {
	customer ledger.CustomerID
	until    time.Time
}

// lotKey names a lot across wallets.
type lotKey struct {
	customer ledger.CustomerID
	lot      ledger.LotID
}

// Store keeps the nouns in memory. The zero value is not usable: see New. It is safe for concurrent
// use.
type Store struct {
	mu          sync.Mutex
	wallets     map[ledger.CustomerID]wallet
	wakes       wakes
	stuck       map[ledger.CustomerID]bool           // the wallets that are
	entries     map[ledger.CustomerID][]ledger.Entry // by id, which sorts by time
	expired     map[lotKey]ledger.Credits
	grants      map[lotKey]grant.Grant
	payments    map[payment.ID]tracked[payment.Payment]
	aliases     map[payment.ID]payment.ID
	purchases   map[ledger.CustomerID]payment.Recent
	ungranted   map[ledger.CustomerID][]payment.ID
	marks       map[string]payment.PollState // by the provider's name
	outages     map[outage.ID]tracked[outage.Outage]
	generations map[generation.ID]tracked[generation.Generation]
	costs       map[costKey]generation.MonthCost
	cases       map[refund.CaseID]tracked[refund.Case]
	claims      map[claimDay]int
	appeals     map[claimDay]int
	findings    map[appealKey]refund.AppealTally
	attachments map[attachment.ID]tracked[attachment.Attachment]
	openedOn    map[claimDay]int              // attachments of a customer and a day
	views       map[string][]refund.SavedView // by the name of whose they are
	read        map[string]time.Time          // up to when, by the customer's key
	evidence    map[refund.CaseID]evidence.Record
	imprints    []assessment.Imprint
	recent      map[string]refund.Recent // by the customer's key
	near        map[string]nearLimit     // likewise
	mails       map[refund.CaseID]mail
	offers      map[outage.OfferID]tracked[outage.Offer]
	offerMails  map[outage.OfferID]mail
	standings   map[ledger.CustomerID][]standing.Change
	changes     map[standing.ID]tracked[standing.ChangeRecord]
	changeMails map[standing.ID]mail
	spends      map[spendKey]spend
	months      map[string]adjudication.MonthSpend
	requests    map[requestKey]int
	looks       map[string]audit.Look // by the case
	signals     map[evidence.Name]audit.Signal
	counts      map[countKey]audit.Tally
	summaries   map[summaryKey][]insight.Row
	started     map[startKey]int64
}

// wallet is a wallet and when it must wake.
type wallet struct {
	ledger.Wallet
	dueAt    time.Time
	attempts int
	stuckAt  time.Time
}

// tracked is an item that may be stuck.
type tracked[T any] struct {
	item    T
	stuckAt time.Time
}

// New returns an empty store.
func New() *Store {
	return &Store{
		wallets: map[ledger.CustomerID]wallet{}, stuck: map[ledger.CustomerID]bool{}, entries: map[ledger.CustomerID][]ledger.Entry{}, expired: map[lotKey]ledger.Credits{},
		grants: map[lotKey]grant.Grant{}, payments: map[payment.ID]tracked[payment.Payment]{},
		aliases: map[payment.ID]payment.ID{}, ungranted: map[ledger.CustomerID][]payment.ID{},
		purchases: map[ledger.CustomerID]payment.Recent{}, marks: map[string]payment.PollState{}, outages: map[outage.ID]tracked[outage.Outage]{},
		generations: map[generation.ID]tracked[generation.Generation]{}, cases: map[refund.CaseID]tracked[refund.Case]{},
		costs:  map[costKey]generation.MonthCost{},
		claims: map[claimDay]int{}, appeals: map[claimDay]int{}, findings: map[appealKey]refund.AppealTally{}, views: map[string][]refund.SavedView{}, read: map[string]time.Time{}, recent: map[string]refund.Recent{},
		near: map[string]nearLimit{}, evidence: map[refund.CaseID]evidence.Record{},
		offers: map[outage.OfferID]tracked[outage.Offer]{}, offerMails: map[outage.OfferID]mail{},
		attachments: map[attachment.ID]tracked[attachment.Attachment]{}, openedOn: map[claimDay]int{},
		mails: map[refund.CaseID]mail{}, standings: map[ledger.CustomerID][]standing.Change{},
		changes: map[standing.ID]tracked[standing.ChangeRecord]{}, changeMails: map[standing.ID]mail{},
		spends: map[spendKey]spend{}, months: map[string]adjudication.MonthSpend{}, requests: map[requestKey]int{},
		looks: map[string]audit.Look{}, signals: map[evidence.Name]audit.Signal{}, counts: map[countKey]audit.Tally{},
		summaries: map[summaryKey][]insight.Row{}, started: map[startKey]int64{},
	}
}

func (s *Store) wallet(customer ledger.CustomerID) ledger.Wallet {
	if row, ok := s.wallets[customer]; ok {
		return row.Clone()
	}
	return ledger.Wallet{Customer: customer, Standing: ledger.StandingGood}
}

// FindWallet returns the customer's wallet; one that nobody has written has Recorded false.
func (s *Store) FindWallet(_ context.Context, customer ledger.CustomerID) (ledger.Wallet, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wallet(customer), nil
}

// prepare checks a posting's conditions and returns what applies it. Nothing is changed until that
// is called. An empty posting has none.
func (s *Store) prepare(posting ledger.Posting) (apply func(), err error) {
	if posting.Empty() {
		return func() {}, nil
	}
	// Whatever a rule computed, nothing is kept that its entries do not explain.
	if err := ledger.Check(posting); err != nil {
		return nil, err
	}
	if !s.unmoved(posting.Before) {
		return nil, stale()
	}
	after := posting.Stored()
	// No more is taken from expired credits than there are.
	for lot, credits := range posting.Expired {
		if s.expired[lotKey{after.Customer, lot}]+credits < 0 {
			return nil, stale()
		}
	}
	// A debt is paid on its payment, which must be there.
	for _, debt := range posting.DebtsPaid {
		if _, ok := s.payments[payment.ID(debt.Payment)]; !ok {
			return nil, stale()
		}
	}
	// An entry's id derives from what caused it: the same step twice is refused.
	if s.hasEntry(posting.Entries) {
		return nil, stale()
	}
	return func() { s.apply(posting, after) }, nil
}

func (s *Store) hasEntry(entries []ledger.Entry) bool {
	for _, entry := range entries {
		if slices.ContainsFunc(s.entries[entry.Customer], func(other ledger.Entry) bool { return other.ID == entry.ID }) {
			return true
		}
	}
	return false
}

// unmoved reports whether the customer's wallet is as it was read: recorded or not, of the same
// standing, with no line since.
func (s *Store) unmoved(before ledger.Wallet) bool {
	now := s.wallet(before.Customer)
	return now.Recorded == before.Recorded && now.Standing == before.Standing && now.At.Equal(before.At)
}

func (s *Store) apply(posting ledger.Posting, after ledger.Wallet) {
	row := s.wallets[after.Customer]
	// The wallet wakes no later than its soonest lot; as in the tables, it may wake for nothing.
	if next := after.NextExpiry(); !next.IsZero() && (row.dueAt.IsZero() || next.Before(row.dueAt)) {
		row.dueAt = next
	}
	after.Sort()
	row.Wallet = after
	s.putWallet(row)
	// Entries are listed by id, which sorts by time.
	for _, entry := range posting.Entries {
		lines := append(s.entries[entry.Customer], entry)
		slices.SortFunc(lines, func(a, b ledger.Entry) int { return strings.Compare(a.ID, b.ID) })
		s.entries[entry.Customer] = lines
	}
	for lot, credits := range posting.Expired {
		s.expired[lotKey{after.Customer, lot}] += credits
	}
	for _, debt := range posting.DebtsPaid {
		row := s.payments[payment.ID(debt.Payment)]
		row.item.Clawback.DebtPaid = append(slices.Clone(row.item.Clawback.DebtPaid), debt.Draw)
		row.item.Version++
		s.payments[row.item.ID] = row
	}
}

// ListEntries implements statement.Store.
func (s *Store) ListEntries(_ context.Context, customer ledger.CustomerID, after string, limit int) ([]ledger.Entry, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []ledger.Entry
	for _, entry := range slices.Backward(s.entries[customer]) {
		if after != "" && entry.ID >= after {
			continue
		}
		if len(page) == limit {
			return page, true, nil
		}
		page = append(page, entry)
	}
	return page, false, nil
}

var (
	_ generation.Starts   = (*Store)(nil)
	_ generation.Results  = (*Store)(nil)
	_ generation.Uses     = (*Store)(nil)
	_ refund.Decisions    = (*Store)(nil)
	_ refund.Openings     = (*Store)(nil)
	_ refund.Claims       = (*Store)(nil)
	_ refund.AddressBook  = (*Store)(nil)
	_ refund.Appeals      = (*Store)(nil)
	_ assessment.Store    = (*Store)(nil)
	_ refund.Reviews      = (*Store)(nil)
	_ refund.Frequents    = (*Store)(nil)
	_ standing.Store      = (*Store)(nil)
	_ notice.Cases        = (*Store)(nil)
	_ payment.Store       = (*Store)(nil)
	_ payment.PollStates  = (*Store)(nil)
	_ outage.Store        = (*Store)(nil)
	_ grant.Store         = (*Store)(nil)
	_ attachment.Openings = (*Store)(nil)
	_ attachment.Discards = (*Store)(nil)
	_ attachment.Finds    = (*Store)(nil)
	_ due.Store           = (*Store)(nil)
	_ statement.Store     = (*Store)(nil)
	_ audit.Looks         = (*Store)(nil)
	_ audit.Stops         = (*Store)(nil)
	_ insight.Store       = (*Store)(nil)
)
