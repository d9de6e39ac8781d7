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

// Build compiles each function as it is deployed (static, trimmed, without the RPC mode) to Root/.build/<function>/bootstrap.
// One go command builds them all, as many at once as the machine has cores; a function that is up to date is not linked again.
func Build(ctx context.Context, root string, functions []template.Function, log io.Writer) error {
	started := time.Now()
	bin := filepath.Join(root, ".build", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", bin + string(os.PathSeparator)}
	missing := error(nil)
	for _, f := range functions {
		if _, err := os.Stat(filepath.Join(root, f.Folder)); err != nil {
			missing = errors.Join(missing, fmt.Errorf("%s: no folder %s", f.LogicalID, f.Folder))
		}
		args = append(args, "./"+f.Folder)
	}
	if missing != nil {
		return missing
	}
	if len(functions) == 0 {
		return errors.New("the template has no functions")
	}
	fmt.Fprintf(log, "building %d functions (a minute or two where nothing is compiled yet)\n", len(functions))
	build := exec.CommandContext(ctx, "go", args...)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS=", "GOARCH=")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the functions: %w\n%s", err, said)
	}
	for _, f := range functions {
		if err := place(filepath.Join(bin, f.Name), Binary(root, f.Name)); err != nil {
			return err
		}
	}
	fmt.Fprintf(log, "built %d functions in %s\n", len(functions), time.Since(started).Round(100*time.Millisecond))
	return nil
}

// Binary is where a function's built binary lies.
func Binary(root, function string) string {
	return filepath.Join(root, ".build", function, "bootstrap")
}

// place links the built file to where it is run from; a process that still runs the old one keeps it.
func place(built, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	beside := target + "." + randomHex(4)
	if err := os.Link(built, beside); err != nil {
		return err
	}
	defer func() { _ = os.Remove(beside) }() // renaming onto another link of the same file leaves both
	return os.Rename(beside, target)
}
