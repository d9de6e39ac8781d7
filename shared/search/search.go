// Package search owns what staff mean by a few characters: an id of anything, a customer, or the
// e-mail address of a claim.
//
// It refuses to know who may ask, and how a hit is reached from there.
//
// Invariants: a search reads a bounded number of rows, by their keys and never by a scan. An
// address is compared by its mark alone, and stands in no error and no log line.
//
// Words: query (the characters), hit (one thing that they name).
package search

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/statement"
	"makegood/shared/text"
)

// Kind is what a hit is.
type Kind string

// The kinds; the zero value is invalid.
const (
	KindCustomer   Kind = "customer"
	KindCase       Kind = "case"
	KindGeneration Kind = "generation"
	KindPayment    Kind = "payment"
	KindLot        Kind = "lot"
	KindOutage     Kind = "outage"
)

// Hit is one thing that a query names.
type Hit struct {
	// Kind is what it is.
	Kind Kind
	// ID is its id.
	ID string
	// Customer is whose it is, "" of an outage and of a payment that names nobody.
	Customer ledger.CustomerID
}

// MaxQuery bounds a query, in characters: an address has at most refund.MaxEmail.
const MaxQuery = 320

// MaxAddressed is how many cases of one address are hits, for each secret that may have marked
// them: the newest.
const MaxAddressed = 20

// Store is what a search reads.
type Store interface {
	refund.AddressBook
	// FindCase returns the case, nil when there is none.
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	// FindGeneration returns the generation, nil when there is none.
	FindGeneration(ctx context.Context, id generation.ID) (*generation.Generation, error)
	// FindOutage returns the outage, nil when there is none.
	FindOutage(ctx context.Context, id outage.ID) (*outage.Outage, error)
	// FindNamed returns the payments that the ids name, by their own id or by an alias.
	FindNamed(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error)
	// FindWallet returns the customer's wallet; one that nobody has written has Recorded false.
	FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error)
	// ListCases returns at most limit of the customer's cases; the list may lag.
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
}

// Searcher finds what a query names.
type Searcher struct {
	// Store is what is searched.
	Store Store
	// Addresses makes the marks by which an address is found.
	Addresses refund.Addresses
}

// Find returns what the query names, customers first: none where it names nothing. A query is one
// id, one e-mail address, or a customer's id, a space, and the id of a lot in their wallet. A lot's
// own id does not say whose it is.
//
// Errors: KindInvalid (q is blank, too long, or a lot without its customer), KindBusy.
func (s Searcher) Find(ctx context.Context, query string) ([]Hit, error) {
	query = strings.TrimSpace(query)
	if err := text.Check("q", query, MaxQuery); err != nil {
		return nil, err
	}
	owner, lot, both := strings.Cut(query, " ")
	if both {
		return s.lot(ctx, owner, ledger.LotID(strings.TrimSpace(lot)))
	}
	for prefix, find := range map[string]func(context.Context, string) ([]Hit, error){
		"cas_": s.ofCase, "gen_": s.generation, "out_": s.outage,
	} {
		if strings.HasPrefix(query, prefix) {
			// A customer may be called as an id begins: what is no id of ours is read as a name.
			if hits, err := find(ctx, query); err != nil || len(hits) > 0 {
				return hits, fault.At("search.Find", "", err)
			}
		}
	}
	var all []Hit
	for _, find := range []func(context.Context, string) ([]Hit, error){s.customer, s.address, s.payment} {
		hits, err := find(ctx, query)
		if err != nil {
			return nil, fault.At("search.Find", "", err)
		}
		all = append(all, hits...)
	}
	if len(all) == 0 && strings.HasPrefix(query, "lot_") {
		return nil, fault.Invalid("q", "must name a lot's customer, too: their id, a space, and the lot's")
	}
	slices.SortStableFunc(all, func(a, b Hit) int { return rank(a) - rank(b) })
	return all, nil
}

// rank puts customers before what is theirs.
func rank(hit Hit) int {
	if hit.Kind == KindCustomer {
		return 0
	}
	return 1
}

// named returns what the query was read as, false where it is nothing of that sort. What names
// nothing is found nowhere, and is no error.
func named[T any](value T, err error) (T, bool) { return value, err == nil }

func (s Searcher) ofCase(ctx context.Context, query string) ([]Hit, error) {
	id, ok := named(refund.ParseCaseID(query))
	if !ok {
		return nil, nil
	}
	c, err := s.Store.FindCase(ctx, id)
	if err != nil || c == nil {
		return nil, err
	}
	return []Hit{{KindCase, string(c.ID), c.Customer}}, nil
}

func (s Searcher) generation(ctx context.Context, query string) ([]Hit, error) {
	id, ok := named(generation.ParseID(query))
	if !ok {
		return nil, nil
	}
	g, err := s.Store.FindGeneration(ctx, id)
	if err != nil || g == nil {
		return nil, err
	}
	return []Hit{{KindGeneration, string(g.ID), g.Customer}}, nil
}

func (s Searcher) outage(ctx context.Context, query string) ([]Hit, error) {
	id, ok := named(outage.ParseID(query))
	if !ok {
		return nil, nil
	}
	o, err := s.Store.FindOutage(ctx, id)
	if err != nil || o == nil {
		return nil, err
	}
	return []Hit{{KindOutage, string(o.ID), ""}}, nil
}

// payment finds payments by the provider's id, and by the other ids that it told of them.
func (s Searcher) payment(ctx context.Context, query string) ([]Hit, error) {
	id, ok := named(payment.ID(query), payment.ID(query).Validate("q"))
	if !ok {
		return nil, nil
	}
	payments, err := s.Store.FindNamed(ctx, id)
	var hits []Hit
	for _, p := range payments {
		hits = append(hits, Hit{KindPayment, string(p.ID), p.Customer()})
	}
	return hits, err
}

// customer finds whoever has a wallet or a case.
func (s Searcher) customer(ctx context.Context, query string) ([]Hit, error) {
	customer, ok := named(ledger.ParseCustomer(query))
	if !ok {
		return nil, nil
	}
	wallet, err := s.Store.FindWallet(ctx, customer)
	if err != nil {
		return nil, err
	}
	hit := []Hit{{KindCustomer, string(customer), customer}}
	if wallet.Recorded {
		return hit, nil
	}
	cases, _, err := s.Store.ListCases(ctx, customer, nil, 1)
	if len(cases) == 0 {
		return nil, err
	}
	return hit, err
}

// lot finds a customer with a lot that lives in their wallet.
func (s Searcher) lot(ctx context.Context, owner string, id ledger.LotID) ([]Hit, error) {
	customer, err := ledger.ParseCustomer(owner)
	if err != nil {
		return nil, fault.Invalid("q", "must be one id or address, or a customer's id, a space, and a lot's")
	}
	wallet, err := s.Store.FindWallet(ctx, customer)
	if err != nil {
		return nil, fault.At("search.Find", "", err)
	}
	for _, lot := range wallet.Lots {
		if lot.ID == id {
			return []Hit{{KindCustomer, string(customer), customer}, {KindLot, string(id), customer}}, nil
		}
	}
	return nil, nil
}

// address finds the cases whose customers gave it, and these customers.
func (s Searcher) address(ctx context.Context, query string) ([]Hit, error) {
	if address, ok := named(mail.ParseAddress(query)); !ok || address.Address != query {
		return nil, nil
	}
	marks, err := s.Addresses.Marks(ctx, query)
	if err != nil {
		return nil, err
	}
	var customers, cases []Hit
	for _, mark := range marks {
		found, err := s.Store.FindAddressed(ctx, mark, MaxAddressed)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if who := (Hit{KindCustomer, string(one.Customer), one.Customer}); !slices.Contains(customers, who) {
				customers = append(customers, who)
			}
			cases = append(cases, Hit{KindCase, string(one.Case), one.Customer})
		}
	}
	return slices.Concat(customers, cases), nil
}
