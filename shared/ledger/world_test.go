package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"

	"github.com/stretchr/testify/require"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	never = time.Time{}
	terms = ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend, ExtendDays: 30}
)

const day = 24 * time.Hour

// world is one customer as the stores and use cases keep them: the wallet, what was taken for each
// payment, what stands expired of each lot, the generations, and every line ever posted. Whatever a
// posting does is checked as it is committed.
type world struct {
	t           require.TestingT
	now         time.Time
	wallet      ledger.Wallet
	takings     map[string]ledger.Clawback
	expired     map[ledger.LotID]ledger.Credits
	generations []*generation
	book        map[ledger.Account]ledger.Credits // the balance of each account, rebuilt from lines alone
	ids         map[string]bool
	net         ledger.Credits // available − owed, by arithmetic of its own
	serial      int
	mostWrites  int // of the postings so far
}

// generation is the line of its own hold, capture and release: its outputs' draws, and what became
// of each output.
type generation struct {
	id      string
	outputs [][]ledger.Draw
	state   []string // held, released, captured or refunded, one for each output
}

func newWorld(t require.TestingT) *world {
	return &world{
		t: t, now: noon, wallet: ledger.Wallet{Customer: "alice"}, takings: map[string]ledger.Clawback{},
		expired: map[ledger.LotID]ledger.Credits{}, book: map[ledger.Account]ledger.Credits{}, ids: map[string]bool{},
	}
}

// fork returns a world that starts as w is and shares nothing with it.
func (w *world) fork() *world {
	twin := *w
	twin.wallet = w.wallet.Clone()
	twin.takings, twin.expired = maps.Clone(w.takings), maps.Clone(w.expired)
	twin.book, twin.ids = maps.Clone(w.book), maps.Clone(w.ids)
	twin.generations = slices.Clone(w.generations)
	return &twin
}

func (w *world) name(prefix string) string {
	w.serial++
	return fmt.Sprintf("%s%02d", prefix, w.serial)
}

// commit does what a store does with a posting.
func (w *world) commit(p ledger.Posting) {
	require.NoError(w.t, ledger.Check(p))
	require.False(w.t, p.At.Before(w.now))
	w.pass(p.At.Sub(w.now)) // of two steps within a millisecond, the second takes the next
	w.mostWrites = max(w.mostWrites, p.Writes())
	require.Equal(w.t, w.wallet, p.Before, "a rule leaves its wallet as it was")
	for _, e := range p.Entries {
		require.False(w.t, w.ids[e.ID], "entry id %s is used twice", e.ID)
		require.True(w.t, strings.HasPrefix(e.ID, fmt.Sprintf("%013d-", w.now.UnixMilli())), "%s sorts by time", e.ID)
		w.ids[e.ID] = true
		w.line(e.Movement, e.Credits)
		if e.Movement == ledger.MovementExpiry {
			lot, held := p.Before.Lot(e.Lot)
			require.True(w.t, held && !lot.Live(w.now) && lot.Remaining == e.Credits, "only what has expired expires, and all of it")
		}
	}
	for lot, n := range p.Expired {
		w.expired[lot] += n
		require.GreaterOrEqual(w.t, w.expired[lot], ledger.Credits(0), "no more is taken from expired credits than stand expired")
	}
	for _, paid := range p.DebtsPaid {
		taking := w.takings[paid.Payment]
		taking.DebtPaid = append(slices.Clone(taking.DebtPaid), paid.Draw)
		w.takings[paid.Payment] = taking
	}
	w.wallet = p.Stored()
}

func (w *world) line(m ledger.Movement, n ledger.Credits) {
	from, to := ledger.Accounts(m)
	w.book[from] -= n
	w.book[to] += n
}

// purchase grants credits for a new payment and returns its name, or the refusal.
func (w *world) purchase(n ledger.Credits, expires time.Time) (string, error) {
	payment := w.name("pay")
	return payment, w.purchaseAs(payment, n, expires)
}

func (w *world) purchaseAs(payment string, n ledger.Credits, expires time.Time) error {
	lot := ledger.Lot{ID: ledger.NewLotID(payment), Source: ledger.SourcePurchase, Granted: n, ExpiresAt: expires}
	p, lot, err := ledger.Grant(w.wallet, lot, ledger.Cause{Reason: "purchase", Payment: payment, Actor: "provider"}, w.now)
	if err != nil {
		return err
	}
	w.commit(p)
	w.net += n
	w.takings[payment] = ledger.Clawback{Payment: payment, Lot: lot, Granted: n}
	return nil
}

func (w *world) grant(n ledger.Credits, source ledger.Source, expires time.Time) error {
	id := w.name("grant")
	lot := ledger.Lot{ID: ledger.NewLotID(id), Source: source, Granted: n, ExpiresAt: expires}
	p, _, err := ledger.Grant(w.wallet, lot, ledger.Cause{Reason: "goodwill", Actor: "staff", Note: id}, w.now)
	if err != nil {
		return err
	}
	w.commit(p)
	w.net += n
	return nil
}

// hold starts a generation of so many outputs at a price.
func (w *world) hold(price ledger.Credits, outputs int) (*generation, error) {
	draws, p, err := ledger.Hold(w.wallet, price, w.now)
	if err != nil {
		return nil, err
	}
	require.Equal(w.t, price, ledger.Sum(draws))
	for _, draw := range draws {
		require.True(w.t, draw.ExpiresAt.IsZero() || draw.ExpiresAt.After(w.now), "an expired lot is never drawn")
	}
	w.commit(p)
	w.line(ledger.MovementHold, price)
	w.net -= price
	g := &generation{id: w.name("gen"), outputs: ledger.SplitDraws(draws, outputs), state: slices.Repeat([]string{"held"}, outputs)}
	w.generations = append(w.generations, g)
	return g, nil
}

// finish ends the hold: the first came outputs are captured, the others given back.
func (w *world) finish(g *generation, came int) {
	draws := slices.Concat(g.outputs...)
	back := ledger.UndeliveredDraws(draws, len(g.outputs), came)
	p, returned, err := ledger.Release(w.wallet, back, terms, ledger.Cause{Reason: "generation_failed", Generation: g.id}, w.now)
	require.NoError(w.t, err)
	require.Equal(w.t, ledger.Sum(back), returned.Credits())
	w.sameLots(p, back, returned)
	w.commit(p)
	w.line(ledger.MovementRelease, ledger.Sum(back))
	w.line(ledger.MovementCapture, ledger.Sum(draws)-ledger.Sum(back))
	w.net += ledger.Sum(back)
	for i := range g.state {
		g.state[i] = map[bool]string{true: "captured", false: "released"}[i < came]
	}
}

// refund returns what one captured output cost.
func (w *world) refund(g *generation, output int, rule ledger.ExpiredLot) ledger.Returned {
	cause := ledger.Cause{Reason: "bad_result", Generation: g.id, Case: fmt.Sprint("case", output)}
	p, returned, err := ledger.Refund(w.wallet, g.outputs[output], rule, cause, w.now)
	require.NoError(w.t, err)
	require.Equal(w.t, ledger.Sum(g.outputs[output]), returned.Credits()+ledger.Sum(returned.Expired))
	w.sameLots(p, g.outputs[output], returned)
	w.commit(p)
	w.net += returned.Credits()
	g.state[output] = "refunded"
	return returned
}

// sameLots checks that what was restored went to lots that were drawn, unless the wallet or, for
// its debts, the posting had no room.
func (w *world) sameLots(p ledger.Posting, draws []ledger.Draw, returned ledger.Returned) {
	if len(p.Before.Lots)+len(draws) > ledger.MaxLots || 3*len(draws)+2*len(p.Before.Debts) > 80 {
		return
	}
	for _, back := range returned.Restored {
		require.True(w.t, slices.ContainsFunc(draws, func(d ledger.Draw) bool { return d.Lot == back.Lot }), "%v went astray", back)
	}
}

// level brings a payment to its target.
func (w *world) level(payment string, target ledger.Credits) {
	before := w.takings[payment]
	stock := w.expired[before.Lot.ID]
	if before.Lot.ID != ledger.NewLotID(payment) {
		stock = 0 // the grant joined another payment's lot: what expired of it is that one's
	}
	p, after, err := ledger.AdjustClawback(w.wallet, before, stock, target, terms, ledger.Cause{Reason: "money_back", Event: w.name("evt")}, w.now)
	if len(w.wallet.Debts) == ledger.MaxDebts && fault.CodeOf(err) == ledger.CodeTooManyDebts {
		return
	}
	require.NoError(w.t, err)
	require.Equal(w.t, target, after.Total())
	w.takings[payment] = after
	w.commit(p)
	w.net -= (target - after.Expired) - (before.Total() - before.Expired)
}

// pass lets time go by; what expires meanwhile stops counting at once, swept or not.
func (w *world) pass(d time.Duration) {
	before := w.wallet.Available(w.now)
	w.now = w.now.Add(d)
	w.net -= before - w.wallet.Available(w.now)
}

// sweep expires what has expired.
func (w *world) sweep() { w.commit(ledger.Expire(w.wallet, w.now)) }

// audit checks the laws on the world as it stands.
func (w *world) audit() {
	var lots, held, spent ledger.Credits
	for _, lot := range w.wallet.Lots {
		lots += lot.Remaining
	}
	for _, g := range w.generations {
		for i, draws := range g.outputs {
			switch g.state[i] {
			case "held":
				held += ledger.Sum(draws)
			case "captured":
				spent += ledger.Sum(draws)
			}
		}
	}
	available, owed := w.wallet.Available(w.now), w.wallet.Owed()
	require.Equal(w.t, w.book[ledger.Available], lots, "law 1: available is the sum of its lines")
	require.Equal(w.t, w.book[ledger.Held], held, "law 1: held is the sum of its lines")
	require.Equal(w.t, w.book[ledger.Spent], spent, "law 1 and 3: what is spent was captured once and not refunded")
	require.Equal(w.t, -w.book[ledger.Owed], owed, "law 1: owed is the sum of its lines")
	var standing ledger.Credits
	for _, n := range w.expired {
		standing += n
	}
	require.Equal(w.t, w.book[ledger.Expired], standing)
	require.True(w.t, available >= 0 && held >= 0 && owed >= 0, "law 2: nothing is negative")
	require.True(w.t, owed == 0 || available == 0, "law 2: %d owed while %d are available", owed, available)
	require.Equal(w.t, w.net, available-owed, "available less owed is what came less what went")
	for payment, t := range w.takings {
		require.Equal(w.t, t.Owed, w.wallet.Debt(payment)+ledger.Sum(t.DebtPaid), "each debt is outstanding or paid by name")
		require.True(w.t, t.OwnLot >= 0 && t.Expired >= 0 && t.Owed >= 0 && t.Total() <= t.Granted)
	}
}

// wantKind fails unless err is a fault of that kind and code.
func wantKind(t require.TestingT, err error, kind fault.Kind, code string) {
	require.Error(t, err)
	require.Equal(t, kind, fault.KindOf(err), "%v", err)
	require.Equal(t, code, fault.CodeOf(err))
}
