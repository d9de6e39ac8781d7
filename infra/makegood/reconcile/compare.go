package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/infra/makegood/stack"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// nothing stands for what a side does not have.
const absent = "nothing"

// between returns where the provider's words about a payment and the ledger's differ. A nil
// recorded is not on record; told is the provider's, false ok: it knows no such purchase.
func between(id payment.ID, theirs payment.Payment, ok bool, record *stack.Recorded) []Difference {
	hasPurchase := record != nil && record.Purchase != nil
	add := adder{id: id}
	switch {
	case !ok && !hasPurchase: // neither was sold by us
	case !ok && record.Decided(payment.ReasonWrongMode): // a gateway of one mode knows nothing of the other's
	case !ok:
		add.one(Unknown, "", absent, purchase(*record.Purchase))
	case !hasPurchase:
		add.one(Missing, "", purchase(*theirs.Purchase), absent)
	default:
		theirRefunds, theirDisputes, status := theirs.Latest() // as the ledger shows them: statuses that we do not know with the others
		latest, own := *theirs.Purchase, record.Purchase.Subtotal.Currency
		latest.Status = status
		add.purchases(latest, *record)
		each(&add, own, theirRefunds, record.Refunds, refunds)
		each(&add, own, theirDisputes, record.Disputes, disputes)
	}
	return add.all
}

type adder struct {
	id  payment.ID
	all []Difference
}

func (a *adder) one(kind Kind, about, provider, ledger string) {
	a.all = append(a.all, Difference{a.id, kind, about, provider, ledger})
}

// purchases compares what was bought. What staff put in the place of what the purchase did not name
// is no difference.
func (a *adder) purchases(theirs payment.Purchase, record stack.Recorded) {
	ours := *record.Purchase
	for _, r := range record.Resolutions {
		if r.Action != payment.ActionGrant {
			continue
		}
		if theirs.Customer == "" && r.Customer == ours.Customer {
			theirs.Customer = ours.Customer
		}
		if r.Package != "" && r.Package == ours.Package {
			theirs.Package = ours.Package
		}
	}
	switch {
	case record.State == payment.StateGranted && unpaid(theirs.Status) && record.Decided(payment.ReasonUnpaid, payment.ReasonPaymentFailed):
	case record.State == payment.StateGranted && unpaid(theirs.Status):
		a.one(Unpaid, "", string(theirs.Status), fmt.Sprintf("granted %d credits", record.Granted()))
	case unpaid(theirs.Status) && unpaid(ours.Status): // what shows a failure is its event, not a look
	case theirs.Status != ours.Status:
		a.one(Status, "", string(theirs.Status), string(ours.Status))
	}
	if theirs.Customer != ours.Customer {
		a.one(Customer, "", word(string(theirs.Customer)), word(string(ours.Customer)))
	}
	if theirs.Package != ours.Package {
		a.one(Package, "", word(theirs.Package), word(ours.Package))
	}
	switch {
	case theirs.Subtotal.Currency != ours.Subtotal.Currency:
		a.one(Currency, "", amounts(theirs), amounts(ours))
	case theirs.Subtotal != ours.Subtotal || theirs.Paid != ours.Paid:
		a.one(Amount, "", amounts(theirs), amounts(ours))
	}
}

// unpaid reports whether the money has not come.
func unpaid(status payment.Status) bool {
	return status == payment.StatusUnpaid || status == payment.StatusFailed
}

// words say how money that goes back is compared: its kinds of difference, its amount and its
// status.
type words[M any] struct {
	unheard, unknown, status, amount Kind
	read                             func(M) (money.Amount, string)
}

var refunds = words[payment.Refund]{
	RefundUnheard, RefundUnknown, RefundStatus, RefundAmount,
	func(r payment.Refund) (money.Amount, string) { return r.Amount, string(r.Status) },
}

var disputes = words[payment.Dispute]{
	DisputeUnheard, DisputeUnknown, DisputeStatus, DisputeAmount,
	func(d payment.Dispute) (money.Amount, string) { return d.Amount, string(d.Status) },
}

// each compares what went back, one by one; own is the currency of an amount that names none.
func each[M any](a *adder, own string, provider, ours map[string]M, w words[M]) {
	inWords := func(amount money.Amount) string {
		amount.Currency = cmp.Or(amount.Currency, own)
		return amount.String()
	}
	describe := func(m M) string {
		amount, status := w.read(m)
		return status + " " + inWords(amount)
	}
	for _, id := range slices.Sorted(maps.Keys(provider)) {
		mine, ok := ours[id]
		if !ok {
			a.one(w.unheard, id, describe(provider[id]), absent)
			continue
		}
		theirAmount, theirStatus := w.read(provider[id])
		myAmount, myStatus := w.read(mine)
		if theirStatus != myStatus {
			a.one(w.status, id, theirStatus, myStatus)
		}
		otherCurrency := theirAmount.Currency != myAmount.Currency && theirAmount.Currency != "" && myAmount.Currency != ""
		if theirAmount.Minor != myAmount.Minor || otherCurrency {
			a.one(w.amount, id, inWords(theirAmount), inWords(myAmount))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		if _, ok := provider[id]; !ok {
			a.one(w.unknown, id, absent, describe(ours[id]))
		}
	}
}

// within returns what is wrong with the ledger by itself: credits that are not level with what it
// has heard, and what waits for staff. A repeat is no difference: people do buy twice. Nor is what
// staff decided.
func within(record stack.Recorded) []Difference {
	add := adder{id: record.ID}
	target, clawback := payment.Target(record.Payment), record.Clawback.Total()
	if target != clawback && !record.Decided(payment.ReasonNotLevel) && !record.Unclear() {
		add.one(Credits, "", fmt.Sprintf("%d of %d to be taken back", target, record.Granted()), fmt.Sprintf("%d taken back", clawback))
	}
	switch reason := record.Waiting; {
	case reason == "", reason == payment.ReasonDuplicate, reason == payment.ReasonNotLevel && target != clawback:
	default:
		add.one(Waits, "", "a decision of staff", string(record.State)+": "+string(reason))
	}
	return add.all
}

// purchase says what was bought.
func purchase(p payment.Purchase) string {
	return fmt.Sprintf("%s: %s for %s, %s, %s", p.Status, word(p.Package), word(cmp.Or(string(p.Customer), p.Named)), amounts(p), instant(p.PaidAt))
}

// amounts says the price, and what was paid where that is another.
func amounts(p payment.Purchase) string {
	if p.Paid == p.Subtotal.Minor {
		return p.Subtotal.String()
	}
	return p.Subtotal.String() + ", paid " + p.Money().String()
}

// word shows what was named by others on one line: quoted where it is no plain word.
func word(text string) string {
	plain := text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' })
	if plain {
		return text
	}
	return fmt.Sprintf("%+q", text)
}

// instant writes an instant, "at an unknown time" for none.
func instant(at time.Time) string {
	if at.IsZero() {
		return "at an unknown time"
	}
	return at.UTC().Format(time.RFC3339)
}
