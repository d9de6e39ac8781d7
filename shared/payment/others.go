package payment

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/shared/money"
)

// Others is what a provider reported of a payment that is another provider's. It moves nothing: ids
// are each provider's own, so whoever may sign for one provider must not move what another sold.
// Staff look at it. Maps may be nil. Of each map the maxOthers entries with the least ids are kept.
// Why: infra/decisions/0022.
type Others struct {
	// Purchase is what it reports as bought; nil where it names no purchase.
	Purchase *Purchase `json:"purchase,omitempty"`
	// Refunds are its refunds, by its refund ids.
	Refunds map[string]Refund `json:"refunds,omitempty"`
	// Disputes are its disputes, by its dispute ids.
	Disputes map[string]Dispute `json:"disputes,omitempty"`
	// RefundedInAll is its highest cumulative count of refunded money, in minor units.
	RefundedInAll int64 `json:"refunded_in_all,omitempty"`
	// Unclear holds the latest status that we do not know, by its key: of the purchase, a refund or
	// a dispute.
	Unclear map[string]Unclear `json:"unclear,omitempty"`
	// KnownAt is when it last gave a status that we know, by the same keys.
	KnownAt map[string]time.Time `json:"known_at,omitempty"`
	// More reports that it reported more than was kept.
	More bool `json:"more,omitempty"`
}

// maxOthers bounds the refunds, the disputes and the unclear statuses that are kept of a provider
// that has named no purchase first: some 60 KB with ids of full length. So nobody can fill the row
// of another's payment.
const maxOthers = 20

// Unclear is the latest status that we do not know, by the provider's clock. It moves nothing. It
// is open, and staff look at it, until the provider gives a status that we know.
type Unclear struct {
	// Status is the provider's own word, at most maxStatus characters.
	Status string `json:"status"`
	// Amount is the money of the refund or dispute; nil for the purchase.
	Amount *money.Amount `json:"amount,omitempty"`
	// Case is the case id in the refund's metadata; "" otherwise.
	Case string `json:"case,omitempty"`
	// At is when the provider gave the status.
	At time.Time `json:"at"`
}

// The keys of statuses: the purchase has one, refunds and disputes one each, with their ids.
const (
	unclearPurchase = "purchase"
	unclearRefund   = "refund/"
	unclearDispute  = "dispute/"
)

// maxStatus bounds what is kept of a status that we do not know, in characters. Those that we know
// are far shorter.
const maxStatus = 64

// with returns what was reported, with the facts merged in. It shares nothing that it changes with
// o. The purchase itself is merged by withPurchase, which needs the rules; here only its status is
// noted.
func (o Others) with(facts Facts) Others {
	if purchase := facts.Purchase; purchase != nil {
		// Fresh facts differ from what is kept. An undated answer that is not fresh need not be
		// written.
		fresh := o.Purchase == nil || o.Purchase.Status != purchase.Status
		o = o.withStatus(unclearPurchase, statusRank[purchase.Status] > 0, fresh, facts, Unclear{Status: string(purchase.Status)})
	}
	if refund := facts.Refund; refund != nil {
		// A status without a rank cannot be merged: it is noted beside the refund, and the refund
		// stays.
		prior, ok := o.Refunds[facts.RefundID]
		if refund.Status.Valid() {
			o.Refunds = mergeInto(o.Refunds, facts.RefundID, *refund, Refund.join)
		}
		fresh := !ok || prior != o.Refunds[facts.RefundID]
		o = o.withStatus(unclearRefund+facts.RefundID, refund.Status.Valid(), fresh, facts, Unclear{Status: string(refund.Status), Amount: &refund.Amount, Case: refund.Case})
	}
	if dispute := facts.Dispute; dispute != nil {
		// Likewise for a dispute: the bank's last known status stays in force.
		prior, ok := o.Disputes[facts.DisputeID]
		if dispute.Status.Valid() {
			o.Disputes = mergeInto(o.Disputes, facts.DisputeID, *dispute, Dispute.join)
		}
		fresh := !ok || prior != o.Disputes[facts.DisputeID]
		o = o.withStatus(unclearDispute+facts.DisputeID, dispute.Status.Valid(), fresh, facts, Unclear{Status: string(dispute.Status), Amount: &dispute.Amount})
	}
	// Cumulative: a lower count is an older event.
	o.RefundedInAll = max(o.RefundedInAll, facts.RefundedInAll)
	return o
}

// withStatus notes one more status under its key: the latest instant of a status that we know, and
// the latest status that we do not know. The later of the two by the provider's clock wins,
// whichever arrives first; in one instant the known status does. Facts without an instant report
// how things are today: where nothing has changed, nothing is written.
func (o Others) withStatus(key string, valid, fresh bool, facts Facts, status Unclear) Others {
	prior, exists := o.Unclear[key]
	if valid {
		// An undated answer of the provider comes with each look. To note its instant each time
		// would write the payment each time.
		if at, ok := o.KnownAt[key]; facts.At.After(at) && (!facts.undated || fresh || exists || !ok) {
			o.KnownAt = with(o.KnownAt, key, facts.At)
		}
		return o
	}
	status.At = facts.At
	// The same unknown status, read again, keeps the instant at which it was first seen.
	if same := facts.undated && status.same(prior) && o.open(key); !same && (!exists || status.compare(prior) > 0) {
		o.Unclear = with(o.Unclear, key, status)
	}
	return o
}

// with returns a copy of the map with the value under key.
func with[V any](all map[string]V, key string, value V) map[string]V {
	all = maps.Clone(all)
	if all == nil {
		all = map[string]V{}
	}
	all[key] = value
	return all
}

// open reports whether a status that we do not know is the latest of its key: no known one came
// later, or in the same instant.
func (o Others) open(key string) bool {
	status, exists := o.Unclear[key]
	at, ok := o.KnownAt[key]
	return exists && (!ok || status.At.After(at))
}

// same reports whether u is the same status as other, whenever each was given.
func (u Unclear) same(other Unclear) bool {
	return u.Status == other.Status && u.Case == other.Case && u.amount() == other.amount()
}

// compare orders statuses by when they were given. In one instant the order is arbitrary but total,
// so that any order of arrival ends the same.
func (u Unclear) compare(other Unclear) int {
	return cmp.Or(
		u.At.Compare(other.At), strings.Compare(u.Status, other.Status), strings.Compare(u.Case, other.Case), compareAmounts(u.amount(), other.amount()),
	)
}

// amount returns the money of the status, zero for a purchase.
func (u Unclear) amount() money.Amount {
	if u.Amount == nil {
		return money.Amount{}
	}
	return *u.Amount
}

// bounded returns what was reported without what exceeds maxOthers. Which entries are kept does not
// depend on which arrived first.
func (o Others) bounded() Others {
	if max(len(o.Refunds), len(o.Disputes), len(o.Unclear)) <= maxOthers {
		return o
	}
	o.Refunds, o.Disputes, o.Unclear, o.More = least(o.Refunds), least(o.Disputes), least(o.Unclear), true
	// An instant without its refund or dispute would only take room.
	o.KnownAt = maps.Clone(o.KnownAt)
	maps.DeleteFunc(o.KnownAt, func(key string, _ time.Time) bool {
		_, refund := o.Refunds[strings.TrimPrefix(key, unclearRefund)]
		_, dispute := o.Disputes[strings.TrimPrefix(key, unclearDispute)]
		_, unclear := o.Unclear[key]
		return key != unclearPurchase && !refund && !dispute && !unclear
	})
	return o
}

// least returns the maxOthers entries of the map with the least keys.
func least[V any](all map[string]V) map[string]V {
	rest := map[string]V{}
	for _, key := range slices.Sorted(maps.Keys(all))[:min(len(all), maxOthers)] {
		rest[key] = all[key]
	}
	return rest
}

// own returns what the payment's own provider reported of it.
func (p Payment) own() Others {
	return Others{Purchase: p.Purchase, Refunds: p.Refunds, Disputes: p.Disputes, RefundedInAll: p.RefundedInAll, Unclear: p.Unclear, KnownAt: p.KnownAt, More: p.More}
}

// withOwn returns the payment with what its own provider reported replaced; see own.
func (p Payment) withOwn(o Others) Payment {
	p.Purchase, p.Refunds, p.Disputes, p.RefundedInAll = o.Purchase, o.Refunds, o.Disputes, o.RefundedInAll
	p.Unclear, p.KnownAt, p.More = o.Unclear, o.KnownAt, o.More
	return p
}

// keepAside returns the payment with the facts of another provider noted on it.
func (p Payment) keepAside(facts Facts) Payment {
	o := p.Others[facts.Provider].with(facts)
	if purchase := facts.Purchase; purchase != nil && (o.Purchase == nil || purchase.outranks(*o.Purchase)) {
		o.Purchase = purchase
	}
	return p.withOthers(facts.Provider, o)
}

// transferTo returns the payment as one of the provider. Nobody may have named its purchase before.
func (p Payment) transferTo(provider string) Payment {
	// The two providers change places: each keeps what it reported, and only the new owner's
	// counts.
	prior, own := p.Provider, p.own()
	p = p.withOwn(p.Others[provider])
	p.Others = maps.Clone(p.Others)
	delete(p.Others, provider)
	// Aliases and the progress of the look belong to the first provider's ids.
	p.Provider, p.LookedUp, p.Aliases = provider, 0, nil
	return p.withOthers(prior, own)
}

// withOthers returns the payment with what another provider reported replaced.
func (p Payment) withOthers(provider string, o Others) Payment {
	p.Others = with(p.Others, provider, o.bounded())
	return p
}

// unclear reports whether a status that we do not know is open: of a refund for the case, or, for
// "", of anything.
func (p Payment) unclear(caseID string) bool {
	for key, u := range p.Unclear {
		if p.own().open(key) && (caseID == "" || u.Case == caseID) {
			return true
		}
	}
	return false
}

// news reports whether the payment has something that staff decide about for that reason, and that
// prior, the same payment earlier, does not have.
func (p Payment) news(reason Reason, prior Payment) bool {
	if reason == ReasonUnknownStatus {
		return p.own().hasNewUnclear(prior.own())
	}
	for provider, o := range p.Others {
		if reason == ReasonOtherProvider && o.hasNews(prior.Others[provider]) {
			return true
		}
	}
	return false
}

// hasNews reports whether o has something that prior does not have.
func (o Others) hasNews(prior Others) bool {
	sale := o.Purchase != nil && (prior.Purchase == nil || o.Purchase.Status != prior.Purchase.Status)
	return sale || !maps.Equal(o.Refunds, prior.Refunds) || !maps.Equal(o.Disputes, prior.Disputes) || o.RefundedInAll != prior.RefundedInAll || o.More != prior.More ||
		o.hasNewUnclear(prior)
}

// hasNewUnclear reports whether o has an open status that we do not know, and that prior does not
// have. The same status again is no news, unless a known one came in between.
func (o Others) hasNewUnclear(prior Others) bool {
	for key, u := range o.Unclear {
		earlier := prior.Unclear[key]
		same := prior.open(key) && u.same(earlier) && !o.KnownAt[key].After(earlier.At)
		if o.open(key) && !same {
			return true
		}
	}
	return false
}

// Latest returns the provider's refunds and disputes by their ids, and the status of the purchase,
// as the provider last named them. A status may be its own word, which we do not know; such a
// refund or dispute counts as nothing.
func (p Payment) Latest() (refunds map[string]Refund, disputes map[string]Dispute, status Status) {
	return p.own().Latest()
}

// Latest returns what another provider last named, as Payment.Latest does for the own one.
func (o Others) Latest() (refunds map[string]Refund, disputes map[string]Dispute, status Status) {
	// The caller gets maps that are its own, and never nil: answers list them as they are.
	refunds, disputes = maps.Clone(o.Refunds), maps.Clone(o.Disputes)
	if refunds == nil {
		refunds = map[string]Refund{}
	}
	if disputes == nil {
		disputes = map[string]Dispute{}
	}
	if o.Purchase != nil {
		status = o.Purchase.Status
	}
	for key, u := range o.Unclear {
		// An unknown status that a known one has replaced is history.
		if !o.open(key) {
			continue
		}
		if id, ok := strings.CutPrefix(key, unclearRefund); ok {
			refunds[id] = Refund{Amount: *u.Amount, Status: RefundStatus(u.Status), Case: u.Case}
		} else if id, ok := strings.CutPrefix(key, unclearDispute); ok {
			disputes[id] = Dispute{Amount: *u.Amount, Status: DisputeStatus(u.Status)}
		} else {
			status = Status(u.Status)
		}
	}
	return refunds, disputes, status
}
