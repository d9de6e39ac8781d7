// Command deploy hands to `sam deploy` what `make sam-build` built, with the parameters of
// samconfig.toml.
//
// It owns what must be so before AWS is asked: binaries of the one processor that the functions are
// declared for, parameters that the template allows, nothing that AWS would refuse half way
// (infra/limit), and a canary's versions, whose identity SAM cannot tell by itself. It refuses to
// know how a stack is made: that is SAM's.
//
// Invariants: nothing of AWS is called before all that is checked; a refusal says what to change.
//
// Words: environment (a part of samconfig.toml), release (the hash of all that a deployment
// brings). Why canaries are made here: infra/decisions/0050.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"makegood/infra/limit"
	"makegood/infra/template"
	"makegood/shared/policy"
)

const usage = `usage: go run ./infra/deploy [-env NAME] [-set NAME=VALUE]… [-check] [-- OPTIONS OF SAM DEPLOY]

  -env NAME         the part of samconfig.toml, default where there is none
  -set NAME=VALUE   a parameter, before the one of samconfig.toml
  -check            say what AWS would refuse, and deploy nothing
`

// options are the command line's.
type options struct {
	env   string
	set   map[string]string
	check bool
	more  []string // for sam deploy
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, ".", os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

// command reads the command line and does what it says, in the checkout at root.
func command(ctx context.Context, root string, args []string, out io.Writer) error {
	o := options{set: map[string]string{}}
	flags := flag.NewFlagSet("deploy", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage) }
	flags.StringVar(&o.env, "env", "default", "")
	flags.BoolVar(&o.check, "check", false, "")
	flags.Func("set", "", func(pair string) error {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("%q is not NAME=VALUE", pair)
		}
		o.set[name] = value
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	o.more = flags.Args()
	arguments, err := plan(root, o)
	if err != nil || o.check {
		return err
	}
	fmt.Fprintln(out, "sam", strings.Join(arguments, " "))
	sam := exec.CommandContext(ctx, filepath.Join(root, "infra", "sam", "cli.sh"), arguments...)
	sam.Dir, sam.Stdin, sam.Stdout, sam.Stderr = root, os.Stdin, out, os.Stderr
	return sam.Run()
}

// plan returns the arguments of sam deploy, or why it must not be called.
func plan(root string, o options) ([]string, error) {
	s, t, err := judge(root, o)
	if err != nil || o.check {
		return nil, err
	}
	// The functions are declared for the processor that they were built for, or nothing is
	// deployed.
	build := filepath.Join(root, ".aws-sam", "build")
	architecture, err := architectureOf(build)
	if err != nil {
		return nil, err
	}
	if declared, ok := s.parameters["Architecture"]; ok && declared != architecture {
		return nil, fmt.Errorf("built for %s, and [%s] of samconfig.toml declares %s: make deploy ENV=%s ARCH=%s", architecture, o.env, declared, o.env, declared)
	}
	s.parameters["Architecture"] = architecture
	arguments := []string{"deploy", "--config-env", o.env}
	if canary, err := t.ParameterValue(template.Scope{Parameters: s.parameters}, "Canary"); err != nil {
		return nil, err
	} else if canary != withoutCanary {
		file, err := writeCanary(build, t, s.parameters)
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, "--template-file", file)
	}
	// All of them: what stands on the command line takes the place of what the file has.
	arguments = append(arguments, "--parameter-overrides")
	for _, name := range slices.Sorted(maps.Keys(s.parameters)) {
		arguments = append(arguments, name+"="+s.parameters[name])
	}
	return append(arguments, o.more...), nil
}

// judge reads what is to be deployed, and says what AWS or the functions would refuse of it: that
// needs nothing that is built.
func judge(root string, o options) (settings, *template.Template, error) {
	s, err := readSettings(filepath.Join(root, "samconfig.toml"), o.env)
	if err != nil {
		return s, nil, err
	}
	maps.Copy(s.parameters, o.set)
	t, err := template.Parse(filepath.Join(root, "template.yaml"))
	if err != nil {
		return s, nil, err
	}
	wrong, err := limit.Check(t, s.stack, s.parameters)
	if err != nil {
		return s, nil, err
	}
	if len(wrong) > 0 {
		return s, nil, fmt.Errorf("AWS would refuse the stack %s of [%s]:\n  %s", s.stack, o.env, strings.Join(wrong, "\n  "))
	}
	// A policy that is not there is taken by AWS and by no function: none of them would start.
	name, err := t.ParameterValue(template.Scope{Parameters: s.parameters}, "Policy")
	if err == nil {
		_, err = policy.Open(name)
	}
	return s, t, err
}
