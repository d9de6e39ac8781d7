package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	cloud "makegood/infra/makegood/account"
	"makegood/infra/makegood/redrive"
	"makegood/infra/makegood/stack"
)

// redriveLong is what `makegood redrive --help` says.
var redriveLong = `
Shows what lies in the dead-letter queue of QUEUE: what was to be done, the case, payment or generation, how that stands today, and why it
failed. The message itself does not carry the error: it is read from the log of the queue's function, where it stands beside the message's id.
Then it moves the messages back, and watches the queue until it is empty. QUEUE is one of
` + strings.Join(cloud.Queues(), ", ") + `.

Mend the cause first. What fails again lies there again after five attempts, a quarter of an hour on AWS, and is shown with its new error; it is
not moved a second time by the same run. --most 1 tries with one.

A message is deleted from the dead-letter queue only when its queue has taken it. A run that is interrupted or killed loses nothing: run it
again. What was moved twice changes nothing, for the tables know what was done.

--dry-run shows, and moves nothing. Without it the command asks, and needs --yes where nobody can answer.

` + cloud.Environment + `
Needed are sqs:GetQueueUrl and GetQueueAttributes; ReceiveMessage, ChangeMessageVisibility and DeleteMessage on the dead-letter queue;
SendMessage on the queue; logs:FilterLogEvents for the reasons. MAKEGOOD_URL and MAKEGOOD_KEY, an operator's, tell how cases stand.

Exit 0: none was there, or all were moved and none came back; with --dry-run: none is there. 1: some lie there. 2: not done; run it again.
`

// newRedrive returns the command redrive.
func newRedrive() *cobra.Command {
	cmd := &cobra.Command{
		Use: "redrive QUEUE [--dry-run] [--yes] [--most N] [--json]", Short: "move dead letters back to their queue, and watch it drain",
		Long:              redriveLong,
		Args:              takes(1, 1, "needs one queue: "+strings.Join(cloud.Queues(), ", ")),
		ValidArgsFunction: cobra.FixedCompletions(cloud.Queues(), cobra.ShellCompDirectiveNoFileComp),
	}
	flags := cmd.Flags()
	var address string
	stackURL(flags, &address)
	stackName := stackFlag(cmd)
	order := redrive.Order{}
	flags.BoolVar(&order.DryRun, "dry-run", false, "show, and move nothing")
	yes := flags.Bool("yes", false, "move without asking")
	flags.IntVar(&order.Most, "most", 1<<20, "move `N` messages at the most")
	flags.DurationVar(&order.Within, "within", 20*time.Minute, "how long the queue may take to drain")
	hold := flags.Duration("hold", 2*time.Minute, "how long a message is in this command's hand: when it is killed, so late it comes back")
	asJSON := jsonFlag(cmd, "print one object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if order.Most < 1 || order.Within < 0 || *hold < time.Second || *hold > 12*time.Hour {
			return misuse("takes a --most above 0, and a --hold from 1s to 12h")
		}
		// An interrupt ends the run between two batches: what was moved is moved.
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		t := terminalOf(cmd)
		if err := aim(ctx, &order, args[0], *stackName, address); err != nil {
			return err
		}
		order.Queue.Hold = *hold
		order.Looked = func(report redrive.Report) (bool, error) { return t.agrees(ctx, report, *yes, *asJSON, order.Most) }
		return t.redriven(ctx, order, *asJSON)
	}
	return cmd
}

// stackFlag declares the flag that names the stack to CloudFormation.
func stackFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("stack", os.Getenv(cloud.EnvStack), "the stack's `NAME`; else "+cloud.EnvStack+", else the environment's own names")
}

// The times on AWS: how long SQS's counts may lag behind, and how long a receive waits for all of
// its servers.
const (
	quietOnAWS = 15 * time.Second
	waitOnAWS  = time.Second
)

// aim fills in the order whom it asks.
func aim(ctx context.Context, order *redrive.Order, queue, stackName, address string) error {
	aws, err := cloud.Open(ctx, stackName, os.Getenv)
	if err != nil {
		return err
	}
	url, err := aws.QueueURL(queue)
	if err != nil {
		return err
	}
	dead, err := aws.DeadLetterURL(ctx, url)
	if err != nil {
		return err
	}
	order.Queue = redrive.Queue{API: aws.SQS, Name: queue, URL: url, DeadURL: dead}
	order.Log, order.Name = aws, strconv.FormatInt(time.Now().UnixNano(), 36)
	order.Quiet, order.Queue.Wait = quietOnAWS, waitOnAWS
	if aws.Local() {
		order.Quiet, order.Queue.Wait = time.Second/5, 0
	}
	// How cases stand is worth knowing, and no reason to leave letters where they lie.
	if client, err := stack.Open(address, os.Getenv("MAKEGOOD_KEY")); err == nil {
		order.Stack = &client
	}
	return nil
}

// errNobody means that nobody can be asked.
var errNobody = errors.New("say --yes to move them: nobody can be asked here")

// agrees shows the letters, and asks whether they are to be moved.
func (t terminal) agrees(ctx context.Context, report redrive.Report, yes, asJSON bool, most int) (bool, error) {
	if !asJSON {
		if err := report.Print(t.out); err != nil {
			return false, err
		}
	}
	if yes {
		return true, nil
	}
	if !answersHere(t.in) {
		return false, errNobody
	}
	fmt.Fprintf(t.err, "Move %d back to %s? [y/N] ", min(most, report.DeadLetters), report.Queue)
	// An interrupt is an answer too: nothing would read it else before the line has ended.
	answer := make(chan string, 1)
	go func() {
		defer close(answer)
		if line, err := bufio.NewReader(t.in).ReadString('\n'); err == nil {
			answer <- line
		}
	}()
	select {
	case line, ok := <-answer:
		if !ok { // a device that is no person: /dev/null
			return false, errNobody
		}
		return strings.EqualFold(strings.TrimSpace(line), "y"), nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// answersHere reports whether a person is at the other end.
func answersHere(in io.Reader) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// redriven carries out the order, prints what became of it, and ends with the exit code that says
// so.
func (t terminal) redriven(ctx context.Context, order redrive.Order, asJSON bool) error {
	progress := t.progress()
	order.Progress = func(moved int, c redrive.Counts) {
		progress.at("%s: %d moved; %d waiting, %d in flight, %d dead letters", order.Queue.Name, moved, c.Waiting, c.InFlight, c.Dead+c.DeadInHand)
	}
	report, err := order.Carry(ctx)
	switch {
	case asJSON:
		err = errors.Join(err, t.print(report))
	case err != nil:
	case order.DryRun || report.DeadLetters == 0:
		err = report.Print(t.out)
	default:
		err = report.PrintEnd(t.out)
	}
	switch {
	case err != nil:
		return err
	case order.DryRun && report.DeadLetters > 0, report.Left > 0, report.Moved > 0 && !report.Drained:
		return errMismatch
	}
	return nil
}
