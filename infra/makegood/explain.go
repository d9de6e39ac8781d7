package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/infra/makegood/page"
	"makegood/shared/policy"
)

var explainCommand = command{
	name: "policy explain", args: "[--at DATE] [--contact-email ADDRESS] [--json] NAME|FILE", summary: "a policy as a page to read",
	help: `
Prints a policy as its published page: headings and sentences in their order, beneath each clause what is done by it, in words and with an
example that the policy decides; then what the page leaves open: the order of the rules, what is sold, windows, times, contact, notices. NAME is a published policy; whatever ends in .yaml or .yml, or holds a slash, or is -, is a FILE.

Exit 0: printed. 2: no such policy, or a file that does not hold.
`,
	run: explain,
}

func explain(t terminal, c command, args []string) int {
	flags := c.flags()
	at := flags.String("at", "", "the revision in force on this `DATE` (2026-01-31), of a published policy; without it the latest")
	email := flags.String("contact-email", "", "the `ADDRESS` that a published text hides")
	asJSON := flags.Bool("json", false, "print the page's parts as JSON")
	rest, code, final := c.parse(t, flags, args)
	if final {
		return code
	}
	if len(rest) != 1 {
		return c.misused(t, "needs one policy")
	}
	rev, err := t.revision(rest[0], *at)
	if err != nil {
		return t.complain("%s", err)
	}
	// A published text hides its address, and the page should read as customers see it.
	rev = rev.WithEmail(*email)
	if *asJSON {
		err = t.print(page.New(rev))
	} else {
		err = page.New(rev).Text(t.out)
	}
	if err != nil {
		return t.complain("%s", err)
	}
	return exitDone
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
