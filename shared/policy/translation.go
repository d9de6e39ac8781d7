package policy

import (
	"cmp"
	"slices"
	"strings"
)

// translations returns the languages that some sentence of the revision has beside English, sorted.
func (r Revision) translations() []string {
	found := map[string]bool{}
	r.eachSentence(func(_ place, w words) words {
		for language := range w {
			found[language] = true
		}
		return w
	})
	delete(found, English)
	return sortedKeys(found)
}

// translationNotes returns the sentences that lack a language which others have: who reads it gets
// them in English.
func (r Revision) translationNotes() []Note {
	var notes []Note
	languages := r.translations()
	note := func(at place, w words) words {
		missing := slices.DeleteFunc(slices.Clone(languages), func(language string) bool { _, has := w[language]; return has })
		if len(missing) > 0 {
			notes = append(notes, Note{at.String(), "has no " + strings.Join(missing, ", ") + ": English is read instead"})
		}
		return w
	}
	r.eachSentence(note)
	// What the file leaves out is ours, in English alone.
	for _, row := range messages {
		if _, own := r.messages[row.message]; !own && row.fallback != "" {
			note(place{"messages", row.message}, nil)
		}
	}
	if len(r.issues) == 0 {
		note(place{"issues"}, nil)
	}
	if len(r.claims) == 0 {
		note(place{"claims"}, nil)
	}
	slices.SortFunc(notes, func(a, b Note) int { return cmp.Compare(a.Field, b.Field) })
	return notes
}
