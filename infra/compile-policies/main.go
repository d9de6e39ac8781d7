// Command compile-policies writes the published policies of a folder as the Go code that functions
// link. `go generate` runs it.
package main

import (
	"fmt"
	"os"

	"makegood/shared/policy/policyfile"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: compile-policies FOLDER FILE: writes FOLDER/published/*/*.yaml as FILE")
		os.Exit(2)
	}
	code, err := policyfile.Compile(os.DirFS(os.Args[1]))
	if err == nil {
		err = os.WriteFile(os.Args[2], code, 0o644) //nolint:gosec // source, for whoever may read the module
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compile-policies:", err)
		os.Exit(1)
	}
}
