package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"time"
)

// stackName is samconfig.toml's own.
const stackName = "makegood"

// samEndsWithin is what SAM gets to put its work away when the rehearsal is interrupted.
const samEndsWithin = 5 * time.Second

// sam runs the SAM CLI of infra/sam against the emulator.
type sam struct {
	root, dir string
	log       io.Writer
}

// build compiles the template's functions for this machine's processor, as `make sam-build` does,
// and returns the built template.
func (s sam) build(ctx context.Context, template string) (string, error) {
	built := filepath.Join(s.dir, "build")
	_, err := s.run(ctx, "build", "--template", template, "--base-dir", s.root, "--build-dir", built,
		"--parameter-overrides", "Architecture="+architecture())
	return filepath.Join(built, "template.yaml"), err
}

// deploy makes or changes the stack, with samconfig.toml's settings but for the question.
func (s sam) deploy(ctx context.Context, template string, parameters map[string]string) (text string, err error) {
	names := make([]string, 0, len(parameters))
	for name := range parameters {
		names = append(names, name)
	}
	sort.Strings(names)
	args := []string{
		"deploy", "--config-file", filepath.Join(s.root, "samconfig.toml"), "--template-file", template, "--no-confirm-changeset",
		"--parameter-overrides",
	}
	for _, name := range names {
		args = append(args, name+"="+parameters[name])
	}
	return s.run(ctx, args...)
}

// remove deletes the stack and what was uploaded for it.
func (s sam) remove(ctx context.Context) error {
	_, err := s.run(ctx, "delete", "--stack-name", stackName, "--region", region, "--no-prompts")
	return err
}

// run returns what SAM printed; an error has the end of it.
func (s sam) run(ctx context.Context, args ...string) (string, error) {
	var text bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(s.root, "infra/sam/cli.sh"), args...)
	// A group of its own, ended as one: SAM starts compilers.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = samEndsWithin
	cmd.Dir, cmd.Env = s.root, s.environ()
	cmd.Stdout = io.MultiWriter(&text, s.log)
	cmd.Stderr = cmd.Stdout
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("sam %s: %w; it ends with\n%s", args[0], err, ending(text.String()))
	}
	return text.String(), nil
}

// environ is this process's, which knows the emulator's account alone. SAM's Go builder takes
// neither tags nor linker flags: they travel in GOFLAGS, as in the Makefile.
func (s sam) environ() []string {
	return append(os.Environ(), "CGO_ENABLED=0", `GOFLAGS=-buildvcs=false -trimpath -tags=lambda.norpc "-ldflags=-s -w"`)
}

// architecture is this machine's, as the template names it: the emulator runs the binaries here.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// ending is the last lines of a text, for an error.
func ending(text string) string {
	const lines = 30
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
