package templatetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

const (
	httpTimeout = 29 * time.Second // HTTP API gives up on an integration after 30 s
	stack       = "makegood"       // what AWS::StackName is worth where a scope gives nothing
	webhookMost = 10 * time.Second // providers count an answer after that as none

	leastTimeout  = 5 * time.Second
	leastMemoryMB = 256
	mostMemoryMB  = 1_024 // more would be paid for and not used
	pictureMB     = 2_048 // of the function that decodes pictures: the largest takes 0.8 GB
)

// functionsAreUniform: one name everywhere, built by SAM's Go builder, traced, and a timeout that
// its callers wait for.
func functionsAreUniform(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		r := t.Resource(f.LogicalID)
		folder := filepath.Base(f.Folder)
		deployed, err := resolve(t, r, "FunctionName")
		if err != nil {
			return nil, err
		}
		if f.Folder != "functions/"+folder || f.LogicalID != pascal(folder)+"Function" || deployed != stack+"-"+folder {
			p.addf("%s: folder %s, resource and name %v are not one name", f.LogicalID, f.Folder, deployed)
		}
		if r.Metadata["BuildMethod"] != "go1.x" {
			p.addf("%s is not built by go1.x", f.LogicalID)
		}
		if mode, _ := r.Lookup("Tracing"); mode != "Active" {
			p.addf("%s is not traced", f.LogicalID)
		}
		if description, _ := r.Lookup("Description"); description == nil {
			p.addf("%s has no description", f.LogicalID)
		}
		if runtime, _ := r.Lookup("Runtime"); runtime != "provided.al2023" {
			p.addf("%s does not run on provided.al2023", f.LogicalID)
		}
		most := mostMemoryMB
		if f.LogicalID == "AssessResultFunction" {
			most = pictureMB
		}
		if f.MemoryMB < leastMemoryMB || f.MemoryMB > most || f.Timeout < leastTimeout {
			p.addf("%s has %d MB and %s: a start takes a share of a processor by its memory, and a busy table is tried again for seconds", f.LogicalID, f.MemoryMB, f.Timeout)
		}
		if len(f.Routes)+len(f.Queues)+len(f.Schedules) == 0 {
			p.addf("%s has no trigger", f.LogicalID)
		}
		for _, route := range f.Routes {
			most := httpTimeout
			if strings.HasPrefix(route.Path, "/webhooks/") {
				most = webhookMost
			}
			if f.Timeout > most {
				p.addf("%s: timeout %s, but %s is given up after %s", f.LogicalID, f.Timeout, route.Path, most)
			}
		}
	}
	return p, nil
}

// everyFunctionHasItsLog: JSON lines in a group of its own that forgets after a while, under the
// name that tools look for.
func everyFunctionHasItsLog(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, f := range functions {
		r := t.Resource(f.LogicalID)
		if format, _ := r.Lookup("LoggingConfig", "LogFormat"); format != "JSON" {
			p.addf("%s does not log JSON", f.LogicalID)
		}
		ref, _ := r.Lookup("LoggingConfig", "LogGroup")
		i, _ := ref.(template.Intrinsic)
		id, _ := i.Arg.(string)
		group := t.Resource(id)
		if i.Name != "Ref" || group == nil || used[id] {
			p.addf("%s has no log group of its own", f.LogicalID)
			continue
		}
		used[id] = true
		name, err := resolve(t, group, "LogGroupName")
		if err != nil {
			return nil, err
		}
		if name != "/aws/lambda/"+stack+"-"+filepath.Base(f.Folder) {
			p.addf("%s: its log group is %v, not named after it", f.LogicalID, name)
		}
	}
	for _, group := range t.ResourcesOfType("AWS::Logs::LogGroup") {
		if days, err := resolve(t, group, "RetentionInDays"); err != nil || days == nil || days == "" {
			p.addf("%s keeps its lines for ever", group.LogicalID)
		}
	}
	return p, nil
}

// pascal writes a folder's name as logical ids are written: decide-refund → DecideRefund.
func pascal(folder string) string {
	var b strings.Builder
	for _, word := range strings.Split(folder, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func TestEveryFunctionHasItsFolderAndTheReverse(t *testing.T) {
	_, parsed := read(t)
	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	var deployed, written []string
	for _, f := range functions {
		deployed = append(deployed, filepath.Base(f.Folder))
	}
	mains, err := filepath.Glob("../../functions/*/main.go")
	require.NoError(t, err)
	for _, main := range mains {
		written = append(written, filepath.Base(filepath.Dir(main)))
	}
	require.ElementsMatch(t, written, deployed)
}

func TestSAMNeverReusesAStaleBuild(t *testing.T) {
	config, err := os.ReadFile("../../samconfig.toml")
	require.NoError(t, err)
	require.Contains(t, string(config), "cached = false", "sam build --cached looks at CodeUri only: a change in shared/ would not be built")
	require.NotContains(t, string(config), "cached = true")
}
