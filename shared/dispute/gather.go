package dispute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// The bounds of reading.
const (
	maxUses = 2000 // generations that are read one by one
	atOnce  = 4
)

// Ledger reads what is on record: nil for what is not.
type Ledger interface {
	// ReadPayment returns a payment.
	ReadPayment(ctx context.Context, id string) (*api.Payment, error)
	// Case returns a case with its verdicts.
	Case(ctx context.Context, id string) (*api.Case, error)
	// Cases returns a customer's cases, newest first.
	Cases(ctx context.Context, customer string) ([]api.Case, error)
	// Statement returns a customer's rows, newest first, as far back as since at least.
	Statement(ctx context.Context, customer string, since time.Time) ([]api.StatementEntry, error)
	// Generation returns a generation.
	Generation(ctx context.Context, id string) (*api.Generation, error)
}

// Gatherer makes evidence.
type Gatherer struct {
	Ledger Ledger         // where the records are
	Policy *policy.Policy // the one that the stack goes by
	Uses   int            // how many generations are looked at, the oldest; 0 for maxUses
}

// Gather returns the evidence about a payment, or about the payment that a case is about. An error
// says what is not on record.
func (g Gatherer) Gather(ctx context.Context, about string, now time.Time) (Evidence, error) {
	p, err := g.payment(ctx, about)
	if err != nil {
		return Evidence{}, err
	}
	if p.Purchase == nil {
		return Evidence{}, fmt.Errorf("of payment %s no purchase is on record", p.ID)
	}
	// Judge by the revision of the payment's own date: later ones bind nobody.
	revision := g.Policy.At(p.Purchase.PaidAt)
	e := Evidence{Detail: detail(*p, revision)}
	e.Detail.About, e.Detail.MadeAt = about, now.UTC().Truncate(time.Second)
	// Uses first: cases are matched by them.
	for _, step := range []func(context.Context, *api.Payment, *Detail) error{g.used, g.repeated, g.decided} {
		if err := step(ctx, p, &e.Detail); err != nil {
			return Evidence{}, err
		}
	}
	e.Form = form(e.Detail)
	return e, nil
}

// payment returns the payment itself, or the one of the case.
func (g Gatherer) payment(ctx context.Context, about string) (*api.Payment, error) {
	id, owner := about, ""
	// An id of ours is a case; anything else is a payment's id, whichever provider made it.
	if _, err := refund.ParseCaseID(about); err == nil {
		c, err := g.Ledger.Case(ctx, about)
		if err != nil {
			return nil, err
		}
		if c == nil {
			return nil, fmt.Errorf("case %s is not on record", about)
		}
		if id, owner = c.Payment, c.Customer; id == "" {
			if id, err = g.drawnFrom(ctx, *c); err != nil {
				return nil, err
			}
		}
	}
	// A claim may name a stranger's payment, whose records must not get into this customer's
	// evidence.
	p, err := g.Ledger.ReadPayment(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, fmt.Errorf("payment %q is not on record", id)
	case owner != "" && p.Customer != owner:
		return nil, fmt.Errorf("case %s names payment %q, which is another customer's", about, id)
	}
	return p, nil
}

// drawnFrom returns the payment whose lot the generation of a case drew from first.
func (g Gatherer) drawnFrom(ctx context.Context, about api.Case) (string, error) {
	none := errors.New("case " + about.ID + " is about no payment: name the payment")
	if about.Generation == "" {
		return "", none
	}
	gen, err := g.Ledger.Generation(ctx, about.Generation)
	if err != nil || gen == nil {
		return "", errors.Join(none, err)
	}
	// Which payment opened a lot follows from the lot's id, so the statement leads from one to the
	// other.
	rows, err := g.Ledger.Statement(ctx, about.Customer, time.Time{})
	if err != nil {
		return "", err
	}
	payments := map[string]string{}
	for _, row := range rows {
		if row.Payment != "" {
			payments[string(payment.ID(row.Payment).Lot())] = row.Payment
		}
	}
	for _, draw := range gen.Draws {
		if id := payments[draw.Lot]; id != "" {
			return id, nil
		}
	}
	return "", none
}

// used adds the generations that drew from the purchase, and the rows of the statement about it and
// them.
func (g Gatherer) used(ctx context.Context, p *api.Payment, d *Detail) error {
	if p.Customer == "" || p.GrantedAt == nil {
		return nil
	}
	rows, err := g.Ledger.Statement(ctx, p.Customer, p.GrantedAt.Time)
	if err != nil {
		return err
	}
	// Nothing before the grant can have drawn from it.
	rows = slices.DeleteFunc(rows, func(row api.StatementEntry) bool { return row.At.Before(p.GrantedAt.Time) })
	slices.SortStableFunc(rows, func(a, b api.StatementEntry) int { return a.At.Compare(b.At.Time) })
	ids, net := costsOf(rows)
	// Read a bounded number one by one, and say how many were left out.
	if most := cmp.Or(g.Uses, maxUses); len(ids) > most {
		ids, d.Unread = ids[:most], len(ids)-most
	}
	list, err := g.generations(ctx, ids)
	if err != nil {
		return err
	}
	uses := map[string]bool{}
	for _, one := range list {
		use, ok := useOf(one, p.Lot)
		if !ok {
			continue
		}
		d.Use, uses[use.Generation] = append(d.Use, use), true
		// Credits that went back may have gone to other lots, so at least this much of the drawn
		// ones was used.
		d.Credits.Used += max(0, use.Drawn-(use.Price-net[use.Generation]))
	}
	// Credits of other purchases may have joined its lot, so the sum is capped.
	d.Credits.Used = min(d.Credits.Used, d.Credits.Granted)
	for _, row := range rows {
		if row.Payment == p.ID || uses[row.Generation] {
			d.Statement = append(d.Statement, row)
		}
	}
	return nil
}

// costsOf returns the generations that hold credits in the rows, in their order, and what each cost
// in the end: captured, less what went back.
func costsOf(rows []api.StatementEntry) (ids []string, net map[string]int64) {
	net = map[string]int64{}
	for _, row := range rows {
		switch ledger.Movement(row.Cause) {
		case ledger.MovementHold:
			ids = append(ids, row.Generation)
		case ledger.MovementCapture:
			net[row.Generation] += row.Amount
		case ledger.MovementRefund, ledger.MovementRefundExpired:
			net[row.Generation] -= row.Amount
		default:
		}
	}
	return ids, net
}

// generations returns each, in the order of the ids; nil for one that is not on record.
func (g Gatherer) generations(ctx context.Context, ids []string) ([]*api.Generation, error) {
	list := make([]*api.Generation, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			list[i], err = g.Ledger.Generation(ctx, id)
			return err
		})
	}
	return list, group.Wait()
}

// useOf returns what a generation drew from a lot, false where it drew nothing from it.
func useOf(gen *api.Generation, lot string) (Use, bool) {
	if gen == nil {
		return Use{}, false
	}
	use := Use{
		Generation: gen.ID, Feature: gen.Feature, Platform: gen.Platform, Outputs: gen.Outputs, StartedAt: gen.StartedAt.Time,
		FinishedAt: gen.FinishedAt, State: gen.State, Price: gen.Price, Refunded: gen.Refunded,
	}
	if failure := gen.Failure; failure != nil {
		use.Failure = failure.Cause + ", " + failure.Code
	}
	for _, draw := range gen.Draws {
		if draw.Lot == lot {
			use.Drawn += draw.Credits
		}
	}
	return use, use.Drawn > 0
}

// repeated adds the earlier payments that this one may repeat.
func (g Gatherer) repeated(ctx context.Context, p *api.Payment, d *Detail) error {
	for _, id := range p.Repeats {
		earlier, err := g.Ledger.ReadPayment(ctx, id)
		if err != nil {
			return err
		}
		if earlier == nil || earlier.Purchase == nil {
			continue
		}
		d.Repeats = append(d.Repeats, Repeated{
			Payment: earlier.ID, Package: earlier.Purchase.Package, Paid: earlier.Purchase.Paid, PaidAt: earlier.Purchase.PaidAt,
			Granted: earlier.Granted, GoneBack: earlier.GoneBack != nil,
		})
	}
	return nil
}

// decided adds the cases about the payment and about its uses.
func (g Gatherer) decided(ctx context.Context, p *api.Payment, d *Detail) error {
	if p.Customer == "" {
		return nil
	}
	cases, err := g.Ledger.Cases(ctx, p.Customer)
	if err != nil {
		return err
	}
	slices.Reverse(cases)
	// A case about a use is about the purchase too: its credits came from there.
	for _, c := range cases {
		aboutUse := slices.ContainsFunc(d.Use, func(use Use) bool { return use.Generation == c.Generation })
		if c.Payment != p.ID && !aboutUse {
			continue
		}
		row := g.caseOf(c)
		// A list does not have what verdicts rest on, so read each case by itself.
		whole, err := g.Ledger.Case(ctx, c.ID)
		if err != nil {
			return err
		}
		if whole != nil {
			row.Verdicts = whole.Verdicts
		}
		d.Cases = append(d.Cases, row)
	}
	return nil
}

// caseOf returns a case without anything that the customer or staff wrote.
func (g Gatherer) caseOf(c api.Case) Case {
	row := Case{ID: c.ID, Kind: c.Kind, State: c.State, OpenedAt: c.OpenedAt.Time, Generation: c.Generation}
	verdict := c.Decision
	if verdict == nil {
		return row
	}
	row.Decision = &CaseDecision{
		Outcome: verdict.Outcome, Clause: verdict.Clause, Reason: verdict.Reason, Remedy: verdict.Remedy, Policy: verdict.Policy,
	}
	// A money verdict shows as paying in the history; its instant is the decision's.
	for _, event := range c.History {
		decidedIn := verdict.Outcome
		if verdict.Remedy != nil && verdict.Remedy.Money != nil {
			decidedIn = string(refund.StatePaying)
		}
		if event.State == decidedIn {
			row.Decision.DecidedAt = event.At.Time
		}
	}
	// Words only of the very revision that decided: another one's clause may say something else.
	for _, revision := range g.Policy.Revisions() {
		if revision.Revision == verdict.Policy.Revision && revision.Digest == verdict.Policy.Digest {
			clause, _ := revision.Clause(verdict.Clause)
			row.Decision.Text = clause.Text
		}
	}
	return row
}

// detail returns what the payment itself says.
func detail(p api.Payment, revision policy.Revision) Detail {
	purchase := *p.Purchase
	d := Detail{
		Payment: p.ID, Provider: p.Provider, State: string(p.State), Unit: revision.Unit, GoneBack: p.GoneBack,
		Purchase: Purchase{purchase.Package, purchase.Subtotal, purchase.Paid, purchase.Status, purchase.PaidAt, nil, purchase.Livemode},
		Credits:  Credits{Granted: p.Granted, Taken: p.Taken, Owed: p.Owed},
		Use:      []Use{}, Statement: []api.StatementEntry{}, Repeats: []Repeated{}, Cases: []Case{},
		Refunds: append([]api.ProviderRefund{}, p.Refunds...), Disputes: append([]api.ProviderDispute{}, p.Disputes...),
		Policy:    Policy{Ref: revision.Ref(), Title: revision.Title, InForce: !revision.EffectiveAt().After(purchase.PaidAt)},
		JoinedLot: p.Lot != "" && p.Lot != string(payment.ID(p.ID).Lot()),
	}
	if p.GrantedAt != nil {
		d.Purchase.GrantedAt = &p.GrantedAt.Time
	}
	// An id that is an e-mail address is personal, so it is left out.
	if !strings.Contains(p.Customer, "@") {
		d.Customer = p.Customer
	}
	for _, clause := range revision.Clauses() {
		d.Policy.Clauses = append(d.Policy.Clauses, Clause{clause.ID, clause.Text, clause.Ours})
	}
	return d
}
