package evidence

import (
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

// The bounds of asking.
const (
	maxUses = 2000 // generations that are read one by one
	atOnce  = 4
)

// Ledger answers what is on record: nil for what is not.
type Ledger interface {
	ReadPayment(ctx context.Context, id string) (*api.Payment, error)
	Case(ctx context.Context, id string) (*api.Case, error)
	Cases(ctx context.Context, customer string) ([]api.Case, error)
	Statement(ctx context.Context, customer string, since time.Time) ([]api.StatementEntry, error)
	Generation(ctx context.Context, id string) (*api.Generation, error)
}

// Gatherer makes evidence. Policy is the one that the stack goes by.
type Gatherer struct {
	Ledger Ledger
	Policy *policy.Policy
}

// Gather returns the evidence about a payment, or about the payment that a case is about. An error says what is not on record.
func (g Gatherer) Gather(ctx context.Context, about string, now time.Time) (Evidence, error) {
	paid, err := g.payment(ctx, about)
	if err != nil {
		return Evidence{}, err
	}
	if paid.Purchase == nil {
		return Evidence{}, fmt.Errorf("of payment %s no purchase is on record", paid.ID)
	}
	revision := g.Policy.At(paid.Purchase.PaidAt)
	e := Evidence{Detail: detail(*paid, revision)}
	e.Detail.About, e.Detail.MadeAt = about, now.UTC().Truncate(time.Second)
	for _, step := range []func(context.Context, *api.Payment, *Detail) error{g.used, g.repeated, g.decided} {
		if err := step(ctx, paid, &e.Detail); err != nil {
			return Evidence{}, err
		}
	}
	e.Form = form(e.Detail)
	return e, nil
}

// payment returns the payment itself, or that of the case.
func (g Gatherer) payment(ctx context.Context, about string) (*api.Payment, error) {
	id, owner := about, ""
	if _, err := refund.ParseCaseID(about); err == nil {
		found, err := g.Ledger.Case(ctx, about)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, fmt.Errorf("case %s is not on record", about)
		}
		if id, owner = found.Payment, found.Customer; id == "" {
			if id, err = g.drawnFrom(ctx, *found); err != nil {
				return nil, err
			}
		}
	}
	paid, err := g.Ledger.ReadPayment(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case paid == nil:
		return nil, fmt.Errorf("payment %q is not on record", id)
	case owner != "" && paid.Customer != owner:
		return nil, fmt.Errorf("case %s names payment %q, which is another customer's", about, id)
	}
	return paid, nil
}

// drawnFrom returns the payment whose lot the generation of a case drew from first.
func (g Gatherer) drawnFrom(ctx context.Context, about api.Case) (string, error) {
	none := errors.New("case " + about.ID + " is about no payment: name the payment")
	if about.Generation == "" {
		return "", none
	}
	made, err := g.Ledger.Generation(ctx, about.Generation)
	if err != nil || made == nil {
		return "", errors.Join(none, err)
	}
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
	for _, draw := range made.Draws {
		if id := payments[draw.Lot]; id != "" {
			return id, nil
		}
	}
	return "", none
}

// used adds the generations that drew from the purchase, and the rows of the statement about it and them.
func (g Gatherer) used(ctx context.Context, paid *api.Payment, d *Detail) error {
	if paid.Customer == "" || paid.GrantedAt == nil {
		return nil
	}
	rows, err := g.Ledger.Statement(ctx, paid.Customer, paid.GrantedAt.Time)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(row api.StatementEntry) bool { return row.At.Before(paid.GrantedAt.Time) })
	slices.SortStableFunc(rows, func(a, b api.StatementEntry) int { return a.At.Compare(b.At.Time) })
	var ids []string
	charged := map[string]int64{} // what was captured, and not given back
	for _, row := range rows {
		switch ledger.Movement(row.Cause) {
		case ledger.MovementHold:
			ids = append(ids, row.Generation)
		case ledger.MovementCapture:
			charged[row.Generation] += row.Amount
		case ledger.MovementRefund, ledger.MovementRefundExpired:
			charged[row.Generation] -= row.Amount
		default:
		}
	}
	if len(ids) > maxUses {
		ids, d.Unread = ids[:maxUses], len(ids)-maxUses
	}
	made, err := g.generations(ctx, ids)
	if err != nil {
		return err
	}
	uses := map[string]bool{}
	for _, one := range made {
		use, ok := useOf(one, paid.Lot)
		if !ok {
			continue
		}
		d.Use, uses[use.Generation] = append(d.Use, use), true
		d.Credits.Used += max(0, use.Drawn-(use.Price-charged[use.Generation])) // what came back may have come back to other lots: at least so much
	}
	d.Credits.Used = min(d.Credits.Used, d.Credits.Granted) // others' credits may have joined its lot
	for _, row := range rows {
		if row.Payment == paid.ID || uses[row.Generation] {
			d.Statement = append(d.Statement, row)
		}
	}
	return nil
}

// generations reads each, in the order of the ids; nil for one that is not on record.
func (g Gatherer) generations(ctx context.Context, ids []string) ([]*api.Generation, error) {
	made := make([]*api.Generation, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			made[i], err = g.Ledger.Generation(ctx, id)
			return err
		})
	}
	return made, group.Wait()
}

// useOf returns what a generation drew from a lot, false where it drew nothing from it.
func useOf(made *api.Generation, lot string) (Use, bool) {
	if made == nil {
		return Use{}, false
	}
	use := Use{
		Generation: made.ID, Feature: made.Feature, Platform: made.Platform, Outputs: made.Outputs, StartedAt: made.StartedAt.Time,
		FinishedAt: made.FinishedAt, State: made.State, Price: made.Price, Refunded: made.Refunded,
	}
	if failure := made.Failure; failure != nil {
		use.Failure = failure.Cause + ", " + failure.Code
	}
	for _, draw := range made.Draws {
		if draw.Lot == lot {
			use.Drawn += draw.Credits
		}
	}
	return use, use.Drawn > 0
}

// repeated adds the earlier payments that this one may repeat.
func (g Gatherer) repeated(ctx context.Context, paid *api.Payment, d *Detail) error {
	for _, id := range paid.Repeats {
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
func (g Gatherer) decided(ctx context.Context, paid *api.Payment, d *Detail) error {
	if paid.Customer == "" {
		return nil
	}
	cases, err := g.Ledger.Cases(ctx, paid.Customer)
	if err != nil {
		return err
	}
	slices.Reverse(cases)
	for _, c := range cases {
		aboutUse := slices.ContainsFunc(d.Use, func(use Use) bool { return use.Generation == c.Generation })
		if c.Payment != paid.ID && !aboutUse {
			continue
		}
		shown := g.caseOf(c)
		whole, err := g.Ledger.Case(ctx, c.ID) // a list does not show what verdicts rest on
		if err != nil {
			return err
		}
		if whole != nil {
			shown.Verdicts = whole.Verdicts
		}
		d.Cases = append(d.Cases, shown)
	}
	return nil
}

// caseOf copies what is ours to say of a case: nothing that the customer or staff wrote.
func (g Gatherer) caseOf(c api.Case) Case {
	shown := Case{ID: c.ID, Kind: c.Kind, State: c.State, OpenedAt: c.OpenedAt.Time, Generation: c.Generation}
	verdict := c.Decision
	if verdict == nil {
		return shown
	}
	shown.Decision = &CaseDecision{
		Outcome: verdict.Outcome, Clause: verdict.Clause, Reason: verdict.Reason, Remedy: verdict.Remedy, Policy: verdict.Policy,
	}
	for _, event := range c.History {
		decidedIn := verdict.Outcome
		if verdict.Remedy != nil && verdict.Remedy.Money != nil {
			decidedIn = string(refund.StatePaying)
		}
		if event.State == decidedIn {
			shown.Decision.DecidedAt = event.At.Time
		}
	}
	for _, revision := range g.Policy.Revisions() {
		if revision.Revision == verdict.Policy.Revision && revision.Digest == verdict.Policy.Digest {
			clause, _ := revision.Clause(verdict.Clause)
			shown.Decision.Says = clause.Text
		}
	}
	return shown
}

// detail copies what the payment itself says.
func detail(paid api.Payment, revision policy.Revision) Detail {
	bought := *paid.Purchase
	d := Detail{
		Payment: paid.ID, Provider: paid.Provider, State: string(paid.State), Unit: revision.Unit, GoneBack: paid.GoneBack,
		Purchase: Purchase{bought.Package, bought.Subtotal, bought.Paid, bought.Status, bought.PaidAt, nil, bought.Livemode},
		Credits:  Credits{Granted: paid.Granted, Taken: paid.Taken, Owed: paid.Owed},
		Use:      []Use{}, Statement: []api.StatementEntry{}, Repeats: []Repeated{}, Cases: []Case{},
		Refunds: append([]api.ProviderRefund{}, paid.Refunds...), Disputes: append([]api.ProviderDispute{}, paid.Disputes...),
		Policy:    Policy{Ref: revision.Ref(), Title: revision.Title, InForce: !revision.EffectiveAt().After(bought.PaidAt)},
		JoinedLot: paid.Lot != "" && paid.Lot != string(payment.ID(paid.ID).Lot()),
	}
	if paid.GrantedAt != nil {
		d.Purchase.GrantedAt = &paid.GrantedAt.Time
	}
	if !strings.Contains(paid.Customer, "@") {
		d.Customer = paid.Customer
	}
	for _, clause := range revision.Clauses() {
		d.Policy.Clauses = append(d.Policy.Clauses, Clause{clause.ID, clause.Text, clause.Ours})
	}
	return d
}
