package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"makegood/infra/template"
)

// Build compiles each function as it is deployed (static, trimmed, without the RPC mode) to
// Root/.build/<function>/bootstrap. One go command builds them all, as many at once as the machine
// has cores; a function that is up to date is not linked again.
func Build(ctx context.Context, root string, functions []template.Function, log io.Writer) error {
	start := time.Now()
	// All binaries of one go command land in one folder; place links each to where SAM would have
	// it.
	bin := filepath.Join(root, ".build", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", bin + string(os.PathSeparator)}
	// A function without a folder is named here: the go command would only say that a package is
	// missing.
	absent := error(nil)
	for _, f := range functions {
		if _, err := os.Stat(filepath.Join(root, f.Folder)); err != nil {
			absent = errors.Join(absent, fmt.Errorf("%s: no folder %s", f.LogicalID, f.Folder))
		}
		args = append(args, "./"+f.Folder)
	}
	if absent != nil {
		return absent
	}
	if len(functions) == 0 {
		return errors.New("the template has no functions")
	}
	fmt.Fprintf(log, "building %d functions (a minute or two where nothing is compiled yet)\n", len(functions))
	// The flags are those of the Makefile, so that what is tested here is what is deployed. The
	// caller's own GOFLAGS and GOOS must not change it.
	build := exec.CommandContext(ctx, "go", args...)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS=", "GOARCH=")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the functions: %w\n%s", err, output)
	}
	// A binary is put in place only once all are built: a broken build leaves the last good ones.
	for _, f := range functions {
		if err := place(filepath.Join(bin, f.Name), Binary(root, f.Name)); err != nil {
			return err
		}
	}
	fmt.Fprintf(log, "built %d functions in %s\n", len(functions), time.Since(start).Round(100*time.Millisecond))
	return nil
}

// Binary is where a function's built binary lies.
func Binary(root, function string) string {
	return filepath.Join(root, ".build", function, "bootstrap")
}

// place links the built file to where it is run from; a process that still runs the old one keeps
// it.
func place(binary, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	beside := target + "." + randomHex(4)
	if err := os.Link(binary, beside); err != nil {
		return err
	}
	defer func() { _ = os.Remove(beside) }() // renaming onto another link of the same file leaves both
	return os.Rename(beside, target)
}
