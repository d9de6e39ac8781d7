package console

import (
	"net/http"
	"strings"
)

// guarded has every answer say what a browser may do with it: load what is ours and the kept
// pictures, run our scripts and make no markup of text, send forms to us, and be in no frame.
func guarded(pictures string, next http.Handler) http.Handler {
	origins := strings.TrimSpace("'self' " + pictures)
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src " + origins, "media-src " + origins,
		"connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy": policy,
			// A page may hold links that are as good as the pictures, so nobody is told of it.
			"Referrer-Policy":              "same-origin",
			"Cache-Control":                "no-store",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=()",
			"Strict-Transport-Security":    "max-age=31536000",
			"X-Robots-Tag":                 "noindex",
		} {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}
