// Package template reads the SAM template, the one description of what Makegood runs: functions,
// tables, queues, routes and schedules.
//
// It owns the parsing of template.yaml (short and long intrinsics, Globals merged) and the
// resolution of what a reader needs. It refuses to know AWS: nothing is called, nothing is created,
// and a name outside the template is the caller's to give.
//
// Invariants: whatever cannot be resolved is an error that names file, line, resource and property.
// Nothing is guessed silently. Resources keep the order of the file.
//
// Words: an intrinsic is a CloudFormation function (!Ref, !Sub…) kept as a value until a scope
// resolves it. A scope gives values to parameters, and to a resource the name that it has once it
// exists.
package template

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Resource types that this package gives a shape of their own.
const (
	TypeFunction = "AWS::Serverless::Function"
	TypeHTTPAPI  = "AWS::Serverless::HttpApi"
	TypeTable    = "AWS::DynamoDB::Table"
	TypeQueue    = "AWS::SQS::Queue"
	TypeBucket   = "AWS::S3::Bucket"
	TypeAlarm    = "AWS::CloudWatch::Alarm"
)

// Template is one parsed file. It is immutable after Parse.
type Template struct {
	Path       string         // as given to Parse
	Document   map[string]any // the whole file, intrinsics kept as Intrinsic, Globals not merged
	Parameters []Parameter    // in the order of the file
	Conditions map[string]any // by name, unresolved
	Mappings   map[string]any // by name
	Outputs    map[string]any // by name, unresolved

	resources []*Resource
	byID      map[string]*Resource
}

// Resource is one entry of Resources.
type Resource struct {
	LogicalID           string         // its key in the file
	Type                string         // as in "AWS::SQS::Queue"
	Line                int            // in the file, 1-based
	Properties          map[string]any // with Globals merged in as SAM merges them: own scalars win, maps merge, lists append
	Own                 map[string]any // Properties as written, without Globals
	Metadata            map[string]any // as written
	Condition           string         // the name of its condition, "" for none
	DeletionPolicy      string         // as written, "" for none
	UpdateReplacePolicy string         // as written, "" for none
	DependsOn           []string       // the logical ids that it names
}

// Intrinsic is a CloudFormation function that is not resolved yet.
type Intrinsic struct {
	Name string // without prefix: "Ref", "Sub", "GetAtt", "If"…
	Arg  any    // its argument; of GetAtt always []any{resource, attribute}
}

// String returns the intrinsic as a message would write it.
func (i Intrinsic) String() string {
	if i.Name == "GetAtt" {
		if parts, ok := i.Arg.([]any); ok && len(parts) == 2 {
			return fmt.Sprintf("!GetAtt %v.%v", parts[0], parts[1])
		}
	}
	return fmt.Sprintf("!%s %v", i.Name, i.Arg)
}

// Parse reads the template at path. A file that is missing, is not YAML, or has a resource without
// a type is an error with its place.
func Parse(path string) (*Template, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseBytes(path, data)
}

// ParseBytes is Parse for text that is already in memory. path is only used in messages.
func ParseBytes(path string, data []byte) (*Template, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s: empty template", path)
	}
	// Read the whole file once into plain values; sections are then looked up in it.
	root, err := read(file.Docs[0].Body)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	document, ok := root.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: a template is a mapping", path)
	}
	t := &Template{
		Path: path, Document: document, byID: map[string]*Resource{},
		Conditions: section(document, "Conditions"), Mappings: section(document, "Mappings"), Outputs: section(document, "Outputs"),
	}
	// Parameters and resources keep the order of the file, which only the syntax tree has.
	t.readParameters(pairsOf(file.Docs[0].Body, "Parameters"))
	return t, t.readResources(pairsOf(file.Docs[0].Body, "Resources"))
}

// Resource returns the resource of that logical id, nil when there is none.
func (t *Template) Resource(logicalID string) *Resource { return t.byID[logicalID] }

// Resources returns every resource in the order of the file.
func (t *Template) Resources() []*Resource { return append([]*Resource(nil), t.resources...) }

// ResourcesOfType returns the resources of one type in the order of the file. No such resource is
// an empty list.
func (t *Template) ResourcesOfType(kind string) []*Resource {
	var list []*Resource
	for _, r := range t.resources {
		if r.Type == kind {
			list = append(list, r)
		}
	}
	return list
}

// Parameter returns the parameter of that name, false when there is none.
func (t *Template) Parameter(name string) (Parameter, bool) {
	for _, p := range t.Parameters {
		if p.Name == name {
			return p, true
		}
	}
	return Parameter{}, false
}

// Lookup walks Properties by keys, and list positions written as numbers. False when a step is
// missing.
func (r *Resource) Lookup(path ...string) (any, bool) { return walk(r.Properties, path) }

func walk(value any, path []string) (any, bool) {
	for _, step := range path {
		// A step is a key of a mapping, or a position in a list.
		switch at := value.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			var n int
			if _, err := fmt.Sscanf(step, "%d", &n); err != nil || n < 0 || n >= len(at) {
				return nil, false
			}
			value = at[n]
		default:
			return nil, false
		}
	}
	return value, true
}

func section(document map[string]any, name string) map[string]any {
	m, _ := document[name].(map[string]any)
	return m
}

func (t *Template) readParameters(pairs []*ast.MappingValueNode) {
	all := section(t.Document, "Parameters")
	for _, pair := range pairs {
		name := keyOf(pair)
		body, _ := all[name].(map[string]any)
		// An empty default is a value: only HasDefault tells it from none.
		p := Parameter{Name: name, Type: text(body["Type"]), Description: text(body["Description"]), AllowedPattern: text(body["AllowedPattern"])}
		if value, ok := body["Default"]; ok {
			p.Default, p.HasDefault = text(value), true
		}
		p.Least, p.Most = text(body["MinValue"]), text(body["MaxValue"])
		p.NoEcho, _ = body["NoEcho"].(bool)
		if values, ok := body["AllowedValues"].([]any); ok {
			for _, v := range values {
				p.AllowedValues = append(p.AllowedValues, text(v))
			}
		}
		t.Parameters = append(t.Parameters, p)
	}
}

// readResources reads every resource and merges the globals of its type into its properties.
func (t *Template) readResources(pairs []*ast.MappingValueNode) error {
	globals := section(t.Document, "Globals")
	all := section(t.Document, "Resources")
	for _, pair := range pairs {
		id := keyOf(pair)
		line := pair.Key.GetToken().Position.Line
		body, _ := all[id].(map[string]any)
		r := &Resource{
			LogicalID: id, Line: line, Type: text(body["Type"]), Own: section(body, "Properties"), Metadata: section(body, "Metadata"),
			Condition: text(body["Condition"]), DeletionPolicy: text(body["DeletionPolicy"]), UpdateReplacePolicy: text(body["UpdateReplacePolicy"]),
		}
		// Without a type nothing below can be read, and CloudFormation would refuse the file too.
		if r.Type == "" {
			return fmt.Errorf("%s:%d: %s: a resource needs a Type", t.Path, line, id)
		}
		switch depends := body["DependsOn"].(type) {
		case string:
			r.DependsOn = []string{depends}
		case []any:
			for _, d := range depends {
				r.DependsOn = append(r.DependsOn, text(d))
			}
		}
		// Globals exist only for SAM's own types; for others they would change what is deployed.
		r.Properties = r.Own
		if kind, ok := strings.CutPrefix(r.Type, "AWS::Serverless::"); ok {
			r.Properties, _ = merge(section(globals, kind), r.Own).(map[string]any)
		}
		if r.Properties == nil {
			r.Properties = map[string]any{}
		}
		t.resources = append(t.resources, r)
		t.byID[id] = r
	}
	return nil
}

// merge lays own over global as SAM does: maps merge, lists append (global first), anything else is
// replaced.
func merge(global, own any) any {
	switch g := global.(type) {
	case map[string]any:
		o, ok := own.(map[string]any)
		if own != nil && !ok {
			return own
		}
		// Neither side is changed: the globals are merged into many resources.
		both := map[string]any{}
		for k, v := range g {
			both[k] = v
		}
		for k, v := range o {
			both[k] = merge(g[k], v)
		}
		return both
	case []any:
		if o, ok := own.([]any); ok {
			return append(append([]any(nil), g...), o...)
		}
	}
	if own == nil {
		return global
	}
	return own
}

// where returns a place for a message: file, line, resource.
func (t *Template) where(r *Resource) string {
	return fmt.Sprintf("%s:%d: %s", filepath.Base(t.Path), r.Line, r.LogicalID)
}
