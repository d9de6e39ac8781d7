// Package locale owns which language a person reads: how one is named, and which of those on offer
// they get.
//
// It refuses to know who the person is, and which sentences they read.
//
// Invariants: a stored locale is a BCP 47 tag in its canonical form (de, pt-BR), or "", which is
// unknown. Choosing is total, and chooses the first on offer for somebody who reads none of them.
//
// Words: locale (the language that a customer reads), preferences (a reader's languages, the best
// first), offers (the languages that a sentence has).
package locale

import (
	"slices"

	"golang.org/x/text/language"

	"makegood/shared/fault"
)

// Max bounds a locale, in bytes: what a BCP 47 tag without extensions takes.
const Max = 35

// maxHeader bounds what is read of an Accept-Language header, in bytes: a longer one says nothing.
const maxHeader = 1000

// Parse returns the locale in its canonical form, "" for ""; KindInvalid naming the field for what
// is no BCP 47 tag of at most Max bytes.
func Parse(field, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if tag := Known(s); tag != "" {
		return tag, nil
	}
	return "", fault.Invalid(field, "must be a language as BCP 47 has it, as de or pt-BR")
}

// Known is Parse for the words of others, who get no error from us: "" for what is no tag, as a
// provider's "auto".
func Known(s string) string {
	if len(s) > Max {
		return ""
	}
	tag, err := language.Parse(s)
	if err != nil || tag.IsRoot() || len(tag.String()) > Max {
		return ""
	}
	return tag.String()
}

// anyLanguage is how the header's * is read.
var anyLanguage = language.MustParse("mul")

// Accepted returns the languages of an Accept-Language header, the best first. There are none for a
// header that cannot be read, or that takes any language (*), which some clients send by default.
func Accepted(header string) []string {
	if len(header) > maxHeader {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	preferences := make([]string, 0, len(tags))
	for _, tag := range tags {
		if tag != anyLanguage {
			preferences = append(preferences, tag.String())
		}
	}
	return preferences
}

// Choose returns which of the offers, at least one, a reader with these preferences gets, the best
// preference first: de-AT gets de where there is no de-AT. The first offer where none fits.
// Why: infra/decisions/0042.
func Choose(preferences, offers []string) string {
	// Most sentences have one language, and most readers get their first choice: no matcher is
	// built for them.
	if len(offers) == 1 || len(preferences) == 0 {
		return offers[0]
	}
	if slices.Contains(offers, preferences[0]) {
		return preferences[0]
	}
	_, i, _ := language.NewMatcher(tagsOf(offers)).Match(tagsOf(preferences)...)
	return offers[i]
}

func tagsOf(languages []string) []language.Tag {
	tags := make([]language.Tag, len(languages))
	for i, one := range languages {
		tags[i] = language.Make(one)
	}
	return tags
}
