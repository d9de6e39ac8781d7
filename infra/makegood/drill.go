package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"makegood/infra/local"
	"makegood/infra/makegood/drill"
)

// newDrillRestore returns the command drill restore.
func newDrillRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore [--policy NAME] [--json]", Short: "rehearse a restore to a point in time, on a local stack of its own",
		Long: `
Starts a local stack of its own, which ends with it; run it in the project's folder. Customers buy, and the tables are read as a snapshot. Then
money goes back to one customer by a verdict and to another at the provider's dashboard, a third customer buys, and a fourth spends. The tables
are rolled back to the snapshot, and the provider's list is replayed by the sweep. It shows that both refunds and the sale are found, that a
verdict which is given again pays nothing twice, and what is lost: what only Makegood knew.

It touches no other stack, and no account. infra/operate/restore.md says how a restore is done on AWS.

Exit 0: all of it was seen. 2: not, and what was not is printed.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	policy := cmd.Flags().String("policy", "photoroom", "the refund policy, a `FOLDER` of shared/policy/published")
	asJSON := jsonFlag(cmd, "print the steps as one JSON list")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		t := terminalOf(cmd)
		s, err := local.Start(ctx, local.Options{Policy: *policy, ManualSchedules: true, Log: t.err})
		if err != nil {
			return err
		}
		defer s.Stop() //nolint:contextcheck // the stack ends in its own time when ctx has ended
		if err := s.AwaitPolicy(ctx); err != nil {
			return err
		}
		steps := []drill.Step{}
		err = drill.Restore(ctx, drill.Options{Stack: s, Print: func(step drill.Step) {
			if steps = append(steps, step); !*asJSON {
				fmt.Fprintf(t.out, "%-20s %s\n", step.Done, step.Seen)
			}
		}})
		if err == nil && *asJSON {
			err = t.print(steps)
		}
		return err
	}
	return cmd
}
