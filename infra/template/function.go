package template

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
)

// Function is one AWS::Serverless::Function, resolved.
type Function struct {
	LogicalID string            // in the template
	Name      string            // the folder's own name, the one name everywhere: decide-refund
	Deployed  string            // FunctionName, what AWS calls it; Name where the template has none
	Folder    string            // of its main package, slash-separated, relative to the template
	Timeout   time.Duration     // SAM's 3 s where the template has none
	MemoryMB  int               // 128 where the template has none
	Env       map[string]string // the variables, resolved
	Routes    []Route           // its HTTP routes
	Queues    []QueueEvent      // its queues
	Schedules []Schedule        // its schedules
}

// Route is one HttpApi event.
type Route struct {
	Event  string // the event's name
	Method string // upper case, or "ANY"
	Path   string // with {name} and {name+} as the API has them; "$default" takes the rest
}

// QueueEvent is one SQS event.
type QueueEvent struct {
	Event                   string // the event's name
	Queue                   string // its logical id where the template names a resource, else the text there
	BatchSize               int    // 10 where the template has none
	ReportBatchItemFailures bool   // a failed message comes back alone
	MaximumConcurrency      int    // 0: unlimited
}

// Schedule is one Schedule or ScheduleV2 event.
type Schedule struct {
	Event      string // the event's name
	Expression string // as written: "rate(1 minute)"
	Input      string // "" where the template has none
}

// Functions returns every function of the template whose condition holds, resolved in scope.
func (t *Template) Functions(s Scope) ([]Function, error) {
	var all []Function
	for _, r := range t.ResourcesOfType(TypeFunction) {
		if here, err := t.Included(s, r); err != nil {
			return nil, err
		} else if !here {
			continue
		}
		f, err := t.function(s, r)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// Included reports whether the resource's condition holds.
func (t *Template) Included(s Scope, r *Resource) (bool, error) {
	// Most resources have no condition and are always there.
	if r.Condition == "" {
		return true, nil
	}
	holds, err := t.condition(s, Intrinsic{"Condition", r.Condition})
	if err != nil {
		return false, fmt.Errorf("%s: %w", t.where(r), err)
	}
	return holds, nil
}

// function resolves one function, with SAM's defaults for what it leaves out.
func (t *Template) function(s Scope, r *Resource) (Function, error) {
	// Resolve only these properties: others, such as policies, may need names that no reader has
	// yet.
	f := Function{LogicalID: r.LogicalID, Env: map[string]string{}}
	p, err := t.ResolveProperties(s, r, "FunctionName", "CodeUri", "Handler", "Timeout", "MemorySize", "Environment")
	if err != nil {
		return f, err
	}
	if f.Folder = folder(text(p["CodeUri"]), text(p["Handler"])); f.Folder == "" {
		return f, fmt.Errorf("%s: CodeUri and Handler name no folder of a main package", t.where(r))
	}
	// A function is called by its folder everywhere; what AWS calls it may differ between stacks.
	f.Name = path.Base(f.Folder)
	if f.Deployed = text(p["FunctionName"]); f.Deployed == "" {
		f.Deployed = f.Name
	}
	// SAM's defaults, so that a function here ends and is sized as a deployed one.
	seconds, err := t.number(r, p, "Timeout", 3)
	if err != nil {
		return f, err
	}
	f.Timeout = time.Duration(seconds) * time.Second
	if f.MemoryMB, err = t.number(r, p, "MemorySize", 128); err != nil {
		return f, err
	}
	variables, _ := walk(p, []string{"Environment", "Variables"})
	if m, ok := variables.(map[string]any); ok {
		for name, value := range m {
			f.Env[name] = text(value)
		}
	}
	return f, t.events(s, r, &f)
}

// folder returns the main package: a CodeUri that is a folder of its own, else CodeUri with the
// Handler's path.
func folder(codeURI, handler string) string {
	// Both ways of writing it are in use: one CodeUri a function, or one for all with the path in
	// Handler.
	code := path.Clean(strings.TrimSuffix(codeURI, "/"))
	if code != "." && code != "" && (handler == "bootstrap" || !strings.Contains(handler, "/")) {
		return code
	}
	if handler == "" || handler == "bootstrap" {
		return ""
	}
	return path.Join(code, handler)
}

// events reads the function's triggers. A type that is not known here is an error: a trigger that
// is skipped would never fire locally, and nobody would notice.
func (t *Template) events(s Scope, r *Resource, f *Function) error {
	events, _ := r.Properties["Events"].(map[string]any)
	for _, name := range sorted(events) {
		body, _ := events[name].(map[string]any)
		raw, _ := body["Properties"].(map[string]any)
		kind := text(body["Type"])
		// The queue is read by its reference, and authorization is the gateway's, so neither is
		// resolved.
		properties, err := t.Resolve(s, without(raw, "Queue", "Auth", "ApiId", "RouteSettings"))
		if err != nil {
			return fmt.Errorf("%s.Events.%s.%w", t.where(r), name, err)
		}
		p := properties.(map[string]any)
		switch kind {
		case "HttpApi":
			f.Routes = append(f.Routes, route(name, p))
		case "SQS":
			event, err := t.queueEvent(s, r, name, raw, p)
			if err != nil {
				return err
			}
			f.Queues = append(f.Queues, event)
		case "Schedule", "ScheduleV2":
			expression := text(p["Schedule"])
			if kind == "ScheduleV2" {
				expression = text(p["ScheduleExpression"])
			}
			// A schedule that is switched off never fires, so it is left out.
			if p["Enabled"] == false || p["State"] == "DISABLED" {
				continue
			}
			f.Schedules = append(f.Schedules, Schedule{Event: name, Expression: expression, Input: text(p["Input"])})
		default:
			return fmt.Errorf("%s.Events.%s: event type %q is not known here", t.where(r), name, kind)
		}
	}
	return nil
}

// route returns an HttpApi event with the API's defaults.
func route(event string, p map[string]any) Route {
	at := Route{Event: event, Method: strings.ToUpper(text(p["Method"])), Path: text(p["Path"])}
	if at.Path == "" {
		at.Path = "$default"
	}
	if at.Method == "" || at.Method == "*" {
		at.Method = "ANY"
	}
	return at
}

// queueEvent returns an SQS event with SQS's defaults.
func (t *Template) queueEvent(s Scope, r *Resource, name string, raw, p map[string]any) (QueueEvent, error) {
	event := QueueEvent{Event: name}
	var err error
	// The queue's logical id is wanted, which resolving the reference would replace by a name.
	if event.Queue, err = t.target(s, raw["Queue"]); err != nil {
		return event, fmt.Errorf("%s.Events.%s.Queue: %w", t.where(r), name, err)
	}
	if event.BatchSize, err = t.number(r, p, "BatchSize", 10); err != nil {
		return event, err
	}
	limits, _ := p["ScalingConfig"].(map[string]any)
	if event.MaximumConcurrency, err = t.number(r, limits, "MaximumConcurrency", 0); err != nil {
		return event, err
	}
	kinds, _ := p["FunctionResponseTypes"].([]any)
	for _, kind := range kinds {
		event.ReportBatchItemFailures = event.ReportBatchItemFailures || text(kind) == "ReportBatchItemFailures"
	}
	return event, nil
}

// target returns the logical id of the resource that an intrinsic points at, or the resolved text
// where it points at none.
func (t *Template) target(s Scope, value any) (string, error) {
	if i, ok := value.(Intrinsic); ok {
		switch arg := i.Arg.(type) {
		case string:
			if i.Name == "Ref" && t.Resource(arg) != nil {
				return arg, nil
			}
		case []any:
			if i.Name == "GetAtt" && len(arg) == 2 && t.Resource(text(arg[0])) != nil {
				return text(arg[0]), nil
			}
		}
	}
	// A plain name or an address of a queue outside the template is passed on.
	name, err := t.Resolve(s, value)
	return text(name), err
}

// number returns a whole number, and the fallback for a missing one. Anything else, "5.0" too, is
// an error that names the property.
func (t *Template) number(r *Resource, p map[string]any, name string, fallback int) (int, error) {
	value, ok := p[name]
	if !ok {
		return fallback, nil
	}
	// Printed back it must read the same: Sscanf alone would take "5 minutes" for 5.
	var n int
	if _, err := fmt.Sscanf(text(value), "%d", &n); err != nil || fmt.Sprint(n) != text(value) {
		return 0, fmt.Errorf("%s.%s: %v is not a whole number", t.where(r), name, value)
	}
	return n, nil
}

func without(m map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for key, value := range m {
		out[key] = value
	}
	for _, name := range names {
		delete(out, name)
	}
	return out
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// kebab returns a Pascal-case logical id as folders, queues and log fields are written:
// GenerationResults → generation-results.
func kebab(id string) string {
	var b strings.Builder
	for n, c := range id {
		if c >= 'A' && c <= 'Z' {
			if n > 0 {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}
