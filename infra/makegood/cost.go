package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"makegood/infra/cost"
	"makegood/infra/template"
)

// newCost returns the command cost.
func newCost() *cobra.Command {
	cmd := &cobra.Command{
		Use: "cost [--per-month N] [--template FILE] [--json]", Short: "what a month costs in US dollars, and one in which nobody calls",
		Long: `
Prints what N generations a month cost, operation by operation, from the calls, units and messages that infra/bench counts on the built
functions, and what the stack costs though nobody calls, from the alarms, metrics, queues, schedules and dashboards of its template. With
--json one object: {"policy", "per_month", "mix", "operations", "idle", "usd"}; usd has "operations", "idle" and "total".

List prices of us-east-1, on demand, arm64, without any free tier (infra/bench/README.md has them and where they were read). The mix is
assumed: how many of a hundred generations fail, come in part or are reported, and how many purchases there are for a hundred. A reported one
goes to staff, who approve it. What your app reads, storage, and secrets in Secrets Manager come on top.

Exit 0: printed. 2: no such template, or a wrong command.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	o, flags := month{}, cmd.Flags()
	flags.Int64Var(&o.generations, "per-month", 0, "price `N` generations a month; 0: the idle month alone")
	flags.Float64Var(&o.mix.Failed, "failed", 2, "generations of a hundred that fail, in `PERCENT`")
	flags.Float64Var(&o.mix.Partial, "partial", 0, "those that come in part, in `PERCENT`")
	flags.Float64Var(&o.mix.Reported, "reported", 0.5, "those that are reported, in `PERCENT`")
	flags.Float64Var(&o.mix.Purchases, "purchases", 5, "purchases for a hundred generations, in `PERCENT`")
	flags.StringVar(&o.file, "template", "template.yaml", "the template's `FILE`")
	asJSON := jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := o.check(); err != nil {
			return err
		}
		bill, err := o.price()
		if err != nil {
			return err
		}
		t := terminalOf(cmd)
		if *asJSON {
			return t.print(bill)
		}
		return bill.write(t.out)
	}
	return cmd
}

// month is what was asked for on the command line.
type month struct {
	generations int64
	mix         cost.Mix
	file        string
}

// maxGenerations bounds what is priced: a thousand times the busiest stack that anybody has.
const maxGenerations = 1e12

func (m month) check() error {
	ends := m.mix.Failed + m.mix.Partial + m.mix.Reported
	switch {
	case m.generations < 0 || m.generations > maxGenerations:
		return misuse("takes --per-month from 0 to a million millions")
	case ends > 100:
		return misuse("takes shares from 0 to 100 percent, and together no more")
	}
	for _, share := range []float64{m.mix.Failed, m.mix.Partial, m.mix.Reported, m.mix.Purchases} {
		if !(share >= 0 && share <= 100) { // NaN is neither
			return misuse("takes shares from 0 to 100 percent, and together no more")
		}
	}
	return nil
}

// monthBill is a month in US dollars.
type monthBill struct {
	Policy     string      `json:"policy"`     // that the operations were counted under
	PerMonth   int64       `json:"per_month"`  // generations
	Mix        cost.Mix    `json:"mix"`        // as assumed
	Operations []cost.Row  `json:"operations"` // none in an idle month
	Idle       []cost.Line `json:"idle"`       // what costs though nobody calls
	USD        dollars     `json:"usd"`        // the sums
}

// dollars are the sums of a month.
type dollars struct {
	Operations float64 `json:"operations"` // of what generations take
	Idle       float64 `json:"idle"`       // of what costs though nobody calls
	Total      float64 `json:"total"`      // together
}

func (m month) price() (monthBill, error) {
	parsed, err := template.Parse(m.file)
	if err != nil {
		return monthBill{}, fmt.Errorf("%w: the idle month is counted from the template; run this beside it, or name it with --template", err)
	}
	standing, err := cost.StandingOf(parsed)
	if err != nil {
		return monthBill{}, err
	}
	figures, err := cost.Counted()
	if err != nil {
		return monthBill{}, err
	}
	rows, err := figures.Month(float64(m.generations), m.mix)
	if err != nil {
		return monthBill{}, err
	}
	bill := monthBill{Policy: figures.Policy, PerMonth: m.generations, Mix: m.mix, Operations: append([]cost.Row{}, rows...), Idle: cost.Idle(standing, figures)}
	for _, row := range rows {
		bill.USD.Operations += row.USD
	}
	bill.USD.Idle = cost.Sum(bill.Idle)
	bill.USD.Total = bill.USD.Operations + bill.USD.Idle
	return bill, nil
}

func (b monthBill) write(out io.Writer) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(what, count string, usd float64) { fmt.Fprintf(columns, "%.2f\t%s\t  %s\n", usd, count, what) }
	fmt.Fprintln(columns, "USD\ta month\t")
	for _, row := range b.Operations {
		line(row.Name, fmt.Sprintf("%.0f", row.Times), row.USD)
	}
	if b.PerMonth > 0 {
		line(fmt.Sprintf("together, %d generations", b.PerMonth), "", b.USD.Operations)
	}
	for _, one := range b.Idle {
		line(one.What, one.Count, one.USD)
	}
	line("together, though nobody calls", "", b.USD.Idle)
	line("the month", "", b.USD.Total)
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "of a hundred generations, by assumption, %g fail, %g come in part, %g are reported; %g purchases; policy %s\n",
		b.Mix.Failed, b.Mix.Partial, b.Mix.Reported, b.Mix.Purchases, b.Policy)
	return err
}
