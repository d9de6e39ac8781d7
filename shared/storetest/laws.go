package storetest

import (
	"flag"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
)

// Laws draws sequences of everything that can happen to two customers and demands the laws after each step: the wallet is the sum
// of its statement, nothing is negative, owed implies nothing available, each generation ends once, each output goes back at most once, of each
// payment as much is taken back as its facts say, and no provider is asked for more than is left. At the end faults stop, the queues drain, each
// case ends as its money did, nothing is left owed to the world, and every verdict is made again from what is kept with it.
func Laws(t *testing.T, open func() Store, checks int) {
	t.Helper()
	if set := flag.Lookup("rapid.checks"); set != nil && set.Value.String() == set.DefValue {
		require.NoError(t, set.Value.Set(strconv.Itoa(checks)))
		defer func() { _ = set.Value.Set(set.DefValue) }()
	}
	rapid.Check(t, func(t *rapid.T) {
		worlds := map[string]func(TB, Store) *World{"photoroom": NewWorld, "unasked": NewWorldUnasked}
		world := worlds[rapid.SampledFrom(slices.Sorted(maps.Keys(worlds))).Draw(t, "world")]
		m := &machine{World: world(t, open()), ends: map[generation.ID]ending{}, partial: map[generation.ID]bool{}, approved: map[refund.CaseID]bool{}}
		m.customers = []ledger.CustomerID{m.Customer("alice"), m.Customer("bob")}
		t.Repeat(m.actions())
		m.settle(t)
	})
}

// machine is a world with a memory of what happened in it.
type machine struct {
	*World
	customers   []ledger.CustomerID
	generations []generation.ID
	payments    []payment.Facts
	ends        map[generation.ID]ending
	partial     map[generation.ID]bool // told to be
	cases       []refund.CaseID        // that somebody opened
	approved    map[refund.CaseID]bool
	outages     []outage.ID
}

// ending is how a generation was first seen to end: it never changes after.
type ending struct {
	state              generation.State
	captured, released ledger.Credits
	at                 time.Time
}

func (m *machine) anyone(t *rapid.T) ledger.CustomerID {
	return rapid.SampledFrom(m.customers).Draw(t, "customer")
}

func (m *machine) actions() map[string]func(*rapid.T) {
	actions := m.refundActions()
	maps.Copy(actions, m.moneyActions())
	maps.Copy(actions, map[string]func(*rapid.T){
		"grant": func(t *rapid.T) {
			term := rapid.SampledFrom([]time.Duration{0, 30 * time.Minute, 48 * time.Hour}).Draw(t, "term")
			credits := ledger.Credits(rapid.IntRange(1, 40).Draw(t, "credits"))
			if term == 0 {
				m.Grants(m.anyone(t), credits)
			} else {
				m.Grants(m.anyone(t), credits, term)
			}
		},
		"start": func(t *rapid.T) {
			started, err := m.start(m.order(m.anyone(t), rapid.IntRange(1, 4).Draw(t, "outputs")))
			if err != nil {
				require.Contains(t, []string{fault.CodeInsufficientCredits, fault.CodeAccessRestricted}, fault.CodeOf(err), "%v", err)
				return
			}
			m.generations = append(m.generations, started.ID)
		},
		"result": func(t *rapid.T) {
			if len(m.generations) == 0 {
				return
			}
			id := rapid.SampledFrom(m.generations).Draw(t, "generation")
			causes := []generation.Cause{generation.CausePlatform, generation.CauseInput}
			if rapid.Bool().Draw(t, "succeeded") {
				m.Settles(id, m.Success(rapid.IntRange(-1, 4).Draw(t, "came")))
			} else {
				m.Settles(id, m.Failure(rapid.SampledFrom(causes).Draw(t, "cause")))
			}
		},
		"repeat a command": m.repeatOne,
		"deliver":          func(*rapid.T) { m.Deliver() },
		"lose":             func(*rapid.T) { m.Lose() },
		"sweep":            func(*rapid.T) { m.Sweep() },
		"pass": func(t *rapid.T) {
			m.Pass(rapid.SampledFrom([]time.Duration{-2 * time.Second, time.Millisecond, 5 * time.Minute, time.Hour}).Draw(t, "time")) // machines' clocks differ
		},
		"": func(t *rapid.T) { m.check(t) },
	})
	return actions
}

func (m *machine) check(t *rapid.T) {
	for _, customer := range m.customers {
		m.WantLaws(customer)
	}
	m.checkMoney(t)
	for _, id := range m.generations {
		g := m.Generation(id)
		m.checkRefunds(t, g)
		if g.Held() > 0 {
			continue
		}
		require.Equal(t, g.Price, g.Captured+g.Released, "a settled generation is spent or given back, whole")
		ended := ending{state: g.State, captured: g.Captured, released: g.Released, at: g.RecordedAt}
		if ended.state == generation.StateRefunded {
			ended.state = generation.StateCaptured // as it ended, before its credits went back
		}
		if first, seen := m.ends[id]; seen {
			require.Equal(t, first, ended, "a hold ends once")
		}
		m.ends[id] = ended
	}
}

// settle is law 7: when faults stop, queues drain and everything due clears.
func (m *machine) settle(t *rapid.T) {
	if len(m.outages) > 0 {
		m.Pass(50 * time.Hour) // one that goes on is long enough
	}
	m.settleMoney()
	for range 20 {
		m.Nudge()
		m.Sweep()
		m.Deliver()
		m.tellAll()
		m.Pass(2 * time.Hour)
	}
	for _, id := range m.generations {
		g := m.Generation(id)
		require.Zero(t, g.Held(), "nothing is held for ever")
		cameShort := g.Failure() == nil && g.Came() < g.Outputs
		require.Equal(t, cameShort, m.partial[id], "who gets less than was asked for is told, and nobody else")
	}
	m.checkSettled(t)
	m.checkWaits()
	m.check(t)
	m.Nudge()
	m.Sweep() // of what fell due since the last one
	m.Nudge()
	var overdue []due.Key
	require.NoError(t, again(func() (err error) {
		overdue, err = m.Store.Overdue(m.ctx(), m.Now, due.MaxItems)
		return err
	}))
	for _, key := range overdue {
		for _, customer := range m.customers {
			require.NotEqual(t, customer.Key(), key.Partition, "nothing is left owed to the world: %v", key)
		}
	}
	for _, customer := range m.customers {
		require.Zero(t, stuckOf(m.World, customer))
	}
	m.wantReplays(t)
	m.wantSameVerdicts()
}
