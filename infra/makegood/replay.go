package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/stack"
	"makegood/shared/policy"
	"makegood/shared/replay"
)

// newReplay returns the command replay.
func newReplay() *cobra.Command {
	cmd := &cobra.Command{
		Use: "replay [--since DAY] [--json]", Short: "decide every recorded verdict again, and compare",
		Long: `
Reads every verdict of a running stack with the facts that it rests on, decides it again by the revision that decided it, as this build has
it, and compares the bytes of the decision: outcome, clause, rule, reason, remedy, dates and trace. A ruling of staff is made again from its
facts, the verdict before it and what was ruled. A case has one verdict or several: each that stood is compared. It changes nothing, and reads
nothing that a person wrote.

Prints each difference with what was recorded and what is decided now, and how many verdicts there are. A verdict without facts, and one of
a revision that this build has not, is named as that; neither is a difference. With --json one object: {"cases", "verdicts", "same",
"differences", "without_facts", "unknown_revisions"}.

` + stackHelp + `

Exit 0: no difference. 1: some. 2: not all could be read.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	day := cmd.Flags().String("since", "", "only cases to which something happened on this `DAY` (2026-01-31, UTC) or later")
	asJSON := jsonFlag(cmd, "print the report as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		since, err := dayOf(*day)
		if err != nil {
			return misuse("takes --since as a day, as 2026-01-31")
		}
		return replayAll(cmd.Context(), terminalOf(cmd), address, since, *asJSON)
	}
	return cmd
}

func replayAll(ctx context.Context, t terminal, address string, since time.Time, asJSON bool) error {
	ledger, err := t.openStack(address)
	if err != nil {
		return err
	}
	// Lists that stay empty must be lists in JSON too, never null.
	report := replay.Report{Differences: []replay.Difference{}, Unkept: []replay.Place{}, Unknown: []replay.Unknown{}}
	replayer := replay.Replayer{Open: policy.Open}
	err = ledger.Verdicts(ctx, "", func(page []stack.CaseVerdicts, _ string) error {
		for _, c := range page {
			if !c.ChangedAt.Before(since) {
				replayer.Case(c.Case, c.Verdicts, &report)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.replayed(report, asJSON)
}

// dayOf reads a day; the zero time for none.
func dayOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}

// replayed prints the report, and returns how that ends.
func (t terminal) replayed(report replay.Report, asJSON bool) error {
	var err error
	if asJSON {
		err = t.print(report)
	} else {
		err = writeReplay(t.out, report)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d verdicts of %d cases: %d the same, %d different, %d without facts, %d of unknown revisions\n",
		report.Verdicts, report.Cases, report.Same, len(report.Differences), len(report.Unkept), len(report.Unknown))
	if len(report.Differences) > 0 {
		return errMismatch
	}
	return nil
}

// writeReplay writes three lines for each difference, and one line for each verdict that cannot be
// compared.
// Both decisions in full, so that a reader sees what changed without another tool.
func writeReplay(out io.Writer, report replay.Report) error {
	for _, d := range report.Differences {
		now := "error: " + d.Error
		if d.Now != nil {
			now = inOneLine(*d.Now)
		}
		if _, err := fmt.Fprintf(out, "%s verdict %d differs\n  recorded %s\n  now      %s\n", d.Case, d.Verdict, inOneLine(d.Recorded), now); err != nil {
			return err
		}
	}
	for _, at := range report.Unkept {
		if _, err := fmt.Fprintf(out, "%s verdict %d has no facts\n", at.Case, at.Verdict); err != nil {
			return err
		}
	}
	for _, u := range report.Unknown {
		if _, err := fmt.Fprintf(out, "%s verdict %d is of %s %s, which this build has not\n", u.Case, u.Verdict, u.Policy.Name, u.Policy.Digest); err != nil {
			return err
		}
	}
	return nil
}

func inOneLine(d policy.Decision) string {
	text, _ := json.Marshal(d) // it was read as JSON, or is about to be
	return string(text)
}
