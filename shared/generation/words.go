package generation

import (
	"slices"

	"makegood/shared/fault"
	"makegood/shared/text"
)

// The bounds of what an order says of its picture, in characters and pixels.
const (
	MaxPrompt   = 2000
	MaxTemplate = 200
	MaxSide     = 65535
)

// Words are what an order says of its picture. Staff read them beside a bad result, and no rule
// does. They may be personal, so they lie in one place, from which they are erased.
type Words struct {
	// Prompt is what the customer asked the model for, at most MaxPrompt characters.
	Prompt string
	// Template is the app's name of the template, at most MaxTemplate characters.
	Template string
}

// Dimensions are the width and height in pixels that were ordered; zero where none were.
type Dimensions struct {
	// Width is from left to right.
	Width int
	// Height is from top to bottom.
	Height int
}

func (w Words) validate() error {
	if err := text.CheckLength("prompt", w.Prompt, MaxPrompt); err != nil {
		return err
	}
	return text.CheckLength("template", w.Template, MaxTemplate)
}

// validate refuses one side without the other, too: a picture has both.
func (d Dimensions) validate() error {
	if d == (Dimensions{}) {
		return nil
	}
	if d.Width < 1 || d.Width > MaxSide {
		return BadSide("asked.width")
	}
	if d.Height < 1 || d.Height > MaxSide {
		return BadSide("asked.height")
	}
	return nil
}

// BadSide is the refusal of a side above MaxSide pixels, or of none.
func BadSide(field string) error {
	return fault.Invalid(field, "must be 1 to %d", MaxSide)
}

// Forget returns the generation without what is personal: words, the app's reference, links, hashes
// of pictures, and what a worker said of a failure. What came of it and what it cost stays, and so
// does the result's hash: the same result is still known.
func (g Generation) Forget() Generation {
	g.Words, g.Reference = Words{}, ""
	if g.Result == nil {
		return g
	}
	result := *g.Result
	if result.Failure != nil {
		failure := *result.Failure
		failure.Message = ""
		result.Failure = &failure
	}
	result.InputURL, result.Outputs = "", slices.Clone(result.Outputs)
	for i := range result.Outputs {
		result.Outputs[i].URL, result.Outputs[i].SHA256 = "", ""
	}
	g.Result = &result
	return g
}
