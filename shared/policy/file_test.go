package policy_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

func TestBustedFilesAreRefusedWithLineAndCaret(t *testing.T) {
	for _, b := range bustedFiles(t) {
		t.Run(b.want, func(t *testing.T) {
			_, err := policyfile.Parse(b.name, []byte(b.source))
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, fault.KindInvalid, e.Kind)
			assert.Truef(t, strings.HasPrefix(e.Detail, b.name+":"+b.want), "got  %s\nwant %s:%s", e.Detail, b.name, b.want)
			if b.source == "" {
				assert.NotContains(t, e.Detail, "\n", "an empty file has no line to show")
				return
			}
			number, err := strconv.Atoi(b.want[:strings.Index(b.want, ":")])
			require.NoError(t, err)
			marked := fmt.Sprintf("\n> %2d | %s\n", number, strings.Split(b.source, "\n")[number-1])
			require.Contains(t, e.Detail, marked, "the line as the file has it")
			_, below, _ := strings.Cut(e.Detail, marked)
			assert.Regexp(t, `^[ \t]*\^(\n|$)`, below, "a caret below it")
		})
	}
}

func TestFaultsAreShownInTheLinesOfTheFile(t *testing.T) {
	numbered := strings.Repeat("#\n", 97)
	for name, c := range map[string]struct {
		source, place string
		shown         []string
	}{
		"blank lines count": {"name: x\n\n\n\nname: y\n\nunit: 1\n\n\n", "5:1", []string{
			"   2 | ", "   3 | ", "   4 | ", ">  5 | name: y", "       ^", "   6 | ", "   7 | unit: 1", "   8 | ",
		}},
		"a tab before the fault": {"name: x\n\tunit: y", "2:1", []string{"   1 | name: x", ">  2 | \tunit: y", "       ^"}},
		"a tab in the line":      {"name: é\t{\n", "1:7", []string{">  1 | name: é\t{", "             ^"}},
		"a caret beyond a tab":   {"a: {b:\tc, é: 1,\tb: 2}\n", "1:16", []string{">  1 | a: {b:\tc, é: 1,\tb: 2}", "             \t        ^"}},
		"a quote left open":      {"name: x\ntitle: \"y\nunit: 1\n\npackages: 2\n", "2:8", []string{"   1 | name: x", ">  2 | title: \"y", "              ^", "   3 | unit: 1", "   4 | ", "   5 | packages: 2"}},
		"a mapping left open":    {"name: {\n", "1:7", []string{">  1 | name: {", "             ^"}},
		"a second document":      {"---\nname: x\n---\nname: y\n", "3:1", []string{"   1 | ---", "   2 | name: x", ">  3 | ---", "       ^", "   4 | name: y"}},
		"past the last byte":     {"name: x\nunit:", "2:6", []string{"   1 | name: x", ">  2 | unit:", "            ^"}},
		"nothing but a comment":  {"# x", "1:1", []string{">  1 | # x", "       ^"}},
		"one digit more":         {numbered + "a: 1\na: 2\n#\n", "99:1", []string{"   96 | #", "   97 | #", "   98 | a: 1", ">  99 | a: 2", "        ^", "  100 | #"}},
	} {
		for _, ending := range []string{"\n", "\r\n", "\r"} {
			_, err := policyfile.Parse("f.yaml", []byte(strings.ReplaceAll(c.source, "\n", ending)))
			faults := policy.FileErrors(err)
			if assert.NotEmpty(t, faults, name) {
				assert.Equal(t, c.place, fmt.Sprintf("%d:%d", faults[0].Line, faults[0].Column), "%s, %q", name, ending)
				assert.Equal(t, c.shown, strings.Split(faults[0].Lines, "\n"), "%s, %q", name, ending)
			}
		}
	}
}

func TestEveryFaultOfAFileIsNamedAtOnce(t *testing.T) {
	source := read(t, "testdata/working_two_rules.yaml")
	source = strings.NewReplacer("scale: 0", "scale: 99", "minor: 100", "minor: -1", "clause: T2", "clause: T9").Replace(source)
	_, err := policyfile.Parse("two.yaml", []byte(source))
	for _, want := range []string{"two.yaml:6:30: unit.scale: must lie between 0 and 9", "packages[0].price: needs a currency", `unknown clause "T9"`} {
		assert.ErrorContains(t, err, want)
	}
}

func TestSchemaAcceptsWhatLoadsAndRefusesWhatIsBuiltWrong(t *testing.T) {
	schema := compiled(t)
	for _, name := range append(glob(t, "testdata/working_*.yaml"), glob(t, "published/*/*.yaml")...) {
		source := read(t, name)
		_, err := policyfile.Parse(name, []byte(source))
		assert.NoError(t, err)
		assert.NoError(t, schema.Validate(document(t, source)), name)
		assert.True(t, strings.HasPrefix(source, "# yaml-language-server: $schema="), name)
	}
	for _, b := range bustedFiles(t) {
		switch b.schema {
		case refuses:
			assert.Error(t, schema.Validate(document(t, b.source)), b.want)
		case accepts:
			assert.NoError(t, schema.Validate(document(t, b.source)), b.want)
		default:
			assert.Equal(t, unreadable, b.schema)
		}
	}
}

func TestSchemaOffersExactlyTheConditionsOfEachKind(t *testing.T) {
	definitions := parsed(t)["definitions"].(map[string]any)
	rules := parsed(t)["properties"].(map[string]any)["rules"].(map[string]any)["properties"].(map[string]any)
	for _, kind := range policy.AllKinds {
		group := strings.TrimPrefix(rules[string(kind)].(map[string]any)["$ref"].(string), "#/definitions/rules_")
		offered := definitions["when_"+group].(map[string]any)["properties"].(map[string]any)
		var names []string
		for name := range offered {
			names = append(names, name)
		}
		assert.ElementsMatch(t, policy.Conditions(kind), names, kind)
	}
}

func TestFilesAreReadAsTheYAMLLibraryReadsThem(t *testing.T) {
	sources := map[string]string{}
	for _, name := range append(glob(t, "testdata/working_*.yaml"), glob(t, "published/*/*.yaml")...) {
		sources[name] = read(t, name)
	}
	two := read(t, "testdata/working_two_rules.yaml")
	for old, written := range map[string]string{
		"says: It failed.,": `"says": "It\tfailed: \"#1\"",`,
		"credits: 10,":      "credits: 0x1_0,",
		"minor: 100":        "minor: +1_00",
		"[platform]":        "\n        - platform\n        - input",
		"  approved: {":     "  \"approved\": {",
		"clauses:\n":        "clauses:\n  T0:\n    says: >-\n      It\n      failed.\n\n      Twice.\n    reasons:\n      approved: |\n        It\n          failed.\n",
	} {
		require.Contains(t, two, old)
		sources[written] = strings.Replace(two, old, written, 1)
	}
	for name, source := range sources {
		ours, theirs, err := policy.ReadTwice(source, policyfile.Read)
		if assert.NoError(t, err, name) {
			assert.Equal(t, theirs, ours, name)
		}
	}
}

func TestKeysMustBePlain(t *testing.T) {
	for _, key := range []string{"  ? approved\n  :", "  &a approved:", "  !!str approved:"} {
		source := strings.Replace(read(t, "testdata/working_two_rules.yaml"), "  approved:", key, 1)
		_, err := policyfile.Parse("two.yaml", []byte(source))
		assert.ErrorContains(t, err, "notices.approved: is missing", key)
	}
}

func TestFilesThatSayTheSameInOtherLineEndingsHaveOneDigest(t *testing.T) {
	source := read(t, "testdata/working_minimal.yaml")
	unix, err := policyfile.Parse("minimal.yaml", []byte(source))
	require.NoError(t, err)
	dos, err := policyfile.Parse("minimal.yaml", []byte(strings.ReplaceAll(source, "\n", "\r\n")))
	require.NoError(t, err)
	assert.Equal(t, unix.Digest, dos.Digest)
	assert.Regexp(t, `^sha256:[0-9a-f]{16}$`, unix.Digest)
	other, err := policyfile.Parse("minimal.yaml", []byte(source+"\n"))
	require.NoError(t, err)
	assert.NotEqual(t, unix.Digest, other.Digest)
}

func FuzzParseNeverPanics(f *testing.F) {
	for _, name := range []string{"working_minimal", "working_two_rules", "busted_syntax", "busted_unknown_field"} {
		source, err := os.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		rev, err := policyfile.Parse("fuzz.yaml", source)
		if err != nil {
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
			assert.Zero(t, rev)
			assert.NotEmpty(t, policy.FileErrors(err))
		}
	})
}

func read(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(source)
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return names
}

// document reads YAML as an editor does.
func document(t *testing.T, source string) any {
	t.Helper()
	text, err := yaml.YAMLToJSON([]byte(source))
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return doc
}

func parsed(t *testing.T) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(read(t, "policy.schema.json")))
	require.NoError(t, err)
	return doc.(map[string]any)
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("policy.schema.json", parsed(t)))
	schema, err := compiler.Compile("policy.schema.json")
	require.NoError(t, err)
	return schema
}
