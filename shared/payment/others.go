package payment

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/shared/money"
)

// Others is what a provider said of a payment that is another provider's. It moves nothing: ids are
// each provider's own, so whoever may sign for one must not move what the other sold. Staff look at
// it. Maps may be nil. KnownAt is that of Payment. Of each map so many are kept, those with the
// least ids; More says that others were said. Why: infra/decisions/0022.
type Others struct {
	Purchase      *Purchase            `json:"purchase,omitempty"`
	Refunds       map[string]Refund    `json:"refunds,omitempty"`
	Disputes      map[string]Dispute   `json:"disputes,omitempty"`
	RefundedInAll int64                `json:"refunded_in_all,omitempty"`
	Unclear       map[string]Unclear   `json:"unclear,omitempty"`
	KnownAt       map[string]time.Time `json:"known_at,omitempty"`
	More          bool                 `json:"more,omitempty"`
}

// maxOthers bounds the refunds, the disputes and the unclear statuses that are kept of a provider
// whose payment it is not, or not yet: with ids of full length some 60 KB, so that nobody fills
// another's payment.
const maxOthers = 20

// Unclear is the latest status that we do not know, by the provider's clock. It moves nothing, and
// staff look at it until the provider says one that we know: it is open while it is later than
// that.
type Unclear struct {
	Status string        `json:"status"`
	Amount *money.Amount `json:"amount,omitempty"` // nil: of the purchase
	Case   string        `json:"case,omitempty"`   // of a refund: ours, from its metadata
	At     time.Time     `json:"at"`               // when it was said
}

// The keys of statuses: the purchase has one, refunds and disputes one each, with their ids.
const (
	unclearPurchase = "purchase"
	unclearRefund   = "refund/"
	unclearDispute  = "dispute/"
)

// maxStatus bounds what is kept of a status that we do not know, in characters; those that we know
// are far shorter.
const maxStatus = 64

// with returns what was said with the facts joined in. It shares nothing that it changes with o.
// The purchase is left to whoever judges it.
func (o Others) with(facts Facts) Others {
	if purchase := facts.Purchase; purchase != nil {
		fresh := o.Purchase == nil || o.Purchase.Status != purchase.Status
		o = o.withStatus(unclearPurchase, statusRank[purchase.Status] > 0, fresh, facts, Unclear{Status: string(purchase.Status)})
	}
	if refund := facts.Refund; refund != nil {
		prior, ok := o.Refunds[facts.RefundID]
		if refund.Status.Valid() {
			o.Refunds = mergeInto(o.Refunds, facts.RefundID, *refund, Refund.join)
		}
		fresh := !ok || prior != o.Refunds[facts.RefundID]
		o = o.withStatus(unclearRefund+facts.RefundID, refund.Status.Valid(), fresh, facts, Unclear{Status: string(refund.Status), Amount: &refund.Amount, Case: refund.Case})
	}
	if dispute := facts.Dispute; dispute != nil {
		prior, ok := o.Disputes[facts.DisputeID]
		if dispute.Status.Valid() {
			o.Disputes = mergeInto(o.Disputes, facts.DisputeID, *dispute, Dispute.join)
		}
		fresh := !ok || prior != o.Disputes[facts.DisputeID]
		o = o.withStatus(unclearDispute+facts.DisputeID, dispute.Status.Valid(), fresh, facts, Unclear{Status: string(dispute.Status), Amount: &dispute.Amount})
	}
	o.RefundedInAll = max(o.RefundedInAll, facts.RefundedInAll)
	return o
}

// withStatus returns what was said with one more status of key on it: the latest instant of one
// that we know, and the latest one that we do not. So whichever is heard first, the later by the
// provider's clock stands, and of two in one instant the one that we know. Facts that bear no
// instant say how things stand today: where that is as it was, nothing is written.
func (o Others) withStatus(key string, valid, fresh bool, facts Facts, status Unclear) Others {
	prior, exists := o.Unclear[key]
	if valid {
		if at, dated := o.KnownAt[key]; facts.At.After(at) && (!facts.undated || fresh || exists || !dated) {
			o.KnownAt = with(o.KnownAt, key, facts.At)
		}
		return o
	}
	status.At = facts.At
	if same := facts.undated && status.same(prior) && o.open(key); !same && (!exists || status.compare(prior) > 0) {
		o.Unclear = with(o.Unclear, key, status)
	}
	return o
}

// with returns the map with the value under key; it shares nothing with all.
func with[V any](all map[string]V, key string, value V) map[string]V {
	all = maps.Clone(all)
	if all == nil {
		all = map[string]V{}
	}
	all[key] = value
	return all
}

// open reports whether a status of key stands that we do not know: no known one was said since, or
// in the same instant.
func (o Others) open(key string) bool {
	status, ok := o.Unclear[key]
	at, dated := o.KnownAt[key]
	return ok && (!dated || status.At.After(at))
}

// same reports whether u is the same word as other, whenever it was said.
func (u Unclear) same(other Unclear) bool {
	return u.Status == other.Status && u.Case == other.Case && u.amount() == other.amount()
}

// compare orders words by when they were said; of one instant the order is arbitrary but total, so
// that any order of hearing ends the same.
func (u Unclear) compare(other Unclear) int {
	return cmp.Or(
		u.At.Compare(other.At), strings.Compare(u.Status, other.Status), strings.Compare(u.Case, other.Case), compareAmounts(u.amount(), other.amount()),
	)
}

func (u Unclear) amount() money.Amount {
	if u.Amount == nil {
		return money.Amount{}
	}
	return *u.Amount
}

// bounded returns what was said without what is past maxOthers. Which are kept does not depend on
// which are heard first.
func (o Others) bounded() Others {
	if max(len(o.Refunds), len(o.Disputes), len(o.Unclear)) <= maxOthers {
		return o
	}
	o.Refunds, o.Disputes, o.Unclear, o.More = least(o.Refunds), least(o.Disputes), least(o.Unclear), true
	o.KnownAt = maps.Clone(o.KnownAt)
	maps.DeleteFunc(o.KnownAt, func(key string, _ time.Time) bool {
		_, refund := o.Refunds[strings.TrimPrefix(key, unclearRefund)]
		_, dispute := o.Disputes[strings.TrimPrefix(key, unclearDispute)]
		_, unclear := o.Unclear[key]
		return key != unclearPurchase && !refund && !dispute && !unclear
	})
	return o
}

// least returns the map with its least keys, maxOthers of them.
func least[V any](all map[string]V) map[string]V {
	rest := map[string]V{}
	for _, key := range slices.Sorted(maps.Keys(all))[:min(len(all), maxOthers)] {
		rest[key] = all[key]
	}
	return rest
}

// own returns what the payment's own provider said of it.
func (p Payment) own() Others {
	return Others{Purchase: p.Purchase, Refunds: p.Refunds, Disputes: p.Disputes, RefundedInAll: p.RefundedInAll, Unclear: p.Unclear, KnownAt: p.KnownAt, More: p.More}
}

func (p Payment) withOwn(o Others) Payment {
	p.Purchase, p.Refunds, p.Disputes, p.RefundedInAll = o.Purchase, o.Refunds, o.Disputes, o.RefundedInAll
	p.Unclear, p.KnownAt, p.More = o.Unclear, o.KnownAt, o.More
	return p
}

// keepAside returns the payment with the facts of a provider that it is not of.
func (p Payment) keepAside(facts Facts) Payment {
	o := p.Others[facts.Provider].with(facts)
	if purchase := facts.Purchase; purchase != nil && (o.Purchase == nil || purchase.outranks(*o.Purchase)) {
		o.Purchase = purchase
	}
	return p.withOthers(facts.Provider, o)
}

// transferTo returns the payment, of which nobody has named a purchase, as one of the provider.
func (p Payment) transferTo(provider string) Payment {
	prior, own := p.Provider, p.own()
	p = p.withOwn(p.Others[provider])
	p.Others = maps.Clone(p.Others)
	delete(p.Others, provider)
	p.Provider, p.LookedUp, p.Aliases = provider, 0, nil
	return p.withOthers(prior, own)
}

func (p Payment) withOthers(provider string, o Others) Payment {
	p.Others = with(p.Others, provider, o.bounded())
	return p
}

// unclear reports whether a status of the payment is open that we do not know: of a refund for the
// case, or, for "", of anything.
func (p Payment) unclear(caseID string) bool {
	for key, u := range p.Unclear {
		if p.own().open(key) && (caseID == "" || u.Case == caseID) {
			return true
		}
	}
	return false
}

// news reports whether the payment has a word that staff decide about for that reason, and that
// prior, the same payment before, does not have.
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

// hasNews reports whether o has a word that prior does not have.
func (o Others) hasNews(prior Others) bool {
	sale := o.Purchase != nil && (prior.Purchase == nil || o.Purchase.Status != prior.Purchase.Status)
	return sale || !maps.Equal(o.Refunds, prior.Refunds) || !maps.Equal(o.Disputes, prior.Disputes) || o.RefundedInAll != prior.RefundedInAll || o.More != prior.More ||
		o.hasNewUnclear(prior)
}

// hasNewUnclear reports whether o has an open status that we do not know and that prior does not
// have. The same status again is the same, unless one that we know came between.
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
// as it last named them: in a word of its own where we know none. Such a one counts as nothing.
func (p Payment) Latest() (refunds map[string]Refund, disputes map[string]Dispute, status Status) {
	return p.own().Latest()
}

// Latest returns the same of what another provider said.
func (o Others) Latest() (refunds map[string]Refund, disputes map[string]Dispute, status Status) {
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
