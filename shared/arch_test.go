package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floors gives each noun its floor: it imports only lower ones. Edges and tests stand above all
// nouns.
var floors = map[string]int{
	"fault": 0, "text": 0, "money": 0, "ledger": 0, "todo": 0, "message": 0, "locale": 0, "shape": 0, "correlation": 0, "origin": 0,
	"payment": 1, "generation": 1, "grant": 1, "standing": 1, "evidence": 1,
	"policy": 2, "attachment": 2, "evidence/pixel": 2, // the one room that decodes pictures: pure, as nouns are
	"outage": 3, "adjudication": 3, "audit": 3, "replay": 3,
	"simulation": 4, "statement": 4, "refund": 4, "due": 4,
	"notice": 5, "assessment": 5, "erasure": 5, "search": 5, "insight": 5,
}

// within lists the imports among nouns of one floor, each with its reason.
var within = map[[2]string]string{
	{"locale", "fault"}:     "a locale that is none names its field",
	{"shape", "fault"}:      "a value of another shape names its path",
	{"text", "fault"}:       "a word that does not hold names its field",
	{"message", "todo"}:     "a route names the steps that its messages ask for again",
	{"message", "text"}:     "a worker's instant is read as a caller's is",
	{"money", "fault"}:      "an amount that does not hold names its field",
	{"origin", "fault"}:     "a key that came with something else has a code",
	{"origin", "ledger"}:    "one hash of texts",
	{"ledger", "fault"}:     "a refused posting has a kind",
	{"ledger", "text"}:      "an instant is cut to milliseconds in one place",
	{"statement", "refund"}: "a row names the case of its failure",
}

// edges and tests may import every noun; among each other only what is listed, with the reason. A
// provider's room needs no line: see providersRoom.
var edges = map[string][]string{
	"access":                nil,
	"signin":                {"access"},                                                              // who was vouched for gets a session
	"api":                   {"access"},                                                              // a route lets a caller in
	"aws/bedrock":           {"aws/client"},                                                          // one signed call, as the queue's sender
	"aws/client":            nil,                                                                     //
	"aws/dynamo":            {"aws/client", "aws/metric"},                                            // one construction of SDK clients; what the tables refuse is counted
	"aws/function":          {"aws/client", "aws/metric"},                                            // a start waits for its connection, and ends in lambda.Start; what fails is counted
	"aws/settings":          {"aws/function"},                                                        // what is set wrong ends the start
	"aws/http":              {"aws/function", "api", "access", "aws/secret"},                         // a panic becomes a problem; one gate for every function
	"api/view":              {"api", "access"},                                                       // one mapping for what is shown, by who looks
	"dispute":               {"api"},                                                                 // a command makes the form of what the API answers, and the console of what it shows
	"console":               {"access", "api", "api/view", "signin", "dispute", "policy/policyfile"}, // pages show what the API shows, to whom the session names; a draft is read
	"aws/bucket":            {"aws/client"},                                                          // options of its SDK client
	"aws/bucket/link":       {"aws/client"},                                                          // credentials and region that a link is signed by
	"remote":                {"aws/bucket"},                                                          // an app may keep its pictures in S3
	"aws/mail":              {"aws/client"},                                                          // one signed call, as the queue's sender
	"aws/metric":            nil,                                                                     //
	"aws/queue":             nil,                                                                     //
	"aws/queue/sender":      {"aws/client"},                                                          // as above
	"aws/secret":            {"aws/client"},                                                          // as above
	"notice/webhook":        nil,                                                                     //
	"policy/policyfile":     nil,                                                                     // the one room that knows YAML
	"provider":              nil,                                                                     //
	"provider/registry":     {"provider", "aws/secret"},                                              // one list, set up by a function's environment
	"provider/fake":         nil,                                                                     //
	"provider/providertest": {"provider", "provider/fake", "memory", "storetest"},                    // a payment is heard in every way, and must end the same
	"aws/http/httptest":     {"aws/http", "api", "access"},                                           // a test asks as the gateway does, as a caller whom the gate knows
	"memory":                nil,                                                                     //
	"storetest":             {"provider/fake"},                                                       // stories pay and refund at a provider that is played
	"golden":                nil,                                                                     //
}

// providersRoom reports whether a room is that of one payment provider, not one that they share.
func providersRoom(name string) bool {
	_, shared := edges[name]
	return strings.HasPrefix(name, "provider/") && !shared
}

// edgeOf returns which edges an edge may import. A provider's room knows what providers share, and
// no other provider; the registry alone knows them all.
func edgeOf(name string) ([]string, bool) {
	if providersRoom(name) {
		return []string{"provider"}, true
	}
	allowed, edge := edges[name]
	return allowed, edge
}

// sourceFile is one Go file of the module and what it imports.
type sourceFile struct {
	path    string // slash-separated, from the module's root
	dir     string
	pkg     string
	doc     string
	imports []string // ours as "./shared/…", whatever the module is called
	test    bool
}

func sources(t *testing.T) []sourceFile {
	t.Helper()
	var all []sourceFile
	root, module := "..", module(t)
	require.NoError(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && name != root || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, sourceOf(module, name, file))
		return nil
	}))
	require.Greater(t, len(all), 100)
	return all
}

func sourceOf(module, name string, file *ast.File) sourceFile {
	clean := filepath.ToSlash(filepath.Clean(strings.TrimPrefix(filepath.ToSlash(name), "../")))
	source := sourceFile{path: clean, dir: path.Dir(clean), pkg: file.Name.Name, doc: file.Doc.Text(), test: strings.HasSuffix(clean, "_test.go")}
	for _, imported := range file.Imports {
		value, err := strconv.Unquote(imported.Path.Value)
		if err == nil {
			if below, ours := strings.CutPrefix(value, module+"/"); ours {
				value = "./" + below
			}
			source.imports = append(source.imports, value)
		}
	}
	return source
}

// module returns the path of the module, as go.mod has it.
func module(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "go.mod"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(strings.TrimPrefix(first, "module "))
}

// room returns the path below shared/ of one of our packages, "" for any other. Imports of ours are
// read without the module's path.
func room(imported string) string {
	name, ours := strings.CutPrefix(imported, "./shared/")
	if !ours {
		return ""
	}
	return name
}

func TestANounImportsOnlyLowerFloors(t *testing.T) {
	for _, file := range sources(t) {
		floor, noun := floors[strings.TrimPrefix(file.dir, "shared/")]
		if !noun || file.test {
			continue
		}
		name := strings.TrimPrefix(file.dir, "shared/")
		for _, imported := range file.imports {
			other := room(imported)
			if other == "" {
				continue
			}
			otherFloor, otherNoun := floors[other]
			assert.True(t, otherNoun, "%s imports %s: a noun imports nouns only", file.path, other)
			if otherFloor == floor {
				assert.NotEmpty(t, within[[2]string{name, other}], "%s imports %s of its own floor without a reason", file.path, other)
				continue
			}
			assert.Less(t, otherFloor, floor, "%s imports %s: imports point down", file.path, other)
		}
	}
}

func TestEveryRoomOfSharedHasItsPlace(t *testing.T) {
	for _, file := range sources(t) {
		name, inside := strings.CutPrefix(file.dir, "shared/")
		if !inside {
			continue
		}
		_, noun := floors[name]
		allowed, edge := edgeOf(name)
		assert.True(t, noun || edge, "%s: say in this test which floor or edge the room is", file.dir)
		if !edge || file.test {
			continue
		}
		for _, imported := range file.imports {
			if other := room(imported); other != "" {
				if _, toEdge := edgeOf(other); toEdge && (name != "provider/registry" || !providersRoom(other)) {
					assert.Contains(t, allowed, other, "%s imports the edge %s", file.path, other)
				}
			}
		}
	}
}

func TestOnlyTheEdgesToAWSImportItsLibraries(t *testing.T) {
	for _, file := range sources(t) {
		if strings.HasPrefix(file.dir, "functions/") || strings.HasPrefix(file.dir, "shared/aws/") || strings.HasPrefix(file.dir, "infra/") || file.test {
			continue
		}
		for _, imported := range file.imports {
			assert.NotContains(t, imported, "aws-sdk-go", file.path)
			assert.NotContains(t, imported, "aws-lambda-go", file.path)
		}
	}
}

// notLinked are libraries that no function needs while it runs.
var notLinked = []string{
	"kin-openapi", "santhosh-tekuri/jsonschema", "stretchr/testify", "pgregory.net/rapid", "chromedp/chromedp",
	"aws-sdk-go-v2/config", "aws-sdk-go-v2/service/cloudformation", "aws-sdk-go-v2/service/cloudwatchlogs", "aws-sdk-go-v2/service/lambda",
	"aws-sdk-go-v2/service/secretsmanager", "aws-sdk-go-v2/service/ssm",
}

func TestFunctionsLinkNoLibraryOfChecksOrOfOperators(t *testing.T) {
	packages := depsOf(t, "../functions/...")
	require.Greater(t, len(packages), 100)
	for _, path := range packages {
		for _, library := range notLinked {
			assert.False(t, strings.HasSuffix(path, library) || strings.Contains(path, library+"/"), "a function links %s", path)
		}
	}
}

// depsOf returns what the packages link.
func depsOf(t *testing.T, packages ...string) []string {
	t.Helper()
	list, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).Output()
	require.NoError(t, err)
	return strings.Fields(string(list))
}

func TestTheConsoleAloneLinksWhatStaffSignInWithAndReadDraftsWith(t *testing.T) {
	functions, err := filepath.Glob("../functions/*")
	require.NoError(t, err)
	functions = slices.DeleteFunc(functions, func(dir string) bool { return filepath.Base(dir) == "serve-console" })
	for _, path := range depsOf(t, functions...) {
		for _, library := range []string{"coreos/go-oidc", "go-jose/go-jose", "golang.org/x/oauth2", "goccy/go-yaml"} {
			assert.NotContains(t, path, library)
		}
		assert.NotEqual(t, module(t)+"/shared/policy/policyfile", path, "a published policy is compiled, no function parses one")
	}
}

func TestFunctionsKnowNobodyAboveThem(t *testing.T) {
	for _, file := range sources(t) {
		for _, imported := range file.imports {
			if !strings.HasPrefix(file.dir, "functions/") {
				assert.NotContains(t, imported, "./functions/", "%s: no room calls a function", file.path)
			} else if !file.test {
				assert.NotContains(t, imported, "./infra/", "%s: what is deployed does not need what deploys it", file.path)
				assert.False(t, providersRoom(room(imported)), "%s imports %s: a function asks the registry for its providers", file.path, imported)
				assert.NotContains(t, []string{"./shared/memory", "./shared/storetest", "./shared/golden", "./shared/provider/fake", "./shared/provider/providertest", "./shared/aws/http/httptest"}, imported, file.path)
			}
			if strings.HasPrefix(file.dir, "shared/") && !file.test {
				assert.NotContains(t, imported, "./infra/", file.path)
			}
		}
	}
}

func TestDecidingHasNoClockNoContextAndNoIO(t *testing.T) {
	pure := map[string][]string{
		"shared/policy": {"context", "log", "log/slog", "os", "io", "net/http"},
		"shared/ledger": {"context", "log", "log/slog", "os", "io", "net/http", "math/rand", "math/rand/v2"},
		"shared/money":  {"context", "log", "log/slog", "os", "io", "net/http"},

		"shared/replay":     {"context", "log", "log/slog", "os", "io", "net/http"},
		"shared/simulation": {"context", "log", "log/slog", "os", "io", "net/http"},
	}
	for _, file := range sources(t) {
		if file.test || pure[file.dir] == nil {
			continue
		}
		for _, imported := range file.imports {
			assert.NotContains(t, pure[file.dir], imported, file.path)
		}
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(file.path)))
		require.NoError(t, err)
		assert.NotContains(t, string(text), "time.Now(", "%s: now is a parameter", file.path)
	}
}
