// Package drill owns rehearsing what nobody wants to do for the first time at night: a restore of
// the tables to a point in time.
//
// It refuses any stack but a local one that it was given, with its own played provider: it deletes
// rows. It refuses to know a rule; it acts as customers, staff and provider do, and compares.
//
// Invariants: every claim that it prints was checked against the ledger's answer and the provider's
// books. The first that does not hold is an error.
//
// Words: point (the instant that the tables are rolled back to).
package drill

import (
	"context"
	"fmt"
	"slices"
	"time"

	"makegood/infra/local"
	"makegood/infra/makegood/reconcile"
	"makegood/infra/makegood/stack"
	"makegood/shared/message"
	"makegood/shared/payment"
)

// Options says what a rehearsal needs.
type Options struct {
	// Stack is the local stack, whose schedules run by hand alone. Its tables are rolled back.
	Stack *local.Stack
	// Print is called with each step, when it was seen to hold.
	Print func(Step)
}

// Step is a part of the rehearsal.
type Step struct {
	// Done is what was done.
	Done string `json:"done"`
	// Seen is what was seen then.
	Seen string `json:"seen"`
}

// settleWithin is how long the queues may take to bring a step to its end.
const settleWithin = 30 * time.Second

// restoring is a rehearsal under way.
type restoring struct {
	Options
	api     app
	ledger  stack.Client
	catalog reconcile.Reconciler
	tables  []string

	refunded, dashboard, spender string // customers who bought before the point
	late                         string // who bought after it
	payments                     map[string]string
	caseID                       string
	before                       map[string]holding
}

// holding is what a customer has and what their provider gave back.
type holding struct {
	available, owed int64
	back            int64 // minor units, by the provider's books
}

// Restore rehearses a restore. Before the point three customers buy. After it money goes back to
// one by a verdict and to another at the provider's dashboard, a fourth buys, and the third spends.
// Then the tables are rolled back, and the provider's list is replayed.
func Restore(ctx context.Context, o Options) error {
	r, err := open(ctx, o)
	if err != nil {
		return err
	}
	if err := r.beforeThePoint(ctx); err != nil {
		return err
	}
	point, err := take(ctx, local.DynamoDB(o.Stack.Endpoints.DynamoDBURL), r.tables)
	if err != nil {
		return err
	}
	o.Print(Step{"snapshot", fmt.Sprintf("%d rows of %d tables", point.rows(), len(point))})
	for _, step := range []func(context.Context) error{
		r.afterThePoint,
		func(ctx context.Context) error { return r.rollBack(ctx, point) },
		r.compare, r.replay, r.payAgain, r.compareWithBefore,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rows counts a snapshot's rows.
func (s snapshot) rows() (n int) {
	for _, table := range s {
		n += len(table)
	}
	return n
}

func open(ctx context.Context, o Options) (*restoring, error) {
	ledger, err := stack.Open(o.Stack.BaseURL, local.OperatorKey)
	if err != nil {
		return nil, err
	}
	published, err := ledger.Policy(ctx)
	if err != nil {
		return nil, err
	}
	r := &restoring{
		Options: o, api: app{base: o.Stack.BaseURL}, ledger: ledger, payments: map[string]string{}, before: map[string]holding{},
		catalog: reconcile.Reconciler{Ledger: ledger, Gateways: gateways(o.Stack), Rules: payment.Rules{Catalog: published}, Lookups: 100},
	}
	for _, table := range o.Stack.Tables {
		r.tables = append(r.tables, table)
	}
	slices.Sort(r.tables)
	tag := time.Now().UnixNano()
	for _, one := range []struct {
		customer *string
		name     string
	}{{&r.refunded, "anna"}, {&r.dashboard, "bela"}, {&r.spender, "cleo"}, {&r.late, "dora"}} {
		*one.customer = fmt.Sprintf("drill-%s-%d", one.name, tag)
	}
	return r, nil
}

// beforeThePoint has three customers buy, and one claim what only staff can decide.
func (r *restoring) beforeThePoint(ctx context.Context) error {
	for _, customer := range []string{r.refunded, r.dashboard, r.spender} {
		if err := r.buys(ctx, customer); err != nil {
			return err
		}
	}
	var err error
	if r.caseID, err = r.api.claim(ctx, r.refunded, r.payments[r.refunded]); err != nil {
		return err
	}
	if err := r.becomes(ctx, r.caseID, "in_review"); err != nil {
		return err
	}
	r.Print(Step{"before the point", "3 customers bought; the case " + r.caseID + " waits for staff"})
	return r.settled(ctx)
}

// buys sells the first package to a customer.
func (r *restoring) buys(ctx context.Context, customer string) error {
	published, err := r.ledger.Policy(ctx)
	if err != nil {
		return err
	}
	sale, err := r.Stack.Provider.Checkout(ctx, customer, published.Current(time.Now()).Packages()[0].Name)
	if err != nil {
		return err
	}
	r.payments[customer] = sale.Payment
	return nil
}

// The money that goes back after the point, in minor units.
const (
	byVerdict   = 300
	byDashboard = 500
)

// afterThePoint moves money and credits that the snapshot does not have.
func (r *restoring) afterThePoint(ctx context.Context) error {
	// By a verdict of staff: Makegood asks the provider for the refund, and the provider's webhook
	// closes the case.
	if err := r.api.approve(ctx, r.caseID, byVerdict); err != nil {
		return err
	}
	if err := r.becomes(ctx, r.caseID, "closed"); err != nil {
		return err
	}
	// At the provider's dashboard, by a sale, and by a picture, which the provider knows nothing
	// of.
	if _, err := r.Stack.Provider.DashboardRefund(r.payments[r.dashboard], byDashboard); err != nil {
		return err
	}
	if err := r.buys(ctx, r.late); err != nil {
		return err
	}
	spent, err := r.api.spend(ctx, r.spender)
	if err != nil {
		return err
	}
	if err := r.settled(ctx); err != nil {
		return err
	}
	for _, customer := range []string{r.refunded, r.dashboard, r.spender, r.late} {
		if r.before[customer], err = r.holdings(ctx, customer); err != nil {
			return err
		}
	}
	r.Print(Step{"after the point", fmt.Sprintf("a verdict paid %d back, the dashboard %d; one customer bought, one spent %d credits", byVerdict, byDashboard, spent)})
	return nil
}

func (r *restoring) rollBack(ctx context.Context, point snapshot) error {
	changed, err := point.restore(ctx, local.DynamoDB(r.Stack.Endpoints.DynamoDBURL))
	if err != nil {
		return err
	}
	state, err := r.api.state(ctx, r.caseID)
	if err != nil {
		return err
	}
	if state != "in_review" {
		return fmt.Errorf("the case is %s: the tables are not those of the point", state)
	}
	r.Print(Step{"rolled back", fmt.Sprintf("%d rows; the case waits for staff again, and the ledger knows of no refund", changed)})
	return nil
}

// wanted are the payments of which the provider knows more than the ledger does.
func (r *restoring) wanted() []payment.ID {
	return []payment.ID{
		payment.ID(r.payments[r.refunded]), payment.ID(r.payments[r.dashboard]), payment.ID(r.payments[r.late]),
	}
}

// differing returns which of those payments differ.
func (r *restoring) differing(ctx context.Context) ([]payment.ID, error) {
	now := time.Now()
	report, err := r.catalog.Run(ctx, now.Add(-time.Hour), now)
	if err != nil {
		return nil, err
	}
	var all []payment.ID
	for _, one := range report.Differences {
		if slices.Contains(r.wanted(), one.Payment) && !slices.Contains(all, one.Payment) {
			all = append(all, one.Payment)
		}
	}
	return all, nil
}

func (r *restoring) compare(ctx context.Context) error {
	all, err := r.differing(ctx)
	if err != nil {
		return err
	}
	if len(all) != len(r.wanted()) {
		return fmt.Errorf("makegood reconcile sees %d of %d payments that differ", len(all), len(r.wanted()))
	}
	r.Print(Step{"makegood reconcile", "sees both refunds and the sale that the tables have lost"})
	return nil
}

// replay has the sweep read the provider's list, as it does by itself every ten minutes: how far it
// was read lies in the tables, so it goes on from the point.
func (r *restoring) replay(ctx context.Context) error {
	sweeps := 0
	err := r.until(ctx, "the provider's list is not applied", func() (bool, error) {
		sweeps++
		if err := r.Stack.Trigger(ctx, "sweep-due"); err != nil {
			return false, err
		}
		all, err := r.differing(ctx)
		return len(all) == 0, err
	})
	if err != nil {
		return err
	}
	if err := r.settled(ctx); err != nil {
		return err
	}
	r.Print(Step{"replayed", fmt.Sprintf("the provider's list, in %d sweeps; both refunds and the sale are found, and nothing differs any more", sweeps)})
	return nil
}

// payAgain has staff approve the case once more: they cannot know that they did.
func (r *restoring) payAgain(ctx context.Context) error {
	if err := r.api.approve(ctx, r.caseID, byVerdict); err != nil {
		return err
	}
	if err := r.becomes(ctx, r.caseID, "paying"); err != nil {
		return err
	}
	if err := r.settled(ctx); err != nil {
		return err
	}
	// The provider has told of its refund already, so no webhook closes the case. The sweep does, a
	// minute later; this is its message.
	if err := r.send(ctx, message.NewPaymentRequested(r.payments[r.refunded])); err != nil {
		return err
	}
	if err := r.becomes(ctx, r.caseID, "closed"); err != nil {
		return err
	}
	refunds := r.Stack.Provider.Refunds(r.payments[r.refunded])
	if len(refunds) != 1 || r.Stack.Provider.RefundedMinor(r.payments[r.refunded]) != byVerdict {
		return fmt.Errorf("the provider has %d refunds of %s: money went back twice", len(refunds), r.payments[r.refunded])
	}
	r.Print(Step{"approved again", "by staff who cannot know; the case closes by the refund that is there, a minute later, and no money goes back twice"})
	return nil
}

// compareWithBefore compares with what was before the roll back: all that the provider knows is as
// it was, and what it does not know is gone.
func (r *restoring) compareWithBefore(ctx context.Context) error {
	for _, customer := range []string{r.refunded, r.dashboard, r.late} {
		now, err := r.holdings(ctx, customer)
		if err != nil {
			return err
		}
		if now != r.before[customer] {
			return fmt.Errorf("%s has %+v, and had %+v", customer, now, r.before[customer])
		}
	}
	lost, err := r.holdings(ctx, r.spender)
	if err != nil {
		return err
	}
	r.Print(Step{"credits and money", fmt.Sprintf("as they were, but for %d credits: what was spent after the point is known to nobody, and stands in no list",
		lost.available-r.before[r.spender].available)})
	return nil
}
