package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"makegood/shared/fault"
)

// around is how many lines are shown before the faulty one, and after it.
const around = 3

// unreadable places an error of the YAML parser: bad syntax, a key that is there twice.
func unreadable(file string, err error) error {
	var yamlErr yaml.Error
	// Where the parser names no place, the first line is the best there is.
	if !errors.As(err, &yamlErr) || yamlErr.GetToken() == nil {
		return misplaced(file, 1, 1, "", err.Error())
	}
	at := yamlErr.GetToken()
	return misplaced(file, at.Position.Line, at.Position.Column, "", yamlErr.GetMessage())
}

// crowded says that a file does not hold one document: where the second begins, at 1:1 if there is
// none.
func crowded(file string, tree *ast.File) error {
	line, column := 1, 1
	if len(tree.Docs) > 1 {
		second := tree.Docs[1]
		at := second.Start // its "---"; it may have none after "..."
		if at == nil && second.Body != nil {
			at = start(second.Body)
		}
		if at != nil {
			line, column = at.Position.Line, at.Position.Column
		}
	}
	return misplaced(file, line, column, "", "must hold exactly one document")
}

// FileError is one fault of a policy file. Error and the fault's Detail read "file:line:column:
// field: message" and the lines.
type FileError struct {
	// File is the name that Parse got.
	File string `json:"file"`
	// Line is where the fault is, from 1.
	Line int `json:"line"`
	// Column is in characters, from 1.
	Column int `json:"column"`
	// Field is the path in the file, "features[3].price"; "" where the file cannot be read.
	Field string `json:"field,omitempty"`
	// Message says what is wrong.
	Message string `json:"message"`
	// Lines holds those around the fault, with a caret below it; "" of an empty file.
	Lines string `json:"-"`
}

// Error is that of the fault.
func (e *FileError) Error() string { return e.Unwrap().Error() }

// Unwrap returns the *fault.Error, KindInvalid.
func (e *FileError) Unwrap() error {
	message := e.Message
	if e.Field != "" {
		message = e.Field + ": " + message
	}
	if e.Lines != "" {
		message += "\n" + e.Lines
	}
	return fault.Invalid(e.Field, "%s:%d:%d: %s", e.File, e.Line, e.Column, message)
}

// FileErrors returns every fault that an error of Parse names, in the order found; nil for any
// other error.
func FileErrors(err error) []*FileError {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*FileError
		for _, one := range list.Unwrap() {
			all = append(all, FileErrors(one)...)
		}
		return all
	}
	var one *FileError
	if errors.As(err, &one) {
		return []*FileError{one}
	}
	return nil
}

// misplaced is the one shape of a file error. Its lines come last, from inSource.
func misplaced(file string, line, column int, field, message string) error {
	return &FileError{File: file, Line: line, Column: column, Field: field, Message: message}
}

// inSource gives every fault that err names the lines around it, as the file has them. A fault past
// the end moves to the end.
func inSource(err error, source []byte) error {
	if err == nil || len(source) == 0 {
		return err
	}
	text := strings.ReplaceAll(string(source), "\r", "\n") // Parse took those before a line feed
	// The lines are those of the source as Parse read it, so that numbers agree with an editor's.
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, e := range FileErrors(err) {
		e.Line = min(max(e.Line, 1), len(lines))
		text := []rune(lines[e.Line-1])
		e.Column = min(max(e.Column, 1), len(text)+1)
		for e.Field != "" && e.Column <= len(text) && text[e.Column-1] == '\t' {
			e.Column++ // the parser has a token begin at the tab before it
		}
		e.Lines = excerpt(lines, e.Line, e.Column)
	}
	return err
}

// excerpt shows a line among those around it, and a caret below its column.
func excerpt(lines []string, line, column int) string {
	first, last := max(line-around, 1), min(line+around, len(lines))
	// Numbers of one width keep the text aligned, so the caret is below its column.
	width := max(len(strconv.Itoa(last)), 2)
	var rows []string
	for number := first; number <= last; number++ {
		mark, text := ' ', lines[number-1]
		if number == line {
			mark = '>'
		}
		rows = append(rows, fmt.Sprintf("%c %*d | %s", mark, width, number, text))
		if number == line {
			rows = append(rows, strings.Repeat(" ", width+len(">  | "))+strings.Map(blank, string([]rune(text)[:column-1]))+"^")
		}
	}
	return strings.Join(rows, "\n")
}

// blank returns the white space as wide as a character: a tab is as wide as a tab in the same
// place.
func blank(char rune) rune {
	if char == '\t' {
		return '\t'
	}
	return ' '
}

// place is a path into the file: strings are keys, ints are positions in a list.
type place []any

// String writes the path as a caller names it: features[3].price.
func (p place) String() string {
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// in returns the path with more steps, sharing nothing with p.
func (p place) in(steps ...any) place { return append(p[:len(p):len(p)], steps...) }

// find returns the token at the path, or at its nearest part that is in the file.
func (p place) find(tree *ast.File) *token.Token {
	// A field that is missing has no token: its parent's is where it belongs.
	for ; len(p) > 0; p = p[:len(p)-1] {
		path := (&yaml.PathBuilder{}).Root()
		for _, step := range p {
			switch step := step.(type) {
			case int:
				path = path.Index(uint(step))
			default:
				path = path.Child(fmt.Sprint(step))
			}
		}
		if node, err := path.Build().FilterFile(tree); err == nil && node != nil {
			return start(node)
		}
	}
	return start(tree.Docs[0].Body)
}

// start returns the token where a node begins: of a mapping its first key, of a list its first
// element.
func start(node ast.Node) *token.Token {
	switch node := node.(type) {
	case *ast.MappingNode:
		if len(node.Values) > 0 && !node.IsFlowStyle {
			return start(node.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(node.Key)
	}
	return node.GetToken()
}
