package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"makegood/infra/makegood/page"
	"makegood/shared/policy"
)

// newExplain returns the command policy explain.
func newExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use: "explain [--at DATE] [--contact-email ADDRESS] [--json] NAME|FILE", Short: "a policy as a page to read",
		Long: `
Prints a policy as its published page: headings and sentences in their order, beneath each clause what is done by it, in words and with an
example that the policy decides; then what the page leaves open: the order of the rules, what is sold, windows, times, contact, notices. NAME is a published policy; whatever ends in .yaml or .yml, or holds a slash, or is -, is a FILE.

Exit 0: printed. 2: no such policy, or a file that does not hold.
`,
		Args:              takes(1, 1, "needs one policy"),
		ValidArgsFunction: cobra.FixedCompletions(policy.Names(), cobra.ShellCompDirectiveDefault),
	}
	at := cmd.Flags().String("at", "", "the revision in force on this `DATE` (2026-01-31), of a published policy; without it the latest")
	email := cmd.Flags().String("contact-email", "", "the `ADDRESS` that a published text hides")
	asJSON := jsonFlag(cmd, "print the page's parts as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		t := terminalOf(cmd)
		rev, err := t.revision(args[0], *at)
		if err != nil {
			return err
		}
		// A published text hides its address, and the page should read as customers see it.
		rev = rev.WithEmail(*email)
		if *asJSON {
			return t.print(page.New(rev))
		}
		return page.New(rev).Text(t.out)
	}
	return cmd
}

// revision returns the revision that a name and a day mean.
func (t terminal) revision(name, at string) (policy.Revision, error) {
	// A file holds one revision, so a day would choose nothing.
	if isFile(name) {
		if at != "" {
			return policy.Revision{}, errors.New("a file is one revision: --at is for published policies")
		}
		return t.readRevision(name)
	}
	p, err := policy.Open(name)
	if err != nil {
		return policy.Revision{}, errors.New(failureOf(err).Message)
	}
	return revisionOn(p, at)
}

// revisionOn returns the revision in force on a day, the latest one when no day is named.
func revisionOn(p *policy.Policy, at string) (policy.Revision, error) {
	if at == "" {
		return p.Revisions()[len(p.Revisions())-1], nil
	}
	day, err := time.Parse(time.DateOnly, at)
	if err != nil {
		return policy.Revision{}, fmt.Errorf("--at must be a day as 2026-01-31, not %q", at)
	}
	return p.At(day), nil
}

func isFile(name string) bool {
	return name == "-" || strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}
