package refund

import (
	"context"
	"slices"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// maxCounted is how many generations are counted for staff.
const maxCounted = 1000

// facts is what is on record of a matter, with the revision that judges it. Not complete: the record lacks what the kind rests on.
type facts struct {
	policy.Facts
	revision policy.Revision
	receiver payment.Receiver // judges its payment, and writes nothing
	original *payment.Payment // of a double charge, nil where none is known
	// candidates are the payments that a double charge may be among, the case's own first.
	candidates []Candidate
	complete   bool
	// lookAt is when the answer may be another by itself, since the outage goes on; zero where nobody knows.
	lookAt time.Time
}

// gather returns the facts of a case, with those that need reads of their own: the generations that a limit asks about, the original of a
// double charge, the outages that are declared.
func (d Decider) gather(ctx context.Context, published Policy, found Snapshot, asked Case, now time.Time) (facts, error) {
	gathered := d.onRecord(published, found, asked)
	if !gathered.complete {
		return gathered, nil
	}
	needed := gathered.revision.Abuse.GenerationsNeeded(gathered.Customer)
	var err error
	switch {
	case asked.Kind == policy.KindBadResult && needed > 0:
		err = d.countGenerations(ctx, &gathered, asked, needed)
	case asked.Kind == policy.KindDuplicateCharge:
		err = d.pair(ctx, &gathered, found)
	case asked.Kind == policy.KindOutage:
		err = d.downtime(ctx, &gathered, asked, now)
	}
	return gathered, err
}

// countGenerations counts what the customer started in the window, as far as it matters.
func (d Decider) countGenerations(ctx context.Context, facts *facts, asked Case, limit int) (err error) {
	facts.Customer.Generations30d, err = d.Store.CountGenerations(ctx, asked.Customer, asked.OpenedAt.Add(-recentWindow), limit)
	return err
}

// maxPartners bounds how many payments a person is shown that one may be a double charge of, or that may be of it.
const maxPartners = 20

// pair finds what the payment may be a double charge of, and what may be of it. The original is the first that stands of those that it repeats
// within the policy's shorter span: paid and granted, and nothing of it went back. The others are for a person to look at.
func (d Decider) pair(ctx context.Context, facts *facts, found Snapshot) error {
	partners := facts.receiver.PartnersOf(found.purchase())
	ids := slices.Concat(partners.Earlier, partners.Later)
	if len(ids) == 0 {
		return nil
	}
	others, err := d.Store.FindPayments(ctx, ids[:min(len(ids), maxPartners)]...)
	facts.candidates = []Candidate{CandidateOf(*found.Payment)}
	for _, other := range others {
		alike, double := facts.receiver.Alike(*found.Payment, other)
		if !alike {
			continue // it proved to have been ordered at another time
		}
		facts.candidates = append(facts.candidates, CandidateOf(other))
		stands := other.State == payment.StateGranted && other.Purchase.Status == payment.StatusPaid && other.GoneBack() == 0
		if double && stands && facts.original == nil {
			facts.original, facts.Purchase.DuplicateOf = &other, string(other.ID)
		}
	}
	if len(facts.candidates) == 1 {
		facts.candidates = nil
	}
	return err
}

// onRecord returns the facts that the snapshot holds.
func (d Decider) onRecord(published Policy, found Snapshot, asked Case) facts {
	return onRecord(payment.Receiver{Catalog: published, Livemode: d.Livemode}, published, found, asked)
}

func onRecord(receiver payment.Receiver, published Policy, found Snapshot, asked Case) facts {
	requests, refunds := found.Recent.count(asked.ID, asked.OpenedAt)
	record := facts{receiver: receiver, Facts: policy.Facts{
		Kind:        asked.Kind,
		RequestedAt: asked.OpenedAt,
		Customer:    policy.CustomerFacts{Standing: found.Wallet.Standing, Requests30d: requests, Refunds30d: refunds},
	}}
	switch asked.Kind {
	case policy.KindTechnicalFailure:
		record.ofFailure(published, found)
	case policy.KindBadResult:
		record.ofResult(published, found, asked)
	default:
		record.ofPurchase(published, found, asked)
	}
	record.Policy = record.revision.Name
	return record
}

// ofFailure judges by the revision in force when the generation finished, or when it started if no result ever came.
func (r *facts) ofFailure(published Policy, found Snapshot) {
	g := ended(*found.Generation)
	judgedAt := g.Result.FinishedAt
	if neverCame(g) {
		judgedAt = g.StartedAt
	}
	r.revision, r.complete = published.At(judgedAt), true
	r.RequestedAt = g.RecordedAt
	r.Generation = generationFacts(g)
	r.Generation.Price, r.Generation.Refunded = g.Price, g.Refunded
}

// ofResult is about one output: its share of the price. Nothing of it went back before: that would have been this case.
func (r *facts) ofResult(published Policy, found Snapshot, asked Case) {
	if found.Generation == nil || found.Generation.Result == nil {
		r.revision = published.At(asked.OpenedAt)
		return
	}
	g := *found.Generation
	r.revision, r.complete = published.At(g.Result.FinishedAt), true
	r.Generation = generationFacts(g)
	r.Generation.Price = ledger.Sum(g.OutputDraws(asked.Output))
	r.Report = &policy.ReportFacts{}
	if said := asked.Asked; said != nil {
		r.Report.Description, r.Report.Issue, r.Usage = said.Description, said.Issue, said.Usage
	}
	recorded := g.UseOf(asked.Output) // either decides: the record, or the claimant's own word
	r.Usage.BulkDownloaded = r.Usage.BulkDownloaded || recorded.Bulk
	r.Usage.CommercialUse = r.Usage.CommercialUse || recorded.Commercial
}

func generationFacts(g generation.Generation) *policy.GenerationFacts {
	return &policy.GenerationFacts{
		ID: string(g.ID), Feature: g.Feature,
		Platform: policy.Platform(g.Platform), Surface: policy.Surface(g.Surface), Mode: policy.Mode(g.Mode),
		Status: g.Result.Status, FinishedAt: g.Result.FinishedAt, FailedAttempts: g.Result.FailedAttempts, Failure: g.Failure(),
	}
}

// ofPurchase is complete for a payment of this customer's that is credited, that could be, or that waits for staff; and for one that waits and names
// nobody, which a person looks at.
func (r *facts) ofPurchase(published Policy, found Snapshot, asked Case) {
	r.revision = published.At(asked.OpenedAt)
	if asked.Asked != nil && asked.Asked.Claim != nil {
		r.revision = published.At(asked.Asked.Claim.PaidAt)
	}
	p := found.Payment
	if p == nil || p.Purchase == nil || p.Customer() != "" && p.Customer() != asked.Customer {
		return
	}
	parked := r.receiver.Parks(*p)
	if p.Customer() == "" && (parked == "" || p.GoneBack() > 0) {
		return
	}
	r.revision = published.At(p.Purchase.PaidAt)
	_, known := published.Package(p.Purchase.Package, p.Purchase.OrderedAt)
	r.complete = parked != "" || known && (p.State == payment.StateGranted || r.receiver.Grants(*p))
	if r.complete {
		r.Purchase = purchaseFacts(published, found, asked)
		r.Purchase.Parked = string(parked)
	}
}

// purchaseFacts returns what is on record of a payment that has a purchase.
func purchaseFacts(published Policy, found Snapshot, asked Case) *policy.PurchaseFacts {
	p := *found.Payment
	bought := p.Purchase
	sold, _ := published.Package(bought.Package, bought.OrderedAt)
	purchase := &policy.PurchaseFacts{
		ID: string(p.ID), Package: bought.Package, PaidAt: bought.PaidAt,
		Amount:  bought.Money(),
		Credits: sold.Credits, Credited: p.State == payment.StateGranted,
	}
	if purchase.Credited {
		purchase.Credits = p.Granted()
		purchase.CreditsSpent = purchase.Credits - unspent(p, found.Wallet, asked.OpenedAt)
	}
	if back := p.GoneBack(); back > 0 {
		purchase.Refunded = &money.Amount{Currency: purchase.Amount.Currency, Minor: back}
	}
	return purchase
}

// unspent returns what remains of the credits that the payment granted: what is held, spent, expired or taken back is not there. Where the
// grant joined another lot, all that is gone from that counts as this payment's.
func unspent(p payment.Payment, wallet ledger.Wallet, at time.Time) ledger.Credits {
	lot, there := wallet.Lot(p.Clawback.Lot.ID)
	if !there || !lot.Live(at) {
		return 0
	}
	return max(0, p.Granted()-(lot.Granted-lot.Remaining))
}
