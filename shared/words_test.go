package shared_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refused are package names that say nothing.
var refused = []string{"util", "utils", "common", "helper", "helpers", "types", "models", "manager"}

// commentColumns is how long a line of comment may be, a tab being four: past it a reader loses the
// next line's beginning.
const commentColumns = 100

// retiredWord is a word of the glossary's column "not": In is the only room that may not say it, ""
// for all.
type retiredWord struct{ word, in, instead string }

func retiredWords(t *testing.T) []retiredWord {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, glossary, found := strings.Cut(string(text), "\n## Glossary\n")
	require.True(t, found, "shared/README.md has no glossary")
	var all []retiredWord
	code := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(glossary) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		for _, match := range code.FindAllStringSubmatch(cells[3], -1) {
			in, word, scoped := strings.Cut(match[1], ".")
			if !scoped {
				in, word = "", match[1]
			}
			all = append(all, retiredWord{strings.Join(wordsOf(word), " "), in, strings.TrimSpace(cells[1])})
		}
	}
	require.Greater(t, len(all), 20)
	return all
}

// wordsOf splits a name where a capital begins a word: ["by", "hand"] of byHand, ["url", "of"] of
// URLOf.
func wordsOf(name string) []string {
	var words []string
	runes := []rune(name)
	start := 0
	for i := 1; i < len(runes); i++ {
		if !unicode.IsUpper(runes[i]) {
			continue
		}
		if !unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			words, start = append(words, strings.ToLower(string(runes[start:i]))), i
		}
	}
	return append(words, strings.ToLower(string(runes[start:])))
}

// says reports whether the name holds the word, or the words one after another.
func says(name, word string) bool {
	return strings.Contains(" "+strings.Join(wordsOf(name), " ")+" ", " "+word+" ")
}

// definedNames returns the names that a file defines: those that it merely uses are another's.
func definedNames(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	define := func(expressions ...ast.Expr) {
		for _, expression := range expressions {
			if name, ok := expression.(*ast.Ident); ok {
				names = append(names, name)
			}
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				define(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				define(n.Key, n.Value)
			}
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.Field:
			names = append(names, n.Names...)
		}
		return true
	})
	return names
}

func TestNoNameIsARetiredWord(t *testing.T) {
	retired := retiredWords(t)
	for _, source := range sources(t) {
		if source.test {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join("..", filepath.FromSlash(source.path)), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if ast.IsGenerated(file) {
			continue // its names are the wire's
		}
		for _, name := range definedNames(file) {
			for _, r := range retired {
				if (r.in == "" || r.in == path.Base(source.dir)) && says(name.Name, r.word) {
					assert.Failf(t, "retired word", "%s:%d: %s says %q; the glossary's word is %s",
						source.path, set.Position(name.Pos()).Line, name.Name, r.word, r.instead)
				}
			}
		}
	}
}

func TestWordsOfAName(t *testing.T) {
	for name, words := range map[string][]string{
		"byHand": {"by", "hand"}, "URLOf": {"url", "of"}, "ToldAt": {"told", "at"}, "paymentID": {"payment", "id"}, "x": {"x"}, "cas_1": {"cas_1"},
	} {
		assert.Equal(t, words, wordsOf(name))
	}
	assert.True(t, says("GenerationToldAt", "told"))
	assert.True(t, says("wasByHandOnce", "by hand"))
	assert.False(t, says("untold", "told"))
}

func TestACommentIsNoWiderThanItsReadersEye(t *testing.T) {
	for _, source := range sources(t) {
		text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(source.path)))
		require.NoError(t, err)
		if generated.Match(text) {
			continue
		}
		lines := bufio.NewScanner(strings.NewReader(string(text)))
		for n := 1; lines.Scan(); n++ {
			line := strings.ReplaceAll(lines.Text(), "\t", "    ")
			comment := strings.TrimSpace(line)
			if !strings.HasPrefix(comment, "//") || strings.HasPrefix(comment, "//go:") || strings.Contains(comment, "://") {
				continue
			}
			assert.LessOrEqual(t, utf8.RuneCountInString(line), commentColumns, "%s:%d is too long", source.path, n)
		}
		require.NoError(t, lines.Err())
	}
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	documented, names := map[string]bool{}, map[string]string{}
	for _, file := range sources(t) {
		if file.test || strings.Contains(file.dir, "testdata") {
			continue
		}
		documented[file.dir] = documented[file.dir] || file.doc != ""
		names[file.dir] = file.pkg
	}
	for dir, ok := range documented {
		assert.True(t, ok, "%s has no package comment", dir)
		assert.NotContains(t, refused, names[dir], "%s: name the noun", dir)
	}
}
