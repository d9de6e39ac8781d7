package templatetest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"makegood/infra/template"
	"makegood/shared/message"
	"makegood/shared/provider/registry"
)

// globals are the variables that every function has, by what each must hold.
var globals = map[string]string{
	"POLICY": "!Ref Policy", "LIVEMODE": "!Ref Livemode", "SHARDS": "!Ref Shards", "METRICS_NAMESPACE": "!Sub Makegood/${AWS::StackName}",
	"FORMER_INDEXES": "!If [ReadsFormerIndexes read ]",
	"WALLETS_TABLE":  "!Ref WalletsTable", "ENTRIES_TABLE": "!Ref EntriesTable", "PAYMENTS_TABLE": "!Ref PaymentsTable",
	"GENERATIONS_TABLE": "!Ref GenerationsTable", "CASES_TABLE": "!Ref CasesTable", "OUTAGES_TABLE": "!Ref OutagesTable",
	"EVIDENCE_TABLE": "!Ref EvidenceTable",
}

// readers are the calls of a main that read variables, by package and name.
func readers() map[string][]string {
	reads := map[string][]string{
		"http.Gate":              {"APP_KEYS", "OPERATOR_KEYS", "SESSION_SECRETS", "ALLOWED_ORIGINS"},
		"http.CountingGate":      {"APP_KEYS", "OPERATOR_KEYS", "SESSION_SECRETS", "ALLOWED_ORIGINS", "CUSTOMER_REQUESTS"},
		"sender.OpenAssessments": {message.QueueEnv("assessments")},
		"sender.OpenRequests":    {message.QueueEnv("refund-requests")},
		"sender.OpenNotices":     {message.QueueEnv("notices")},
		"sender.OpenSettlements": {message.QueueEnv("payment-refunds")},
		"sender.OpenRuns":        {message.QueueEnv("outage-runs")},
	}
	for _, one := range registry.Providers {
		reads["registry.OpenWebhooks"] = append(reads["registry.OpenWebhooks"], one.WebhookSecret.Variable, one.Account.Variable)
		reads["registry.OpenGateways"] = append(reads["registry.OpenGateways"], one.GatewaySecret.Variable, one.Address.Variable, one.Account.Variable)
	}
	return reads
}

// sendsAnew are the functions that send by the message's type: what may go where is not in the
// call.
func sendsAnew() map[string][]string {
	sends := map[string][]string{"start-generation": {message.QueueEnv("generation-results")}}
	for _, route := range message.Routes {
		if len(route.Resends) > 0 {
			sends["sweep-due"] = append(sends["sweep-due"], message.QueueEnv(route.Queue))
		}
	}
	return sends
}

// variablesOf returns the variables that a function's main reads, beside the globals.
func variablesOf(folder string) ([]string, error) {
	reads := readers()
	variables := map[string]bool{"": true}
	for _, name := range sendsAnew()[filepath.Base(folder)] {
		variables[name] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", filepath.FromSlash(folder), "main.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	// A package is called by its last part, whatever the file calls it.
	packages := map[string]string{}
	for _, spec := range file.Imports {
		at, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(at)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = path.Base(at)
	}
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, _ := selector.X.(*ast.Ident)
		if from == nil {
			return true
		}
		called := packages[from.Name] + "." + selector.Sel.Name
		for _, name := range reads[called] {
			variables[name] = true
		}
		if literal, ok := firstText(call); ok && (called == "os.Getenv" || called == "secret.FromEnv") {
			variables[literal] = true
		}
		return true
	})
	delete(variables, "")
	return slices.Sorted(maps.Keys(variables)), nil
}

func firstText(call *ast.CallExpr) (string, bool) {
	if len(call.Args) == 0 {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// sameWord are the variables that are not called as the parameter that they hold.
var sameWord = map[string][]string{"STRIPE_KEY": {"StripeRefundKey", "StripeReadKey"}}

// environmentsAreRead: a function is given the variables that it reads and no others, each holding
// what it is called after.
func environmentsAreRead(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		variables, _ := t.Resource(f.LogicalID).Lookup("Environment", "Variables")
		given, _ := variables.(map[string]any)
		for name, want := range globals {
			if got := fmt.Sprint(given[name]); got != want {
				p.addf("%s: %s is %s, not %s", f.LogicalID, name, got, want)
			}
		}
		want, err := variablesOf(f.Folder)
		if err != nil {
			return nil, err
		}
		var own []string
		for name, value := range given {
			if _, global := globals[name]; global {
				continue
			}
			own = append(own, name)
			if !holdsItsName(t, name, value) {
				p.addf("%s: %s holds %v", f.LogicalID, name, value)
			}
		}
		if !sameSet(own, want) {
			p.addf("%s is given %v, and reads %v", f.LogicalID, own, want)
		}
	}
	return p, nil
}

var capital = regexp.MustCompile(`[A-Z]`)

// snake writes a parameter's name as variables are written: AppKeys → APP_KEYS.
func snake(parameter string) string {
	return strings.ToUpper(strings.TrimPrefix(capital.ReplaceAllString(parameter, "_$0"), "_"))
}

// holdsItsName reports whether a variable's value is the parameter or queue after which it is
// called, or a span.
func holdsItsName(t *template.Template, name string, value any) bool {
	if text, ok := value.(string); ok {
		return name == "LISTING_INTERVAL" && text == "10m"
	}
	of := named(value)
	if queue, ok := strings.CutSuffix(name, "_URL"); ok && strings.HasSuffix(queue, "_QUEUE") {
		return snake(of) == queue && t.Resource(of) != nil
	}
	if bucket := t.Resource(of); bucket != nil && bucket.Type == template.TypeBucket {
		return snake(of) == name
	}
	_, is := t.Parameter(of)
	return is && (snake(of) == name || slices.Contains(sameWord[name], of))
}
