// Command cmd runs the local stack: serve until interrupted, demo the story, or lend the services
// to another command.
//
// It owns flags, messages and exit codes; what is started, and how, is infra/local's; the story is
// infra/demo's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"makegood/infra/demo"
	"makegood/infra/demo/shop"
	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/infra/template"
)

const usage = `usage: go run ./infra/local/cmd COMMAND [flags]

  serve     run the whole stack until interrupted
  demo      play the story on a stack of its own and print the customer's statement; exits 1 when anything is not as expected
  services  run DynamoDB Local, ElasticMQ and S3: until interrupted, or for one command (services -- COMMAND ARGS)

Flags of each: COMMAND -h.
`

func main() {
	// TERM and an interrupt end the stack in order: processes first, then the services.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx = withParent(ctx)
	code := command(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func command(ctx context.Context, args []string) int {
	commands := map[string]func(context.Context, []string) error{"serve": serve, "demo": play, "services": services}
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	// The command that was lent the services keeps its exit code. An interrupt is a good end.
	err := commands[args[0]](ctx, args[1:])
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// stackFlags are the flags that serve and demo share.
func stackFlags(name string, o *local.Options, port int) *flag.FlagSet {
	o.Backfill = backfill(o, o.Log)
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&o.Policy, "policy", "photoroom", "the refund policy, a folder of shared/policy/published")
	flags.StringVar(&o.Template, "template", "", "what to run; the project's template.yaml where none is given")
	flags.IntVar(&o.Port, "port", port, "of the HTTP API; 0 is a free one, and so are the others that are not given")
	flags.IntVar(&o.ProviderPort, "provider-port", beside, "of the payment provider's stand-in (--port + 2); 0 is a free one")
	flags.IntVar(&o.AdminPort, "admin-port", beside, "of schedules by hand and received notices (--port + 3); 0 is a free one")
	serviceFlags(flags, o, beside)
	flags.StringVar(&o.Data, "data", "", "folder that keeps tables, queues and the provider's events; without one they end with the stack")
	flags.DurationVar(&o.RetryDelay, "retry-delay", time.Second, "before a failed message is seen again; negative: the queue's visibility")
	flags.DurationVar(&o.ScheduleEvery, "schedule-every", 0, "run schedules this often instead of at their own rate")
	flags.Func("parameter", "NAME=VALUE, a template parameter; may be repeated", func(text string) error {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return errors.New("write NAME=VALUE")
		}
		if o.Parameters == nil {
			o.Parameters = map[string]string{}
		}
		o.Parameters[key] = value
		return nil
	})
	flags.BoolFunc("logs", "print what the functions log", func(string) error {
		o.Echo = os.Stderr
		return nil
	})
	return flags
}

// beside is the value of a port flag that was not given.
const beside = -1

// settlePorts gives each port that was not named its place behind the HTTP API's, so that a README
// can name it: + 2 the provider, + 3 the admin server, + 4 DynamoDB, + 5 SQS, + 6 S3 (+ 1 is left
// to `make sam-api`). One that somebody else holds becomes a free one.
func settlePorts(o *local.Options) {
	for n, port := range []*int{&o.ProviderPort, &o.AdminPort, &o.DynamoDBPort, &o.SQSPort, &o.S3Port} {
		if *port != beside {
			continue
		}
		*port = 0
		if o.Port == 0 {
			continue
		}
		at := o.Port + 2 + n
		if l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(at))); err == nil { //nolint:noctx // waits for nothing
			_ = l.Close()
			*port = at
		}
	}
}

func serviceFlags(flags *flag.FlagSet, o *local.Options, port int) {
	flags.StringVar(&o.BindServices, "bind-services", "127.0.0.1", "where DynamoDB Local, ElasticMQ and S3 listen; 0.0.0.0 lets containers reach them")
	flags.IntVar(&o.DynamoDBPort, "dynamodb-port", port, "of DynamoDB Local; 0 is a free one")
	flags.IntVar(&o.SQSPort, "sqs-port", port, "of ElasticMQ; 0 is a free one")
	flags.IntVar(&o.S3Port, "s3-port", port, "of S3; 0 is a free one")
}

func serve(ctx context.Context, args []string) error {
	o := local.Options{Log: os.Stderr}
	if err := stackFlags("serve", &o, 3000).Parse(args); err != nil {
		return err
	}
	settlePorts(&o)
	o.Demo = shop.Open
	start := time.Now()
	s, err := local.Start(ctx, o)
	if err != nil {
		return err
	}
	defer s.Stop() //nolint:contextcheck // the stack ends in its own time when ctx has ended
	// Ready is said only once the API has answered: scripts wait for that line.
	if err := s.AwaitPolicy(ctx); err != nil {
		return err
	}
	if err := printReady(os.Stdout, s, o, time.Since(start)); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	// A service that dies takes everything with it: a stack that only looks alive costs more time.
	case <-s.ServicesEnded():
		if ctx.Err() != nil { // by ourselves
			return nil
		}
		return errors.New("a service ended by itself; its log in .local/logs says why")
	}
}

func play(ctx context.Context, args []string) error {
	o := local.Options{Log: os.Stderr}
	if err := stackFlags("demo", &o, 0).Parse(args); err != nil {
		return err
	}
	settlePorts(&o)
	s, err := local.Start(ctx, o)
	if err != nil {
		return err
	}
	defer s.Stop() //nolint:contextcheck // the stack ends in its own time when ctx has ended
	if err := s.AwaitPolicy(ctx); err != nil {
		return err
	}
	return demo.Play(ctx, demo.Client{
		BaseURL: s.BaseURL, AdminURL: s.AdminURL, AppKey: local.AppKey, OperatorKey: local.OperatorKey, StripeSecret: sandbox.StripeSecret,
		Out: os.Stdout, Within: 20 * time.Second, // a machine that has just built everything is slow
	}, os.DirFS(filepath.Join(s.Root(), "events")))
}

// services runs the services with the template's tables, queues and buckets, until interrupted or
// as long as a command runs.
func services(ctx context.Context, args []string) error {
	o := local.Options{Log: os.Stderr}
	flags := flag.NewFlagSet("services", flag.ContinueOnError)
	serviceFlags(flags, &o, 0)
	create := flags.String("create", "", "a template whose tables and queues are created first")
	if err := flags.Parse(args); err != nil {
		return err
	}
	e, err := local.StartServices(ctx, o)
	if err != nil {
		return err
	}
	defer e.Stop()
	// A test that needs tables before it starts names the template.
	if *create != "" {
		t, err := template.Parse(*create)
		if err != nil {
			return err
		}
		if _, err := local.CreateTables(ctx, local.DynamoDB(e.DynamoDBURL), t, ""); err != nil {
			return err
		}
		if _, err := local.CreateQueues(ctx, local.SQS(e.SQSURL), t, ""); err != nil {
			return err
		}
		if _, err := local.CreateBuckets(ctx, local.S3(e.S3URL), t, ""); err != nil {
			return err
		}
	}
	if flags.NArg() == 0 {
		fmt.Printf("ready: DynamoDB %s, SQS %s, S3 %s\n", e.DynamoDBURL, e.SQSURL, e.S3URL)
		<-ctx.Done()
		return nil
	}
	// The command finds the services by the environment, as tests do that the developer starts.
	cmd := exec.CommandContext(ctx, flags.Arg(0), flags.Args()[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), local.EnvDynamoDBURL+"="+e.DynamoDBURL, local.EnvSQSURL+"="+e.SQSURL, local.EnvS3URL+"="+e.S3URL)
	return cmd.Run()
}
