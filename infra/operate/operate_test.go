package operate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func parsed(t *testing.T, path string) *template.Template {
	t.Helper()
	read, err := template.Parse(path)
	require.NoError(t, err)
	return read
}

// entries returns the text of each entry by its heading.
func entries(t *testing.T) map[string]string {
	t.Helper()
	_, text, found := strings.Cut(read(t, "README.md"), "\n## When an alarm rings\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n## ")
	all := map[string]string{}
	for _, entry := range strings.Split(text, "\n### ")[1:] {
		heading, body, _ := strings.Cut(entry, "\n")
		all[heading] = body
	}
	return all
}

func TestEachAlarmHasItsEntryAndEachEntryItsAlarm(t *testing.T) {
	runbook := regexp.MustCompile(`\bRunbook: ([^.]+)\.$`)
	all, alarmed := entries(t), map[string]bool{}
	for _, alarm := range parsed(t, "../../template.yaml").ResourcesOfType(template.TypeAlarm) {
		description, _ := alarm.Properties["AlarmDescription"].(string)
		match := runbook.FindStringSubmatch(strings.TrimSpace(description))
		if assert.NotNil(t, match, "%s: its description ends with Runbook: and a heading of infra/operate/README.md", alarm.LogicalID) {
			assert.Contains(t, all, match[1], "%s names an entry that infra/operate/README.md has not", alarm.LogicalID)
			alarmed[match[1]] = true
		}
	}
	for heading := range all {
		assert.True(t, alarmed[heading], "no alarm leads to the entry %q", heading)
	}
}

func TestAnEntrySaysWhatItMeansWhatTheCustomerFeelsWhatToTypeAndWhenItIsOver(t *testing.T) {
	for heading, entry := range entries(t) {
		at := 0
		for _, part := range []string{"\n**It means** that ", "\n**The customer**", "\n**Over** "} {
			place := strings.Index(entry[at:], part)
			if assert.GreaterOrEqual(t, place, 0, "%s: no %q, or not in its order", heading, strings.TrimSpace(part)) {
				at += place
			}
		}
		assert.Contains(t, entry, "\n```", "%s: nothing to type", heading)
	}
}

func TestEveryParameterThatThePagesNameIsOne(t *testing.T) {
	names := regexp.MustCompile("`([A-Z][A-Za-z]+)`")
	tables := []string{"Wallets", "Entries", "Payments", "Generations", "Cases", "Outages"}
	parameters := parsed(t, "../../template.yaml")
	for _, page := range []string{"deploy.md", "secrets.md"} {
		for line := range strings.Lines(read(t, page)) {
			cells := strings.Split(line, "|")
			if len(cells) < 4 {
				continue
			}
			for _, match := range names.FindAllStringSubmatch(cells[1], -1) {
				_, ok := parameters.Parameter(match[1])
				assert.True(t, ok || slices.Contains(tables, match[1]), "%s: the template has no parameter %s", page, match[1])
			}
		}
	}
}

// The command that makes the endpoint must ask for what receive-purchase understands, no more and
// no less.
func TestTheEndpointAtStripeIsMadeWithTheEventsThatAreUnderstood(t *testing.T) {
	event := regexp.MustCompile(`"((?:checkout\.session|refund|charge)\.[a-z_.]+[a-z])"`)
	understood := map[string]bool{}
	for _, match := range event.FindAllStringSubmatch(read(t, "../../shared/provider/stripe/event.go"), -1) {
		understood[match[1]] = true
	}
	list := regexp.MustCompile(`enabled_events\[\]=%s' ([^)]+)\)`).FindStringSubmatch(read(t, "deploy.md"))
	require.NotNil(t, list)
	shell := exec.CommandContext(t.Context(), "bash", "-c", "printf '%s\\n' "+list[1])
	printed, err := shell.Output()
	require.NoError(t, err)
	asked := strings.Fields(string(printed))
	for name := range understood {
		assert.Contains(t, asked, name)
	}
	for _, name := range asked {
		assert.True(t, understood[name], "receive-purchase does not understand %s", name)
	}
}

// job is what a job of a workflow says about what it waits for and may do.
type job struct {
	Needs       string
	Environment string
	Permissions map[string]string
	Steps       []struct{ Uses, Run string }
}

func TestTheWorkflowGoesFromTestsByStagingToProdAndItsActionsArePinned(t *testing.T) {
	var workflow struct {
		Permissions map[string]string
		Jobs        map[string]job
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "workflow/deploy.yml")), &workflow))
	jobs := workflow.Jobs
	require.Len(t, jobs, 3)
	require.Equal(t, []string{"", "test", "staging"}, []string{jobs["test"].Needs, jobs["staging"].Needs, jobs["prod"].Needs})
	require.Equal(t, map[string]string{"contents": "read"}, workflow.Permissions)
	pinned := regexp.MustCompile(`^[^@]+@[0-9a-f]{40}$`)
	for name, one := range jobs {
		// Only a job of an environment gets a token, and the role trusts the environment.
		require.Equal(t, one.Environment != "", one.Permissions["id-token"] == "write", name)
		require.Equal(t, map[string]string{"test": "", "staging": "staging", "prod": "prod"}[name], one.Environment)
		for _, step := range one.Steps {
			if step.Uses != "" {
				assert.Regexp(t, pinned, step.Uses, "%s: an action is pinned to a commit", name)
			}
		}
	}
	copied, err := filepath.Glob("../../.github/workflows/deploy*")
	require.NoError(t, err)
	require.Empty(t, copied, "it is for users to copy: here it would try to deploy")
}

func TestTheRoleOfTheWorkflowTrustsOneEnvironmentOfOneRepository(t *testing.T) {
	role := parsed(t, "workflow/role.yaml")
	trust, err := role.ResolveProperties(template.Scope{Parameters: map[string]string{
		"Repository": "you/makegood", "Environment": "staging", "Stack": "makegood-staging",
	}}, role.Resource("DeployRole"), "AssumeRolePolicyDocument")
	require.NoError(t, err)
	statement := trust["AssumeRolePolicyDocument"].(map[string]any)["Statement"].(map[string]any)
	require.Equal(t, map[string]any{"StringEquals": map[string]any{
		"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
		"token.actions.githubusercontent.com:sub": "repo:you/makegood:environment:staging",
	}}, statement["Condition"])
}

// What a stack of one environment is made by reaches neither another's tables and functions, nor
// the roles that say so.
func TestTheRoleOfAStackReachesNoOtherStacksTablesAndFunctionsNorItself(t *testing.T) {
	role := parsed(t, "workflow/role.yaml")
	resolved, err := role.ResolveProperties(template.Scope{
		Parameters: map[string]string{"Repository": "you/makegood", "Environment": "staging", "Stack": "makegood-staging"},
		Pseudo:     map[string]string{"AWS::StackName": "makegood-staging-role"},
	}, role.Resource("StackRole"), "Policies")
	require.NoError(t, err)
	policy := resolved["Policies"].([]any)[0].(map[string]any)["PolicyDocument"].(map[string]any)
	denied, makesBucket := false, false
	for _, item := range policy["Statement"].([]any) {
		statement := item.(map[string]any)
		actions, resource := fmt.Sprint(statement["Action"]), fmt.Sprint(statement["Resource"])
		if strings.Contains(actions, "dynamodb:*") || strings.Contains(actions, "lambda:*") {
			assert.Regexp(t, `^arn:[^ ]+makegood-staging-\*$`, resource, actions)
		}
		if strings.Contains(actions, "s3:*") {
			makesBucket = true
			assert.Equal(t, "arn:aws:s3:::makegood-staging-evidencebucket-*", resource)
		}
		if statement["Effect"] == "Deny" {
			denied = true
			assert.Equal(t, "iam:*", actions)
			assert.Regexp(t, `:role/makegood-staging-role-\*$`, resource)
		}
	}
	assert.True(t, denied, "nothing keeps the role from changing itself")
	assert.True(t, makesBucket, "nothing lets it make the bucket of pictures")
}

// A table that is left out of a restore is empty in the new stack, and nobody is told.
func TestARestoreTakesEveryTable(t *testing.T) {
	page, tables := read(t, "restore.md"), parsed(t, "../../template.yaml").ResourcesOfType(template.TypeTable)
	var names []string
	for _, table := range tables {
		names = append(names, strings.TrimSuffix(table.LogicalID, "Table"))
	}
	loops := regexp.MustCompile(`for table in ([A-Z][^;]*); do`).FindAllStringSubmatch(page, -1)
	require.Len(t, loops, 2)
	for _, loop := range loops {
		assert.ElementsMatch(t, names, strings.Fields(loop[1]))
	}
	assert.Contains(t, read(t, "deploy.md"), fmt.Sprintf("import.json                              # %d:", len(tables)))
}

// What is pasted behind a line that asks for a key would be taken for the key.
func TestALineThatAsksForAKeyStandsAlone(t *testing.T) {
	block := regexp.MustCompile("(?s)\n```[a-z]*\n(.*?)```\n")
	for _, page := range []string{"README.md", "deploy.md", "secrets.md", "restore.md", "erase.md", "upgrade.md"} {
		for _, match := range block.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(match[1], "read -r") {
				assert.Equal(t, 1, strings.Count(match[1], "\n"), "%s: %s", page, match[1])
			}
		}
	}
}

// smoke.sh is a program: it sees of a shell's variables what is exported, or stands before it.
func TestTheFirstDeploymentHandsOverWhatSmokeNeeds(t *testing.T) {
	page := read(t, "deploy.md")
	for _, match := range regexp.MustCompile(`\$\{(\w+):\?`).FindAllStringSubmatch(read(t, "smoke.sh"), -1) {
		assert.Regexp(t, `(?m)^export `+match[1]+`=|`+match[1]+`=.*smoke\.sh$`, page, "nothing hands %s to smoke.sh", match[1])
	}
	assert.Contains(t, read(t, "smoke.sh"), `"${API:?`)
}

// A fragment that leads nowhere shows the top of a page, which at night is as good as nothing.
func TestEveryFragmentOfAPageLeadsToAHeading(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	require.NoError(t, err)
	link := regexp.MustCompile(`\]\(([^)#\s]*)#([^)]+)\)`)
	for _, page := range append(pages, "../../SECURITY.md") {
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			target := page
			if match[1] != "" {
				target = filepath.Join(filepath.Dir(page), match[1])
			}
			assert.Contains(t, fragments(read(t, target)), match[2], "%s links to %s", page, match[0])
		}
	}
}

// fragments returns the names of a page's headings as GitHub makes them.
func fragments(page string) []string {
	var all []string
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.Lines(page) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			name := dropped.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			all = append(all, strings.ReplaceAll(name, " ", "-"))
		}
	}
	return all
}
