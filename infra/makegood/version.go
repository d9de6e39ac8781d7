package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is the tag that the binary was built from, where whoever built it said so: -ldflags "-X
// main.version=v1.2.3".
var version string

// newVersion returns the command version.
func newVersion() *cobra.Command {
	cmd := &cobra.Command{
		Use: "version [--json]", Short: "say which version and revision this is",
		Long: `
Prints the version, the revision of the source, whether that was changed since, and the Go release that built it. A binary that was built
outside a repository knows no revision; one that was built from no tag is "unreleased".

Exit 0: done. 2: a wrong command.
`,
		Args: takesNone, ValidArgsFunction: cobra.NoFileCompletions,
	}
	asJSON := jsonFlag(cmd, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		t := terminalOf(cmd)
		info, _ := debug.ReadBuildInfo() // nil in a binary without modules
		b := buildOf(version, info)
		if *asJSON {
			return t.print(b)
		}
		_, err := fmt.Fprintln(t.out, b)
		return err
	}
	return cmd
}

// build is what a binary knows of where it comes from.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"` // "" where it was built outside a repository
	At       string `json:"at"`       // when the revision was committed, RFC 3339
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
}

func buildOf(tag string, info *debug.BuildInfo) build {
	b := build{Version: "unreleased"}
	if info != nil {
		b.Go = info.GoVersion
		// A module that was fetched by its version says it; one that is built where it lies says
		// "(devel)".
		if v := info.Main.Version; v != "" && v != "(devel)" {
			b.Version = v
		}
		for _, setting := range info.Settings {
			switch setting.Key {
			case "vcs.revision":
				b.Revision = setting.Value
			case "vcs.time":
				b.At = setting.Value
			case "vcs.modified":
				b.Modified = setting.Value == "true"
			}
		}
	}
	// A tag that was given at the build wins over what the module says of itself.
	if tag != "" {
		b.Version = tag
	}
	return b
}

// String returns the build on one line.
func (b build) String() string {
	text := "makegood " + b.Version
	if b.Revision != "" {
		text += fmt.Sprintf(", revision %s of %s", b.Revision, b.At)
	}
	if b.Modified {
		text += ", changed since"
	}
	return text + ", " + b.Go
}
