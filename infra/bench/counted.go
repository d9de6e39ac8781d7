package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/shared/message"
	"makegood/shared/policy"
)

// cost is what an operation took on its path.
type cost struct {
	reads, writes, sends int
	base, index          int // write units of items, and of index entries
	largest              int // bytes of the largest item written
}

func (c cost) units() int { return c.base + c.index }

// limit is the design's: reads + writes + sends, and write units. The zero limit is none.
type limit struct{ reads, writes, sends, units int }

func (l limit) holds(c cost) bool {
	return l == (limit{}) || c.reads <= l.reads && c.writes <= l.writes && c.sends <= l.sends && c.units() <= l.units
}

func (l limit) String() string {
	if l == (limit{}) {
		return "–"
	}
	return fmt.Sprintf("%d + %d + %d, ≤ %d", l.reads, l.writes, l.sends, l.units)
}

// noticesQueue takes what tells the customer of a verdict: sent when the credits are back already, so it counts as telling.
const noticesQueue = "notices"

// walletLots is how many lots the counted wallet has.
const walletLots = 20

// counted is one operation and what it took under a policy.
type counted struct {
	policy string
	name   string
	limit  limit
	cost   cost
}

// count plays each operation of the design's table once under the policy, on a wallet with walletLots lots, through the built functions,
// with the meter in front of DynamoDB Local.
func count(ctx context.Context, s *stack, name string) (rows []counted, err error) {
	published, err := policy.Open(name)
	if err != nil {
		return nil, err
	}
	m, err := newMeter(ctx, s.dynamoURL, s.client, slices.Collect(maps.Values(s.tables)))
	if err != nil {
		return nil, err
	}
	defer m.server.Close()
	fleet, err := newFleet(ctx, s, m.server.URL, 1, []string{receivePurchase, startGeneration, settle, decide, notify}, "POLICY="+name)
	if err != nil {
		return nil, err
	}
	defer fleet.stop()
	told := story{fleet: fleet, revision: published.Current(time.Now())}
	customer := fresh("bench-")
	for range walletLots - 1 {
		if err := told.purchase(ctx, customer); err != nil {
			return nil, err
		}
	}
	var id, failed, request, notice string
	var finished message.GenerationFinished
	for _, step := range []struct {
		name   string
		limit  limit
		hidden bool
		run    func() error
	}{
		{"purchase webhook", limit{1, 1, 0, 8}, false, func() error { return told.purchase(ctx, customer) }},
		{"hold", limit{1, 1, 0, 6}, false, func() (err error) { id, err = told.hold(ctx, customer); return err }},
		{"success", limit{0, 1, 0, 2}, false, func() error { return told.succeed(ctx, id) }},
		{"another hold", limit{}, true, func() (err error) { failed, err = told.hold(ctx, customer); return err }},
		{"failure → credits back", limit{1, 2, 1, 14}, false, func() (err error) {
			finished = failure(failed)
			request, notice, err = told.failAndGiveBack(ctx, s.outbox, finished)
			return err
		}},
		{"telling (marked, no webhook)", limit{}, false, func() error { return told.hand(ctx, notify, notice) }},
		{"the same failure again", limit{}, false, func() error { return told.deliver(ctx, settle, finished) }},
		{"the same request again", limit{}, false, func() error { return told.hand(ctx, decide, request) }},
	} {
		s.outbox.empty()
		calls, err := m.during(step.run)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, step.name, err)
		}
		if s.log != nil {
			fmt.Fprintf(s.log, "%s: %s\n%s", name, step.name, details(calls, m.tables))
		}
		spent := sum(calls, m.tables)
		for queue, sent := range s.outbox.empty() {
			if queue != noticesQueue {
				spent.sends += len(sent)
			}
		}
		if !step.hidden {
			rows = append(rows, counted{name, step.name, step.limit, spent})
		}
	}
	return rows, nil
}

// failAndGiveBack delivers the failure, then the very request that it sent; it returns that request, and the notice of the verdict.
func (s story) failAndGiveBack(ctx context.Context, sent *outbox, finished message.GenerationFinished) (request, notice string, err error) {
	if err := s.deliver(ctx, settle, finished); err != nil {
		return "", "", err
	}
	requests := sent.peek("refund-requests")
	if len(requests) != 1 {
		return "", "", fmt.Errorf("a failure sent %d requests", len(requests))
	}
	if err := s.hand(ctx, decide, requests[0]); err != nil {
		return "", "", err
	}
	notices := sent.peek(noticesQueue)
	if len(notices) != 1 {
		return "", "", fmt.Errorf("a verdict sent %d notices", len(notices))
	}
	return requests[0], notices[0], nil
}

// sum adds up calls.
func sum(calls []call, tables map[string]table) cost {
	var total cost
	for _, c := range calls {
		if len(c.changes) == 0 {
			total.reads++
			continue
		}
		total.writes++
		for _, change := range c.changes {
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
		"(a transactional item 2 for each KB, an index entry 1 when it comes or goes, 2 when it moves), not the emulator's figure.\n\n", walletLots)
	fmt.Fprintln(w, "| policy | operation | reads + writes + sends | write units (items + index) | largest item | design |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- |")
	for _, row := range rows {
		c, verdict := row.cost, ""
		if !row.limit.holds(c) {
			over, verdict = errOverBudget, " **over**"
		}
		fmt.Fprintf(w, "| %s | %s | %d + %d + %d | %d (%d + %d) | %s B | %s%s |\n",
			row.policy, row.name, c.reads, c.writes, c.sends, c.units(), c.base, c.index, thousands(c.largest), row.limit, verdict)
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
