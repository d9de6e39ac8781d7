package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"makegood/infra/cost"
	"makegood/shared/policy"
)

// expense is what an operation took on its path.
type expense struct {
	reads, writes, sends int
	providerCalls        int // calls to the payment provider
	readUnits            float64
	base, index          int // write units of items, and of index entries
	largest              int // bytes of the largest item written

	invocations, requests int // of functions, and over HTTP
	messages, logBytes    int // all that were sent, notices too; what the functions printed
}

func (c expense) units() int { return c.base + c.index }

// usage returns the expense as infra/cost prices it.
func (c expense) usage() cost.Usage {
	return cost.Usage{
		Reads: c.reads, Writes: c.writes, ReadUnits: c.readUnits, WriteUnits: c.units(), Messages: c.messages, Invocations: c.invocations,
		Requests: c.requests, LogBytes: c.logBytes,
	}
}

// limit is the most that an operation may take: reads + writes + sends, and write units. The zero
// limit is none.
type limit struct{ reads, writes, sends, units int }

func (l limit) holds(c expense) bool {
	// Each kind of call has its own limit: a saved write does not pay for another read.
	return l == (limit{}) || c.reads <= l.reads && c.writes <= l.writes && c.sends <= l.sends && c.units() <= l.units
}

func (l limit) String() string {
	if l == (limit{}) {
		return "–"
	}
	return fmt.Sprintf("%d + %d + %d, ≤ %d", l.reads, l.writes, l.sends, l.units)
}

// noticesQueue takes the messages that notify the customer of a verdict. They are sent after the
// credits are back, so they count as notifying.
const noticesQueue = "notices"

// walletLots is how many lots the counted wallet has.
const walletLots = 20

// counted is one operation and what it took under a policy.
type counted struct {
	policy string
	name   string
	limit  limit
	cost   expense
}

// operation is one row: what is done, and what it may cost. A hidden one only prepares the next.
// One about a case has a limit for each state that the case may then be in, which the policy
// decides.
type operation struct {
	name   string
	limit  limit
	hidden bool
	ends   map[string]limit
	run    func(ctx context.Context) error
}

// errNothingToRule skips an operation of staff's: the policy has decided the case itself.
var errNothingToRule = errors.New("the case is not in review")

// count plays each operation of the design's table once under the policy, on a wallet with
// walletLots lots, through the built functions, with the meter in front of DynamoDB Local. It also
// returns how many metrics the functions gave.
func count(ctx context.Context, s *stack, name string) (rows []counted, metrics int, err error) {
	p, err := policy.Open(name)
	if err != nil {
		return nil, 0, err
	}
	m, err := newMeteredFleet(ctx, s, []string{
		receivePurchase, startGeneration, settle, reportBadResult, assessResult, requestRefund, decide, reviewRefund, notify, readAccount, payRefund, sweepDue,
	}, "POLICY="+name)
	if err != nil {
		return nil, 0, err
	}
	defer m.stop()
	j, err := s.newJourney(ctx, m.fleet, p.Current(time.Now()), m.payments)
	if err != nil {
		return nil, 0, err
	}
	// Provider listings are the same under every policy, so they are counted once.
	all := slices.Concat(j.mainPath(), j.claimPath(), j.money(), j.counting())
	if name == s.revision.Name {
		all = append(all, j.listing()...)
	}
	// Hidden operations run too, for the rows behind them rest on what they leave.
	for _, one := range all {
		row, err := j.count(ctx, m.meter, one, s.log)
		if errors.Is(err, errNothingToRule) {
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %s: %w", name, one.name, err)
		}
		if !one.hidden {
			rows = append(rows, row)
		}
	}
	return rows, m.fleet.tally().metrics, nil
}

// newJourney returns the way of a customer whose wallet has all its lots but the one of the
// purchase that is counted.
func (s *stack) newJourney(ctx context.Context, fleet *fleet, revision policy.Revision, payments *provider) (*journey, error) {
	// Each purchase is far from the others, so that none counts as a duplicate.
	const apart = 25 * time.Hour // more than any policy looks for a double charge
	boughtAt := time.Now().Add(-apart)
	j := &journey{
		story:    story{fleet: fleet, revision: revision, provider: payments},
		outbox:   s.outbox,
		customer: fresh("bench-"),
		boughtAt: boughtAt,
	}
	// The lots come from purchases, as a customer's do: a wallet is as large as what it remembers.
	for n := range walletLots - 1 {
		if _, err := j.purchase(ctx, j.customer, boughtAt.Add(-time.Duration(n+1)*apart)); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// count plays one operation and returns its row.
func (j *journey) count(ctx context.Context, m *meter, one operation, log io.Writer) (counted, error) {
	j.outbox.empty()
	// Forget what earlier operations sent and looked up: this row is for this one alone.
	j.provider.requests.Store(0)
	before := j.fleet.tally()
	calls, err := m.during(func() error { return one.run(ctx) })
	if err != nil {
		return counted{}, err
	}
	row := counted{j.revision.Name, one.name, one.limit, sum(calls, m.tables)}
	row.cost.providerCalls = int(j.provider.requests.Load())
	// Notices go out after the credits are back, so nobody waits for them and they do not count.
	for queue, messages := range j.outbox.empty() {
		row.cost.messages += len(messages)
		if queue != noticesQueue {
			row.cost.sends += len(messages)
		}
	}
	after := j.fleet.tally()
	row.cost.invocations, row.cost.requests = after.invocations-before.invocations, after.requests-before.requests
	row.cost.logBytes = after.logBytes - before.logBytes
	if log != nil {
		fmt.Fprintf(log, "%s: %s\n%s", row.policy, row.name, details(calls, m.tables))
	}
	// The limit depends on the state in which the operation has left its case.
	if one.ends != nil {
		if err := j.look(ctx); err != nil {
			return counted{}, err
		}
		row.name, row.limit = one.endsAs(j.state)
	}
	return row, nil
}

// endsAs returns the row's name and limit for a case in that state. A state without a limit has
// none.
func (o operation) endsAs(state string) (string, limit) {
	return o.name + " → " + strings.ReplaceAll(state, "_", " "), o.ends[state]
}

// sum adds up calls.
// A call without changes was a read; a transaction is one call, whatever it writes.
func sum(calls []call, tables map[string]table) expense {
	var total expense
	for _, c := range calls {
		if len(c.changes) == 0 {
			total.reads++
			total.readUnits += c.readUnits
			continue
		}
		total.writes++
		for _, change := range c.changes {
			// Every changed item costs by its size and by the index entries that it moves.
			base, index := change.units(tables[change.table])
			total.base += base
			total.index += index
			total.largest = max(total.largest, change.before.size(), change.after.size())
		}
	}
	return total
}

var errOverBudget = errors.New("an operation costs more than the design allows")

// writeCounted prints the table and returns errOverBudget when an operation is over its limit.
func writeCounted(w io.Writer, rows []counted) error {
	var over error
	fmt.Fprintf(w, "## What an operation costs\n\nCounted on the built functions, a wallet with %d lots. Reads, writes and sends are calls; write units are AWS's arithmetic "+
		"(a transactional item 2 for each KB, an index entry 1 when it comes, goes or carries something else, 2 when it moves), not the emulator's figure; read units are the emulator's, and half a one at least.\n\n", walletLots)
	fmt.Fprintln(w, "| policy | operation | reads + writes + sends | read units | write units (items + index) | largest item | at most |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, row := range rows {
		// All rows are printed, also behind one that is over: a change often moves several.
		c, verdict := row.cost, ""
		if !row.limit.holds(c) {
			over, verdict = errOverBudget, " **over**"
		}
		name := row.name
		if c.providerCalls > 0 {
			name += fmt.Sprintf(" (asks the provider %d ×)", c.providerCalls)
		}
		fmt.Fprintf(w, "| %s | %s | %d + %d + %d | %.1f | %d (%d + %d) | %s B | %s%s |\n",
			row.policy, name, c.reads, c.writes, c.sends, c.readUnits, c.units(), c.base, c.index, thousands(c.largest), row.limit, verdict)
	}
	fmt.Fprintln(w)
	return over
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	if len(text) <= 3 {
		return text
	}
	return text[:len(text)-3] + "," + text[len(text)-3:]
}

// details lists the calls, for whoever looks for the unit too many.
func details(calls []call, tables map[string]table) string {
	var lines strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&lines, "  %s\n", c.operation)
		for _, change := range c.changes {
			base, index := change.units(tables[change.table])
			fmt.Fprintf(&lines, "    %s: %d + %d units, %d → %d B\n", change.table, base, index, change.before.size(), change.after.size())
		}
	}
	return lines.String()
}
