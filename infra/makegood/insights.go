package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/stack"
	"makegood/shared/api"
	"makegood/shared/insight"
	"makegood/shared/policy"
)

// newInsights returns the command insights.
func newInsights() *cobra.Command {
	cmd := &cobra.Command{
		Use: "insights [--since DAY] [--until DAY] [--by WORDS] [--csv] [--json]", Short: "what verdicts came to, by day, feature, clause, …",
		Long: `
Adds up the final verdicts of some days: how many, how many staff gave, what they gave back in credits and money, how long answers took and how
many came in the promised time, appeals and how many of them overturned the first verdict, reports of bad results per 1,000 generations. A
verdict counts on the day (UTC) on which it was given, a report on that on which it was made. A feature's reports jump on a day with at least 5 of
them, and more than twice as many as the 7 days before would make one expect of as many generations.

--by says what a line is of: one or more of day, feature, platform, clause, kind, outcome, decided_by, parted by commas. Generations are known by
day and feature, reports by platform and kind besides: with other words they have lines of their own. With --csv a table for spreadsheets, amounts
in the smallest unit; with --json one object, as GET /v1/insights answers.

` + stackHelp + `

Exit 0: all is printed. 2: not all could be read.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	q, flags := figures{}, cmd.Flags()
	stackURL(flags, &q.address)
	flags.StringVar(&q.since, "since", "", "from this `DAY` (2026-01-31) on; absent: the last 30 days")
	flags.StringVar(&q.until, "until", "", "up to this `DAY`; absent: today")
	flags.StringVar(&q.by, "by", string(insight.DimensionDay), "what a line is of, `WORDS` parted by commas")
	flags.BoolVar(&q.csv, "csv", false, "print CSV")
	asJSON := jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, day := range []string{q.since, q.until} {
			if _, err := dayOf(day); err != nil {
				return misuse("takes --since and --until as days, as 2026-01-31")
			}
		}
		if _, err := insight.ParseDimensions(q.by); err != nil {
			return misuse("takes --by as day, feature, platform, clause, kind, outcome, decided_by, each once, parted by commas")
		}
		if q.csv && *asJSON {
			return misuse("takes --csv or --json")
		}
		return q.ask(cmd.Context(), terminalOf(cmd), *asJSON)
	}
	return cmd
}

// figures is what was asked for on the command line.
type figures struct {
	address, since, until, by string
	csv                       bool
}

// ask reads the insights and prints them.
func (q figures) ask(ctx context.Context, t terminal, asJSON bool) error {
	client, err := t.openStack(q.address)
	if err != nil {
		return err
	}
	if q.csv {
		text, err := client.InsightTable(ctx, q.since, q.until, q.by)
		if err != nil {
			return err
		}
		_, err = t.out.Write(text)
		return err
	}
	found, err := client.Insights(ctx, q.since, q.until, q.by)
	if err != nil {
		return err
	}
	if asJSON {
		return t.print(found)
	}
	return q.write(ctx, t, client, found)
}

// write prints a line for each row, and one for all.
func (q figures) write(ctx context.Context, t terminal, client stack.Client, found api.Insights) error {
	published, err := client.Policy(ctx)
	if err != nil {
		return err
	}
	unit := published.Current(time.Now()).Unit
	columns := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, strings.Join(found.By, "\t")+"\tverdicts\tby staff\tgiven back\tanswered in\tin time\tappeals\toverturned\treports\tof 1,000\t")
	for _, row := range found.Rows {
		var of []string
		for _, d := range found.By {
			of = append(of, cmp.Or(dimensionOf(row, insight.Dimension(d)), "-"))
		}
		fmt.Fprintln(columns, strings.Join(of, "\t")+"\t"+figuresText(row, unit))
	}
	fmt.Fprintln(columns, "all"+strings.Repeat("\t", len(found.By))+figuresText(found.Total, unit))
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d of %d automatic verdicts that a person looked at again were wrong\n", found.SecondLooks.Wrong, found.SecondLooks.Looks)
	return err
}

// dimensionOf returns what the row is of.
func dimensionOf(row api.InsightRow, d insight.Dimension) string {
	return insight.Key{
		Day: insight.Day(row.Day), Feature: row.Feature, Platform: policy.Platform(row.Platform), Clause: row.Clause,
		Kind: policy.Kind(row.Kind), Outcome: policy.Outcome(row.Outcome), By: row.DecidedBy,
	}.Get(d)
}

// figuresText writes a row's sums, columns parted by tabs.
func figuresText(row api.InsightRow, unit policy.Unit) string {
	given := []string{unit.Format(row.Credits) + " " + unit.Name}
	for _, amount := range row.Money {
		given = append(given, amount.String())
	}
	waited, rate := "-", "-"
	if row.Answers > 0 {
		waited = (time.Duration(row.WaitedSeconds/row.Answers) * time.Second).String()
	}
	if row.ReportsPer1000 != nil {
		rate = fmt.Sprintf("%.1f", *row.ReportsPer1000)
	}
	jumps := ""
	if row.Jumps {
		jumps = "jumps"
	}
	return fmt.Sprintf("%d\t%d\t%s\t%s\t%d of %d\t%d\t%d\t%d\t%s\t%s",
		row.Verdicts, row.ByPerson, strings.Join(given, ", "), waited, row.InTime, row.Promised, row.Appeals, row.Overturned, row.Reports, rate, jumps)
}
