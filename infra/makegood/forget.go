package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/stack"
	"makegood/shared/api"
)

// maxRounds bounds how often all of a customer's rows are gone through. Only what comes in
// meanwhile needs another round.
const maxRounds = 5

// newForget returns the command forget.
func newForget() *cobra.Command {
	cmd := &cobra.Command{
		Use: "forget [--yes] [--json] CUSTOMER", Short: "erase what is personal of a customer; what stays, and why",
		Long: `
Counts what is personal of a customer: what they and staff wrote, prompts, templates, references, links, what workers said of failures, and
what was seen of their pictures. With --yes it erases that, and the pictures, round by round until a round finds nothing. Credits, money,
verdicts and clauses stay: it says what else does, and why. Nothing brings back what it erased.

Decide open cases first: their words are what staff decide by, and the notice of a claim goes to the address in it. With --json one object, as
the API has it, and "erased".

` + stackHelp + `

Exit 0: it was erased, or nothing was there. 1: there is something, and --yes was not given. 2: not all was looked at, or erased: say it again.
`,
		Args: takes(1, 1, "needs one customer"), ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	yes := cmd.Flags().Bool("yes", false, "erase it")
	asJSON := jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t := terminalOf(cmd)
		client, err := t.openStack(address)
		if err != nil {
			return err
		}
		sum, err := erasedOf(cmd.Context(), client, args[0], *yes)
		if err != nil {
			return err
		}
		return t.forgotten(sum, *asJSON)
	}
	return cmd
}

// forgetting is what was erased of a customer, or would be.
type forgetting struct {
	api.PersonalData

	Erased bool `json:"erased"` // false: it would be
}

// personal is how many rows have something, or had.
func personal(p api.PersonalData) int {
	return p.Cases + p.Attachments + p.Generations + p.StandingNotes + p.Evidence
}

// errComesIn means that each round found something.
var errComesIn = errors.New("each round found something new: say it again when the app has stopped sending for this customer")

// erasedOf goes through all of a customer's, and returns the sum of what there was.
func erasedOf(ctx context.Context, client stack.Client, customer string, yes bool) (forgetting, error) {
	if !yes {
		there, err := client.Personal(ctx, customer)
		return forgetting{PersonalData: there}, err
	}
	sum := forgetting{Erased: true}
	for range maxRounds {
		round, err := client.Forget(ctx, customer)
		if err != nil {
			return sum, err
		}
		// What is open is counted anew in each round; what is erased is there once.
		before := sum.PersonalData
		sum.PersonalData = round
		sum.Cases += before.Cases
		sum.Attachments += before.Attachments
		sum.Generations += before.Generations
		sum.StandingNotes += before.StandingNotes
		sum.Evidence += before.Evidence
		if personal(round) == 0 {
			return sum, nil
		}
	}
	return sum, errComesIn
}

// forgotten prints what was erased, or would be, and returns how that ends.
func (t terminal) forgotten(f forgetting, asJSON bool) error {
	if asJSON {
		if err := t.print(f); err != nil {
			return err
		}
	} else {
		t.writeForgotten(f)
	}
	if !f.Erased && personal(f.PersonalData) > 0 {
		return errMismatch
	}
	return nil
}

func (t terminal) writeForgotten(f forgetting) {
	verb := "would be erased"
	if f.Erased {
		verb = "erased, with all pictures"
	}
	fmt.Fprintf(t.out, "%s: %s\n", f.Customer, verb)
	for _, line := range []struct {
		count int
		what  string
	}{
		{f.Cases, "cases with words of theirs or notes of staff's"},
		{f.Attachments, "attachments that they uploaded"},
		{f.Generations, "generations with prompts, references, links or a worker's words"},
		{f.StandingNotes, "notes of staff's on their standing"},
		{f.Evidence, "cases with what was seen of their pictures"},
	} {
		fmt.Fprintf(t.out, "  %d %s\n", line.count, line.what)
	}
	if f.OpenCases > 0 {
		fmt.Fprintf(t.out, "%d of all their cases are open: staff decide by the words in them, and claims are answered by mail to an address in them\n", f.OpenCases)
	}
	if f.OpenGenerations > 0 {
		fmt.Fprintf(t.out, "%d of their generations wait for a result, which may bring links: say it again when they have it\n", f.OpenGenerations)
	}
	fmt.Fprintln(t.out, "\nWhat stays")
	for _, one := range f.Stays {
		fmt.Fprintf(t.out, "  %s: %s\n", one.What, one.Why)
	}
	if !f.Erased && personal(f.PersonalData) > 0 {
		fmt.Fprintln(t.out, "\nNothing was erased: --yes does it, and nothing brings it back.")
	}
}
