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

// IsObject reports whether s names an object of S3 by s3://bucket/key. The key is what is written,
// which S3's own tools do not escape: a space may stand in it, but no other character that nobody
// sees.
func IsObject(s string) bool {
	path, ok := strings.CutPrefix(s, "s3://")
	bucket, key, _ := strings.Cut(path, "/")
	unseen := func(c rune) bool { return c != ' ' && invisible(c) }
	return ok && bucket != "" && !strings.ContainsFunc(bucket, invisible) && key != "" && !strings.ContainsFunc(key, unseen)
}
