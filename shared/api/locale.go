package api

import (
	"makegood/shared/access"
	"makegood/shared/locale"
)

// Locale returns the language that the customer of a request reads: the one that its body names,
// else the one of the caller's session, "" where neither has one. KindInvalid locale for a word
// that is no language.
func Locale(tag *string, caller access.Caller) (string, error) {
	if tag == nil {
		return caller.Locale, nil
	}
	return locale.Parse("locale", *tag)
}

// Languages returns the languages that the caller reads, best first: those of Accept-Language, else
// the one of their session.
func (r Request[Body]) Languages() []string {
	// The header comes first: a browser sends what its reader prefers now, a session keeps what was
	// chosen once.
	if tags := locale.Accepted(r.http.Header.Get("Accept-Language")); len(tags) > 0 {
		return tags
	}
	if r.Caller.Locale != "" {
		return []string{r.Caller.Locale}
	}
	return nil
}
