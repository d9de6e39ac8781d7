package doctor

import (
	"fmt"
	"io"
)

// The widths of the columns before what was found.
const (
	stateWidth = 9
	lookWidth  = 18
)

// Print writes a line, and below it what to type where something is wrong.
func (l Line) Print(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%-*s  %-*s  %s\n", stateWidth, l.State, lookWidth, l.Look, l.Finding); err != nil || l.Next == "" {
		return err
	}
	_, err := fmt.Fprintf(out, "%-*s  %-*s  → %s\n", stateWidth, "", lookWidth, "", l.Next)
	return err
}
