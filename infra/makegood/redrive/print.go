package redrive

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"makegood/infra/makegood/plain"
)

// printMost is how many letters are printed one by one; --json has all that were looked at.
const printMost = 20

// Print writes what lies in the dead-letter queue.
func (r Report) Print(out io.Writer) error {
	if r.DeadLetters == 0 {
		_, err := fmt.Fprintf(out, "%s: no dead letters\n", r.Queue)
		return err
	}
	fmt.Fprintf(out, "%s: %d dead letters\n", r.Queue, r.DeadLetters)
	for _, group := range reasons(r.Letters) {
		fmt.Fprintf(out, "  %d × %s\n", group.count, group.reason)
	}
	if r.Unexplained != "" {
		fmt.Fprintf(out, "  why is not known: %s\n", r.Unexplained)
	}
	if r.Silence != "" {
		fmt.Fprintf(out, "  how they stand is not known: %s\n", r.Silence)
	}
	return r.print(out, r.Letters)
}

// PrintEnd writes what became of the letters.
func (r Report) PrintEnd(out io.Writer) error {
	fmt.Fprintf(out, "%d moved to %s", r.Moved, r.Queue)
	switch {
	case !r.Drained:
		fmt.Fprintf(out, "; %d still wait there", r.Waiting)
	case len(r.Returned) == 0:
		fmt.Fprint(out, ", which is drained")
	}
	if r.Left > 0 {
		fmt.Fprintf(out, "; %d dead letters", r.Left)
	}
	if len(r.Returned) == 0 {
		_, err := fmt.Fprintln(out)
		return err
	}
	fmt.Fprintf(out, ", of which these failed again:\n")
	return r.print(out, r.Returned)
}

// print writes a line for each letter.
func (r Report) print(out io.Writer, letters []Letter) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, letter := range letters[:min(len(letters), printMost)] {
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\n", letter.SentAt.Format(time.RFC3339), letter.Step, letter.subject(), letter.Now, letter.reason())
	}
	if err := columns.Flush(); err != nil || len(letters) <= printMost {
		return err
	}
	_, err := fmt.Fprintf(out, "… and %d more; --json has %d\n", r.DeadLetters-printMost, len(letters))
	return err
}

// subject writes what a letter is about.
func (l Letter) subject() string {
	parts := make([]string, 0, len(l.About))
	for _, one := range l.About {
		parts = append(parts, one.Kind+" "+printable(one.ID))
	}
	return cmp.Or(strings.Join(parts, ", "), "message "+l.ID)
}

// reason writes why a letter lies there.
func (l Letter) reason() string {
	text := "no line in the log: its function died, ran out of time or never saw it"
	if l.Failure != nil {
		text = printable(l.Failure.Error)
	}
	if l.Redriven > 0 {
		text += fmt.Sprintf(" (redriven %d× before)", l.Redriven)
	}
	return text
}

// printable returns the first line of what others wrote: an error may end in a stack, and an id is
// what a worker put in its place.
func printable(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return plain.Printable(line)
}

// group is letters of one step and one code.
type group struct {
	reason string
	count  int
}

// reasons groups letters by what was to be done and the code of the error, most first.
func reasons(letters []Letter) []group {
	counts := map[string]int{}
	for _, letter := range letters {
		code := "unexplained"
		if letter.Failure != nil {
			code = letter.Failure.Code
		}
		counts[letter.Step+": "+code]++
	}
	all := make([]group, 0, len(counts))
	for reason, count := range counts {
		all = append(all, group{reason, count})
	}
	slices.SortFunc(all, func(a, b group) int { return cmp.Or(b.count-a.count, strings.Compare(a.reason, b.reason)) })
	return all
}
