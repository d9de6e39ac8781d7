// Package locale owns which language a person reads: how one is named, and which of those on offer they get.
//
// It refuses to know who the person is, and what is said in it.
//
// Invariants: a locale that is kept is a BCP 47 tag in its canonical form (de, pt-BR), or "", which is unknown; choosing is total, and
// chooses the first on offer for somebody who wants none of them.
//
// Words: locale (the language that a customer reads), wanted (languages, the most wanted first), offered (those that a sentence has).
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

// Parse returns the locale in its canonical form, "" for ""; KindInvalid naming the field for what is no BCP 47 tag of at most Max bytes.
func Parse(field, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if known := Known(s); known != "" {
		return known, nil
	}
	return "", fault.Invalid(field, "must be a language as BCP 47 has it, as de or pt-BR")
}

// Known is Parse for what others say: "" for what is no tag, as a provider's "auto".
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

// Accepted returns the languages of an Accept-Language header, the most wanted first; none for one that cannot be read, or that takes any (*), which
// some clients send unasked.
func Accepted(header string) []string {
	if len(header) > maxHeader {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	wanted := make([]string, 0, len(tags))
	for _, tag := range tags {
		if tag != anyLanguage {
			wanted = append(wanted, tag.String())
		}
	}
	return wanted
}

// Choose returns which of the offered languages, at least one, somebody gets who wants these, the most wanted first: de-AT gets de where there is no
// de-AT. The first on offer where none fits.
// Why: infra/decisions/0042.
func Choose(wanted, offered []string) string {
	if len(offered) == 1 || len(wanted) == 0 {
		return offered[0]
	}
	if slices.Contains(offered, wanted[0]) {
		return wanted[0]
	}
	tags := make([]language.Tag, len(offered))
	for i, one := range offered {
		tags[i] = language.Make(one)
	}
	asked := make([]language.Tag, len(wanted))
	for i, want := range wanted {
		asked[i] = language.Make(want)
	}
	_, i, _ := language.NewMatcher(tags).Match(asked...)
	return offered[i]
}
