package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	cloud "makegood/infra/makegood/account"
	"makegood/infra/makegood/doctor"
	"makegood/infra/makegood/stack"
	"makegood/shared/provider"
	"makegood/shared/provider/registry"
)

// newDoctor returns the command doctor.
func newDoctor() *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor [--stack NAME] [--json]", Short: "what is wrong with a stack, and what to type next",
		Long: `
Looks at a running stack, and changes nothing. One line for each thing, and below it what to type where something is wrong. With --json one
list of {"look", "state", "finding", "next"}; state is ok, wrong or not asked.

stack: it answers within 3 seconds, by a policy that this build has. clock: its clock, this machine's and the providers' agree. stuck: nothing was given up.
parked: no payment waits for staff. reviews: no case waits past the instant promised. ledger: the last 7 days are as the provider has them.
The six queues: no dead letters, and what waits is taken. tables: they are there, with their indexes, and can be restored. pictures:
their bucket is there, and closed to strangers. functions: each table, queue, bucket, secret and policy that a function's environment names is there.
consumers: each queue is polled. secrets: how old they are.

What cannot be asked from here is a line that says so, and no failure.

` + stackHelp + `
` + cloud.Environment + `
The ledger is compared where the provider can be asked: see makegood reconcile --help. No value of a secret is read.

Exit 0: nothing is wrong. 1: something is. 2: not done.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	var address string
	stackURL(cmd.Flags(), &address)
	stackName := stackFlag(cmd)
	age := cmd.Flags().Int("secrets-days", 365, "a secret that is older than `DAYS` is wrong")
	asJSON := jsonFlag(cmd, "print the lines as one JSON list")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *age < 0 {
			return misuse("takes no negative number")
		}
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		t, now := terminalOf(cmd), time.Now()
		looks := doorLooks(address, now)
		aws, err := cloud.Open(ctx, *stackName, os.Getenv)
		if err != nil { // the rest is worth knowing all the same
			return t.examined(ctx, append(looks, doctor.NoBack(err, *stackName != "")...), *asJSON)
		}
		back := doctor.Back{Account: aws, Now: now, SecretsMost: time.Duration(*age) * 24 * time.Hour, Between: 3 * time.Second}
		return t.examined(ctx, append(looks, back.Looks()...), *asJSON)
	}
	return cmd
}

// slowAnswer is the default of the template's AlarmLatency.
const slowAnswer = 3 * time.Second

// doorLooks are those by the HTTP API.
func doorLooks(address string, now time.Time) []doctor.Look {
	client, err := stack.Open(address, os.Getenv("MAKEGOOD_KEY"))
	if err != nil {
		return doctor.NoDoor(err.Error())
	}
	return doctor.Door{
		Client: client, Now: now, AnswerMost: slowAnswer, Gateways: openProviders(nil), Clocks: clocks(), HTTP: provider.NewClient(), HowToAsk: howToAsk(),
	}.Looks()
}

// clocks are the addresses of the providers that the environment names.
func clocks() map[string]string {
	all := map[string]string{}
	for _, p := range registry.Providers {
		if url := os.Getenv(p.Address.Variable); url != "" {
			all[p.Name] = url
		}
	}
	return all
}

// examined asks every look, prints its lines, and ends with the exit code that they say.
func (t terminal) examined(ctx context.Context, looks []doctor.Look, asJSON bool) error {
	lines := []doctor.Line{}
	late := func(name string) { fmt.Fprintf(t.err, "looking at %s\n", name) }
	wrong := doctor.Run(ctx, looks, late, func(line doctor.Line) {
		if lines = append(lines, line); !asJSON {
			_ = line.Print(t.out) // who reads has gone: the exit code still says it
		}
	})
	if asJSON {
		if err := t.print(lines); err != nil {
			return err
		}
	}
	if wrong {
		return errMismatch
	}
	return nil
}
