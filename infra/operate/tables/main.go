// Command tables prints the tables of template.yaml as a template of their own, and the list by
// which CloudFormation imports restored tables into a new stack (infra/operate/restore.md).
//
// It refuses to know AWS: nothing is called.
//
// Invariants: every table that the template has is in both, under its own logical id, so that a
// deployment of template.yaml over the imported stack finds each.
//
// Words: stage (the parameter IndexStage of the stack that was restored), prefix (what stands
// before a restored table's short name).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"makegood/infra/template"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "tables:", err)
		}
		os.Exit(2)
	}
}

// run prints what the flags ask for.
func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tables", flag.ContinueOnError)
	path := flags.String("template", "template.yaml", "the template that has the tables")
	stage := flags.String("stage", "8", "the IndexStage of the stack that was restored")
	prefix := flags.String("import", "", "print the list of an import: each table is called this `PREFIX` and its short name")
	if err := flags.Parse(args); err != nil {
		return err
	}
	t, err := template.Parse(*path)
	if err != nil {
		return err
	}
	if *prefix != "" {
		return write(out, imported(t, *prefix))
	}
	tables, err := alone(t, *stage)
	if err != nil {
		return err
	}
	return write(out, tables)
}

// resource is one table as CloudFormation reads it.
type resource struct {
	Type                string
	DeletionPolicy      string
	UpdateReplacePolicy string
	Properties          map[string]any
}

// alone returns a template of the tables, without parameters and conditions: an import takes
// nothing else.
func alone(t *template.Template, stage string) (map[string]any, error) {
	scope := template.Scope{Parameters: map[string]string{"IndexStage": stage}}
	resources := map[string]resource{}
	for _, r := range t.ResourcesOfType(template.TypeTable) {
		names := make([]string, 0, len(r.Properties))
		for name := range r.Properties {
			names = append(names, name)
		}
		properties, err := t.ResolveProperties(scope, r, names...)
		if err != nil {
			return nil, err
		}
		resources[r.LogicalID] = resource{r.Type, r.DeletionPolicy, r.UpdateReplacePolicy, properties}
	}
	return map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, nil
}

// existing is one table of an import.
type existing struct {
	ResourceType, LogicalResourceId string //nolint:revive // CloudFormation's own names
	ResourceIdentifier              map[string]string
}

// imported returns the list of an import: which table that exists is which of the template.
func imported(t *template.Template, prefix string) []existing {
	var all []existing
	for _, r := range t.ResourcesOfType(template.TypeTable) {
		name := prefix + strings.TrimSuffix(r.LogicalID, "Table")
		all = append(all, existing{r.Type, r.LogicalID, map[string]string{"TableName": name}})
	}
	return all
}

func write(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
