package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/reconcile"
	"makegood/shared/payment"
	"makegood/shared/provider/stripe"
)

// comparison is what was asked for on the command line.
type comparison struct {
	address, stripeURL string
	since              time.Duration
	lookups            int
	asJSON             bool
}

// newReconcile returns the command reconcile.
func newReconcile() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reconcile [--since 720h] [--json]", Short: "differences between provider and ledger",
		Long: `
Compares the payments on record with what their providers say: the events of the last 30 days, and one by one the payments that those do
not tell of. It changes nothing. One line for each difference: the payment, what differs, the provider's word, the ledger's. With --json
one list of {"payment", "difference", "about", "provider", "ledger"}; about names the refund, dispute or case.

missing: a purchase of the provider's that the ledger has not. unknown: one of the ledger's that the provider has not. unpaid: granted,
and not paid. status, amount, currency, customer, package: of a purchase. refund_ and dispute_unheard, _unknown, _status, _amount.
refund_due: promised more than 10 minutes ago, and not asked of the provider. credits: those taken back are not those that should be.
waits: for staff to decide.

` + stackHelp + `
Stripe is asked with STRIPE_KEY, a restricted key that may read checkout sessions, payment intents, charges, refunds, disputes and events
(--stripe-url or STRIPE_API_URL: at another address); the app's own adapter at STANDARD_API_URL, signed with STANDARD_WEBHOOK_SECRETS.
Both take a list separated by commas. No key is ever printed.

Exit 0: no difference. 1: some. 2: not all could be asked, and what was found is printed.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	c, flags := comparison{}, cmd.Flags()
	stackURL(flags, &c.address)
	flags.StringVar(&c.stripeURL, "stripe-url", os.Getenv("STRIPE_API_URL"), "Stripe's `ADDRESS`; else STRIPE_API_URL, else Stripe's own")
	flags.DurationVar(&c.since, "since", payment.EventRetention, "list the events of the last `SPAN`; Stripe keeps them for 30 days")
	flags.IntVar(&c.lookups, "lookups", 1000, "look up `N` payments one by one at most")
	flags.BoolVar(&c.asJSON, "json", false, "print the differences as one JSON list")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), terminalOf(cmd)) }
	return cmd
}

func (c comparison) run(ctx context.Context, t terminal) error {
	if c.since <= 0 || c.lookups < 0 {
		return misuse("takes no negative number")
	}
	ledger, err := t.openStack(c.address)
	if err != nil {
		return err
	}
	// Without a provider nothing could differ, and an empty answer would read as agreement.
	gateways := openProviders(map[string]string{stripe.Registration.Address.Variable: c.stripeURL})
	if len(gateways) == 0 {
		return fmt.Errorf("no provider can be asked: set %s", howToAsk())
	}
	now := time.Now()
	catalog, err := ledger.Policy(ctx)
	if err != nil {
		return err
	}
	// The catalog must be the stack's own: another policy would park other payments.
	reconciler := reconcile.Reconciler{Ledger: ledger, Gateways: gateways, Rules: payment.Rules{Catalog: catalog}, Lookups: c.lookups}
	report, err := reconciler.Run(ctx, now.Add(-c.since), now)
	if err != nil {
		return err
	}
	return t.reconciled(report, c.asJSON)
}

// reconciled prints what was found, and returns how that ends.
func (t terminal) reconciled(report reconcile.Report, asJSON bool) error {
	var err error
	if asJSON {
		err = t.print(append([]reconcile.Difference{}, report.Differences...))
	} else {
		err = t.differences(report.Differences)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(t.err, "%d payments compared, %d differences\n", report.Compared, len(report.Differences))
	if report.Old > 0 {
		fmt.Fprintf(t.err, "%d older payments were not looked up: --lookups takes more\n", report.Old)
	}
	if len(report.Differences) > 0 {
		err = errMismatch
	}
	// What could not be asked wins over what differs.
	for _, gap := range report.Gaps {
		t.complain(errors.New(gap))
		err = errUndone
	}
	return err
}

// differences writes one line for each, in columns; nothing where there are none.
func (t terminal) differences(all []reconcile.Difference) error {
	columns := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range all {
		what := string(d.Kind)
		if d.About != "" {
			what += " " + d.About
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\n", d.Payment, what, d.Provider, d.Ledger)
	}
	return columns.Flush()
}
