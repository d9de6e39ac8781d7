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

// Estimator answers what outages ask of the stack's policy. It is asked for each purchase of a
// page, so it reads nothing.
type Estimator interface {
	// Lists reports whether the policy lists the feature at the instant.
	Lists(feature string, at time.Time) bool
	// Estimate returns what a run would give the buyer of the payment for the downtime, judged at
	// the instant. false where it would give nothing, or not without a person.
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

// page is a part of all payments that was looked at.
type page struct {
	seen  int    // how many payments it has
	gifts []Gift // what those of them would get that would get something
	gave  int    // how many of them got something before
	next  string // where the next part begins, "" after the last
}

// query is what a page is looked at for: the downtime of an outage, at an instant.
type query struct {
	id  ID
	met policy.OutageFacts
	at  time.Time
}

// look reads a page of payments with the wallets of their customers, and estimates what each would
// get.
func look(ctx context.Context, store Store, estimator Estimator, q query, cursor string, limit int) (page, error) {
	var payments []payment.Payment
	var wallets map[ledger.CustomerID]ledger.Wallet
	var part page
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		if payments, part.next, err = store.ListPayments(ctx, cursor, limit); err == nil {
			wallets, err = walletsOf(ctx, store, payments)
		}
		return err
	})
	if err != nil {
		return page{}, fault.At("outage: read page of payments", string(q.id), err)
	}
	part.seen = len(payments)
	for _, p := range payments {
		// Only who was granted something has a wallet here: nobody else is owed for an outage.
		wallet, ok := wallets[p.Customer()]
		if !ok {
			continue
		}
		if estimator.Gave(p, q.id) {
			part.gave++
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
	slices.Sort(customers)
	if customers = slices.Compact(customers); len(customers) == 0 {
		return nil, nil
	}
	list, err := store.FindWallets(ctx, customers...)
	wallets := make(map[ledger.CustomerID]ledger.Wallet, len(list))
	for _, wallet := range list {
		wallets[wallet.Customer] = wallet
	}
	return wallets, err
}

// The bounds of a preview: some of a request's time, and enough to tell what an outage costs.
const (
	previewPages = 10
	previewPage  = 100
)

// preview estimates what a run of the outage would give.
func preview(ctx context.Context, store Store, estimator Estimator, o Outage, now time.Time) (Preview, error) {
	all, err := store.Outages(ctx)
	if err != nil {
		return Preview{}, fault.At("outage: read outages", string(o.ID), err)
	}
	// The outage itself stands there as it was before its correction.
	all = slices.DeleteFunc(standing(all), func(other Outage) bool { return other.ID == o.ID })
	q := query{o.ID, o.downtime(append(all, o), now).OutageFacts, now}
	var total Preview
	cursor := ""
	for range previewPages {
		part, err := look(ctx, store, estimator, q, cursor, previewPage)
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
