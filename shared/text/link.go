package text

import (
	"net/url"
	"strings"
)

// IsLink reports whether s is a link that a person may open: an absolute http or https address of a
// host. A user's name before the host, which would look like another host, and characters that
// nobody sees are refused, and so are "javascript:", "data:" and "//host".
func IsLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsFunc(s, invisible) {
		return false
	}
	return u.Scheme == "http" || u.Scheme == "https"
}
