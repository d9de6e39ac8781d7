package http

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	nethttp "net/http"
	"net/url"
	"strings"

	"makegood/shared/fault"
)

// defaultStage is the stage whose name is not part of the path.
const defaultStage = "$default"

// errNoEvent means that something other than an HTTP API invoked the function.
var errNoEvent = errors.New("http: not an HTTP API event of payload 2.0")

// request returns the event as net/http would have it. The body holds the caller's exact bytes.
// The gateway sends a body in base64 when it holds it for binary; a signature is over the bytes
// themselves.
func (e event) request(ctx context.Context, header nethttp.Header) (*nethttp.Request, error) {
	if e.RequestContext.HTTP.Method == "" || e.RawPath == "" {
		return nil, errNoEvent
	}
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	r := (&nethttp.Request{
		Method:        e.RequestContext.HTTP.Method,
		URL:           e.url(),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		RemoteAddr:    e.RequestContext.HTTP.SourceIP,
	}).WithContext(ctx)
	// Handlers see what net/http would give them: the request line, and the host outside the
	// header.
	r.RequestURI = r.URL.RequestURI()
	if r.Host = r.Header.Get("Host"); r.Host == "" {
		r.Host = e.RequestContext.DomainName
	}
	r.Header.Del("Host") // as net/http does
	return r, nil
}

func (e event) body() (string, error) {
	if !e.IsBase64Encoded {
		return e.Body, nil
	}
	raw, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return "", fault.Invalid("body", "is not base64, though its event says so")
	}
	return string(raw), nil
}

// url takes the stage off the path. The gateway may have decoded the path, so a path that does not
// decode again is taken as it is.
func (e event) url() *url.URL {
	raw := e.RawPath
	// A stage is a prefix of whole segments: /prod must not be cut from /products.
	if stage := e.RequestContext.Stage; stage != "" && stage != defaultStage {
		if rest, ok := strings.CutPrefix(raw, "/"+stage); ok && (rest == "" || rest[0] == '/') {
			raw = "/" + strings.TrimPrefix(rest, "/")
		}
	}
	u := &url.URL{Path: raw, RawQuery: e.RawQueryString}
	if plain, err := url.PathUnescape(raw); err == nil && plain != raw {
		u.Path, u.RawPath = plain, raw
	}
	return u
}

// header keeps values as the gateway joined them: it puts a comma between values of one name, and
// sends cookies apart.
func (e event) header() nethttp.Header {
	header := make(nethttp.Header, len(e.Headers)+1)
	for name, value := range e.Headers {
		header.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	return header
}
