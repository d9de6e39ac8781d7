// Package remote owns how a picture that an app names by a link is read: once, from a listed host
// or bucket, and never more than a bound of bytes and time.
//
// It refuses to know what is in the picture. Links are an app's, and may be a customer's doing:
// none of them may reach what only we can reach, or cost more than one picture may.
//
// Invariants: a name is resolved once, each of its addresses must be public, and the connection
// goes to one of those and to nothing else. No proxy of the environment is asked; no cookie,
// credential or referrer is sent. A body is whole, or it is not given: a cut one would look like a
// bad result.
//
// Words: link, host (a listed name, or *. and the name below which all are listed), problem (why
// there is no picture, for good), pin (the addresses that a name had when it was resolved).
package remote

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"makegood/shared/aws/bucket"
	"makegood/shared/evidence"
	"makegood/shared/fault"
)

// The bounds of one Fetch, beside the bytes that Lists has.
const (
	longest      = 15 * time.Second       // in all, attempts and pauses too
	attempts     = 3                      // of what may pass
	firstPause   = 500 * time.Millisecond // before the second one; it doubles
	maxLink      = 4_096                  // characters
	maxRedirects = 2                      // within one host
	maxAddresses = 3                      // that are dialed, of those that a name has
	maxHeaders   = 16 << 10               // bytes
)

// Lists says what may be read.
type Lists struct {
	// Hosts are names by commas: img.example.com, or *.example.com for all below it.
	Hosts string
	// Buckets are names of S3 buckets in the function's own region, by commas.
	Buckets string
	// Loopback lets http reach this machine's loopback addresses at any port. Only the local stack
	// sets it.
	Loopback bool
	// Most is how many bytes a picture may have.
	Most int64
}

// Source reads pictures. It is safe for use by many goroutines.
type Source struct {
	hosts    []string
	buckets  []string
	loopback bool
	most     int64
	edge     edge
}

// edge is what a source reaches the world by. Tests play it.
type edge struct {
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	object  func(ctx context.Context, bucket, key string, most int64) ([]byte, error)
	roots   *x509.CertPool // nil: the system's
	pause   time.Duration
}

// New returns a source for the lists. KindInvalid where a host or bucket is no name, or a host so
// short that strangers own what is below it.
func New(lists Lists) (*Source, error) {
	s := &Source{loopback: lists.Loopback, most: lists.Most, edge: edge{
		resolve: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host+".") // the dot: no search domain is tried
		},
		dial: (&net.Dialer{Timeout: dialTime}).DialContext,
		object: func(ctx context.Context, name, key string, most int64) ([]byte, error) {
			return bucket.New(name).Get(ctx, key, most)
		},
		pause: firstPause,
	}}
	if s.most <= 0 {
		return nil, fault.Invalid("most", "must be positive")
	}
	var err error
	if s.hosts, err = hostsOf(lists.Hosts); err == nil {
		s.buckets, err = bucketsOf(lists.Buckets)
	}
	return s, fault.At("remote.New", "", err)
}

// Fetch reads what the link names. A problem is final, and says why there are no bytes. An error is
// ours: the caller was stopped, or S3 does not know us. Both may be asked for within one deadline
// of ctx: what does not come by then is ProblemUnreachable.
func (s *Source) Fetch(ctx context.Context, link string) ([]byte, evidence.Problem, error) {
	if link == "" {
		return nil, evidence.ProblemNoLink, nil
	}
	target, problem := s.targetOf(link)
	if problem != "" {
		return nil, problem, nil
	}
	limit, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	body, err := s.read(limit, target)
	var final problemError
	switch {
	// The caller was stopped, not late: that says nothing about the picture.
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, "", fault.At("remote.Fetch", "", fault.Busy(ctx.Err()))
	// A host may answer 200 with nothing once we have hung up, and an empty picture is refunded.
	case limit.Err() != nil:
		return nil, evidence.ProblemUnreachable, nil
	case err == nil:
		return body, "", nil
	case errors.As(err, &final):
		return nil, final.problem, nil
	case fault.KindOf(err) == fault.KindBusy:
		return nil, evidence.ProblemUnreachable, nil
	}
	return nil, "", fault.At("remote.Fetch", "", err)
}

// problemError ends a read for good.
type problemError struct{ problem evidence.Problem }

func (e problemError) Error() string { return "no picture: " + string(e.problem) }

// read takes what may pass again, until the deadline.
func (s *Source) read(ctx context.Context, target *url.URL) (body []byte, err error) {
	read := s.object
	if target.Scheme != "s3" {
		// A name is resolved once for all attempts: another answer must not be a second chance.
		pin, err := s.pin(ctx, target)
		if err != nil {
			return nil, err
		}
		read = func(ctx context.Context, target *url.URL) ([]byte, error) { return s.get(ctx, target, pin) }
	}
	err = fault.Repeat(ctx, attempts, s.edge.pause, func(ctx context.Context) (err error) {
		body, err = read(ctx, target)
		return err
	})
	return body, err
}

// object reads an s3:// link. S3 says 403 of a key that is not there to whoever may not list.
func (s *Source) object(ctx context.Context, target *url.URL) ([]byte, error) {
	body, err := s.edge.object(ctx, target.Host, target.Path[1:], s.most)
	if err == nil {
		return body, nil
	}
	switch fault.KindOf(err) {
	case fault.KindNotFound, fault.KindForbidden:
		return nil, problemError{evidence.ProblemGone}
	case fault.KindTooLarge:
		return nil, problemError{evidence.ProblemLarge}
	default:
		return nil, fmt.Errorf("reading the object: %w", err)
	}
}
