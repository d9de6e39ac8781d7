package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"makegood/infra/demo"
	"makegood/infra/local"
	"makegood/infra/sandbox"
	"makegood/infra/template"
)

// unproved is what the emulator does not do, or does not do as AWS does; README.md has the same
// sentences.
var unproved = []string{
	"AWS's own limits, names and validations: the emulator takes what AWS would refuse, a reference to nothing too.",
	"A worker's, an operator's and the pollers' permissions: only what functions call is judged by their roles.",
	"Point-in-time recovery, and whether an index is active: the emulator keeps neither, so the doctor's look at tables is left out.",
	"The state of alarms: no metric reaches them.",
	"CodeDeploy, and so a canary: its resources are unknown to the emulator.",
	"StartMessageMoveTask, the redrive of SQS's own.",
	"The throttle, the access log and the limits of the HTTP API; its routes are made by hand from the processed template.",
	"Concurrency, cold starts, X-Ray, mail, logs in JSON, and anything that takes time or load.",
}

// rehearsal is one run.
type rehearsal struct {
	options
	root       string
	held       *os.File // holds the folder of logs against another rehearsal
	out        io.Writer
	keys       keys
	template   *template.Template
	outside    *outside
	emulator   *emulator
	sam        sam
	account    *account
	deployed   string // path of the template that SAM deploys
	parameters map[string]string
	stack      string            // id
	made       []resource        // after the first deployment
	bridges    []string          // what was done by hand, since the emulator does not
	physical   map[string]string // by logical id
}

// step is one thing done, and what it proves when it ends without an error.
type step struct {
	name string
	run  func(*rehearsal, context.Context) (proof string, err error)
}

var steps = []step{
	{"build", (*rehearsal).build},
	{"deploy", (*rehearsal).deploy},
	{"routes", (*rehearsal).routes},
	{"story", (*rehearsal).story},
	{"doctor", (*rehearsal).doctor},
	{"queues", (*rehearsal).unreadable},
	{"update", (*rehearsal).update},
	{"again", (*rehearsal).again},
	{"schedule", (*rehearsal).schedule},
	{"delete", (*rehearsal).remove},
}

// rehearse runs every step and prints what was proved and what cannot be.
func rehearse(ctx context.Context, o options, out io.Writer) (err error) {
	r := &rehearsal{options: o, out: out, keys: makeKeys()}
	defer func() { r.close() }()
	if err := r.open(ctx); err != nil {
		return err
	}
	start := time.Now()
	var proofs []string
	for _, s := range steps {
		from := time.Now()
		fmt.Fprintf(out, "── %s\n", s.name)
		proof, err := s.run(r, ctx)
		if err != nil {
			r.explain(out) //nolint:contextcheck // the rehearsal may have been interrupted
			return fmt.Errorf("%s: %w (logs: %s)", s.name, err, r.dir)
		}
		fmt.Fprintf(out, "── %s: %.0f s\n\n", s.name, time.Since(from).Seconds())
		proofs = append(proofs, proof)
	}
	fmt.Fprintf(out, "Proved in %.0f s, on an AWS that is played:\n", time.Since(start).Seconds())
	for _, proof := range proofs {
		fmt.Fprintf(out, "  %s\n", proof)
	}
	fmt.Fprintf(out, "\nBridged:\n  %s\n", strings.Join(r.bridges, "\n  "))
	fmt.Fprintf(out, "\nNot proved:\n  %s\n", strings.Join(unproved, "\n  "))
	return nil
}

// open starts the world around the stack and the emulator.
func (r *rehearsal) open(ctx context.Context) error {
	var err error
	if r.root, err = os.Getwd(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(r.root, "go.mod")); err != nil {
		return errors.New("run it at the project's root: make rehearse")
	}
	if r.dir, err = filepath.Abs(r.dir); err != nil {
		return err
	}
	if r.held, err = takeFolder(r.dir); err != nil {
		return err
	}
	if r.template, err = template.Parse(r.options.template); err != nil {
		return err
	}
	trust, err := makeTrust(r.dir)
	if err != nil {
		return err
	}
	if r.outside, err = openOutside(trust, r.keys); err != nil {
		return err
	}
	if r.emulator, err = startEmulator(ctx, r.root, r.dir, trust); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(r.dir, "sam.log"))
	if err != nil {
		return err
	}
	r.sam = sam{root: r.root, dir: r.dir, log: log}
	if err := adopt(r.emulator.url, trust); err != nil {
		return err
	}
	r.account = openAccount(r.emulator.url, r.emulator.client)
	fmt.Fprintf(r.out, "an AWS is played at %s, and nowhere else\n\n", r.emulator.url)
	return nil
}

// close ends what was started: first the functions, then what they call.
func (r *rehearsal) close() {
	if r.emulator != nil {
		r.emulator.process.Stop()
	}
	if r.outside != nil {
		r.outside.close()
	}
	if r.held != nil {
		_ = os.RemoveAll(filepath.Join(r.dir, "tmp"))
		_ = r.held.Close()
	}
}

func (r *rehearsal) build(ctx context.Context) (string, error) {
	proof := "SAM builds every function that the template names."
	if r.built == "" {
		var err error
		if r.built, err = r.sam.build(ctx, r.options.template); err != nil {
			return "", err
		}
	} else {
		proof = "What SAM built before is taken as it is."
	}
	// Beside the built template, since paths in it begin there.
	r.deployed = filepath.Join(filepath.Dir(r.built), "rehearsed.yaml")
	count, err := plainAlarms(r.built, r.deployed)
	if err != nil {
		return "", err
	}
	if count > 0 {
		r.bridges = append(r.bridges, fmt.Sprintf("%d alarms of metric math stand as plain ones: the emulator refuses the others.", count))
	}
	return proof, nil
}

// deploy keeps the secrets where the parameters name them, and deploys a fresh stack.
func (r *rehearsal) deploy(ctx context.Context) (string, error) {
	r.parameters = map[string]string{"Architecture": architecture(), "Policy": r.policy, "NoticeUrl": r.outside.secure + noticesPath}
	for setting, address := range sandbox.Addresses(r.outside.secure) {
		r.parameters[setting.Parameter] = address
	}
	for name, value := range r.keys.values {
		r.parameters[name] = reference(r.template, name)
		if err := r.account.keep(ctx, r.parameters[name], value); err != nil {
			return "", err
		}
	}
	if _, err := r.sam.deploy(ctx, r.deployed, r.parameters); err != nil {
		return "", err
	}
	var err error
	if r.stack, err = r.account.stackID(ctx); err != nil {
		return "", err
	}
	if r.made, err = r.account.resources(ctx, stackName); err != nil {
		return "", err
	}
	r.physical = map[string]string{}
	for _, one := range r.made {
		r.physical[one.id] = one.physical
	}
	return fmt.Sprintf("SAM's change set makes %d resources on an empty account, by the parameters and conditions that stand in it.", len(r.made)), nil
}

// routes makes the API's routes, and leads the door to it.
func (r *rehearsal) routes(ctx context.Context) (string, error) {
	count, err := r.makeRoutes(ctx)
	if err != nil {
		return "", err
	}
	r.bridges = append(r.bridges, fmt.Sprintf("%d routes of the HTTP API are made from the processed template: the emulator imports no OpenAPI body.", count))
	return fmt.Sprintf("%d routes lead to functions that let this API invoke them.", count), nil
}

// makeRoutes makes the routes that are not there yet, and returns how many there are.
func (r *rehearsal) makeRoutes(ctx context.Context) (int, error) {
	processed, err := r.account.processed(ctx)
	if err != nil {
		return 0, err
	}
	routes, err := apiRoutes(processed)
	if err != nil {
		return 0, err
	}
	api := ""
	for _, one := range r.made {
		if one.kind == "AWS::ApiGatewayV2::Api" {
			api = one.physical
		}
	}
	if api == "" || len(routes) == 0 {
		return 0, fmt.Errorf("the stack has API %q with %d routes", api, len(routes))
	}
	if err := r.account.bridge(ctx, api, routes, r.physical); err != nil {
		return 0, err
	}
	if err := r.outside.lead(r.emulator.url, api+".execute-api.localhost:"+r.emulator.port); err != nil {
		return 0, err
	}
	return len(routes), nil
}

// storyWithin is what a step of the story takes at most: a function's first event starts it, and
// the emulator polls queues each second.
const storyWithin = 60 * time.Second

// play plays the story for a customer, into a log of its own: what it says is infra/demo's page.
func (r *rehearsal) play(ctx context.Context, customer string) error {
	path := filepath.Join(r.dir, "story-"+customer+".log")
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	err = demo.Play(ctx, demo.Client{
		BaseURL: r.outside.door, AdminURL: r.outside.door, AppKey: r.keys.app, OperatorKey: r.keys.operator,
		StripeSecret: r.keys.values["StripeWebhookSecrets"], Customer: customer, Out: log, Within: storyWithin,
	}, os.DirFS(filepath.Join(r.root, "events")))
	if err != nil {
		return fmt.Errorf("%w; the story of %s ends with\n%s", err, customer, local.LogTail(path))
	}
	return nil
}

func (r *rehearsal) story(ctx context.Context) (string, error) {
	if err := r.play(ctx, "alice"); err != nil {
		return "", err
	}
	return "The story plays over HTTP on the deployed functions: their environment, secrets, roles, queues, the provider, notices.", nil
}

// update deploys another policy, and plays the story by it.
func (r *rehearsal) update(ctx context.Context) (string, error) {
	r.parameters["Policy"] = r.then
	if _, err := r.sam.deploy(ctx, r.deployed, r.parameters); err != nil {
		return "", err
	}
	if _, err := r.makeRoutes(ctx); err != nil {
		return "", err
	}
	name, err := r.policyInForce(ctx)
	if err != nil {
		return "", err
	}
	if name != r.then {
		return "", fmt.Errorf("GET /v1/policy says %q after the update to %q", name, r.then)
	}
	if err := r.play(ctx, "bob"); err != nil {
		return "", err
	}
	return fmt.Sprintf("An update brings another policy in force (%s), and the story plays by it.", r.then), nil
}

// again deploys what is deployed already.
func (r *rehearsal) again(ctx context.Context) (string, error) {
	before, err := r.account.events(ctx)
	if err != nil {
		return "", err
	}
	text, err := r.sam.deploy(ctx, r.deployed, r.parameters)
	if err != nil {
		return "", err
	}
	after, err := r.account.events(ctx)
	if err != nil {
		return "", err
	}
	if after != before || !strings.Contains(text, "No changes to deploy") {
		return "", fmt.Errorf("the same deployment again made %d events of the stack; SAM ends with\n%s", after-before, ending(text))
	}
	return "The same deployment once more changes nothing.", nil
}
