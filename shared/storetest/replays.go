package storetest

import (
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// command is a request under an idempotency key, and the first answer that it got, without what no
// answer shows.
type command struct {
	name   string
	answer any
	repeat func() (answer any, replay bool, err error)
}

// commanded gives a command, repeated while the store is busy, and keeps it with its first answer
// if it got one. view returns the answer as its caller sees it, and whether it is a replay's.
func commanded[T any](w *World, name string, view func(T) (any, bool), give func() (T, error)) (T, error) {
	try := func() (answer T, err error) {
		err = again(func() error {
			answer, err = give()
			return err
		})
		return answer, err
	}
	// A refusal is not kept: the same key may be tried again.
	first, err := try()
	if err != nil {
		return first, err
	}
	// Keep how to give it again, for wantReplays.
	answer, _ := view(first)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commands = append(w.commands, command{name, answer, func() (any, bool, error) {
		second, err := try()
		answer, isReplay := view(second)
		return answer, isReplay, err
	}})
	return first, nil
}

// wantReplays is the law of replays. Each command of the story gets its first answer, whatever came
// since, and moves nothing.
func (m *machine) wantReplays(t *rapid.T) {
	// Compare everything that a replay could move, before and after all of them. Messages that wait
	// would move something by themselves, so they are delivered first.
	m.Drain()
	before := m.books()
	for _, c := range m.commands {
		c.wantReplay(t)
	}
	m.Drain()
	require.Equal(t, before, m.books(), "a replay moves nothing")
}

// wantReplay repeats the command and demands its first answer.
func (c command) wantReplay(t *rapid.T) {
	// A replay must also say that it is one: the function answers another status for it.
	answer, replay, err := c.repeat()
	require.NoError(t, err, "%s %+v", c.name, c.answer)
	require.True(t, replay, "%s %+v", c.name, c.answer)
	// Payments compare by their facts, not field by field: a map without entries is no map.
	if p, state := c.answer.(payment.Payment); state {
		require.True(t, p.Equal(answer.(payment.Payment)), "%+v is not the first answer %+v", answer, p)
		return
	}
	require.Equal(t, c.answer, answer, c.name)
}

// repeatOne repeats a command in the midst of the story.
func (m *machine) repeatOne(t *rapid.T) {
	if len(m.commands) > 0 {
		rapid.SampledFrom(m.commands).Draw(t, "command").wantReplay(t)
	}
}

// books is all that a replay may move.
type books struct {
	wallets     []ledger.Wallet
	rows        [][]statement.Row
	generations []generation.Generation
	payments    []payment.Payment
	cases       []refund.Case
	outages     []outage.Outage
}

// books reads all that a replay may move.
func (m *machine) books() (b books) {
	// The wallet alone would not do: two lines that cancel each other would be missed.
	for _, customer := range m.customers {
		b.wallets, b.rows = append(b.wallets, m.Wallet(customer)), append(b.rows, m.Rows(customer))
	}
	for _, id := range m.generations {
		b.generations = append(b.generations, m.Generation(id))
	}
	b.payments = m.everyPayment()
	for _, id := range m.everyCase() {
		b.cases = append(b.cases, *m.CaseOf(id))
	}
	for _, id := range m.outages {
		b.outages = append(b.outages, m.outage(id))
	}
	return b
}

// asGiven returns a grant as its answer shows it.
func asGiven(gift grant.Answer) (any, bool) { return gift.Lot, gift.Replayed }

// asStarted returns a start as its answer shows it.
func asStarted(start generation.Started) (any, bool) {
	isReplay := start.Replayed
	start.Replayed = false
	return start, isReplay
}

// asOpened returns the answer about a case.
func asOpened(result refund.Opened) (any, bool) {
	isReplay := result.Replayed
	result.Replayed = false
	return result, isReplay
}

// asResolved returns the payment without what no answer shows.
func asResolved(result payment.Resolved) (any, bool) {
	// Steps and attempts change with each sweep, and no answer names them.
	p := result.Answer
	p.Todo, p.Attempts = nil, 0
	return p, result.Replayed
}

// declared is an outage, and whether the declaration was a replay.
type declared struct {
	outage.Outage

	replayed bool
}

// asDeclared returns the outage without what no answer shows.
func asDeclared(d declared) (any, bool) {
	o := d.Outage
	o.Version, o.Todo, o.Attempts = 0, nil, 0
	return o, d.replayed
}
