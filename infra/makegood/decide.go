package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"makegood/shared/fault"
	"makegood/shared/policy"
)

// newDecide returns the command decide.
func newDecide() *cobra.Command {
	cmd := &cobra.Command{
		Use: "decide [--policy FILE] [--json] FILE|-", Short: "decide facts by the policy they name",
		Long: `
Reads JSON Lines, each the facts of one request or {"name", "facts", "want"}, and prints one line of JSON for each: the decision of the
policy that the facts name, by the revision in force when the generation finished or the purchase was paid. Blank lines are skipped;
a line has at most 1048576 bytes.

want holds the fields of the decision that are expected: those it does not give are not compared, except that no remedy means that none
is expected. null expects a field to be absent. A decision that differs has "differences", each with field, want and got.
Facts that cannot be decided get {"error": {"code", "field", "message"}} on their own line, and the rest go on.

Exit 0: all decided, and as wanted. 1: some differ. 2: some could not be decided, whether others differ or not.
`,
		Args: takes(1, 1, "needs one file, or - for standard input"),
	}
	onlyJSON := jsonFlag(cmd, "print nothing but the lines: no sentences on standard error")
	files := cmd.Flags().StringArray("policy", nil, "judge facts of its policy by this `FILE` alone, published or not; repeat it for several revisions")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return decide(terminalOf(cmd), args[0], *files, *onlyJSON)
	}
	return cmd
}

// decider judges lines and counts how they came out.
type decider struct {
	unpublished map[string]*policy.Policy // policies of --policy files, by name
	decided     int                       // lines that were decided
	wanted      int                       // lines with a want
	differ      int                       // lines that are not as wanted
	failed      int                       // lines that could not be decided
}

// answer is one line of output: the decision, or why there is none.
type answer struct {
	name string
	*policy.Decision
	Differences []difference `json:"differences,omitempty"`
	Error       *failure     `json:"error,omitempty"`
}

type failure struct {
	Code    string `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

func decide(t terminal, file string, policies []string, onlyJSON bool) error {
	// The policies are read first: a wrong file must not answer half of the lines.
	d := &decider{}
	if err := d.read(t, policies); err != nil {
		return err
	}
	input, err := t.open(file)
	if err != nil {
		return err
	}
	defer input.Close()
	// The sentences are for people; a program gets only the lines.
	sink := t
	if onlyJSON {
		sink.err = io.Discard
	}
	if err := d.all(sink, file, newLines(input)); err != nil {
		return err
	}
	return d.ending()
}

// read loads the policy files of --policy. Those of one name are revisions of one policy.
func (d *decider) read(t terminal, files []string) error {
	revisions := map[string][]policy.Revision{}
	for _, file := range files {
		rev, err := t.readRevision(file)
		if err != nil {
			return err
		}
		revisions[rev.Name] = append(revisions[rev.Name], rev)
	}
	d.unpublished = map[string]*policy.Policy{}
	for name, list := range revisions {
		p, err := policy.New(list...)
		if err != nil {
			return err
		}
		d.unpublished[name] = p
	}
	return nil
}

// all answers every line. The error is one of reading or writing.
func (d *decider) all(t terminal, file string, input *lines) error {
	out := bufio.NewWriter(t.out)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := input.next()
		if errors.Is(err, io.EOF) {
			break
		}
		// A line that is too long is answered like any other; a file that cannot be read ends the
		// run.
		if err != nil && !errors.Is(err, errTooLong) {
			return errors.Join(err, out.Flush())
		}
		a := d.answer(line, err)
		if err := encoder.Encode(a); err != nil {
			return err
		}
		// Sentences go to standard error, so what was printed before them must be out first. A
		// reader who waits for input should see all answers so far.
		sentence := a.sentences(fmt.Sprintf("%s:%d", file, input.number))
		if sentence != "" || input.drained() {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		fmt.Fprint(t.err, sentence)
	}
	err := out.Flush()
	if d.wanted > 0 {
		fmt.Fprintf(t.err, "%d decided: %d of %d as wanted; %d not decided\n", d.decided, d.wanted-d.differ, d.wanted, d.failed)
	}
	return err
}

// answer judges one line. unread is the error of reading it.
func (d *decider) answer(source []byte, unread error) answer {
	if unread != nil {
		d.failed++
		return answer{Error: &failure{Code: fault.CodeTooLarge, Message: fmt.Sprintf("the line has more than %d bytes", maxLine)}}
	}
	// Each step fails the line in its own way, and the first fault is the line's answer.
	name, facts, want, err := readLine(source)
	var decision policy.Decision
	if err == nil {
		decision, err = d.decide(facts)
	}
	var differences []difference
	if err == nil && want != nil {
		differences, err = want.compare(decision)
	}
	if err != nil {
		d.failed++
		return answer{name: name, Error: failureOf(err)}
	}
	d.decided++
	if want != nil {
		d.wanted++
	}
	if len(differences) > 0 {
		d.differ++
	}
	return answer{name: name, Decision: &decision, Differences: differences}
}

// decide decides by a policy of --policy where there is one of that name, else by the published
// one.
func (d *decider) decide(facts json.RawMessage) (policy.Decision, error) {
	f, err := policy.ParseFacts(facts)
	if err != nil {
		return policy.Decision{}, err
	}
	p, ok := d.unpublished[f.Policy]
	if !ok {
		if p, err = policy.Open(f.Policy); err != nil {
			return policy.Decision{}, err
		}
	}
	return policy.Decide(p.At(f.JudgedAt()), f)
}

func (d *decider) ending() error {
	switch {
	case d.failed > 0:
		return errUndone
	case d.differ > 0:
		return errMismatch
	}
	return nil
}

// fullLine is a line that says more than facts.
type fullLine struct {
	Name  json.RawMessage `json:"name"`
	Facts json.RawMessage `json:"facts"`
	Want  json.RawMessage `json:"want"`
}

// readLine returns the parts of a line. A line of facts alone has none of the three names.
func readLine(source []byte) (name string, facts json.RawMessage, w want, err error) {
	var any json.RawMessage
	// The line must be one JSON object, or the sentences below would name the wrong fault.
	if err := json.Unmarshal(source, &any); err != nil {
		return "", nil, nil, fault.Invalid("", "the line is not one JSON object: %s", err)
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(source, &fields) != nil || fields == nil {
		return "", nil, nil, fault.Invalid("", "the line is not one JSON object")
	}
	if fields["name"] == nil && fields["facts"] == nil && fields["want"] == nil {
		return "", source, nil, nil
	}
	// From here on it is a line with names, and an unknown name in it is a slip.
	if err := policy.CheckPart[fullLine](source, ""); err != nil {
		return "", nil, nil, err
	}
	if text := fields["name"]; text != nil && json.Unmarshal(text, &name) != nil {
		return "", nil, nil, fault.Invalid("name", "must be a string")
	}
	if fields["facts"] == nil || isNull(fields["facts"]) {
		return name, nil, nil, fault.Missing("facts")
	}
	w, err = readWant(fields["want"])
	return name, fields["facts"], w, err
}

// failureOf returns an error as the contract has it: the code, the first field at fault, a sentence
// that names them all.
func failureOf(err error) *failure {
	var e *fault.Error
	if !errors.As(err, &e) {
		return &failure{Code: fault.CodeInternal, Message: err.Error()}
	}
	message := e.Detail
	if len(e.Fields) > 0 {
		message += ": " + strings.Join(e.Fields, ", ")
	}
	return &failure{Code: e.Code, Field: e.Field, Message: message}
}

// sentences returns what a person should look at, "" when there is nothing.
func (a answer) sentences(at string) string {
	var b strings.Builder
	if a.name != "" {
		at += ": " + a.name
	}
	switch {
	case a.Error != nil && a.Error.Field != "":
		fmt.Fprintf(&b, "%s: %s: %s\n", at, a.Error.Field, a.Error.Message)
	case a.Error != nil:
		fmt.Fprintf(&b, "%s: %s\n", at, a.Error.Message)
	}
	for _, d := range a.Differences {
		fmt.Fprintf(&b, "%s: %s: want %s, got %s\n", at, d.Field, valueText(d.Want), valueText(d.Got))
	}
	return b.String()
}
