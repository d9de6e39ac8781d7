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

// absent is the word for what a side does not have.
const absent = "nothing"

// between returns where the provider's answer about a payment and the ledger's differ. theirs is
// the provider's; where ok is false, it knows no such purchase. A nil record: the ledger has none.
func between(id payment.ID, theirs payment.Payment, ok bool, record *stack.Recorded) []Difference {
	// A refund may be on record without its purchase: then the purchase itself is the difference.
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
		// As the ledger shows them: statuses that we do not know are among the others.
		theirRefunds, theirDisputes, status := theirs.Latest()
		latest, own := *theirs.Purchase, record.Purchase.Subtotal.Currency
		latest.Status = status
		add.purchases(latest, *record)
		each(&add, own, theirRefunds, record.Refunds, refunds)
		each(&add, own, theirDisputes, record.Disputes, disputes)
	}
	return add.all
}

// adder gathers the differences of one payment.
type adder struct {
	id  payment.ID
	all []Difference
}

// one adds a difference, in the words of both sides.
func (a *adder) one(kind Kind, about, provider, ledger string) {
	a.all = append(a.all, Difference{a.id, kind, about, provider, ledger})
}

// purchases compares what was bought: whether it is paid, whose and what it is, and its price.
func (a *adder) purchases(theirs payment.Purchase, record stack.Recorded) {
	ours := *record.Purchase
	theirs = withResolutions(theirs, record)
	a.status(theirs, record)
	if theirs.Customer != ours.Customer {
		a.one(Customer, "", word(string(theirs.Customer)), word(string(ours.Customer)))
	}
	if theirs.Package != ours.Package {
		a.one(Package, "", word(theirs.Package), word(ours.Package))
	}
	// Amounts of two currencies cannot be compared, so a difference is reported as one or the
	// other.
	switch {
	case theirs.Subtotal.Currency != ours.Subtotal.Currency:
		a.one(Currency, "", amounts(theirs), amounts(ours))
	case theirs.Subtotal != ours.Subtotal || theirs.Paid != ours.Paid:
		a.one(Amount, "", amounts(theirs), amounts(ours))
	}
}

// withResolutions returns the provider's purchase with what staff put in the place of what it did
// not name: that is no difference.
func withResolutions(theirs payment.Purchase, record stack.Recorded) payment.Purchase {
	ours := record.Purchase
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
	return theirs
}

// status compares how far the purchase has come on both sides.
func (a *adder) status(theirs payment.Purchase, record stack.Recorded) {
	hasCredits := record.State == payment.StateGranted
	switch {
	// Credits without money are the worst of differences, unless staff gave them knowingly.
	case hasCredits && unpaid(theirs.Status) && record.Decided(payment.ReasonUnpaid, payment.ReasonPaymentFailed):
	case hasCredits && unpaid(theirs.Status):
		a.one(Unpaid, "", string(theirs.Status), fmt.Sprintf("granted %d credits", record.Granted()))
	case unpaid(theirs.Status) && unpaid(record.Purchase.Status): // what shows a failure is its event, not a look
	case theirs.Status != record.Purchase.Status:
		a.one(Status, "", string(theirs.Status), string(record.Purchase.Status))
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

// each compares refunds or disputes, one by one. own is the currency of an amount that names none.
func each[M any](a *adder, own string, provider, ours map[string]M, w words[M]) {
	inWords := func(amount money.Amount) string {
		amount.Currency = cmp.Or(amount.Currency, own)
		return amount.String()
	}
	describe := func(m M) string {
		amount, status := w.read(m)
		return status + " " + inWords(amount)
	}
	// Sorted, so that two runs on the same data print the same report.
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
		// An amount may name no currency: only two that are both named can differ.
		otherCurrency := theirAmount.Currency != myAmount.Currency && theirAmount.Currency != "" && myAmount.Currency != ""
		if theirAmount.Minor != myAmount.Minor || otherCurrency {
			a.one(w.amount, id, inWords(theirAmount), inWords(myAmount))
		}
	}
	// The other way round: a refund that only the ledger has took credits for money that never went
	// back.
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		if _, ok := provider[id]; !ok {
			a.one(w.unknown, id, absent, describe(ours[id]))
		}
	}
}

// within returns what is wrong with the ledger by itself: credits that do not agree with the facts
// it received, and what waits for staff. A duplicate is no difference, for people do buy twice. Nor
// is what staff decided.
func within(record stack.Recorded) []Difference {
	add := adder{id: record.ID}
	// The clawback must be where the money's facts put it; a gap means that a step was lost.
	target, clawback := payment.Target(record.Payment), record.Clawback.Total()
	if target != clawback && !record.Decided(payment.ReasonNotClawedBack) && !record.Unclear() {
		add.one(Credits, "", fmt.Sprintf("%d of %d to be taken back", target, record.Granted()), fmt.Sprintf("%d taken back", clawback))
	}
	// A clawback that is behind is reported above already; a second line would say the same.
	switch reason := record.Waiting; {
	case reason == "", reason == payment.ReasonDuplicate, reason == payment.ReasonNotClawedBack && target != clawback:
	default:
		add.one(Waits, "", "a decision of staff", string(record.State)+": "+string(reason))
	}
	return add.all
}

// purchase describes what was bought.
func purchase(p payment.Purchase) string {
	return fmt.Sprintf("%s: %s for %s, %s, %s", p.Status, word(p.Package), word(cmp.Or(string(p.Customer), p.Named)), amounts(p), instant(p.PaidAt))
}

// amounts gives the price, and what was paid where that is another sum.
func amounts(p payment.Purchase) string {
	if p.Paid == p.Subtotal.Minor {
		return p.Subtotal.String()
	}
	return p.Subtotal.String() + ", paid " + p.Money().String()
}

// word gives a name that others chose on one line: quoted where it is no plain word.
func word(text string) string {
	// A customer's id with a line break could forge a line of the report.
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
