package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	rules "makegood/shared/policy"
)

// printStatement prints every line, oldest first, with the balance after it, and checks that the
// lines sum to the balance.
func (p *player) printStatement(ctx context.Context, _ Step) error {
	entries, err := p.statement(ctx, p.story.Customer)
	if err != nil {
		return err
	}
	now, err := p.balanceOf(ctx, p.story.Customer)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "\nStatement of %s, oldest first (%s)\n\n", p.story.Customer, p.policy.Unit.Name)
	// The API gives the newest first; a person reads from the start.
	slices.Reverse(entries)
	if err := table(p.Out, entries, p.unit()); err != nil {
		return err
	}
	// The lines alone must make the balance: that is what a ledger promises.
	sum, err := sums(entries)
	if err != nil {
		return err
	}
	if sum != now {
		return fmt.Errorf("the lines sum to %+v, the balance is %+v", sum, now)
	}
	fmt.Fprintf(p.Out, "\nThe %d lines sum to the balance: %s available, %s held, %s owed.\n", len(entries),
		p.amount(now.Available), p.amount(now.Held), p.amount(now.Owed))
	return nil
}

// sums is what the lines make of a wallet. A line that moves nothing, or does not say why, explains
// no credit: an error.
func sums(entries []entry) (balance, error) {
	accounts := map[string]int64{}
	ids := map[string]bool{}
	// Each line is checked by itself before it counts: a sum can be right by two wrongs.
	for _, e := range entries {
		switch {
		case e.Amount <= 0 || e.From == "" || e.To == "" || e.From == e.To:
			return balance{}, fmt.Errorf("line %s moves nothing: %+v", e.ID, e)
		case e.Reason == "" && e.Cause == "":
			return balance{}, fmt.Errorf("line %s does not say why: %+v", e.ID, e)
		case ids[e.ID]:
			return balance{}, fmt.Errorf("line %s stands there twice", e.ID)
		}
		ids[e.ID] = true
		accounts[e.From] -= e.Amount
		accounts[e.To] += e.Amount
	}
	return balance{Available: accounts["available"], Held: accounts["held"], Owed: -accounts["owed"]}, nil
}

// table prints the lines with what is available and held after each.
func table(out io.Writer, entries []entry, unit rules.Unit) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "when (UTC)\tmoved\tfrom → to\tavailable\theld\twhy\tfor")
	available, held := int64(0), int64(0)
	for _, e := range entries {
		// Only two of the accounts are what a customer has; the others are where credits come from
		// and go to.
		for account, sign := range map[string]int64{e.From: -1, e.To: 1} {
			switch account {
			case "available":
				available += sign * e.Amount
			case "held":
				held += sign * e.Amount
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s → %s\t%s\t%s\t%s\t%s\n", e.At.UTC().Format("15:04:05.000"), unit.Format(e.Amount), e.From, e.To,
			unit.Format(available), unit.Format(held), why(e), about(e))
	}
	return w.Flush()
}

// why is the cause, and the reason where it says more.
func why(e entry) string {
	if e.Reason == "" || e.Reason == e.Cause {
		return strings.ReplaceAll(e.Cause, "_", " ")
	}
	if e.Cause == "" {
		return strings.ReplaceAll(e.Reason, "_", " ")
	}
	return strings.ReplaceAll(e.Cause+": "+e.Reason, "_", " ")
}

// about names what the line belongs to.
func about(e entry) string {
	var names []string
	for _, id := range []string{e.Payment, e.Generation, e.Case} {
		if id != "" {
			names = append(names, short(id))
		}
	}
	return strings.Join(names, " ")
}

// short cuts an id to what tells it from its neighbours: the end, since ids begin with what their
// customer has in common.
func short(id string) string {
	const keep = 6
	kind, rest, ok := strings.Cut(id, "_")
	if !ok || len(rest) <= keep+2 {
		return id
	}
	return kind + "_…" + rest[len(rest)-keep:]
}

// unit is the policy's unit, as the policy's own room writes amounts in it.
func (p *player) unit() rules.Unit { return rules.Unit(p.policy.Unit) }

func (p *player) amount(credits int64) string {
	return p.unit().Format(credits) + " " + p.policy.Unit.Name
}
