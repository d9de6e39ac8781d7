package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// Where tests find services that somebody else has started; `services` sets them for the command it
// runs.
const (
	EnvDynamoDBURL = "MAKEGOOD_DYNAMODB_URL"
	EnvSQSURL      = "MAKEGOOD_SQS_URL"
	EnvS3URL       = "MAKEGOOD_S3_URL"
)

const (
	serviceReadyWithin = 90 * time.Second // 3 s on an idle machine; one that compiles on every core needs longer
	portTries          = 3                // a free port may be taken between finding and using it
	closeWithin        = 5 * time.Second  // what services that keep files get to close them
)

// Endpoints are running services. Stop ends those that were started with them, and nothing else.
type Endpoints struct {
	DynamoDBURL string // of DynamoDB Local
	SQSURL      string // of ElasticMQ
	S3URL       string // of the S3 server in this process
	children    []*child
	objects     *objects // nil: somebody else's
	keep        bool     // the services have files to close
}

// Stop ends the services; for shared ones it does nothing.
func (e *Endpoints) Stop() {
	if e.keep {
		e.close()
	}
	for _, c := range e.children {
		c.kill()
	}
	e.objects.close()
}

// close asks the services to end and gives them a moment to write what they hold.
func (e *Endpoints) close() {
	for _, c := range e.children {
		_ = c.stdin.Close()
	}
	limit := time.After(closeWithin)
	for _, c := range e.children {
		select {
		case <-c.done:
		case <-limit:
			return
		}
	}
}

// Services starts DynamoDB Local, ElasticMQ and S3 on free loopback ports, empty and in memory.
// They end with Stop, with ctx, and with this process.
func Services(ctx context.Context) (*Endpoints, error) {
	return StartServices(ctx, Options{})
}

// Shared gives the services named by MAKEGOOD_DYNAMODB_URL, MAKEGOOD_SQS_URL and MAKEGOOD_S3_URL
// where all are set, and starts own ones where none is. Services that are named but do not answer
// are an error: a test must not pass on others than it was told to use. Several users share them,
// so tables, queues and buckets need a prefix of their own.
func Shared(ctx context.Context) (*Endpoints, error) {
	e := &Endpoints{DynamoDBURL: os.Getenv(EnvDynamoDBURL), SQSURL: os.Getenv(EnvSQSURL), S3URL: os.Getenv(EnvS3URL)}
	if e.DynamoDBURL == "" && e.SQSURL == "" && e.S3URL == "" {
		return Services(ctx)
	}
	for name, url := range map[string]string{EnvDynamoDBURL: e.DynamoDBURL, EnvSQSURL: e.SQSURL, EnvS3URL: e.S3URL} {
		if !isLoopbackURL(url) {
			return nil, fmt.Errorf("%s is %q: it must be a loopback URL, as all three services are needed", name, url)
		}
		if err := answers(ctx, url); err != nil {
			return nil, fmt.Errorf("%s is set, but nothing answers at %s: %w", name, url, err)
		}
	}
	return e, nil
}

// StartServices is Services with the ports, the address and the folders that Options names.
func StartServices(ctx context.Context, o Options) (*Endpoints, error) {
	if err := o.settle(); err != nil {
		return nil, err
	}
	e, err := startServices(ctx, o)
	if err == nil {
		context.AfterFunc(ctx, e.Stop)
	}
	return e, err
}

// startServices starts the services side by side, downloading them first where this machine has
// them not. The caller ends them.
func startServices(ctx context.Context, o Options) (*Endpoints, error) {
	// Nothing is started before everything is there: a half of the services is of no use.
	tools, err := prepare(ctx, o.Root, o.Log)
	if err != nil {
		return nil, err
	}
	bind := o.BindServices
	if bind == "" {
		bind = "127.0.0.1"
	}
	if err := os.MkdirAll(o.LogDir, 0o755); err != nil {
		return nil, err
	}
	// The one in this process comes first: whether its port is taken is known at once.
	objects, err := startObjects(bind, o.S3Port, o.Data)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(o.Log, "starting DynamoDB Local and ElasticMQ")
	var dynamo, queues *child
	starts, _ := errgroup.WithContext(ctx)
	// Side by side: a JVM takes seconds to answer.
	starts.Go(func() (err error) {
		dynamo, err = tools.start(ctx, "dynamodb", bind, o.DynamoDBPort, o)
		return err
	})
	starts.Go(func() (err error) {
		queues, err = tools.start(ctx, "elasticmq", bind, o.SQSPort, o)
		return err
	})
	err = starts.Wait()
	// Whatever was started belongs to e, also when the other failed: Stop then ends it.
	e := &Endpoints{keep: o.Data != "", objects: objects, S3URL: objects.server.url}
	for _, c := range []*child{dynamo, queues} {
		if c != nil {
			e.children = append(e.children, c)
		}
	}
	if err != nil {
		e.Stop()
		return nil, err
	}
	e.DynamoDBURL, e.SQSURL = dynamo.url, queues.url
	return e, nil
}

// start runs one service and waits until it answers. A port of 0 is a free one.
func (t tools) start(ctx context.Context, name, bind string, port int, o Options) (*child, error) {
	flag := map[string]string{"dynamodb": "--dynamodb-port", "elasticmq": "--sqs-port"}[name]
	var lastErr error
	for range portTries {
		// A free port may be taken between finding and using it, so it is tried again; a port that
		// the caller named is not.
		chosen := port
		if port == 0 {
			free, err := freePort()
			if err != nil {
				return nil, err
			}
			chosen = free
		} else if err := portIsFree(name, flag, bind, port); err != nil {
			return nil, err
		}
		c, err := t.startOn(ctx, name, bind, chosen, o)
		if err == nil {
			return c, nil
		}
		if lastErr = err; port != 0 || ctx.Err() != nil {
			break
		}
	}
	return nil, lastErr
}

func (t tools) startOn(ctx context.Context, name, bind string, port int, o Options) (*child, error) {
	jars := t.jars[name]
	// The cheapest JVM that serves: no second compiler tier, a serial collector, half a gigabyte.
	args := []string{
		"-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
		"-Djava.library.path=" + jars, "-cp", filepath.Join(jars, "*") + string(os.PathListSeparator) + t.launcher,
		"Launcher", name, bind, strconv.Itoa(port),
	}
	if o.Data != "" {
		folder := filepath.Join(o.Data, name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		args = append(args, folder)
	}
	cmd := childCommand(t.java, args...)
	// Nothing of this machine's AWS configuration may reach an emulator.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "AWS_REGION=us-east-1"}
	logPath := filepath.Join(o.LogDir, name+".log")
	c, err := startChild(cmd, logPath)
	if err != nil {
		return nil, err
	}
	c.url = "http://127.0.0.1:" + strconv.Itoa(port)
	// Ready means that something answers HTTP; what it says does not matter.
	limit, cancel := context.WithTimeout(ctx, serviceReadyWithin)
	defer cancel()
	for answers(limit, c.url) != nil {
		select {
		case <-c.done:
			return nil, fmt.Errorf("%s ended before it was ready; its log %s ends:\n%s", name, logPath, tail(logPath))
		case <-limit.Done():
			c.kill()
			return nil, fmt.Errorf("%s was not ready within %s; its log is %s", name, serviceReadyWithin, logPath)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return c, nil
}

// answers tells whether anything speaks HTTP there; what it says does not matter.
func answers(ctx context.Context, url string) error {
	limit, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(limit, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := plain.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// plain is a client that no proxy setting of this machine reaches.
var plain = &http.Client{Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 64, MaxIdleConns: 256}}

func freePort() (int, error) {
	l, err := listenOn("127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func portIsFree(name, flag, bind string, port int) error {
	l, err := listenOn(net.JoinHostPort(bind, strconv.Itoa(port)))
	if err != nil {
		return portError(name, flag, port, err)
	}
	return l.Close()
}

func portError(name, flag string, port int, err error) error {
	return fmt.Errorf("port %d for %s cannot be used: %w; end what holds it, or choose another with %s", port, name, errors.Unwrap(err), flag)
}
