package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"makegood/shared/api"
)

// newLabels returns the command labels.
func newLabels() *cobra.Command {
	cmd := &cobra.Command{
		Use: "labels [--since DAY] [--after PLACE] [--weekly] [--json]", Short: "what people found of bad results, and how often verdicts were wrong",
		Long: `
Prints one line of JSON for each ruling of staff on a bad result and for each answer to a second look: who, when, outcome and clause or finding,
and what was measured: signals with value and threshold, verdict, defects, size and hash of the pictures. No line holds what a customer wrote, or a
link. The lines are in an order of no meaning. Where the stack stops answering, the last line on standard error says --after what to go on.

With --weekly how often automatic verdicts were wrong, by second looks: for each week, feature and signal how many looks there were, how many
found that credits were given back or refused wrongly, and the largest share that so many looks leave possible, at 95 %. A row without a signal
counts all verdicts of its feature. Without --since the last eight weeks; with --json one line for each row.

` + stackHelp + `

Exit 0: all is printed. 2: not all could be read.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	day := cmd.Flags().String("since", "", "only what was found on this `DAY` (2026-01-31, UTC) or later")
	after := cmd.Flags().String("after", "", "go on behind this `PLACE`, which a list that broke off has named")
	weekly := cmd.Flags().Bool("weekly", false, "print how often verdicts were wrong, week by week")
	asJSON := jsonFlag(cmd, "print --weekly as lines of JSON; labels always are")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		since, err := dayOf(*day)
		if err != nil {
			return misuse("takes --since as a day, as 2026-01-31")
		}
		if *weekly && *after != "" {
			return misuse("takes --after without --weekly alone")
		}
		if *weekly {
			return terminalOf(cmd).weekly(cmd.Context(), address, since, *asJSON)
		}
		return terminalOf(cmd).labels(cmd.Context(), address, since, *after)
	}
	return cmd
}

// labels prints each label in one line, and where it ended before the last, how to go on.
func (t terminal) labels(ctx context.Context, address string, since time.Time, after string) error {
	client, err := t.openStack(address)
	if err != nil {
		return err
	}
	count := 0
	last, err := client.Labels(ctx, since, after, func(page []api.Label) error {
		count += len(page)
		return printLines(t, page)
	})
	if err != nil && last != "" {
		return errors.Join(err, fmt.Errorf("%d labels are printed: go on with --after %s", count, last))
	}
	fmt.Fprintf(t.err, "%d labels\n", count)
	return err
}

// printLines writes each value as one line of JSON.
func printLines[T any](t terminal, values []T) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			return err
		}
	}
	return nil
}

// weekly prints how often automatic verdicts were wrong.
func (t terminal) weekly(ctx context.Context, address string, since time.Time, asJSON bool) error {
	client, err := t.openStack(address)
	if err != nil {
		return err
	}
	if asJSON {
		return client.Accuracy(ctx, since, func(page []api.Accuracy) error { return printLines(t, page) })
	}
	columns := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "week\tfeature\tsignal\twrongly paid\tat most\twrongly declined\tat most\tunsure")
	err = client.Accuracy(ctx, since, func(page []api.Accuracy) error {
		for _, row := range page {
			fmt.Fprintf(columns, "%s\t%s\t%s\t%d of %d\t%.1f %%\t%d of %d\t%.1f %%\t%d\n", row.Week, row.Feature, cmp.Or(row.Signal, "-"),
				row.WronglyPaid, row.Paid, row.WronglyPaidAtMost, row.WronglyDeclined, row.Declined, row.WronglyDeclinedAtMost, row.Unsure)
		}
		return nil
	})
	return errors.Join(err, columns.Flush())
}
