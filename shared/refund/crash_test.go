package refund_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/due"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
	"makegood/shared/todo"
)

var errCut = errors.New("cut")

// cuts end the process at some of the points that it passes: before a call, or after one whose
// answer it then never sees.
type cuts struct {
	passed int
	at     map[int]bool
}

func (c *cuts) point() error {
	if c.passed++; c.at[c.passed] {
		return errCut
	}
	return nil
}

func cutting[T any](c *cuts, call func() (T, error)) (T, error) {
	if err := c.point(); err != nil {
		var none T
		return none, err
	}
	answer, err := call()
	if cut := c.point(); cut != nil {
		return answer, cut
	}
	return answer, err
}

func done(call func() error) func() (struct{}, error) {
	return func() (struct{}, error) { return struct{}{}, call() }
}

// frail is a store, a gateway and queues whose callers may die at any call.
type frail struct {
	storetest.Store
	payment.Gateway
	*cuts
	requests []message.RefundRequested
	settling []payment.ID
}

func (f *frail) LoadDecision(ctx context.Context, matter refund.Subject) (refund.Snapshot, error) {
	return cutting(f.cuts, func() (refund.Snapshot, error) { return f.Store.LoadDecision(ctx, matter) })
}

func (f *frail) CommitDecision(ctx context.Context, effect refund.Effect) error {
	_, err := cutting(f.cuts, done(func() error { return f.Store.CommitDecision(ctx, effect) }))
	return err
}

func (f *frail) LoadPayment(ctx context.Context, id payment.ID, customer ledger.CustomerID) (payment.Snapshot, error) {
	return cutting(f.cuts, func() (payment.Snapshot, error) { return f.Store.LoadPayment(ctx, id, customer) })
}

func (f *frail) CommitPayment(ctx context.Context, read payment.Snapshot, change payment.Change) error {
	_, err := cutting(f.cuts, done(func() error { return f.Store.CommitPayment(ctx, read, change) }))
	return err
}

func (f *frail) Look(ctx context.Context, id payment.ID) ([]payment.Facts, error) {
	return cutting(f.cuts, func() ([]payment.Facts, error) { return f.Gateway.Look(ctx, id) })
}

func (f *frail) Refund(ctx context.Context, order payment.RefundOrder) (payment.Facts, error) {
	return cutting(f.cuts, func() (payment.Facts, error) { return f.Gateway.Refund(ctx, order) })
}

func (f *frail) Request(_ context.Context, request message.RefundRequested) error {
	_, err := cutting(f.cuts, done(func() error { f.requests = append(f.requests, request); return nil }))
	return err
}

func (f *frail) Settle(_ context.Context, unsettled message.PaymentUnsettled) error {
	_, err := cutting(f.cuts, done(func() error {
		f.settling = append(f.settling, payment.ID(unsettled.Payment))
		return nil
	}))
	return err
}

func (f *frail) NotifyPartial(context.Context, message.GenerationPartial) error { return nil }

func (f *frail) Notify(context.Context, message.RefundDecided) error      { return nil }
func (f *frail) NotifyOffer(context.Context, message.OutageOffered) error { return nil }

// Send implements due.Queues: a sweep's message can be lost as the first one can.
func (f *frail) Send(ctx context.Context, m message.Message) error {
	switch m := m.(type) {
	case message.RefundRequested:
		return f.Request(ctx, m)
	case message.PaymentUnsettled:
		return f.Settle(ctx, m)
	default:
		return nil
	}
}

// payout is the story of 2.00 of 10.00 USD that staff give back: 20,000 of 100,000 credits leave
// with the verdict.
type payout struct {
	*storetest.World
	frail *frail
	id    payment.ID
	about refund.CaseID
	alice ledger.CustomerID
	lossy bool // a message that was not handled is gone, and only a sweep brings it back
}

func newPayout(t storetest.TB, lossy bool, at ...int) *payout {
	w := storetest.NewWorldOf(t, memory.New(), "popcustoms")
	p := &payout{World: w, id: w.Payment("a"), alice: w.Customer("alice"), lossy: lossy}
	w.Receives(w.Paid(p.id, p.alice))
	p.about = w.Claims(policy.KindAbnormalCharge, p.alice, p.id)
	w.Deliver()
	p.rules(t)
	w.Lose()
	p.frail = &frail{Store: w.Store, Gateway: w.Provider, cuts: &cuts{at: map[int]bool{}}}
	for _, point := range at {
		p.frail.at[point] = true
	}
	p.frail.requests = []message.RefundRequested{message.NewCaseRequested(string(p.about), "", string(p.id))}
	return p
}

func (p *payout) rules(t require.TestingT) {
	order := approval(policy.InMoney(money.Amount{Currency: "USD", Minor: 200}))
	order.Key = p.Key()
	_, err := refund.Reviewer{Store: p.Store, Requests: p.World, Policy: opened("popcustoms")}.Rule(context.Background(), p.about, order, p.Now)
	require.NoError(t, err)
}

func (p *payout) receiver() payment.Receiver {
	return payment.Receiver{Store: p.frail, Rules: payment.Rules{Catalog: p.World}}
}

// step handles one message, and returns false when none waits.
func (p *payout) step() bool {
	ctx := context.Background()
	switch f := p.frail; {
	case len(f.requests) > 0:
		next := f.requests[0]
		f.requests = f.requests[1:]
		decider := refund.Decider{Store: f, Policy: opened("popcustoms"), Notices: f, Settlements: f, Gateways: []payment.Gateway{f}}
		if decider.Decide(ctx, next, p.Now) != nil && !p.lossy {
			f.requests = append(f.requests, next)
		}
	case len(f.settling) > 0:
		next := f.settling[0]
		f.settling = f.settling[1:]
		settler := payment.Settler{Receiver: p.receiver(), Gateways: map[string]payment.Gateway{"stripe": f}, Requests: f}
		if settler.Settle(ctx, next, p.Now) != nil && !p.lossy {
			f.settling = append(f.settling, next)
		}
	default:
		return false
	}
	return true
}

// webhook brings all that the provider has to say, once.
func (p *payout) webhook() {
	ctx := context.Background()
	facts, _ := p.Provider.Look(ctx, p.id)
	for _, one := range facts {
		if result, err := p.receiver().Receive(ctx, one, p.Now); err == nil {
			_ = payment.Outbox{Requests: p.frail, Settlements: p.frail}.Send(ctx, result.Payment) // the todo has it
		}
	}
}

// ends handles messages, and sweeps, until nothing is owed any more.
func (p *payout) ends(t require.TestingT) {
	for range 200 { // eight losses in a row wait for three hours
		for n := 0; p.step(); n++ {
			require.Less(t, n, 200, "messages for ever")
		}
		stands, paid := p.CaseOf(p.about), p.PaymentOf(p.id)
		if !paid.Todo.Has(todo.StepPay) && !paid.Todo.Has(todo.StepRefund) && !stands.Todo.Has(todo.StepRefund) {
			return
		}
		p.Pass(2 * time.Minute)
		_, err := due.Sweeper{Store: p.Store, Queues: p.frail}.Sweep(context.Background(), p.Now)
		require.NoError(t, err)
	}
	require.Fail(t, "it never ends")
}

// paidBack returns what the provider gave back for the case.
func (p *payout) paidBack() (minor int64) {
	facts, _ := p.Provider.Look(context.Background(), p.id)
	for _, one := range facts {
		if one.Refund != nil && one.Refund.Counts() && one.Refund.Case == string(p.about) {
			minor += one.Refund.Amount.Minor
		}
	}
	return minor
}

// requirePaid demands that the money went back once; requireGivenUp that it did not, and all is as
// it was.
func (p *payout) requirePaid(t require.TestingT, story string) {
	require.Equal(t, int64(200), p.paidBack(), story)
	require.Equal(t, refund.StateClosed, p.CaseOf(p.about).State, story)
	require.Equal(t, ledger.Credits(80000), p.Wallet(p.alice).Available(p.Now), story)
}

func (p *payout) requireGivenUp(t require.TestingT, story string) {
	require.Zero(t, p.paidBack(), story)
	require.True(t, p.CaseOf(p.about).Waiting(), story)
	require.Equal(t, ledger.Credits(100000), p.Wallet(p.alice).Available(p.Now), story)
}

func quiet(t *testing.T) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(before) })
}

func TestNoCrashOnTheWayOfMoneyPaysItTwiceOrLosesIt(t *testing.T) {
	quiet(t)
	for _, refused := range []bool{false, true} {
		for _, lossy := range []bool{false, true} {
			run := func(at ...int) int {
				p := newPayout(t, lossy, at...)
				story := fmt.Sprintf("refused %v, lossy %v, cut at %v", refused, lossy, at)
				if refused {
					p.Provider.Has(storetest.FaultRefusal)
				}
				p.ends(t)
				if again := p.paidBack() == 0 && !refused; again {
					require.Fail(t, story)
				}
				if p.CaseOf(p.about).State == refund.StateInReview {
					p.requireGivenUp(t, story)
				} else {
					p.requirePaid(t, story)
				}
				return p.frail.passed
			}
			points := run()
			require.Greater(t, points, 20)
			for one := range points {
				run(one + 1)
				for two := one + 1; two < points+8; two++ {
					run(one+1, two+1)
				}
			}
			t.Logf("refused %v, lossy %v: %d points, singly and in pairs", refused, lossy, points)
		}
	}
}

func TestWhateverBefallsThePayoutItEndsPaidOnceOrGivenUp(t *testing.T) {
	quiet(t)
	rapid.Check(t, func(t *rapid.T) {
		p := newPayout(t, rapid.Bool().Draw(t, "lossy"), rapid.SliceOfN(rapid.IntRange(1, 60), 0, 6).Draw(t, "cuts")...)
		p.Provider.Has(rapid.SliceOfN(rapid.SampledFrom([]storetest.Fault{
			"", storetest.FaultDrop, storetest.FaultBusy, storetest.FaultRefusal, storetest.FaultSpent, storetest.FaultPending,
		}), 0, 4).Draw(t, "faults")...)
		p.Provider.Forgets = rapid.Bool().Draw(t, "forgets")
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				p.webhook()
			case 1:
				p.frail.settling = append(p.frail.settling, p.id)
			case 2:
				p.frail.requests = append(p.frail.requests, message.NewPaymentRequested(string(p.id)))
			case 3:
				p.Provider.Ends(p.id, string(p.about), rapid.SampledFrom([]payment.RefundStatus{
					payment.RefundSucceeded, payment.RefundFailed,
				}).Draw(t, "status"))
			case 4:
				if p.CaseOf(p.about).Waiting() {
					p.rules(t)
				}
				p.frail.requests = append(p.frail.requests, message.NewCaseRequested(string(p.about), "", ""))
			default:
				p.step()
			}
			require.LessOrEqual(t, p.paidBack(), int64(200), "paid twice")
		}
		p.ends(t)
		for range 3 { // pending ones end, and the webhooks tell of it
			p.Provider.Ends(p.id, string(p.about), payment.RefundSucceeded)
			p.webhook()
			p.frail.at = nil
			p.webhook()
			p.ends(t)
		}
		if p.paidBack() > 0 {
			p.requirePaid(t, "paid")
		} else {
			p.requireGivenUp(t, "given up")
		}
		p.WantLaws(p.alice)
	})
}
