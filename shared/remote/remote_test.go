package remote

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/evidence"
	"makegood/shared/fault"
)

const most = 64 << 10

// world is the internet as a source sees it: one server, which every name leads to.
type world struct {
	*Source
	server    *httptest.Server
	addresses []string // what a name is resolved to
	resolves  atomic.Int32
	mutex     sync.Mutex
	dialed    []string
}

// answering has every name lead to a TLS server that answers so.
func answering(t *testing.T, answer http.HandlerFunc) *world {
	t.Helper()
	w := &world{server: httptest.NewTLSServer(answer), addresses: []string{"93.184.216.34"}}
	t.Cleanup(w.server.Close)
	var err error
	w.Source, err = New(Lists{Hosts: "example.com,*.example.com", Buckets: "results", Most: most})
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(w.server.Certificate())
	w.edge = edge{
		roots: roots, pause: time.Millisecond,
		resolve: func(context.Context, string) ([]netip.Addr, error) {
			w.resolves.Add(1)
			var all []netip.Addr
			for _, text := range w.addresses {
				all = append(all, netip.MustParseAddr(text))
			}
			return all, nil
		},
		dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			w.mutex.Lock()
			w.dialed = append(w.dialed, address)
			w.mutex.Unlock()
			return (&net.Dialer{}).DialContext(ctx, network, w.server.Listener.Addr().String())
		},
	}
	return w
}

// refused asserts that the link has no picture, why, and that staff are told so in a sentence.
func (w *world) refused(t *testing.T, link string, want evidence.Problem, why string) {
	t.Helper()
	body, problem, err := w.Fetch(t.Context(), link)
	require.NoError(t, err, why)
	assert.Nil(t, body, why)
	assert.Equal(t, want, problem, why)
	assert.NotEmpty(t, problem.Sentence(), why)
}

func picture(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "picture") }

func TestAPictureIsReadOnceFromThePinnedAddressAndNothingIsToldOfUs(t *testing.T) {
	var seen http.Header
	w := answering(t, func(rw http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		assert.Equal(t, "img.example.com", r.Host)
		assert.Equal(t, "/a.png?x=1", r.RequestURI)
		picture(rw, r)
	})
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("https_proxy", "http://127.0.0.1:1")
	body, problem, err := w.Fetch(t.Context(), "https://IMG.example.com/a.png?x=1#part")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Equal(t, "picture", string(body))
	assert.Equal(t, []string{"93.184.216.34:443"}, w.dialed)
	assert.EqualValues(t, 1, w.resolves.Load())
	assert.Equal(t, http.Header{
		"Accept": {"image/*, video/mp4, video/webm"}, "Accept-Encoding": {"identity"}, "User-Agent": {"Makegood"}, "Connection": {"close"},
	}, seen)
}

func TestNoLinkIsAProblemOfItsOwn(t *testing.T) {
	w := answering(t, picture)
	w.refused(t, "", evidence.ProblemNoLink, "")
	w.refused(t, "https://other.test/", evidence.ProblemHost, "not listed")
	w.refused(t, "http://example.com/", evidence.ProblemLink, "not https")
	assert.Zero(t, w.resolves.Load(), "what is not listed is not even looked up")
}

func TestANameWithOneAddressThatIsNotPublicIsNotDialed(t *testing.T) {
	for _, addresses := range [][]string{
		{"10.0.0.1"}, {"169.254.169.254"}, {"::ffff:127.0.0.1"}, {"64:ff9b::a00:1"}, {"93.184.216.34", "127.0.0.1"}, {"2606:2800:220:1::1", "fd00::1"},
	} {
		w := answering(t, picture)
		w.addresses = addresses
		w.refused(t, "https://example.com/a.png", evidence.ProblemPrivate, fmt.Sprint(addresses))
		assert.Empty(t, w.dialed)
	}
}

func TestANameIsResolvedOnceHoweverOftenItIsAsked(t *testing.T) {
	var asked atomic.Int32
	w := answering(t, func(rw http.ResponseWriter, r *http.Request) {
		switch asked.Add(1) {
		case 1:
			rw.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			http.Redirect(rw, r, "/b.png", http.StatusFound)
		default:
			picture(rw, r)
		}
	})
	resolve := w.edge.resolve
	w.edge.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		if w.resolves.Load() > 0 {
			w.addresses = []string{"169.254.169.254"} // the second answer of a rebinding name server
		}
		return resolve(ctx, host)
	}
	body, problem, err := w.Fetch(t.Context(), "https://example.com/a.png")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Equal(t, "picture", string(body))
	assert.EqualValues(t, 1, w.resolves.Load())
	assert.Equal(t, []string{"93.184.216.34:443", "93.184.216.34:443", "93.184.216.34:443"}, w.dialed)
}

func TestANameWithoutAnAddressIsFinalAndANameServerThatIsSilentIsNot(t *testing.T) {
	w := answering(t, picture)
	w.addresses = nil
	w.refused(t, "https://example.com/", evidence.ProblemUnresolved, "no address")
	for err, want := range map[*net.DNSError]evidence.Problem{
		{IsNotFound: true}: evidence.ProblemUnresolved, {IsTemporary: true}: evidence.ProblemUnreachable, {IsTimeout: true}: evidence.ProblemUnreachable,
	} {
		calls := 0
		w.edge.resolve = func(context.Context, string) ([]netip.Addr, error) {
			calls++
			return nil, err
		}
		w.refused(t, "https://example.com/", want, err.Error())
		assert.Equal(t, want == evidence.ProblemUnresolved, calls == 1)
		assert.LessOrEqual(t, calls, attempts)
	}
	assert.Empty(t, w.dialed)
}

func TestTheNextPinnedAddressIsDialedWhereOneDoesNotAnswer(t *testing.T) {
	w := answering(t, picture)
	w.addresses = []string{"2606:2800:220:1::1", "93.184.216.34", "93.184.216.35", "93.184.216.36"}
	dial, dialed := w.edge.dial, []string{}
	w.edge.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if dialed = append(dialed, address); len(dialed) < 3 {
			return nil, errors.New("refused")
		}
		return dial(ctx, network, address)
	}
	_, problem, err := w.Fetch(t.Context(), "https://example.com/")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Equal(t, []string{"93.184.216.34:443", "93.184.216.35:443", "93.184.216.36:443"}, dialed, "IPv6 last, and three at the most")
}

func TestARedirectIsFollowedWithinTheHostTwice(t *testing.T) {
	var cookies atomic.Int32
	steps := func(rw http.ResponseWriter, r *http.Request) {
		cookies.Add(int32(len(r.Cookies())))
		rw.Header().Set("Set-Cookie", "session=1")
		next := map[string]string{"/1": "/2", "/2": "https://example.com:443/ok", "/3": "/1", "/loop": "/loop"}[r.URL.Path]
		if next == "" {
			picture(rw, r)
			return
		}
		http.Redirect(rw, r, next, http.StatusMovedPermanently)
	}
	w := answering(t, steps)
	body, problem, err := w.Fetch(t.Context(), "https://example.com/1")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Equal(t, "picture", string(body))
	w.refused(t, "https://example.com/3", evidence.ProblemRedirect, "three times")
	w.dialed = nil
	w.refused(t, "https://example.com/loop", evidence.ProblemRedirect, "without end")
	assert.Len(t, w.dialed, maxRedirects+1)
	assert.Zero(t, cookies.Load(), "a cookie is not kept")
}

func TestARedirectLeadsNowhereElse(t *testing.T) {
	for _, location := range []string{
		"https://a.example.com/", "https://evil.test/", "http://example.com/", "https://example.com:8443/", "https://user@example.com/",
		"http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/", "https://127.0.0.1/", "//evil.test/a.png", "file:///etc/passwd", "s3://results/a", "", "https://%zz/",
	} {
		w := answering(t, func(rw http.ResponseWriter, _ *http.Request) {
			if location != "" {
				rw.Header().Set("Location", location)
			}
			rw.WriteHeader(http.StatusFound)
		})
		w.refused(t, "https://example.com/a.png", evidence.ProblemRedirect, location)
		assert.Len(t, w.dialed, 1, location)
	}
}

func TestWhatTheHostDoesNotGiveIsGoneAndWhatMayPassIsAskedForAgain(t *testing.T) {
	for status, want := range map[int]evidence.Problem{
		400: evidence.ProblemGone, 401: evidence.ProblemGone, 403: evidence.ProblemGone, 404: evidence.ProblemGone, 410: evidence.ProblemGone,
		204: evidence.ProblemGone, 206: evidence.ProblemGone, 304: evidence.ProblemGone,
		408: evidence.ProblemUnreachable, 429: evidence.ProblemUnreachable, 500: evidence.ProblemUnreachable, 503: evidence.ProblemUnreachable,
	} {
		w := answering(t, func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(status) })
		w.refused(t, "https://example.com/", want, fmt.Sprint(status))
		assert.Len(t, w.dialed, map[evidence.Problem]int{evidence.ProblemGone: 1, evidence.ProblemUnreachable: attempts}[want], status)
	}
}

func TestABodyCostsItsBoundAndNoMore(t *testing.T) {
	var sent atomic.Int64
	endless := func(rw http.ResponseWriter) {
		for {
			n, err := rw.Write(make([]byte, 16<<10))
			if sent.Add(int64(n)); err != nil || sent.Load() > 5<<30 {
				return
			}
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"5 GB that say so": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Length", fmt.Sprint(5<<30))
			endless(rw)
		},
		"5 GB that do not": func(rw http.ResponseWriter, _ *http.Request) { endless(rw) },
	} {
		sent.Store(0)
		w := answering(t, answer)
		w.refused(t, "https://example.com/", evidence.ProblemLarge, name)
		w.server.Close() // waits until the server has given up
		assert.Less(t, sent.Load(), int64(16<<20), "what was sent beyond the bound filled the buffers between, and no more")
	}
	exact := answering(t, func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(make([]byte, most)) })
	body, problem, err := exact.Fetch(t.Context(), "https://example.com/")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Len(t, body, most)
}

// raw answers with those very bytes, and ends the connection.
func raw(text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		connection, _, err := rw.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(connection, text)
			_ = connection.Close()
		}
	}
}

func TestABodyThatMayBeCutIsNoPicture(t *testing.T) {
	for name, text := range map[string]string{
		"shorter than it says": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npicture",
		"a chunk is missing":   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\npicture\r\n",
		"a chunk is cut":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n70\r\npicture",
		"nobody says its end":  "HTTP/1.1 200 OK\r\n\r\npicture",
		"of an old protocol":   "HTTP/1.0 200 OK\r\n\r\npicture",
		"two lengths":          "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 7\r\n\r\npicture",
		"no answer at all":     "",
		"no HTTP":              "SSH-2.0-OpenSSH\r\n",
	} {
		w := answering(t, raw(text))
		w.refused(t, "https://example.com/", evidence.ProblemUnreachable, name)
		assert.Len(t, w.dialed, attempts, name)
	}
}

func TestPackedBytesAreNotUnpackedAndNotTakenForAPicture(t *testing.T) {
	for _, encoding := range []string{"gzip", "br", "deflate", "zstd", "gzip, gzip"} {
		w := answering(t, func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Encoding", encoding)
			_, _ = io.WriteString(rw, "\x1f\x8b a bomb")
		})
		w.refused(t, "https://example.com/", evidence.ProblemEncoded, encoding)
	}
}

func TestHeadersHaveABound(t *testing.T) {
	w := answering(t, func(rw http.ResponseWriter, r *http.Request) {
		for n := range 2_000 {
			rw.Header().Set(fmt.Sprintf("X-Padding-%d", n), "padding padding padding")
		}
		picture(rw, r)
	})
	w.refused(t, "https://example.com/", evidence.ProblemUnreachable, "")
}

func TestAHostThatDripsEndsWithTheDeadline(t *testing.T) {
	for name, drip := range map[string]http.HandlerFunc{
		"headers": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"body": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Length", "1000")
			for r.Context().Err() == nil {
				_, _ = io.WriteString(rw, "x")
				_ = http.NewResponseController(rw).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
	} {
		w := answering(t, drip)
		limit, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		_, problem, err := w.Fetch(limit, "https://example.com/")
		cancel()
		require.NoError(t, err)
		assert.Equal(t, evidence.ProblemUnreachable, problem, name)
		assert.Less(t, time.Since(start), 5*time.Second)
	}
}

func TestACallerWhoIsStoppedLearnsNothingOfThePicture(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	w := answering(t, func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	})
	_, problem, err := w.Fetch(stopped, "https://example.com/")
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.Empty(t, problem)
}

func TestAnEmptyAnswerToAReaderWhoHungUpIsNoEmptyPicture(t *testing.T) {
	for range 50 { // now and then the answer overtakes the end of the connection
		w := answering(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		limit, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		_, problem, err := w.Fetch(limit, "https://example.com/")
		cancel()
		require.NoError(t, err)
		assert.Equal(t, evidence.ProblemUnreachable, problem)
	}
}

func TestAHostProvesItsName(t *testing.T) {
	w := answering(t, picture)
	w.edge.roots = x509.NewCertPool() // knows nobody
	w.refused(t, "https://example.com/", evidence.ProblemUnreachable, "a certificate that nobody vouches for")
}

func TestTheLocalStackReadsFromLoopbackByHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(rw, r, "http://127.0.0.2/", http.StatusFound)
			return
		}
		picture(rw, r)
	}))
	t.Cleanup(server.Close)
	s, err := New(Lists{Loopback: true, Most: most})
	require.NoError(t, err)
	s.edge.pause = time.Millisecond
	body, problem, err := s.Fetch(t.Context(), server.URL+"/a.png")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Equal(t, "picture", string(body))
	w := &world{Source: s}
	w.refused(t, server.URL+"/away", evidence.ProblemRedirect, "to another address of this machine")
	w.refused(t, "http://169.254.169.254/", evidence.ProblemLink, "")
	deployed, err := New(Lists{Most: most})
	require.NoError(t, err)
	w = &world{Source: deployed}
	w.refused(t, server.URL+"/a.png", evidence.ProblemLink, "deployed, nobody reads from loopback")
}

func TestAnObjectIsReadFromAListedBucket(t *testing.T) {
	w := answering(t, picture)
	answers := map[string]error{
		"gone": fault.NotFound("object"), "hidden": fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "403"),
		"large": fault.Errorf(fault.KindTooLarge, fault.CodeTooLarge, "more"), "busy": fault.Busy(errors.New("slow down")), "broken": errors.New("301"),
	}
	calls := map[string]int{}
	w.edge.object = func(_ context.Context, bucket, key string, bound int64) ([]byte, error) {
		calls[key]++
		assert.Equal(t, "results", bucket)
		assert.EqualValues(t, most, bound)
		if err, bad := answers[key]; bad {
			return nil, err
		}
		return []byte(key), nil
	}
	body, problem, err := w.Fetch(t.Context(), "s3://results/a/b%2fc +ö.png")
	require.NoError(t, err)
	assert.Empty(t, problem)
	assert.Equal(t, "a/b%2fc +ö.png", string(body), "a key is what is written")
	for key, want := range map[string]evidence.Problem{
		"gone": evidence.ProblemGone, "hidden": evidence.ProblemGone, "large": evidence.ProblemLarge, "busy": evidence.ProblemUnreachable,
	} {
		w.refused(t, "s3://results/"+key, want, key)
	}
	assert.Equal(t, attempts, calls["busy"])
	_, _, err = w.Fetch(t.Context(), "s3://results/broken")
	require.Error(t, err, "that S3 does not understand us says nothing about the picture")
	w.refused(t, "s3://other/a", evidence.ProblemHost, "not listed")
	assert.Empty(t, w.dialed)
}
