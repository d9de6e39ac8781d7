// Package local runs Makegood on one machine: DynamoDB Local, ElasticMQ, an S3 server and the real
// built binaries, wired as template.yaml says.
//
// It owns the child processes, a loopback Lambda Runtime API, the HTTP API in front (payload format
// 2.0), the SQS event source mappings with partial batch responses, and the schedules. It refuses
// to know credits, policies and cases: it would run any template of this shape, and nothing that
// the template says is said here again.
//
// Invariants: everything listens on loopback unless BindServices says otherwise, and no environment
// may hold a URL that leaves the machine; load is queued, never answered with a 5xx; no child
// outlives its parent, even one that was killed with -9.
//
// Whoever took the money is played by infra/standin, and nobody else is ever asked: no provider's
// own address, and no key of theirs, is let in.
//
// Words: a service is DynamoDB Local, ElasticMQ or S3; a process is one running copy of a
// function's binary; an invocation is one event handed to a process; a mapping polls a queue for a
// function.
package local

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/infra/template"
)

// Stack is a running local stack.
type Stack struct {
	BaseURL   string            // of the HTTP API
	AdminURL  string            // of schedules and notices
	Provider  *standin.Provider // plays the payment provider, at its own URL
	Endpoints *Endpoints        // the services; others' are left running
	Tables    map[string]string // logical id → table name
	QueueURLs map[string]string // logical id → queue URL
	Buckets   map[string]string // logical id → bucket name

	options   Options
	template  *template.Template
	dynamo    *dynamodb.Client
	sqs       *sqs.Client
	functions map[string]*function // by folder name
	runtime   *runtimeAPI
	gateway   *server
	admin     *server
	provider  *server
	notices   *noticeBox
	ownsThem  bool
	s3URL     string
	objects   *objects // of this stack alone, where the services lent to it have none
	cancel    context.CancelFunc
	work      sync.WaitGroup // mappings, schedules
	stop      sync.Once
}

// Start builds the functions, starts services and processes, and returns when the HTTP API answers,
// every function has started once and every mapping polls. The stack ends with ctx or Stop. What is
// missing (Java, Maven, a port in use) is named in the error.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if err := o.settle(); err != nil {
		return nil, err
	}
	t, err := template.Parse(o.Template)
	if err != nil {
		return nil, err
	}
	live, cancel := context.WithCancel(ctx)
	s := &Stack{options: o, template: t, functions: map[string]*function{}, cancel: cancel, notices: &noticeBox{}}
	if err := s.start(live); err != nil {
		s.Stop() //nolint:contextcheck // ending has its own limits
		return nil, err
	}
	context.AfterFunc(live, s.Stop)
	return s, nil
}

// start brings everything up in an order in which nothing refers to what is not there yet.
func (s *Stack) start(ctx context.Context) error {
	// The listeners come first: the addresses are parameters of the template, and a port in use is
	// found before minutes of building.
	if err := s.listenAll(); err != nil {
		return err
	}
	if data := s.options.Data; data != "" {
		if err := s.Provider.Keep(filepath.Join(data, "provider.jsonl")); err != nil {
			return err
		}
	}

	// Refused before anything is started: a parameter that leaves this machine.
	if err := s.checkParameters(); err != nil {
		return err
	}
	// Building and starting the services take about as long, so they run side by side.
	build := make(chan error, 1)
	functions, err := s.template.Functions(s.scope(nil))
	if err != nil {
		return err
	}
	go func() { build <- Build(ctx, s.options.Root, functions, s.options.Log) }()
	servicesErr := s.startServices(ctx)
	if err := errors.Join(servicesErr, <-build); err != nil {
		return err
	}
	// Tables and queues are there before a function starts: some look while they start.
	if err := s.createStorage(ctx); err != nil {
		return err
	}
	if err := s.startFunctions(ctx); err != nil {
		return err
	}
	// Served only now: nothing answers before every function has started once. Events come last.
	s.provider.serve(s.Provider)
	s.gateway.serve(s.withDemo(s.Provider.Observe(s.newGateway())))
	s.admin.serve(s.adminHandler())
	return s.startEvents(ctx)
}

// listenAll opens the three ports, and makes the payment provider that will answer at its own.
func (s *Stack) listenAll() error {
	var err error
	if s.admin, err = listen("admin", "--admin-port", s.options.AdminPort); err != nil {
		return err
	}
	s.AdminURL = s.admin.url
	if s.gateway, err = listen("HTTP API", "--port", s.options.Port); err != nil {
		return err
	}
	s.BaseURL = s.gateway.url
	if s.provider, err = listen("payment provider", "--provider-port", s.options.ProviderPort); err != nil {
		return err
	}
	// The provider posts its webhooks to the API, so it is made once that has its address.
	s.Provider = standin.New(sandbox.Standin(standin.Options{Stack: s.BaseURL, AppKey: AppKey}))
	s.Provider.URL = s.provider.url
	return nil
}

func (s *Stack) startServices(ctx context.Context) error {
	if s.options.Endpoints != nil {
		s.Endpoints = s.options.Endpoints
		return s.startObjects()
	}
	var err error
	s.ownsThem = true
	if s.Endpoints, err = startServices(ctx, s.options); err == nil {
		s.s3URL = s.Endpoints.S3URL
	}
	return err
}

// startObjects starts S3 where whoever lent the services lent none.
func (s *Stack) startObjects() (err error) {
	if s.s3URL = s.Endpoints.S3URL; s.s3URL != "" {
		return nil
	}
	if s.objects, err = startObjects("127.0.0.1", s.options.S3Port, s.options.Data); err == nil {
		s.s3URL = s.objects.server.url
	}
	return err
}

// S3URL is where the stack's S3 answers.
func (s *Stack) S3URL() string { return s.s3URL }

func (s *Stack) createStorage(ctx context.Context) error {
	s.dynamo, s.sqs = DynamoDB(s.Endpoints.DynamoDBURL), SQS(s.Endpoints.SQSURL)
	tables, err := s.template.Tables(s.scope())
	if err != nil {
		return err
	}
	create := createTable
	if s.options.Data != "" {
		create = keepTable
	}
	if s.Tables, err = createTables(ctx, s.dynamo, tables, s.options.Prefix, create); err != nil {
		return err
	}
	// What an earlier stack left may have the indexes of another template.
	if s.options.Data != "" {
		if err := s.upgrade(ctx, tables); err != nil {
			return err
		}
	}
	if s.QueueURLs, err = CreateQueues(ctx, s.sqs, s.template, s.options.Prefix); err != nil {
		return err
	}
	s.Buckets, err = CreateBucketsOf(ctx, S3(s.s3URL), s.template, s.scope(), s.options.Prefix)
	return err
}

func (s *Stack) startFunctions(ctx context.Context) error {
	api, err := newRuntimeAPI()
	if err != nil {
		return err
	}
	// Only now does the template resolve Ref and GetAtt of tables and queues: their names are
	// known.
	s.runtime = api
	err = s.eachFunction(func(f template.Function, env []string) error {
		s.functions[f.Name] = newFunction(f, env, s.options, api)
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.options.Log, "starting %d functions\n", len(s.functions))
	// All start at once, then each is awaited: a broken one is found without the sum of all starts.
	for _, f := range s.functions {
		f.scale()
	}
	for _, f := range s.functions {
		if err := f.awaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) startEvents(ctx context.Context) error {
	for _, f := range s.functions {
		// A queue that the template does not have is a fault of the template, not a mapping that
		// never fires.
		for _, event := range f.spec.Queues {
			url, ok := s.QueueURLs[event.Queue]
			if !ok {
				return fmt.Errorf("%s: event %s: queue %q is not in the template", f.spec.LogicalID, event.Event, event.Queue)
			}
			s.startMapping(ctx, f, event, url)
		}
		for _, schedule := range f.spec.Schedules {
			if err := s.startSchedule(ctx, f, schedule); err != nil {
				return err
			}
		}
	}
	return nil
}

// Stop ends the stack: no new work, then the processes, then the services. A second call waits for
// the first and does nothing more.
func (s *Stack) Stop() {
	s.stop.Do(func() {
		// New work ends first, then whoever does it, then what it needs: the reverse of the start.
		s.cancel()
		s.gateway.close()
		s.admin.close()
		for _, f := range s.functions {
			f.stop()
		}
		// Mappings put back what their functions did not finish; the queues must still be there.
		s.work.Wait()
		s.provider.close()
		if s.Provider != nil {
			s.Provider.Close()
		}
		s.runtime.close()
		if s.ownsThem && s.Endpoints != nil {
			s.Endpoints.Stop()
		}
		s.objects.close()
	})
}
