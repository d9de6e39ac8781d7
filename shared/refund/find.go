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

// purchases are the payments that a claim may be about: what its ids name, and where they name nothing, what its customer bought about that day
// for that amount.
type purchases struct {
	own, others []payment.Payment // of the claimant; of somebody else, or nobody
}

// inquiry keeps what the providers answered, so that a claim asks them once, however often its verdict is tried.
type inquiry struct {
	asked bool
	id    payment.ID
	heard []payment.Facts
}

// locate returns what was found together with the purchase that the claim is about, and the case as one about that; and the payments that
// staff may rule on where it is not the one of the claimant's that decides itself. A claim that names its own purchase reads nothing more.
func (d Decider) locate(ctx context.Context, receiver payment.Receiver, found Snapshot, asked Case) (Snapshot, Case, []Candidate, error) {
	if asked.Asked == nil || asked.Asked.Claim == nil || found.Payment != nil && found.Payment.Customer() == asked.Customer {
		return found, asked, nil, nil
	}
	claim := *asked.Asked.Claim
	listed, err := d.bought(ctx, asked, claim)
	if err != nil {
		return found, asked, nil, err
	}
	matches, err := d.named(ctx, asked, claim, listed)
	if err != nil {
		return found, asked, nil, err
	}
	if len(matches.own)+len(matches.others) == 0 {
		var unrecorded *payment.Payment
		if matches, unrecorded, err = d.askProvider(ctx, receiver, asked, claim); err != nil {
			return found, asked, nil, err
		}
		if unrecorded != nil {
			return d.withUnrecorded(ctx, found, asked, *unrecorded)
		}
	}
	if len(matches.own) != 1 {
		matches.add(asked, claim.among(listed)...)
	}
	if one := matches.one(receiver, asked.Kind); one != nil {
		found, asked, err = d.about(ctx, found, asked, one.ID)
		return found, asked, nil, err
	}
	return found, asked, matches.candidates(), nil
}

// bought returns what the customer bought since the day before the claim's own, and what of theirs granted nothing.
func (d Decider) bought(ctx context.Context, asked Case, claim Claim) ([]payment.Payment, error) {
	since := claim.PaidAt.UTC().Truncate(day).Add(-day - clocksDiffer)
	ids, err := d.Store.PurchasesSince(ctx, asked.Customer, since, maxSearched)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return d.Store.FindPayments(ctx, ids...)
}

// named returns the payments that the claim's ids name: on record by them, or among those of the customer's that are known by one.
func (d Decider) named(ctx context.Context, asked Case, claim Claim, listed []payment.Payment) (purchases, error) {
	var matches purchases
	ids := claim.ids(asked.Payment)
	if len(ids) == 0 {
		return matches, nil
	}
	known, err := d.Store.FindNamed(ctx, ids...)
	if err != nil {
		return matches, err
	}
	known = append(known, listed...)
	if asked.Payment != "" { // what the claim names as the payment stands before its other ids
		if matches.add(asked, knownBy(known, payment.ID(asked.Payment))...); len(matches.own)+len(matches.others) > 0 {
			return matches, nil
		}
	}
	matches.add(asked, knownBy(known, ids...)...)
	return matches, nil
}

// knownBy returns those of the payments that one of the ids names.
func knownBy(known []payment.Payment, ids ...payment.ID) []payment.Payment {
	return slices.DeleteFunc(slices.Clone(known), func(p payment.Payment) bool {
		return !slices.ContainsFunc(ids, func(id payment.ID) bool { return p.ID == id || slices.Contains(p.Aliases, id) })
	})
}

// ids returns what the claim says that can be an id of a payment, each once: what it names as the payment first.
func (c Claim) ids(named string) []payment.ID {
	var ids []payment.ID
	for _, text := range append([]string{named}, c.TransactionIDs...) {
		if id := payment.ID(text); id.Validate("") == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// among returns those of the payments that were ordered or paid on the claim's day, the day before or the day after, for its amount.
func (c Claim) among(listed []payment.Payment) (alike []payment.Payment) {
	claimed := c.PaidAt.UTC().Truncate(day)
	near := func(at time.Time) bool { return at.UTC().Truncate(day).Sub(claimed).Abs() <= day }
	for _, p := range listed {
		if b := p.Purchase; b != nil && b.Money() == c.Amount && (near(b.PaidAt) || near(b.OrderedAt)) {
			alike = append(alike, p)
		}
	}
	return alike
}

// add adds payments that are not there yet.
func (m *purchases) add(asked Case, found ...payment.Payment) {
	for _, p := range found {
		same := func(other payment.Payment) bool { return other.ID == p.ID }
		switch {
		case slices.ContainsFunc(slices.Concat(m.own, m.others), same):
		case p.Customer() == asked.Customer:
			m.own = append(m.own, p)
		default:
			m.others = append(m.others, p)
		}
	}
}

// one returns the claimant's payment that decides itself, nil where several match, or somebody else's does. Double charges that repeat one
// another are one matter: the last of them is judged.
func (m purchases) one(receiver payment.Receiver, kind policy.Kind) *payment.Payment {
	switch {
	case len(m.others) > 0 || len(m.own) == 0:
		return nil
	case len(m.own) == 1:
		return &m.own[0]
	case kind != policy.KindDuplicateCharge:
		return nil
	}
	return receiver.LastOf(m.own)
}

func (m purchases) candidates() (all []Candidate) {
	for _, p := range slices.Concat(m.own, m.others) {
		if p.Purchase != nil && len(all) <= maxPartners {
			all = append(all, CandidateOf(p))
		}
	}
	return all
}

// about returns what was found with another payment, and the case as one about that.
func (d Decider) about(ctx context.Context, found Snapshot, asked Case, id payment.ID) (Snapshot, Case, error) {
	with, err := found.reload(ctx, d.Store, Matter{Case: asked.ID, Payment: id})
	if err != nil {
		return found, asked, err
	}
	asked.Payment = string(id)
	return with, asked, nil
}

// askProvider asks about one id that is not on record: the gateways know it, or nobody does. It returns the payments on record that the
// provider keys it by, or one that only the provider knows: the claimant's, or one that names nobody.
func (d Decider) askProvider(ctx context.Context, receiver payment.Receiver, asked Case, claim Claim) (purchases, *payment.Payment, error) {
	var matches purchases
	id := claim.unknown(asked.Payment)
	if id == "" {
		return matches, nil, nil
	}
	heard, err := d.look(ctx, id)
	if err != nil || len(heard) == 0 {
		return matches, nil, err
	}
	keyed := heard[0].Payment
	known, err := d.Store.FindPayments(ctx, keyed)
	if matches.add(asked, known...); err != nil || len(known) > 0 {
		return matches, nil, err
	}
	p, told := receiver.Unrecorded(keyed, heard)
	if !told || p.Customer() != "" && p.Customer() != asked.Customer {
		return matches, nil, nil
	}
	return matches, &p, nil
}

// unknown returns the id that is asked of the provider, "" for none: what the claim names as the payment, else the longest of its transaction ids,
// since those of providers are long.
func (c Claim) unknown(named string) payment.ID {
	ids := c.ids(named)
	if len(ids) == 0 || named != "" {
		return payment.ID(named)
	}
	return slices.MaxFunc(ids, func(a, b payment.ID) int { return len(a) - len(b) })
}

// look asks the gateways about an id, once for each request. KindBusy where one should be asked again; one that cannot be asked keeps nobody
// from an answer.
func (d Decider) look(ctx context.Context, id payment.ID) ([]payment.Facts, error) {
	if d.inquiry != nil && d.inquiry.asked && d.inquiry.id == id {
		return d.inquiry.heard, nil
	}
	var heard []payment.Facts
	for _, gateway := range d.Gateways {
		facts, err := gateway.Look(ctx, id)
		if err != nil && fault.KindOf(err) == fault.KindBusy {
			return nil, err
		}
		if err != nil {
			slog.ErrorContext(ctx, "a provider cannot be asked", "payment", id, "error", err)
			continue
		}
		if len(facts) > 0 {
			heard = facts
			break
		}
	}
	if d.inquiry != nil {
		*d.inquiry = inquiry{asked: true, id: id, heard: heard}
	}
	return heard, nil
}

// withUnrecorded returns what was found with a payment that only its provider knows. The case is about it, unless it names nobody.
func (d Decider) withUnrecorded(ctx context.Context, found Snapshot, asked Case, p payment.Payment) (Snapshot, Case, []Candidate, error) {
	with, err := found.reload(ctx, d.Store, Matter{Case: asked.ID, Payment: p.ID})
	if err == nil && with.Payment != nil {
		err = fault.Stale(errors.New("refund: the payment was recorded meanwhile"))
	}
	if err != nil {
		return found, asked, nil, err
	}
	with.Payment, with.Unrecorded = &p, true
	if p.Customer() == "" {
		return with, asked, []Candidate{CandidateOf(p)}, nil
	}
	asked.Payment = string(p.ID)
	return with, asked, nil, nil
}
