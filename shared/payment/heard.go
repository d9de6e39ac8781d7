package payment

import (
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/shared/money"
)

// Others is what a provider said of a payment that is another provider's. It moves nothing: ids are each provider's own, so whoever may
// sign for one must not move what the other sold. Staff look at it. Maps may be nil.
type Others struct {
	Purchase      *Purchase          `json:"purchase,omitempty"`
	Refunds       map[string]Refund  `json:"refunds,omitempty"`
	Disputes      map[string]Dispute `json:"disputes,omitempty"`
	RefundedInAll int64              `json:"refunded_in_all,omitempty"`
	Unclear       map[string]Unclear `json:"unclear,omitempty"`
}

// Unclear is a status that we do not know. It moves nothing, and staff look at it until the provider says one that we know.
type Unclear struct {
	Status string        `json:"status"`
	Amount *money.Amount `json:"amount,omitempty"` // nil: of the purchase
	Case   string        `json:"case,omitempty"`   // of a refund: ours, from its metadata
	Event  string        `json:"event,omitempty"`
	At     time.Time     `json:"at"`                // when it was said
	Known  time.Time     `json:"known_at,omitzero"` // when a status that we know was last said since, by the provider's clock
	Closed bool          `json:"closed,omitempty"`  // one followed it
}

// The keys of unclear statuses: the purchase has one, refunds and disputes one each, with their ids.
const (
	unclearPurchase = "purchase"
	unclearRefund   = "refund/"
	unclearDispute  = "dispute/"
)

// maxStatus bounds what is kept of a status that we do not know, in characters; those that we know are far shorter.
const maxStatus = 64

// with returns what was said with the facts joined in. It shares nothing that it changes with o. The purchase is left to whoever judges it.
func (o Others) with(facts Facts) Others {
	if facts.Purchase != nil {
		o.Unclear = noted(o.Unclear, unclearPurchase, statusRank[facts.Purchase.Status] > 0, facts, Unclear{Status: string(facts.Purchase.Status)})
	}
	if r := facts.Refund; r != nil {
		if r.Status.Valid() {
			o.Refunds = joined(o.Refunds, facts.RefundID, *r, Refund.join)
		}
		said := Unclear{Status: string(r.Status), Amount: &r.Amount, Case: r.Case}
		o.Unclear = noted(o.Unclear, unclearRefund+facts.RefundID, r.Status.Valid(), facts, said)
	}
	if d := facts.Dispute; d != nil {
		if d.Status.Valid() {
			o.Disputes = joined(o.Disputes, facts.DisputeID, *d, Dispute.join)
		}
		said := Unclear{Status: string(d.Status), Amount: &d.Amount}
		o.Unclear = noted(o.Unclear, unclearDispute+facts.DisputeID, d.Status.Valid(), facts, said)
	}
	o.RefundedInAll = max(o.RefundedInAll, facts.RefundedInAll)
	return o
}

// noted returns the unclear statuses after one more status of key. What was said later, by the provider's clock, stands; of two in one second
// the one that came later does. A repeat changes nothing.
func noted(all map[string]Unclear, key string, known bool, facts Facts, said Unclear) map[string]Unclear {
	was, there := all[key]
	switch {
	case known && (!there || facts.At.Before(was.At) || was.Closed && !facts.At.After(was.Known)):
		return all
	case known:
		was.Known, was.Closed = facts.At, true
		said = was
	case there && (was.repeats(facts, said.Status) || facts.At.Before(was.At) || facts.At.Before(was.Known)):
		return all
	default:
		said.Event, said.At, said.Known = facts.Event, facts.At, was.Known
	}
	all = maps.Clone(all)
	if all == nil {
		all = map[string]Unclear{}
	}
	all[key] = said
	return all
}

// repeats reports whether the facts with that status are the ones that it was noted of: by their event or, where they name none, by their time.
func (u Unclear) repeats(facts Facts, status string) bool {
	return facts.Event == u.Event && status == u.Status && (facts.Event != "" || !u.Closed || !facts.At.After(u.Known))
}

// own returns what the payment's own provider said of it.
func (p Payment) own() Others {
	return Others{Purchase: p.Purchase, Refunds: p.Refunds, Disputes: p.Disputes, RefundedInAll: p.RefundedInAll, Unclear: p.Unclear}
}

func (p Payment) withOwn(said Others) Payment {
	p.Purchase, p.Refunds, p.Disputes, p.RefundedInAll, p.Unclear = said.Purchase, said.Refunds, said.Disputes, said.RefundedInAll, said.Unclear
	return p
}

// aside returns the payment with the facts of a provider that it is not of.
func (p Payment) aside(facts Facts) Payment {
	said := p.Others[facts.Provider].with(facts)
	if bought := facts.Purchase; bought != nil && (said.Purchase == nil || bought.outranks(*said.Purchase)) {
		said.Purchase = bought
	}
	return p.withOthers(facts.Provider, said)
}

// handed returns the payment, of which nobody has named a purchase, as one of the provider.
func (p Payment) handed(provider string) Payment {
	was, own := p.Provider, p.own()
	p = p.withOwn(p.Others[provider])
	p.Others = maps.Clone(p.Others)
	delete(p.Others, provider)
	p.Provider, p.LookedUp = provider, 0
	return p.withOthers(was, own)
}

func (p Payment) withOthers(provider string, said Others) Payment {
	p.Others = maps.Clone(p.Others)
	if p.Others == nil {
		p.Others = map[string]Others{}
	}
	p.Others[provider] = said
	return p
}

// unclear reports whether a status of the payment is open that we do not know: of a refund for the case, or, for "", of anything.
func (p Payment) unclear(caseID string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(p.Unclear)), func(u Unclear) bool {
		return !u.Closed && (caseID == "" || u.Case == caseID)
	})
}

// news reports whether the payment has a word that staff decide about for that reason, and that seen, the same payment before, does not have.
func (p Payment) news(reason Reason, seen Payment) bool {
	if reason == ReasonUnknownStatus {
		return p.own().unclearer(seen.own())
	}
	for provider, said := range p.Others {
		if reason == ReasonOtherProvider && said.newer(seen.Others[provider]) {
			return true
		}
	}
	return false
}

// newer reports whether o has a word that seen does not have.
func (o Others) newer(seen Others) bool {
	sold := o.Purchase != nil && (seen.Purchase == nil || o.Purchase.Status != seen.Purchase.Status)
	return sold || !maps.Equal(o.Refunds, seen.Refunds) || !maps.Equal(o.Disputes, seen.Disputes) || o.RefundedInAll != seen.RefundedInAll ||
		o.unclearer(seen)
}

// unclearer reports whether o has an open status that we do not know and that seen does not have. The same status again is the same, unless
// one that we know came between.
func (o Others) unclearer(seen Others) bool {
	for key, u := range o.Unclear {
		was, there := seen.Unclear[key]
		same := there && !was.Closed && u.Status == was.Status && u.Case == was.Case && u.Known.Equal(was.Known) &&
			(u.Amount == nil || was.Amount == nil || *u.Amount == *was.Amount)
		if !u.Closed && !same {
			return true
		}
	}
	return false
}

// Latest returns the provider's refunds and disputes by their ids, and the status of the purchase, as it last named them: in a word of its own
// where we know none. Such a one counts as nothing.
func (p Payment) Latest() (refunds map[string]Refund, disputes map[string]Dispute, bought Status) {
	return p.own().Latest()
}

// Latest returns the same of what another provider said.
func (o Others) Latest() (refunds map[string]Refund, disputes map[string]Dispute, bought Status) {
	refunds, disputes = maps.Clone(o.Refunds), maps.Clone(o.Disputes)
	if refunds == nil {
		refunds = map[string]Refund{}
	}
	if disputes == nil {
		disputes = map[string]Dispute{}
	}
	if o.Purchase != nil {
		bought = o.Purchase.Status
	}
	for key, u := range o.Unclear {
		if u.Closed {
			continue
		}
		if id, ok := strings.CutPrefix(key, unclearRefund); ok {
			refunds[id] = Refund{Amount: *u.Amount, Status: RefundStatus(u.Status), Case: u.Case}
		} else if id, ok := strings.CutPrefix(key, unclearDispute); ok {
			disputes[id] = Dispute{Amount: *u.Amount, Status: DisputeStatus(u.Status)}
		} else {
			bought = Status(u.Status)
		}
	}
	return refunds, disputes, bought
}
