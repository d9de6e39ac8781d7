package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"makegood/infra/local"
	"makegood/infra/permission"
	"makegood/infra/sandbox"
	"makegood/infra/standin"
	"makegood/infra/template"
	"makegood/shared/aws/bucket"
)

// containerHost is this machine as a container sees it.
const containerHost = "host.docker.internal"

// localOnly are variables that the functions read only on a developer's machine. SAM passes on no
// variable that the template has not, so they are added to the built template's copy.
var localOnly = []string{
	"MAKEGOOD_LOCAL", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SSM",
	"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SESV2",
}

// stage is all that stands around an invocation.
type stage struct {
	root       string
	dockerHost string
	startedIt  bool // the engine
	standIn    bool // the base image is ours: SAM must not look for a newer one
	services   *local.Endpoints
	guard      *permission.Guard
	provider   *standin.Provider // the functions call it about money; it sends no webhooks
	server     *http.Server
	doors      map[string]string // where a function's containers reach S3, by the function's folder
	objects    []*http.Server
	host       string // containerHost and the server's port
	functions  []template.Function
	template   string // the built template with localOnly added
	variables  string // a file of --env-vars
	notices    chan []byte
}

// newStage brings everything up; what is missing is named in the error.
func newStage(ctx context.Context, root string) (*stage, error) {
	s := &stage{root: root, notices: make(chan []byte, 16)}
	for _, up := range []func(context.Context) error{s.findEngine, s.startServices, s.writeTemplate} {
		if err := up(ctx); err != nil {
			return nil, errors.Join(err, s.end())
		}
	}
	return s, nil
}

// end takes down what newStage brought up, in the reverse order.
func (s *stage) end() error {
	if s.server != nil {
		_ = s.server.Close()
	}
	for _, door := range s.objects {
		_ = door.Close()
	}
	if s.provider != nil {
		s.provider.Close()
	}
	if s.services != nil {
		s.services.Stop()
	}
	if s.startedIt {
		return exec.Command(s.script("docker.sh"), "stop").Run()
	}
	return nil
}

// script returns the absolute path of a script of this folder: commands run in other folders, too.
func (s *stage) script(name string) string {
	at, err := filepath.Abs(filepath.Join(s.root, "infra", "sam", name))
	if err != nil {
		return name
	}
	return at
}

// findEngine finds a Docker engine, or starts one of our own where the machine has none.
func (s *stage) findEngine(ctx context.Context) error {
	own := func() bool { return exec.CommandContext(ctx, s.script("docker.sh"), "own").Run() == nil }
	// Whoever started the engine ends it: one that was there before stays.
	before := own()
	start := exec.CommandContext(ctx, s.script("docker.sh"), "start")
	start.Stderr = os.Stderr
	output, err := start.Output()
	s.standIn = own()
	s.startedIt = s.standIn && !before
	if err != nil {
		return errors.New("SAM's local commands need a Docker engine, and there is none (see infra/sam/README.md)")
	}
	s.dockerHost = strings.TrimSpace(string(output))
	if !s.standIn {
		return nil
	}
	// A machine without an engine may be unable to pull images, so the base image is made here.
	image := exec.CommandContext(ctx, s.script("base-image.sh"))
	image.Env, image.Stderr = s.environ(), os.Stderr
	return image.Run()
}

// environ returns the environment in which docker and SAM find the engine.
func (s *stage) environ() []string { return append(os.Environ(), "DOCKER_HOST="+s.dockerHost) }

// startServices starts DynamoDB Local and ElasticMQ on loopback, with the template's own tables,
// queues and buckets, so that what is missing there is missing here, and opens them to containers.
func (s *stage) startServices(ctx context.Context) error {
	t, err := template.Parse(filepath.Join(s.root, "template.yaml"))
	if err != nil {
		return err
	}
	if s.services, err = local.StartServices(ctx, local.Options{Root: s.root, Log: os.Stderr}); err != nil {
		return err
	}
	tables, err := local.CreateTables(ctx, local.DynamoDB(s.services.DynamoDBURL), t, "")
	if err != nil {
		return err
	}
	queues, err := local.CreateQueues(ctx, local.SQS(s.services.SQSURL), t, "")
	if err != nil {
		return err
	}
	buckets, err := local.CreateBuckets(ctx, local.S3(s.services.S3URL), t, "")
	if err != nil {
		return err
	}
	// Containers reach the services only through the guard: it refuses what a function's role would
	// refuse on AWS.
	if s.guard, err = permission.NewGuard(t, s.services.DynamoDBURL, s.services.SQSURL, tables, queues, buckets); err != nil {
		return err
	}
	if err := s.answer(ctx); err != nil {
		return err
	}
	if err := s.readFunctions(t, tables, queues, buckets); err != nil {
		return err
	}
	return s.openDoors(ctx)
}

// answer serves the containers where they reach this machine: the guard, the stand-in of the
// payment provider and the receiver of notices.
func (s *stage) answer(ctx context.Context) error {
	listener, err := s.listen(ctx)
	if err != nil {
		return err
	}
	s.provider = standin.New(sandbox.Standin(standin.Options{}))
	routes := http.NewServeMux()
	routes.Handle("/", s.guard)
	routes.Handle("/v1/", s.provider) // stripe-go takes no address with a path
	for _, p := range sandbox.Providers {
		if p.Below != "" {
			routes.Handle(p.Below+"/", s.provider)
		}
	}
	routes.HandleFunc("POST /notices", s.receiveNotice)
	s.server = &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	s.host = fmt.Sprintf("%s:%d", containerHost, listener.Addr().(*net.TCPAddr).Port)
	return nil
}

// readFunctions reads the template's functions: a reference becomes the name of what was created
// for it, in one of created; whatever else is named is not needed here.
func (s *stage) readFunctions(t *template.Template, created ...map[string]string) (err error) {
	s.functions, err = t.Functions(template.Scope{AnyText: true, Parameters: s.parameters(), Ref: func(r *template.Resource) (string, bool) {
		for _, names := range created {
			if name, ok := names[r.LogicalID]; ok {
				return name, true
			}
		}
		return "", false
	}})
	return err
}

// openDoors serves S3 to each function that is told of the bucket, through the guard, at an address
// of its own: a request to S3 is signed with its path and its host.
func (s *stage) openDoors(ctx context.Context) error {
	s.doors = map[string]string{}
	for _, f := range s.functions {
		name := filepath.Base(f.Folder)
		if f.Env[bucket.Variable] == "" {
			continue
		}
		objects, err := s.guard.Objects(name, s.services.S3URL)
		if err != nil {
			return err
		}
		listener, err := s.listen(ctx)
		if err != nil {
			return err
		}
		door := &http.Server{Handler: objects, ReadHeaderTimeout: 10 * time.Second}
		s.objects = append(s.objects, door)
		go func() { _ = door.Serve(listener) }()
		s.doors[name] = fmt.Sprintf("http://%s:%d", containerHost, listener.Addr().(*net.TCPAddr).Port)
	}
	return nil
}

// listen takes a port where containers reach it and the network does not: the bridge's own address.
// Where that is not this machine's (Docker Desktop), it is loopback, which Docker's virtual machine
// forwards to.
func (s *stage) listen(ctx context.Context) (net.Listener, error) {
	inspect := exec.CommandContext(ctx, "docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
	inspect.Env = s.environ()
	var config net.ListenConfig
	if gateway, err := inspect.Output(); err == nil {
		if l, err := config.Listen(ctx, "tcp", net.JoinHostPort(strings.TrimSpace(string(gateway)), "0")); err == nil {
			return l, nil
		}
	}
	return config.Listen(ctx, "tcp", "127.0.0.1:0")
}

// largestNotice bounds what is kept of a posted notice.
const largestNotice = 1 << 20

// receiveNotice keeps what notify-customer posts.
func (s *stage) receiveNotice(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestNotice))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// A full channel must not hold the function: the flow counts fewer notices than fit.
	select {
	case s.notices <- body:
	default:
	}
	w.WriteHeader(http.StatusNoContent)
}

// parameters returns the template's parameters for this machine: literal secrets, and addresses
// that containers reach.
func (s *stage) parameters() map[string]string {
	parameters := local.Literals()
	parameters["NoticeUrl"] = "http://" + s.host + "/notices"
	for setting, address := range sandbox.Addresses("http://" + s.host) {
		parameters[setting.Parameter] = address
	}
	return parameters
}

var anyGlobal = regexp.MustCompile(`(?m)^( *)METRICS_NAMESPACE:`)

// writeTemplate writes a copy of the built template that declares localOnly, and the file of each
// function's variables.
func (s *stage) writeTemplate(context.Context) error {
	buildDir := filepath.Join(s.root, ".aws-sam", "build")
	text, err := os.ReadFile(filepath.Join(buildDir, "template.yaml"))
	if err != nil {
		return fmt.Errorf("nothing is built: make sam-build (%w)", err)
	}
	// The text is edited, not parsed: a YAML library would drop what SAM wrote there.
	if !anyGlobal.Match(text) {
		return errors.New("the built template has no METRICS_NAMESPACE among its globals to add variables beside")
	}
	extra := ""
	for _, name := range localOnly {
		extra += "${1}" + name + ": none\n"
	}
	s.template = filepath.Join(buildDir, "local.yaml") // beside the functions it points at
	if err := os.WriteFile(s.template, anyGlobal.ReplaceAll(text, []byte(extra+"$0")), 0o644); err != nil {
		return err
	}
	variables := map[string]map[string]string{}
	for _, f := range s.functions {
		// The address names the function, and so the guard knows whose role a call has.
		endpoint := "http://" + s.host + "/" + filepath.Base(f.Folder)
		// Services that the flow does not use fail at once, instead of reaching a real account.
		nowhere := "http://127.0.0.1:9"
		values := map[string]string{
			"MAKEGOOD_LOCAL": "1", "AWS_ENDPOINT_URL": nowhere, "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_SQS": endpoint,
			"AWS_ENDPOINT_URL_SSM": nowhere, "AWS_ENDPOINT_URL_SECRETS_MANAGER": nowhere, "AWS_ENDPOINT_URL_SESV2": nowhere,
		}
		values["AWS_ENDPOINT_URL_S3"] = cmp.Or(s.doors[filepath.Base(f.Folder)], nowhere)
		for name, value := range f.Env {
			values[name] = value
		}
		variables[f.LogicalID] = values
	}
	body, err := json.MarshalIndent(variables, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Join(s.root, ".local", "sam")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	s.variables = filepath.Join(folder, "env.json")
	return os.WriteFile(s.variables, body, 0o600)
}
