// Package doctor owns looking at a stack as whoever is called at night would: one line for each
// thing that can be wrong, and what to type next.
//
// It refuses to mend anything. It reads no value of a secret, and writes nothing.
//
// Invariants: what cannot be asked from here is a line that says so, and no fault. Each look has a
// bound on its time, and one that fails does not stop the others. Lines come in the same order
// however long each takes.
//
// Words: look (one question and its lines), state (ok, wrong, not asked).
package doctor

import (
	"context"
	"fmt"
	"time"
)

// State says what a look found.
type State string

// The states.
const (
	StateOK      State = "ok"
	StateWrong   State = "wrong"
	StateUnknown State = "not asked" // it cannot be asked from here
)

// Line is what was found of one thing.
type Line struct {
	// Look names what was looked at: "dead letters", "parked".
	Look string `json:"look"`
	// State says whether it is as it should be.
	State State `json:"state"`
	// Finding says what there is, in one sentence.
	Finding string `json:"finding"`
	// Next is what to type, "" where nothing is to be done.
	Next string `json:"next,omitempty"`
}

// Look is one question.
type Look struct {
	// Name names it, also while it takes long.
	Name string
	// Ask returns its lines. An error is a line that is wrong.
	Ask func(ctx context.Context) ([]Line, error)
}

// lookWithin bounds one look.
const lookWithin = 2 * time.Minute

// Run asks every look, all at once, and calls each with the lines in the looks' order, as soon as
// they are there. late is called with the name of a look that whoever reads has waited for.
func Run(ctx context.Context, looks []Look, late func(name string), each func(Line)) (wrong bool) {
	answers := make([]chan []Line, len(looks))
	for n, look := range looks {
		answers[n] = make(chan []Line, 1)
		go func() { answers[n] <- look.lines(ctx) }()
	}
	for n, look := range looks {
		for _, line := range await(answers[n], func() { late(look.Name) }) {
			wrong = wrong || line.State == StateWrong
			each(line)
		}
	}
	return wrong
}

// lateAfter is when whoever reads is told what is waited for.
const lateAfter = 2 * time.Second

func await(answer <-chan []Line, late func()) []Line {
	select {
	case lines := <-answer:
		return lines
	case <-time.After(lateAfter):
		late()
		return <-answer
	}
}

func (l Look) lines(ctx context.Context) []Line {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	lines, err := l.Ask(ctx)
	if err != nil {
		lines = append(lines, Line{Look: l.Name, State: StateWrong, Finding: err.Error()})
	}
	return lines
}

// ok, wrong and unknown write lines.
func ok(look, format string, args ...any) Line {
	return Line{Look: look, State: StateOK, Finding: fmt.Sprintf(format, args...)}
}

func wrong(look, next, format string, args ...any) Line {
	return Line{Look: look, State: StateWrong, Finding: fmt.Sprintf(format, args...), Next: next}
}

func unknown(look, next, format string, args ...any) Line {
	return Line{Look: look, State: StateUnknown, Finding: fmt.Sprintf(format, args...), Next: next}
}

// several writes a count and its noun.
func several(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
