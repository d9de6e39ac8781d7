package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"makegood/infra/local"
	"makegood/shared/message"
)

// size is how much there is of everything.
type size struct{ generations, waiting, wallets, open int }

// The sizes that are compared: a customer's settled generations, the cases that wait for staff, the
// wallets with a lot that expires some day, and another customer's open generations.
var (
	small = size{10, 100, 1_000, 10}
	large = size{10_000, 10_000, 100_000, 900}
)

// growthAim is the most that an operation may take where there is much, as a multiple of what it
// takes where there is little.
const growthAim = 1.1

// taken is what an operation took: calls, and units of reading and writing.
type taken struct {
	calls int
	units float64
}

// grown is an operation at either size.
type grown struct {
	name         string
	small, large taken
	aim          float64 // of the units; of calls it is growthAim
}

func (g grown) calls() float64 { return float64(g.large.calls) / float64(g.small.calls) }
func (g grown) units() float64 { return g.large.units / g.small.units }

// grows tells whether the operation takes more where there is more.
func (g grown) grows() bool { return g.calls() > growthAim || g.units() > g.aim }

// openAim is for what shows a sum over ninety times as many open generations: it reads their
// entries, some eighty on a unit, and not each generation.
const openAim = 10

// probe is an operation whose cost is looked at. It returns what its units are shared by: lines of
// a page, or 1.
type probe struct {
	name string
	aim  float64
	run  func(ctx context.Context) (int, error)
}

// world is a stack whose tables are filled, and the customers whose operations are measured.
type world struct {
	story
	planter
	meter        *meter
	outbox       *outbox
	many, open   string // customers with settled and with open generations
	first, other string // generations of the probes

	settled, held, waiting, wallet row // what is copied
}

// growth measures the probes where there is little, and where there is much.
func growth(ctx context.Context, s *stack, little, much size) (rows []grown, err error) {
	w, stop, err := newWorld(ctx, s)
	if err != nil {
		return nil, err
	}
	defer stop()
	readings := make([][]taken, 2)
	before := size{}
	for n, now := range []size{little, much} {
		if err := w.grow(ctx, before, now); err != nil {
			return nil, err
		}
		// What is open is planted after the sweep was measured, which pays for each of it.
		for _, one := range w.probes() {
			took, err := w.measure(ctx, one)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", one.name, err)
			}
			readings[n] = append(readings[n], took)
		}
		if err := w.generations(ctx, w.held, w.open, before.open, now.open); err != nil {
			return nil, err
		}
		took, err := w.measure(ctx, w.account())
		if err != nil {
			return nil, err
		}
		readings[n], before = append(readings[n], took), now
	}
	for n, one := range append(w.probes(), w.account()) {
		rows = append(rows, grown{one.name, readings[0][n], readings[1][n], one.aim})
	}
	return rows, nil
}

// newWorld makes tables of its own, and one row of each kind by the functions themselves.
func newWorld(ctx context.Context, s *stack) (*world, func(), error) {
	s, err := s.withTables(ctx)
	if err != nil {
		return nil, nil, err
	}
	s.outbox.empty() // of other tables
	plants, err := newPlanter(s)
	if err != nil {
		return nil, nil, err
	}
	m, err := newMeteredFleet(ctx, s, []string{
		grantCredits, startGeneration, settle, decide, reportBadResult, assessResult, notify, readAccount, reviewRefund, sweepDue,
	})
	if err != nil {
		return nil, nil, err
	}
	w := &world{
		story: story{fleet: m.fleet, revision: s.revision}, planter: plants, meter: m.meter, outbox: s.outbox, many: fresh("many-"), open: fresh("open-"),
	}
	if err := w.settle(ctx); err != nil {
		m.stop()
		return nil, nil, err
	}
	return w, m.stop, nil
}

// settle has the functions write the rows that are copied.
func (w *world) settle(ctx context.Context) error {
	for _, customer := range []string{w.many, w.open} {
		if err := w.grantUntil(ctx, customer, time.Now().AddDate(1, 0, 0)); err != nil {
			return err
		}
	}
	about, err := w.reportOne(ctx)
	if err != nil {
		return err
	}
	if _, err = w.hold(ctx, w.open); err != nil {
		return err
	}
	return w.keepRows(ctx, about)
}

// reportOne captures a generation and leaves a case about it that waits for staff.
func (w *world) reportOne(ctx context.Context) (about string, err error) {
	id, err := w.hold(ctx, w.many)
	if err != nil {
		return "", err
	}
	if err := w.succeed(ctx, id); err != nil {
		return "", err
	}
	if w.settled, err = w.find(ctx, "GenerationsTable", w.many, id); err != nil {
		return "", err
	}
	if about, err = w.report(ctx, id, false); err != nil {
		return "", err
	}
	if err := w.deliver(ctx, assessResult, message.NewResultReported(about, id)); err != nil {
		return "", err
	}
	if err := w.deliver(ctx, decide, message.NewCaseRequested(about, id, "")); err != nil {
		return "", err
	}
	// Once it is told, the case owes nothing more: a copy of it must not be due.
	for _, notice := range w.outbox.empty()[noticesQueue] {
		if err := w.hand(ctx, notify, notice); err != nil {
			return "", err
		}
	}
	return about, nil
}

// keepRows takes the rows that are copied as they stand in the tables now.
func (w *world) keepRows(ctx context.Context, about string) (err error) {
	w.waiting, err = w.find(ctx, "CasesTable", w.many, about)
	if err == nil && (w.waiting[attrReviewBy] == nil || w.waiting[attrDueAt] != nil) {
		err = errors.New("the report does not wait for staff alone")
	}
	if err != nil {
		return err
	}
	if w.held, err = w.find(ctx, "GenerationsTable", w.open, "gen_"); err != nil {
		return err
	}
	w.wallet, err = w.find(ctx, "WalletsTable", w.open, walletRow)
	if err == nil && w.wallet[attrDueAt] == nil {
		err = errors.New("the wallet's lot does not expire")
	}
	return err
}

// grow plants what is not there yet, but for what is open.
func (w *world) grow(ctx context.Context, before, now size) error {
	return errors.Join(
		w.generations(ctx, w.settled, w.many, before.generations, now.generations),
		w.cases(ctx, w.waiting, before.waiting, now.waiting),
		w.wallets(ctx, w.wallet, before.wallets, now.wallets),
	)
}

// probes returns the operations in the order in which each finds what it needs.
func (w *world) probes() []probe {
	one := func(run func(ctx context.Context) error) func(ctx context.Context) (int, error) {
		return func(ctx context.Context) (int, error) { return 1, run(ctx) }
	}
	return []probe{
		{"hold", growthAim, one(func(ctx context.Context) (err error) { w.first, err = w.hold(ctx, w.many); return err })},
		{"success", growthAim, one(func(ctx context.Context) error { return w.succeed(ctx, w.first) })},
		{"another hold", growthAim, one(func(ctx context.Context) (err error) { w.other, err = w.hold(ctx, w.many); return err })},
		{"failure", growthAim, one(func(ctx context.Context) error { return w.fail(ctx, w.other) })},
		{"its verdict, credits back", growthAim, one(func(ctx context.Context) error { return w.decide(ctx, w.other) })},
		{"statement, first page, by its lines", growthAim, func(ctx context.Context) (int, error) {
			return w.page(ctx, readAccount, "/v1/customers/"+w.many+"/statement", local.AppKey, "entries")
		}},
		{probeList, growthAim, one(func(ctx context.Context) error {
			_, err := w.page(ctx, reviewRefund, "/v1/cases?state=in_review", local.OperatorKey, "cases")
			return err
		})},
		{probeSweep, growthAim, one(w.sweep)},
	}
}

// The probes of what walks an index.
const (
	probeList    = "staff's list, first page"
	probeSweep   = "sweep, nothing due"
	probeAccount = "account with open generations"
)

func (w *world) account() probe {
	return probe{probeAccount, openAim, func(ctx context.Context) (int, error) {
		headers := map[string]string{"authorization": "Bearer " + local.AppKey}
		_, err := w.request(ctx, readAccount, http.MethodGet, "/v1/customers/"+w.open, headers, nil, http.StatusOK)
		return 1, err
	}}
}

// measure returns what the probe takes, once it has run before: the first sweep of a stack lists
// the provider's events too.
func (w *world) measure(ctx context.Context, one probe) (taken, error) {
	if one.name == probeSweep {
		if err := w.sweep(ctx); err != nil {
			return taken{}, err
		}
	}
	share := 1
	calls, err := w.meter.during(func() (err error) { share, err = one.run(ctx); return err })
	if err != nil {
		return taken{}, err
	}
	c := sum(calls, w.meter.tables)
	return taken{c.reads + c.writes, (c.readUnits + float64(c.units())) / float64(max(share, 1))}, nil
}

// page returns how many rows the first page has.
func (w *world) page(ctx context.Context, function, path, key, name string) (int, error) {
	headers := map[string]string{"authorization": "Bearer " + key}
	answer, err := w.request(ctx, function, http.MethodGet, path, headers, nil, http.StatusOK)
	if err != nil {
		return 0, err
	}
	var page map[string]json.RawMessage
	var rows []json.RawMessage
	if err := errors.Join(json.Unmarshal([]byte(answer), &page), json.Unmarshal(page[name], &rows)); err != nil {
		return 0, err
	}
	return len(rows), nil
}

func writeGrowth(out io.Writer, rows []grown, little, much size) {
	fmt.Fprintf(out, "## What grows\n\nCalls and units (read and write, the emulator's for reads) where there is little and where there is much: "+
		"%d and %d settled generations of the customer, %d and %d cases that wait for staff, %d and %d wallets with a lot that expires some day; "+
		"the last row, %d and %d open generations. Aim ≤ %.1f, the last row's units ≤ %d.\n\n", little.generations, much.generations, little.waiting, much.waiting,
		little.wallets, much.wallets, little.open, much.open, growthAim, openAim)
	fmt.Fprintln(out, "| operation | calls | ratio | units | ratio |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- |")
	for _, row := range rows {
		mark := ""
		if row.grows() {
			mark = " **grows**"
		}
		fmt.Fprintf(out, "| %s | %d, %d | %.2f | %.2f, %.2f | %.2f%s |\n",
			row.name, row.small.calls, row.large.calls, row.calls(), row.small.units, row.large.units, row.units(), mark)
	}
	fmt.Fprintln(out)
}
