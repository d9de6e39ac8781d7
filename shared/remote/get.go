package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
)

const (
	httpsPort     = "443"
	dialTime      = 3 * time.Second
	handshakeTime = 4 * time.Second
	headerTime    = 8 * time.Second // a picture may be made when it is asked for
)

// get reads a link over http from the addresses that its name was pinned to.
func (s *Source) get(ctx context.Context, target *url.URL, pin []netip.Addr) ([]byte, error) {
	transport := s.transport(pin)
	defer transport.CloseIdleConnections()
	for range maxRedirects + 1 {
		answer, err := ask(ctx, transport, target)
		if err != nil {
			return nil, err
		}
		next, body, err := s.judge(answer, target)
		_ = answer.Body.Close()
		if err != nil || next == nil {
			return body, err
		}
		target = next
	}
	return nil, problemError{evidence.ProblemRedirect}
}

// transport returns a way to the pinned addresses alone. It is good for one picture.
func (s *Source) transport(pin []netip.Addr) *http.Transport {
	return &http.Transport{
		Proxy: nil, // a proxy would resolve the name once more
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.dialPin(ctx, network, address, pin)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.edge.roots},
		TLSHandshakeTimeout:    handshakeTime,
		ResponseHeaderTimeout:  headerTime,
		MaxResponseHeaderBytes: maxHeaders,
		DisableKeepAlives:      true,
		DisableCompression:     true, // a bomb is not unpacked
	}
}

// dialPin opens a connection to the first pinned address that answers. Of what the transport asks
// for only the port counts.
func (s *Source) dialPin(ctx context.Context, network, address string, pin []netip.Addr) (net.Conn, error) {
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, err
	}
	var all error
	for _, ip := range pin {
		connection, err := s.edge.dial(ctx, network, netip.AddrPortFrom(ip, uint16(port)).String())
		if err == nil {
			return connection, nil
		}
		all = errors.Join(all, err)
	}
	return nil, all
}

// ask sends the one request. A transport, unlike a client, follows nothing and keeps no cookie.
func ask(ctx context.Context, transport *http.Transport, target *url.URL) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, problemError{evidence.ProblemLink}
	}
	request.Header.Set("Accept", "image/*, video/mp4, video/webm")
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "Makegood")
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return nil, fault.Busy(fmt.Errorf("asking for a picture: %w", err))
	}
	return answer, nil
}

// judge reads an answer: the body, or where the same host has it. Whatever may pass is KindBusy.
func (s *Source) judge(answer *http.Response, target *url.URL) (next *url.URL, body []byte, err error) {
	switch status := answer.StatusCode; status {
	case http.StatusOK:
		body, err = s.whole(answer)
		return nil, body, err
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err = s.moved(answer, target)
		return next, nil, err
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return nil, nil, fault.Busy(fmt.Errorf("the host answered %d", status))
	default:
		if status >= http.StatusInternalServerError {
			return nil, nil, fault.Busy(fmt.Errorf("the host answered %d", status))
		}
		return nil, nil, problemError{evidence.ProblemGone}
	}
}

// moved returns where the same host has the picture. The new link is judged as the first one was.
func (s *Source) moved(answer *http.Response, target *url.URL) (*url.URL, error) {
	location, err := answer.Location()
	if err != nil {
		return nil, problemError{evidence.ProblemRedirect}
	}
	next, problem := s.targetOf(location.String())
	// The pin is this host's, and so are the scheme and the port that were asked for.
	if problem != "" || next.Scheme != target.Scheme || next.Host != target.Host {
		return nil, problemError{evidence.ProblemRedirect}
	}
	return next, nil
}

// whole reads the body to its end, or to one byte past the most.
func (s *Source) whole(answer *http.Response) ([]byte, error) {
	// Bytes that are packed once more would look like a broken picture, and a broken one is
	// refunded.
	if encoding := answer.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, problemError{evidence.ProblemEncoded}
	}
	if answer.ContentLength > s.most {
		return nil, problemError{evidence.ProblemLarge}
	}
	// A body that ends with its connection cannot be told from one that was cut.
	if answer.ContentLength < 0 && len(answer.TransferEncoding) == 0 {
		return nil, fault.Busy(errors.New("the host did not say where the picture ends"))
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, s.most+1))
	if err != nil {
		return nil, fault.Busy(fmt.Errorf("reading a picture: %w", err))
	}
	if int64(len(body)) > s.most {
		return nil, problemError{evidence.ProblemLarge}
	}
	return body, nil
}
