package payment

import (
	"cmp"
	"context"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// maxRecent is how many purchases of a customer are remembered to tell repeats by: a few hundred bytes, read and written with each purchase.
const maxRecent = 10

// Recent is a customer's latest purchases that were granted, oldest first: as many as a double charge is looked for among.
type Recent []RecentPurchase

// RecentPurchase is what two charges for one purchase have in common, and when this one was paid.
type RecentPurchase struct {
	ID      ID           `json:"id"`
	Package string       `json:"package"`
	Price   money.Amount `json:"price"`
	Paid    int64        `json:"paid"`
	PaidAt  time.Time    `json:"paid_at"`
}

func recentOf(p Payment) RecentPurchase {
	b := p.Purchase
	return RecentPurchase{ID: p.ID, Package: b.Package, Price: b.Subtotal, Paid: b.Paid, PaidAt: b.PaidAt}
}

// with returns the purchases with one more, the newest that are kept.
func (r Recent) with(purchase RecentPurchase) Recent {
	after := slices.DeleteFunc(slices.Clone(r), func(other RecentPurchase) bool { return other.ID == purchase.ID })
	after = append(after, purchase)
	slices.SortFunc(after, func(a, b RecentPurchase) int { return cmp.Or(a.PaidAt.Compare(b.PaidAt), cmp.Compare(a.ID, b.ID)) })
	return after[max(0, len(after)-maxRecent):]
}

// after reports whether p is the one of two repeats that is paid back unasked: the later, and of two in one second always the same.
func (p RecentPurchase) after(other RecentPurchase) bool {
	return cmp.Or(p.PaidAt.Compare(other.PaidAt), cmp.Compare(p.ID, other.ID)) > 0
}

// repeats reports whether p is a charge for the same as other, within the window after it. Providers tell whole seconds, so of two in one
// second either repeats the other.
func (p RecentPurchase) repeats(other RecentPurchase, window time.Duration) bool {
	after := p.PaidAt.Sub(other.PaidAt)
	alike := p.Package == other.Package && p.Price == other.Price && p.Paid == other.Paid
	return alike && p.ID != other.ID && 0 <= after && after <= window
}

// twins returns the recent purchases that this one repeats, and those that repeat it: each by the policy in force when the repeat was paid,
// so that it does not matter which is heard of first.
func (r Receiver) twins(recent Recent, of RecentPurchase) (earlier, later []ID) {
	window, _ := r.Catalog.Repeats(of.PaidAt)
	for _, other := range recent {
		if of.repeats(other, window) {
			earlier = append(earlier, other.ID)
		}
		if window, _ := r.Catalog.Repeats(other.PaidAt); other.repeats(of, window) {
			later = append(later, other.ID)
		}
	}
	return earlier, later
}

// Finder reads payments: see Store.
type Finder interface {
	FindPayments(ctx context.Context, ids ...ID) ([]Payment, error)
}

// Repeated returns the payments that one granted by the change shows to be repeats, each as it stands then: none where it grants nothing.
func (r Receiver) Repeated(ctx context.Context, store Finder, change Change, now time.Time) ([]Payment, error) {
	if change.Recent == nil {
		return nil, nil
	}
	bought := recentOf(change.After)
	_, later := r.twins(change.Recent, bought)
	if len(later) == 0 {
		return nil, nil
	}
	later = later[:min(len(later), max(0, ledger.MaxWrites+4-change.Posting.Writes()))] // the wallet, its row, the payment and a case want six
	twins, err := store.FindPayments(ctx, later...)
	for i, twin := range twins {
		_, repay := r.Catalog.Repeats(twin.Purchase.PaidAt)
		twins[i] = twin.repeating([]ID{bought.ID}, repay && recentOf(twin).after(bought), now)
	}
	return twins, err
}

// RepeatsOf returns the earlier payments that the one read may be a double charge of: those noted on it, and, of one that granted nothing, the
// customer's recent purchases for the same.
func (r Receiver) RepeatsOf(read Snapshot) []ID {
	if read.Payment == nil || read.Payment.Purchase == nil {
		return nil
	}
	p := *read.Payment
	if p.State != StateGranted {
		earlier, _ := r.twins(read.Recent, recentOf(p))
		return p.repeating(earlier, false, time.Time{}).Repeats
	}
	return p.Repeats
}

// repeating returns the payment with earlier ones noted that it repeats. Repay says whether the policy pays such a charge back unasked.
func (p Payment) repeating(earlier []ID, repay bool, now time.Time) Payment {
	repeats := slices.Concat(p.Repeats, earlier)
	slices.Sort(repeats)
	p.Repeats = slices.Compact(repeats)
	p.Repay = p.Repay || repay && len(earlier) > 0 && !p.settled(ReasonRepeated) // what staff decided stands
	return p.owe(now)
}
