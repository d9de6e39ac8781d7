package refund

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// The bounds of looking for the purchase that a claim is about.
const (
	maxSearched  = 100            // purchases of a customer among which one is found by its day and amount
	day          = 24 * time.Hour // by UTC
	clocksDiffer = time.Hour      // that a grant may be recorded before the provider says it was paid
)

// purchases are the payments that a claim may be about: what its ids name, and where they name
// nothing, what its customer bought about that day for that amount.
type purchases struct {
	own    []payment.Payment // of the claimant
	others []payment.Payment // of somebody else, or nobody
}

// inquiry keeps what the providers answered, so that a claim asks them once, however often its
// verdict is tried.
type inquiry struct {
	answered bool
	id       payment.ID
	facts    []payment.Facts
}

// locate returns the decision with the purchase that its claim is about; or, where none of the
// claimant's decides itself, with the candidates that staff may rule on. A claim that names its own
// purchase reads nothing more.
func (d Decider) locate(ctx context.Context, v decision) (decision, error) {
	if v.c.Statement == nil || v.c.Statement.Claim == nil || v.ownsPayment() {
		return v, nil
	}
	claim := *v.c.Statement.Claim
	// First what is on record: by the ids that the claim names.
	recent, err := d.recentPurchases(ctx, v.c, claim)
	if err != nil {
		return v, err
	}
	matches, err := d.named(ctx, v.c, claim, recent)
	if err != nil {
		return v, err
	}
	// Then what only the provider knows, by one id: a webhook may have been lost.
	if matches.none() {
		var remote *payment.Payment
		if matches, remote, err = d.askProvider(ctx, v, claim); err != nil {
			return v, err
		}
		if remote != nil {
			return d.withUnrecorded(ctx, v, *remote)
		}
	}
	// Last, by day and amount: many customers know no id.
	if len(matches.own) != 1 {
		matches.add(v.c, claim.among(recent)...)
	}
	if p := matches.one(v.rules, v.c.Kind); p != nil {
		return d.about(ctx, v, p.ID)
	}
	v.candidates = matches.candidates()
	return v, nil
}

// recentPurchases returns what the customer bought since the day before the claim's own, and what
// of theirs granted nothing.
func (d Decider) recentPurchases(ctx context.Context, c Case, claim Claim) ([]payment.Payment, error) {
	since := claim.PaidAt.UTC().Truncate(day).Add(-day - clocksDiffer)
	ids, err := d.Store.PurchasesSince(ctx, c.Customer, since, maxSearched)
	if err != nil {
		return nil, fault.At("refund.Decide: list purchases", string(c.ID), err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	payments, err := d.Store.FindPayments(ctx, ids...)
	return payments, fault.At("refund.Decide: read purchases", string(c.ID), err)
}

// named returns the payments that the claim's ids name: on record by them, or among the customer's
// recent ones that have one as an alias.
func (d Decider) named(ctx context.Context, c Case, claim Claim, recent []payment.Payment) (purchases, error) {
	var matches purchases
	ids := claim.ids(c.Payment)
	if len(ids) == 0 {
		return matches, nil
	}
	payments, err := d.Store.FindNamed(ctx, ids...)
	if err != nil {
		return matches, fault.At("refund.Decide: find claimed payment", string(c.ID), err)
	}
	payments = append(payments, recent...)
	// What the claim names as the payment stands before its other ids.
	if c.Payment != "" {
		if matches.add(c, knownBy(payments, payment.ID(c.Payment))...); !matches.none() {
			return matches, nil
		}
	}
	matches.add(c, knownBy(payments, ids...)...)
	return matches, nil
}

// knownBy returns those of the payments that one of the ids names.
func knownBy(payments []payment.Payment, ids ...payment.ID) []payment.Payment {
	return slices.DeleteFunc(slices.Clone(payments), func(p payment.Payment) bool {
		return !slices.ContainsFunc(ids, func(id payment.ID) bool { return p.ID == id || slices.Contains(p.Aliases, id) })
	})
}

// ids returns what the claim says that can be an id of a payment, each once: what it names as the
// payment first.
func (c Claim) ids(paymentID string) []payment.ID {
	var ids []payment.ID
	for _, text := range append([]string{paymentID}, c.TransactionIDs...) {
		if id := payment.ID(text); id.Validate("") == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// among returns those of the payments that were ordered or paid on the claim's day, the day before
// or the day after, for its amount.
func (c Claim) among(payments []payment.Payment) (alike []payment.Payment) {
	claimDay := c.PaidAt.UTC().Truncate(day)
	near := func(at time.Time) bool { return at.UTC().Truncate(day).Sub(claimDay).Abs() <= day }
	for _, p := range payments {
		if b := p.Purchase; b != nil && b.Money() == c.Amount && (near(b.PaidAt) || near(b.OrderedAt)) {
			alike = append(alike, p)
		}
	}
	return alike
}

// none reports whether nothing matched.
func (m purchases) none() bool { return len(m.own)+len(m.others) == 0 }

// add adds payments that are not there yet.
func (m *purchases) add(c Case, payments ...payment.Payment) {
	for _, p := range payments {
		same := func(other payment.Payment) bool { return other.ID == p.ID }
		switch {
		case slices.ContainsFunc(slices.Concat(m.own, m.others), same):
		case p.Customer() == c.Customer:
			m.own = append(m.own, p)
		default:
			m.others = append(m.others, p)
		}
	}
}

// one returns the claimant's payment that decides itself, nil where several match, or somebody
// else's does. Double charges that repeat one another are one matter: the last of them is judged.
func (m purchases) one(rules payment.Rules, kind policy.Kind) *payment.Payment {
	switch {
	case len(m.others) > 0 || len(m.own) == 0:
		return nil
	case len(m.own) == 1:
		return &m.own[0]
	case kind != policy.KindDuplicateCharge:
		return nil
	}
	return rules.LatestDuplicate(m.own)
}

// candidates returns the payments that a verdict may name.
// Why: infra/decisions/0034.
func (m purchases) candidates() (all []Candidate) {
	for _, p := range slices.Concat(m.own, m.others) {
		if p.Purchase != nil && len(all) <= maxPartners {
			all = append(all, CandidateOf(p))
		}
	}
	return all
}

// about returns the decision as one about another payment.
func (d Decider) about(ctx context.Context, v decision, id payment.ID) (decision, error) {
	snapshot, err := v.snapshot.reload(ctx, d.Store, Subject{Case: v.c.ID, Payment: id})
	if err != nil {
		return v, fault.At("refund.Decide: reload with payment "+string(id), string(v.c.ID), err)
	}
	v.snapshot, v.c.Payment = snapshot, string(id)
	return v, nil
}

// askProvider asks about one id that is not on record: the gateways know it, or nobody does. It
// returns the payments on record that the provider keys it by, or one that only the provider knows:
// the claimant's, or one that names nobody.
func (d Decider) askProvider(ctx context.Context, v decision, claim Claim) (purchases, *payment.Payment, error) {
	var matches purchases
	id := claim.unknown(v.c.Payment)
	if id == "" {
		return matches, nil, nil
	}
	facts, err := d.look(ctx, id)
	if err != nil || len(facts) == 0 {
		return matches, nil, err
	}
	// The claim may name an invoice or a charge: the provider answers with the id that it is on
	// record by.
	key := facts[0].Payment
	payments, err := d.Store.FindPayments(ctx, key)
	if err != nil {
		return matches, nil, fault.At("refund.Decide: find payment "+string(key), string(v.c.ID), err)
	}
	if len(payments) > 0 {
		matches.add(v.c, payments...)
		return matches, nil, nil
	}
	p, ok := v.rules.FromFacts(key, facts)
	if !ok || p.Customer() != "" && p.Customer() != v.c.Customer {
		return matches, nil, nil
	}
	return matches, &p, nil
}

// unknown returns the id that is asked of the provider, "" for none: what the claim names as the
// payment, else the longest of its transaction ids, since those of providers are long.
func (c Claim) unknown(paymentID string) payment.ID {
	ids := c.ids(paymentID)
	if len(ids) == 0 || paymentID != "" {
		return payment.ID(paymentID)
	}
	return slices.MaxFunc(ids, func(a, b payment.ID) int { return len(a) - len(b) })
}

// look asks the gateways about an id, once for each request. KindBusy where one should be asked
// again; one that cannot be asked keeps nobody from an answer.
func (d Decider) look(ctx context.Context, id payment.ID) ([]payment.Facts, error) {
	if d.inquiry.answered && d.inquiry.id == id {
		return d.inquiry.facts, nil
	}
	var answer []payment.Facts
	for _, gateway := range d.Gateways {
		facts, err := gateway.Look(ctx, id)
		if err != nil && fault.KindOf(err) == fault.KindBusy {
			return nil, fault.At("refund.Decide: ask provider", string(id), err)
		}
		if err != nil {
			slog.ErrorContext(ctx, "a provider cannot be asked about a claimed payment", "payment", id, "error", err.Error())
			continue
		}
		if len(facts) > 0 {
			answer = facts
			break
		}
	}
	*d.inquiry = inquiry{answered: true, id: id, facts: answer}
	return answer, nil
}

// withUnrecorded returns the decision with a payment that only its provider knows. The case is
// about it; where it names nobody, it is only a candidate.
func (d Decider) withUnrecorded(ctx context.Context, v decision, p payment.Payment) (decision, error) {
	snapshot, err := v.snapshot.reload(ctx, d.Store, Subject{Case: v.c.ID, Payment: p.ID})
	if err == nil && snapshot.Payment != nil {
		err = fault.Stale(errors.New("refund: the payment was recorded meanwhile"))
	}
	if err != nil {
		return v, fault.At("refund.Decide: reload with unrecorded payment "+string(p.ID), string(v.c.ID), err)
	}
	snapshot.Payment, snapshot.Unrecorded = &p, true
	v.snapshot = snapshot
	if p.Customer() == "" {
		v.candidates = []Candidate{CandidateOf(p)}
		return v, nil
	}
	v.c.Payment = string(p.ID)
	return v, nil
}
