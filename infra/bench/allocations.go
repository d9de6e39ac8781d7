package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// countingFolder takes the binaries that say what they allocate. They are measured for nothing
// else.
const countingFolder = ".build/bench"

// countingSource is laid beside each main: the functions' own code stays as it is deployed.
const countingSource = "infra/bench/testdata/mallocs.go"

// countAllocations returns the stack with binaries that say what they allocate.
func (s *stack) countAllocations(ctx context.Context, names []string) (*stack, error) {
	// They are built as those that are deployed, but for the file laid beside.
	folder := filepath.Join(s.root, countingFolder)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	var folders []string
	for _, name := range names {
		folders = append(folders, s.folder(name))
	}
	overlay, err := overlayOf(s.root, folders...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(overlay) }()
	args := []string{"build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-overlay", overlay, "-o", folder + string(os.PathSeparator)}
	for _, one := range folders {
		args = append(args, "./"+one)
	}
	build := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the functions of the template
	build.Dir = s.root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the functions with an overlay: %w\n%s", err, output)
	}
	same := *s
	same.counting = true
	return &same, nil
}

// folder returns where the function's main lies.
func (s *stack) folder(name string) string {
	if name == hello {
		return helloFolder
	}
	return s.functions[name].Folder
}

// overlayOf writes the overlay that lays the counting source beside the mains of the folders.
func overlayOf(root string, folders ...string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for _, folder := range folders {
		replace[filepath.Join(root, folder, "zz_mallocs.go")] = filepath.Join(root, countingSource)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp("", "makegood-overlay-*.json")
	if err != nil {
		return "", err
	}
	if _, err := file.Write(text); err != nil {
		return "", err
	}
	return file.Name(), file.Close()
}
