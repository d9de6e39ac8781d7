package refund

import (
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// maxCounted is how many generations are counted for staff.
const maxCounted = 1000

// facts is what is on record of a case, with the revision that judges it.
type facts struct {
	policy.Facts
	// revision is the one in force at the instant that the kind of the case goes by.
	revision policy.Revision
	// original is the purchase that a double charge repeats, nil where none is known.
	original *payment.Payment
	// candidates are the payments that a double charge may be among, the case's own first, or that
	// a claim may be about.
	candidates []Candidate
	// complete is false where the record lacks what the kind rests on: then a person decides.
	complete bool
	// lookAt is when the answer may be another by itself, since the outage goes on; zero where
	// nobody knows.
	lookAt time.Time
}

// gather returns the decision with its facts, and with those that need reads of their own: the
// generations that a limit asks about, the original of a double charge, the outages that are
// declared.
func (d Decider) gather(ctx context.Context, v decision) (decision, error) {
	v.facts = v.onRecord()
	if v.facts.complete {
		count := v.facts.revision.Abuse.GenerationsNeeded(v.facts.Customer)
		var err error
		switch {
		case v.c.Kind == policy.KindBadResult && count > 0:
			err = d.countGenerations(ctx, &v, count)
		case v.c.Kind == policy.KindDuplicateCharge:
			err = d.pair(ctx, &v)
		case v.c.Kind == policy.KindOutage:
			err = d.meetOutages(ctx, &v)
		}
		if err != nil {
			return v, err
		}
	}
	// What a claim may be about stands before what its own payment may be a double charge of.
	if len(v.candidates) > 0 {
		v.facts.candidates = v.candidates
	}
	return v, nil
}

// countGenerations counts what the customer started in the window before the case, as far as it
// matters.
func (d Decider) countGenerations(ctx context.Context, v *decision, limit int) error {
	count, err := d.Store.CountGenerations(ctx, v.c.Customer, v.c.OpenedAt.Add(-recentWindow), limit)
	v.facts.Customer.Generations30d = count
	return fault.At("refund.Decide: count generations", string(v.c.ID), err)
}

// maxPartners bounds how many payments a person is shown that one may be a double charge of, or
// that may be of it.
const maxPartners = 20

// pair finds what the payment may be a double charge of, and what may be of it. The original is the
// first still good payment of those that it repeats within the policy's shorter span: paid,
// granted, and nothing of it went back. The others are for a person to look at.
func (d Decider) pair(ctx context.Context, v *decision) error {
	partners := v.rules.DuplicatesOf(v.snapshot.purchase())
	ids := slices.Concat(partners.Earlier, partners.Later)
	if len(ids) == 0 {
		return nil
	}
	others, err := d.Store.FindPayments(ctx, ids[:min(len(ids), maxPartners)]...)
	if err != nil {
		return fault.At("refund.Decide: find double charges", string(v.c.ID), err)
	}
	candidates := []Candidate{CandidateOf(*v.snapshot.Payment)}
	for _, other := range others {
		alike, double := v.rules.IsDuplicate(*v.snapshot.Payment, other)
		if !alike {
			continue // it proved to have been ordered at another time
		}
		candidates = append(candidates, CandidateOf(other))
		good := other.State == payment.StateGranted && other.Purchase.Status == payment.StatusPaid && other.RefundTotal() == 0
		if double && good && v.facts.original == nil {
			v.facts.original, v.facts.Purchase.DuplicateOf = &other, string(other.ID)
		}
	}
	// Alone among its candidates, the payment leaves staff nothing to choose.
	if len(candidates) > 1 {
		v.facts.candidates = candidates
	}
	return nil
}

// onRecord returns the facts that the snapshot holds.
func (v decision) onRecord() facts {
	requests, refunds := v.snapshot.Recent.count(v.c.ID, v.c.OpenedAt)
	record := facts{Facts: policy.Facts{
		Kind:        v.c.Kind,
		RequestedAt: v.c.OpenedAt,
		Customer:    policy.CustomerFacts{Standing: v.snapshot.Wallet.Standing, Requests30d: requests, Refunds30d: refunds},
	}}
	switch v.c.Kind {
	case policy.KindTechnicalFailure:
		record.ofFailure(v)
	case policy.KindBadResult:
		record.ofResult(v)
	default:
		record.ofPurchase(v)
	}
	record.Policy = record.revision.Name
	return record
}

// ofFailure judges by the revision in force when the generation finished, or when it started if no
// result ever came.
func (f *facts) ofFailure(v decision) {
	g := failureOf(*v.snapshot.Generation)
	judgedAt := g.Result.FinishedAt
	if neverCame(g) {
		judgedAt = g.StartedAt
	}
	f.revision, f.complete = v.published.At(judgedAt), true
	f.RequestedAt = g.RecordedAt
	f.Generation = generationFacts(g)
	f.Generation.Price, f.Generation.Refunded = g.Price, g.Refunded
}

// ofResult is about one output: its share of the price. Nothing of it went back before: that would
// have been this case.
func (f *facts) ofResult(v decision) {
	if v.snapshot.Generation == nil || v.snapshot.Generation.Result == nil {
		f.revision = v.published.At(v.c.OpenedAt)
		return
	}
	g := *v.snapshot.Generation
	f.revision, f.complete = v.published.At(g.Result.FinishedAt), true
	f.Generation = generationFacts(g)
	f.Generation.Price = ledger.Sum(g.OutputDraws(v.c.Output))
	f.Report = &policy.ReportFacts{}
	if statement := v.c.Statement; statement != nil {
		f.Report.Description, f.Report.Issue, f.Usage = statement.Description, statement.Issue, statement.Usage
	}
	f.Evidence = policy.EvidenceOf(v.snapshot.Evidence)
	// Either decides: the record, or the claimant's own word.
	use := g.UseOf(v.c.Output)
	f.Usage.BulkDownloaded = f.Usage.BulkDownloaded || use.Bulk
	f.Usage.CommercialUse = f.Usage.CommercialUse || use.Commercial
}

func generationFacts(g generation.Generation) *policy.GenerationFacts {
	return &policy.GenerationFacts{
		ID: string(g.ID), Feature: g.Feature,
		Platform: policy.Platform(g.Platform), Surface: policy.Surface(g.Surface), Mode: policy.Mode(g.Mode),
		Status: g.Result.Status, FinishedAt: g.Result.FinishedAt, FailedAttempts: g.Result.FailedAttempts, Failure: g.Failure(),
	}
}

// ofPurchase is complete for a payment of this customer's that is credited, that could be, or that
// waits for staff; and for one that waits and names nobody, which a person looks at.
func (f *facts) ofPurchase(v decision) {
	// Without a payment, the day that the claim names tells the revision.
	f.revision = v.published.At(v.c.OpenedAt)
	if v.c.Statement != nil && v.c.Statement.Claim != nil {
		f.revision = v.published.At(v.c.Statement.Claim.PaidAt)
	}
	p := v.snapshot.Payment
	if p == nil || p.Purchase == nil || p.Customer() != "" && p.Customer() != v.c.Customer {
		return
	}
	reason := v.rules.ParkReason(*p)
	if p.Customer() == "" && (reason == "" || p.RefundTotal() > 0) {
		return
	}
	f.revision = v.published.At(p.Purchase.PaidAt)
	_, ok := v.published.Package(p.Purchase.Package, p.Purchase.OrderedAt)
	f.complete = reason != "" || ok && (p.State == payment.StateGranted || v.rules.Grantable(*p))
	if f.complete {
		f.Purchase = v.purchaseFacts()
		f.Purchase.Parked = string(reason)
	}
}

// purchaseFacts returns what is on record of the payment, which must have a purchase.
func (v decision) purchaseFacts() *policy.PurchaseFacts {
	p := *v.snapshot.Payment
	offer, _ := v.published.Package(p.Purchase.Package, p.Purchase.OrderedAt)
	purchase := &policy.PurchaseFacts{
		ID: string(p.ID), Package: p.Purchase.Package, PaidAt: p.Purchase.PaidAt,
		Amount:  p.Purchase.Money(),
		Credits: offer.Credits, Credited: p.State == payment.StateGranted,
	}
	if purchase.Credited {
		purchase.Credits = p.Granted()
		purchase.CreditsSpent = purchase.Credits - unspent(p, v.snapshot.Wallet, v.c.OpenedAt)
	}
	if total := p.RefundTotal(); total > 0 {
		purchase.Refunded = &money.Amount{Currency: purchase.Amount.Currency, Minor: total}
	}
	return purchase
}

// unspent returns what remains of the credits that the payment granted: what is held, spent,
// expired or taken back is not there. Where the grant joined another lot, all that is gone from
// that counts as this payment's: 100 granted into a lot of 150, of which 120 remain, leave 100 -
// (150 - 120) = 70.
func unspent(p payment.Payment, wallet ledger.Wallet, at time.Time) ledger.Credits {
	lot, ok := wallet.Lot(p.Clawback.Lot.ID)
	if !ok || !lot.Live(at) {
		return 0
	}
	return max(0, p.Granted()-(lot.Granted-lot.Remaining))
}
