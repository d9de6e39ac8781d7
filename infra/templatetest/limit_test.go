package templatetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/limit"
	"makegood/infra/template"
	"makegood/shared/golden"
)

// longestStack is how long a stack's name may be: the longest function's name has 64 characters
// with it. infra/deploy refuses a longer one.
const longestStack = 46

// crowded is a stack of the longest name, with all that a stack may do without and with long names
// of secrets: its environments and policies are the largest.
func crowded() (string, map[string]string) {
	parameters := maps.Clone(furnished.Parameters)
	parameters["NamePrefix"] = strings.Repeat("p", 40)
	for _, name := range []string{
		"AppKeys", "OperatorKeys", "SessionSecrets", "NoticeSecrets", "StripeWebhookSecrets", "StandardWebhookSecrets", "StripeRefundKey", "StripeReadKey", "OidcClientSecret",
	} {
		parameters[name] = "ssm:/makegood-production/" + strings.Repeat("s", 100)
	}
	return strings.Repeat("m", longestStack), parameters
}

// awsRefusesNothing: neither of the usual stack nor of the largest.
func awsRefusesNothing(t *template.Template) (problems, error) {
	usual, err := limit.Check(t, stack, nil)
	if err != nil {
		return nil, err
	}
	name, parameters := crowded()
	largest, err := limit.Check(t, name, parameters)
	return append(problems(usual), largest...), err
}

// parametersAreDescribed: `sam deploy --guided` shows a parameter's description alone, so it is a
// sentence with an example.
func parametersAreDescribed(t *template.Template) (problems, error) {
	var p problems
	for _, parameter := range t.Parameters {
		text := parameter.Description
		if len(text) < 40 || !regexp.MustCompile(`^[A-Z]`).MatchString(text) || !strings.HasSuffix(text, ".") || !strings.Contains(text, "for example ") {
			p.addf("%s is described by %q, which is no sentence with an example", parameter.Name, text)
		}
	}
	return p, nil
}

// tablesFile freezes the keys and indexes of the tables: rows of a release lie under them.
const tablesFile = "testdata/tables.golden.json"

// tablesKeepTheirKeys: a table whose key changes is made anew, empty. A new index is a stage of its
// own (infra/decisions/0047).
func tablesKeepTheirKeys(t *template.Template) (problems, error) {
	var p problems
	var frozen map[string]template.Table
	if err := golden.Load(tablesFile, &frozen); err != nil {
		return nil, err
	}
	tables, err := t.Tables(template.Scope{})
	if err != nil {
		return nil, err
	}
	now := map[string]template.Table{}
	for _, table := range tables {
		now[table.LogicalID] = table
	}
	for id, before := range frozen {
		after, there := now[id]
		switch {
		case !there:
			p.addf("%s is gone: its rows would be left behind", id)
		case after.Partition != before.Partition || after.Sort != before.Sort:
			p.addf("%s has the key %v %v, and its rows lie under %v %v", id, after.Partition, after.Sort, before.Partition, before.Sort)
		case fmt.Sprint(after.Indexes) != fmt.Sprint(before.Indexes):
			p.addf("the indexes of %s changed: as a stage of its own, and write %s anew by -update", id, tablesFile)
		}
	}
	return p, nil
}

// parametersFile freezes what a parameter may be, and is where nobody gives it: a default that
// changes changes each stack at its next deployment.
const parametersFile = "testdata/parameters.golden.json"

// frozenParameter is a parameter without its words.
type frozenParameter struct {
	Default, Pattern, Least, Most string
	Values                        []string
}

func frozenParameters(t *template.Template) map[string]frozenParameter {
	all := map[string]frozenParameter{}
	for _, p := range t.Parameters {
		all[p.Name] = frozenParameter{p.Default, p.AllowedPattern, p.Least, p.Most, p.AllowedValues}
	}
	return all
}

func parametersKeepTheirDefaults(t *template.Template) (problems, error) {
	var p problems
	var frozen map[string]frozenParameter
	if err := golden.Load(parametersFile, &frozen); err != nil {
		return nil, err
	}
	now := frozenParameters(t)
	for name, before := range frozen {
		if fmt.Sprint(now[name]) != fmt.Sprint(before) {
			p.addf("parameter %s was %v and is %v: on purpose, and write %s anew by -update", name, before, now[name], parametersFile)
		}
	}
	return p, nil
}

func TestTheParametersAreThoseThatAreFrozen(t *testing.T) {
	_, parsed := read(t)
	golden.Equal(t, parametersFile, frozenParameters(parsed))
}

func TestTheTablesAreThoseThatAreFrozen(t *testing.T) {
	_, parsed := read(t)
	tables, err := parsed.Tables(template.Scope{})
	require.NoError(t, err)
	all := map[string]template.Table{}
	for _, table := range tables {
		all[table.LogicalID] = table
	}
	golden.Equal(t, tablesFile, all)
}

// routesReachTheirHandlers: the function that a route is given to has a handler for it.
func routesReachTheirHandlers(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		if f.LogicalID == hearer || len(f.Routes) == 0 { // its routes are the registry's
			continue
		}
		text, err := sourcesOf(filepath.Join("..", "..", filepath.FromSlash(f.Folder)))
		if err != nil {
			return nil, err
		}
		for _, route := range f.Routes {
			preflight := route.Method+" "+route.Path == preflights // the mux answers it
			if !preflight && !ofConsole(route.Path) && !strings.Contains(text, `"`+route.Method+" "+route.Path+`"`) {
				p.addf("%s.%s: %s has no handler for %s %s", f.LogicalID, route.Event, f.Folder, route.Method, route.Path)
			}
		}
	}
	return p, nil
}

func sourcesOf(folder string) (string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		all.Write(text)
	}
	return all.String(), nil
}

// consumersLeaveRoom: with a backlog on every queue at once the consumers take no more of an
// account than a twentieth; in a new account, which has ten, each takes the least that AWS lets it.
func consumersLeaveRoom(t *template.Template) (problems, error) {
	const least, most = 2, 50
	var p problems
	for _, concurrency := range []string{"10", "1000"} {
		functions, err := t.Functions(template.Scope{Parameters: map[string]string{"AccountConcurrency": concurrency}})
		if err != nil {
			return nil, err
		}
		total := 0
		for _, f := range functions {
			for _, q := range f.Queues {
				total += q.MaximumConcurrency
				if concurrency == "10" && q.MaximumConcurrency != least {
					p.addf("%s takes %d of a new account's ten, not %d", f.LogicalID, q.MaximumConcurrency, least)
				}
			}
		}
		if total > most {
			p.addf("where an account runs %s at once, consumers take %d: %d at the most", concurrency, total, most)
		}
	}
	return p, nil
}

func TestALongerNameOfAStackIsRefused(t *testing.T) {
	_, parsed := read(t)
	wrong, err := limit.Check(parsed, strings.Repeat("m", longestStack+1), nil)
	require.NoError(t, err)
	require.NotEmpty(t, wrong)
	require.True(t, slices.ContainsFunc(wrong, func(text string) bool { return strings.Contains(text, "64 are allowed") }), wrong)
}
