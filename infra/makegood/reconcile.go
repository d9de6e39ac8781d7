package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"makegood/infra/makegood/reconcile"
	"makegood/shared/payment"
	"makegood/shared/provider/stripe"
)

var reconcileCommand = command{
	name: "reconcile", args: "[--since 720h] [--json]", summary: "differences between provider and ledger",
	help: `
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
	run: compare,
}

func compare(t terminal, c command, args []string) int {
	flags := c.flags()
	address := stackURL(flags)
	stripeURL := flags.String("stripe-url", os.Getenv("STRIPE_API_URL"), "Stripe's `ADDRESS`; else STRIPE_API_URL, else Stripe's own")
	since := flags.Duration("since", payment.EventRetention, "list the events of the last `SPAN`; Stripe keeps them for 30 days")
	lookups := flags.Int("lookups", 1000, "look up `N` payments one by one at most")
	asJSON := flags.Bool("json", false, "print the differences as one JSON list")
	rest, code, final := c.parse(t, flags, args)
	if final {
		return code
	}
	if len(rest) > 0 || *since <= 0 || *lookups < 0 {
		return c.misused(t, "takes no argument, and no negative number")
	}
	ledger, err := openStack(*address)
	if err != nil {
		return t.complain("%s", err)
	}
	// Without a provider nothing could differ, and an empty answer would read as agreement.
	gateways := openProviders(map[string]string{stripe.Registration.Address.Variable: *stripeURL})
	if len(gateways) == 0 {
		return t.complain("no provider can be asked: set %s", howToAsk())
	}
	ctx, now := context.Background(), time.Now()
	catalog, err := ledger.Policy(ctx)
	if err != nil {
		return t.complain("%s", err)
	}
	// The catalog must be the stack's own: another policy would park other payments.
	reconciler := reconcile.Reconciler{Ledger: ledger, Gateways: gateways, Rules: payment.Rules{Catalog: catalog}, Lookups: *lookups}
	report, err := reconciler.Run(ctx, now.Add(-*since), now)
	if err != nil {
		return t.complain("%s", err)
	}
	return t.reconciled(report, *asJSON)
}

// reconciled prints what was found, and returns the exit code that says it.
func (t terminal) reconciled(report reconcile.Report, asJSON bool) int {
	var err error
	if asJSON {
		err = t.print(append([]reconcile.Difference{}, report.Differences...))
	} else {
		err = t.differences(report.Differences)
	}
	if err != nil {
		return t.complain("%s", err)
	}
	fmt.Fprintf(t.err, "%d payments compared, %d differences\n", report.Compared, len(report.Differences))
	if report.Old > 0 {
		fmt.Fprintf(t.err, "%d older payments were not looked up: --lookups takes more\n", report.Old)
	}
	code := exitDone
	if len(report.Differences) > 0 {
		code = exitMismatch
	}
	for _, gap := range report.Gaps {
		code = t.complain("%s", gap)
	}
	return code
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
