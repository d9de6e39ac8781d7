package storetest

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// grantOrders is how many orders of the callers are tried, each on a customer of its own.
const grantOrders = 8

var grantingOnce = map[string]func(*testing.T, *World){
	"a claim that is approved in credits once staff granted its payment gives none": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := parks(w, "a", alice)
		caseID := w.Claims(policy.KindNotCredited, alice, id)
		w.Deliver()
		w.WantVerdict(caseID, refund.StateInReview, "G2.1")
		w.Resolves(id, payment.Resolution{Action: payment.ActionGrant})
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InCredits(50)
		_, err := w.rule(caseID, order)
		require.True(t, err == nil || fault.CodeOf(err) == fault.CodeNotPossible, "%v", err)
		w.Drain()
		w.WantAvailable(alice, 50)
		w.WantVerdict(caseID, refund.StateApproved, "G2.1")
		w.WantLaws(alice)
	}),
	"one payment gives its credits once, whoever asks for them and in whatever order": inGoopter(func(t *testing.T, w *World) {
		// The seed is fixed, so a failure can be run again.
		for seed := range int64(grantOrders) {
			g := granting{w: w, customer: w.Customer(string(rune('a' + seed))), id: w.Payment(string(rune('a' + seed)))}
			// Everything that can grant this payment, some of it twice, with sweeps and time
			// between.
			steps := []func(){
				g.webhook, g.webhook, g.missed, g.claim, g.resolve, g.resolve, g.approve, g.approveInCredits, g.approveInCredits,
				w.Drain, func() { w.Sweep() }, func() { w.Polls() }, func() { w.Pass(10 * time.Minute) },
			}
			random := rand.New(rand.NewSource(seed))
			for range 2 {
				random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
				for _, step := range steps {
					step()
					require.Contains(t, []ledger.Credits{0, 50}, w.Wallet(g.customer).Available(w.Now))
				}
				g.wantOnce(t)
			}
			w.Drain()
			g.wantOnce(t)
			require.Equal(t, payment.StateGranted, w.PaymentOf(g.id).State)
			w.WantAvailable(g.customer, 50)
			w.WantLaws(g.customer)
		}
	}),
}

// granting is everybody who may grant the credits of one payment, whose price differs from its
// package's.
type granting struct {
	w        *World
	customer ledger.CustomerID
	id       payment.ID
	claimed  refund.CaseID
}

// facts returns the purchase at a wrong price, so that it is parked and staff can grant it too.
func (g *granting) facts() payment.Facts {
	facts := g.w.Paid(g.id, g.customer)
	facts.Purchase.Subtotal.Minor = 1
	facts.Purchase.PaidAt = noon
	return facts
}

func (g *granting) webhook() { g.w.Receives(g.facts()) }

func (g *granting) missed() { g.w.Misses(g.facts()) }

// claim opens the claim that the payment was never credited, once.
func (g *granting) claim() {
	if g.claimed == "" {
		g.claimed = g.w.Claims(policy.KindNotCredited, g.customer, g.id)
	}
}

// resolve has staff grant the payment. It may be unknown yet, or granted already.
func (g *granting) resolve() {
	_, err := g.w.resolve(g.id, payment.Resolution{Action: payment.ActionGrant})
	// A grant that came too late is refused as decided; anything else would be a fault.
	require.True(g.w.t, err == nil || fault.KindOf(err) == fault.KindNotFound || fault.KindOf(err) == fault.KindConflict, "%v", err)
}

func (g *granting) approve() { g.rules(nil) }

func (g *granting) approveInCredits() { g.rules(policy.InCredits(50)) }

// rules approves the claim, if there is one that waits.
func (g *granting) rules(remedy *policy.Remedy) {
	if g.claimed == "" || !g.w.CaseOf(g.claimed).Waiting() {
		return
	}
	order := g.w.ruling(policy.OutcomeApproved)
	// Without a remedy the policy names it. With one it is fifty credits outright, which could be a
	// second grant.
	order.Ruling.Remedy = remedy
	_, err := g.w.rule(g.claimed, order)
	require.True(g.w.t, err == nil || fault.KindOf(err) == fault.KindInvalid || fault.KindOf(err) == fault.KindConflict, "%v", err)
}

// wantOnce demands that nothing, or the package's credits once, was granted for the payment.
func (g *granting) wantOnce(t *testing.T) {
	t.Helper()
	// Count the ledger's lines, not the wallet: a second grant could be hidden by a debt it paid.
	var total ledger.Credits
	for _, row := range g.w.Rows(g.customer) {
		if row.Cause == ledger.MovementGrant {
			require.Equal(t, string(g.id), row.Payment)
			total += row.Amount
		}
	}
	require.Contains(t, []ledger.Credits{0, 50}, total)
	require.Equal(t, total, g.w.Wallet(g.customer).Available(g.w.Now))
}
