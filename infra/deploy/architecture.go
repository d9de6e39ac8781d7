package main

import (
	"debug/elf"
	"fmt"
	"path/filepath"
)

// machines are the processors that functions run on, as the template calls them.
var machines = map[elf.Machine]string{elf.EM_AARCH64: "arm64", elf.EM_X86_64: "x86_64"}

// architectureOf returns the processor that every function in the folder was built for. None, and
// binaries of two, are errors.
func architectureOf(build string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(build, "*", "bootstrap"))
	if err != nil || len(paths) == 0 {
		return "", fmt.Errorf("nothing is built in %s: make sam-build", build)
	}
	architecture, first := "", ""
	for _, path := range paths {
		binary, err := elf.Open(path)
		if err != nil {
			return "", fmt.Errorf("%s is no binary of Linux: %w", path, err)
		}
		machine := binary.Machine
		_ = binary.Close()
		name, ok := machines[machine]
		switch {
		case !ok:
			return "", fmt.Errorf("%s is built for %s, which Lambda does not have", path, machine)
		case architecture != "" && name != architecture:
			return "", fmt.Errorf("%s is built for %s, and %s for %s: make sam-build", first, architecture, path, name)
		}
		architecture, first = name, path
	}
	return architecture, nil
}
