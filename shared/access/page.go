package access

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// PageOrigins are the origins whose pages may call with a customer's token from a browser, each as
// a browser sends it: https://app.example.com.
type PageOrigins []string

// ParsePageOrigins reads origins by commas, "" for none. An origin is https://host or, of this
// machine alone, http://localhost or a loopback address, each with a port where it has one.
func ParsePageOrigins(text string) (PageOrigins, error) {
	if text == "" {
		return nil, nil
	}
	origins := strings.Split(text, ",")
	for _, one := range origins {
		if !isPageOrigin(one) {
			return nil, fmt.Errorf("%q is no origin as https://app.example.com", one)
		}
	}
	return origins, nil
}

func isPageOrigin(text string) bool {
	u, err := url.Parse(text)
	// What a browser sends is exactly this, in small letters: anything else would match no page.
	if err != nil || u.Host == "" || u.Hostname() == "" || text != u.Scheme+"://"+u.Host || strings.ToLower(text) != text || strings.Contains(text, "*") {
		return false
	}
	// A browser leaves out the port that is the scheme's own.
	return u.Scheme == "https" && u.Port() != "443" || u.Scheme == "http" && u.Port() != "80" && loopback(u.Hostname())
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// AllowsOrigin reports whether pages of the origin may call.
func (g Gate) AllowsOrigin(origin string) bool { return slices.Contains(g.Pages, origin) }
