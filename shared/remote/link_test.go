package remote

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/evidence"
	"makegood/shared/fault"
)

func listed(t *testing.T, loopback bool) *Source {
	t.Helper()
	s, err := New(Lists{
		Hosts: " img.example.com, *.cdn.example.com ,xn--bcher-kva.example", Buckets: "results,other.results", Loopback: loopback, Most: 1 << 20,
	})
	require.NoError(t, err)
	return s
}

func TestALinkIsFollowedToListedPlacesAlone(t *testing.T) {
	const good = evidence.Problem("")
	for link, want := range map[string]evidence.Problem{
		"https://img.example.com/a.png":                           good,
		"https://IMG.example.COM/a.png?x=1#y":                     good,
		"https://img.example.com:443/a.png":                       good,
		"https://a.cdn.example.com":                               good,
		"https://a.b.cdn.example.com/":                            good,
		"https://xn--bcher-kva.example/a.png":                     good,
		"s3://results/a/b.png":                                    good,
		"s3://other.results/ö +.png":                              good,
		"https://example.com/":                                    evidence.ProblemHost,
		"https://cdn.example.com/":                                evidence.ProblemHost,
		"https://evilcdn.example.com/":                            evidence.ProblemHost,
		"https://img.example.com.evil.test/":                      evidence.ProblemHost,
		"s3://others/a.png":                                       evidence.ProblemHost,
		"s3://RESULTS/a.png":                                      evidence.ProblemHost,
		"http://img.example.com/a.png":                            evidence.ProblemLink,
		"https://img.example.com:8443/a.png":                      evidence.ProblemLink,
		"https://user@img.example.com/":                           evidence.ProblemLink,
		"https://user:word@img.example.com/":                      evidence.ProblemLink,
		"https://evil.test@img.example.com/":                      evidence.ProblemLink,
		"https://img.example.com./a.png":                          evidence.ProblemLink,
		"https://bücher.example/a.png":                            evidence.ProblemLink,
		"https://img.example。com/a.png":                           evidence.ProblemLink,
		"https://img%2eexample.com/":                              evidence.ProblemLink,
		"https://img.example.com\\@evil.test/":                    evidence.ProblemLink,
		"https://127.0.0.1/":                                      evidence.ProblemLink,
		"https://2130706433/":                                     evidence.ProblemLink,
		"https://0x7f.0.0.1/":                                     evidence.ProblemLink,
		"https://[::1]/":                                          evidence.ProblemLink,
		"https://[::ffff:169.254.169.254]/":                       evidence.ProblemLink,
		"https://[fe80::1%25eth0]/":                               evidence.ProblemLink,
		"https://localhost/":                                      evidence.ProblemLink,
		"https:///a.png":                                          evidence.ProblemLink,
		"https:img.example.com":                                   evidence.ProblemLink,
		"//img.example.com/a.png":                                 evidence.ProblemLink,
		"img.example.com/a.png":                                   evidence.ProblemLink,
		"file:///etc/passwd":                                      evidence.ProblemLink,
		"data:image/png;base64,AAAA":                              evidence.ProblemLink,
		"ftp://img.example.com/a.png":                             evidence.ProblemLink,
		"gopher://img.example.com/":                               evidence.ProblemLink,
		"https://img.example.com/\r\nHost: x":                     evidence.ProblemLink,
		"https://img.example.com/" + strings.Repeat("a", maxLink): evidence.ProblemLink,
		"s3://results/":                                           evidence.ProblemLink,
		"s3://results":                                            evidence.ProblemLink,
		"s3://results/a?b#c%2fd":                                  good,
		"s3://key@results/a":                                      evidence.ProblemHost,
		"s3://results:80/a":                                       evidence.ProblemHost,
		"s3://results/" + strings.Repeat("a", 1_025):              evidence.ProblemLink,
		"http://127.0.0.1:8080/a.png":                             evidence.ProblemLink,
		"http://localhost/a.png":                                  evidence.ProblemLink,
	} {
		_, problem := listed(t, false).targetOf(link)
		assert.Equal(t, want, problem, link)
	}
}

func TestOnlyTheLocalStackReadsFromLoopbackAndNothingElseByHTTP(t *testing.T) {
	for link, want := range map[string]evidence.Problem{
		"http://127.0.0.1:8080/a.png": "", "http://localhost:1/a.png": "", "http://[::1]:8080/": "", "http://127.9.9.9/": "", "http://[::ffff:127.0.0.1]/": "",
		"http://10.0.0.1/": evidence.ProblemLink, "http://169.254.169.254/": evidence.ProblemLink, "http://img.example.com/": evidence.ProblemLink,
		"http://localhost.example.com/": evidence.ProblemLink, "http://0.0.0.0/": evidence.ProblemLink, "http://user@127.0.0.1/": evidence.ProblemLink,
		"https://127.0.0.1/": evidence.ProblemLink, "https://example.com/": evidence.ProblemHost,
	} {
		_, problem := listed(t, true).targetOf(link)
		assert.Equal(t, want, problem, link)
	}
}

func TestAListHoldsNamesThatNoStrangerOwns(t *testing.T) {
	for _, hosts := range []string{"*", "*.com", "com", "localhost", "*.*.example.com", "img.*.com", "127.0.0.1", "::1", "https://img.example.com", "img.example.com/", "img.example.com:443", "IMG.example.com", "bücher.example", "img_1.example.com", "-a.example.com", "a..example.com"} {
		_, err := New(Lists{Hosts: hosts, Most: 1})
		if assert.Error(t, err, hosts) {
			assert.Equal(t, fault.KindInvalid, fault.KindOf(err), hosts)
		}
	}
	for _, buckets := range []string{"Results", "r", "results/", "s3://results", "results.", "*"} {
		_, err := New(Lists{Buckets: buckets, Most: 1})
		assert.Error(t, err, buckets)
	}
	_, err := New(Lists{})
	require.Error(t, err, "a picture has a bound")
}

// parts are what links are made of, and what has misled those who read them.
var parts = []string{
	"https", "http", "s3", ":", "//", "/", "\\", "@", "?", "#", "%", "%2f", "%40", "%00", ".", "..", "[", "]", "::1", "127.0.0.1", "169.254.169.254", "localhost",
	"img.example.com", "cdn.example.com", "a.cdn.example.com", "example.com", "evil.test", "results", "443", "80", "user", " ", "\t", "\u3002", "\u00fc", "a", "A", "-", ",",
}

func TestALinkThatIsFollowedNamesAListedPlaceHoweverItIsReadAgain(t *testing.T) {
	s, follows := listed(t, false), 0
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.SampledFrom([]string{"", "https://", "https://img.example.com", "https://a.cdn.example.com/", "s3://results/"}).Draw(t, "start")
		link := start + strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 8).Draw(t, "parts"), "")
		target, problem := s.targetOf(link)
		if problem != "" {
			return
		}
		follows++
		again, err := url.Parse(target.String())
		if err != nil || again.User != nil || again.Port() != "" {
			t.Fatalf("%q became %q", link, target)
		}
		host := again.Hostname()
		switch {
		case again.Scheme == "s3" && (host == "results" || host == "other.results"):
		case again.Scheme == "https" && (host == "img.example.com" || host == "xn--bcher-kva.example" || strings.HasSuffix(host, ".cdn.example.com")):
		default:
			t.Fatalf("%q is followed to %q", link, target)
		}
	})
	assert.Positive(t, follows, "the law was tried")
}
