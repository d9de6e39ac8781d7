package main

import (
	"context"
	"crypto/md5" //nolint:gosec // SQS's own checksum of a message
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/infra/cost"
	"makegood/infra/local"
	"makegood/infra/template"
	"makegood/shared/policy"
)

// stack is what the built functions are measured on: DynamoDB Local with the template's tables, and
// a queue service that takes messages and delivers none.
type stack struct {
	root      string
	functions map[string]template.Function
	tables    map[string]string // logical id → name
	client    *dynamodb.Client
	dynamoURL string
	outbox    *outbox
	revision  policy.Revision
	standing  cost.Standing // what the template makes that costs though nobody calls
	log       io.Writer     // every counted call, nil: none
	counting  bool          // its binaries are those that say what they allocate
	stop      func()
}

// newStack builds the functions and the do-nothing one of the project at root, starts DynamoDB
// Local and creates the tables under a prefix of their own.
func newStack(ctx context.Context, root string, log io.Writer) (*stack, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	t, err := template.Parse(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	// The services may be shared with other runs, so the tables get a prefix of their own.
	services, err := local.Shared(ctx)
	if err != nil {
		return nil, err
	}
	s := &stack{
		root: root, dynamoURL: services.DynamoDBURL, client: local.DynamoDB(services.DynamoDBURL),
		outbox: newOutbox(), functions: map[string]template.Function{},
	}
	s.stop = func() {
		s.outbox.server.Close()
		services.Stop()
	}
	if err := s.fill(ctx, t, log); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// fill creates the tables and resolves and builds the functions on them.
func (s *stack) fill(ctx context.Context, t *template.Template, log io.Writer) (err error) {
	prefix := fresh("bench-") + "-"
	if s.tables, err = local.CreateTables(ctx, s.client, t, prefix); err != nil {
		return err
	}
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return err
	}
	// References resolve to what exists here: the created tables, and queues of the outbox.
	names := maps.Clone(s.tables)
	for _, queue := range queues {
		names[queue.LogicalID] = s.outbox.server.URL + "/000000000000/" + queue.Name
	}
	functions, err := t.Functions(template.Scope{
		AnyText: true, Parameters: local.Literals(),
		Ref: func(r *template.Resource) (string, bool) {
			name, ok := names[r.LogicalID]
			return name, ok
		},
	})
	if err != nil {
		return err
	}
	for _, f := range functions {
		s.functions[f.Name] = f
	}
	if s.standing, err = cost.StandingOf(t); err != nil {
		return err
	}
	// Rows are measured under the stack's own policy; counts are made under all.
	name := functions[0].Env["POLICY"]
	p, err := policy.Open(name)
	if err != nil {
		return fmt.Errorf("the template's POLICY %q: %w", name, err)
	}
	s.revision = p.Current(time.Now())
	nothing := template.Function{LogicalID: "hello", Name: hello, Folder: helloFolder}
	return local.Build(ctx, s.root, append(functions, nothing), log)
}

// withTables returns the stack on empty tables of their own.
func (s *stack) withTables(ctx context.Context) (*stack, error) {
	t, err := template.Parse(filepath.Join(s.root, "template.yaml"))
	if err != nil {
		return nil, err
	}
	tables, err := local.CreateTables(ctx, s.client, t, fresh("bench-")+"-")
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for id, name := range s.tables {
		names[name] = tables[id]
	}
	other := *s
	other.tables, other.functions = tables, map[string]template.Function{}
	for id, f := range s.functions {
		env := maps.Clone(f.Env)
		for key, value := range env {
			if name, is := names[value]; is {
				env[key] = name
			}
		}
		f.Env = env
		other.functions[id] = f
	}
	return &other, nil
}

// binary returns the path of the built function.
func (s *stack) binary(name string) string {
	if s.counting {
		return filepath.Join(s.root, countingFolder, name)
	}
	return local.Binary(s.root, name)
}

// names returns the functions' names, sorted.
func (s *stack) names() []string { return slices.Sorted(maps.Keys(s.functions)) }

// env returns the function's environment: the template's, and Lambda's with both services on this
// machine.
func (s *stack) env(name, dynamoURL string, more ...string) []string {
	// Addresses of both services come first, so that no function can reach AWS.
	env := []string{
		"MAKEGOOD_LOCAL=1", "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_ENDPOINT_URL_DYNAMODB=" + dynamoURL, "AWS_ENDPOINT_URL_SQS=" + s.outbox.server.URL,
		"AWS_LAMBDA_FUNCTION_NAME=" + name, "AWS_LAMBDA_LOG_FORMAT=JSON", "TZ=:UTC",
	}
	for key, value := range s.functions[name].Env {
		env = append(env, key+"="+value)
	}
	return append(env, more...)
}

// outbox takes messages as SQS does, and delivers none: the story hands them on.
type outbox struct {
	server *httptest.Server
	mutex  sync.Mutex
	sent   map[string][]string // by queue name
}

func newOutbox() *outbox {
	o := &outbox{sent: map[string][]string{}}
	o.server = httptest.NewServer(o)
	return o
}

// ServeHTTP answers SendMessage as SQS does, checksum included, and refuses anything else.
func (o *outbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct{ QueueUrl, MessageBody string } //nolint:revive // SQS's names
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil || r.Header.Get(targetHeader) != "AmazonSQS.SendMessage" {
		http.Error(w, `{"__type":"UnsupportedOperation"}`, http.StatusBadRequest)
		return
	}
	o.mutex.Lock()
	name := path.Base(message.QueueUrl)
	o.sent[name] = append(o.sent[name], message.MessageBody)
	o.mutex.Unlock()
	// The SDK compares this checksum and would send the message again without it.
	sum := md5.Sum([]byte(message.MessageBody)) //nolint:gosec // as above
	fmt.Fprintf(w, `{"MessageId":"bench","MD5OfMessageBody":%q}`, hex.EncodeToString(sum[:]))
}

// empty returns the messages sent since the last call, by queue name.
func (o *outbox) empty() map[string][]string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	messages := o.sent
	o.sent = map[string][]string{}
	return messages
}

// peek returns the messages of one queue sent since the last empty.
func (o *outbox) peek(queue string) []string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return slices.Clone(o.sent[queue])
}
