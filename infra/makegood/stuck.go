package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/plain"
	"makegood/infra/makegood/stack"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/todo"
)

// allStuck is what --retry takes for everything that may be tried again.
const allStuck = "all"

// newStuck returns the command stuck.
func newStuck() *cobra.Command {
	cmd := &cobra.Command{
		Use: "stuck [--retry ID|all [--yes]] [--json]", Short: "what was given up or waits for staff, and trying it again",
		Long: `
Lists what the sweep gave up after twelve attempts, longest first, and the payments that wait for staff, each with what it still owes. With
--json one object: {"stuck", "parked"}.

--retry ID says what trying that item again would do, and --retry ID --yes does it: the item is due at once, with twelve attempts anew, and the
next sweep, within a minute, sends its messages as before. Nothing is decided, given or paid twice by it: each step is done once by the
table. --retry all means every item listed. A wallet is tried again each hour by itself, and a payment that waits for staff is resolved by
POST /v1/payments/{id}/resolve. With --json one object: {"retried", "left"}, left being true where --yes was not given.

` + stackHelp + `

Exit 0: nothing is stuck or waits; or it was tried again. 1: something is; or it would be tried again. 2: not all could be read, or tried.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	ids := cmd.Flags().StringArray("retry", nil, "try the item of this `ID` again, or all; repeat it for several")
	yes := cmd.Flags().Bool("yes", false, "do what --retry says")
	asJSON := jsonFlag(cmd, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *yes && len(*ids) == 0 {
			return misuse("takes --yes with --retry alone")
		}
		t := terminalOf(cmd)
		client, err := t.openStack(address)
		if err != nil {
			return err
		}
		items, err := client.StuckItems(cmd.Context())
		if err != nil {
			return err
		}
		if len(*ids) > 0 {
			return t.retry(cmd.Context(), client, items, *ids, *yes, *asJSON)
		}
		parked, err := client.ParkedPayments(cmd.Context())
		if err != nil {
			return err
		}
		return t.stuck(waiting{append([]api.StuckItem{}, items...), append([]api.Payment{}, parked...)}, *asJSON)
	}
	return cmd
}

// waiting is all that waits for a person.
type waiting struct {
	Stuck  []api.StuckItem `json:"stuck"`  // what the sweep gave up, longest first
	Parked []api.Payment   `json:"parked"` // payments that wait for staff, longest first
}

// stuck prints what waits, and returns how that ends.
func (t terminal) stuck(w waiting, asJSON bool) error {
	var err error
	if asJSON {
		err = t.print(w)
	} else {
		err = w.write(t.out)
	}
	if err == nil && len(w.Stuck)+len(w.Parked) > 0 {
		err = errMismatch
	}
	return err
}

func (w waiting) write(out io.Writer) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, item := range w.Stuck {
		fmt.Fprintf(columns, "stuck since %s\t%s\t%s\t%s\n", plain.Clock(item.StuckAt.Time), item.Kind, nameOfItem(item), plain.Steps(item.Steps))
	}
	for _, p := range w.Parked {
		since, reason := "", ""
		if p.WaitsSince != nil {
			since = " since " + plain.Clock(p.WaitsSince.Time)
		}
		if p.Waits != nil {
			reason = string(*p.Waits)
		}
		fmt.Fprintf(columns, "waits%s\tpayment\t%s\t%s\n", since, p.ID, spaced(reason))
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d stuck, %d payments wait for staff\n", len(w.Stuck), len(w.Parked))
	return err
}

// nameOfItem returns an item's id; a wallet is its customer's.
func nameOfItem(item api.StuckItem) string {
	if item.Kind == string(todo.KindWallet) {
		return item.Customer
	}
	return item.ID
}

// retried is what was tried again.
type retried struct {
	Items []api.StuckItem `json:"retried"` // those that are due again, or would be
	Left  bool            `json:"left"`    // nothing was done: --yes was not given
}

// retry puts items back among what is due, or says that it would.
func (t terminal) retry(ctx context.Context, client stack.Client, items []api.StuckItem, ids []string, yes, asJSON bool) error {
	choice, err := choose(items, ids)
	if err != nil {
		return err
	}
	result := retried{Items: []api.StuckItem{}, Left: !yes}
	for _, item := range choice {
		if yes {
			err = client.Retry(ctx, item.Kind, item.ID)
		}
		// The stack runs meanwhile: what it has done since it was listed must not keep the rest.
		if fault.KindOf(err) == fault.KindNotFound {
			fmt.Fprintf(t.err, "%s %s owes nothing any more\n", item.Kind, item.ID)
			err = nil
			continue
		}
		// The first that fails ends it: what was put back is printed, and the list shows the rest.
		if err != nil {
			break
		}
		result.Items = append(result.Items, item)
	}
	if failure := t.retried(result, asJSON); failure != nil {
		return failure
	}
	if err == nil && !yes && len(choice) > 0 {
		return errMismatch
	}
	return err
}

// choose returns the items of those ids, and all that may be tried again for all. One that is not
// stuck is an error.
func choose(items []api.StuckItem, ids []string) ([]api.StuckItem, error) {
	var choice []api.StuckItem
	for _, id := range ids {
		if id == allStuck {
			return slices.DeleteFunc(slices.Clone(items), func(item api.StuckItem) bool { return item.Kind == string(todo.KindWallet) }), nil
		}
		at := slices.IndexFunc(items, func(item api.StuckItem) bool { return nameOfItem(item) == id })
		switch {
		case at < 0:
			return nil, fmt.Errorf("%s is not stuck: makegood stuck lists what is", id)
		case items[at].Kind == string(todo.KindWallet):
			return nil, fmt.Errorf("%s is a wallet, which is tried again each hour by itself", id)
		}
		choice = append(choice, items[at])
	}
	return choice, nil
}

func (t terminal) retried(result retried, asJSON bool) error {
	if asJSON {
		return t.print(result)
	}
	what := "is due again"
	if result.Left {
		what = "would be due again"
	}
	for _, item := range result.Items {
		if _, err := fmt.Fprintf(t.out, "%s %s %s: %s\n", item.Kind, item.ID, what, plain.Steps(item.Steps)); err != nil {
			return err
		}
	}
	end := "the next sweep, within a minute, takes what is due"
	if result.Left {
		end = "nothing was done: --yes does it"
	}
	_, err := fmt.Fprintf(t.out, "%d items; %s\n", len(result.Items), end)
	return err
}
