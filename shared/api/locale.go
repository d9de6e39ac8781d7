package api

import (
	"makegood/shared/access"
	"makegood/shared/locale"
)

// Locale returns the language that the customer of a request reads: the one that its body names, else that of the caller's session, "" where neither
// does. KindInvalid locale for one that is none.
func Locale(named *string, caller access.Caller) (string, error) {
	if named == nil {
		return caller.Locale, nil
	}
	return locale.Parse("locale", *named)
}

// Languages returns the languages that the caller reads, the most wanted first: those of Accept-Language, else that of their session.
func (r Request[Body]) Languages() []string {
	if wanted := locale.Accepted(r.http.Header.Get("Accept-Language")); len(wanted) > 0 {
		return wanted
	}
	if r.Caller.Locale != "" {
		return []string{r.Caller.Locale}
	}
	return nil
}
