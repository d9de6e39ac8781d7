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

// Rules is the stack's policy, as far as outages ask it.
type Rules struct {
	// Lists reports whether the policy lists the feature at the instant.
	Lists func(feature string, at time.Time) bool
	// Gives returns what the policy would give the buyer of a payment for the downtime, asked at the instant, and how many credits of the
	// payment are unspent; nil where it would give nothing, or not without a person.
	Gives func(p payment.Payment, wallet ledger.Wallet, met policy.OutageFacts, at time.Time) (*policy.Remedy, ledger.Credits)
	// Gave reports whether the outage's run gave the buyer of the payment something.
	Gave func(p payment.Payment, id ID) bool
}

// gift is what a purchase would get.
type gift struct {
	payment payment.ID
	remedy  policy.Remedy
	unspent ledger.Credits
}

// page is a part of all payments that was looked at: how many, those of them that would get something, how many got something, and where the
// next part begins, "" after the last.
type page struct {
	seen  int
	gifts []gift
	gave  int
	next  string
}

// asking is what a page is looked at for: the downtime of an outage, at an instant.
type asking struct {
	id  ID
	met policy.OutageFacts
	at  time.Time
}

// look reads a page of payments with the wallets of their customers, and asks what each would get, or got.
func (r Rules) look(ctx context.Context, store Store, about asking, cursor string, limit int) (page, error) {
	var payments []payment.Payment
	var wallets map[ledger.CustomerID]ledger.Wallet
	var looked page
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		if payments, looked.next, err = store.ListPayments(ctx, cursor, limit); err == nil {
			wallets, err = walletsOf(ctx, store, payments)
		}
		return err
	})
	if err != nil {
		return page{}, err
	}
	looked.seen = len(payments)
	for _, p := range payments {
		wallet, known := wallets[p.Customer()]
		if !known {
			continue
		}
		if r.Gave(p, about.id) {
			looked.gave++
		} else if remedy, unspent := r.Gives(p, wallet, about.met, about.at); remedy != nil {
			looked.gifts = append(looked.gifts, gift{payment: p.ID, remedy: *remedy, unspent: unspent})
		}
	}
	return looked, nil
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
	found, err := store.FindWallets(ctx, customers...)
	wallets := make(map[ledger.CustomerID]ledger.Wallet, len(found))
	for _, wallet := range found {
		wallets[wallet.Customer] = wallet
	}
	return wallets, err
}

// The bounds of a preview: some of a request's time, and enough to tell what an outage costs.
const (
	previewPages = 10
	previewPage  = 100
)

// preview estimates what a run would give.
func (r Rules) preview(ctx context.Context, store Store, declared Outage, now time.Time) (Preview, error) {
	all, err := store.Outages(ctx)
	if err != nil {
		return Preview{}, err
	}
	var preview Preview
	all = slices.DeleteFunc(standing(all), func(o Outage) bool { return o.ID == declared.ID }) // as it was before its correction
	about, cursor := asking{declared.ID, declared.downtime(append(all, declared), now).OutageFacts, now}, ""
	for range previewPages {
		looked, err := r.look(ctx, store, about, cursor, previewPage)
		if err != nil {
			return Preview{}, err
		}
		for _, gift := range looked.gifts {
			preview.add(gift)
		}
		if cursor = looked.next; cursor == "" {
			preview.Complete = true
			break
		}
	}
	return preview, nil
}

// add counts one more purchase. Money is kept in the order of currencies.
func (p *Preview) add(one gift) {
	p.Purchases++
	p.Unspent += one.unspent
	switch one.remedy.Arm() {
	case policy.ArmCredits:
	case policy.ArmMoney:
		p.addMoney(one.remedy.Money())
	}
}

func (p *Preview) addMoney(amount money.Amount) {
	i, ok := slices.BinarySearchFunc(p.Money, amount.Currency, func(a money.Amount, currency string) int {
		return cmp.Compare(a.Currency, currency)
	})
	if !ok {
		p.Money = slices.Insert(p.Money, i, money.Amount{Currency: amount.Currency})
	}
	p.Money[i].Minor += amount.Minor
}
