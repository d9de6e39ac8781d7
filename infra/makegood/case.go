package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/plain"
	"makegood/infra/makegood/stack"
	"makegood/shared/api"
)

// newCase returns the command case.
func newCase() *cobra.Command {
	cmd := &cobra.Command{
		Use: "case [--json] CASE|GENERATION", Short: "the whole life of a case: asked, decided, moved, owed",
		Long: `
Prints what is on record of one case: what was asked and by whom, what was seen of a bad result (with links to
its pictures, good for minutes), each verdict with its clause and the clause's words, what staff ruled, the
credits and the money that moved for it, what is still owed (a verdict, a ruling, money, a notice, or what the sweep gave up), and its history.
A generation means its only case. It holds what the customer and staff wrote. With --json one object: {"case", "entries", "refunds", "owed", "stuck"}; owed is the list of
sentences, and empty when nothing is.

` + stackHelp + `

Exit 0: printed. 1: printed, and something of it is stuck: makegood stuck --retry puts it back. 2: there is none, or not all could be read.
`,
		Args: takes(1, 1, "needs one case, or generation"), ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	asJSON := jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t := terminalOf(cmd)
		client, err := t.openStack(address)
		if err != nil {
			return err
		}
		life, err := readLife(cmd.Context(), client, args[0])
		if err != nil {
			return err
		}
		return t.life(life, *asJSON)
	}
	return cmd
}

// life is all that is on record of a case.
type life struct {
	Case    api.Case             `json:"case"`    // as the API has it
	Entries []sentence           `json:"entries"` // of the case, or of what it is about, oldest first
	Refunds []api.ProviderRefund `json:"refunds"` // of money, for the case
	Owed    []string             `json:"owed"`    // what is still owed, a sentence each
	Stuck   []api.StuckItem      `json:"stuck"`   // what the sweep gave up of it
	words   plain.Words
}

// readLife reads a case and what is about it.
func readLife(ctx context.Context, client stack.Client, id string) (life, error) {
	c, err := caseOf(ctx, client, id)
	if err != nil {
		return life{}, err
	}
	wallet, err := client.Customer(ctx, c.Customer)
	if err != nil {
		return life{}, err
	}
	l := life{Case: *c, Entries: []sentence{}, Refunds: []api.ProviderRefund{}, Owed: []string{}, Stuck: []api.StuckItem{}, words: wordsOf(wallet.Unit)}
	if err := l.addEntries(ctx, client); err != nil {
		return life{}, err
	}
	payment := l.payment()
	if payment != nil {
		for _, one := range payment.Refunds {
			if one.Case == c.ID {
				l.Refunds = append(l.Refunds, one)
			}
		}
	}
	// What the sweep gave up is one list for the whole stack: an alarm rings while it is not empty.
	stuck, err := client.StuckItems(ctx)
	if err != nil {
		return life{}, err
	}
	for _, item := range stuck {
		if item.ID == c.ID || item.ID == c.Generation || item.ID == c.Payment {
			l.Stuck = append(l.Stuck, item)
		}
	}
	l.Owed = append(l.Owed, l.words.Owed(*c, payment, l.Stuck)...)
	return l, nil
}

// caseOf returns the case of that id, or the only case of a generation. Logs name either.
func caseOf(ctx context.Context, client stack.Client, id string) (*api.Case, error) {
	c, err := client.Case(ctx, id)
	if c != nil || err != nil {
		return c, err
	}
	generation, err := client.Generation(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case generation == nil:
		return nil, fmt.Errorf("no case %s is on record, and no generation", id)
	case len(generation.Cases) == 0:
		return nil, fmt.Errorf("generation %s of %s is %s, and has no case", id, generation.Customer, spaced(generation.State))
	case len(generation.Cases) > 1:
		return nil, fmt.Errorf("generation %s has the cases %s: name one", id, strings.Join(generation.Cases, ", "))
	}
	if c, err = client.Case(ctx, generation.Cases[0]); c == nil && err == nil {
		err = fmt.Errorf("no case %s is on record", generation.Cases[0])
	}
	return c, err
}

// payment returns the payment that the case is about, as staff see it, nil for none.
func (l *life) payment() *api.Payment {
	if l.Case.Facts == nil {
		return nil
	}
	return l.Case.Facts.Payment
}

// addEntries adds the customer's entries about the case, its generation or its payment.
func (l *life) addEntries(ctx context.Context, client stack.Client) error {
	rows, err := client.Statement(ctx, l.Case.Customer, l.began())
	if err != nil {
		return err
	}
	about := func(id, own string) bool { return id != "" && id == own }
	for _, row := range oldestFirst(rows) {
		if about(row.Case, l.Case.ID) || about(row.Generation, l.Case.Generation) || about(row.Payment, l.Case.Payment) {
			l.Entries = append(l.Entries, sentence{StatementEntry: row, Text: l.words.Entry(row)})
		}
	}
	return nil
}

// began returns the earliest instant of what the case is about: entries before it are not read.
func (l *life) began() time.Time {
	began := l.Case.OpenedAt.Time
	if facts := l.Case.Facts; facts != nil {
		if facts.Generation != nil && facts.Generation.StartedAt.Before(began) {
			began = facts.Generation.StartedAt.Time
		}
		if facts.Payment != nil && facts.Payment.GrantedAt != nil && facts.Payment.GrantedAt.Before(began) {
			began = facts.Payment.GrantedAt.Time
		}
	}
	return began
}

// life prints a case, and returns how that ends.
func (t terminal) life(l life, asJSON bool) error {
	var err error
	if asJSON {
		err = t.print(l)
	} else {
		_, err = io.WriteString(t.out, l.page())
	}
	if err == nil && len(l.Stuck) > 0 {
		err = errMismatch
	}
	return err
}

// page returns the case for a person, a heading for each part of its life.
func (l *life) page() string {
	c := l.Case
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of %s, %s\n", c.ID, spaced(c.Kind), c.Customer, spaced(c.State))
	section := func(title, none string, lines []string) {
		fmt.Fprintf(&b, "\n%s\n", title)
		if len(lines) == 0 {
			lines = []string{none}
		}
		for _, line := range lines {
			fmt.Fprintf(&b, "  %s\n", plain.Printable(line)) // a customer may put anything in an id's place
		}
	}
	section("Asked", "nothing", l.request())
	if c.Evidence != nil {
		section("Seen", "nobody has looked", seen(*c.Evidence))
	}
	section("Decided", "nothing yet", l.verdicts())
	section("Moved", "nothing", l.movements())
	section("Still owed", "nothing", l.Owed)
	section("Notice", "none yet", l.notice())
	section("History", "none", l.history())
	return b.String()
}

// spaced returns a word of the API's as people write it.
func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

// request says what somebody wanted, or what happened without anybody asking.
func (l *life) request() []string {
	c, lines := l.Case, []string{}
	add := func(when bool, format string, args ...any) {
		if when {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	add(true, "%s  opened", plain.Clock(c.OpenedAt.Time))
	add(c.Generation != "", "about generation %s", c.Generation+outputOf(c))
	add(c.Payment != "", "about payment %s", c.Payment)
	add(c.Outage != "", "about outage %s", c.Outage)
	if facts := c.Facts; facts != nil && facts.Generation != nil {
		g := facts.Generation
		add(true, "%s on %s for %s, %s", g.Feature, g.Platform, l.words.Credits(g.Price), spaced(g.State))
		add(g.Failure != nil, "it failed: %s", failureOfGeneration(g))
	}
	if text := c.Asked; text != nil {
		add(text.Description != "", "%q", text.Description)
		add(text.Issue != "", "issue: %s", spaced(text.Issue))
		if r := text.Region; r != nil {
			add(true, "where: %d × %d from %d, %d, in thousandths of the picture", r.Width, r.Height, r.X, r.Y)
		}
		if claim := text.Claim; claim != nil {
			add(true, "claimed: %s paid on %s, by %s: %q", plain.Money(claim.Amount), claim.PaidAt, claim.Email, claim.Reason)
			add(len(claim.TransactionIds) > 0, "ids that were named: %s", strings.Join(claim.TransactionIds, ", "))
		}
		for _, one := range text.Attachments {
			add(true, "attached: %s, %d bytes (the console shows it)", one.MediaType, one.Bytes)
		}
		add(text.Appeal != "", "appealed: %q", text.Appeal)
	}
	return lines
}

func outputOf(c api.Case) string {
	if c.Output == nil {
		return ""
	}
	return fmt.Sprintf(", output %d", *c.Output)
}

func failureOfGeneration(g *api.Generation) string {
	if g.Failure == nil {
		return ""
	}
	return strings.Trim(fmt.Sprintf("%s, %s %q", g.Failure.Cause, g.Failure.Code, g.Failure.Message), `, "`)
}

// verdicts says each verdict, oldest first, with the words of its clause, and what staff ruled.
func (l *life) verdicts() []string {
	records := l.Case.Verdicts
	// A case that was decided before verdicts were kept has its decision alone.
	if len(records) == 0 && l.Case.Decision != nil {
		records = []api.KeptVerdict{{Decision: *l.Case.Decision}}
	}
	var lines []string
	for _, one := range records {
		lines = append(lines, l.verdict(one.Decision)...)
	}
	if l.Case.Proposed != nil {
		lines = append(lines, l.ruling("proposed", *l.Case.Proposed)+"; it waits for a second person")
	}
	if l.Case.Ruling != nil {
		lines = append(lines, l.ruling("ruled", *l.Case.Ruling))
	}
	return lines
}

// ruling says what one of staff decided, and who confirmed it.
func (l *life) ruling(did string, ruling api.Ruling) string {
	text := fmt.Sprintf("%s  staff (%s) %s %s: %q", plain.Clock(ruling.At.Time), ruling.By, did, spaced(string(ruling.Outcome)), ruling.Note)
	if ruling.Remedy != nil {
		text += ", " + l.words.Remedy(*ruling.Remedy)
	}
	if ruling.ConfirmedBy != "" {
		text += ", confirmed by " + ruling.ConfirmedBy
	}
	return text
}

func (l *life) verdict(d api.Decision) []string {
	rule := ""
	if d.Rule > 0 {
		rule = fmt.Sprintf(", rule %d", d.Rule)
	}
	text := fmt.Sprintf("%s by clause %s%s of %s %s", spaced(d.Outcome), d.Clause, rule, d.Policy.Name, d.Policy.Revision)
	if d.Remedy != nil {
		text += ": " + l.words.Remedy(*d.Remedy)
	}
	lines := []string{text}
	if words := plain.Clause(d); words != "" {
		lines = append(lines, fmt.Sprintf("  the clause: %q", words))
	}
	return append(lines, fmt.Sprintf("  the customer reads: %q", d.Reason))
}

// movements says which credits and which money moved.
func (l *life) movements() []string {
	var lines []string
	for _, one := range l.Entries {
		lines = append(lines, plain.Clock(one.At.Time)+"  "+one.Text)
	}
	for _, refund := range l.Refunds {
		lines = append(lines, fmt.Sprintf("refund %s of %s: %s", refund.ID, plain.Money(refund.Amount), spaced(refund.Status)))
	}
	return lines
}

// notice says what the customer was told, and when.
func (l *life) notice() []string {
	switch {
	case l.Case.ToldAt != nil:
		return []string{fmt.Sprintf("%s  %s", plain.Clock(l.Case.ToldAt.Time), cmp.Or(l.Case.Notice, "told"))}
	case l.Case.Notice != "":
		return []string{l.Case.Notice + ", not sent yet"}
	}
	return nil
}

func (l *life) history() []string {
	var lines []string
	for _, event := range l.Case.History {
		by := event.Actor
		if event.By != "" {
			by += " (" + event.By + ")"
		}
		text := fmt.Sprintf("%s  %s, by %s", plain.Clock(event.At.Time), spaced(event.State), by)
		if event.Note != "" {
			text += fmt.Sprintf(": %q", event.Note)
		}
		lines = append(lines, text)
	}
	return lines
}
