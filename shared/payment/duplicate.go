package payment

import (
	"cmp"
	"context"
	"slices"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// maxRecent is how many purchases of a customer are remembered to tell repeats by: a few hundred
// bytes, read and written with each purchase.
const maxRecent = 10

// Recent is a customer's purchases that were granted last, the last one at the end: as many as a
// double charge is looked for among. Two slow debits of one order are granted together, however
// many purchases were ordered since.
type Recent []RecentPurchase

// RecentPurchase is what two charges for one purchase have in common, and when this one was
// ordered.
type RecentPurchase struct {
	ID        ID           `json:"id"`
	Package   string       `json:"package"`
	Price     money.Amount `json:"price"`
	Paid      int64        `json:"paid"`
	OrderedAt time.Time    `json:"ordered_at"`
}

// maxUngranted is how many payments of a customer that granted nothing are remembered, so that a
// claim finds them by their day and amount.
const ungrantedLimit = 20

// ungranted returns the customer's payments that granted nothing once the payment is as it is after
// the change, nil where that changes nothing.
func (s Snapshot) ungranted(after Payment) []ID {
	present := slices.Contains(s.Ungranted, after.ID)
	switch {
	case after.Customer() == "" || present == (after.State != StateGranted):
		return nil
	case present:
		return slices.DeleteFunc(slices.Clone(s.Ungranted), func(id ID) bool { return id == after.ID })
	}
	all := append(slices.Clone(s.Ungranted), after.ID)
	return all[max(0, len(all)-ungrantedLimit):]
}

func recentOf(p Payment) RecentPurchase {
	b := p.Purchase
	return RecentPurchase{ID: p.ID, Package: b.Package, Price: b.Subtotal, Paid: b.Paid, OrderedAt: b.OrderedAt}
}

// with returns the purchases with one more, the last that are kept. One that proves to have been
// ordered before keeps its place.
func (r Recent) with(purchase RecentPurchase) Recent {
	after := slices.Clone(r)
	if i := slices.IndexFunc(after, func(other RecentPurchase) bool { return other.ID == purchase.ID }); i >= 0 {
		after[i] = purchase
		return after
	}
	after = append(after, purchase)
	return after[max(0, len(after)-maxRecent):]
}

// after reports whether p is the one of two repeats that is paid back unasked: the later, and of
// two in one second always the same.
func (p RecentPurchase) after(other RecentPurchase) bool {
	return cmp.Or(p.OrderedAt.Compare(other.OrderedAt), cmp.Compare(p.ID, other.ID)) > 0
}

// duplicates reports whether p is a charge for the same as other, within the span after it.
// Providers tell whole seconds, so of two in one second either repeats the other.
func (p RecentPurchase) duplicates(other RecentPurchase, span time.Duration) bool {
	after := p.OrderedAt.Sub(other.OrderedAt)
	alike := p.Package == other.Package && p.Price == other.Price && p.Paid == other.Paid
	return alike && p.ID != other.ID && 0 <= after && after <= span
}

// duplicates are the purchases that one repeats, and those that were ordered after it and repeat
// it. Twice: it is taken for a double charge; repay: it is to be paid back unasked.
type duplicates struct {
	earlier, later []ID
	certain, repay bool
}

// duplicates returns those among the recent purchases: each by the policy in force when the repeat
// was ordered, so that it does not matter which is heard of first.
func (r Rules) duplicates(recent Recent, of RecentPurchase) (matches duplicates) {
	spans := r.Catalog.DuplicateRule(of.OrderedAt)
	for _, other := range recent {
		switch {
		case of.duplicates(other, spans.Look):
			matches.earlier = append(matches.earlier, other.ID)
			same := of.duplicates(other, spans.Same)
			matches.certain = matches.certain || same
			matches.repay = matches.repay || same && spans.Repay && of.after(other)
		case other.duplicates(of, r.Catalog.DuplicateRule(other.OrderedAt).Look):
			matches.later = append(matches.later, other.ID)
		}
	}
	return matches
}

// Finder reads payments: see Store.
type Finder interface {
	FindPayments(ctx context.Context, ids ...ID) ([]Payment, error)
}

// FindDuplicates returns the payments that one granted by the change repeats, or is repeated by,
// each as it stands then: none where it grants nothing.
func FindDuplicates(ctx context.Context, store Finder, rules Rules, change Change, now time.Time) ([]Payment, error) {
	if change.Recent == nil {
		return nil, nil
	}
	purchase := recentOf(change.After)
	matches := rules.duplicates(change.Recent, purchase)
	ids := slices.Concat(matches.later, matches.earlier)
	if len(ids) == 0 {
		return nil, nil
	}
	ids = ids[:min(len(ids), max(0, ledger.MaxWrites+4-change.Posting.Writes()))] // the wallet, its row, the payment and a case want six
	others, err := store.FindPayments(ctx, ids...)
	for i, other := range others {
		others[i] = other.withDuplicates(rules.duplicates(Recent{purchase}, recentOf(other)), now)
	}
	return others, err
}

// Duplicates are the payments for the same by the same customer that one may be a double charge of,
// or that may be double charges of it, within the policy's longer span.
type Duplicates struct{ Earlier, Later []ID }

// DuplicatesOf returns those of the payment read: noted on it or, of one that granted nothing,
// among the customer's recent purchases.
func (r Rules) DuplicatesOf(snapshot Snapshot) Duplicates {
	if snapshot.Payment == nil || snapshot.Payment.Purchase == nil {
		return Duplicates{}
	}
	p := *snapshot.Payment
	if p.State != StateGranted {
		p = p.withDuplicates(r.duplicates(snapshot.Recent, recentOf(p)), time.Time{})
	}
	return Duplicates{Earlier: p.DuplicateOf, Later: p.DuplicatedBy}
}

// IsDuplicate compares two payments of one customer. Possible: one is a charge for the same as the
// other within the policy's longer span. Certain: p came after other within the shorter span, so p
// is taken for a double charge.
func (r Rules) IsDuplicate(p, other Payment) (possible, certain bool) {
	if p.Purchase == nil || other.Purchase == nil || p.Customer() != other.Customer() {
		return false, false
	}
	matches := r.duplicates(Recent{recentOf(other)}, recentOf(p))
	return len(matches.earlier)+len(matches.later) > 0, matches.certain
}

// LatestDuplicate returns the last of payments of one customer that are all double charges of one
// purchase, each within the policy's shorter span after the one before it, nil where they are not.
// There must be one, and each must have a purchase.
func (r Rules) LatestDuplicate(payments []Payment) *Payment {
	inOrder := slices.SortedFunc(slices.Values(payments), func(a, b Payment) int {
		return cmp.Or(a.Purchase.OrderedAt.Compare(b.Purchase.OrderedAt), cmp.Compare(a.ID, b.ID))
	})
	for i, p := range inOrder[1:] {
		if _, certain := r.IsDuplicate(p, inOrder[i]); !certain {
			return nil
		}
	}
	return &inOrder[len(inOrder)-1]
}

// withDuplicates returns the payment with its twins noted on it.
func (p Payment) withDuplicates(matches duplicates, now time.Time) Payment {
	p.DuplicateOf, p.DuplicatedBy = mergeIDs(p.DuplicateOf, matches.earlier), mergeIDs(p.DuplicatedBy, matches.later)
	p.Duplicate = p.Duplicate || matches.certain
	p.Repay = p.Repay || matches.repay && !p.resolvedUpon(ReasonDuplicate) // what staff decided stands
	return p.schedule(now)
}

func mergeIDs(a, b []ID) []ID {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// reordered reports whether a granted payment proves to have been ordered before what was known of
// it.
func (p Payment) reordered(before *Payment) bool {
	return before != nil && before.State == StateGranted && !before.Purchase.OrderedAt.Equal(p.Purchase.OrderedAt)
}
