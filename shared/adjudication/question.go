package adjudication

import (
	"crypto/sha256"
	_ "embed" // the words are files
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"makegood/shared/evidence"
	"makegood/shared/text"
)

// The words and the schemas. A schema stays the same for every claim, since the service compiles
// each new one for minutes.
var (
	//go:embed words/system.txt
	systemWords string
	//go:embed words/look.txt
	lookWords string
	//go:embed words/closer.txt
	closerWords string
	//go:embed words/look.schema.json
	lookSchema string
	//go:embed words/closer.schema.json
	closerSchema string
)

// The bounds of a question.
const (
	// maxTokens bounds an answer.
	maxTokens = 1500
	// pictureTokens is the most that a picture of MaxSide a side counts for: 4,160 where each 16
	// pixels square are one, the most of the models that take pictures.
	pictureTokens = 5000
	// schemaTokens is what a service may add to explain the schema.
	schemaTokens = 2000
	// The customer's words are cut to what a report and a start may hold.
	maxDescription = 2000
	maxPrompt      = 2000
)

// Question is one call: words of ours, and parts in their order.
type Question struct {
	// System is what the model is told to do. Nothing of a customer's is in it.
	System string
	// Parts are what it is shown, in their order.
	Parts []Part
	// Name is the schema's.
	Name string
	// Schema is the JSON schema of the answer.
	Schema string
	// MaxTokens bounds the answer.
	MaxTokens int
}

// Part is words or a picture.
type Part struct {
	// Text is words, "" for a picture.
	Text string
	// JPEG is the picture.
	JPEG []byte
}

// most returns the most that the call can cost. No token is less than a byte.
func (q Question) most(prices Prices) int64 {
	tokens := len(q.System) + len(q.Schema) + schemaTokens
	for _, part := range q.Parts {
		if part.JPEG != nil {
			tokens += pictureTokens
		}
		tokens += len(part.Text)
	}
	return prices.Cost(int64(tokens), int64(q.MaxTokens))
}

// orders is which picture comes first: one pass for each.
var orders = [...]string{"output", "input"}

// PromptHash returns the SHA-256 of all words and schemas, in hexadecimal digits.
var PromptHash = sync.OnceValue(func() string {
	words := []string{systemWords, lookWords, lookSchema, closerWords, closerSchema}
	for _, one := range []defect{deformed, broken, garbled, swapped, missed} {
		words = append(words, one.name, one.question)
	}
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:])
})

// look returns the question about the whole pictures.
func (e exhibit) look(order string) Question {
	pictures := inOrder(order, e.pictures[:2], e.pictures[2:])
	if e.input == nil {
		pictures = append(pictures, Part{Text: "There is no upload: leave input_description empty."})
	}
	return Question{System: systemWords, Name: "look", Schema: lookSchema, MaxTokens: maxTokens, Parts: slices.Concat(
		pictures, []Part{{Text: lookWords + questions(order, e.defects)}, {Text: e.data()}},
	)}
}

// closer returns the question about the enlarged parts: one for each finding.
func (e exhibit) closer(order string, findings []evidence.Finding) Question {
	var pictures []Part
	var about []defect
	for _, finding := range findings {
		about = append(about, e.defect(finding.Defect))
		pictures = append(pictures, e.parts(order, finding)...)
	}
	return Question{System: systemWords, Name: "closer_look", Schema: closerSchema, MaxTokens: maxTokens, Parts: slices.Concat(
		pictures, []Part{{Text: closerWords + questions(order, about)}, {Text: e.data()}},
	)}
}

// parts returns the enlarged part of the result, and the same part of the upload, where the
// finding has its box.
func (e exhibit) parts(order string, finding evidence.Finding) []Part {
	result := []Part{{Text: "Enlarged part of the result, for the question " + finding.Defect + ":"}, {JPEG: part(e.output, finding.Box)}}
	if e.input == nil {
		return result
	}
	upload := []Part{{Text: "The same part of the upload, for the question " + finding.Defect + ":"}, {JPEG: part(e.input, finding.Box)}}
	return inOrder(order, result, upload)
}

func inOrder(order string, output, input []Part) []Part {
	if order == orders[0] {
		return slices.Concat(output, input)
	}
	return slices.Concat(input, output)
}

// closestMost returns the most that any closer look at the exhibit can cost.
func (e exhibit) closestMost(order string, prices Prices) int64 {
	question := Question{System: systemWords, Schema: closerSchema, MaxTokens: maxTokens, Parts: []Part{
		{Text: closerWords + questions(order, e.defects)}, {Text: e.data()},
	}}
	// Each part comes with the same part of the upload, and with some words.
	for range 2 * min(maxParts, len(e.defects)) {
		question.Parts = append(question.Parts, Part{Text: strings.Repeat(" ", partWords)}, Part{JPEG: []byte{}})
	}
	return question.most(prices)
}

// partWords bounds the words beside a part.
const partWords = 100

// questions lists what is asked, in the other order in the second pass.
func questions(order string, about []defect) string {
	lines := make([]string, len(about))
	for i, one := range about {
		lines[i] = fmt.Sprintf("- %s: %s\n", one.name, one.question)
	}
	if order != orders[0] {
		slices.Reverse(lines)
	}
	return strings.Join(lines, "")
}

func (e exhibit) defect(name string) defect {
	return e.defects[slices.IndexFunc(e.defects, func(one defect) bool { return one.name == name })]
}

// data returns the words from outside as one JSON object. JSON has no character that could end the
// mark around it: "<" and ">" are written as escapes.
func (e exhibit) data() string {
	words, err := json.Marshal(map[string]string{
		"feature": e.claim.Feature, "issue": string(e.claim.Issue),
		"claim": text.Cut(e.claim.Description, maxDescription), "prompt": text.Cut(e.claim.Prompt, maxPrompt),
	})
	if err != nil {
		panic("adjudication: texts must be encodable: " + err.Error())
	}
	return "<data>\n" + string(words) + "\n</data>"
}
