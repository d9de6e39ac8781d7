package page

import (
	"fmt"
	"strings"

	"makegood/shared/evidence"
)

// phrases say in words what a signal saw.
var phrases = map[evidence.Name]string{
	evidence.Empty:          "is empty",
	evidence.Undecodable:    "can't be opened",
	evidence.Truncated:      "is cut off",
	evidence.Blank:          "is blank",
	evidence.WrongSize:      "is not of the size that was asked for",
	evidence.FailureCard:    "is a picture that the app shows for a failure",
	evidence.SameAsUnusable: "is byte for byte one that was found unusable before",
	evidence.Unchanged:      "is its own input",
	evidence.Adjudicated:    "was found bad by a model, twice",
}

// seen puts the names of what was seen in words. A name without words stays as it is.
func seen(names []string) []string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = "shows " + strings.ReplaceAll(name, "_", " ")
		if text, ok := phrases[evidence.Name(name)]; ok {
			words[i] = text
		}
	}
	return words
}

// looks says what a look at a reported result decides, and what stays with people.
func (w *writer) looks(p Page) {
	w.line("## What a look at a bad result decides\n")
	if p.Evidence.Decides == nil {
		w.para("", "Nothing is decided by a look at the pictures: where a rule asks what they show, a person looks.")
		return
	}
	// Unchanged says nothing of features that may leave a picture alone.
	var items []string
	for _, name := range p.Evidence.Decides {
		text := phrases[name]
		if must := p.mustChange(); name == evidence.Unchanged {
			text += " (" + list(must, "and") + ")"
		}
		items = append(items, text)
	}
	text := "A result is found unusable, without a person, when it " + list(items, "or") + "."
	if limit := p.Evidence.AdjudicatorCap; limit > 0 {
		text += " A model may find it bad where the output was charged " + Credits(p.Unit, limit) + " at most, and the stack has one."
	}
	w.para("", text+fmt.Sprintf(" What second looks find wrong in more than %d %% of at least %d cases stops deciding. Nothing that is measured finds a result "+
		"usable, an upload poor or a result like its examples: a person does.", p.Evidence.WronglyPaidPercent, p.Evidence.From))
}

// mustChange names the features of which a good result differs everywhere.
func (p Page) mustChange() []string {
	var names []string
	for _, f := range p.Features {
		if f.MustChange {
			names = append(names, f.Name)
		}
	}
	return names
}
