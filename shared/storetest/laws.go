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

// Laws draws sequences of everything that can happen to two customers and demands the laws after
// each step. The wallet is the sum of its statement. Nothing is negative, and credits owed mean
// that none are available. Each generation ends once, and each output goes back at most once. Of
// each payment as much is taken back as its facts say, and no provider is asked for more than is
// left.
//
// At the end faults stop and the queues drain. Then each case ends as its money did, no step is due
// any more, and every verdict can be made again from what is kept with it.
func Laws(t *testing.T, open func() Store, checks int) {
	t.Helper()
	// A caller's own -rapid.checks is kept; without one the suite's number counts.
	if checksFlag := flag.Lookup("rapid.checks"); checksFlag != nil && checksFlag.Value.String() == checksFlag.DefValue {
		require.NoError(t, checksFlag.Value.Set(strconv.Itoa(checks)))
		defer func() { _ = checksFlag.Value.Set(checksFlag.DefValue) }()
	}
	rapid.Check(t, func(t *rapid.T) {
		// One world in which the policy waits for claims, and one in which it acts by itself.
		worlds := map[string]func(TB, Store) *World{"photoroom": NewWorld, "unasked": NewWorldAuto}
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
	partial     map[generation.ID]bool // the app was notified of missing outputs
	cases       []refund.CaseID        // opened by somebody
	approved    map[refund.CaseID]bool
	outages     []outage.ID
}

// ending is how a generation was first seen to end. It never changes after.
type ending struct {
	state              generation.State
	captured, released ledger.Credits
	at                 time.Time
}

func (m *machine) anyone(t *rapid.T) ledger.CustomerID {
	return rapid.SampledFrom(m.customers).Draw(t, "customer")
}

// actions returns what can happen, by name. rapid runs the one without a name after each of the
// others.
func (m *machine) actions() map[string]func(*rapid.T) {
	// Names decide how often rapid draws an action, so the groups share one map.
	actions := m.refundActions()
	maps.Copy(actions, m.moneyActions())
	maps.Copy(actions, map[string]func(*rapid.T){
		// A term of half an hour expires within a story, so that lots run out while credits are
		// held.
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
			start, err := m.start(m.order(m.anyone(t), rapid.IntRange(1, 4).Draw(t, "outputs")))
			if err != nil {
				require.Contains(t, []string{fault.CodeInsufficientCredits, fault.CodeAccessRestricted}, fault.CodeOf(err), "%v", err)
				return
			}
			m.generations = append(m.generations, start.ID)
		},
		// Any result may come at any time, also a second and another one.
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
			// Clocks of machines differ, so time may go back by two seconds.
			m.Pass(rapid.SampledFrom([]time.Duration{-2 * time.Second, time.Millisecond, 5 * time.Minute, time.Hour}).Draw(t, "time"))
		},
		"": func(t *rapid.T) { m.check(t) },
	})
	return actions
}

// check demands the laws that hold after every step.
func (m *machine) check(t *rapid.T) {
	for _, customer := range m.customers {
		// The laws of the ledger first: what follows counts on lines that add up.
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
		// Compare with how it was first seen to end: no later step may change that.
		end := ending{state: g.State, captured: g.Captured, released: g.Released, at: g.RecordedAt}
		if end.state == generation.StateRefunded {
			end.state = generation.StateCaptured // as it ended, before its credits went back
		}
		if first, ok := m.ends[id]; ok {
			require.Equal(t, first, end, "a hold ends once")
		}
		m.ends[id] = end
	}
}

// settle is law 7: when faults stop, queues drain and everything due clears.
func (m *machine) settle(t *rapid.T) {
	// Fifty hours are longer than any policy waits for an outage that goes on.
	if len(m.outages) > 0 {
		m.Pass(50 * time.Hour) // one that goes on is long enough
	}
	m.settleMoney()
	// Twenty rounds of two hours: delays double up to an hour, so each due step has its turn
	// several times.
	for range 20 {
		m.Nudge()
		m.Sweep()
		m.Deliver()
		m.notifyAll()
		m.Pass(2 * time.Hour)
	}
	// Every hold has ended, and a customer was notified of missing outputs exactly when some were.
	for _, id := range m.generations {
		g := m.Generation(id)
		require.Zero(t, g.Held(), "nothing is held for ever")
		cameShort := g.Failure() == nil && g.Came() < g.Outputs
		require.Equal(t, cameShort, m.partial[id], "who gets less than was asked for is told, and nobody else")
	}
	m.checkSettled(t)
	m.checkWaits()
	m.check(t)
	// Twice a write and a sweep: the index may lag by one write, also for what fell due just now.
	m.Nudge()
	m.Sweep() // of what fell due since the last one
	m.Nudge()
	var overdue []due.Key
	require.NoError(t, again(func() (err error) {
		overdue, _, err = m.Store.Overdue(m.ctx(), m.Now, due.MaxItems)
		return err
	}))
	// Nothing may be due or stuck for these customers; others share the store.
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
	m.checkInsights()
	m.checkNews()
	m.checkInboxes()
}
