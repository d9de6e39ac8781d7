package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"makegood/shared/fault"
)

// around is how many lines are shown before the faulty one, and after it.
const around = 3

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
