package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/printer"
	"github.com/goccy/go-yaml/token"

	"makegood/shared/fault"
)

// unreadable places an error of the YAML parser: bad syntax, a key given twice.
func unreadable(file string, err error) error {
	var placed yaml.Error
	if !errors.As(err, &placed) || placed.GetToken() == nil {
		return misplaced(file, 1, 1, "", err.Error(), "")
	}
	at := placed.GetToken()
	return misplaced(file, at.Position.Line, at.Position.Column, "", placed.GetMessage(), snippet(at))
}

// FileError is one fault of a policy file. Error and the fault's Detail read "file:line:column: field: message" and the lines.
type FileError struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Field   string `json:"field,omitempty"` // the path in the file, "features[3].price"; "" where it cannot be read
	Message string `json:"message"`
	Lines   string `json:"-"` // those around the fault, with a caret below it; "" where there are none
	fault   *fault.Error
}

// Error is that of the fault.
func (e *FileError) Error() string { return e.fault.Error() }

// Unwrap returns the *fault.Error, KindInvalid.
func (e *FileError) Unwrap() error { return e.fault }

// FileErrors returns every fault that an error of Parse names, in the order found; nil for any other error.
func FileErrors(err error) []*FileError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*FileError
		for _, one := range joined.Unwrap() {
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

// misplaced is the one shape of a file error.
func misplaced(file string, line, column int, field, message, lines string) error {
	e := &FileError{File: file, Line: line, Column: column, Field: field, Message: message, Lines: lines}
	if field != "" {
		message = field + ": " + message
	}
	if lines != "" {
		message += "\n" + lines
	}
	e.fault = fault.Invalid(field, "%s:%d:%d: %s", file, line, column, message)
	return e
}

// snippet shows the lines around a token, with a caret below it. The printer ends some of them with a line of nothing but its number.
func snippet(at *token.Token) string {
	var p printer.Printer
	lines := p.PrintErrorToken(at, false)
	if i := strings.LastIndexByte(lines, '\n'); i >= 0 && strings.HasSuffix(strings.TrimSpace(lines[i:]), "|") {
		return lines[:i]
	}
	return lines
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

// start returns the token where a node begins: of a mapping its first key, of a list its first element.
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
