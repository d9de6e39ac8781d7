package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/stack"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/simulation"
)

// newSimulate returns the command policy simulate.
func newSimulate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "simulate [--since DAY] [--until DAY] [--receipt FILE] [--json] DRAFT", Short: "what a draft would have changed for cases that are decided",
		Long: `
Reads every verdict of a running stack with the facts that it rests on. First each is made again by the revision that gave it, and must come out
with the same bytes. Then the cases that were decided in the span are decided by the draft, a policy FILE, as if it had been in force: what
becomes approved, declined or a matter for a person, by clauses; the credits and money given before and under the draft; the customers most
affected; ten cases of each way to flip. It moves nothing.

A case counts by when it was asked for, an outage's by when it was decided. Where a person's verdict stands, the case does not flip: it is counted
apart, with what the rules would answer now. Counts of a customer's requests and refunds are those that were. Where the draft goes by what nobody
gathered (a look at a picture that the former revision did not ask for), the case is undecidable, and the field of the facts is named.

Every two seconds the position is written to the cursor's file; a run that was interrupted goes on from there. --receipt writes what policy
publish asks for, unless a verdict was not made again: then it is taken away. With --json the result as one object.

` + stackHelp + `

Exit 0: simulated. 1: some recorded verdict is not made again, and the draft must not be published from this. 2: not done.
`,
		Args:              takes(1, 1, "needs one draft"),
		ValidArgsFunction: cobra.FixedCompletions([]cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt),
	}
	q, flags := question{}, cmd.Flags()
	stackURL(flags, &q.address)
	since := flags.String("since", "", "only what was decided on this `DAY` (2026-01-31, UTC) or later")
	until := flags.String("until", "", "only what was decided on this `DAY` or earlier")
	flags.StringVar(&q.cursor, "cursor", "makegood-simulate.json", "the `FILE` that keeps the position")
	flags.StringVar(&q.receipt, "receipt", "", "write the receipt to this `FILE`")
	asJSON := jsonFlag(cmd, "print the result as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t := terminalOf(cmd)
		if err := q.span(*since, *until); err != nil {
			return err
		}
		draft, err := t.readRevision(args[0])
		if err != nil {
			return err
		}
		// An interrupt ends the walk in order: what was read is kept.
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		return q.ask(ctx, t, draft, *asJSON)
	}
	return cmd
}

// question is what was asked for on the command line.
type question struct {
	address, cursor, receipt string
	since, until             time.Time
}

// span reads the first and the last day.
func (q *question) span(since, until string) (err error) {
	if q.since, err = dayOf(since); err == nil {
		q.until, err = dayOf(until)
	}
	if err != nil {
		return misuse("takes --since and --until as days, as 2026-01-31")
	}
	if until != "" {
		q.until = q.until.AddDate(0, 0, 1) // the last day counts
	}
	if until != "" && !q.since.Before(q.until) {
		return misuse("takes no --until before --since")
	}
	return nil
}

// simulating is what the cursor's file holds: a run, and how far it came. It is good for the stack
// and the question that it was made with.
type simulating struct {
	Stack string         `json:"stack"`
	Next  string         `json:"next"` // the cursor of the next page
	Done  bool           `json:"done"` // there is none
	Run   simulation.Run `json:"run"`
}

// ask simulates, prints what that comes to, and returns how it ends.
func (q question) ask(ctx context.Context, t terminal, draft policy.Revision, asJSON bool) error {
	client, err := t.openStack(q.address)
	if err != nil {
		return err
	}
	simulator := simulation.Simulator{Draft: draft, Open: policy.Open, Since: q.since, Until: q.until}
	at, err := q.load(t, simulating{Stack: q.address, Run: simulator.Begin()})
	if err != nil {
		return err
	}
	if err := q.walk(ctx, t, client, simulator, &at); err != nil {
		return fmt.Errorf("%w; what was read is kept in %s, run it again to go on", err, q.cursor)
	}
	result := at.Run.Result()
	if err := nameCustomers(ctx, client, result.Rules, result.People); err != nil {
		return fmt.Errorf("%w; what was read is kept in %s, run it again to go on", err, q.cursor)
	}
	if err := q.prove(at.Run); err != nil {
		return err
	}
	if asJSON {
		err = t.print(result)
	} else {
		_, err = t.out.Write([]byte(simulationText(result, draft.Unit)))
	}
	if err = errors.Join(err, removeFile(q.cursor)); err != nil {
		return err
	}
	return t.checked(result.Check)
}

// walk reads what is left of the list into the run. What was read is kept now and then, and where
// it ends.
func (q question) walk(ctx context.Context, t terminal, client stack.Client, simulator simulation.Simulator, at *simulating) error {
	if at.Done {
		return nil
	}
	far, kept := t.progress(), time.Now()
	err := client.WithProgress(nil).Verdicts(ctx, at.Next, func(page []stack.CaseVerdicts, next string) error {
		for _, c := range page {
			simulator.Add(simulation.Case{ID: c.Case, Kind: c.Kind, Customer: customerOf(c.Case), Verdicts: c.Verdicts}, &at.Run)
		}
		at.Next, at.Done = next, next == ""
		far.at("%d cases read, %d simulated", at.Run.Read, at.Run.Rules.Cases+at.Run.People.Cases)
		if time.Since(kept) < progressEvery {
			return ctx.Err()
		}
		kept = time.Now()
		return errors.Join(q.save(*at), ctx.Err())
	})
	return errors.Join(err, q.save(*at))
}

// customerOf returns the key of the customer whose case it is.
func customerOf(id string) string {
	if parsed, err := refund.ParseCaseID(id); err == nil {
		return parsed.CustomerKey()
	}
	return id
}

// nameCustomers puts the customers' own ids in place of their keys, which verdicts are listed by.
func nameCustomers(ctx context.Context, client stack.Client, parts ...simulation.Summary) error {
	for _, part := range parts {
		for _, ranking := range part.Customers {
			for i, one := range ranking.Customers {
				c, err := client.Case(ctx, one.Case)
				if err != nil {
					return err
				}
				if c != nil {
					ranking.Customers[i].Customer = c.Customer
				}
			}
		}
	}
	return nil
}

// prove writes the receipt of a run. A run that has none takes away what an earlier one wrote.
func (q question) prove(run simulation.Run) error {
	if q.receipt == "" {
		return nil
	}
	receipt, sound := run.Receipt()
	if !sound {
		return removeFile(q.receipt)
	}
	text, err := json.MarshalIndent(receipt, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(q.receipt, append(text, '\n'))
}

// checked says on standard error which verdicts are not made again, and returns how that ends.
func (t terminal) checked(check simulation.Check) error {
	if check.Sound() {
		return nil
	}
	for _, one := range check.Failing {
		fmt.Fprintf(t.err, "%s verdict %d is not made again: %s\n", one.Case, one.Verdict, one.Why)
	}
	fmt.Fprintf(t.err, "%d of %d verdicts are not made again (makegood replay shows them): the draft must not be published from this\n",
		check.Verdicts-check.Same, check.Verdicts)
	return errMismatch
}

// load returns the run that the file keeps, or a new one where there is none.
func (q question) load(t terminal, fresh simulating) (simulating, error) {
	text, err := os.ReadFile(q.cursor)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return fresh, err
	}
	var file simulating
	if err := json.Unmarshal(text, &file); err != nil {
		return fresh, fmt.Errorf("%s is not a cursor: %w", q.cursor, err)
	}
	one, other := file.Run, fresh.Run
	if file.Stack != fresh.Stack || one.Draft != other.Draft || !one.Since.Equal(other.Since) || !one.Until.Equal(other.Until) {
		return fresh, fmt.Errorf("%s is of another draft, stack or span: remove it, or name another with --cursor", q.cursor)
	}
	fmt.Fprintf(t.err, "going on from %s: %d cases read\n", q.cursor, one.Read)
	return file, nil
}

func (q question) save(at simulating) error {
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	return replaceFile(q.cursor, text)
}

// removeFile removes a file that may not be there.
func removeFile(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
