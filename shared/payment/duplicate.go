package payment

import (
	"cmp"
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// maxRecent is how many purchases of a customer are remembered to find duplicates among: a few
// hundred bytes, read and written with each purchase.
const maxRecent = 10

// Recent is a customer's purchases that were granted last, the newest grant at the end. Ten are
// enough: two slow debits of one order are granted together, however many purchases were ordered in
// between.
type Recent []RecentPurchase

// RecentPurchase is what two charges for one purchase have in common, and when this one was
// ordered.
type RecentPurchase struct {
	// ID is the payment.
	ID ID `json:"id"`
	// Package is the name of what was bought.
	Package string `json:"package"`
	// Price is the subtotal, before discounts and taxes.
	Price money.Amount `json:"price"`
	// Paid is what the customer paid, in minor units of Price's currency.
	Paid int64 `json:"paid"`
	// OrderedAt is when it was ordered.
	OrderedAt time.Time `json:"ordered_at"`
}

// ungrantedLimit is how many payments of a customer that granted nothing are remembered, so that a
// claim finds them by their day and amount.
const ungrantedLimit = 20

// ungranted returns the customer's payments that granted nothing, as they are once the payment is
// after. It returns nil where the list does not change.
func (s Snapshot) ungranted(after Payment) []ID {
	// The list changes only when the payment enters it or leaves it.
	present := slices.Contains(s.Ungranted, after.ID)
	switch {
	case after.Customer() == "" || present == (after.State != StateGranted):
		return nil
	case present:
		return slices.DeleteFunc(slices.Clone(s.Ungranted), func(id ID) bool { return id == after.ID })
	}
	// Past the bound the oldest goes: claims about it name it by its id.
	all := append(slices.Clone(s.Ungranted), after.ID)
	return all[max(0, len(all)-ungrantedLimit):]
}

// recentOf returns what is remembered of the payment, which must have a purchase.
func recentOf(p Payment) RecentPurchase {
	b := p.Purchase
	return RecentPurchase{ID: p.ID, Package: b.Package, Price: b.Subtotal, Paid: b.Paid, OrderedAt: b.OrderedAt}
}

// with returns the purchases with one more, the last that are kept. A purchase that is in the list
// keeps its place: only its order instant changes.
func (r Recent) with(purchase RecentPurchase) Recent {
	after := slices.Clone(r)
	if i := slices.IndexFunc(after, func(other RecentPurchase) bool { return other.ID == purchase.ID }); i >= 0 {
		after[i] = purchase
		return after
	}
	after = append(after, purchase)
	return after[max(0, len(after)-maxRecent):]
}

// after reports whether p is the duplicate of the two that is paid back without a claim: the later,
// and of two in one second the one with the greater id.
func (p RecentPurchase) after(other RecentPurchase) bool {
	return cmp.Or(p.OrderedAt.Compare(other.OrderedAt), cmp.Compare(p.ID, other.ID)) > 0
}

// duplicates reports whether p is a charge for the same as other, within the span after it.
// Providers report whole seconds, so of two in one second each duplicates the other.
func (p RecentPurchase) duplicates(other RecentPurchase, span time.Duration) bool {
	after := p.OrderedAt.Sub(other.OrderedAt)
	alike := p.Package == other.Package && p.Price == other.Price && p.Paid == other.Paid
	return alike && p.ID != other.ID && 0 <= after && after <= span
}

// duplicates are the matches of one purchase among others.
type duplicates struct {
	// earlier are the purchases that it may duplicate; later those that may duplicate it.
	earlier, later []ID
	// certain: it is taken for a double charge. repay: it is paid back without a claim.
	certain, repay bool
}

// duplicates returns the matches of a purchase among the recent ones. Each pair is judged by the
// policy in force when its later purchase was ordered, so the order of arrival does not matter.
func (r Rules) duplicates(recent Recent, of RecentPurchase) (matches duplicates) {
	spans := r.Catalog.DuplicateRule(of.OrderedAt)
	for _, other := range recent {
		switch {
		case of.duplicates(other, spans.Look):
			matches.earlier = append(matches.earlier, other.ID)
			same := of.duplicates(other, spans.Same)
			matches.certain = matches.certain || same
			// Of two in one second only one may be paid back, or the customer would get both.
			matches.repay = matches.repay || same && spans.Repay && of.after(other)
		case other.duplicates(of, r.Catalog.DuplicateRule(other.OrderedAt).Look):
			matches.later = append(matches.later, other.ID)
		}
	}
	return matches
}

// Finder reads payments. It is the part of Store that FindDuplicates needs.
type Finder interface {
	// FindPayments returns those of the payments that exist, each once, in the order of ids.
	FindPayments(ctx context.Context, ids ...ID) ([]Payment, error)
}

// FindDuplicates returns the payments that a payment granted by the change duplicates, or that
// duplicate it, with the match noted on each. It returns none where the change grants nothing.
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
	// One transaction holds them all. The wallet, its row, the payment and a case need six writes
	// of it; duplicates that find no room are still noted on the payment itself.
	ids = ids[:min(len(ids), max(0, ledger.MaxWrites+4-change.Posting.Writes()))]
	others, err := store.FindPayments(ctx, ids...)
	for i, other := range others {
		others[i] = other.withDuplicates(rules.duplicates(Recent{purchase}, recentOf(other)), now)
	}
	return others, fault.At("payment: find duplicates", string(change.After.ID), err)
}

// Duplicates are a customer's payments for the same purchase as one of theirs, within the policy's
// longer span.
type Duplicates struct {
	// Earlier were ordered before it: it may be a double charge of them.
	Earlier []ID
	// Later were ordered after it: they may be double charges of it.
	Later []ID
}

// DuplicatesOf returns the duplicates of the payment in the snapshot. They are noted on a granted
// payment; for one that granted nothing, they are looked for among the customer's recent purchases.
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

// LatestDuplicate returns the last of a customer's payments if each of them is a double charge of
// the one before it, within the policy's shorter span. It returns nil where one is not. There must
// be at least one payment, and each must have a purchase.
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

// withDuplicates returns the payment with its duplicates noted on it.
func (p Payment) withDuplicates(matches duplicates, now time.Time) Payment {
	p.DuplicateOf, p.DuplicatedBy = mergeIDs(p.DuplicateOf, matches.earlier), mergeIDs(p.DuplicatedBy, matches.later)
	p.Duplicate = p.Duplicate || matches.certain
	// A match that is found late must not overrule what staff decided about the double charge.
	p.Repay = p.Repay || matches.repay && !p.resolvedUpon(ReasonDuplicate)
	return p.schedule(now)
}

// mergeIDs returns the ids of both, sorted, each once.
func mergeIDs(a, b []ID) []ID {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// reordered reports whether a granted payment proves to have been ordered earlier than was known.
func (p Payment) reordered(prior *Payment) bool {
	return prior != nil && prior.State == StateGranted && !prior.Purchase.OrderedAt.Equal(p.Purchase.OrderedAt)
}
