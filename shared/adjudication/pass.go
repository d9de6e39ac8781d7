package adjudication

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/shape"
	"makegood/shared/text"
)

// The bounds of an answer.
const (
	maxWords = 600      // characters that are kept of each text
	whole    = 1000     // a box's unit: thousandths of a side
	maxText  = 16 << 10 // bytes of an answer
)

// pass asks about the whole pictures, and about the parts where something was found.
func (a Adjudicator) pass(ctx context.Context, e exhibit, order string) (evidence.Pass, bill) {
	var costs bill
	made := evidence.Pass{Order: order}
	question := e.look(order)
	answer := a.ask(ctx, question, &costs)
	if made.Problem = answer.Problem; made.Problem != "" {
		return made, costs
	}
	if !readLook(answer.Text, e.defects, &made) {
		return evidence.Pass{Order: order, Problem: evidence.OpinionMalformed}, costs
	}
	// What was not found on the whole is not sought on a part: the pass supports nothing.
	present := presentOf(made.Findings)
	if len(present) == 0 {
		return made, costs
	}
	question = e.closer(order, present)
	answer = a.ask(ctx, question, &costs)
	if made.Problem = answer.Problem; made.Problem != "" {
		return made, costs
	}
	if !readCloser(answer.Text, present, &made) {
		made.Problem = evidence.OpinionMalformed
	}
	return made, costs
}

// ask makes one call and notes its cost. Past the time nothing is sent.
func (a Adjudicator) ask(ctx context.Context, question Question, costs *bill) Answer {
	if ctx.Err() != nil {
		return Answer{Problem: evidence.OpinionLate}
	}
	answer := a.Model.Ask(ctx, question)
	costs.add(a.Prices, question, answer)
	return answer
}

// presentOf returns the first findings that are present, as many as are enlarged.
func presentOf(findings []evidence.Finding) []evidence.Finding {
	var present []evidence.Finding
	for _, finding := range findings {
		if finding.Present == evidence.Yes && len(present) < maxParts {
			present = append(present, finding)
		}
	}
	return present
}

type lookAnswer struct {
	Output       string        `json:"output_description"`
	Input        string        `json:"input_description"`
	Instructions bool          `json:"instructions_seen"`
	Findings     []lookFinding `json:"findings"`
}

type lookFinding struct {
	Defect  string        `json:"defect"`
	Present evidence.Word `json:"present"`
	Box     evidence.Box  `json:"box"`
}

type closerAnswer struct {
	Instructions bool            `json:"instructions_seen"`
	Findings     []closerFinding `json:"findings"`
	Reason       string          `json:"reason"`
	Supported    evidence.Word   `json:"claim_supported"`
}

type closerFinding struct {
	Defect    string            `json:"defect"`
	Confirmed evidence.Word     `json:"confirmed"`
	Severity  evidence.Severity `json:"severity"`
}

// severityNone is what the schema calls the zero severity.
const severityNone evidence.Severity = "none"

// readLook puts the first answer into the pass, and returns false where it does not hold what was
// asked for: each question once, and a box exactly where the answer is yes.
func readLook(source string, defects []defect, made *evidence.Pass) bool {
	var answer lookAnswer
	if !read(source, &answer) || len(answer.Findings) != len(defects) {
		return false
	}
	made.Output, made.Input, made.Instructions = words(answer.Output), words(answer.Input), answer.Instructions
	// The findings are kept in the order of the questions, whatever order they came in.
	for _, one := range defects {
		i := slices.IndexFunc(answer.Findings, func(f lookFinding) bool { return f.Defect == one.name })
		if i < 0 || !isWord(answer.Findings[i].Present) {
			return false
		}
		found := evidence.Finding{Defect: one.name, Present: answer.Findings[i].Present}
		// A box without a yes says nothing, and is dropped.
		if found.Present == evidence.Yes {
			if found.Box = answer.Findings[i].Box; !holds(found.Box) {
				return false
			}
		}
		made.Findings = append(made.Findings, found)
	}
	return true
}

// readCloser is readLook for the second answer: about each finding that was shown, once.
func readCloser(source string, present []evidence.Finding, made *evidence.Pass) bool {
	var answer closerAnswer
	if !read(source, &answer) || len(answer.Findings) != len(present) || !isWord(answer.Supported) {
		return false
	}
	for _, one := range present {
		i := slices.IndexFunc(answer.Findings, func(f closerFinding) bool { return f.Defect == one.Defect })
		if i < 0 || !isWord(answer.Findings[i].Confirmed) || !isSeverity(answer.Findings[i].Severity) {
			return false
		}
		at := slices.IndexFunc(made.Findings, func(f evidence.Finding) bool { return f.Defect == one.Defect })
		made.Findings[at].Confirmed = answer.Findings[i].Confirmed
		if severity := answer.Findings[i].Severity; severity != severityNone {
			made.Findings[at].Severity = severity
		}
	}
	made.Instructions = made.Instructions || answer.Instructions
	made.Reason, made.Supported = words(answer.Reason), answer.Supported
	return true
}

// read reads an answer strictly: the names that its type has, each once and all of them. A schema
// should see to it; a service without one does not.
func read[T any](source string, answer *T) bool {
	if len(source) > maxText || !json.Valid([]byte(source)) {
		return false
	}
	reader := shape.Reader{
		Unknown: "unknown", Twice: "twice",
		Value: func(_ string, is shape.Field, value []byte) (bool, error) {
			if string(value) == "null" {
				return true, fault.Invalid("", "must not be null")
			}
			kind := is.Type.Kind()
			return kind != reflect.Struct && kind != reflect.Slice, nil
		},
		Object: func(_ string, fields []shape.Field, given map[string]bool) error {
			for _, field := range fields {
				if !given[field.Name] {
					return fault.Missing(field.Name)
				}
			}
			return nil
		},
	}
	return reader.Check("", []byte(source), reflect.TypeFor[T]()) == nil && json.Unmarshal([]byte(source), answer) == nil
}

func isWord(word evidence.Word) bool {
	return slices.Contains([]evidence.Word{evidence.Yes, evidence.No, evidence.Unsure}, word)
}

func isSeverity(severity evidence.Severity) bool {
	return slices.Contains([]evidence.Severity{severityNone, evidence.SeverityMinor, evidence.SeverityVisible, evidence.SeverityRuinous}, severity)
}

func holds(box evidence.Box) bool {
	return box.Left >= 0 && box.Top >= 0 && box.Left < box.Right && box.Top < box.Bottom && box.Right <= whole && box.Bottom <= whole
}

// words returns a model's text as it is kept: one line, without controls, cut.
func words(source string) string {
	line := strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(source, ""))
	return text.Cut(strings.TrimSpace(line), maxWords)
}
