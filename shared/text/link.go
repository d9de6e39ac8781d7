package text

import (
	"net/url"
	"strings"
)

// IsLink reports whether s is a link that a person may be shown: an absolute http or https address of a host, without a user's name before
// it, which would show as another host's, and without characters that nobody sees. "javascript:", "data:" and "//host" are none.
func IsLink(s string) bool {
	parsed, err := url.Parse(s)
	if err != nil || parsed.Hostname() == "" || parsed.User != nil || strings.ContainsFunc(s, invisible) {
		return false
	}
	return parsed.Scheme == "http" || parsed.Scheme == "https"
}
