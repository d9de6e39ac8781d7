package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/plain"
	"makegood/infra/makegood/stack"
	"makegood/shared/api"
	"makegood/shared/policy"
)

// newStatement returns the command statement.
func newStatement() *cobra.Command {
	cmd := &cobra.Command{
		Use: "statement [--since DAY] [--json] CUSTOMER", Short: "a customer's entries as sentences, and what they add up to",
		Long: `
Reads every entry of a customer, however many pages they are, and prints one line for each, oldest first: when it was, what it did to the
balance, the balance after it, and one sentence for what happened and why. The last line says what all entries add up to, and whether that
is the balance that the stack answers. With --json one object: {"customer", "standing", "unit", "earlier", "entries", "sums", "balance",
"agrees"}, each entry as the API has it with "says" and the "available" after it; earlier counts those that --since leaves out.

A lot that ran out is posted within a minute, and what is set aside may lag behind: where the two differ, they are read again, three times.

` + stackHelp + `

Exit 0: the entries add up to the balance. 1: they do not. 2: not all could be read.
`,
		Args: takes(1, 1, "needs one customer"), ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	day := cmd.Flags().String("since", "", "print entries of this `DAY` (2026-01-31, UTC) and later; those before are added up all the same")
	asJSON := jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		since, err := dayOf(*day)
		if err != nil {
			return misuse("takes --since as a day, as 2026-01-31")
		}
		t := terminalOf(cmd)
		client, err := t.openStack(address)
		if err != nil {
			return err
		}
		s, err := readAccount(cmd.Context(), client, args[0], since)
		if err != nil {
			return err
		}
		return t.account(s, *asJSON)
	}
	return cmd
}

// account is a customer's entries and what they add up to.
type account struct {
	Customer string      `json:"customer"` // whose it is
	Standing string      `json:"standing"` // what the customer may do
	Unit     api.Unit    `json:"unit"`     // the wallet's
	Earlier  int         `json:"earlier"`  // entries before those below
	Entries  []sentence  `json:"entries"`  // oldest first
	Sums     plain.Sums  `json:"sums"`     // of all entries
	Balance  api.Balance `json:"balance"`  // what the stack answers
	Agrees   bool        `json:"agrees"`   // both are the same
	before   int64       // what could be spent before the entries below
}

// sentence is an entry with its sentence.
type sentence struct {
	api.StatementEntry
	Text      string `json:"says"`      // what happened
	Available int64  `json:"available"` // what could be spent after it
}

// looks is how often entries and balance are read until they agree, pause how long is waited.
const looks = 3

var pause = time.Second

// readAccount reads entries and balance. They are two reads, between which credits may move, so a
// difference is looked at again.
func readAccount(ctx context.Context, client stack.Client, customer string, since time.Time) (account, error) {
	for look := 1; ; look++ {
		s, err := addUp(ctx, client, customer, since)
		if err != nil || s.Agrees || look == looks {
			return s, err
		}
		select {
		case <-ctx.Done():
			return s, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func addUp(ctx context.Context, client stack.Client, customer string, since time.Time) (account, error) {
	var rows []api.StatementEntry
	err := client.EachEntry(ctx, customer, func(page []api.StatementEntry) bool {
		rows = append(rows, page...)
		return true
	})
	if err != nil {
		return account{}, err
	}
	// The balance is read last: what was spent meanwhile is then missing from the entries, and the
	// next look has it.
	wallet, err := client.Customer(ctx, customer)
	if err != nil {
		return account{}, err
	}
	s := account{Customer: wallet.ID, Standing: wallet.Standing, Unit: wallet.Unit, Entries: []sentence{}, Balance: wallet.Balance}
	words := wordsOf(wallet.Unit)
	for _, row := range oldestFirst(rows) {
		s.Sums.Add(row)
		if row.At.Before(since) {
			s.Earlier++
			s.before = s.Sums.Available
			continue
		}
		s.Entries = append(s.Entries, sentence{row, words.Entry(row), s.Sums.Available})
	}
	s.Agrees = api.Balance(s.Sums) == s.Balance
	return s, nil
}

// oldestFirst returns the rows of a statement, which come newest first with a generation's rows
// together, in the order in which they happened.
func oldestFirst(rows []api.StatementEntry) []api.StatementEntry {
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b api.StatementEntry) int { return a.At.Compare(b.At.Time) })
	return rows
}

// wordsOf returns the words for credits of that unit.
func wordsOf(unit api.Unit) plain.Words {
	return plain.Words{Unit: policy.Unit{Name: unit.Name, Scale: unit.Scale}}
}

// account prints a statement, and returns how that ends.
func (t terminal) account(s account, asJSON bool) error {
	var err error
	if asJSON {
		err = t.print(s)
	} else {
		err = s.write(t.out)
	}
	if err == nil && !s.Agrees {
		err = errMismatch
	}
	return err
}

func (s account) write(out io.Writer) error {
	words := wordsOf(s.Unit)
	lines := make([][3]string, 0, len(s.Entries))
	var widest [2]int
	for _, one := range s.Entries {
		line := [3]string{signed(words, plain.Change(one.StatementEntry)), words.Unit.Format(one.Available), one.Text}
		for i := range widest {
			widest[i] = max(widest[i], len(line[i]))
		}
		lines = append(lines, line)
	}
	if s.Earlier > 0 {
		fmt.Fprintf(out, "%s after %d earlier entries\n", words.Credits(s.before), s.Earlier)
	}
	for i, line := range lines {
		fmt.Fprintf(out, "%s  %*s  %*s  %s\n", plain.Clock(s.Entries[i].At.Time), widest[0], line[0], widest[1], line[1], line[2])
	}
	// The end says whether it all adds up, so that nobody has to.
	count, balance := s.Earlier+len(s.Entries), words.Sums(plain.Sums(s.Balance))
	text := fmt.Sprintf("%d entries add up to %s, which is the balance", count, balance)
	if !s.Agrees {
		text = fmt.Sprintf("%d entries add up to %s, and the balance is %s", count, words.Sums(s.Sums), balance)
	}
	_, err := fmt.Fprintf(out, "%s: %s; standing %s\n", s.Customer, text, s.Standing)
	return err
}

// signed writes a change with its sign.
func signed(words plain.Words, change int64) string {
	if change > 0 {
		return "+" + words.Unit.Format(change)
	}
	return words.Unit.Format(change)
}
