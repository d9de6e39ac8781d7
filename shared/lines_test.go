package shared_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/golden"
	"makegood/shared/message"
)

// lineFields are the fields that a log line of ours may have, with what each holds. None holds what
// a person wrote, their id, their address, or a secret: a key that is not here is refused.
var lineFields = map[string]string{
	"step":       "what was to be done, in words",
	"attempt":    "which attempt at it this is",
	"error":      "the cause",
	"code":       "the error's word on the wire",
	"permanent":  "whether another attempt cannot mend it",
	"stack":      "where a panic came from",
	"case":       "cas_…, begins with a hash of the customer's id",
	"generation": "gen_…, likewise",
	"payment":    "the provider's id of it",
	"outage":     "its id",
	"offer":      "its id",
	"change":     "the id of a change of standing",
	"attachment": "att_…, likewise",
	"wallet":     "the hash of its customer's id",
	"roles":      "a member of staff's",
	"by":         "a member of staff's name, beside what they did",
	"item":       "the id of what was stuck",
	"notice":     "its id: that of what it is about, and its type",
	"about":      "the payment that a case is about instead",
	"clause":     "the policy's",
	"progress":   "how far a refund has come",
	"provider":   "its name",
	"event":      "the provider's id of it",
	"request":    "the gateway's id of it, which is in its access log",
	"route":      "method and pattern, never the path: that may hold a customer's id",
	"status":     "of HTTP",
	"message_id": "of SQS",

	"changed":           "whether an event was news",
	"state":             "of the payment",
	"parked":            "why the payment waits for staff",
	"entries":           "how many were posted",
	"missed_by_webhook": "whether no webhook brought it in time",
	"metric":            "the name of the one that counts it",
	"operation":         "of DynamoDB",
	"parameter":         "the name of the stack's parameter",
	"environment":       "the name of the variable, never its value",
	"age_seconds":       "of what is in use",
}

// anyField are the files that name a field by what comes in: a message's ids, an item's kind. Both
// list theirs.
var anyField = []string{"shared/aws/queue/subject.go", "shared/due/page.go"}

// line is one call that logs, as the source has it.
type line struct {
	Room   string   `json:"room"`
	Level  string   `json:"level"`
	Text   string   `json:"text"`
	Fields []string `json:"fields"`
}

// levels gives the functions that log by their level. Each takes the context of the work first.
var levels = map[string]string{"DebugContext": "DEBUG", "InfoContext": "INFO", "WarnContext": "WARN", "ErrorContext": "ERROR", "Log": "WARN or ERROR"}

// logging are the rooms whose lines an operator reads. What tests are made of is left out.
func logging(source sourceFile) bool {
	_, tests := map[string]bool{"shared/storetest": true, "shared/provider/providertest": true, "shared/golden": true, "shared/aws/http/httptest": true}[source.dir]
	return !source.test && !tests && (strings.HasPrefix(source.dir, "functions/") || strings.HasPrefix(source.dir, "shared"))
}

// calls calls f for each call of a selected function in the rooms that log.
func calls(t *testing.T, f func(source sourceFile, at token.Position, selector *ast.SelectorExpr, args []ast.Expr)) {
	t.Helper()
	for _, source := range sources(t) {
		if !logging(source) {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join("..", filepath.FromSlash(source.path)), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			if call, is := node.(*ast.CallExpr); is {
				if selector, is := call.Fun.(*ast.SelectorExpr); is {
					f(source, set.Position(call.Pos()), selector, call.Args)
				}
			}
			return true
		})
	}
}

// literal returns the text of a string literal, and whether the expression is one.
func literal(expression ast.Expr) (string, bool) {
	basic, is := expression.(*ast.BasicLit)
	if !is || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

func isSlog(selector *ast.SelectorExpr) bool {
	name, is := selector.X.(*ast.Ident)
	return is && name.Name == "slog"
}

// logLines returns every line that the rooms log, in order.
func logLines(t *testing.T) []line {
	t.Helper()
	var all []line
	calls(t, func(source sourceFile, at token.Position, selector *ast.SelectorExpr, args []ast.Expr) {
		level, logs := levels[selector.Sel.Name]
		if !logs || selector.Sel.Name == "Log" && !isSlog(selector) {
			return
		}
		text := 1
		if selector.Sel.Name == "Log" {
			text = 2
		}
		entry := line{Room: source.dir, Level: level, Fields: []string{}}
		var constant bool
		entry.Text, constant = literal(args[text])
		assert.True(t, constant, "%s: the words of a line are searched for: they are constant", at)
		for n := text + 1; n < len(args); n += 2 {
			field, constant := literal(args[n])
			assert.True(t, constant, "%s: a field's key is constant", at)
			entry.Fields = append(entry.Fields, field)
		}
		all = append(all, entry)
	})
	slices.SortFunc(all, func(a, b line) int { return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Text, b.Text)) })
	return all
}

func TestEveryLineOfTheLogIsKnown(t *testing.T) {
	lines := logLines(t)
	require.Greater(t, len(lines), 25)
	golden.Equal(t, "testdata/loglines.golden.json", lines)
}

func TestALineHasTheContextOfItsWork(t *testing.T) {
	// Without it the line has no correlation id, no subject and no attempt.
	contextless := []string{"Debug", "Info", "Warn", "Error"}
	calls(t, func(_ sourceFile, at token.Position, selector *ast.SelectorExpr, args []ast.Expr) {
		if !slices.Contains(contextless, selector.Sel.Name) || len(args) == 0 {
			return
		}
		_, says := literal(args[0])
		assert.False(t, says || isSlog(selector), "%s: %sContext takes the context of the work", at, selector.Sel.Name)
	})
}

// startsAnew are the files that work in a context of no event: a function starts, or ends.
var startsAnew = []string{"shared/aws/function/function.go", "shared/aws/secret/start.go", "shared/aws/client/start.go"}

func TestNobodyLeavesTheContextOfTheWork(t *testing.T) {
	calls(t, func(source sourceFile, at token.Position, selector *ast.SelectorExpr, _ []ast.Expr) {
		name, is := selector.X.(*ast.Ident)
		if is && name.Name == "context" && (selector.Sel.Name == "Background" || selector.Sel.Name == "TODO") {
			assert.Contains(t, startsAnew, source.path, "%s: what is sent and logged from here has no id (context.WithoutCancel keeps it)", at)
		}
	})
}

func TestEveryConsumerTakesItsMessagesUnderTheirIDs(t *testing.T) {
	each := map[string]bool{}
	calls(t, func(source sourceFile, _ token.Position, selector *ast.SelectorExpr, _ []ast.Expr) {
		if name, is := selector.X.(*ast.Ident); is && name.Name == "queue" && selector.Sel.Name == "Each" {
			each[source.dir] = true
		}
	})
	for _, route := range message.Routes {
		assert.True(t, each["functions/"+route.Function], "%s takes %s off its queue by queue.Each", route.Function, route.Type)
	}
}

func TestALineHoldsNothingPersonalAndNoSecret(t *testing.T) {
	for _, line := range logLines(t) {
		for _, field := range line.Fields {
			assert.Contains(t, lineFields, field, "%s %q: list the field, if it can hold neither", line.Room, line.Text)
		}
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(line.Fields))), len(line.Fields), "%s %q has a field twice", line.Room, line.Text)
	}
	notes := map[string]bool{}
	calls(t, func(source sourceFile, at token.Position, selector *ast.SelectorExpr, args []ast.Expr) {
		if !isSlog(selector) || !slices.Contains([]string{"String", "Int", "Int64", "Bool", "Any", "Time", "Duration", "Group"}, selector.Sel.Name) {
			return
		}
		field, constant := literal(args[0])
		if !constant {
			assert.True(t, slices.Contains(anyField, source.path) || source.dir == "shared/correlation", "%s: a note's key is constant", at)
			return
		}
		notes[field] = true
		assert.Contains(t, lineFields, field, "%s: list the field, if it can hold neither", at)
	})
	assert.Subset(t, slices.Collect(maps.Keys(notes)), []string{"step", "attempt", "route", "payment"}, "the notes were found")
}

func TestALineOfAnErrorNamesItsCause(t *testing.T) {
	for _, line := range logLines(t) {
		if strings.Contains(line.Level, "ERROR") {
			assert.True(t, slices.Contains(line.Fields, "error") || slices.Contains(line.Fields, "stack"), "%s %q", line.Room, line.Text)
		}
	}
}
