package outage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// Estimator answers what outages need of the stack's policy. It is called for each purchase of a
// page, so it reads nothing.
type Estimator interface {
	// Lists reports whether the policy lists the feature at the instant.
	Lists(feature string, at time.Time) bool
	// Estimate returns what a run would give the buyer of the payment for the downtime, judged at
	// the instant. It is false where it would give nothing, or not without a person.
	Estimate(p payment.Payment, wallet ledger.Wallet, downtime policy.OutageFacts, at time.Time) (Gift, bool)
	// Gave reports whether the outage's run gave the buyer of the payment something.
	Gave(p payment.Payment, id ID) bool
}

// Gift is what a purchase would get for an outage.
type Gift struct {
	// Payment is the purchase.
	Payment payment.ID
	// Remedy is what it would get.
	Remedy policy.Remedy
	// Unspent is how many of its credits are unspent.
	Unspent ledger.Credits
}

// page is a part of all payments, and what an outage would give for it.
type page struct {
	count int    // payments in it
	gifts []Gift // one for each purchase that would get something
	prior int    // purchases that got something for this outage before
	next  string // where the next part begins, "" after the last
}

// query is what a page is read for.
type query struct {
	id  ID                 // the outage
	met policy.OutageFacts // its downtime, joined with those that touch it
	at  time.Time          // the instant by which each purchase is judged
}

// readPage reads a page of payments with the wallets of their customers, and estimates what each
// would get.
func readPage(ctx context.Context, store Store, estimator Estimator, q query, cursor string, limit int) (page, error) {
	var payments []payment.Payment
	var wallets map[ledger.CustomerID]ledger.Wallet
	var part page

	// Payments and wallets are read in one attempt: a retry must not lay newer wallets beside the
	// payments of an older page.
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		if payments, part.next, err = store.ListPayments(ctx, cursor, limit); err == nil {
			wallets, err = walletsOf(ctx, store, payments)
		}
		return err
	})
	if err != nil {
		return page{}, fault.At("outage: read page of payments", string(q.id), err)
	}

	part.count = len(payments)
	for _, p := range payments {
		// Only who was granted something has a wallet here: nobody else is owed for an outage.
		wallet, ok := wallets[p.Customer()]
		if !ok {
			continue
		}
		// What was promised is on record, so an estimate would say that nothing is left to give.
		if estimator.Gave(p, q.id) {
			part.prior++
		} else if gift, ok := estimator.Estimate(p, wallet, q.met, q.at); ok {
			part.gifts = append(part.gifts, gift)
		}
	}
	return part, nil
}

// walletsOf returns the wallets of those who were granted something.
func walletsOf(ctx context.Context, store Store, payments []payment.Payment) (map[ledger.CustomerID]ledger.Wallet, error) {
	var customers []ledger.CustomerID
	for _, p := range payments {
		if p.State == payment.StateGranted {
			customers = append(customers, p.Customer())
		}
	}
	// Customers buy more than once, and the store takes each only once.
	slices.Sort(customers)
	if customers = slices.Compact(customers); len(customers) == 0 {
		return nil, nil
	}
	list, err := store.FindWallets(ctx, customers...)

	// By customer, so that each payment of the page finds its wallet without another read.
	wallets := make(map[ledger.CustomerID]ledger.Wallet, len(list))
	for _, wallet := range list {
		wallets[wallet.Customer] = wallet
	}
	return wallets, err
}

// A preview looks at 1,000 payments at the most. That fits in one request of staff, and is enough
// to tell what an outage costs.
const (
	previewPages = 10
	previewPage  = 100 // payments
)

// preview estimates what a run of the outage would give. It writes nothing.
func preview(ctx context.Context, store Store, estimator Estimator, o Outage, now time.Time) (Preview, error) {
	all, err := store.Outages(ctx)
	if err != nil {
		return Preview{}, fault.At("outage: read outages", string(o.ID), err)
	}

	// The store still has the outage as it was before its correction. Joined with that, a shortened
	// outage would keep its old hours.
	all = slices.DeleteFunc(active(all), func(other Outage) bool { return other.ID == o.ID })
	q := query{o.ID, o.downtime(append(all, o), now).OutageFacts, now}

	var total Preview
	cursor := ""
	for range previewPages {
		part, err := readPage(ctx, store, estimator, q, cursor, previewPage)
		if err != nil {
			return Preview{}, err
		}
		for _, gift := range part.gifts {
			total.add(gift)
		}
		// Without a next page it has looked at every payment: the estimate is complete.
		if cursor = part.next; cursor == "" {
			total.Complete = true
			break
		}
	}
	return total, nil
}

// add counts one more purchase.
func (p *Preview) add(gift Gift) {
	p.Purchases++
	p.Unspent += gift.Unspent
	switch gift.Remedy.Arm() {
	case policy.ArmCredits: // counted as what is unspent
	case policy.ArmMoney:
		p.addMoney(gift.Remedy.Money())
	}
}

// addMoney adds to the sum of its currency. The sums are kept in the order of currencies.
func (p *Preview) addMoney(amount money.Amount) {
	i, ok := slices.BinarySearchFunc(p.Money, amount.Currency, func(a money.Amount, currency string) int {
		return cmp.Compare(a.Currency, currency)
	})
	if !ok {
		p.Money = slices.Insert(p.Money, i, money.Amount{Currency: amount.Currency})
	}
	p.Money[i].Minor += amount.Minor
}
