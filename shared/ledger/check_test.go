package ledger_test

import (
	"fmt"
	"testing"

	"makegood/shared/ledger"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rich is a posting with something of everything: an expiry, a debt paid, a shortfall, credits of
// the expired.
func rich(t *testing.T) ledger.Posting {
	now := noon.Add(2 * day)
	w := owing(ledger.Debt{Payment: "pay0", Credits: 3})
	w.Lots = []ledger.Lot{lot("lot_own", 4, noon.Add(day))}
	grant, _, err := ledger.Grant(w, lot("lot_b", 10, never), ledger.Cause{}, now)
	require.NoError(t, err)
	taking := ledger.Clawback{Payment: "pay1", Lot: lot("lot_own", 20, noon.Add(day)), Granted: 20}
	next, _ := level(t, grant.After, taking, 0, 12, now)
	p := grant.Then(next)
	require.NoError(t, ledger.Check(p))
	return p
}

func TestCheckRefusesAPostingThatDoesNotExplainItself(t *testing.T) {
	find := func(p ledger.Posting, m ledger.Movement) *ledger.Entry {
		for i := range p.Entries {
			if p.Entries[i].Movement == m {
				return &p.Entries[i]
			}
		}
		panic(m)
	}
	for name, spoil := range map[string]func(p *ledger.Posting){
		"another customer":                        func(p *ledger.Posting) { p.After.Customer = "bob" },
		"an instant before the line it builds on": func(p *ledger.Posting) { p.Before.At = p.At },
		"another standing":                        func(p *ledger.Posting) { p.After.Standing = ledger.StandingRestricted },
		"a line lost":                             func(p *ledger.Posting) { p.Entries = p.Entries[1:] },
		"a line twice":                            func(p *ledger.Posting) { p.Entries = append(p.Entries, p.Entries[0]) },
		"a credit more in a line":                 func(p *ledger.Posting) { p.Entries[0].Credits++ },
		"a line of nothing":                       func(p *ledger.Posting) { p.Entries[0].Credits = 0 },
		"one more line of nothing": func(p *ledger.Posting) {
			more := p.Entries[0]
			more.ID, more.Credits = "more", 0
			p.Entries = append(p.Entries, more)
		},
		"a line of less":              func(p *ledger.Posting) { p.Entries[0].Credits = -p.Entries[0].Credits },
		"accounts swapped":            func(p *ledger.Posting) { p.Entries[0].From, p.Entries[0].To = p.Entries[0].To, p.Entries[0].From },
		"a movement nobody knows":     func(p *ledger.Posting) { p.Entries[0].Movement = "gift" },
		"a line of another instant":   func(p *ledger.Posting) { p.Entries[0].At = noon },
		"a line of another customer":  func(p *ledger.Posting) { p.Entries[0].Customer = "bob" },
		"a line of another lot":       func(p *ledger.Posting) { find(*p, ledger.MovementClawExpired).Lot = "lot_b" },
		"a line without a lot":        func(p *ledger.Posting) { find(*p, ledger.MovementExpiry).Lot = "" },
		"a debt of another payment":   func(p *ledger.Posting) { find(*p, ledger.MovementShortfall).Cause.Payment = "pay7" },
		"a debt payment untold right": func(p *ledger.Posting) { p.DebtsPaid[0].Draw.Credits++ },
		"expired credits untold":      func(p *ledger.Posting) { p.Expired = map[ledger.LotID]ledger.Credits{"lot_own": 1} },
		"a lot out of nothing":        func(p *ledger.Posting) { p.After.Lots = append(p.After.Lots, lot("lot_x", 1, never)) },
		"a lot of nothing":            func(p *ledger.Posting) { p.After.Lots = []ledger.Lot{{ID: "lot_x", Granted: 1}} },
		"a debt out of nothing":       func(p *ledger.Posting) { p.After.Debts = []ledger.Debt{{Payment: "pay9", Credits: 1}} },
		"a held credit":               func(p *ledger.Posting) { p.Held = []ledger.Draw{draw("lot_b", 1)} },
		"a released credit":           func(p *ledger.Posting) { p.Released = []ledger.Draw{draw("lot_b", 1)} },
	} {
		t.Run(name, func(t *testing.T) {
			p := rich(t)
			spoil(&p)
			assert.Error(t, ledger.Check(p))
		})
	}
}

func TestCheckRefusesAWalletThatBreaksALaw(t *testing.T) {
	own := lot("lot_a", 5, never)
	more := own
	more.Granted = 3
	for name, c := range map[string]ledger.Wallet{
		"owed while some are available": {Customer: "alice", Lots: []ledger.Lot{own}, Debts: []ledger.Debt{{Payment: "pay1", Credits: 1}}},
		"more remaining than granted":   wallet(more),
		"less than nothing remaining":   wallet(ledger.Lot{ID: "lot_a", Remaining: -1, Granted: 1}),
		"one lot twice":                 wallet(own, own),
		"lots out of order":             {Customer: "alice", Lots: []ledger.Lot{own, lot("lot_b", 1, noon.Add(day))}},
		"a debt of nothing":             owing(ledger.Debt{Payment: "pay1"}),
		"one debt twice":                owing(ledger.Debt{Payment: "pay1", Credits: 1}, ledger.Debt{Payment: "pay1", Credits: 1}),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Error(t, ledger.Check(ledger.Posting{At: noon, Before: c, After: c}))
		})
	}
	full := fullWallet(noon.Add(day))
	over := full.Clone()
	more, last := own, own
	more.ID, last.ID = "lot_b", "lot_c"
	over.Lots = append(over.Lots, own, more, last)
	p := ledger.Posting{At: noon, Before: full, After: over, Released: []ledger.Draw{draw("lot_a", 5), draw("lot_b", 5), draw("lot_c", 5)}}
	assert.ErrorContains(t, ledger.Check(p), "43 live lots")
	before, after := owing(), owing()
	for i := range ledger.MaxDebts {
		before.Debts = append(before.Debts, ledger.Debt{Payment: fmt.Sprintf("pay%03d", i), Credits: 1})
	}
	p = ledger.Posting{At: noon, Before: before, After: after}
	from, to := ledger.Accounts(ledger.MovementForgiveness)
	for i, debt := range before.Debts {
		p.Entries = append(p.Entries, ledger.Entry{
			ID: fmt.Sprint(i), Customer: "alice", At: noon, Movement: ledger.MovementForgiveness, From: from, To: to, Credits: 1,
			Cause: ledger.Cause{Payment: debt.Payment},
		})
	}
	require.NoError(t, ledger.Check(p), "forty writes fit")
	again := p
	again.Entries = nil
	for _, e := range p.Entries {
		for i := range 3 {
			part := e
			part.ID += fmt.Sprint("-", i)
			if part.Movement, part.From, part.To = e.Movement, e.From, e.To; i == 2 {
				part.Movement, part.From, part.To = ledger.MovementShortfall, to, from
			}
			again.Entries = append(again.Entries, part)
		}
	}
	assert.ErrorContains(t, ledger.Check(again), "120 writes")
}

func TestCheckRefusesAHoldOrReleaseAsAnEntryAndAnExpiredLotTouched(t *testing.T) {
	w := wallet(lot("lot_a", 5, never))
	from, to := ledger.Accounts(ledger.MovementRelease)
	p := ledger.Posting{At: noon, Before: wallet(), After: w, Entries: []ledger.Entry{{
		ID: "1", Customer: "alice", At: noon, Movement: ledger.MovementRelease, From: from, To: to, Credits: 5, Lot: "lot_a",
	}}}
	assert.ErrorContains(t, ledger.Check(p), "itself the line")
	w = wallet(lot("lot_a", 5, noon))
	p = ledger.Posting{At: noon, Before: wallet(), After: w, Released: []ledger.Draw{draw("lot_a", 5)}}
	assert.ErrorContains(t, ledger.Check(p), "has expired")
}
